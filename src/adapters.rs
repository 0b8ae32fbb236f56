//! Implementations of the ports. Nothing above `wire` names a module of these.

pub mod book_files;
pub mod clock;
pub mod dossier_files;
pub mod evidence_files;
pub mod found;
pub mod loader;
pub mod mariadb;
pub mod memory;
mod mercy;
pub mod postgres;
mod process;
mod real_text;
pub mod runner;
pub mod sqlite;
pub mod ssh;
pub mod workspace;
