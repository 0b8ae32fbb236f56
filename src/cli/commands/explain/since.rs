//! `explain --since`: what changed since an earlier run of the month.

use super::write;
use crate::app::explain::{Walk, run_before};
use crate::cli::commands::out;
use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::{Exit, signals};
use crate::domain::profile::ServiceProfile;
use crate::domain::run::Run;
use crate::domain::since::Since;
use crate::ports::workspace::Workspace;
use crate::present::since as words;
use crate::report::json_text;
use crate::report::since::{object, together};

/// Prints the rows that changed as they come, then what they come to. Exit code 1 where there are any.
pub async fn print(context: &Context, store: &dyn Workspace, run: &Run, profile: &ServiceProfile, since: Option<i64>) -> Result<Exit, CliError> {
    let before = match since {
        Some(id) => Some(store.run(id).await?),
        None => run_before(store, run).await?,
    };
    let before = before.ok_or_else(|| CliError::Usage(format!("no run of {} before #{} to compare with", run.request.month, run.id)))?;
    if (&before.request.service, before.request.month) != (&run.request.service, run.request.month) {
        return Err(CliError::Usage(format!("run #{} is of another month than #{}", before.id, run.id)));
    }
    if before.request.config_digest != run.request.config_digest {
        out::say(&format!("runs #{} and #{} were made by different configurations", before.id, run.id));
    }
    let cancel = signals::cancel_on_signal();
    let (json, mut first, mut sum) = (context.json(), true, Since::default());
    if json {
        write(&format!("{{\"run\":{},\"since\":{},\"period\":\"{}\",\"rows\":[", run.id, before.id, run.request.month))?;
    }
    let mut walk = Walk::new(store, [&before, run], profile).await?;
    while let Some(rows) = walk.next(&cancel).await? {
        let mut text = String::new();
        for row in &rows {
            sum.add(row);
            if json {
                text.push_str(if std::mem::take(&mut first) { "\n" } else { ",\n" });
                text.push_str(&json_text::line(&object(row)).map_err(CliError::unexpected)?);
            } else {
                for line in words::lines(row) {
                    text.extend([line.as_str(), "\n"]);
                }
            }
        }
        write(&text)?;
    }
    if json {
        let together = json_text::line(&together(&sum)).map_err(CliError::unexpected)?;
        write(&format!("\n],\"together\":{together}}}\n"))?;
    } else {
        out::lines(words::together(&sum))?;
    }
    Ok(if sum.rows > 0 { Exit::Differences } else { Exit::Clean })
}
