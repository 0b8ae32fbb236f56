//! Does effects: each as a task that answers with a message. The only place of the terminal that awaits the workspace.

mod deeds;
mod jobs;
mod jump;
mod watch;
mod writing;

use super::keymap::Keymap;
use super::model::job::JobAsked;
use super::model::{Book, Facts, History, Trouble};
use super::msg::{DetailAnswer, Effect, Msg, ViewDeed};
use super::update::LOCK_WAIT;
use crate::app::error::AppError;
use crate::app::explain::beside::{Beside, beside};
use crate::app::explain::export::{Golden, golden, keep};
use crate::app::explain::together;
use crate::app::flip::way;
use crate::app::import::{Meant, ParkedVerb, settle_parked};
use crate::app::progress::{Observer, Progress};
use crate::app::project::Project;
use crate::app::standing::imports;
use crate::app::views;
use crate::config::user::Looks;
use crate::domain::explanation::Certainty;
use crate::domain::import::Delivery;
use crate::domain::period::Month;
use crate::domain::review::Waiver;
use crate::domain::shadow::RecordId;
use crate::domain::verdict::Verdict;
use crate::ports::clock::Clock;
use crate::ports::memory::Memory;
use crate::ports::signer::Signer;
use crate::ports::workspace::{
    FilterTotals, PageFrom, PageRequest, RowDetail, RowFilter, RowLine, Sort, SortColumn, StoreError, Workspace, WorkspaceDoor,
};
use crate::report::json_text;
use std::collections::{BTreeMap, HashMap};
use std::mem::Discriminant;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::mpsc::Sender;
use tokio::task::{AbortHandle, spawn_blocking};
use tokio_util::sync::CancellationToken;

/// Runs looked back on.
const RUNS: usize = 200;
/// Journal entries and unreadable rows shown.
const TAIL: usize = 500;
/// Rows shown as the worst of a run.
const WORST: usize = 12;
/// Where exported cases go, in the project's directory.
const CASES: &str = "cases";
/// Months of the history of a key.
const MONTHS: usize = 24;

/// Recomputes the lines of a row's rating.
pub type Steps = Arc<dyn Fn(&RowDetail) -> Vec<String> + Send + Sync>;

/// Opens the project of a copy by its directory; else says why not.
pub type Copies = Arc<dyn Fn(&Path) -> Result<Project, String> + Send + Sync>;

/// What the terminal may reach.
#[derive(Clone)]
pub struct Services {
    /// The workspace.
    pub door: Arc<dyn WorkspaceDoor>,
    /// The project; `None` where the workspace can only be looked at.
    pub project: Option<Project>,
    /// The clock.
    pub clock: Arc<dyn Clock>,
    /// Signs by the agent that runs here; `None` where none does.
    pub agent: Option<Arc<dyn Signer>>,
    /// Lines of a row's rating.
    pub steps: Steps,
    /// Whether the terminal opens with the short tour.
    pub tour: bool,
    /// Whether it opens with the question which month to reconcile.
    pub ask_month: bool,
    /// Opens the copy that a wave is rehearsed on; `None` where none can be.
    pub copies: Option<Copies>,
    /// Keeps what returns at the next start; `None` where nothing is to return.
    pub memory: Option<Arc<dyn Memory>>,
    /// What of the looks was chosen.
    pub looks: Looks,
    /// The keys in force.
    pub keys: Arc<Keymap>,
}

/// Progress of the job, newest of each kind, until somebody looks.
#[derive(Debug, Default)]
pub struct Heard(Mutex<Vec<Progress>>);

impl Heard {
    /// What came since the last look.
    pub fn take(&self) -> Vec<Progress> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Observer for Heard {
    fn hear(&self, progress: Progress) {
        let mut heard = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let replaces = |old: &Progress| match (old, &progress) {
            (Progress::Read { side, entity, .. }, Progress::Read { side: s, entity: e, .. }) => side == s && entity == e,
            (Progress::Judged { .. }, Progress::Judged { .. }) | (Progress::Loaded { .. }, Progress::Loaded { .. }) => true,
            _ => false,
        };
        match heard.iter_mut().find(|old| replaces(old)) {
            Some(old) => *old = progress,
            None => heard.push(progress),
        }
    }
}

/// Does effects.
pub struct Runner {
    services: Services,
    answers: Sender<Msg>,
    /// The workspace as it was opened last: opening it costs more than reading a page.
    opened: Opened,
    /// The newest reading of each kind of which only the newest is wanted.
    newest: HashMap<Discriminant<Effect>, AbortHandle>,
    cancel: CancellationToken,
    /// What the running job says.
    pub heard: Arc<Heard>,
}

impl Runner {
    /// A runner that answers there.
    pub fn new(services: Services, answers: Sender<Msg>) -> Self {
        Self { services, answers, opened: Opened::default(), newest: HashMap::new(), cancel: CancellationToken::new(), heard: Arc::default() }
    }

    /// Watches the workspace for what other programs write.
    pub fn watch(&self) {
        tokio::spawn(watch::watch(Arc::clone(&self.services.door), self.answers.clone()));
    }

    /// Starts an effect. Those of the terminal itself (copy, suspend, quit) are not its business.
    pub fn start(&mut self, effect: Effect) {
        let (services, answers) = (self.services.clone(), self.answers.clone());
        match effect {
            Effect::Start(asked) => return self.start_job(asked),
            Effect::CancelJob => return self.cancel.cancel(),
            Effect::Copy(_) | Effect::Suspend | Effect::Quit => return,
            _ => {}
        }
        let kind = std::mem::discriminant(&effect);
        let one = matches!(effect, Effect::LoadPage { .. } | Effect::LoadTotals { .. } | Effect::LoadDetail { .. } | Effect::Jump { .. });
        let (opened, tell) = (self.opened.clone(), answers.clone());
        let task = tokio::spawn(async move { answer(&services, &opened, &tell, effect).await });
        if one && let Some(older) = self.newest.insert(kind, task.abort_handle()) {
            // Nobody waits for it any more.
            older.abort();
        }
        tokio::spawn(async move {
            // A panicked task still wakes the loop, which then ends; nobody listens any more only when the program is leaving.
            let msg = match task.await {
                Ok(msg) => msg,
                Err(e) if e.is_cancelled() => None,
                Err(e) => Some(Msg::Copied(Err(Trouble::of(&e)))),
            };
            if let Some(msg) = msg {
                let _ = answers.send(msg).await;
            }
        });
    }

    fn start_job(&mut self, asked: JobAsked) {
        self.cancel = CancellationToken::new();
        self.heard = Arc::default();
        let (project, copies, answers) = (self.services.project.clone(), self.services.copies.clone(), self.answers.clone());
        let (observer, cancel): (Arc<dyn Observer>, _) = (self.heard.clone(), self.cancel.clone());
        tokio::spawn(async move {
            let job = tokio::spawn(async move {
                match project {
                    None => Err(no_project()),
                    Some(project) => jobs::work((&project, copies.as_ref()), &asked, observer, cancel).await.map_err(|e| Trouble::of(&e)),
                }
            });
            let ended = job.await.unwrap_or_else(|e| Err(Trouble::of(&e)));
            let _ = answers.send(Msg::JobEnded(ended)).await;
        });
    }

    /// Cancels the job, as on leaving.
    pub fn cancel(&self) {
        self.cancel.cancel();
    }
}

fn no_project() -> Trouble {
    Trouble { what: "there is no project here".to_owned(), remedy: String::new() }
}

async fn settle(services: &Services, verb: ParkedVerb, records: &[RecordId]) -> Result<Vec<Delivery>, Trouble> {
    let project = services.project.as_ref().ok_or_else(no_project)?;
    settle_parked(project, verb, Meant::Records(records), LOCK_WAIT).await.map_err(|e| Trouble::of(&e))
}

/// A workspace that was opened, shared by readings.
#[derive(Clone, Default)]
struct Opened(Arc<Mutex<Option<Arc<dyn Workspace>>>>);

impl Opened {
    /// The workspace: opened anew where runs are read, since then it may be another one.
    async fn get(&self, door: &dyn WorkspaceDoor, anew: bool) -> Result<Option<Arc<dyn Workspace>>, StoreError> {
        let known = if anew { None } else { self.0.lock().unwrap_or_else(PoisonError::into_inner).clone() };
        if known.is_some() {
            return Ok(known);
        }
        let opened = door.read().await;
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone_from(opened.as_ref().unwrap_or(&None));
        opened
    }
}

/// Between two words about how far a page has come: each costs a picture.
const WORDS: Duration = Duration::from_millis(100);

/// Tells how far a page has come; what does not get through at once is left out, for newer words follow.
fn telling(answers: &Sender<Msg>, ticket: u64) -> impl Fn(u64, u64) + Send + Sync {
    let (answers, last) = (answers.clone(), Mutex::new(Instant::now()));
    move |rows, of| {
        let mut last = last.lock().unwrap_or_else(PoisonError::into_inner);
        if last.elapsed() >= WORDS {
            *last = Instant::now();
            drop(answers.try_send(Msg::Looked(ticket, rows, of)));
        }
    }
}

/// Tells what a filter comes to so far, as [`telling`] does.
fn adding(answers: &Sender<Msg>, ticket: u64) -> impl Fn(FilterTotals, u64, u64) + Send + Sync {
    let (answers, last) = (answers.clone(), Mutex::new(Instant::now()));
    move |totals, rows, of| {
        let mut last = last.lock().unwrap_or_else(PoisonError::into_inner);
        if last.elapsed() >= WORDS {
            *last = Instant::now();
            drop(answers.try_send(Msg::Adding(ticket, totals, (rows, of))));
        }
    }
}

/// Reads what an effect asks for.
async fn answer(services: &Services, opened: &Opened, answers: &Sender<Msg>, effect: Effect) -> Option<Msg> {
    if let Effect::Settle(verb, ids) = &effect {
        return Some(Msg::Settled(*verb, settle(services, *verb, ids).await));
    }
    let effect = match effect {
        Effect::LookToSign(stage) => return Some(Msg::SignLook(deeds::look_to_sign(services, &stage).await)),
        Effect::Touch { run, terms } => return Some(Msg::Touched(deeds::touched(services, run, &terms).await)),
        Effect::LookAtCopy { wave, dir } => return Some(Msg::CopySeen(wave, deeds::look_at_copy(services, dir).await)),
        Effect::TouchRows { ticket, run, rows, decides } => {
            return Some(Msg::RowsTouched(ticket, deeds::rows_touched(services, run, &rows, decides).await));
        }
        Effect::ChangeViews(deed) => return Some(change_views(services, deed).await),
        Effect::Do(asked) => return Some(Msg::Done(deeds::act(services, asked).await)),
        other => other,
    };
    let opened = opened.get(&*services.door, effect == Effect::LoadBook).await.map_err(|e| Trouble::of(&e));
    if let (Effect::LoadBook, Ok(None)) = (&effect, &opened) {
        return Some(Msg::Book(Ok(None)));
    }
    let workspace =
        opened.and_then(|w| w.ok_or_else(|| Trouble { what: "the workspace is gone".to_owned(), remedy: "read it again (F5)".to_owned() }));
    let msg = match (effect, workspace) {
        (Effect::LoadBook, w) => Msg::Book(match w {
            Ok(w) => load_book(&*w, services).await.map(|b| Some(Box::new(b))).map_err(|e| Trouble::of(&e)),
            Err(trouble) => Err(trouble),
        }),
        (Effect::LoadFacts(run), w) => Msg::Facts(
            run,
            match w {
                Ok(w) => load_facts(&*w, run).await.map_err(|e| Trouble::of(&e)),
                Err(trouble) => Err(trouble),
            },
        ),
        (Effect::LoadWorst(run), w) => Msg::Worst(
            run,
            match w {
                Ok(w) => load_worst(&*w, run).await.map_err(|e| Trouble::of(&e)),
                Err(trouble) => Err(trouble),
            },
        ),
        (Effect::LoadPage { ticket, place, request }, w) => Msg::Page(
            ticket,
            place,
            match w {
                Ok(w) => w.page_telling(&request, &telling(answers, ticket)).await.map_err(|e| Trouble::of(&e)),
                Err(trouble) => Err(trouble),
            },
        ),
        (Effect::LoadTotals { ticket, run, filter }, w) => Msg::Totals(
            ticket,
            match w {
                Ok(w) => w.totals_telling(run, &filter, &adding(answers, ticket)).await.map_err(|e| Trouble::of(&e)),
                Err(trouble) => Err(trouble),
            },
        ),
        (Effect::LoadDetail { ticket, run, seq, key, months }, w) => Msg::Detail(
            ticket,
            match w {
                Ok(w) => load_detail(&*w, services, (run, seq), &key, months).await.map(Box::new).map_err(|e| Trouble::of(&e)),
                Err(trouble) => Err(trouble),
            },
        ),
        (Effect::Export { run, seq }, w) => Msg::Exported(match w {
            Ok(w) => export(services, &*w, run, seq).await,
            Err(trouble) => Err(trouble),
        }),
        (Effect::Jump { ticket, run, filter, sort, text, seek }, w) => Msg::Jumped(
            ticket,
            match w {
                Ok(w) => jump::land(&*w, (run, &filter, sort), &text, &seek).await.map_err(|e| Trouble::of(&e)),
                Err(trouble) => Err(trouble),
            },
        ),
        (
            Effect::Start(_)
            | Effect::Settle(..)
            | Effect::LookToSign(_)
            | Effect::Touch { .. }
            | Effect::LookAtCopy { .. }
            | Effect::TouchRows { .. }
            | Effect::ChangeViews(_)
            | Effect::Do(_)
            | Effect::CancelJob
            | Effect::Copy(_)
            | Effect::Suspend
            | Effect::Quit,
            _,
        ) => return None,
    };
    Some(msg)
}

/// Changes the saved views, and gives them as they are then.
async fn change_views(services: &Services, deed: ViewDeed) -> Msg {
    let Some(project) = services.project.as_ref() else { return Msg::Views(deed, Err(no_project())) };
    let (dir, wanted) = (project.dir.clone(), deed.clone());
    let changed = spawn_blocking(move || {
        views::change(&dir, |all| match wanted {
            ViewDeed::Keep(view) => {
                all.retain(|other| other.name != view.name);
                all.push(view);
            }
            ViewDeed::Forget(name) => all.retain(|other| other.name != name),
        })
    });
    let changed = match changed.await {
        Ok(views) => views.map_err(|e| Trouble::of(&e)),
        Err(e) => Err(Trouble::of(&e)),
    };
    Msg::Views(deed, changed)
}

/// Writes a row as cases into the project's own folder of them.
async fn export(services: &Services, workspace: &dyn Workspace, run: i64, seq: i64) -> Result<Vec<PathBuf>, Trouble> {
    let project = services.project.as_ref().ok_or_else(no_project)?;
    let detail = workspace.detail(run, seq).await.map_err(|e| Trouble::of(&e))?;
    let cases = golden(&detail, detail.explanation.as_ref(), &project.profile).map_err(|e| Trouble::of(&e))?;
    let file = |Golden { name, case }: &Golden| Ok((name.clone(), json_text::file(case)?));
    let files: Vec<(String, String)> = cases.iter().map(file).collect::<serde_json::Result<_>>().map_err(|e| Trouble::of(&e))?;
    let folder = project.dir.join(CASES);
    let written = spawn_blocking(move || keep(&folder, &files, false)).await.map_err(|e| Trouble::of(&e))?;
    written.map_err(|e| Trouble::of(&e))
}

/// The runs of the project's service: a workspace may hold those of another name, which say nothing of this one.
async fn load_book(workspace: &dyn Workspace, services: &Services) -> Result<Book, StoreError> {
    let project = services.project.as_ref();
    let service = project.map(|p| p.profile.service.as_str());
    let ours = |run: &crate::domain::run::Run| service.is_none_or(|s| run.request.service == s);
    let runs = workspace.runs(RUNS).await?.into_iter().filter(ours).collect();
    let current = workspace.current_runs().await?.into_iter().filter(ours).collect();
    // Imports and inertness are of one service; without a project nobody can say of which.
    let mut book = Book { runs, current, journal: workspace.journal(TAIL).await?, ..Book::default() };
    for run in &book.current {
        if let Some(tally) = workspace.review(run.id).await? {
            book.reviews.insert(run.id, tally);
        }
    }
    for run in book.current.iter().rev().take(MONTHS) {
        if let Some(together) = together(workspace, run.id).await? {
            let confirmed = together.of(Certainty::Confirmed);
            book.unexplained.insert(run.id, together.rows.iter().sum::<u64>().saturating_sub(confirmed));
        }
    }
    if let Some(service) = service {
        book.deliveries = Arc::new(workspace.deliveries(service).await?);
        book.imports = imports(workspace, service, &book.deliveries).await?;
        book.inertness = workspace.inertness(service).await?;
        book.waivers = Waiver::all(&workspace.acts(service).await?);
    }
    if let Some(project) = project {
        // What cannot be read of views hides no run: the palette has none then, and saving one says why.
        book.views = views::load(&project.dir).unwrap_or_default();
        let way = way(Some(workspace), &project.configured()).await?;
        book.flipped = way.flip.flipped().digest();
        (book.way, book.gates, book.flip) = (Some(way.assessment), way.gates, Arc::new(way.flip));
    }
    Ok(book)
}

/// Everything that is no match, most money first.
async fn load_worst(workspace: &dyn Workspace, run: i64) -> Result<Vec<RowLine>, StoreError> {
    let fine = [Verdict::Match, Verdict::WithinTolerance];
    let verdicts = Verdict::ALL.into_iter().filter(|v| !fine.contains(v)).collect();
    let filter = RowFilter { verdicts, ..RowFilter::default() };
    let sort = Sort { column: SortColumn::AtStake, descending: true };
    let page = workspace.page(&PageRequest { run, filter, sort, from: PageFrom::Start, limit: WORST }).await?;
    Ok(page.rows.into_iter().map(|(_, row)| row).collect())
}

async fn load_facts(workspace: &dyn Workspace, run: i64) -> Result<Facts, StoreError> {
    let (findings, rejected) = (workspace.findings(run).await?, workspace.rejected(run, TAIL).await?);
    let mut stakes = BTreeMap::new();
    for verdict in Verdict::ALL {
        let totals = workspace.totals(run, &RowFilter { verdicts: vec![verdict], ..RowFilter::default() }).await?;
        let at_stake: Vec<_> = totals.money.into_iter().map(|(currency, _, at_stake)| (currency, at_stake)).filter(|(_, n)| *n != 0).collect();
        if !at_stake.is_empty() {
            stakes.insert(verdict, at_stake);
        }
    }
    Ok(Facts { findings, rejected, together: together(workspace, run).await?, stakes })
}

async fn load_detail(
    workspace: &dyn Workspace,
    services: &Services,
    (run, seq): (i64, i64),
    key: &str,
    months: Vec<(Month, i64)>,
) -> Result<DetailAnswer, AppError> {
    let detail = workspace.detail(run, seq).await?;
    let service = workspace.run(run).await?.request.service;
    let (mut history, mut others) = (Vec::new(), Vec::new());
    let skip = months.len().saturating_sub(MONTHS);
    for (month, id) in months.into_iter().skip(skip) {
        let row = workspace.find(id, key, None).await?;
        others.extend(row.clone().map(|row| (id, row)));
        history.push(History { month, row });
    }
    let beside = match &services.project {
        Some(project) => beside(workspace, run, &detail, &others, &project.profile.target).await?,
        None => Beside::default(),
    };
    let steps = (services.steps)(&detail);
    let acts = workspace.acts_on(&service, detail.row.key.raw()).await?;
    let why = workspace.standing(run, seq).await?.map(|standing| standing.why);
    Ok(DetailAnswer { detail, steps, acts, why, history, beside })
}
