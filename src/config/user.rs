//! The operator's own file: keys and looks of the terminal, whatever project it is opened in. It decides no number and is in no digest.
//!
//! ```toml
//! [terminal]
//! theme = "light"
//!
//! [keys]
//! table.waive = "W"
//! global.help = ["?", "F1"]
//! ```

use super::document::{At, Findings, read_text};
use super::keys::{KeySpec, Shape, may};
use super::problem::Problems;
use super::section::Section;
use super::shape::kind_of;
use crate::domain::text::shown;
use std::ffi::OsString;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use toml::Spanned;
use toml::de::DeValue;

/// The variable that names the file.
pub const VARIABLE: &str = "DUALRUN_USER_CONFIG";

/// The palettes of the terminal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum ThemeName {
    /// For a dark ground.
    #[default]
    Dark,
    /// For a light ground.
    Light,
    /// For eyes that need it.
    HighContrast,
    /// No colours: signs, bold and reverse carry everything.
    Mono,
}

impl ThemeName {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Dark, Self::Light, Self::HighContrast, Self::Mono];

    /// Its word.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Dark => "dark",
            Self::Light => "light",
            Self::HighContrast => "high_contrast",
            Self::Mono => "mono",
        }
    }

    /// The theme of a word.
    pub fn named(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|theme| theme.word() == word)
    }
}

/// How many colours the terminal shows, where it is said and not found out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Colours {
    /// Any.
    True,
    /// 256.
    Indexed,
    /// The sixteen named ones.
    Sixteen,
}

/// What of the looks was chosen; the rest is found out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Looks {
    /// The palette.
    pub theme: Option<ThemeName>,
    /// How many colours.
    pub colours: Option<Colours>,
    /// Whether only ASCII is drawn.
    pub ascii: Option<bool>,
}

/// Other keys for one command in one place. Names are as they were written: the terminal holds them against its table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyChange {
    /// The place's name.
    pub context: String,
    /// The command's name.
    pub command: String,
    /// The keys, each with where it is written.
    pub keys: Vec<(String, At)>,
    /// Where the command is written.
    pub at: At,
}

/// What an operator has chosen.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct UserSettings {
    /// The file, there or not; `None` where nobody can say where it would be.
    pub path: Option<PathBuf>,
    /// Looks.
    pub looks: Looks,
    /// Other keys, in the order of the file.
    pub keys: Vec<KeyChange>,
}

const ROOT: &[KeySpec] = &[
    may("terminal", Shape::Section(TERMINAL), "[terminal]", "How the terminal looks."),
    may("keys", Shape::Parameters, "[keys]", "Other keys, as context.command = \"key\" or a list of keys."),
];

/// `[terminal]`.
const TERMINAL: &[KeySpec] = &[
    may("theme", Shape::OneOf(&["dark", "light", "high_contrast", "mono"]), "theme = \"light\"", "The palette. Default: by COLORFGBG, else dark."),
    may("colours", Shape::OneOf(&["true", "256", "16"]), "colours = \"256\"", "How many colours. Default: by TERM and COLORTERM."),
    may(
        "signs",
        Shape::OneOf(&["unicode", "ascii"]),
        "signs = \"ascii\"",
        "What is drawn beside letters. Default: unicode where the locale is UTF-8.",
    ),
];

/// Where the file is, by the environment.
pub fn path(lookup: impl Fn(&str) -> Option<OsString>) -> Option<PathBuf> {
    let filled = |name: &str| lookup(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    filled(VARIABLE).or_else(|| {
        let base = filled("XDG_CONFIG_HOME").filter(|base| base.is_absolute()).or_else(|| Some(filled("HOME")?.join(".config")))?;
        Some(base.join("dualrun").join("config.toml"))
    })
}

/// Reads the file; where there is none, nothing was chosen.
pub fn load(path: Option<PathBuf>) -> Result<UserSettings, Problems> {
    let Some(file) = path.as_deref().filter(|file| !std::fs::metadata(file).is_err_and(|e| e.kind() == ErrorKind::NotFound)) else {
        return Ok(UserSettings { path, ..UserSettings::default() });
    };
    let text = read_text(file)?;
    read(file, &text)
}

fn read(file: &Path, text: &str) -> Result<UserSettings, Problems> {
    let mut findings = Findings::new(file, text);
    let table = findings.parse();
    let root = Section::of_table(table.get_ref(), 0..0, String::new(), ROOT, &mut findings);
    let section = root.value("terminal").and_then(|v| Section::checked(v, "[terminal]".to_owned(), TERMINAL, &mut findings));
    let looks = section.map_or_else(Looks::default, |section| Looks {
        theme: section.text("theme").and_then(ThemeName::named),
        colours: section.choose("colours", &[("true", Colours::True), ("256", Colours::Indexed), ("16", Colours::Sixteen)], None),
        ascii: section.text("signs").map(|word| word == "ascii"),
    });
    let mut keys = root.value("keys").map_or_else(Vec::new, |value| changes(value, &mut findings));
    keys.sort_by_key(|change| (change.at.line, change.at.column));
    if findings.is_empty() { Ok(UserSettings { path: Some(file.to_owned()), looks, keys }) } else { Err(findings.into_problems()) }
}

const HOW: &str = "write it under [keys] as table.waive = \"w\", or [\"w\", \"F2\"]";

/// Contexts to commands to keys.
fn changes(value: &Spanned<DeValue<'_>>, findings: &mut Findings<'_>) -> Vec<KeyChange> {
    let mut all = Vec::new();
    let DeValue::Table(contexts) = value.get_ref() else {
        findings.at(&value.span(), format!("keys is {} where a section belongs", kind_of(value)), HOW);
        return all;
    };
    for (context, commands) in contexts {
        let DeValue::Table(commands) = commands.get_ref() else {
            let what = format!("[keys] {} is {} where commands belong", shown(context.get_ref(), 40), kind_of(commands));
            findings.at(&context.span(), what, HOW);
            continue;
        };
        for (command, keys) in commands {
            let list: Vec<&Spanned<DeValue<'_>>> = match keys.get_ref() {
                DeValue::Array(list) => list.iter().collect(),
                _ => vec![keys],
            };
            let mut words = Vec::new();
            for key in list {
                match key.get_ref().as_str() {
                    Some(word) => words.push((word.to_owned(), findings.place(&key.span()))),
                    None => findings.at(&key.span(), format!("[keys] {} where a key belongs", kind_of(key)), HOW),
                }
            }
            let (context, at) = (context.get_ref().clone().into_owned(), findings.place(&command.span()));
            all.push(KeyChange { context, command: command.get_ref().clone().into_owned(), keys: words, at });
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_and_looks_are_read_with_their_places() {
        let text = "[terminal]\ntheme = \"high_contrast\"\nsigns = \"ascii\"\n[keys]\ntable.waive = \"W\"\nglobal.help = [\"?\", \"F1\"]\n";
        let read = read(Path::new("config.toml"), text).unwrap();
        assert_eq!((read.looks.theme, read.looks.ascii, read.looks.colours), (Some(ThemeName::HighContrast), Some(true), None));
        let told: Vec<(String, usize, Vec<&str>)> =
            read.keys.iter().map(|c| (format!("{}.{}", c.context, c.command), c.at.line, c.keys.iter().map(|(k, _)| k.as_str()).collect())).collect();
        assert_eq!(told, [("table.waive".to_owned(), 5, vec!["W"]), ("global.help".to_owned(), 6, vec!["?", "F1"])]);
    }

    #[test]
    fn every_problem_is_told_with_its_place() {
        let text = "[terminal]\ntheme = \"pink\"\n[keys]\ntable = \"w\"\nflip.apply = 5\n[colours]\n";
        let problems = read(Path::new("config.toml"), text).unwrap_err().to_string();
        for part in ["config.toml:2:", "config.toml:4:", "config.toml:5:", "unknown section \"colours\""] {
            assert!(problems.contains(part), "{part}: {problems}");
        }
    }

    #[test]
    fn the_place_follows_the_environment() {
        let of = |pairs: &[(&str, &str)]| path(|name| pairs.iter().find(|(n, _)| *n == name).map(|(_, v)| OsString::from(v)));
        assert_eq!(of(&[("HOME", "/home/ana")]), Some(PathBuf::from("/home/ana/.config/dualrun/config.toml")));
        assert_eq!(of(&[("HOME", "/h"), ("XDG_CONFIG_HOME", "/x")]), Some(PathBuf::from("/x/dualrun/config.toml")));
        assert_eq!(of(&[("HOME", "/h"), (VARIABLE, "/own.toml")]), Some(PathBuf::from("/own.toml")));
        assert_eq!(of(&[]), None);
    }
}
