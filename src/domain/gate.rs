//! Gates: the runbook with its stages and checks, what was observed, who signed what, and every act about them. Acts are only ever
//! added to; how the gates stand at a moment is folded from them by the engine of gates.

mod act;
mod check;
mod digest;
mod evidence;
mod observed;
mod outcome;
mod place;
mod runbook;
mod signoff;
mod standing;

pub use act::{BreakGlass, GateAct, GateDeed, Glass};
pub use check::{
    Bound, Check, CheckKind, CommandCheck, Expectation, LogCheck, ManualCheck, Metric, MetricCheck, ScheduleCheck, SqlCheck, SqlOn, TestsCheck,
};
pub use digest::digest_of;
pub use evidence::{CheckEvidence, StandsOn};
pub use observed::{Ended, Figures, FileSeen, JobSeen, JobsSeen, MonthFigures, MonthStanding, MonthStood, ProgramRun, Said, SqlSeen};
pub use outcome::Outcome;
pub use place::{DatabasePlace, LoaderPlace, Place};
pub use runbook::{Forbidden, Freeze, Runbook, RunbookStage, SignatureRule};
pub use signoff::{Binding, Part, Seal, SignOff};
pub use standing::{CheckStanding, Seat, Signed, Void};
