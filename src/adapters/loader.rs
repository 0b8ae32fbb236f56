//! Loaders: what hands shadows to the target, and changes of the flip to either side. `command` is a program of the operator's, `pack` a folder of files to load by hand.

mod command;
mod flip_files;
mod pack;
mod pack_files;
mod program;

pub use command::{CommandLoader, CommandSetup};
pub use pack::PackLoader;
