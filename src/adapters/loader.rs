//! Loaders: what hands shadows to the target. `command` is a program of the operator's, `pack` a folder of files to load by hand.

mod command;
mod pack;
mod pack_files;
mod program;

pub use command::{CommandLoader, CommandSetup};
pub use pack::PackLoader;
