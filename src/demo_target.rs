//! `demo-target`: the target system of the demo, as far as an import and a flip need one. A program of its own, started under its own
//! name by the loader `command`: it alone opens the demo's `target.db` for writing, and `source.db` to switch billing off there. The
//! command line of dualrun has no way to it.
//!
//! It does what any loader's program must: takes records by their external id, keeps each change in a transaction of its own,
//! answers each, and does nothing twice. Of an import it makes drafts only, and refuses to touch a subscription that is none; what
//! bills is made by the acts of a flip, one by one, and undone by theirs.

mod changes;
mod records;

use crate::ports::loader_lines::{FlipRequest, Reply, Request, Verdict};
use records::Refusal;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{ConnectOptions as _, Connection as _};
use std::ffi::{OsStr, OsString};
use std::io::{BufRead as _, Write as _};
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

/// The name it is started under.
pub const NAME: &str = "demo-target";

/// Whether the program was started under that name.
pub fn is_meant(name: &OsStr) -> bool {
    Path::new(name).file_name().is_some_and(|n| n == NAME)
}

/// Takes the database's file, then lines on stdin until they end.
pub fn run(mut args: impl Iterator<Item = OsString>) -> ExitCode {
    let Some(path) = args.next() else { return complain("write demo-target target.db: the file it keeps (or source.db, to switch billing there)") };
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(e) => return complain(&e.to_string()),
    };
    match runtime.block_on(serve(Path::new(&path))) {
        Ok(()) => ExitCode::SUCCESS,
        Err(words) => complain(&words),
    }
}

fn complain(words: &str) -> ExitCode {
    let _ = writeln!(std::io::stderr(), "{NAME}: {words}");
    ExitCode::FAILURE
}

async fn serve(path: &Path) -> Result<(), String> {
    let options = SqliteConnectOptions::new().filename(path).create_if_missing(false).busy_timeout(Duration::from_secs(10));
    let mut database = options.disable_statement_logging().connect().await.map_err(|e| format!("{}: {e}", path.display()))?;
    let mut lines = std::io::stdin().lock();
    let mut line = Vec::new();
    loop {
        line.clear();
        lines.read_until(b'\n', &mut line).map_err(|e| format!("stdin: {e}"))?;
        // A line without an end was cut off: whoever wrote it is gone, and what it asked for is not known.
        if line.last() != Some(&b'\n') {
            break;
        }
        let request = Asked::read(&line).map_err(|e| format!("a line that is no request: {e}"))?;
        let reply = obey(&mut database, &request).await;
        let mut text = serde_json::to_vec(&reply).map_err(|e| e.to_string())?;
        text.push(b'\n');
        // What was kept is kept, whether or not anybody reads the answer.
        std::io::stdout().write_all(&text).and_then(|()| std::io::stdout().flush()).map_err(|e| format!("stdout: {e}"))?;
    }
    database.close().await.map_err(|e| e.to_string())
}

/// A line: of an import, or of a flip.
enum Asked {
    Record(Box<Request>),
    Change(FlipRequest),
}

impl Asked {
    fn read(line: &[u8]) -> Result<Self, serde_json::Error> {
        // A change is about a subscription, a record about an entity.
        match serde_json::from_slice::<FlipRequest>(line) {
            Ok(change) => Ok(Self::Change(change)),
            Err(_) => serde_json::from_slice(line).map(|record| Self::Record(Box::new(record))),
        }
    }

    fn key(&self) -> &str {
        match self {
            Self::Record(request) => &request.key,
            Self::Change(request) => &request.key,
        }
    }
}

async fn obey(database: &mut SqliteConnection, request: &Asked) -> Reply {
    let reply = |result, target_id, reason| Reply { key: request.key().to_owned(), result, target_id, reason };
    let done = async {
        let mut change = database.begin_with("BEGIN IMMEDIATE").await?;
        let target_id = match request {
            Asked::Record(request) => records::apply(&mut change, request).await?,
            Asked::Change(request) => changes::apply(&mut change, request).await?,
        };
        change.commit().await?;
        Ok::<_, Refusal>(target_id)
    };
    match done.await {
        Ok(target_id) => reply(Verdict::Ok, Some(target_id), None),
        Err(Refusal::Refused(why)) => reply(Verdict::Rejected, None, Some(why)),
        Err(Refusal::Broken(error)) => reply(Verdict::Unknown, None, Some(error.to_string())),
    }
}
