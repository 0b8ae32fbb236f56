//! Does what a person does at once: looks at a stage, signs, says no, states, decides.

use super::{Services, no_project};
use crate::app::error::AppError;
use crate::app::flip::{Decision, decide};
use crate::app::gates::{Asking, GateDesk, Sealing, attest, confirm, look, no_go, ready, runbook_of, select, sign};
use crate::app::project::Project;
use crate::app::review::{
    Chosen, Decided, Desk, Touched, confirm as confirm_waiver, decide_on, facts, stays, take_back, touched_by_rows, touched_by_waiver, waive,
};
use crate::domain::gate::{GateAct, GateDeed, Seal, SignatureRule};
use crate::domain::review::{Deed, Terms};
use crate::domain::run::Run;
use crate::domain::text::shown;
use crate::ports::workspace::RowLine;
use crate::present::words::outcome_label;
use crate::present::{money, numbers};
use crate::tui::model::Trouble;
use crate::tui::model::deed::{DeedAsked, Made, SealBy, SignLook};
use crate::tui::model::undo::{Undo, Way};
use crate::tui::msg::Kept;
use crate::tui::update::LOCK_WAIT;
use std::path::PathBuf;
use std::time::Duration;
use tokio::runtime::Handle;
use tokio::task::spawn_blocking;

/// How long a word about the flip waits for a flip that is at work: it lets go of the workspace between two steps.
const HOLD_WAIT: Duration = Duration::from_secs(30);

/// Looks at a stage as whoever acts here.
pub(super) async fn look_to_sign(services: &Services, stage: &str) -> Result<Box<SignLook>, Trouble> {
    let (services, stage) = (services.clone(), stage.to_owned());
    blocking(move |handle| {
        let project = services.project.as_ref().ok_or_else(no_project)?;
        let desk = GateDesk::of(project, LOCK_WAIT);
        let view = handle.block_on(look(&desk, &stage, None, None)).map_err(|e| Trouble::of(&e))?;
        let by_key = services.agent.as_deref().map(|agent| ready(&desk, &view, agent));
        let by = match (by_key, view.stage.signature) {
            (Some(Ok(())), _) => Ok(SealBy::Agent),
            (_, SignatureRule::Attested) => Ok(SealBy::Name),
            (Some(Err(why)), SignatureRule::Signed) => Err(why.to_string()),
            (None, SignatureRule::Signed) => Err("no ssh-agent runs here".to_owned()),
        };
        Ok(Box::new(SignLook { view, by }))
    })
    .await
}

/// Does it; what became of it, in words, with who did it.
pub(super) async fn act(services: &Services, asked: DeedAsked) -> Result<Kept, Trouble> {
    let services = services.clone();
    // A signature may wait for a person, and the workspace for another program: the loop must not.
    blocking(move |handle| {
        let project = services.project.as_ref().ok_or_else(no_project)?;
        handle.block_on(done(&services, project, &asked)).map_err(|e| Trouble::of(&e))
    })
    .await
}

async fn blocking<T: Send + 'static>(work: impl FnOnce(&Handle) -> Result<T, Trouble> + Send + 'static) -> Result<T, Trouble> {
    let handle = Handle::current();
    spawn_blocking(move || work(&handle)).await.map_err(|e| Trouble::of(&e))?
}

/// Opens the project of a copy: where it is, and the programs that would act there.
pub(super) async fn look_at_copy(services: &Services, dir: PathBuf) -> Result<(PathBuf, Vec<String>), Trouble> {
    let services = services.clone();
    blocking(move |_| {
        let project = services.project.as_ref().ok_or_else(no_project)?;
        let copies = services.copies.as_ref().ok_or_else(|| Trouble { what: "no copy can be opened here".to_owned(), remedy: String::new() })?;
        let dir = project.dir.join(dir);
        let copy = copies(&dir).map_err(|why| Trouble::of(&why))?;
        let loaders = copy.flip.iter().flat_map(|flip| std::iter::once(&flip.source).chain(&flip.target));
        let programs = loaders.map(|loader| loader.place()).collect();
        Ok((dir, programs))
    })
    .await
}

fn review_desk(project: &Project) -> Desk<'_> {
    Desk {
        door: project.door.as_ref(),
        clock: project.clock.as_ref(),
        service: &project.profile.service,
        zone: project.profile.zone,
        actor: &project.actor,
        wait: LOCK_WAIT,
    }
}

async fn run_of(project: &Project, run: i64) -> Result<Run, AppError> {
    let store = project.door.read().await?;
    Ok(store.ok_or_else(|| AppError::Usage("the workspace is gone — read it again (F5)".to_owned()))?.run(run).await?)
}

/// What a waiver would touch, in lines: rows and money, what passes a cap, the largest rows.
pub(super) async fn touched(services: &Services, run: i64, terms: &Terms) -> Result<Vec<String>, Trouble> {
    let project = services.project.as_ref().ok_or_else(no_project)?;
    touched_lines(project, run, terms).await.map_err(|e| Trouble::of(&e))
}

async fn touched_lines(project: &Project, run: i64, terms: &Terms) -> Result<Vec<String>, AppError> {
    let run = run_of(project, run).await?;
    let store = project.door.read().await?.ok_or_else(|| AppError::Usage("the workspace is gone — read it again (F5)".to_owned()))?;
    let touched = touched_by_waiver(store.as_ref(), &run, terms).await?;
    let mut lines = told_lines(&run, &touched);
    let mut more = Vec::new();
    for (currency, sum, cap) in touched.over(terms) {
        let cap = cap.map_or_else(|| "there is no cap".to_owned(), |cap| format!("the cap is {}", money::grouped(cap, currency)));
        more.push(format!("! {} {currency}, and {cap}: it would not be made", money::grouped(sum, currency)));
    }
    lines.splice(1..1, more);
    Ok(lines)
}

/// What a deed about rows would touch, in lines.
pub(super) async fn rows_touched(services: &Services, run: i64, rows: &Chosen, decides: bool) -> Result<Vec<String>, Trouble> {
    let project = services.project.as_ref().ok_or_else(no_project)?;
    let look = async {
        let run = run_of(project, run).await?;
        let store = project.door.read().await?.ok_or_else(|| AppError::Usage("the workspace is gone — read it again (F5)".to_owned()))?;
        Ok::<_, AppError>(told_lines(&run, &touched_by_rows(store.as_ref(), &run, rows, decides).await?))
    };
    look.await.map_err(|e| Trouble::of(&e))
}

/// Rows and money, what is left out, the largest rows.
fn told_lines(run: &Run, touched: &Touched) -> Vec<String> {
    /// Rows listed.
    const LARGEST: usize = 4;
    let net = touched.sum.money.iter().map(|(c, (net, _))| format!("{} {c}", money::signed(*net, *c)));
    let at_stake = money::list(touched.at_stake.iter().map(|(c, sum)| (*c, *sum)));
    let rows = numbers::counted(touched.sum.rows, "row", "rows");
    let mut lines = vec![format!("It would touch {rows} of {}: {}, {at_stake} at stake.", run.request.month, net.collect::<Vec<_>>().join(", "))];
    for (n, what) in [(touched.other_amount, "differ by another amount and stay open"), (touched.incomparable, "cannot be compared, nor decided on")]
    {
        if n > 0 {
            lines.push(format!("{} {what}", numbers::counted(n, "row", "rows")));
        }
    }
    let amount =
        |row: &RowLine| facts(row).delta.zip(facts(row).currency).map_or_else(|| "–".to_owned(), |(d, c)| format!("{} {c}", money::signed(d, c)));
    lines.extend(touched.largest.iter().take(LARGEST).map(|row| format!("  {} · {} · {}", row.key.shown(40), row.customer.shown(30), amount(row))));
    lines
}

async fn done(services: &Services, project: &Project, asked: &DeedAsked) -> Result<Kept, AppError> {
    let desk = GateDesk::of(project, LOCK_WAIT);
    // Only who signed, stated or held takes that back, and says why: not with a key in passing.
    let not = |words: String, why: &str| Kept { undo: Some(Undo { words: words.clone(), way: Way::Not(why.to_owned()) }), words };
    match asked {
        DeedAsked::Sign(view, by) => {
            let agent = services.agent.as_deref().filter(|_| *by == SealBy::Agent);
            let signed = sign(&desk, view, agent.map_or(Sealing::Attested, Sealing::Signed)).await?;
            Ok(not(signed_words(&signed.act), "dualrun sign --withdraw takes a sign-off back"))
        }
        DeedAsked::NoGo { stage, reason } => {
            let act = no_go(&desk, stage, None, reason).await?;
            let words = format!("act {}: no-go for {} by {}", act.id, shown(stage, 40), shown(&act.actor, 40));
            Ok(not(words, "dualrun sign --withdraw takes a no-go back"))
        }
        DeedAsked::Attest { name, environment, note, holds, file } => {
            let runbook = runbook_of(project.gates.runbook.as_ref())?;
            let chosen = select(runbook, std::slice::from_ref(name))?;
            let of = chosen.first().ok_or_else(|| AppError::Usage(format!("there is no check {}", shown(name, 80))))?;
            let asking = Asking { environment, wait: LOCK_WAIT };
            let made =
                attest(project, (&of.stage.id, of.check), (note, *holds, file.as_deref().map(|file| project.dir.join(file)).as_deref()), asking)
                    .await?;
            let (outcome, by) = (outcome_label(made.evidence.outcome.word()), shown(&made.act.actor, 40));
            Ok(not(format!("act {}: {} stated by {by}: {outcome}", made.act.id, shown(name, 80)), "state it anew: the newest counts"))
        }
        DeedAsked::Waive { run, terms } => {
            let made = waive(&review_desk(project), &run_of(project, *run).await?, terms).await?;
            let by = shown(&project.actor, 40);
            let undo = Undo { words: format!("waiver #{} by {by}", made.id), way: Way::Act(made.id) };
            let words = format!("waiver #{} by {by}: a second person confirms it (dualrun waive confirm {})", made.id, made.id);
            Ok(Kept { words, undo: Some(undo) })
        }
        DeedAsked::Rows { run, rows, deed } => {
            let Decided { act, touched } = decide_on(&review_desk(project), &run_of(project, *run).await?, rows, deed.clone()).await?;
            let whom = match (&touched.subjects[..], touched.sum.rows) {
                ([one], 1) => one.key.shown(40),
                (_, n) => numbers::counted(n, "row", "rows"),
            };
            let words = format!("act {act}: {} {whom} by {}", deed_words(deed), shown(&project.actor, 40));
            let way = stays(deed).map_or(Way::Act(act), |why| Way::Not(why.to_owned()));
            Ok(Kept { undo: Some(Undo { words: words.clone(), way }), words })
        }
        DeedAsked::TakeBack(act) => {
            take_back(&review_desk(project), *act).await?;
            Ok(Kept { words: format!("act {act} is taken back by {}", shown(&project.actor, 40)), undo: None })
        }
        DeedAsked::Decide(decision, reason) => {
            decide(project, decision, reason, HOLD_WAIT).await?;
            let (what, back) = match decision {
                Decision::Hold => {
                    ("the flip held: nothing of it is done until somebody resumes it".to_owned(), "on Flip, hold and resume are the same key")
                }
                Decision::Resume => ("the flip may go on".to_owned(), "on Flip, hold and resume are the same key"),
                Decision::Postpone(wave, until) => (format!("wave {wave} is not applied before {until}"), "postpone it anew: the newest day counts"),
                Decision::Abort(wave) => (format!("wave {wave} goes no further"), "it can only be backed out, or its subscriptions be planned anew"),
            };
            Ok(not(format!("{what} · by {}", shown(&project.actor, 40)), back))
        }
        DeedAsked::Agree(Made::Act(id, seen)) => {
            let act = confirm(&desk, *id, *seen, Sealing::WhereAsked(services.agent.as_deref())).await?;
            let words = format!("act {}: {} agreed to act {id}, and it counts", act.id, shown(&act.actor, 40));
            Ok(not(words, "dualrun sign --withdraw takes back what was agreed to"))
        }
        DeedAsked::Agree(Made::Waiver(id)) => {
            confirm_waiver(&review_desk(project), *id).await?;
            let words = format!("waiver #{id} counts: {} agreed to it", shown(&project.actor, 40));
            Ok(not(words, "dualrun waive revoke ends a waiver"))
        }
    }
}

/// What was said, before the rows it was said of.
const fn deed_words(deed: &Deed) -> &'static str {
    match deed {
        Deed::Note { .. } => "a note about",
        Deed::Own { .. } => "an owner of",
        Deed::Resolve { .. } => "mended:",
        Deed::Reopen { .. } => "open again:",
        Deed::Waive(_) | Deed::Confirm { .. } | Deed::Revoke { .. } => "a waiver of",
    }
}

fn signed_words(act: &GateAct) -> String {
    let who = shown(&act.actor, 40);
    let GateDeed::Sign(signoff) = &act.deed else { return format!("act {}: kept by {who}", act.id) };
    let seal = match &signoff.seal {
        Seal::Attested => "ATTESTED by name only".to_owned(),
        Seal::Ssh { fingerprint, .. } => format!("by key {}", shown(fingerprint, 60)),
    };
    format!("act {}: {who} signed {} as {} · {seal}", act.id, shown(&signoff.stage, 40), shown(&signoff.role, 40))
}
