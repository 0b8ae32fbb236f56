//! Styles by meaning. Each meaning also has a sign or a word on the screen, so colour only ever repeats what is said.
//!
//! Which colours those are stands in `theme/palettes.rs`: the one place where a theme is added or changed.

mod palettes;

use crate::config::user::{Colours, Looks, ThemeName};
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
    /// 256.
    #[default]
    Many,
    /// Any.
    True,
}

/// The styles of a terminal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Theme {
    /// Which palette.
    pub name: ThemeName,
    /// Colours allowed.
    pub depth: Depth,
    /// Signs allowed.
    pub signs: Signs,
}

impl Theme {
    /// Chooses by what was asked for, and where nothing was, from the environment's words: `NO_COLOR`, `TERM`, `COLORTERM`, `COLORFGBG`;
    /// `DUALRUN_ASCII`, a locale without UTF-8 or a very old terminal for plain signs.
    pub fn chosen(looks: Looks, lookup: impl Fn(&str) -> Option<String>) -> Self {
        let filled = |name: &str| lookup(name).filter(|v| !v.is_empty());
        let term = filled("TERM").unwrap_or_default();
        let colorterm = filled("COLORTERM").unwrap_or_default();
        let shows = if term == "dumb" || term.contains("mono") {
            Depth::Mono
        } else if colorterm.contains("truecolor") || colorterm.contains("24bit") || term.contains("direct") {
            Depth::True
        } else if !colorterm.is_empty() || term.contains("256") {
            Depth::Many
        } else {
            Depth::Sixteen
        };
        let depth = match looks.colours {
            _ if filled("NO_COLOR").is_some() => Depth::Mono,
            Some(Colours::True) => Depth::True,
            Some(Colours::Indexed) => Depth::Many,
            Some(Colours::Sixteen) => Depth::Sixteen,
            None => shows,
        };
        let ascii = looks.ascii.unwrap_or_else(|| {
            let locale = ["LC_ALL", "LC_CTYPE", "LANG"].into_iter().find_map(filled);
            let narrow = locale.is_some_and(|l| !l.to_ascii_lowercase().replace('-', "").contains("utf8"));
            filled("DUALRUN_ASCII").is_some() || term == "dumb" || term.starts_with("vt1") || narrow
        });
        // `15;0` is white on black: the last number is the ground, and 7 and 15 are light ones.
        let is_light = filled("COLORFGBG").and_then(|v| v.rsplit(';').next()?.parse::<u8>().ok()).is_some_and(|ground| matches!(ground, 7 | 15));
        let name = looks.theme.unwrap_or(if is_light { ThemeName::Light } else { ThemeName::Dark });
        Self { name, depth, signs: if ascii { Signs::Ascii } else { Signs::Unicode } }
    }

    /// The style of a meaning.
    pub fn style(self, meaning: Meaning) -> Style {
        palettes::palette(self.name, self.depth).map_or_else(|| mono(meaning), |palette| colours(meaning, palette))
    }

    /// Ink and ground of the whole screen, where the theme brings its own.
    pub fn paper(self) -> Option<Style> {
        let (ink, ground) = palettes::palette(self.name, self.depth)?.paper?;
        Some(Style::new().fg(ink).bg(ground))
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

fn colours(meaning: Meaning, palette: &palettes::Palette) -> Style {
    let style = palette.paper.map_or_else(Style::new, |(ink, _)| Style::new().fg(ink));
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
