//! `verify`: a dossier held against itself, with no database and no workspace.

use super::audit::witness;
use super::out;
use crate::app::dossier::{Witnesses, verify};
use crate::cli::Exit;
use crate::cli::args::VerifyArgs;
use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::domain::dossier::file;
use crate::domain::text::shown;
use crate::report::dossier;

/// Clean only where all of it holds.
pub fn run(context: &Context, args: &VerifyArgs) -> Result<Exit, CliError> {
    let heads = args.against.iter().map(|path| witness(path)).collect::<Result<Vec<_>, _>>()?;
    let name = shown(&args.dir.to_string_lossy(), 200);
    let inside = args.dir.join(file::ALLOWED_SIGNERS);
    let keys = context.wiring.verifier(args.allowed_signers.as_ref().unwrap_or(&inside));
    let source = context.wiring.dossier(&args.dir);
    let verified = verify(source.as_ref(), &Witnesses { keys: keys.as_ref(), heads: &heads })
        .map_err(|e| CliError::Usage(format!("{name} is no dossier: {e} — name the folder that dualrun report dossier wrote")))?;
    if context.json() {
        out::json(&dossier::object(&verified))?;
    } else {
        out::lines(dossier::lines(&verified))?;
    }
    Ok(if verified.holds() { Exit::Clean } else { Exit::Differences })
}
