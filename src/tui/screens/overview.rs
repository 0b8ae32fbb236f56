//! Overview: where the move stands, its money, its trend, and what blocks the flip.
//!
//! ```text
//! ┌ Pipeline ──────────────────────┐┌ Money 2026-05, net of tax ──────────────────────────┐
//! │ ✓ Connect    both read-only    ││                     CAD                             │
//! │ ✗ Reconcile  2 match · 4 delta ││ source invoiced     2,265.12                        │
//! │ …                              ││ coverage            21.3 %  ████▎░░░░░░░░░░         │
//! └────────────────────────────────┘└─────────────────────────────────────────────────────┘
//! ┌ Verdicts, 9 rows ──────────────┐┌ Trend, match rate ──────────────────────────────────┐
//! │ ✓ match   2   equal at …       ││ 2026-05  ██████░░░░░░░░░░  22.2 %  2 of 9 rows       │
//! └────────────────────────────────┘└─────────────────────────────────────────────────────┘
//! ┌ What blocks the flip ─────────────────────────────────────────────────────────────────┐
//! │ ■ Reconcile  4 rows do not match   378.68 CAD   → open Reconcile (3), worst first      │
//! └───────────────────────────────────────────────────────────────────────────────────────┘
//! ```

use super::flip::blockers;
use crate::domain::currency::Currency;
use crate::domain::run::{MoneyTotals, Run};
use crate::domain::verdict::Verdict;
use crate::ports::workspace::RowLine;
use crate::present::columns::Align::{Left, Right};
use crate::present::columns::Column;
use crate::present::words::{outcome_sign, verdict_label, verdict_meaning, verdict_sign};
use crate::present::{money, numbers};
use crate::tui::layout::overview_regions;
use crate::tui::model::Model;
use crate::tui::paint::{cell, gauge, lines, panel, piece, spark};
use crate::tui::sheet::{Lay, RowState, Sheet};
use crate::tui::theme::{Meaning, Theme};
use crate::tui::view::without_run;
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use unicode_width::UnicodeWidthStr;

/// Draws the screen.
pub fn draw(model: &Model, frame: &mut Frame<'_>, area: Rect) {
    if without_run(model, frame, area) {
        return;
    }
    let Some(run) = model.shown_run() else { return };
    let parts = overview_regions(model, run, area);
    let ([pipeline_area, money_area], [verdict_area, trend_area]) = (parts.top, parts.middle);
    pipeline(model, frame, pipeline_area);
    money_panel(model, frame, money_area, run);
    verdicts(model, frame, verdict_area, run);
    trend(model, frame, trend_area);
    let inner = panel(frame, model.setup.theme, parts.blockers, "What blocks the flip");
    blockers::list(model, frame, inner, (&model.assessment().blockers, Some(model.blocker.at)));
    if parts.worst.height > 0 {
        worst(model, frame, parts.worst);
    }
}

/// Whether any money stands in rows that cannot be compared.
pub fn incomparable(run: &Run) -> bool {
    run.tally.money.values().any(|m| m.not_comparable_actual != 0 || m.not_comparable_expected != 0)
}

/// The rows with most money at stake, as many as there is room for.
fn worst(model: &Model, frame: &mut Frame<'_>, area: Rect) {
    let inner = panel(frame, model.setup.theme, area, "Most money at stake, all in Reconcile (3)");
    let rows: Vec<&RowLine> = model.worst.1.iter().take(usize::from(inner.height.saturating_sub(1))).collect();
    let sheet = Sheet::of(model.setup.theme, &Lay::plain(&Column::TABLE, None), &rows, usize::from(inner.width));
    let drawn = std::iter::once(sheet.head()).chain(rows.into_iter().map(|r| sheet.row(r, RowState::default())));
    lines(frame, inner, drawn.collect());
}

/// Lines of the verdicts.
pub fn verdicts_height(run: &Run) -> u16 {
    u16::try_from(shown_verdicts(run).len()).unwrap_or(8)
}

/// Match and delta always; the others where there are any.
fn shown_verdicts(run: &Run) -> Vec<Verdict> {
    let wanted = |v: &Verdict| matches!(v, Verdict::Match | Verdict::Delta) || run.tally.counts.of(*v) > 0;
    Verdict::ALL.into_iter().filter(wanted).collect()
}

fn pipeline(model: &Model, frame: &mut Frame<'_>, area: Rect) {
    let theme = model.setup.theme;
    let inner = panel(frame, theme, area, "Pipeline");
    let width = usize::from(inner.width).saturating_sub(14);
    let stage = |s: &crate::app::standing::StageState| {
        let word = s.outcome.word();
        Line::from(vec![
            piece(theme, Theme::outcome(word), format!(" {} ", outcome_sign(word, theme.signs))),
            piece(theme, Meaning::Title, cell(s.stage.word(), 11, Left)),
            piece(theme, Theme::outcome(word), cell(&s.summary, width, Left)),
        ])
    };
    lines(frame, inner, model.assessment().stages.iter().map(stage).collect());
}

/// A row of the money panel: its name, and the amount of a currency.
type Measure = (&'static str, fn(&MoneyTotals, Currency) -> String);

const MEASURES: [Measure; 8] = [
    ("source invoiced", |m, c| money::grouped(m.invoiced, c)),
    ("  with subscription", |m, c| money::grouped(m.actual, c)),
    ("  unlinked", |m, c| money::grouped(m.unlinked, c)),
    ("target expected", |m, c| money::grouped(m.expected, c)),
    ("net delta", |m, c| money::signed(m.net, c)),
    ("gross delta", |m, c| money::grouped(m.gross, c)),
    ("coverage", |m, _| m.coverage().map_or_else(|| "–".to_owned(), numbers::percent)),
    ("not comparable", |m, c| format!("{} / {}", money::grouped(m.not_comparable_actual, c), money::grouped(m.not_comparable_expected, c))),
];

fn money_panel(model: &Model, frame: &mut Frame<'_>, area: Rect, run: &Run) {
    let theme = model.setup.theme;
    let only = run.tally.money.keys().next().filter(|_| run.tally.money.len() == 1);
    let currency = only.map_or_else(String::new, |c| format!(", {c}"));
    let inner = panel(frame, theme, area, &format!("Money {}{currency}, net of tax", run.request.month));
    let measures: Vec<&Measure> = MEASURES.iter().filter(|(name, _)| *name != "not comparable" || incomparable(run)).collect();
    if run.tally.money.is_empty() {
        lines(frame, inner, vec![Line::from(piece(theme, Meaning::Muted, " no money in this run"))]);
        return;
    }
    let name_width = 20;
    let mut columns: Vec<(Vec<String>, usize)> = Vec::new();
    let mut used = name_width + 1;
    for (currency, totals) in &run.tally.money {
        let mut cells = vec![currency.to_string()];
        cells.extend(measures.iter().map(|(_, amount)| amount(totals, *currency)));
        let width = cells.iter().map(|c| c.width()).max().unwrap_or(0) + 2;
        if used + width > usize::from(inner.width) {
            break;
        }
        used += width;
        columns.push((cells, width));
    }
    let left_out = run.tally.money.len() - columns.len();
    let names = std::iter::once("").chain(measures.iter().map(|(name, _)| *name));
    let bar = run.tally.money.values().next().filter(|_| run.tally.money.len() == 1).and_then(MoneyTotals::coverage);
    let rows = names.enumerate().map(|(i, name)| {
        let mut spans = vec![piece(theme, Meaning::Muted, format!(" {}", cell(name, name_width, Left)))];
        for (cells, width) in &columns {
            let meaning = if i == 0 { Meaning::Title } else { measure_meaning(name, &cells[i]) };
            spans.push(piece(theme, meaning, cell(&cells[i], *width, Right)));
        }
        let spare = usize::from(inner.width).saturating_sub(used + 3).min(40);
        if name == "coverage" && spare >= 8 {
            spans.extend(coverage_bar(theme, bar, model.setup.coverage_floor, spare));
        }
        if i == 0 && left_out > 0 {
            spans.push(piece(theme, Meaning::Warning, format!(" +{left_out} more")));
        }
        Line::from(spans)
    });
    lines(frame, inner, rows.skip(usize::from(only.is_some())).collect());
}

fn measure_meaning(name: &str, text: &str) -> Meaning {
    let nought = text.trim_matches(['0', '.', ' ']).is_empty();
    match name {
        "net delta" | "gross delta" | "not comparable" if !nought => Meaning::Delta,
        "  unlinked" if !nought => Meaning::OneSided,
        "coverage" => Meaning::Title,
        _ => Meaning::Normal,
    }
}

/// The covered part, in the colour of a match only from the floor on.
fn coverage_bar(theme: Theme, coverage: Option<i64>, floor: i64, width: usize) -> Vec<Span<'static>> {
    let meaning = if coverage.is_some_and(|c| c >= floor) { Meaning::Match } else { Meaning::Delta };
    let Some(coverage) = coverage.and_then(|c| u64::try_from(c).ok()) else { return Vec::new() };
    let (filled, rest) = gauge(theme, coverage, 10_000, width);
    vec![Span::raw("  "), piece(theme, meaning, filled), piece(theme, Meaning::Muted, rest)]
}

fn verdicts(model: &Model, frame: &mut Frame<'_>, area: Rect, run: &Run) {
    let theme = model.setup.theme;
    let counts = &run.tally.counts;
    let rows = numbers::counted(counts.total(), "row", "rows");
    let inner = panel(frame, theme, area, &format!("Verdicts, {rows}"));
    let stakes = model.facts.get(&run.id).map(|facts| &facts.stakes);
    let stake = |v: Verdict| stakes.and_then(|stakes| stakes.get(&v)).map(Vec::as_slice).unwrap_or_default();
    let digits = Verdict::ALL.iter().map(|v| numbers::count(counts.of(*v)).width()).max().unwrap_or(1);
    let room = usize::from(inner.width).saturating_sub(digits + 17);
    let stake_bars = StakeBars::of(&shown_verdicts(run).into_iter().map(stake).collect::<Vec<_>>(), room);
    let one = |v: Verdict| {
        let n = counts.of(v);
        let meaning = if n == 0 { Meaning::Muted } else { Theme::verdict(v) };
        [
            piece(theme, meaning, format!(" {} {} ", verdict_sign(v, theme.signs), cell(verdict_label(v), 10, Left))),
            piece(theme, if n == 0 { Meaning::Muted } else { Meaning::Title }, cell(&numbers::count(n), digits, Right)),
        ]
        .into_iter()
        .chain(stake_bars.line(theme, v, stake(v)))
        .collect::<Vec<_>>()
        .into()
    };
    lines(frame, inner, shown_verdicts(run).into_iter().map(one).collect());
}

/// How the money at stake of verdicts is drawn beside what they mean: as bars where it is of one currency and there is room.
struct StakeBars {
    /// Columns of the words.
    words: usize,
    /// Columns of a bar.
    bar: usize,
    /// Columns of the amount.
    amount: usize,
    /// The greatest amount.
    most: u64,
}

impl StakeBars {
    fn of(stakes: &[&[(Currency, i64)]], room: usize) -> Self {
        let amount = stakes.iter().map(|s| money::list(s.iter().copied()).width()).max().unwrap_or(0);
        let mut currencies: Vec<Currency> = stakes.iter().flat_map(|s| s.iter().map(|(c, _)| *c)).collect();
        currencies.sort_unstable();
        currencies.dedup();
        let most = stakes.iter().flat_map(|s| s.iter().map(|(_, n)| n.unsigned_abs())).max().unwrap_or(0);
        let is_one = currencies.len() == 1;
        let rest = room.saturating_sub(amount + 2);
        match amount {
            0 => Self { words: room, bar: 0, amount: 0, most },
            // Words and a bar where both fit, else the bar, else the amount alone.
            _ if is_one && rest >= 36 => Self { words: 26, bar: (rest - 28).min(20), amount, most },
            _ if is_one && rest >= 4 => Self { words: 0, bar: rest.min(20), amount, most },
            _ if amount <= room => Self { words: 0, bar: 0, amount, most },
            _ => Self { words: room, bar: 0, amount: 0, most },
        }
    }

    fn line(&self, theme: Theme, verdict: Verdict, stake: &[(Currency, i64)]) -> Vec<Span<'static>> {
        let at_stake = stake.iter().map(|(_, n)| n.unsigned_abs()).max().unwrap_or(0);
        if self.amount == 0 || (stake.is_empty() && self.words == 0) {
            let width = self.words.max(self.bar + self.amount + 1);
            return vec![piece(theme, Meaning::Muted, format!("  {}", cell(verdict_meaning(verdict), width, Left)))];
        }
        let mut spans = Vec::new();
        if self.words > 0 {
            spans.push(piece(theme, Meaning::Muted, format!("  {}", cell(verdict_meaning(verdict), self.words, Left))));
        }
        if self.bar > 0 {
            let (filled, rest) = gauge(theme, at_stake, self.most, self.bar);
            let rest = " ".repeat(rest.width());
            spans.extend([Span::raw("  "), piece(theme, Theme::verdict(verdict), filled), Span::raw(rest)]);
        }
        let amount = if stake.is_empty() { String::new() } else { money::list(stake.iter().copied()) };
        spans.push(piece(theme, Meaning::Normal, format!(" {}", cell(&amount, self.amount, Right))));
        spans
    }
}

/// `covered 21.3 %  gross 378.68 CAD`, a currency after the other.
fn trend_money(run: &Run) -> String {
    let one = |(c, m): (&Currency, &MoneyTotals)| {
        let covered = m.coverage().map_or_else(|| "–".to_owned(), numbers::percent);
        format!("covered {}  gross {} {c}", cell(&covered, 7, Right), money::grouped(m.gross, *c))
    };
    run.tally.money.iter().map(one).collect::<Vec<_>>().join(" · ")
}

/// `gross 378.68 CAD`, a currency after the other.
fn trend_gross(run: &Run) -> String {
    format!("gross {}", money::list(run.tally.money.iter().map(|(c, m)| (*c, m.gross))))
}

/// `2 of 9`: how many rows match, and how many there are.
fn trend_counts(run: &Run) -> String {
    format!("{} of {}", numbers::count(run.tally.counts.of(Verdict::Match)), numbers::count(run.tally.counts.total()))
}

/// The current runs, newest at the bottom, as many as there is room for.
fn trend(model: &Model, frame: &mut Frame<'_>, area: Rect) {
    let theme = model.setup.theme;
    let inner = panel(frame, theme, area, if area.width > 60 { "Trend, matching rows of the current runs" } else { "Trend, matching rows" });
    if model.book.current.is_empty() {
        lines(frame, inner, vec![Line::from(piece(theme, Meaning::Muted, " no run counts yet"))]);
        return;
    }
    let widest = |tell: fn(&Run) -> String| model.book.current.iter().map(|r| tell(r).width()).max().unwrap_or(0);
    // Month, a bar of three and the rate stand always; counts where they stand whole; money where a bar of eight is left beside it.
    let beside = usize::from(inner.width).saturating_sub(21);
    let countings: [fn(&Run) -> String; 2] = [trend_counts, |run| numbers::count(run.tally.counts.of(Verdict::Match))];
    let counted = countings.into_iter().find(|c| widest(*c) + 3 <= beside).unwrap_or(|_| String::new());
    let counts_width = widest(counted);
    let room = beside.saturating_sub(counts_width);
    let tellings: [fn(&Run) -> String; 3] = [trend_money, trend_gross, |_| String::new()];
    let told = tellings.into_iter().find(|t| widest(*t) + 8 <= room).unwrap_or(|_| String::new());
    let bar_width = room.saturating_sub(widest(told) + 1).clamp(3, 40);
    let gross = gross_line(model, usize::from(inner.width));
    let skip = model.book.current.len().saturating_sub(usize::from(inner.height).saturating_sub(gross.iter().len()));
    let one = |run: &Run| {
        let counts = &run.tally.counts;
        let (good, all) = (counts.of(Verdict::Match), counts.total());
        let (filled, rest) = gauge(theme, good, all, bar_width);
        let rate = numbers::ratio(good, all).map_or_else(|| "–".to_owned(), numbers::percent);
        let on_screen = Some(run.request.month) == model.month;
        Line::from(vec![
            piece(theme, if on_screen { Meaning::Accent } else { Meaning::Normal }, format!(" {} ", run.request.month)),
            piece(theme, if good == all { Meaning::Match } else { Meaning::Warning }, filled),
            piece(theme, Meaning::Muted, rest),
            piece(theme, Meaning::Title, cell(&rate, 8, Right)),
            piece(theme, Meaning::Muted, format!("  {}  ", cell(&counted(run), counts_width, Left))),
            piece(theme, Meaning::Normal, told(run)),
        ])
    };
    lines(frame, inner, model.book.current.iter().skip(skip).map(one).chain(gross).collect());
}

/// `gross   ▁▁▁ ▁▁█  most 378.68 CAD in 2026-05`: how far both sides were apart month by month, in the shown run's first currency.
fn gross_line(model: &Model, width: usize) -> Option<Line<'static>> {
    /// Months at most.
    const MONTHS: usize = 24;
    let theme = model.setup.theme;
    let currency = *model.shown_run()?.tally.money.keys().next()?;
    let gross = |run: &&Run| run.tally.money.get(&currency).map(|m| m.gross);
    let months: Vec<&Run> = model.book.current.iter().rev().take(MONTHS).rev().collect();
    let most = months.iter().copied().max_by_key(|run| (gross(run), run.request.month)).filter(|_| months.len() > 1)?;
    let columns: Vec<Option<u64>> = months.iter().map(|run| gross(run).map(i64::unsigned_abs)).collect();
    let amount = format!("most {} {currency}", money::grouped(gross(&most)?, currency));
    let room = width.saturating_sub(11 + columns.len());
    // An amount stands whole or not at all.
    let whole = [format!("{amount} in {}", most.request.month), amount].into_iter().find(|words| words.width() <= room);
    let words = whole.unwrap_or_default();
    Some(Line::from(vec![
        piece(theme, Meaning::Muted, format!(" {} ", cell("gross", 7, Left))),
        piece(theme, Meaning::Delta, spark(theme, &columns)),
        piece(theme, Meaning::Normal, format!("  {words}")),
    ]))
}
