//! The staged import as its operator meets it: the real binary, the demo's target as a program of its own, and between them loaders
//! that die, lie, repeat, flood and come late. Whatever happens, each record is in the target once, and what is not is told.

#![allow(clippy::expect_used, clippy::panic, reason = "a test that cannot go on fails")]

#[allow(dead_code, reason = "its servers are not needed here")]
#[path = "support/postgres.rs"]
mod cluster;
#[allow(dead_code, reason = "shared with the tests of a reconciliation")]
#[path = "system/harness.rs"]
mod harness;
#[path = "import_system/project.rs"]
mod project;

#[path = "import_system/answers.rs"]
mod answers;
#[path = "import_system/bad.rs"]
mod bad;
#[path = "import_system/changed.rs"]
mod changed;
#[path = "import_system/deaths.rs"]
mod deaths;
#[path = "import_system/disk.rs"]
mod disk;
#[path = "import_system/doubt.rs"]
mod doubt;
#[path = "import_system/few.rs"]
mod few;
#[path = "import_system/first.rs"]
mod first;
#[path = "import_system/inert.rs"]
mod inert;
#[path = "import_system/kill.rs"]
mod kill;
#[path = "import_system/late.rs"]
mod late;
#[path = "import_system/pack.rs"]
mod pack;
#[path = "import_system/parked.rs"]
mod parked;
#[path = "import_system/poison.rs"]
mod poison;
#[path = "import_system/together.rs"]
mod together;
