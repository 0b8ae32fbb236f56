//! The job: what it does now, rows of each entity, rate, and the time left where it can be known.

use crate::domain::contract::Entity;
use crate::domain::run::Run;
use crate::domain::side::Side;
use crate::domain::text::shown;
use crate::present::columns::Align::{Left, Right};
use crate::present::{numbers, times};
use crate::tui::model::Model;
use crate::tui::model::job::{Job, LoadSoFar};
use crate::tui::paint::{cell, gauge, lines, panel, part, piece, spark, spread};
use crate::tui::theme::{Meaning, Theme};
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;
use std::collections::BTreeMap;

/// Seconds of its pace that are drawn.
const SECONDS: usize = 20;

/// Draws the job, or that there is none.
pub fn draw(model: &Model, frame: &mut Frame<'_>, area: Rect) {
    let theme = model.setup.theme;
    let inner = panel(frame, theme, area, "Job");
    let Some(job) = &model.job else {
        let next = if model.setup.can_run {
            "none running: r reconciles a month; p on Import (2) plans an import"
        } else {
            "none running, and no project here to run one for"
        };
        let mut out = vec![Line::from(piece(theme, Meaning::Muted, format!(" {next}")))];
        out.extend(model.forgotten.as_ref().map(|why| {
            let text = format!(" ! it starts as new: what the terminal kept of last time cannot be used ({why})");
            Line::from(piece(theme, Meaning::Warning, shown(&text, usize::from(inner.width))))
        }));
        lines(frame, inner, out);
        return;
    };
    let mut out = vec![head(model, job, usize::from(inner.width)), phases(theme, job, usize::from(inner.width))];
    if job.ended.is_none() {
        out.push(match &job.loaded {
            Some(load) => loaded(theme, load, usize::from(inner.width)),
            None => judged(model, job, usize::from(inner.width)),
        });
        out.extend(job.reads.iter().map(|((side, entity), read)| {
            let (sign, meaning) =
                if read.done { (theme.signs.pick("✓", "="), Meaning::Match) } else { (theme.signs.pick("…", "."), Meaning::Normal) };
            let rows = cell(&numbers::counted(read.rows, "row", "rows"), 20, Right);
            let name = format!(" {sign} {} {}", cell(side.word(), 7, Left), cell(entity.word(), 15, Left));
            Line::from(vec![
                piece(theme, meaning, name),
                piece(theme, Meaning::Normal, format!("{rows}{}", cell(&numbers::bytes(read.bytes), 12, Right))),
            ])
        }));
    }
    lines(frame, inner, out);
}

fn head(model: &Model, job: &Job, width: usize) -> Line<'static> {
    let theme = model.setup.theme;
    let what = job.asked.doing();
    let subject = job.asked.subject();
    let worked = times::duration(job.milliseconds(model.now));
    if let Some(ended) = &job.ended {
        let (sign, meaning) =
            if ended.well { (theme.signs.pick("✓", "="), Meaning::Match) } else { (theme.signs.pick("✗", "x"), Meaning::Delta) };
        let words = format!("{sign} {what} {subject}: {}", shown(&ended.words, width.saturating_sub(40)));
        return spread(width, vec![part(theme, meaning, words, 0)], vec![part(theme, Meaning::Muted, format!("took {worked}"), 1)]);
    }
    let mut left =
        vec![part(theme, Meaning::Accent, format!("{} {what} {subject}", theme.signs.pick("▶", ">")), 0), part(theme, Meaning::Normal, worked, 1)];
    match &job.loaded {
        None => {
            let rate = numbers::rate(job.rows_read(), job.milliseconds(model.now));
            left.push(part(theme, Meaning::Normal, numbers::counted(job.rows_read(), "row read", "rows read"), 2));
            left.push(part(theme, Meaning::Muted, rate, 3));
        }
        Some(load) => {
            let rate = numbers::rate(load.done, load_time(load)).replace("rows/s", "records/s");
            left.push(part(theme, Meaning::Muted, rate, 3));
            let bad = [(load.rejected, "refused"), (load.parked, "parked")];
            let bad: Vec<String> = bad.into_iter().filter(|(n, _)| *n > 0).map(|(n, word)| format!("{} {word}", numbers::count(n))).collect();
            if !bad.is_empty() {
                left.push(part(theme, Meaning::Delta, format!("! {}", bad.join(" · ")), 2));
            }
        }
    }
    if job.pace.len() > 1 {
        let columns: Vec<Option<u64>> = job.pace.iter().rev().take(SECONDS).rev().copied().map(Some).collect();
        left.push(part(theme, Meaning::Match, format!("{} each second", spark(theme, &columns)), 5));
    }
    let right = if job.cancelling { part(theme, Meaning::Warning, "cancelling …", 0) } else { part(theme, Meaning::Muted, "x cancels", 4) };
    spread(width, left, vec![right])
}

/// Phases so far with the time each took; the last is the present one.
fn phases(theme: Theme, job: &Job, width: usize) -> Line<'static> {
    let names: Vec<String> = job
        .phases
        .iter()
        .enumerate()
        .map(|(i, (name, began))| {
            let next = job.phases.get(i + 1).map(|(_, at)| *at).or(job.ended.as_ref().map(|e| e.at));
            let took = next.map(|at| u64::try_from((at - *began).num_milliseconds()).unwrap_or(0));
            took.map_or_else(|| format!("{} …", shown(name, 30)), |ms| format!("{} {}", shown(name, 30), times::duration(ms)))
        })
        .collect();
    let text = if names.is_empty() { "starting …".to_owned() } else { names.join(" · ") };
    Line::from(piece(theme, Meaning::Muted, format!(" {}", shown(&text, width.saturating_sub(2)))))
}

fn judged(model: &Model, job: &Job, width: usize) -> Line<'static> {
    let theme = model.setup.theme;
    let Some(judged) = job.judged else { return reading(model, job, width) };
    let began = job.phases.last().map_or(job.started, |(_, at)| *at);
    let so_far = u64::try_from((model.now - began).num_milliseconds()).unwrap_or(0);
    let left = times::eta(judged.keys, judged.of, so_far).map(|ms| format!("  about {} left", times::duration(ms))).unwrap_or_default();
    let (filled, rest) = gauge(theme, judged.keys, judged.of, width.saturating_sub(60).clamp(10, 50));
    Line::from(vec![
        piece(theme, Meaning::Normal, " judged "),
        piece(theme, Meaning::Match, filled),
        piece(theme, Meaning::Muted, rest),
        piece(theme, Meaning::Normal, format!(" {} of {} keys{left}", numbers::count(judged.keys), numbers::count(judged.of))),
    ])
}

/// Milliseconds from the first word of handing over to the newest.
fn load_time(load: &LoadSoFar) -> u64 {
    u64::try_from((load.at - load.since).num_milliseconds()).unwrap_or(0)
}

/// How far handing over is: records, and the time left.
fn loaded(theme: Theme, load: &LoadSoFar, width: usize) -> Line<'static> {
    let left = times::eta(load.done, load.of, load_time(load)).map(|ms| format!("  about {} left", times::duration(ms))).unwrap_or_default();
    let (filled, rest) = gauge(theme, load.done, load.of, width.saturating_sub(70).clamp(8, 50));
    Line::from(vec![
        piece(theme, Meaning::Normal, " loaded "),
        piece(theme, Meaning::Match, filled),
        piece(theme, Meaning::Muted, rest),
        piece(theme, Meaning::Normal, format!(" {} of {}{left}", numbers::count(load.done), numbers::counted(load.of, "record", "records"))),
    ])
}

/// How far the reading of an import is, by what the last import read of the source.
fn reading_source(model: &Model, job: &Job, width: usize) -> Line<'static> {
    let theme = model.setup.theme;
    let staged = model.book.imports.staged.as_ref();
    let expected: u64 = staged.map_or(0, |i| i.entities.values().map(|e| e.read).sum());
    let rows: u64 = job.reads.iter().filter(|((side, _), _)| *side == Side::Source).map(|(_, read)| read.rows).sum();
    let Some(import) = staged.filter(|_| expected > 0) else {
        return Line::from(piece(theme, Meaning::Muted, " reading; how much there is, is known once it was read"));
    };
    let left = times::eta(rows, expected, job.milliseconds(model.now)).map(|ms| format!("  about {} left", times::duration(ms))).unwrap_or_default();
    let share = numbers::ratio(rows.min(expected), expected).map(numbers::percent).unwrap_or_default();
    let (filled, rest) = gauge(theme, rows, expected, width.saturating_sub(70).clamp(8, 50));
    Line::from(vec![
        piece(theme, Meaning::Normal, " source "),
        piece(theme, Meaning::Match, filled),
        piece(theme, Meaning::Muted, rest),
        piece(theme, Meaning::Normal, format!(" {share} of what import #{} read{left}", import.id)),
    ])
}

/// How far the reading is, by what an earlier run of the service read; nothing is claimed where there is none.
fn reading(model: &Model, job: &Job, width: usize) -> Line<'static> {
    let theme = model.setup.theme;
    if job.asked.is_of_import() {
        return reading_source(model, job, width);
    }
    let Some((run, expected)) = model.book.current.iter().rev().map(|r| (r, read_before(r))).find(|(_, rows)| *rows > 0) else {
        return Line::from(piece(theme, Meaning::Muted, " nothing judged yet: reading both sides first"));
    };
    let bulk = [Entity::Invoices, Entity::Usage];
    let rows: u64 = job.reads.iter().filter(|((_, entity), _)| bulk.contains(entity)).map(|(_, read)| read.rows).sum();
    let left = times::eta(rows, expected, job.milliseconds(model.now)).map(|ms| format!("  about {} left", times::duration(ms))).unwrap_or_default();
    let share = numbers::ratio(rows.min(expected), expected).map(numbers::percent).unwrap_or_default();
    let (filled, rest) = gauge(theme, rows, expected, width.saturating_sub(60).clamp(10, 50));
    Line::from(vec![
        piece(theme, Meaning::Normal, " reading "),
        piece(theme, Meaning::Match, filled),
        piece(theme, Meaning::Muted, rest),
        piece(theme, Meaning::Normal, format!(" {share} of what run #{} read{left}", run.id)),
    ])
}

/// Invoices and usage a run read, of both sides.
fn read_before(run: &Run) -> u64 {
    let read = |bucket: &BTreeMap<String, u64>| bucket.get("read").copied().unwrap_or(0);
    read(&run.tally.source_invoices) + read(&run.tally.target_invoices) + read(&run.tally.usage)
}
