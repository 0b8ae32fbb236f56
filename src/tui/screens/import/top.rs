//! Above the table: what is staged, the last import, the loader, the lights of inertness, and what the plan comes to.

use crate::domain::contract::Entity;
use crate::domain::import::{EntityPlan, Import, InertnessCheck, Light};
use crate::domain::shadow::CARRIED;
use crate::domain::text::shown;
use crate::present::columns::Align::{Left, Right};
use crate::present::import::{Told, counts_text, fates, import_sign, in_target, light_sign, light_text, load_text, money_lines, staged_count, total};
use crate::present::{numbers, times};
use crate::tui::model::Model;
use crate::tui::paint::{Part, cell, lines, panel, part, piece, spread};
use crate::tui::theme::{Meaning, Theme};
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;
use std::collections::BTreeMap;

/// Said where no check is configured.
pub const NO_CHECKS: &str = "no check of inertness is configured: nothing proves that the target cannot bill";
/// What to do then.
pub const NO_CHECKS_REMEDY: &str = "write [inertness] in dualrun.toml, then i looks";
/// Said where no loader is configured.
pub const NO_LOADER: &str = "none: an import ends with the staged copy";

/// What is staged, the last import, the loader: a panel where there is room, else one line.
pub fn summary(model: &Model, frame: &mut Frame<'_>, area: Rect, roomy: bool) {
    let theme = model.setup.theme;
    if !roomy {
        let (state, meaning) = last(model);
        let left = vec![
            part(theme, Meaning::Normal, format!("staged {}", model.book.imports.staged.as_ref().map_or(0, staged_count)), 0),
            part(theme, meaning, state, 1),
            part(theme, Meaning::Muted, format!("loader {}", loader(model)), 3),
        ];
        lines(frame, area, vec![spread(usize::from(area.width), left, Vec::new())]);
        return;
    }
    let inner = panel(frame, theme, area, "Import");
    let width = usize::from(inner.width).saturating_sub(11);
    let labelled = |label: &str, meaning: Meaning, text: &str| {
        Line::from(vec![piece(theme, Meaning::Muted, format!(" {}", cell(label, 9, Left))), piece(theme, meaning, shown(text, width))])
    };
    let (state, meaning) = last(model);
    let mut out = vec![labelled("staged", Meaning::Normal, &staged(model)), labelled("last", meaning, &state)];
    if let Some(import) = &model.book.imports.last {
        let load = load_text(&import.load);
        if !load.is_empty() {
            let meaning = if import.load.is_whole() { Meaning::Match } else { Meaning::Delta };
            out.push(labelled("", meaning, &load));
        }
        if let Some(failure) = &import.failure {
            out.push(labelled("", Meaning::Delta, failure));
        }
    }
    let meaning = if model.setup.loader.is_some() { Meaning::Normal } else { Meaning::Warning };
    out.insert(out.len().min(usize::from(inner.height).saturating_sub(1)), labelled("loader", meaning, &loader(model)));
    lines(frame, inner, out);
}

/// Where records are handed over.
pub fn loader(model: &Model) -> String {
    model.setup.loader.as_ref().map_or_else(|| NO_LOADER.to_owned(), |place| shown(place, 200))
}

/// `145 records, read from the source 2 h ago`.
pub fn staged(model: &Model) -> String {
    let Some(import) = &model.book.imports.staged else { return "nothing".to_owned() };
    let read = import.snapshots.first().map_or(import.started_at, |s| s.local_clock);
    let records = numbers::counted(staged_count(import), "record", "records");
    format!("{records}, read from the source {}", times::relative(model.now, read))
}

/// `#3 ! incomplete · ana · 4 min ago`, and what it means.
pub fn last(model: &Model) -> (String, Meaning) {
    let Some(import) = &model.book.imports.last else { return ("no import yet".to_owned(), Meaning::Muted) };
    let at = import.finished_at.unwrap_or(import.started_at);
    let sign = import_sign(import.state, model.setup.theme.signs);
    let words = [format!("#{} {sign} {}", import.id, import.state.word()), shown(&import.request.actor, 20), times::relative(model.now, at)];
    (words.join(" · "), Theme::import(import.state))
}

/// The lights as they are to be told: each configured check, with what the newest look says of it; broken ones that are no
/// longer configured too.
pub fn checks(model: &Model) -> Vec<InertnessCheck> {
    let seen = model.inertness().map_or(&[][..], |s| &s.checks);
    let of = |name: &String| {
        let unseen = || Light::Unknown { why: "nobody looked yet, i looks".to_owned() };
        seen.iter().find(|c| c.name == *name).cloned().unwrap_or_else(|| InertnessCheck { name: name.clone(), light: unseen(), expected: 0 })
    };
    let mut all: Vec<InertnessCheck> = model.setup.checks.iter().map(of).collect();
    all.extend(seen.iter().filter(|c| c.light != Light::Inert && !model.setup.checks.contains(&c.name)).cloned());
    all
}

/// When it was looked at, and whether that still holds for the checks as they are.
pub fn looked(model: &Model) -> (String, bool) {
    let Some(seen) = model.inertness() else { return ("never looked".to_owned(), false) };
    let changed = if seen.digest != model.setup.inertness_digest {
        "; the checks changed since, i looks again"
    } else if seen.flipped != model.book.flipped {
        "; others are flipped since, i looks again"
    } else {
        ""
    };
    (format!("{}, {}{changed}", times::relative(model.now, seen.at), seen.occasion.word()), changed.is_empty())
}

/// The lights: a panel where there is room, else one line, broken ones first.
pub fn lights(model: &Model, frame: &mut Frame<'_>, area: Rect, roomy: bool) {
    let theme = model.setup.theme;
    let mut checks = checks(model);
    let (when, same) = looked(model);
    if !roomy {
        checks.sort_by_key(|c| c.light == Light::Inert);
        let known = model.inertness().is_some() && !checks.is_empty();
        let left = if known { short_lights(theme, &checks) } else { no_lights(theme, checks.len()) };
        lines(frame, area, vec![spread(usize::from(area.width), left, vec![part(theme, age_meaning(same), when, 1)])]);
        return;
    }
    let inner = panel(frame, theme, area, &format!("Is the target inert?  {when}"));
    let (width, height) = (usize::from(inner.width), usize::from(inner.height));
    if checks.is_empty() {
        let sign = theme.signs.pick("✗", "x");
        let text = crate::tui::paint::wrap(&format!("{sign} {NO_CHECKS}"), width.saturating_sub(2));
        let mut out: Vec<Line<'static>> = text.into_iter().map(|l| Line::from(piece(theme, Meaning::Delta, format!(" {l}")))).collect();
        out.push(Line::from(piece(theme, Meaning::Muted, format!("   {} {NO_CHECKS_REMEDY}", theme.signs.pick("→", "->")))));
        lines(frame, inner, out);
        return;
    }
    if checks.len() > height {
        checks.sort_by_key(|c| c.light == Light::Inert);
    }
    let name_width = checks.iter().map(|c| shown(&c.name, 40).chars().count()).max().unwrap_or(0).min(width / 2);
    let more = checks.len().saturating_sub(height);
    let one = |c: &InertnessCheck| {
        let meaning = Theme::light(&c.light);
        Line::from(vec![
            piece(theme, meaning, format!(" {} ", light_sign(&c.light, theme.signs))),
            piece(theme, Meaning::Title, cell(&c.name, name_width, Left)),
            piece(theme, meaning, format!("  {}", shown(&light_text(c), width.saturating_sub(name_width + 6)))),
        ])
    };
    let mut out: Vec<Line<'static>> = checks.iter().take(height).map(one).collect();
    if let (1.., Some(last)) = (more, out.last_mut()) {
        *last = Line::from(piece(theme, Meaning::Muted, format!("   and {} more: d", more + 1)));
    }
    lines(frame, inner, out);
}

const fn age_meaning(same: bool) -> Meaning {
    if same { Meaning::Muted } else { Meaning::Stale }
}

/// The worst light whole, others as there is room, and always how many hold.
fn short_lights(theme: Theme, checks: &[InertnessCheck]) -> Vec<Part> {
    let inert = checks.iter().filter(|c| c.light == Light::Inert).count();
    let (sign, meaning) =
        if inert == checks.len() { (theme.signs.pick("✓", "="), Meaning::Match) } else { (theme.signs.pick("✗", "x"), Meaning::Delta) };
    let mut out = vec![part(theme, meaning, format!("{sign} {inert} of {} inert", checks.len()), 0)];
    out.extend(checks.iter().filter(|c| c.light != Light::Inert).zip(0u8..).map(|(c, n)| {
        let text = format!("{} {}: {}", light_sign(&c.light, theme.signs), shown(&c.name, 24), shown(&light_text(c), 30));
        part(theme, Theme::light(&c.light), text, if n == 0 { 0 } else { n.saturating_add(2) })
    }));
    out
}

/// The same where there are no checks, or nobody looked.
fn no_lights(theme: Theme, checks: usize) -> Vec<Part> {
    if checks == 0 {
        let text = format!("{} no check of inertness configured: [inertness] in dualrun.toml", theme.signs.pick("✗", "x"));
        return vec![part(theme, Meaning::Delta, text, 0)];
    }
    vec![part(theme, Meaning::Stale, format!("? {} of inertness, nobody looked yet: i looks", numbers::counted(checks as u64, "check", "checks")), 0)]
}

/// The counts that are shown: of the plan, else of the import that staged.
fn counted(model: &Model) -> Option<&BTreeMap<Entity, EntityPlan>> {
    model.plan.shown.as_ref().map(|s| &s.plan.entities).or_else(|| model.book.imports.staged.as_ref().map(|i| &i.entities))
}

/// What the counts are of, and whether they are as new as what is known.
pub fn plan_title(model: &Model) -> (String, bool) {
    let newer = |made| model.book.imports.last.as_ref().is_some_and(|i: &Import| i.started_at > made);
    match (&model.plan.shown, &model.book.imports.staged) {
        (Some(shown), _) => match shown.applied {
            Some(id) => (format!("Plan of import #{id}, as it was before it; p plans anew"), false),
            None if newer(shown.made) => ("Plan, older than the last import; p plans anew".to_owned(), false),
            None => (format!("Plan, made {}; nothing was changed by it", times::relative(model.now, shown.made)), true),
        },
        (None, Some(import)) => (format!("Plan of import #{}, counts only; p plans anew", import.id), false),
        (None, None) => ("Plan".to_owned(), false),
    }
}

/// What the plan comes to, by entity where there is room, else all together in two lines.
pub fn plan(model: &Model, frame: &mut Frame<'_>, area: Rect, roomy: bool) {
    let theme = model.setup.theme;
    let (title, fresh) = plan_title(model);
    let Some(entities) = counted(model) else {
        let text = " no plan was made yet: p reads both sides and shows what an import would do";
        let inner = if roomy { panel(frame, theme, area, &title) } else { area };
        lines(frame, inner, vec![Line::from(piece(theme, Meaning::Muted, text))]);
        return;
    };
    if !roomy {
        let width = usize::from(area.width);
        let age = match &model.plan.shown {
            Some(shown) if shown.applied.is_none() => format!("plan {}", times::relative(model.now, shown.made)),
            _ => "before the last import".to_owned(),
        };
        let first = vec![part(theme, Meaning::Title, format!("plan: {}", counts_text(&total(entities, fates))), 0)];
        let second = vec![part(theme, Meaning::Title, format!("target: {}", counts_text(&total(entities, in_target))), 0)];
        let age = part(theme, if fresh { Meaning::Muted } else { Meaning::Stale }, age, 1);
        lines(frame, area, vec![spread(width, first, Vec::new()), spread(width, second, vec![age])]);
        return;
    }
    let inner = panel(frame, theme, area, &title);
    let mut out = matrix(theme, entities, usize::from(inner.width));
    out.extend(money(theme, entities, usize::from(inner.width), usize::from(inner.height).saturating_sub(out.len())));
    lines(frame, inner, out);
}

/// Columns the entity's name takes.
const NAME: usize = 14;
/// Columns of a count of the source's records, and of the target's: its heading and a blank.
const COUNT: [usize; 2] = [10, 8];
/// Columns all of it takes.
const MATRIX: usize = 1 + NAME + 7 * COUNT[0] + 4 + 6 * COUNT[1];

/// Lines the counts and the money take.
pub fn plan_lines(model: &Model) -> usize {
    let Some(entities) = counted(model) else { return 1 };
    let money = entities.get(&Entity::Subscriptions).map_or(0, |e| money_lines(&fates(e)).len() + money_lines(&in_target(e)).len());
    CARRIED.len() + 1 + money.min(4)
}

/// A row for each entity, a column for each count; where a number would not fit, a sentence for each.
fn matrix(theme: Theme, entities: &BTreeMap<Entity, EntityPlan>, width: usize) -> Vec<Line<'static>> {
    let most = entities.values().map(|e| e.read).chain(entities.values().flat_map(in_target).map(|t| t.count)).max().unwrap_or(0);
    if width < MATRIX || numbers::count(most).len() >= COUNT[1] {
        return sentences(theme, entities, width);
    }
    let heading = |told: [Told; 6], column: usize| told.map(|t| cell(t.word, column, Right)).concat();
    let none = EntityPlan::default();
    let source = format!("{}{}", cell("read", COUNT[0], Right), heading(fates(&none), COUNT[0]));
    let head = format!(" {}{source}  │ {}", " ".repeat(NAME), heading(in_target(&none), COUNT[1]));
    let mut out = vec![Line::from(piece(theme, Meaning::Muted, head))];
    for entity in CARRIED {
        let plan = entities.get(&entity).unwrap_or(&none);
        let mut spans = vec![
            piece(theme, Meaning::Title, format!(" {}", cell(entity.word(), NAME, Left))),
            piece(theme, Meaning::Normal, cell(&numbers::count(plan.read), COUNT[0], Right)),
        ];
        spans.extend(fates(plan).iter().map(|t| piece(theme, count_meaning(t), cell(&numbers::count(t.count), COUNT[0], Right))));
        spans.push(piece(theme, Meaning::Muted, "  │ "));
        spans.extend(in_target(plan).iter().map(|t| piece(theme, count_meaning(t), cell(&numbers::count(t.count), COUNT[1], Right))));
        out.push(Line::from(spans));
    }
    out
}

/// `plans  232 read: 151 create · 81 filtered   target: 3 retire`, an entity a line.
fn sentences(theme: Theme, entities: &BTreeMap<Entity, EntityPlan>, width: usize) -> Vec<Line<'static>> {
    let one = |entity: Entity| {
        let plan = entities.get(&entity)?;
        let read = numbers::count(plan.read);
        let text = format!("{read} read: {}   target: {}", counts_text(&fates(plan)), counts_text(&in_target(plan)));
        let name = piece(theme, Meaning::Title, format!(" {}", cell(entity.word(), NAME, Left)));
        Some(Line::from(vec![name, piece(theme, Meaning::Normal, shown(&text, width.saturating_sub(NAME + 1)))]))
    };
    CARRIED.into_iter().filter_map(one).collect()
}

fn count_meaning(told: &Told) -> Meaning {
    match (told.count, told.word) {
        (0, _) => Meaning::Muted,
        (_, "rejected" | "differs") => Meaning::Delta,
        (_, "update" | "withdrawn" | "retire") => Meaning::Warning,
        (_, "unknown") => Meaning::Stale,
        (_, "missing") => Meaning::OneSided,
        (_, "create" | "present") => Meaning::Match,
        _ => Meaning::Normal,
    }
}

/// What the subscriptions are worth per interval, a line for each currency and each question.
fn money(theme: Theme, entities: &BTreeMap<Entity, EntityPlan>, width: usize, room: usize) -> Vec<Line<'static>> {
    let Some(plan) = entities.get(&Entity::Subscriptions) else { return Vec::new() };
    let line = |label: &str, text: &str| {
        let label = format!(" {}", cell(label, NAME, Left));
        let text = shown(text, width.saturating_sub(NAME + 3));
        Line::from(vec![piece(theme, Meaning::Muted, label), piece(theme, Meaning::Normal, format!("  {text}"))])
    };
    let import = money_lines(&fates(plan)).into_iter().map(|t| line("  worth import", &t));
    let target = money_lines(&in_target(plan)).into_iter().map(|t| line("  worth target", &t));
    let all: Vec<Line<'static>> = import.chain(target).collect();
    let more = all.len().saturating_sub(room);
    let mut out: Vec<Line<'static>> = all.into_iter().take(room).collect();
    if let (1.., Some(last)) = (more, out.last_mut()) {
        *last = Line::from(piece(theme, Meaning::Muted, format!("   and {} lines more: d", more + 1)));
    }
    out
}
