//! Everything about the import as a page of text: what the panels have no room for.

use super::top::{NO_CHECKS, NO_CHECKS_REMEDY, checks, last, loader, looked, plan_title, staged};
use crate::domain::contract::Entity;
use crate::domain::import::{EntityPlan, Import};
use crate::domain::run::SnapshotInfo;
use crate::domain::shadow::CARRIED;
use crate::domain::text::shown;
use crate::present::import::{counts_text, fates, in_target, light_sign, light_text, load_text, money_lines, reasons, samples};
use crate::present::times;
use crate::tui::model::Model;
use std::collections::BTreeMap;

/// The page's lines, safe to print.
pub fn lines(model: &Model) -> Vec<String> {
    let mut out = vec![format!("staged    {}", staged(model)), format!("loader    {}", loader(model)), String::new()];
    out.push("LAST IMPORT".to_owned());
    out.push(format!("  {}", last(model).0));
    if let Some(import) = &model.book.imports.last {
        out.extend(of_import(import));
    }
    out.push(String::new());
    out.push(format!("IS THE TARGET INERT?  {}", looked(model).0));
    out.extend(lights(model));
    let entities = model.plan.shown.as_ref().map(|s| &s.plan.entities).or_else(|| model.book.imports.staged.as_ref().map(|i| &i.entities));
    if let Some(entities) = entities {
        out.push(String::new());
        out.push(plan_title(model).0);
        out.extend(counts(entities));
    }
    let plan = model.plan.shown.as_ref().map(|s| &s.plan.snapshots).or_else(|| model.book.imports.staged.as_ref().map(|i| &i.snapshots));
    if let Some(snapshots) = plan {
        out.push(String::new());
        out.push("READ FROM".to_owned());
        out.extend(snapshots.iter().map(snapshot));
    }
    out
}

fn of_import(import: &Import) -> Vec<String> {
    let mut out = vec![format!("  began {}", times::to_the_second(import.started_at))];
    out.extend(import.finished_at.map(|at| format!("  ended {}", times::to_the_second(at))));
    let load = load_text(&import.load);
    if !load.is_empty() {
        out.push(format!("  {load}"));
    }
    out.extend(import.pack.as_ref().map(|p| format!("  pack {}", shown(p, 300))));
    out.extend(import.failure.as_ref().map(|f| format!("  {}", shown(f, 2000))));
    if import.request.retire {
        out.push("  retired what should not be in the target".to_owned());
    }
    out
}

fn lights(model: &Model) -> Vec<String> {
    let checks = checks(model);
    if checks.is_empty() {
        return vec![format!("  {NO_CHECKS}"), format!("  → {NO_CHECKS_REMEDY}")];
    }
    let signs = model.setup.theme.signs;
    checks.iter().map(|c| format!("  {} {}: {}", light_sign(&c.light, signs), shown(&c.name, 80), light_text(c))).collect()
}

fn counts(entities: &BTreeMap<Entity, EntityPlan>) -> Vec<String> {
    let mut out = Vec::new();
    for (entity, plan) in CARRIED.iter().filter_map(|e| Some((e, entities.get(e)?))) {
        out.push(format!("  {entity}: {} read", crate::present::numbers::count(plan.read)));
        out.push(format!("    import  {}", counts_text(&fates(plan))));
        out.push(format!("    target  {}", counts_text(&in_target(plan))));
        if *entity == Entity::Subscriptions {
            out.extend(money_lines(&fates(plan)).into_iter().map(|l| format!("    worth import  {l}")));
            out.extend(money_lines(&in_target(plan)).into_iter().map(|l| format!("    worth target  {l}")));
        }
        out.extend(reasons(&plan.rejected).into_iter().map(|l| format!("    rejected  {l}")));
        out.extend(reasons(&plan.filtered).into_iter().map(|l| format!("    filtered  {l}")));
        if plan.withdrawn.count > 0 {
            out.push(format!("    withdrawn  {}", samples(&plan.withdrawn)));
        }
        if let Some(retire) = plan.in_target.get("retire") {
            out.push(format!("    retire  {}", samples(retire)));
        }
    }
    out
}

fn snapshot(s: &SnapshotInfo) -> String {
    let place = format!("{}, {}, {}", crate::present::words::kind_word(s.kind), shown(&s.server, 60), shown(&s.place, 120));
    format!("  {}  {place}  at {}", s.side, times::to_the_second(s.local_clock))
}
