//! Jobs: one at a time, started by a command, ended by a message.

use super::{LOCK_WAIT, flip, gates, import};
use crate::app::progress::Progress;
use crate::app::reconcile::ReconcileOptions;
use crate::domain::period::Month;
use crate::domain::run::{Run, RunState};
use crate::domain::text::shown;
use crate::present::{fixes, numbers, words};
use crate::tui::keymap::{Command, Context};
use crate::tui::model::job::{Ended, FlipDone, Job, JobAsked, JobDone};
use crate::tui::model::{Model, Notice, Overlay, Screen, Trouble};
use crate::tui::msg::Effect;

/// Why no job can be started now.
pub fn cannot_run(model: &Model) -> Option<Trouble> {
    let trouble = |what: String, remedy: &str| Some(Trouble { what, remedy: remedy.to_owned() });
    if !model.setup.can_run {
        return trouble("there is no project here to work on".to_owned(), "make one with dualrun init, or start in its directory (-C DIR)");
    }
    if let Some(job) = model.job.as_ref().filter(|j| j.ended.is_none()) {
        let key = model.setup.keys.name(Context::Global, Command::Cancel);
        return trouble(format!("{} is running already", job.asked.noun()), &format!("wait for it, or cancel it with {key} (Activity)"));
    }
    if model.plan.settling {
        return trouble("a decision about parked records is being written".to_owned(), "try again in a moment");
    }
    None
}

/// Starts a job, where none runs.
pub fn start(model: &mut Model, asked: JobAsked) -> Vec<Effect> {
    if let Some(trouble) = cannot_run(model) {
        model.notice = Some(Notice::Trouble(trouble));
        return Vec::new();
    }
    model.job = Some(Job::new(asked.clone(), model.now));
    vec![Effect::Start(asked)]
}

/// Reconciles months, and goes where that can be watched.
pub fn reconcile(model: &mut Model, months: Vec<Month>, recheck: bool) -> Vec<Effect> {
    let options = ReconcileOptions { months, only: Vec::new(), dry_run: false, recheck, wait: LOCK_WAIT };
    let effects = start(model, JobAsked::Reconcile(options));
    if !effects.is_empty() {
        model.screen = Screen::Activity;
    }
    effects
}

/// The job said something. When handing over begins, what was staged and seen of the target just before is kept already: it is read.
pub fn hear(model: &mut Model, heard: Vec<Progress>) -> Vec<Effect> {
    let now = model.now;
    let Some(job) = &mut model.job else { return Vec::new() };
    let loading = job.loaded.is_some();
    for progress in heard {
        job.hear(progress, now);
    }
    if job.loaded.is_some() && !loading { vec![Effect::LoadBook] } else { Vec::new() }
}

/// The job ended.
pub fn ended(model: &mut Model, answer: Result<JobDone, Trouble>) -> Vec<Effect> {
    let (words, well) = match &answer {
        Ok(JobDone::Runs(runs)) => (ending(runs), runs.iter().all(|r| r.state == RunState::Complete)),
        Ok(JobDone::Planned(planned)) => import::planned_words(planned),
        Ok(JobDone::Applied(applied)) => import::applied_words(applied),
        Ok(JobDone::Inertness(seen)) => import::seen_words(seen),
        Ok(JobDone::Checked(made)) => gates::made_words(made),
        Ok(JobDone::Flip(done)) => flip::done_words(done),
        Ok(JobDone::Written(rows, path)) => (format!("{} in {}", numbers::counted(*rows, "row", "rows"), shown(&path.to_string_lossy(), 200)), true),
        Ok(JobDone::Fixes(run, found)) => {
            (format!("{} would close most of run #{run}", numbers::counted(found.chosen.len() as u64, "correction", "corrections")), true)
        }
        Err(trouble) => (trouble.what.clone(), false),
    };
    let of_import = model.job.as_ref().is_some_and(|j| j.asked.is_of_import());
    if let Some(job) = &mut model.job {
        job.ended = Some(Ended { at: model.now, words: words.clone(), well });
    }
    if model.leaving {
        return vec![Effect::Quit];
    }
    model.overlays.retain(|o| !matches!(o, Overlay::Confirm(_)));
    model.notice = Some(match (&answer, well) {
        (Ok(_), true) | (Ok(JobDone::Runs(_)), _) => Notice::Done(words),
        (Ok(_), false) => Notice::Trouble(Trouble { what: words, remedy: String::new() }),
        (Err(trouble), _) => Notice::Trouble(trouble.clone()),
    });
    match answer {
        Ok(JobDone::Runs(runs)) => show(model, &runs),
        Ok(JobDone::Planned(planned)) => import::planned(model, *planned),
        Ok(JobDone::Applied(applied)) => import::applied(model, *applied),
        Ok(JobDone::Inertness(seen)) => import::seen(model, seen),
        Ok(JobDone::Checked(_)) => model.owes_head = true,
        Ok(JobDone::Fixes(run, found)) => {
            let title = format!("What would close most of run #{run}");
            model.overlays.push(Overlay::Text { title, lines: fixes::lines(&found), scroll: 0 });
        }
        Ok(JobDone::Flip(done)) => {
            flip::done(model, &done);
            model.owes_head = !matches!(done, FlipDone::Simulated(_));
        }
        Err(trouble) if of_import => model.plan.trouble = Some(trouble),
        Ok(JobDone::Written(..)) | Err(_) => {}
    }
    vec![Effect::LoadBook]
}

/// Shows the last of the runs that ended.
fn show(model: &mut Model, runs: &[Run]) {
    let Some(run) = runs.last() else { return };
    model.month = Some(run.request.month);
    model.chosen = (!run.current).then_some(run.id);
    model.facts.remove(&run.id);
    // Found in the book at once, also before it is read again.
    model.book.runs.retain(|r| r.id != run.id);
    model.book.runs.insert(0, run.clone());
}

fn ending(runs: &[Run]) -> String {
    let one = |run: &Run| {
        let marks = words::run_marks(run);
        let state = if marks.is_empty() { run.state.word().to_owned() } else { marks.join(" · ") };
        let rows = numbers::counted(run.tally.counts.total(), "row", "rows");
        match run.recheck {
            Some(r) => format!(
                "run #{} {}: {state}, {} match now, {} still differ, {} gone",
                run.id, run.request.month, r.now_matches, r.still_differs, r.gone
            ),
            None => format!("run #{} {}: {state}, {rows}", run.id, run.request.month),
        }
    };
    if runs.is_empty() { "nothing was run".to_owned() } else { runs.iter().map(one).collect::<Vec<_>>().join(" · ") }
}
