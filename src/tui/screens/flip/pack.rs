//! A wave: what it comes to and what may be done with it; open, every change with what undoes it, its state, and the first invoices.

use super::waves::sign;
use super::words;
use crate::app::flip::{LineState, WaveStanding};
use crate::domain::flip::{Direction, PackLine};
use crate::domain::money::Money;
use crate::domain::text::shown;
use crate::present::columns::Align::Left;
use crate::present::{money, numbers, times};
use crate::report::flip as report;
use crate::tui::model::Model;
use crate::tui::paint::{cell, labelled, lines, panel, piece, wrap};
use crate::tui::theme::{Meaning, Theme};
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;

/// The chosen wave in a few lines.
pub fn summary(model: &Model, frame: &mut Frame<'_>, area: Rect, (number, wave): (u32, &WaveStanding)) {
    let inner = panel(frame, model.setup.theme, area, &format!("Wave {number}"));
    lines(frame, inner, head(model, (number, wave), usize::from(inner.width)));
}

/// The open wave, scrolled.
pub fn draw(model: &Model, frame: &mut Frame<'_>, area: Rect, (number, wave, scroll): (u32, &WaveStanding, u16)) {
    let theme = model.setup.theme;
    let inner = panel(frame, theme, area, &format!("Wave {number}, its pack"));
    let width = usize::from(inner.width);
    let mut out = head(model, (number, wave), width);
    out.extend(labelled(theme, "digest", &wave.pack.digest(), Meaning::Muted, width));
    if let Some(look) = &wave.look {
        out.push(Line::default());
        out.extend(report::look_lines(look).iter().map(|line| plain(theme, Meaning::Normal, &shown(line, width.saturating_sub(2)))));
    }
    for line in &wave.pack.lines {
        out.push(Line::default());
        out.extend(subscription(theme, wave, line, width));
    }
    let height = usize::from(inner.height);
    let from = usize::from(scroll).min(out.len().saturating_sub(height));
    let more = out.len() > from + height;
    lines(frame, inner, out.into_iter().skip(from).take(height).collect());
    if more {
        let at = Rect { x: inner.x + inner.width.saturating_sub(10), y: inner.y + inner.height, width: 8, height: 1 };
        lines(frame, at, vec![Line::from(piece(theme, Meaning::Muted, " more ↓ "))]);
    }
}

fn plain(theme: Theme, meaning: Meaning, text: &str) -> Line<'static> {
    Line::from(piece(theme, meaning, format!(" {text}")))
}

fn head(model: &Model, (number, wave): (u32, &WaveStanding), width: usize) -> Vec<Line<'static>> {
    let theme = model.setup.theme;
    let (mark, meaning) = sign(theme, wave);
    let totals = wave.pack.totals();
    let count = numbers::counted(totals.count, "subscription", "subscriptions");
    let amount = money::list(totals.money.iter().map(|(c, m)| (*c, *m)));
    let mut out = Vec::new();
    let mut say = |label: &str, text: &str, meaning: Meaning| out.extend(labelled(theme, label, text, meaning, width));
    say("state", &format!("{mark} {} · {}", words::state(wave), words::counts(wave)), meaning);
    say("money", &format!("{count}, first invoices {amount}"), Meaning::Title);
    for (currency, (id, minor)) in &totals.largest {
        say("largest", &format!("{} · {}", money::named(Money::new(*minor, *currency)), shown(id, 60)), Meaning::Normal);
    }
    say("next", &words::next(&model.book.flip, number, model.today(), model.flip_blocked()), Meaning::Accent);
    if let Some(look) = wave.look.as_ref().filter(|_| words::alarms(wave) > 0) {
        for line in look.alarms() {
            let actual = line.actual.map_or_else(|| "nothing".to_owned(), money::named);
            say("held", &format!("{}: {} expected, {actual} billed", shown(&line.subscription, 60), money::named(line.expected)), Meaning::Delta);
        }
    }
    if let Some((until, why)) = wave.postponed.as_ref().filter(|(until, _)| model.today() < *until) {
        say("postponed", &format!("to {until}: {}", shown(why, 160)), Meaning::Warning);
    }
    if let Some(why) = &wave.aborted {
        say("aborted", &shown(why, 160), Meaning::Warning);
    }
    if wave.begun.is_some() {
        let meaning = if wave.no_return.is_some() { Meaning::Blocked } else { Meaning::Normal };
        for (i, line) in words::way_back(wave).iter().enumerate() {
            say(if i == 0 { "way back" } else { "" }, line, meaning);
        }
    }
    if let Some(rehearsal) = &wave.rehearsal {
        let whole = rehearsal.failure.as_ref().map_or_else(|| "applied and backed out whole".to_owned(), |why| shown(why, 160));
        let meaning = if rehearsal.whole { Meaning::Match } else { Meaning::Delta };
        say("rehearsed", &format!("{}: {whole}", times::relative(model.now, rehearsal.began_at)), meaning);
    }
    out
}

const fn meaning_of(state: LineState) -> Meaning {
    match state {
        LineState::Verified => Meaning::Match,
        LineState::Rejected => Meaning::Delta,
        LineState::Unknown | LineState::Sending | LineState::Applied => Meaning::Warning,
        LineState::Planned | LineState::BackedOut => Meaning::Muted,
    }
}

/// A subscription: its first invoice, then each change with its state, and what undoes it.
fn subscription(theme: Theme, wave: &WaveStanding, line: &PackLine, width: usize) -> Vec<Line<'static>> {
    let expected = &line.expected;
    let tax = expected.tax.map_or_else(|| "tax not known".to_owned(), |tax| format!("tax {}", money::grouped(tax.minor, tax.currency)));
    let (period, on) = (expected.period, expected.bill_on);
    let title = format!("{} · {} · {}", shown(&line.subscription, 60), line.customer.shown(40), line.plan.shown(40));
    let first = format!("first invoice {} ({tax}), {} to {}, on {on}", money::named(expected.net), period.start, period.last());
    let mut out = vec![plain(theme, Meaning::Title, &title)];
    out.extend(wrap(&format!("  {first}"), width.saturating_sub(2)).iter().map(|text| plain(theme, Meaning::Normal, text)));
    let room = width.saturating_sub(16);
    for change in &line.changes {
        let standing = wave.lines.get(&(line.subscription.clone(), change.step()));
        let state = standing.map_or(LineState::Planned, |standing| standing.state);
        let does = format!("{} {}", theme.signs.pick("→", "->"), change.words(Direction::Forward));
        for (i, text) in wrap(&does, room).into_iter().enumerate() {
            let label = if i == 0 { state.word().replace('_', " ") } else { String::new() };
            out.push(Line::from(vec![
                piece(theme, meaning_of(state), format!("   {} ", cell(&label, 10, Left))),
                piece(theme, Meaning::Normal, text),
            ]));
        }
        let undone = format!("{} {}", theme.signs.pick("←", "<-"), change.words(Direction::Back));
        out.extend(wrap(&undone, room).into_iter().map(|text| Line::from(piece(theme, Meaning::Muted, format!("{}{text}", " ".repeat(14))))));
        if let Some(standing) = standing.filter(|standing| !standing.reason.is_empty()) {
            let why = wrap(&shown(&standing.reason, 300), room);
            out.extend(why.into_iter().map(|text| Line::from(piece(theme, Meaning::Delta, format!("{}{text}", " ".repeat(14))))));
        }
    }
    out
}
