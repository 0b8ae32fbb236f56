//! A key: as it is pressed, as it is drawn, and as it is written in a configuration.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

/// A key with its modifiers that matter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Key {
    code: KeyCode,
    control: bool,
}

pub(super) const fn plain(code: KeyCode) -> Key {
    Key { code, control: false }
}

pub(super) const fn ch(c: char) -> Key {
    plain(KeyCode::Char(c))
}

pub(super) const fn ctrl(c: char) -> Key {
    Key { code: KeyCode::Char(c), control: true }
}

/// Keys with a word: the word of a configuration, the sign of the screen.
const NAMED: [(&str, &str, KeyCode); 16] = [
    ("Space", "Space", KeyCode::Char(' ')),
    ("Enter", "⏎", KeyCode::Enter),
    ("Esc", "Esc", KeyCode::Esc),
    ("Tab", "Tab", KeyCode::Tab),
    ("S-Tab", "S-Tab", KeyCode::BackTab),
    ("Up", "↑", KeyCode::Up),
    ("Down", "↓", KeyCode::Down),
    ("Left", "←", KeyCode::Left),
    ("Right", "→", KeyCode::Right),
    ("PgUp", "PgUp", KeyCode::PageUp),
    ("PgDn", "PgDn", KeyCode::PageDown),
    ("Home", "Home", KeyCode::Home),
    ("End", "End", KeyCode::End),
    ("Delete", "Del", KeyCode::Delete),
    ("Insert", "Ins", KeyCode::Insert),
    ("Backspace", "Bksp", KeyCode::Backspace),
];

impl Key {
    /// The key of an event; shift is in the character itself.
    pub const fn of(event: KeyEvent) -> Self {
        Self { code: event.code, control: event.modifiers.contains(KeyModifiers::CONTROL) }
    }

    /// Its name on the screen.
    pub fn name(self) -> String {
        self.written(|(_, sign, _)| sign, "^")
    }

    /// Its name in a configuration, which [`Key::parse`] reads.
    pub fn word(self) -> String {
        self.written(|(word, ..)| word, "Ctrl-")
    }

    fn written(self, pick: impl Fn((&'static str, &'static str, KeyCode)) -> &'static str, control: &str) -> String {
        let name = NAMED.into_iter().find(|(.., code)| *code == self.code).map(|named| pick(named).to_owned());
        let name = name.unwrap_or_else(|| match self.code {
            KeyCode::Char(c) if self.control => c.to_uppercase().to_string(),
            KeyCode::Char(c) => c.to_string(),
            KeyCode::F(n) => format!("F{n}"),
            other => format!("{other:?}"),
        });
        if self.control { format!("{control}{name}") } else { name }
    }

    /// Reads a name of a configuration: a character, `Ctrl-R`, `F5`, `PgDn` …
    pub fn parse(text: &str) -> Option<Self> {
        if let Some((before, rest)) = text.split_once('-')
            && before.eq_ignore_ascii_case("ctrl")
        {
            let inner = Self::parse(rest).filter(|key| !key.control)?;
            let code = match inner.code {
                KeyCode::Char(c) => KeyCode::Char(c.to_ascii_lowercase()),
                other => other,
            };
            return Some(Self { code, control: true });
        }
        if let Some((.., code)) = NAMED.into_iter().find(|(word, sign, _)| word.eq_ignore_ascii_case(text) || *sign == text) {
            return Some(plain(code));
        }
        if let Some(n) = text.strip_prefix(['F', 'f']).and_then(|n| n.parse().ok()).filter(|n| (1..=12).contains(n)) {
            return Some(plain(KeyCode::F(n)));
        }
        let mut chars = text.chars();
        chars.next().filter(|c| chars.next().is_none() && !c.is_control() && !c.is_whitespace()).map(ch)
    }

    /// Whether it would be typed where text is.
    pub const fn is_typed(self) -> bool {
        matches!(self.code, KeyCode::Char(_)) && !self.control
    }

    /// Whether it is Enter.
    pub fn is_enter(self) -> bool {
        self.code == KeyCode::Enter
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_back() {
        for (word, name) in [("a", "a"), ("A", "A"), ("Ctrl-R", "^R"), ("F5", "F5"), ("Space", "Space"), ("Enter", "⏎"), ("-", "-"), ("?", "?")] {
            let key = Key::parse(word).unwrap();
            assert_eq!((key.word().as_str(), key.name().as_str()), (word, name));
        }
        assert_eq!(Key::parse("ctrl-r"), Some(ctrl('r')));
        assert_eq!(Key::parse("↓"), Some(plain(KeyCode::Down)));
        for wrong in ["", "ab", "F13", "Ctrl-", "Ctrl-Ctrl-a", "\t", "Meta-x"] {
            assert_eq!(Key::parse(wrong), None, "{wrong}");
        }
    }
}
