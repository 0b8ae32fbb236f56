//! Causes: which few reasons carry the deltas of the run, how sure each is, and what signs and tolerances would hide.
//!
//! ```text
//! ┌ Causes of 4 rows that differ, 2026-05 ─────────────────────────────────────────────────┐
//! │ confirmed     2 rows  ██████████░░░░░░░░░░  net +146.94, gross 146.94 CAD              │
//! │ unexplained   2 rows  ██████████░░░░░░░░░░  net +231.74, gross 231.74 CAD              │
//! └────────────────────────────────────────────────────────────────────────────────────────┘
//! ┌ Clusters, most money first ────────────────────────────────────────────────────────────┐
//! │   CAUSE                    PLAN      ROWS         NET       GROSS                      │
//! │ ▸ ✗ unexplained            Large        1     +190.87      190.87 CAD                  │
//! │   ✓ proration_by_day 9/31  Large        1     +141.94      141.94 CAD                  │
//! └────────────────────────────────────────────────────────────────────────────────────────┘
//! ┌ unexplained ───────────────────────────────────────────────────────────────────────────┐
//! │ rows      sub-1001                                                                     │
//! └────────────────────────────────────────────────────────────────────────────────────────┘
//! ```

use crate::domain::explanation::Certainty;
use crate::domain::period::Month;
use crate::domain::run::RunState;
use crate::domain::text::shown;
use crate::domain::together::{Apart, Cluster, Together};
use crate::present::columns::Align::{Left, Right};
use crate::present::explain::{apart, cluster_name, masked_words, one_sided_words, votes};
use crate::present::{money, numbers};
use crate::tui::layout::causes_regions;
use crate::tui::model::Model;
use crate::tui::paint::{cell, gauge, labelled, lines, nothing, panel, piece, spark};
use crate::tui::theme::{Meaning, Theme};
use crate::tui::view::without_run;
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::Line;
use unicode_width::UnicodeWidthStr;

/// Widest a bar of the summary.
const BAR: usize = 20;

/// Draws the screen.
pub fn draw(model: &Model, frame: &mut Frame<'_>, area: Rect) {
    let theme = model.setup.theme;
    let Some(run) = model.shown_run() else {
        let inner = panel(frame, theme, area, "Causes");
        without_run(model, frame, inner);
        return;
    };
    if !matches!(run.state, RunState::Complete | RunState::Incomplete) {
        let what = format!("Run #{} {}: nothing was compared, so there is nothing to explain yet.", run.id, run.state.word());
        let inner = panel(frame, theme, area, "Causes");
        return nothing(frame, theme, inner, &what, "Activity (7) says why; r reconciles again.");
    }
    let facts = model.shown_facts();
    let Some(together) = facts.and_then(|f| f.together.as_ref()) else {
        let inner = panel(frame, theme, area, "Causes");
        let (what, next) = if facts.is_none() {
            ("Reading the causes …", "")
        } else {
            ("The causes of this run were not looked for: an older dualrun made it, or explaining was stopped.", "r reconciles again.")
        };
        return nothing(frame, theme, inner, what, next);
    };
    let all: u64 = together.rows.iter().sum();
    if all == 0 {
        let inner = panel(frame, theme, area, "Causes");
        let next = "Unlinked documents are under Reconcile (3).";
        return nothing(frame, theme, inner, "No row differs: there is nothing to explain.", next);
    }
    let over_months = burn_down(model, area.height);
    let [top, list, chosen] = causes_regions(area, over_months.is_some());
    let title = format!("Causes of {}, {}", numbers::counted(all, "row that differs", "rows that differ"), run.request.month);
    let inner = panel(frame, theme, top, &title);
    summary(theme, frame, inner, together, all);
    if let Some(line) = over_months {
        lines(frame, Rect { y: inner.bottom().saturating_sub(1), height: 1, ..inner }, vec![line]);
    }
    let inner = panel(frame, theme, list, "Clusters, most money first");
    clusters(model, frame, inner, together);
    let selected = model.cause.at.min(together.clusters.len().saturating_sub(1));
    if let Some(cluster) = together.clusters.get(selected).filter(|_| chosen.height > 0) {
        let inner = panel(frame, theme, chosen, &cluster_name(cluster));
        lines(frame, inner, of_cluster(theme, cluster, together, usize::from(inner.width)));
    }
}

/// How many rows nothing confirmed explains, month by month of the current runs, whose causes were looked for in two or more. Nothing
/// on a low screen.
fn burn_down(model: &Model, height: u16) -> Option<Line<'static>> {
    if height < 15 {
        return None;
    }
    let theme = model.setup.theme;
    let months: Vec<_> = model.book.current.iter().map(|run| (run.request.month, model.book.unexplained.get(&run.id).copied())).collect();
    let known: Vec<(Month, u64)> = months.iter().filter_map(|(month, rows)| rows.map(|rows| (*month, rows))).collect();
    let ((first, before), (last, now)) = (*known.first()?, *known.last().filter(|_| known.len() > 1)?);
    let columns: Vec<Option<u64>> = months.iter().skip_while(|(_, rows)| rows.is_none()).map(|(_, rows)| *rows).collect();
    let rows = |n: u64| numbers::counted(n, "row", "rows");
    Some(Line::from(vec![
        piece(theme, Meaning::Muted, format!("   {}", cell("not confirmed", 14, Left))),
        piece(theme, Meaning::Delta, spark(theme, &columns)),
        piece(theme, Meaning::Normal, format!("  {} in {first}, {} in {last}", rows(before), rows(now))),
    ]))
}

/// What a certainty means to whoever has to decide.
const fn meaning_of(certainty: Certainty) -> (Meaning, &'static str, &'static str) {
    match certainty {
        Certainty::Confirmed => (Meaning::Match, "✓", "+"),
        Certainty::Ambiguous => (Meaning::Warning, "≈", "~"),
        Certainty::Candidate => (Meaning::Warning, "?", "?"),
        Certainty::Unexplained => (Meaning::Delta, "✗", "x"),
    }
}

fn summary(theme: Theme, frame: &mut Frame<'_>, area: Rect, together: &Together, all: u64) {
    let money = |certainty: Certainty| match certainty {
        Certainty::Confirmed => apart(&together.confirmed),
        Certainty::Unexplained => format!("{}  with all that is not confirmed", apart(&together.unexplained)),
        Certainty::Ambiguous | Certainty::Candidate => String::new(),
    };
    // The bar gives way before the money: an amount stands whole or is marked as cut.
    let room = usize::from(area.width).saturating_sub(28);
    let widest = Certainty::ALL.into_iter().map(|c| money(c).width()).max().unwrap_or(0);
    let bar = room.saturating_sub(widest + 1).min(BAR);
    let bar = if bar < 4 { 0 } else { bar };
    let one = |certainty: Certainty| {
        let rows = together.of(certainty);
        let (meaning, sign, plain) = meaning_of(certainty);
        let (filled, rest) = gauge(theme, rows, all, bar);
        Line::from(vec![
            piece(theme, meaning, format!(" {} ", theme.signs.pick(sign, plain))),
            piece(theme, Meaning::Title, cell(certainty.word(), 12, Left)),
            piece(theme, Meaning::Normal, cell(&numbers::count(rows), 9, Right)),
            piece(theme, meaning, format!("  {filled}")),
            piece(theme, Meaning::Muted, rest),
            piece(theme, Meaning::Normal, format!("  {}", shown(&money(certainty), room.saturating_sub(bar)))),
        ])
    };
    lines(frame, area, Certainty::ALL.into_iter().map(one).collect());
}

/// The amount of a cluster that fits a column: of its first currency, and how many more there are.
fn amount(of: &[Apart], text: impl Fn(&Apart) -> String) -> String {
    match of {
        [] => "–".to_owned(),
        [one] => text(one),
        [first, rest @ ..] => format!("{} +{}", text(first), rest.len()),
    }
}

/// The first cluster drawn of so many, the selected one kept in sight.
const fn first_cluster(selected: usize, height: usize) -> usize {
    selected.saturating_sub(height.saturating_sub(1))
}

/// The cluster drawn at a line of the screen.
pub fn cluster_at(model: &Model, body: Rect, y: u16) -> Option<usize> {
    let clusters = &model.shown_facts()?.together.as_ref()?.clusters;
    let [_, list, _] = causes_regions(body, burn_down(model, body.height).is_some());
    let height = usize::from(list.height.saturating_sub(3));
    let line = usize::from(y.checked_sub(list.y + 2)?);
    let at = first_cluster(model.cause.at.min(clusters.len().saturating_sub(1)), height) + line;
    (line < height && at < clusters.len()).then_some(at)
}

fn clusters(model: &Model, frame: &mut Frame<'_>, area: Rect, together: &Together) {
    let theme = model.setup.theme;
    let height = usize::from(area.height.saturating_sub(1));
    let selected = model.cause.at.min(together.clusters.len().saturating_sub(1));
    let from = first_cluster(selected, height);
    let shown: Vec<&Cluster> = together.clusters.iter().skip(from).take(height).collect();
    let net = |c: &Cluster| amount(&c.money, |m| money::signed(m.net, m.currency));
    let gross = |c: &Cluster| amount(&c.money, |m| format!("{} {}", money::grouped(m.gross, m.currency), m.currency));
    let widest = |texts: Vec<String>, heading: &str| texts.iter().map(|t| t.width()).chain([heading.len()]).max().unwrap_or(0);
    let rows_width = widest(shown.iter().map(|c| numbers::count(c.rows)).collect(), "ROWS");
    let net_width = widest(shown.iter().map(|c| net(c)).collect(), "NET");
    let gross_width = widest(shown.iter().map(|c| gross(c)).collect(), "GROSS");
    let left = usize::from(area.width).saturating_sub(4 + rows_width + net_width + gross_width + 8);
    let plan_width = widest(shown.iter().map(|c| plan(c, 24)).collect(), "PLAN").min(left / 3);
    // Names are no wider than the widest: numbers stand near what they belong to.
    let name_width = widest(shown.iter().map(|c| cluster_name(c)).collect(), "CAUSE").max(24).min(left.saturating_sub(plan_width));
    let line = |name: &str, plan: &str, rows: &str, net: &str, gross: &str| {
        let (name, plan) = (cell(name, name_width, Left), cell(plan, plan_width, Left));
        format!("{name}  {plan}  {}  {}  {}", cell(rows, rows_width, Right), cell(net, net_width, Right), cell(gross, gross_width, Right))
    };
    let head = format!("    {}", line("CAUSE", "PLAN", "ROWS", "NET", "GROSS"));
    let mut out = vec![Line::from(piece(theme, Meaning::Title, head))];
    for (at, cluster) in shown.iter().enumerate() {
        let is_selected = from + at == selected;
        let (meaning, sign, plain) = meaning_of(cluster.certainty);
        let marker = if is_selected { theme.signs.pick("▸", ">") } else { " " };
        let text = line(&cluster_name(cluster), &plan(cluster, plan_width), &numbers::count(cluster.rows), &net(cluster), &gross(cluster));
        let spans = vec![
            piece(theme, Meaning::Accent, format!("{marker} ")),
            piece(theme, meaning, format!("{} ", theme.signs.pick(sign, plain))),
            piece(theme, Meaning::Normal, text),
        ];
        out.push(Line::from(spans).style(if is_selected { theme.style(Meaning::Selected) } else { Style::new() }));
    }
    lines(frame, area, out);
}

fn plan(cluster: &Cluster, width: usize) -> String {
    cluster.plan.as_ref().map_or_else(|| "–".to_owned(), |p| p.shown(width))
}

fn of_cluster(theme: Theme, cluster: &Cluster, together: &Together, width: usize) -> Vec<Line<'static>> {
    let mut out = Vec::new();
    let mut labelled = |label: &str, text: &str, meaning: Meaning| out.extend(labelled(theme, label, text, meaning, width));
    let sure = match cluster.certainty {
        Certainty::Confirmed => "confirmed: exact to the minor unit, and a row of the data says so",
        Certainty::Ambiguous => "ambiguous: several causes fit as well; it counts as unexplained",
        Certainty::Candidate => "candidate: it fits, and no row of the data says so; it counts as unexplained",
        Certainty::Unexplained => "unexplained: nothing that the data says closes it",
    };
    labelled("how sure", sure, meaning_of(cluster.certainty).0);
    labelled("money", &apart(&cluster.money), Meaning::Normal);
    let keys: Vec<String> = cluster.examples.iter().map(|k| k.shown(40)).collect();
    labelled("rows", &keys.join(", "), Meaning::Normal);
    if let Some(of) = cluster.votes {
        labelled("votes", &votes(of), Meaning::Normal);
    }
    if let Some(masked) = together.masked.first() {
        labelled("masked", &masked_words(masked), Meaning::Warning);
    }
    if let Some(step) = together.tolerances.iter().find(|t| t.is_one_sided()) {
        labelled("tolerance", &one_sided_words(step), Meaning::Warning);
    }
    out
}
