//! What a use case fails with, and the exit code each kind means.

use crate::ports::database::{Fault, FaultKind};
use crate::ports::loader::LoaderFault;
use crate::ports::signer::SignatureFault;
use crate::ports::workspace::StoreError;

/// Why a use case has no result.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AppError {
    /// A database would not be read.
    #[error(transparent)]
    Database(#[from] Fault),
    /// The workspace would not be read or written.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The loader cannot be used, or cannot go on.
    #[error(transparent)]
    Loader(#[from] LoaderFault),
    /// There is no signature, or none that counts.
    #[error(transparent)]
    Signature(#[from] SignatureFault),
    /// What was asked for cannot be asked for.
    #[error("{0}")]
    Usage(String),
    /// What was looked at is not what is there now; holds what to do.
    #[error("{0}")]
    Changed(String),
    /// The operator stopped it; holds what it was at and what became of that.
    #[error("stopped while {0} — run it again")]
    Stopped(String),
    /// The sides were read, and hold more money than a total can say: wrong units, or amounts nobody means.
    #[error("{0}")]
    TooMuch(String),
    /// Two of dualrun's own counts disagree, or another thing that must not be: nothing was published.
    #[error("bug: {0} — please report it; nothing was published")]
    Bug(String),
}

impl AppError {
    /// The exit code: 2 usage or configuration, 3 a database unreachable or refused, 4 incomplete, 70 a bug.
    pub const fn exit_code(&self) -> u8 {
        match self {
            Self::Database(fault) => match fault.kind {
                FaultKind::NoSuchTable | FaultKind::NoSuchColumn | FaultKind::Refused | FaultKind::InvalidQuery => 2,
                FaultKind::Limit | FaultKind::ConnectionLost | FaultKind::Failed | FaultKind::Timeout | FaultKind::Cancelled => 4,
                FaultKind::Unreachable
                | FaultKind::Authentication
                | FaultKind::Tls
                | FaultKind::WritableRole
                | FaultKind::NotReadOnly
                | FaultKind::PermissionDenied
                | FaultKind::Damaged => 3,
            },
            Self::Store(StoreError::Io { .. } | StoreError::Damaged { .. }) | Self::Loader(LoaderFault::Busy { .. } | LoaderFault::Io { .. }) => 3,
            Self::Changed(_) => 1,
            Self::Store(_) | Self::Usage(_) | Self::Signature(_) | Self::Loader(LoaderFault::Unusable { .. }) => 2,
            Self::Stopped(_) | Self::TooMuch(_) => 4,
            Self::Bug(_) => 70,
        }
    }
}
