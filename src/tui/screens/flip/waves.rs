//! The waves: state, count, money, the largest first invoice, and what may be done next; then who is in none.

use super::words;
use crate::app::flip::{WaveStanding, WaveState};
use crate::domain::text::shown;
use crate::present::columns::Align::{Left, Right};
use crate::present::{money, numbers, times};
use crate::tui::layout::WIDE;
use crate::tui::model::Model;
use crate::tui::model::flip::FlipLine;
use crate::tui::model::table::window;
use crate::tui::paint::{cell, labelled, lines, panel, piece, wrap};
use crate::tui::theme::{Meaning, Theme};
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::Line;
use unicode_width::UnicodeWidthStr;

/// Of those in no wave so many are listed; the rest are counted.
const LEFT_OUT: usize = 4;

/// The sign of how a wave stands, and its meaning.
pub fn sign(theme: Theme, wave: &WaveStanding) -> (&'static str, Meaning) {
    match wave.state() {
        _ if words::alarms(wave) > 0 => (theme.signs.pick("✗", "x"), Meaning::Delta),
        WaveState::Planned => (theme.signs.pick("◌", "o"), Meaning::Stale),
        WaveState::Applying | WaveState::BackingOut => ("!", Meaning::Warning),
        WaveState::Applied | WaveState::Clean => (theme.signs.pick("✓", "="), Meaning::Match),
        WaveState::BackedOut => (theme.signs.pick("←", "<"), Meaning::Muted),
    }
}

/// Lines it needs to be read whole, its frame included.
pub fn height(model: &Model, width: usize) -> u16 {
    let waves = model.book.flip.waves.len();
    let extra = usize::from(width + 2 < WIDE.into() && waves > 0);
    let lines = head(model, width).len() + waves + extra + usize::from(waves > 0) + left_out(model, width).len();
    u16::try_from(lines + 2).unwrap_or(u16::MAX)
}

/// Draws them, the selected one kept in sight.
pub fn draw(model: &Model, frame: &mut Frame<'_>, area: Rect) {
    let theme = model.setup.theme;
    let standing = &model.book.flip;
    let title = standing.plan.as_ref().map_or_else(|| "Waves".to_owned(), |plan| format!("Waves, by run #{} of {}", plan.run, plan.month));
    let inner = panel(frame, theme, area, &title);
    let (width, room) = (usize::from(inner.width), usize::from(inner.height));
    let mut out = head(model, width);
    if !standing.waves.is_empty() {
        let columns = Columns::of(model, width);
        out.push(columns.heading(theme));
        let rows: Vec<(u32, &WaveStanding)> = standing.waves.iter().map(|(number, wave)| (*number, wave)).collect();
        let selected = match model.flip_line() {
            Some(FlipLine::Wave(number)) => rows.iter().position(|(n, _)| *n == number),
            _ => None,
        };
        let height = room.saturating_sub(out.len() + usize::from(!columns.wide)).max(1);
        let from = window(0, selected.unwrap_or(0), height, rows.len());
        let shown_rows = rows.iter().enumerate().skip(from).take(height);
        out.extend(shown_rows.map(|(i, (number, wave))| columns.row(model, (*number, wave), selected == Some(i))));
        if !columns.wide
            && let Some((number, _)) = model.flip_wave()
        {
            let text = format!(" {} wave {number}: {}", theme.signs.pick("→", "->"), next(model, number));
            out.push(Line::from(piece(theme, Meaning::Muted, shown(&text, width))));
        }
    }
    let rest = room.saturating_sub(out.len());
    out.extend(left_out(model, width).into_iter().take(rest));
    lines(frame, inner, out);
}

fn next(model: &Model, number: u32) -> String {
    words::next(&model.book.flip, number, model.today(), model.flip_blocked())
}

/// What is so of the whole flip: no configuration, no plan, held, complete, the glass broken.
fn head(model: &Model, width: usize) -> Vec<Line<'static>> {
    let (theme, standing) = (model.setup.theme, &model.book.flip);
    let mut out = Vec::new();
    let mut say = |meaning: Meaning, text: &str| {
        let wrapped = wrap(text, width.saturating_sub(2));
        out.extend(wrapped.into_iter().map(|line| Line::from(piece(theme, meaning, format!(" {line}")))));
    };
    if !model.setup.can_flip {
        say(Meaning::Normal, "Nothing is configured about the flip.");
        say(
            Meaning::Muted,
            "Write [flip] with its three queries in dualrun.toml: who bills in the source, who in the target, and what was paid there. dualrun init shows how.",
        );
    } else if standing.waves.is_empty() {
        say(Meaning::Normal, "No wave is planned.");
        say(Meaning::Muted, "p cuts waves by the newest run, the canary first. It reads both sides and changes nothing.");
    }
    if let Some((who, at, why)) = &standing.held {
        let since = times::relative(model.now, *at);
        say(Meaning::Blocked, &format!("HELD by {} {since}: {} · h resumes it", shown(who, 40), shown(why, 160)));
    }
    if let Some(at) = standing.completed {
        say(
            Meaning::Match,
            &format!("{} COMPLETE since {}: every wave is clean and the source bills nobody", theme.signs.pick("✓", "="), times::absolute(at)),
        );
    }
    if let Some(glass) = model.book.way.as_ref().and_then(|way| way.glass.as_ref()) {
        let ([by, second], until) = (glass.people().map(|who| shown(&who, 52)), times::absolute(glass.terms.expires));
        say(Meaning::Blocked, &format!("GLASS BROKEN by {by} and {second} until {until}: {}", shown(&glass.terms.reason, 160)));
    }
    out
}

fn left_out(model: &Model, width: usize) -> Vec<Line<'static>> {
    let (theme, left) = (model.setup.theme, &model.book.flip.left_out);
    if left.is_empty() {
        return Vec::new();
    }
    let mut out = vec![Line::from(piece(theme, Meaning::Title, format!(" in no wave: {}", numbers::count(left.len() as u64))))];
    for one in left.iter().take(LEFT_OUT) {
        let text = format!("{}: {}", shown(&one.subscription, 40), shown(&one.why.join("; "), 300));
        out.push(Line::from(piece(theme, Meaning::Muted, format!("   {}", shown(&text, width.saturating_sub(4))))));
    }
    if left.len() > LEFT_OUT {
        let rest = numbers::count((left.len() - LEFT_OUT) as u64);
        out.extend(labelled(theme, "", &format!("and {rest} more: dualrun flip --format json lists all"), Meaning::Muted, width));
    }
    out
}

/// The widths of the columns.
struct Columns {
    wide: bool,
    width: usize,
    from: usize,
    state: usize,
    money: usize,
    largest: usize,
}

impl Columns {
    fn of(model: &Model, width: usize) -> Self {
        let waves = || model.book.flip.waves.values();
        let widest = |text: fn(&WaveStanding) -> String, heading: &str| waves().map(|w| text(w).width()).max().unwrap_or(0).max(heading.width());
        let wide = width + 2 >= WIDE.into();
        let from = if wide { widest(|w| shown(&w.pack.from, 16), "FROM") } else { 0 };
        Self {
            wide,
            width,
            from,
            state: widest(words::state, "STATE") + 2,
            money: widest(amount, "FIRST INVOICES"),
            largest: widest(largest, "LARGEST"),
        }
    }

    fn heading(&self, theme: Theme) -> Line<'static> {
        let cells = self.cells(["WAVE", "FROM", "  STATE", "SUBS", "FIRST INVOICES", "LARGEST"].map(str::to_owned));
        let next = if self.wide { "NEXT" } else { "" };
        Line::from(piece(theme, Meaning::Title, format!("  {}{next}", cells.concat())))
    }

    /// Each cell with the gap behind it.
    fn cells(&self, [number, from, state, count, money, largest]: [String; 6]) -> [String; 6] {
        let from = if self.from > 0 { format!("{}  ", cell(&from, self.from, Left)) } else { String::new() };
        [
            format!("{}  ", cell(&number, 4, Right)),
            from,
            format!("{}  ", cell(&state, self.state, Left)),
            format!("{}  ", cell(&count, 6, Right)),
            format!("{}  ", cell(&money, self.money, Right)),
            format!("{}  ", cell(&largest, self.largest, Right)),
        ]
    }

    fn row(&self, model: &Model, (number, wave): (u32, &WaveStanding), selected: bool) -> Line<'static> {
        let theme = model.setup.theme;
        let (mark, meaning) = sign(theme, wave);
        let count = numbers::count(wave.pack.lines.len() as u64);
        let texts = [number.to_string(), shown(&wave.pack.from, 16), format!("{mark} {}", words::state(wave)), count, amount(wave), largest(wave)];
        let marker = if selected { theme.signs.pick("▸ ", "> ") } else { "  " };
        let [number_cell, from, state, count, money, largest] = self.cells(texts);
        let meanings = [Meaning::Title, Meaning::Muted, meaning, Meaning::Normal, Meaning::Title, Meaning::Normal];
        let mut spans = vec![piece(theme, Meaning::Accent, marker)];
        spans.extend([number_cell, from, state, count, money, largest].into_iter().zip(meanings).map(|(text, meaning)| piece(theme, meaning, text)));
        if self.wide {
            let used: usize = spans.iter().map(ratatui::text::Span::width).sum();
            let text = cell(&next(model, number), self.width.saturating_sub(used), Left);
            spans.push(piece(theme, Meaning::Muted, text));
        }
        Line::from(spans).style(if selected { theme.style(Meaning::Selected) } else { Style::new() })
    }
}

fn amount(wave: &WaveStanding) -> String {
    money::list(wave.pack.totals().money.iter().map(|(c, m)| (*c, *m)))
}

fn largest(wave: &WaveStanding) -> String {
    money::list(wave.pack.totals().largest.iter().map(|(c, (_, m))| (*c, *m)))
}
