//! The assistant of `init`: asks where both systems are, tests each as it goes, and writes the project's files.
//! Of the same shape as the terminal: `Msg → update(&mut Assistant, Msg) → Vec<Effect>`, and a pure view.

mod model;
mod update;
mod view;

use super::events::{Happened, Signals, TuiError, listen, next};
use super::keymap::Keymap;
use super::terminal::Held;
use super::theme::Theme;
use crate::app::probe::{Probe, probe};
use crate::config::user::Looks;
use crate::domain::side::Side;
use crate::ports::database::Database;
pub use model::{Assistant, Effect, Msg, Outcome, Step};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc::{Sender, channel};
use tokio_util::sync::CancellationToken;
pub use update::update;
pub use view::view;

/// Opens a side of a configuration that is only a text yet; else says why not.
pub type Reach = Arc<dyn Fn(&str, Side) -> Result<Arc<dyn Database>, String> + Send + Sync>;
/// Writes the project's files with that `dualrun.toml`, and names them; else says why not.
pub type Write = Arc<dyn Fn(&str) -> Result<Vec<String>, String> + Send + Sync>;

/// What the assistant may reach.
#[derive(Clone)]
pub struct AssistantServices {
    /// Where the files go.
    pub dir: PathBuf,
    /// The machine's zone, where it says one.
    pub zone: Option<String>,
    /// What of the looks was chosen.
    pub looks: Looks,
    /// The keys in force.
    pub keys: Arc<Keymap>,
    /// Opens a side.
    pub reach: Reach,
    /// Writes the files.
    pub write: Write,
}

/// Asks until everything is written, or the operator leaves.
pub async fn run(services: AssistantServices) -> Result<Outcome, TuiError> {
    let mut signals = Signals::new()?;
    let mut held = Held::take()?;
    let size = held.terminal.size()?;
    let theme = Theme::chosen(services.looks, |name| std::env::var(name).ok());
    let mut model = Assistant::new(&services.dir, services.zone.clone(), (theme, Arc::clone(&services.keys)), (size.width, size.height));
    let (sender, mut answers) = channel::<Msg>(8);
    let (mut keys, mut cancel) = (listen(), CancellationToken::new());
    // Nothing here changes by time alone; but whether the terminal is still there is looked at.
    let mut ticks = tokio::time::interval(Duration::from_secs(20));
    // What is asked for is answered below, by its own channel.
    let (_open, mut nothing) = channel::<super::Msg>(1);
    loop {
        if !held.draw(|frame| view(&model, frame))? {
            return Err(TuiError::Panicked);
        }
        let msg = tokio::select! {
            biased;
            Some(answer) = answers.recv() => Some(answer),
            happened = next(&mut signals, &mut keys, &mut nothing, &mut ticks) => match happened {
                Happened::Ended => return Ok(Outcome::Left),
                Happened::Continued => {
                    held.again()?;
                    None
                }
                Happened::Time => None,
                Happened::Message(msg) => Msg::of(*msg),
            },
        };
        for effect in msg.map_or_else(Vec::new, |msg| update(&mut model, msg)) {
            match effect {
                Effect::Leave(outcome) => return Ok(outcome),
                Effect::Suspend => super::events::suspend(&mut held).await?,
                Effect::Probe { ticket, side, text } => {
                    cancel.cancel();
                    cancel = CancellationToken::new();
                    look(&services, &sender, (ticket, side, text), cancel.clone());
                }
                Effect::Cancel => cancel.cancel(),
                Effect::Write(text) => {
                    let (write, sender) = (Arc::clone(&services.write), sender.clone());
                    tokio::spawn(async move {
                        let written = tokio::task::spawn_blocking(move || write(&text)).await.unwrap_or_else(|e| Err(e.to_string()));
                        let _ = sender.send(Msg::Written(written)).await;
                    });
                }
            }
        }
    }
}

fn look(services: &AssistantServices, sender: &Sender<Msg>, (ticket, side, text): (u64, Side, String), cancel: CancellationToken) {
    let (reach, sender) = (Arc::clone(&services.reach), sender.clone());
    tokio::spawn(async move {
        // A secret's command may take its time.
        let database = tokio::task::spawn_blocking(move || reach(&text, side)).await.unwrap_or_else(|e| Err(e.to_string()));
        let seen: Result<Box<Probe>, String> = match database {
            Ok(database) => Ok(Box::new(probe(database.as_ref(), side, &cancel).await)),
            Err(why) => Err(why),
        };
        let _ = sender.send(Msg::Probed(ticket, side, seen)).await;
    });
}
