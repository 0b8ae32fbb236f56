//! What `verify` takes.

use clap::Args;
use std::path::PathBuf;

/// `verify`.
#[derive(Debug, Clone, Args)]
pub struct VerifyArgs {
    /// The dossier's folder
    #[arg(value_name = "DIR")]
    pub dir: PathBuf,
    /// Verify signatures by this file of principals and keys, not by the one in the dossier
    #[arg(long, value_name = "FILE")]
    pub allowed_signers: Option<PathBuf>,
    /// A report written earlier, a witness of the journal then (as of audit verify)
    #[arg(long, value_name = "FILE")]
    pub against: Vec<PathBuf>,
}
