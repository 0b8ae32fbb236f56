//! Implementations of the ports. Nothing above `wire` names a module of these.

pub mod book_files;
pub mod clock;
pub mod loader;
pub mod mariadb;
mod mercy;
pub mod postgres;
mod real_text;
pub mod sqlite;
pub mod ssh;
pub mod workspace;
