//! `keys`: the terminal's keys, as this operator has them; `--markdown` writes the page of the documentation.

use super::out;
use crate::cli::Exit;
use crate::cli::args::KeysArgs;
use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::config::user::UserSettings;
use crate::domain::text::shown;
use crate::present::keys;
use serde_json::json;

/// Prints them.
pub fn run(context: &Context, args: &KeysArgs) -> Result<Exit, CliError> {
    if args.markdown {
        // The page is the same for everybody.
        out::bytes(keys::markdown(&context.wiring.keys(&UserSettings::default())?).as_bytes())?;
        return Ok(Exit::Clean);
    }
    let user = context.user()?;
    let all = context.wiring.keys(&user)?;
    let file = user.path.as_ref().map(|path| path.to_string_lossy().into_owned());
    if context.json() {
        out::json(&json!({ "file": file, "changed": user.keys.len(), "keys": all }))?;
    } else {
        out::lines(keys::lines(&all))?;
        let place = file.map_or_else(|| "a file named by DUALRUN_USER_CONFIG".to_owned(), |file| shown(&file, 200));
        out::say(&format!("other keys are written into {place}, under [keys] as context.command = \"key\""));
    }
    Ok(Exit::Clean)
}
