//! Styles by meaning. Each meaning also has a sign or a word on the screen, so colour only ever repeats what is said.

use crate::domain::import::{DeliveryState, Fate, ImportState, InTarget, Light};
use crate::domain::verdict::Verdict;
use crate::present::words::Signs;
use ratatui::style::{Color, Modifier, Style};

/// What a piece of the screen means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Meaning {
    /// Plain words.
    Normal,
    /// Equal, passed, done.
    Match,
    /// Not equal, failed.
    Delta,
    /// Only one side has it, or nobody owns it.
    OneSided,
    /// Look at it.
    Warning,
    /// The flip may not happen; a run that counts for nothing.
    Blocked,
    /// Old, unknown, not run.
    Stale,
    /// Less important than what stands beside it.
    Muted,
    /// Frames.
    Border,
    /// Titles and headings.
    Title,
    /// Keys one can press, the chosen tab.
    Accent,
    /// The selected line.
    Selected,
}

/// How many colours the terminal may be asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Depth {
    /// None: reverse, bold and signs carry everything.
    Mono,
    /// The sixteen named ones.
    Sixteen,
    /// 256 or more.
    #[default]
    Many,
}

/// The styles of a terminal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Theme {
    /// Colours allowed.
    pub depth: Depth,
    /// Signs allowed.
    pub signs: Signs,
}

impl Theme {
    /// Chooses from the environment's words: `NO_COLOR`, `TERM`, `COLORTERM`; plain signs by `DUALRUN_ASCII`, a very old terminal, or a
    /// locale that is named and not UTF-8 (where none is named, the terminal is taken for one of today).
    pub fn of_environment(lookup: impl Fn(&str) -> Option<String>) -> Self {
        let filled = |name: &str| lookup(name).filter(|v| !v.is_empty());
        let term = filled("TERM").unwrap_or_default();
        let depth = if filled("NO_COLOR").is_some() || term == "dumb" || term.contains("mono") {
            Depth::Mono
        } else if filled("COLORTERM").is_some() || term.contains("256") || term.contains("direct") {
            Depth::Many
        } else {
            Depth::Sixteen
        };
        let locale = ["LC_ALL", "LC_CTYPE", "LANG"].into_iter().find_map(filled).unwrap_or_default().to_ascii_lowercase();
        let is_older = !locale.is_empty() && !locale.contains("utf-8") && !locale.contains("utf8");
        let ascii = is_older || filled("DUALRUN_ASCII").is_some() || term == "dumb" || term.starts_with("vt1");
        Self { depth, signs: if ascii { Signs::Ascii } else { Signs::Unicode } }
    }

    /// The style of a meaning.
    pub fn style(self, meaning: Meaning) -> Style {
        match self.depth {
            Depth::Mono => mono(meaning),
            Depth::Sixteen => colours(meaning, &NAMED),
            Depth::Many => colours(meaning, &INDEXED),
        }
    }

    /// The meaning a verdict is drawn with.
    pub const fn verdict(verdict: Verdict) -> Meaning {
        match verdict {
            Verdict::Match => Meaning::Match,
            Verdict::WithinTolerance => Meaning::Warning,
            Verdict::Delta | Verdict::Duplicate => Meaning::Delta,
            Verdict::MissingInSource | Verdict::MissingInTarget | Verdict::Unlinked => Meaning::OneSided,
            Verdict::NotComparable => Meaning::Stale,
        }
    }

    /// The meaning of what an import does with a record.
    pub const fn fate(fate: &Fate) -> Meaning {
        match fate {
            Fate::Create => Meaning::Match,
            Fate::Update => Meaning::Warning,
            Fate::Rejected(_) => Meaning::Delta,
            Fate::Unchanged | Fate::Filtered(_) | Fate::Absent => Meaning::Muted,
        }
    }

    /// The meaning of how a record stands in the target.
    pub const fn in_target(state: &InTarget) -> Meaning {
        match state {
            InTarget::Present => Meaning::Match,
            InTarget::Differs(_) => Meaning::Delta,
            InTarget::Missing => Meaning::OneSided,
            InTarget::Retire(_) => Meaning::Warning,
            InTarget::Unknown(_) => Meaning::Stale,
            InTarget::Left(_) => Meaning::Muted,
        }
    }

    /// The meaning of how far a delivery came.
    pub const fn delivery(state: DeliveryState) -> Meaning {
        match state {
            DeliveryState::Verified => Meaning::Match,
            DeliveryState::Answered | DeliveryState::HandedOver => Meaning::Normal,
            DeliveryState::Sending | DeliveryState::Unknown => Meaning::Stale,
            DeliveryState::Mismatch | DeliveryState::Parked => Meaning::Delta,
            DeliveryState::Dropped => Meaning::Muted,
        }
    }

    /// The meaning of an import's state.
    pub const fn import(state: ImportState) -> Meaning {
        match state {
            ImportState::Complete => Meaning::Match,
            ImportState::Running | ImportState::Staged => Meaning::Normal,
            ImportState::Incomplete | ImportState::Interrupted => Meaning::Warning,
            ImportState::Failed => Meaning::Delta,
        }
    }

    /// The meaning of a light of inertness.
    pub const fn light(light: &Light) -> Meaning {
        match light {
            Light::Inert => Meaning::Match,
            Light::Breach { .. } => Meaning::Delta,
            Light::Unknown { .. } => Meaning::Stale,
        }
    }

    /// The meaning an outcome is drawn with, by its word.
    pub fn outcome(word: &str) -> Meaning {
        match word {
            "pass" => Meaning::Match,
            "waived" => Meaning::Warning,
            "not_run" | "stale" | "inconclusive" => Meaning::Stale,
            _ => Meaning::Delta,
        }
    }
}

fn mono(meaning: Meaning) -> Style {
    let style = Style::new().fg(Color::Reset).bg(Color::Reset);
    match meaning {
        Meaning::Selected | Meaning::Blocked => style.add_modifier(Modifier::REVERSED | Modifier::BOLD),
        Meaning::Accent | Meaning::Title | Meaning::Delta => style.add_modifier(Modifier::BOLD),
        Meaning::Muted | Meaning::Border => style.add_modifier(Modifier::DIM),
        Meaning::Normal | Meaning::Match | Meaning::OneSided | Meaning::Warning | Meaning::Stale => style,
    }
}

/// The colours of a depth. Of those with an index, each is read on a dark ground and on a light one.
struct Palette {
    good: Color,
    bad: Color,
    one_sided: Color,
    warning: Color,
    accent: Color,
    muted: Color,
    border: Color,
    /// Ink and ground of the selected line; without them it is reversed.
    selected: Option<(Color, Color)>,
}

const NAMED: Palette = Palette {
    good: Color::Green,
    bad: Color::Red,
    one_sided: Color::Magenta,
    warning: Color::Yellow,
    accent: Color::Cyan,
    muted: Color::DarkGray,
    border: Color::DarkGray,
    selected: None,
};

const INDEXED: Palette = Palette {
    good: Color::Indexed(71),
    bad: Color::Indexed(203),
    one_sided: Color::Indexed(170),
    warning: Color::Indexed(178),
    accent: Color::Indexed(38),
    muted: Color::Indexed(246),
    border: Color::Indexed(241),
    selected: Some((Color::Indexed(255), Color::Indexed(238))),
};

fn colours(meaning: Meaning, palette: &Palette) -> Style {
    let style = Style::new();
    match meaning {
        Meaning::Normal => style,
        Meaning::Match => style.fg(palette.good),
        Meaning::Delta => style.fg(palette.bad),
        Meaning::OneSided => style.fg(palette.one_sided),
        Meaning::Warning | Meaning::Stale => style.fg(palette.warning),
        Meaning::Blocked => style.fg(palette.bad).add_modifier(Modifier::REVERSED | Modifier::BOLD),
        Meaning::Muted => style.fg(palette.muted),
        Meaning::Border => style.fg(palette.border),
        Meaning::Title => style.add_modifier(Modifier::BOLD),
        Meaning::Accent => style.fg(palette.accent).add_modifier(Modifier::BOLD),
        Meaning::Selected => match palette.selected {
            Some((ink, ground)) => style.fg(ink).bg(ground).add_modifier(Modifier::BOLD),
            None => style.add_modifier(Modifier::REVERSED),
        },
    }
}
