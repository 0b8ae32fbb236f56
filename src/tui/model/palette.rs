//! The palette: everything that can be done or gone to here, found by a few letters of it.

use crate::config::user::ThemeName;
use crate::domain::period::Month;
use crate::tui::keymap::Command;
use tui_input::Input;

/// What the palette is opened for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Aim {
    /// Anything.
    Anything,
    /// Taking up a view, or saving one.
    Views,
    /// Going to a row.
    Jump,
    /// Writing the table into a file.
    Files,
}

/// What a file of rows is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileKind {
    /// Comma-separated values.
    Csv,
    /// A JSON object a line.
    JsonLines,
}

impl FileKind {
    /// The end of its name.
    pub const fn extension(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::JsonLines => "jsonl",
        }
    }
}

/// What is done when it is chosen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Choice {
    /// A command of the table of keys.
    Do(Command),
    /// Show a month.
    Month(Month),
    /// Take up the view of that name.
    View(String),
    /// Save the present view under what is typed.
    SaveView,
    /// Go to the row of what is typed.
    Jump,
    /// Draw in other colours.
    Theme(ThemeName),
    /// Write the table so.
    Write(FileKind),
}

impl Choice {
    /// Whether it is about what is typed: then no letter of it is looked for.
    pub const fn takes_text(&self) -> bool {
        matches!(self, Self::SaveView | Self::Jump)
    }
}

/// A line of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// What it does.
    pub choice: Choice,
    /// What it does, in words.
    pub words: String,
    /// Where it belongs.
    pub group: &'static str,
    /// Its keys, where it has any.
    pub keys: String,
}

/// A line that is found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// Its place among the items.
    pub item: usize,
    /// The letters of its words that were typed, by place.
    pub letters: Vec<u32>,
}

/// The palette.
#[derive(Debug, Clone)]
pub struct Palette {
    /// What for.
    pub aim: Aim,
    /// What is typed.
    pub input: Input,
    /// All lines.
    pub items: Vec<Item>,
    /// Those that what is typed finds, best first.
    pub found: Vec<Found>,
    /// The selected one.
    pub at: usize,
}

impl Palette {
    /// The selected line.
    pub fn selected(&self) -> Option<&Item> {
        self.items.get(self.found.get(self.at)?.item)
    }
}
