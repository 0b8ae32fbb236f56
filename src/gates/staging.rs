//! The stage of the import: everything staged and proven to be in the target as it should be, and the target inert.

use super::Outcome;
use super::assess::{Blocker, Stage, StageState, Standing, block, not_run, state};
use crate::domain::contract::Entity;
use crate::domain::import::{Import, ImportState, OpenDeliveries};

const CONFIGURE: &str = "write [inertness] in dualrun.toml, then dualrun inertness";
const PLAN: &str = "look at what an import would do (2), then dualrun import --apply";

/// Assesses it.
pub(super) fn import(standing: &Standing<'_>, blockers: &mut Vec<Blocker>) -> StageState {
    let inert = inertness(standing, blockers);
    let imports = standing.imports;
    let Some(import) = &imports.full else {
        let what =
            imports.partial.as_ref().map_or_else(|| "nothing staged".to_owned(), |i| format!("import #{} is partial: it does not count", i.id));
        let stage = not_run(Stage::Import, &what, PLAN, blockers);
        return StageState { outcome: stage.outcome.max(inert), ..stage };
    };
    let of_import = staged(import, &imports.open, standing.config_digest, blockers);
    let since = newer(&imports.newer, blockers);
    let outcome = Outcome::worst([inert, of_import.outcome, since]);
    let summary = if inert == Outcome::Fail { format!("{} · NOT INERT", of_import.summary) } else { of_import.summary };
    state(Stage::Import, outcome, summary)
}

fn inertness(standing: &Standing<'_>, blockers: &mut Vec<Blocker>) -> Outcome {
    let Some(seen) = standing.inertness else {
        let remedy = if standing.is_checked { "dualrun inertness looks" } else { CONFIGURE };
        blockers.push(block(Stage::Import, "nobody has looked whether the target is inert", remedy));
        return Outcome::NotRun;
    };
    if seen.digest != standing.inertness_digest {
        let remedy = if standing.is_checked { "look again: dualrun inertness" } else { CONFIGURE };
        blockers.push(block(Stage::Import, "the checks of inertness changed since they were last looked at", remedy));
        return Outcome::Stale;
    }
    if seen.flipped != standing.flipped {
        let what = "other subscriptions are flipped than when the target was last looked at";
        blockers.push(block(Stage::Import, what, "look again: dualrun inertness"));
        return Outcome::Stale;
    }
    let Some(alarm) = seen.alarm() else { return Outcome::Pass };
    let (what, outcome) = if seen.is_breached() {
        (format!("the target is not inert: {alarm}"), Outcome::Fail)
    } else {
        (format!("the target is not proven inert: {alarm}"), Outcome::Inconclusive)
    };
    let remedy = if standing.is_checked { "stop it in the target, then look again: dualrun inertness" } else { CONFIGURE };
    blockers.push(block(Stage::Import, what, remedy));
    outcome
}

/// Why an import ended early, and what to do: the failure's own words where it says so, else on from where it stopped.
fn why_and_remedy(import: &Import) -> (&str, &str) {
    let failure = import.failure.as_deref().unwrap_or("no reason kept");
    let (why, own) = failure.rsplit_once(" — ").map_or((failure, None), |(why, remedy)| (why, Some(remedy)));
    let remedy = match (import.state, own) {
        (ImportState::Failed, Some(own)) => own,
        _ if import.snapshots.is_empty() => "nothing was staged: dualrun import --apply",
        _ => "import again: it goes on from there",
    };
    (why, remedy)
}

/// Imports after the one everything is measured by that did not end well: what they left is in no count of it.
fn newer(imports: &[Import], blockers: &mut Vec<Blocker>) -> Outcome {
    let Some(import) = imports.first() else { return Outcome::Pass };
    let (id, others) = (import.id, imports.len() - 1);
    if import.state == ImportState::Running {
        blockers.push(block(Stage::Import, format!("import #{id} is running"), "wait for it"));
        return Outcome::NotRun;
    }
    let others = if others > 0 { format!(", and {others} more since the last import of everything") } else { String::new() };
    let why = import.failure.as_ref().map_or_else(String::new, |why| format!(": {why}"));
    let what = format!("import #{id}, which is partial, ended {}{others}{why}", import.state.word());
    blockers.push(block(Stage::Import, what, "import everything again: dualrun import --apply"));
    Outcome::Inconclusive
}

fn staged(import: &Import, now: &OpenDeliveries, config_digest: &str, blockers: &mut Vec<Blocker>) -> StageState {
    let of = |pick: fn(&crate::domain::import::EntityPlan) -> u64| import.entities.get(&Entity::Subscriptions).map_or(0, pick);
    let taken = of(|e| e.create.count + e.update.count + e.unchanged.count);
    let filtered = of(|e| e.filtered.values().map(|g| g.count).sum());
    let summary = format!("{taken} staged · {filtered} filtered");
    let mut fail = |outcome: Outcome, what: String, remedy: &str, summary: String| {
        blockers.push(block(Stage::Import, what, remedy));
        state(Stage::Import, outcome, summary)
    };
    let id = import.id;
    match import.state {
        ImportState::Running => return fail(Outcome::NotRun, format!("import #{id} is running"), "wait for it", "running now".to_owned()),
        ImportState::Failed | ImportState::Interrupted => {
            let (why, remedy) = why_and_remedy(import);
            let what = format!("import #{id} {}: {why}", import.state.word());
            return fail(Outcome::Inconclusive, what, remedy, format!("{summary} · {}", import.state.word()));
        }
        ImportState::Staged => {
            let what = "what is staged was never handed to the target";
            let remedy = if import.request.no_loader {
                "name a loader in [import] of dualrun.toml, then dualrun import --apply"
            } else {
                "dualrun import --apply hands it over"
            };
            return fail(Outcome::NotRun, what.to_owned(), remedy, format!("{summary} · not loaded"));
        }
        ImportState::Complete | ImportState::Incomplete => {}
    }
    if import.request.config_digest != config_digest {
        let what = "the configuration changed since the import".to_owned();
        return fail(Outcome::Stale, what, "import again: dualrun import", format!("{summary} · stale"));
    }
    if taken == 0 {
        let what = "no subscription is staged: an empty import proves nothing".to_owned();
        return fail(Outcome::Inconclusive, what, "check the source's queries and their words for active", summary);
    }
    let rejected: u64 = import.entities.values().map(|e| e.rejected.values().map(|g| g.count).sum::<u64>()).sum();
    // What imports of a few left since, or somebody decided, is open as well, whatever the load came to.
    let load = &import.load;
    let parked = load.parked.max(now.parked.saturating_sub(load.rejected));
    let unknown = now.unknown.saturating_sub(load.unsent);
    let retire: u64 = import.entities.values().map(|e| e.in_target.get("retire").map_or(0, |g| g.count)).sum();
    let open = [
        (rejected, "rejected", "mend them in the source: dualrun import shows why"),
        (load.rejected, "refused by the target", "dualrun import parked list shows why"),
        (parked, "parked", "dualrun import parked list shows why; retry or drop them"),
        (
            load.dropped.max(now.dropped),
            "given up, and not in the target as they should be",
            "dualrun import parked list shows which; retry ID takes one up again",
        ),
        (load.held, "held back", "dualrun import shows what each waits for"),
        (load.mismatched.max(now.mismatched), "in the target otherwise than sent", "see each one's fields in Import (2)"),
        (load.unsent, "not sent", "import again: it goes on from there"),
        (unknown, "handed over, or to be handed over again, and not known to be there", "import again: what is there is found, what is not is sent"),
        (load.handed_over.max(now.handed_over), "in a pack, and not yet seen in the target", "have the pack taken in, then import again"),
        (
            if import.request.retire { 0 } else { retire },
            "in the target that should not be",
            "dualrun import lists them; --apply --retire retires them",
        ),
    ];
    let mut words = vec![summary];
    for (count, what, remedy) in open.into_iter().filter(|(count, ..)| *count > 0) {
        let records = if count == 1 { "record" } else { "records" };
        blockers.push(block(Stage::Import, format!("{count} {records} {what}"), remedy));
        words.push(format!("{count} {what}"));
    }
    if let (1, Some(failure)) = (words.len(), &import.failure) {
        blockers.push(block(Stage::Import, format!("import #{id}: {failure}"), "import again when that is mended"));
        words.push("incomplete".to_owned());
    }
    let mut outcome = if words.len() == 1 { Outcome::Pass } else { Outcome::Fail };
    if import.unread_deciding() {
        // What nobody reads back may be anything there: that is no mismatch, and no match either.
        let what = "fields that decide what is billed are not read back from the target";
        blockers.push(block(Stage::Import, what, "select them in [target.queries]: dualrun import lists them; then import again"));
        words.push("not all read back".to_owned());
        outcome = outcome.max(Outcome::Inconclusive);
    }
    state(Stage::Import, outcome, words.join(" · "))
}
