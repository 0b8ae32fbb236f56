//! Making a decision: under the workspace's lock, on what is there now, and every current run looked at again.

use super::touch::{Touched, subject, touched_by_rows, touched_by_waiver};
use super::{Chosen, acts, facts, look};
use crate::app::error::AppError;
use crate::domain::period::Zone;
use crate::domain::person::same_person;
use crate::domain::review::{Act, Deed, Expected, Subject, Terms, Waiver, WaiverState};
use crate::domain::run::Run;
use crate::domain::text::shown;
use crate::ports::clock::Clock;
use crate::ports::workspace::{RowLine, WorkspaceDoor, WorkspaceWriter};
use chrono::DateTime;
use std::sync::Arc;
use std::time::Duration;

/// Who decides, and where.
pub struct Desk<'a> {
    /// The workspace.
    pub door: &'a dyn WorkspaceDoor,
    /// The clock.
    pub clock: &'a dyn Clock,
    /// The service.
    pub service: &'a str,
    /// Its zone, in which days end.
    pub zone: Zone,
    /// Who acts; attested, not signed.
    pub actor: &'a str,
    /// Longest wait for another program that writes the workspace.
    pub wait: Duration,
}

/// A waiver that was made.
#[derive(Debug, Clone)]
pub struct Waived {
    /// Its number.
    pub id: i64,
    /// What it accepts in the run it was made on, once it is confirmed.
    pub touched: Touched,
}

/// A deed about rows that was kept.
#[derive(Debug, Clone)]
pub struct Decided {
    /// The act's number.
    pub act: i64,
    /// What it touched.
    pub touched: Touched,
}

impl Desk<'_> {
    pub(super) async fn enter(&self, purpose: &str) -> Result<Arc<dyn WorkspaceWriter>, AppError> {
        Ok(self.door.write(purpose, self.actor, self.wait).await?)
    }

    /// Enters to decide on a run, which must be one of the desk's own service: what is decided of one says nothing of another's rows.
    async fn enter_for(&self, run: &Run, purpose: &str) -> Result<Arc<dyn WorkspaceWriter>, AppError> {
        if run.request.service != self.service {
            let (of, own) = (shown(&run.request.service, 60), shown(self.service, 60));
            return Err(AppError::Usage(format!("run #{} is of service {of}, and decisions here are of {own} — choose one of its own runs", run.id)));
        }
        self.enter(purpose).await
    }

    pub(super) fn act(&self, run: &Run, deed: Deed, subjects: Vec<Subject>) -> Act {
        let (service, actor) = (self.service.to_owned(), self.actor.to_owned());
        Act { id: 0, service, at: DateTime::UNIX_EPOCH, actor, run: run.id, month: run.request.month, deed, subjects }
    }

    /// Keeps an act; where it changes how rows stand, looks at them anew: those of the current runs, and of the run it looked at.
    pub(super) async fn keep(&self, store: &dyn WorkspaceWriter, act: &Act) -> Result<Act, AppError> {
        let kept = store.decide(act).await?;
        if kept.deed.decides() {
            let acts = acts(store, self.service).await?;
            let mut runs: Vec<Run> = store.current_runs().await?.into_iter().filter(|r| r.request.service == self.service).collect();
            if !runs.iter().any(|r| r.id == act.run) {
                runs.push(store.run(act.run).await?);
            }
            for run in &runs {
                look(store, run, &acts, (self.zone, self.clock.now())).await?;
            }
        }
        Ok(kept)
    }

    async fn waiver(&self, store: &dyn WorkspaceWriter, id: i64) -> Result<(Waiver, Run), AppError> {
        let acts = store.acts(self.service).await?;
        let run = acts.iter().find(|a| a.id == id).map(|a| a.run);
        let waiver = Waiver::all(&acts).into_iter().find(|w| w.id == id).zip(run);
        let (waiver, run) = waiver.ok_or_else(|| AppError::Usage(format!("there is no waiver #{id} — dualrun waive list shows them")))?;
        Ok((waiver, store.run(run).await?))
    }
}

/// Makes a waiver on what a run shows. It counts for nothing until a second person confirms it.
pub async fn waive(desk: &Desk<'_>, run: &Run, terms: &Terms) -> Result<Waived, AppError> {
    let refuse = |why: String| Err(AppError::Usage(why));
    if terms.owner.trim().is_empty() || terms.reason.trim().is_empty() {
        return refuse("a waiver has an owner and a reason — write --owner and --reason".to_owned());
    }
    if terms.expires < desk.zone.day_of(desk.clock.now()) {
        return refuse(format!("{} is over — write a last day to come", terms.expires));
    }
    let store = desk.enter_for(run, "waive").await?;
    let touched = touched_by_waiver(store.as_ref(), run, terms).await?;
    if touched.sum.rows == 0 {
        return refuse(format!("no row of run #{} would be waived — look at the rows without --apply", run.id));
    }
    if let Some((currency, ..)) = touched.over(terms).first() {
        return refuse(format!("its rows pass the cap in {currency} already — write a higher --cap, or fewer rows"));
    }
    let subjects = if terms.expected == Expected::AsNow { touched.subjects.clone() } else { Vec::new() };
    let act = desk.keep(store.as_ref(), &desk.act(run, Deed::Waive(Box::new(terms.clone())), subjects)).await?;
    Ok(Waived { id: act.id, touched })
}

/// Confirms a waiver, as another person than who made it.
pub async fn confirm(desk: &Desk<'_>, id: i64) -> Result<Waiver, AppError> {
    let store = desk.enter("waive confirm").await?;
    let (waiver, run) = desk.waiver(store.as_ref(), id).await?;
    let refuse = |why: String| Err(AppError::Usage(why));
    match waiver.state(desk.zone.day_of(desk.clock.now())) {
        WaiverState::NotConfirmed => {}
        WaiverState::Counts => return refuse(format!("waiver #{id} is confirmed already")),
        state => return refuse(format!("waiver #{id} is {} — make another", state.word())),
    }
    if same_person(&waiver.made_by, desk.actor) {
        let who = shown(desk.actor, 60);
        return refuse(format!("waiver #{id} was made by {who}: a second person confirms it — write --as with your own name"));
    }
    desk.keep(store.as_ref(), &desk.act(&run, Deed::Confirm { waiver: id }, Vec::new())).await?;
    Ok(desk.waiver(store.as_ref(), id).await?.0)
}

/// Ends a waiver.
pub async fn revoke(desk: &Desk<'_>, id: i64, reason: &str) -> Result<Waiver, AppError> {
    let store = desk.enter("waive revoke").await?;
    let (waiver, run) = desk.waiver(store.as_ref(), id).await?;
    if waiver.revoked.is_some() {
        return Err(AppError::Usage(format!("waiver #{id} is revoked already")));
    }
    let deed = Deed::Revoke { waiver: id, reason: reason.to_owned() };
    desk.keep(store.as_ref(), &desk.act(&run, deed, Vec::new())).await?;
    Ok(desk.waiver(store.as_ref(), id).await?.0)
}

/// Says something of rows: that they are mended or not after all, whose task they are, or a word.
pub async fn decide_on(desk: &Desk<'_>, run: &Run, rows: &Chosen, deed: Deed) -> Result<Decided, AppError> {
    let store = desk.enter_for(run, if deed.decides() { "resolve" } else { "note" }).await?;
    let touched = touched_by_rows(store.as_ref(), run, rows, deed.decides()).await?;
    if touched.sum.rows == 0 {
        return Err(AppError::Usage(format!("no row of run #{} to decide on — look at the rows first", run.id)));
    }
    let act = desk.keep(store.as_ref(), &desk.act(run, deed, touched.subjects.clone())).await?;
    Ok(Decided { act: act.id, touched })
}

/// Says a word about one row, and whose task it is.
pub async fn note(desk: &Desk<'_>, run: &Run, line: &RowLine, deeds: Vec<Deed>) -> Result<Vec<Act>, AppError> {
    let store = desk.enter_for(run, "note").await?;
    let mut kept = Vec::with_capacity(deeds.len());
    for deed in deeds {
        let about = vec![subject(line, &facts(line))];
        kept.push(desk.keep(store.as_ref(), &desk.act(run, deed, about)).await?);
    }
    Ok(kept)
}
