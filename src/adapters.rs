//! Implementations of the ports. Nothing above `wire` names a module of these.
pub mod sqlite;

pub mod postgres;
pub mod sql_text;

pub mod book_files;

pub mod clock;
pub mod workspace;
