//! What stands around every screen: service and run above, keys below, and what blocks always in sight.

use crate::app::standing::Assessment;
use crate::domain::run::{MoneyTotals, Run};
use crate::domain::side::Side;
use crate::domain::text::shown;
use crate::present::words::{kind_word, state_sign};
use crate::present::{money, numbers, times};
use crate::tui::layout;
use crate::tui::model::{Model, Notice, Trouble};
use crate::tui::paint::{self, Part, bar, part, piece, spread};
use crate::tui::theme::Meaning;
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

/// Service, sides, month, run, read-only marks, actor.
pub fn header(model: &Model, frame: &mut Frame<'_>, area: Rect) {
    let theme = model.setup.theme;
    let (older, newer) = (theme.signs.pick("◂", "<"), theme.signs.pick("▸", ">"));
    let mut left = vec![part(theme, Meaning::Accent, "dualrun", 6)];
    // Without a project the run itself still says whose it is.
    let service = Some(&model.setup.service).filter(|s| !s.is_empty()).or(model.shown_run().map(|r| &r.request.service));
    left.extend(service.map(|s| part(theme, Meaning::Title, shown(s, 24), 3)));
    left.push(part(theme, Meaning::Muted, sides(model), 5));
    if let Some(month) = model.month {
        left.push(part(theme, Meaning::Title, format!("{older} {month} {newer}"), 0));
    }
    if let Some(run) = model.shown_run() {
        let meaning = if run.counts_as_evidence() { Meaning::Match } else { Meaning::Warning };
        left.push(part(theme, meaning, format!("run #{} {} {}", run.id, state_sign(run.state, theme.signs), run.state.word()), 1));
        let at = run.finished_at.unwrap_or(run.started_at);
        // How old what is shown is stays in sight before the service's name.
        left.push(part(theme, Meaning::Muted, times::relative(model.now, at), 2));
        left.push(part(theme, Meaning::Muted, times::absolute(at), 7));
    }
    let mut right = vec![read_only(model)];
    if !model.setup.actor.is_empty() {
        right.push(part(theme, Meaning::Muted, shown(&model.setup.actor, 20), 4));
    }
    paint::lines(frame, area, vec![spread(usize::from(area.width), left, right)]);
}

fn sides(model: &Model) -> String {
    let of = |side: Side, configured: Option<_>| {
        let seen = model.shown_run().and_then(|r| r.snapshots.iter().find(|s| s.side == side)).map(|s| s.kind);
        seen.or(configured).map_or("?", kind_word)
    };
    let arrow = model.setup.theme.signs.pick("▸", ">");
    format!("{} {arrow} {}", of(Side::Source, model.setup.source), of(Side::Target, model.setup.target))
}

/// `READ-ONLY ✓ ✓`: proven per side by the shown run's snapshots; unknown before any.
fn read_only(model: &Model) -> Part {
    let theme = model.setup.theme;
    let snapshots = model.shown_run().map_or(&[][..], |r| &r.snapshots);
    let mark = |side: Side| match snapshots.iter().find(|s| s.side == side) {
        None => "?",
        Some(s) if s.writable_role => theme.signs.pick("✗", "x"),
        Some(_) => theme.signs.pick("✓", "="),
    };
    let writable = snapshots.iter().any(|s| s.writable_role);
    let meaning = if writable { Meaning::Blocked } else { Meaning::Match };
    let word = if writable { "WRITABLE" } else { "READ-ONLY" };
    part(theme, meaning, format!("{word} {} {}", mark(Side::Source), mark(Side::Target)), 1)
}

/// The screens' names.
pub fn tabs(model: &Model, frame: &mut Frame<'_>, area: Rect) {
    let theme = model.setup.theme;
    let spans = layout::tab_spans(area.width).into_iter().map(|(screen, ..)| {
        let text = layout::tab_text(screen, area.width);
        if screen == model.screen {
            let style = theme.style(Meaning::Accent).add_modifier(ratatui::style::Modifier::REVERSED);
            Span::styled(text, style)
        } else {
            piece(theme, Meaning::Normal, text)
        }
    });
    paint::lines(frame, area, vec![Line::from(spans.collect::<Vec<_>>())]);
}

/// What blocks the flip and its money; the job at the right.
pub fn strip(model: &Model, frame: &mut Frame<'_>, area: Rect) {
    let theme = model.setup.theme;
    let left = blocked(model, &model.assessment());
    let mut right = Vec::new();
    if let Some(job) = model.job.as_ref().filter(|j| j.ended.is_none()) {
        let phase = job.phases.last().map_or("starting", |(name, _)| name.as_str());
        let word = if job.cancelling { "cancelling" } else { phase };
        let sign = theme.signs.pick("▶", ">");
        right.push(part(theme, Meaning::Muted, shown(word, 30), 9));
        right.push(part(
            theme,
            Meaning::Accent,
            format!("{sign} {} {} {}", job.asked.doing(), job.asked.subject(), times::duration(job.milliseconds(model.now))),
            0,
        ));
    }
    paint::lines(frame, area, vec![spread(usize::from(area.width), left, right)]);
}

fn blocked(model: &Model, assessment: &Assessment) -> Vec<Part> {
    let theme = model.setup.theme;
    if assessment.blockers.is_empty() {
        return vec![part(theme, Meaning::Match, format!("{} nothing blocks", theme.signs.pick("✓", "=")), 0)];
    }
    let reasons = numbers::counted(assessment.blockers.len() as u64, "reason", "reasons");
    let mut parts = vec![part(theme, Meaning::Blocked, format!("{} BLOCKED {reasons}", theme.signs.pick("■", "#")), 0)];
    if let Some(run) = model.current_run() {
        parts.extend(at_stake(run).into_iter().zip(2..).map(|(text, yields)| part(theme, Meaning::Normal, text, yields)));
    }
    parts
}

/// `CAD gross 378.68 · unlinked 1,782.85`, one for each currency with anything open.
fn at_stake(run: &Run) -> Vec<String> {
    let open = |m: &MoneyTotals| m.gross != 0 || m.unlinked != 0 || m.not_comparable_actual != 0 || m.not_comparable_expected != 0;
    let one = |(c, m): (&crate::domain::currency::Currency, &MoneyTotals)| {
        let mut words = vec![format!("{c} gross {}", money::grouped(m.gross, *c))];
        if m.unlinked != 0 {
            words.push(format!("unlinked {}", money::grouped(m.unlinked, *c)));
        }
        if m.not_comparable_actual != 0 || m.not_comparable_expected != 0 {
            words.push("and rows not comparable".to_owned());
        }
        words.join(" · ")
    };
    run.tally.money.iter().filter(|(_, m)| open(m)).map(one).collect()
}

/// The target could bill, or nobody can tell: on every screen, until a kept look says otherwise.
pub fn alarm(model: &Model, frame: &mut Frame<'_>, area: Rect) {
    let theme = model.setup.theme;
    let Some((seen, alarm)) = layout::alarm(model) else { return };
    let (sign, words) = if seen.is_breached() { (theme.signs.pick("■", "#"), "TARGET NOT INERT") } else { ("?", "TARGET NOT PROVEN INERT") };
    // On a narrow terminal the age gives way: what is wrong must be read.
    let age = if area.width >= layout::WIDE { format!("  {}", times::relative(model.now, seen.at)) } else { String::new() };
    let room = usize::from(area.width).saturating_sub(words.len() + age.len() + 6);
    bar(frame, area, &format!(" {sign} {words}  {}{age}", shown(&alarm, room)), theme.style(Meaning::Blocked));
}

/// Why the shown run counts for nothing, over the whole width.
pub fn marks(model: &Model, frame: &mut Frame<'_>, area: Rect) {
    let marks = layout::marks(model);
    if !marks.is_empty() {
        let failure = model.shown_run().and_then(|r| r.failure.as_deref()).map(|f| format!(": {}", shown(f, 80))).unwrap_or_default();
        let back = if model.chosen.is_some() { "   Esc: back to the month's current run" } else { "" };
        let text = format!(" ! COUNTS FOR NOTHING: {}{failure}{back}", marks.join(" · "));
        bar(frame, area, &text, model.setup.theme.style(Meaning::Blocked));
    }
}

/// A word to the operator.
pub fn notice(model: &Model, frame: &mut Frame<'_>, area: Rect) {
    let theme = model.setup.theme;
    let (text, meaning) = match (&model.notice, &model.trouble) {
        (Some(Notice::Done(text)), _) => (shown(text, 400), Meaning::Match),
        (None, Some(t)) if model.shown_run().is_some() => {
            (format!("! tried again by itself{} (shown: the last good data)", error_text(t).replacen('!', ":", 1)), Meaning::Delta)
        }
        (Some(Notice::Trouble(t)), _) | (None, Some(t)) => (error_text(t), Meaning::Delta),
        (None, None) => return,
    };
    bar(frame, area, &format!(" {text}"), theme.style(meaning));
}

fn error_text(trouble: &Trouble) -> String {
    if trouble.remedy.is_empty() { format!("! {}", trouble.what) } else { format!("! {} — {}", trouble.what, trouble.remedy) }
}

/// The keys that matter here, as many as there is room for; palette, help and quit always.
pub fn footer(model: &Model, frame: &mut Frame<'_>, area: Rect) {
    let theme = model.setup.theme;
    let hints = model.setup.keys.hints(&model.contexts(), model.job_runs());
    let always = |words: &str| matches!(words, "palette" | "help" | "quit");
    let width = |(key, words): &(String, &str)| key.chars().count() + 1 + words.chars().count() + 2;
    let mut room = usize::from(area.width).saturating_sub(1 + hints.iter().filter(|h| always(h.1)).map(width).sum::<usize>());
    let mut spans = vec![Span::raw(" ")];
    for hint in &hints {
        let needed = width(hint);
        if !always(hint.1) {
            if needed > room {
                continue;
            }
            room -= needed;
        }
        spans.push(piece(theme, Meaning::Accent, hint.0.clone()));
        spans.push(piece(theme, Meaning::Muted, format!(" {}  ", hint.1)));
    }
    paint::lines(frame, area, vec![Line::from(spans)]);
}
