//! Where things are drawn. Used by the views, and by the mouse and paging, which must agree with them.

use super::model::{Model, Screen};
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
    let heights = [1, 1, 1, marks].map(Constraint::Length);
    let rest = [Constraint::Min(3), Constraint::Length(notice), Constraint::Length(1)];
    let [header, tabs, strip, marks, body, notice, footer] = Layout::vertical(heights.into_iter().chain(rest)).areas(area);
    Regions { header, tabs, strip, marks, body, notice, footer }
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
        Screen::Activity => usize::from(activity_regions(model, body).list.height.saturating_sub(2)),
        _ => usize::from(body.height.saturating_sub(2)),
    }
    .max(1)
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
        None => 3,
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
