//! The assistant's page: which step, what is asked, what was seen, and the keys.

use super::model::{Assistant, Seen, Step};
use crate::app::probe::Probe;
use crate::domain::contract::Entity;
use crate::domain::side::Side;
use crate::domain::text::shown;
use crate::ports::database::Severity;
use crate::present::columns::Align::Left;
use crate::tui::keymap::{Command, Context};
use crate::tui::layout::LEAST;
use crate::tui::paint::{self, cell, labelled, panel, piece, wrap};
use crate::tui::theme::{Meaning, Theme};
use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::text::{Line, Span};

/// Columns of a field's name.
const NAME: usize = 16;

const fn title(step: Step) -> &'static str {
    match step {
        Step::Service => "The service",
        Step::Source => "The system that bills today",
        Step::Target => "The system that shall bill",
        Step::Numbers => "What decides the numbers",
        Step::Write => "The project's files",
    }
}

const fn words(step: Step) -> &'static str {
    match step {
        Step::Service => {
            "dualrun reads two billing systems, never writes to either, and compares what they bill, month by month. This makes its \
             configuration: five steps, each tested as it goes, and nothing is written before the last."
        }
        Step::Source | Step::Target => {
            "Where its database is, and a role that can only read. A role that could write is refused. The password itself is never kept, only \
             where it comes from."
        }
        Step::Numbers => {
            "Filled in by what was found. A wrong word here bills the wrong rows or is off by cents, so look at each: all of it can be changed \
             in dualrun.toml later."
        }
        Step::Write => "",
    }
}

/// Draws it.
pub fn view(model: &Assistant, frame: &mut Frame<'_>) {
    let (area, theme) = (frame.area(), model.theme);
    if area.width < LEAST.0 || area.height < LEAST.1 {
        let text = format!("too small, need {}×{}", LEAST.0, LEAST.1);
        return paint::lines(frame, area, wrap(&text, usize::from(area.width).max(1)).into_iter().map(Line::from).collect());
    }
    let [head, body, foot] = Layout::vertical([Constraint::Length(1), Constraint::Min(3), Constraint::Length(1)]).areas(area);
    let steps = Step::ALL.into_iter().enumerate().map(|(n, step)| {
        let text = format!(" {} {} ", n + 1, short(step));
        let style = theme.style(if step == model.step { Meaning::Accent } else { Meaning::Muted });
        Span::styled(text, if step == model.step { style.add_modifier(ratatui::style::Modifier::REVERSED) } else { style })
    });
    paint::lines(frame, head, vec![Line::from(std::iter::once(piece(theme, Meaning::Title, " dualrun init ")).chain(steps).collect::<Vec<_>>())]);
    let inner = panel(frame, theme, body, title(model.step));
    let inside = Rect { x: inner.x + 1, width: inner.width.saturating_sub(2), ..inner };
    let (lines, cursor) = page(model, usize::from(inside.width));
    if let Some((x, y)) = cursor.filter(|(_, y)| *y < inside.height) {
        frame.set_cursor_position((inside.x + x, inside.y + y));
    }
    paint::lines(frame, inside, lines);
    footer(model, frame, foot);
    if theme.signs == crate::present::words::Signs::Ascii {
        crate::tui::view::in_ascii(frame.buffer_mut());
    }
}

const fn short(step: Step) -> &'static str {
    match step {
        Step::Service => "Service",
        Step::Source => "Source",
        Step::Target => "Target",
        Step::Numbers => "Numbers",
        Step::Write => "Files",
    }
}

fn page(model: &Assistant, width: usize) -> (Vec<Line<'static>>, Option<(u16, u16)>) {
    let theme = model.theme;
    let words = Some(words(model.step)).filter(|words| !words.is_empty());
    let mut out: Vec<Line<'static>> =
        words.map(|words| wrap(words, width)).unwrap_or_default().into_iter().map(|l| Line::from(piece(theme, Meaning::Muted, l))).collect();
    out.push(Line::default());
    let mut cursor = None;
    let room = width.saturating_sub(NAME + 1).max(8);
    let fields = model.fields.get(&model.step).map(Vec::as_slice).unwrap_or_default();
    for (at, field) in fields.iter().enumerate() {
        let is_here = at == model.at;
        let scroll = if is_here { field.input.visual_scroll(room.saturating_sub(1)) } else { 0 };
        let visible: String = field.input.value().chars().skip(scroll).collect();
        if is_here {
            let column = NAME + field.input.visual_cursor().saturating_sub(scroll).min(room);
            cursor = Some((u16::try_from(column).unwrap_or(0), u16::try_from(out.len()).unwrap_or(u16::MAX)));
        }
        let meaning = if is_here { Meaning::Accent } else { Meaning::Muted };
        let value = if is_here { Meaning::Selected } else { Meaning::Normal };
        out.push(Line::from(vec![piece(theme, meaning, cell(&field.name, NAME, Left)), piece(theme, value, cell(&visible, room, Left))]));
        if is_here {
            let help = match &model.error {
                Some(error) => (Meaning::Delta, format!("! {error}")),
                None => (Meaning::Muted, field.help.clone()),
            };
            let indent = " ".repeat(NAME);
            out.extend(wrap(&shown(&help.1, 400), room).into_iter().map(|l| Line::from(piece(theme, help.0, format!("{indent}{l}")))));
        }
    }
    out.push(Line::default());
    match model.step.side() {
        Some(side) => out.extend(looked_at(model, side, width)),
        None if model.step == Step::Write => out.extend(files(model, width)),
        None => {}
    }
    (out, cursor)
}

fn looked_at(model: &Assistant, side: Side, width: usize) -> Vec<Line<'static>> {
    let theme = model.theme;
    if model.looking.is_some() {
        return vec![Line::from(piece(theme, Meaning::Accent, "looking at it, read-only …"))];
    }
    match model.seen_now(side) {
        None => vec![Line::from(piece(theme, Meaning::Muted, "Enter looks at it: reached? read-only? what is there?"))],
        Some(Seen { probe: Err(why), .. }) => said(theme, Meaning::Delta, "✗", "x", why, width),
        Some(Seen { probe: Ok(probe), .. }) => told(theme, probe, width),
    }
}

fn said(theme: Theme, meaning: Meaning, sign: &str, plain: &str, text: &str, width: usize) -> Vec<Line<'static>> {
    let sign = if theme.signs == crate::present::words::Signs::Ascii { plain } else { sign };
    let lines = wrap(&shown(text, 600), width.saturating_sub(2)).into_iter().enumerate();
    lines.map(|(n, line)| Line::from(piece(theme, meaning, format!("{} {line}", if n == 0 { sign } else { " " })))).collect()
}

fn told(theme: Theme, probe: &Probe, width: usize) -> Vec<Line<'static>> {
    let mut out = Vec::new();
    for finding in &probe.findings {
        let (meaning, sign, plain) = match finding.severity {
            Severity::Error => (Meaning::Delta, "✗", "x"),
            Severity::Warning => (Meaning::Warning, "!", "!"),
            Severity::Info => (Meaning::Match, "✓", "="),
        };
        out.extend(said(theme, meaning, sign, plain, &finding.message, width));
        if finding.severity != Severity::Info && !finding.remedy.is_empty() {
            out.extend(said(theme, Meaning::Muted, "  →", "  >", &finding.remedy, width));
        }
    }
    if probe.is_refused() {
        out.push(Line::default());
        out.push(Line::from(piece(theme, Meaning::Muted, "Enter looks again. F2 goes on without: the file says what is typed here.")));
    }
    if !probe.reached {
        return out;
    }
    let system = probe
        .system
        .map_or_else(|| "no system that is known by name".to_owned(), |name| format!("{name}, whose rules of rounding and periods are known"));
    out.extend(labelled(theme, "it is", &system, Meaning::Normal, width));
    let found: Vec<&str> = probe.queries.keys().map(|e| e.word()).collect();
    let found = if found.is_empty() {
        "nothing under the names dualrun reads: queries are written by hand in dualrun.toml".to_owned()
    } else {
        found.join(", ")
    };
    out.extend(labelled(theme, "found", &found, Meaning::Normal, width));
    for (entity, columns) in &probe.lacking {
        out.extend(labelled(theme, "", &format!("{entity} lacks {}", columns.join(", ")), Meaning::Warning, width));
    }
    if let Some(words) = probe.statuses.get(&Entity::Invoices) {
        out.extend(labelled(theme, "documents", &words.join(", "), Meaning::Muted, width));
    }
    out
}

fn files(model: &Assistant, width: usize) -> Vec<Line<'static>> {
    let theme = model.theme;
    let mut out = Vec::new();
    let mut say = |label: &str, text: &str, meaning: Meaning| out.extend(labelled(theme, label, text, meaning, width));
    for side in Side::BOTH {
        let step = if side == Side::Source { Step::Source } else { Step::Target };
        let state = match model.seen_now(side) {
            Some(seen) if seen.holds() => "reached, read-only",
            Some(_) => "NOT usable yet",
            None => "not looked at",
        };
        let meaning = if state.starts_with("reached") { Meaning::Normal } else { Meaning::Warning };
        say(side.word(), &format!("{} · {state}", shown(&model.typed(step, 0), 120)), meaning);
    }
    let missing = model.missing();
    if !missing.is_empty() {
        let words =
            format!("{}: write a query for each under [….queries] in dualrun.toml; dualrun doctor says what it must give", missing.join(", "));
        say("lacks", &words, Meaning::Warning);
    }
    say("where", &shown(&model.dir, 200), Meaning::Normal);
    say("files", "dualrun.toml, runbook.toml and a JSON schema of each; what is there already stays as it is", Meaning::Normal);
    if let Some(error) = &model.error {
        say("", &format!("! {error}"), Meaning::Delta);
    }
    for file in &model.written {
        say("wrote", &shown(file, 200), Meaning::Match);
    }
    let next = match (model.written.is_empty(), missing.is_empty(), model.writing) {
        (_, _, true) => "writing …",
        (true, ..) => "Enter writes them.",
        (false, true, _) => "Enter opens the terminal and asks for the first month to reconcile. Esc ends here.",
        (false, false, _) => "Enter ends here. Next: fill in what lacks, then dualrun doctor, then dualrun.",
    };
    say("", "", Meaning::Normal);
    say("next", next, Meaning::Title);
    out
}

fn footer(model: &Assistant, frame: &mut Frame<'_>, area: Rect) {
    let theme = model.theme;
    let mut spans = vec![Span::raw(" ")];
    let hints = model.keys.hints(&[Context::Assistant], false);
    // A side can be left for later, nothing else can.
    let skip = model.keys.name(Context::Assistant, Command::NextScreen);
    for (key, words) in hints.into_iter().filter(|(key, _)| *key != skip || model.step.side().is_some()) {
        spans.push(piece(theme, Meaning::Accent, key));
        spans.push(piece(theme, Meaning::Muted, format!(" {words}  ")));
    }
    paint::lines(frame, area, vec![Line::from(spans)]);
}
