//! Where things are drawn. Used by the views, and by the mouse and paging, which must agree with them.

use super::model::palette::Palette;
use super::model::plan::View;
use super::model::{Model, Screen};
use super::screens::import::top;
use super::screens::overview;
use crate::domain::import::Inertness;
use crate::domain::run::Run;
use crate::present::words::run_marks;
use ratatui::layout::{Constraint, Layout, Rect};

/// Least columns and lines the screens are made for.
pub const LEAST: (u16, u16) = (60, 16);
/// From this width on, panels stand side by side in full.
pub const WIDE: u16 = 110;

/// The parts of the whole screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Regions {
    /// Service, month, run.
    pub header: Rect,
    /// The screens' names.
    pub tabs: Rect,
    /// What blocks, and the job.
    pub strip: Rect,
    /// The target is not inert; of no height where it is, or nobody looked.
    pub alarm: Rect,
    /// Why the shown run counts for nothing; of no height where it does.
    pub marks: Rect,
    /// The screen itself.
    pub body: Rect,
    /// A word to the operator; of no height where there is none.
    pub notice: Rect,
    /// Keys.
    pub footer: Rect,
}

/// The parts of the whole screen, now.
pub fn regions(model: &Model) -> Regions {
    let area = Rect::new(0, 0, model.size.0, model.size.1);
    let marks = u16::from(!marks(model).is_empty());
    let notice = u16::from(model.notice.is_some() || model.trouble.is_some());
    let heights = [1, 1, 1, u16::from(alarm(model).is_some()), marks].map(Constraint::Length);
    let rest = [Constraint::Min(3), Constraint::Length(notice), Constraint::Length(1)];
    let [header, tabs, strip, alarm, marks, body, notice, footer] = Layout::vertical(heights.into_iter().chain(rest)).areas(area);
    Regions { header, tabs, strip, alarm, marks, body, notice, footer }
}

/// What is wrong with the target's inertness, by the newest look.
pub fn alarm(model: &Model) -> Option<(&Inertness, String)> {
    model.inertness().and_then(|seen| Some((seen, seen.alarm()?)))
}

/// Why the shown run counts for nothing.
pub fn marks(model: &Model) -> Vec<String> {
    let Some(run) = model.shown_run() else { return Vec::new() };
    let mut marks = run_marks(run);
    if marks.is_empty() && !run.current {
        marks.push("NOT THE CURRENT RUN".to_owned());
    }
    marks
}

/// The parts of the Reconcile screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TableRegions {
    /// Filter, sort, totals.
    pub line: Rect,
    /// The heading and the rows; of no height where the detail takes all.
    pub table: Rect,
    /// The open row; of no height where none is open.
    pub detail: Rect,
}

/// The parts of the Reconcile screen, now. On a low terminal an open row takes the table's place but for four rows.
pub fn table_regions(model: &Model, body: Rect) -> TableRegions {
    let detail = match (&model.detail, body.height) {
        (None, _) => Constraint::Length(0),
        (Some(_), 30..) => Constraint::Percentage(58),
        (Some(_), h) => Constraint::Length(h.saturating_sub(6)),
    };
    let line = Constraint::Length(if model.table.editing.is_some() { 2 } else { 1 });
    let [line, table, detail] = Layout::vertical([line, Constraint::Min(1), detail]).areas(body);
    TableRegions { line, table, detail }
}

/// Rows of the table that can be drawn.
pub fn table_height(model: &Model) -> usize {
    usize::from(table_regions(model, regions(model).body).table.height.saturating_sub(1))
}

/// Lines of the list or text in use that can be drawn.
pub fn page_height(model: &Model) -> usize {
    let body = regions(model).body;
    match model.screen {
        Screen::Reconcile => table_height(model),
        Screen::Import => import_height(model),
        Screen::Activity => usize::from(activity_regions(model, body).list.height.saturating_sub(2)),
        _ => usize::from(body.height.saturating_sub(2)),
    }
    .max(1)
}

/// Where things may lie on top: never over the alarm.
pub fn below_alarm(model: &Model) -> Rect {
    let alarm = regions(model).alarm;
    let top = if alarm.height > 0 { alarm.y + alarm.height } else { 0 };
    Rect::new(0, top, model.size.0, model.size.1.saturating_sub(top))
}

/// Where something of that width and height lies on top, its frame included.
pub fn on_top(model: &Model, width: u16, height: u16) -> Rect {
    let area = below_alarm(model);
    let (width, height) = (width.min(area.width), height.min(area.height));
    Rect { x: (area.width - width) / 2, y: area.y + (area.height - height) / 2, width, height }
}

/// The palette, its frame included.
pub fn palette(model: &Model, of: &Palette) -> Rect {
    let wanted = u16::try_from(of.items.len()).unwrap_or(u16::MAX).saturating_add(5);
    on_top(model, model.size.0.saturating_sub(8).min(104), wanted.min(model.size.1 / 4 * 3).max(8))
}

/// The lines of the palette that are found: below what is typed, above its keys.
pub fn palette_list(model: &Model, of: &Palette) -> Rect {
    inside(palette(model, of), 2, 2)
}

/// The chooser of columns, its frame included.
pub fn columns(model: &Model) -> Rect {
    let wanted = u16::try_from(model.table.lineup.columns.len()).unwrap_or(u16::MAX).saturating_add(5);
    on_top(model, model.size.0.saturating_sub(8).min(66), wanted.min(model.size.1.saturating_sub(4)))
}

/// Its lines, above its keys.
pub fn columns_list(model: &Model) -> Rect {
    inside(columns(model), 1, 4)
}

/// What is left of a frame without so many lines above and below, the frame's own included.
const fn inside(frame: Rect, above: u16, below: u16) -> Rect {
    let height = frame.height.saturating_sub(above + below);
    Rect { x: frame.x + 2, y: frame.y + above, width: frame.width.saturating_sub(4), height }
}

/// The parts of Activity.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ActivityRegions {
    /// The job.
    pub job: Rect,
    /// The names of the lists.
    pub names: Rect,
    /// The list in use.
    pub list: Rect,
}

/// The parts of Activity, now.
pub fn activity_regions(model: &Model, body: Rect) -> ActivityRegions {
    let job = match &model.job {
        None => 3 + u16::from(model.forgotten.is_some()),
        Some(job) if job.ended.is_some() => 4,
        Some(job) => u16::try_from(job.reads.len()).unwrap_or(u16::MAX).saturating_add(5).min(body.height / 2).max(5),
    };
    let [job, names, list] = Layout::vertical([Constraint::Length(job), Constraint::Length(1), Constraint::Min(3)]).areas(body);
    ActivityRegions { job, names, list }
}

/// The columns of each tab's name: `(from, to)` around ` 1 Overview `, from the left edge.
pub fn tab_spans(width: u16) -> Vec<(Screen, u16, u16)> {
    let mut at = 0;
    Screen::ALL
        .into_iter()
        .map(|screen| {
            let from = at;
            at += u16::try_from(tab_text(screen, width).chars().count()).unwrap_or(0);
            (screen, from, at)
        })
        .collect()
}

/// A tab's name; shorter where the terminal is narrow.
pub fn tab_text(screen: Screen, width: u16) -> String {
    let number = screen.index() + 1;
    if width >= 80 { format!(" {number} {} ", screen.title()) } else { format!(" {number} {} ", screen.title().get(..4).unwrap_or_default()) }
}

/// The parts of Overview.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OverviewRegions {
    /// Pipeline and money.
    pub top: [Rect; 2],
    /// Verdicts and trend.
    pub middle: [Rect; 2],
    /// What blocks.
    pub blockers: Rect,
    /// The rows with most money at stake; of no height where there is no room.
    pub worst: Rect,
}

/// The parts of Overview, now.
pub fn overview_regions(model: &Model, run: &Run, area: Rect) -> OverviewRegions {
    let trend = u16::try_from(model.book.current.len() + 1).unwrap_or(u16::MAX).clamp(3, if area.height < 30 { 3 } else { 13 });
    let one_currency = run.tally.money.len() <= 1 && !overview::incomparable(run);
    let top = if one_currency { 9 } else { 11 };
    let room = area.height.saturating_sub(top + 5);
    let middle = overview::verdicts_height(run).max(trend).saturating_add(2).min(room.max(3));
    let [top, middle, bottom] = Layout::vertical([Constraint::Length(top), Constraint::Length(middle), Constraint::Min(3)]).areas(area);
    let columns = [Constraint::Length(if area.width >= WIDE { 60 } else { 38 }), Constraint::Min(20)];
    let blocking = u16::try_from(model.assessment().blockers.len()).unwrap_or(u16::MAX).saturating_mul(2).saturating_add(2);
    let room = bottom.height.saturating_sub(blocking);
    // The worst rows stand below where the list of blockers needs not all the room.
    let worst = if room >= 5 && model.worst.0 == run.id && !model.worst.1.is_empty() { room } else { 0 };
    let [blockers, worst] = Layout::vertical([Constraint::Min(3), Constraint::Length(worst)]).areas(bottom);
    OverviewRegions { top: Layout::horizontal(columns).areas(top), middle: Layout::horizontal(columns).areas(middle), blockers, worst }
}

/// The parts of Causes: the summary, the clusters, the chosen one.
pub fn causes_regions(area: Rect, over_months: bool) -> [Rect; 3] {
    // On a low screen summary and list go before the chosen cluster.
    let chosen = match area.height {
        28.. => 8,
        15.. => 5,
        _ => 0,
    };
    Layout::vertical([Constraint::Length(6 + u16::from(over_months)), Constraint::Min(4), Constraint::Length(chosen)]).areas(area)
}

/// The parts of the Import screen. Those above the names are of no height while a record is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ImportRegions {
    /// What is staged, the last import, the loader.
    pub summary: Rect,
    /// The lights of inertness.
    pub lights: Rect,
    /// What the plan comes to, or the job while one of the import runs.
    pub plan: Rect,
    /// Why the newest attempt came to nothing; of no height where it did not.
    pub trouble: Rect,
    /// The names of the views.
    pub names: Rect,
    /// Filter, sort, place.
    pub line: Rect,
    /// The heading and the rows.
    pub table: Rect,
    /// The open record; of no height where none is open.
    pub record: Rect,
}

/// Whether the Import screen has the room to say everything in panels.
pub fn import_is_roomy(body: Rect) -> bool {
    body.width >= WIDE && body.height >= 30
}

/// The parts of the Import screen, now.
pub fn import_regions(model: &Model, body: Rect) -> ImportRegions {
    let (open, roomy) = (model.plan.open.is_some(), import_is_roomy(body));
    let job = model.job.as_ref().filter(|j| j.ended.is_none() && j.asked.is_of_import());
    let short = |n: usize| u16::try_from(n).unwrap_or(u16::MAX);
    let (top, plan) = match (open, roomy) {
        (true, _) => (0, 0),
        (false, true) => {
            let checks = short(model.setup.checks.len()).saturating_add(2).clamp(7, 9);
            (checks, job.map_or_else(|| short(top::plan_lines(model)) + 2, |j| short(j.reads.len()).saturating_add(5).clamp(6, 13)))
        }
        // Where it is tight, the line above all screens tells of the job.
        (false, false) => (
            2,
            if job.is_none() {
                2
            } else if body.height >= 13 {
                5
            } else {
                0
            },
        ),
    };
    let record = match (open, body.height) {
        (false, _) => Constraint::Length(0),
        (true, 30..) => Constraint::Percentage(66),
        (true, h) => Constraint::Length(h.saturating_sub(6)),
    };
    let names = u16::from(!open || body.height >= 30);
    let line = if model.plan.editing.is_some() { 2 } else { 1 };
    let heights = [top, plan, u16::from(model.plan.trouble.is_some()), names, line].map(Constraint::Length);
    let rest = [Constraint::Min(1), record];
    let [top, plan, trouble, names, line, table, record] = Layout::vertical(heights.into_iter().chain(rest)).areas(body);
    let [summary, lights] = if roomy {
        Layout::horizontal([Constraint::Fill(1), Constraint::Fill(1)]).areas(top)
    } else {
        Layout::vertical([Constraint::Length(1), Constraint::Length(1)]).areas(top)
    };
    ImportRegions { summary, lights, plan, trouble, names, line, table, record }
}

/// Rows of the import's table that can be drawn.
pub fn import_height(model: &Model) -> usize {
    usize::from(import_regions(model, regions(model).body).table.height.saturating_sub(1)).max(1)
}

/// The columns of each view's name: `(from, to)` around ` Changes 12 `, from the left edge.
pub fn view_spans(model: &Model) -> Vec<(View, u16, u16)> {
    let mut at = 1;
    let one = |view: View| {
        let from = at;
        at += u16::try_from(view_text(model, view).chars().count()).unwrap_or(0);
        at += 1;
        (view, from, at - 1)
    };
    View::ALL.into_iter().map(one).collect()
}

/// A view's name and how much is in it; `–` before a plan was made.
pub fn view_text(model: &Model, view: View) -> String {
    let count = match (view, &model.plan.shown) {
        (View::Parked, _) => crate::present::numbers::count(model.plan.parked),
        (_, Some(shown)) => crate::present::numbers::count(shown.count(view)),
        (_, None) => "–".to_owned(),
    };
    format!(" {} {count} ", view.title())
}
