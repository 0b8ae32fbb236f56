//! Implementations of the ports. Nothing above `wire` names a module of these.
<<<<<<< HEAD
pub mod sqlite;
=======

pub mod book_files;
>>>>>>> demo
