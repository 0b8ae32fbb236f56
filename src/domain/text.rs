//! Text that came from outside: a database, a file, an environment.
//!
//! [`Untrusted`] has no `Display`, so it cannot reach a terminal, a log or an error by accident;
//! [`Untrusted::shown`] is the one way out to a person and neutralises what could drive a terminal or
//! read as something else (control, bidi, zero-width and tag characters), at a bounded cost.

use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::fmt::Write as _;
use std::sync::Arc;
use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

/// A string nobody here vouches for. Compare and store it freely; show it only through [`Untrusted::shown`].
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Untrusted(Arc<str>);

/// Combining marks kept on one base character; more would only cost frame time.
const MARKS_PER_BASE: usize = 4;
/// Bytes looked at per column asked for, before anything is laid out.
const BYTES_PER_COLUMN: usize = 32;

impl Untrusted {
    /// Takes text as it came.
    pub fn new(text: impl Into<Arc<str>>) -> Self {
        Self(text.into())
    }

    /// The exact text, for comparing, storing and machine formats that escape on their own (JSON).
    #[inline]
    pub fn raw(&self) -> &str {
        &self.0
    }

    /// One line of at most `width` terminal columns, safe to print: control, bidi, zero-width, tag and line-separator
    /// characters become visible markers such as `<U+202E>` or `\u{1b}`; what does not fit ends in `…`.
    pub fn shown(&self, width: usize) -> String {
        shown(&self.0, width)
    }
}

impl std::fmt::Debug for Untrusted {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:?}", self.shown(60))
    }
}

impl From<&str> for Untrusted {
    fn from(text: &str) -> Self {
        Self::new(text)
    }
}

/// [`Untrusted::shown`] for text that is borrowed.
pub fn shown(text: &str, width: usize) -> String {
    if text.len() <= width && is_plain(text) {
        return text.to_owned();
    }
    let budget = width.saturating_mul(BYTES_PER_COLUMN).saturating_add(64);
    let cut_bytes = text.len() > budget;
    let head = if cut_bytes { floor_char_boundary(text, budget) } else { text };
    let mut out = String::with_capacity(head.len().min(width * 4) + 4);
    let mut used = 0usize;
    for cluster in head.graphemes(true) {
        let piece = safe_cluster(cluster);
        let w = piece.width();
        if used + w > width {
            return with_ellipsis(out, used, width);
        }
        used += w;
        out.push_str(&piece);
    }
    if cut_bytes { with_ellipsis(out, used, width) } else { out }
}

/// Makes bytes that should have been UTF-8 visible: valid runs as they are, the rest as `\xNN`.
pub fn shown_bytes(bytes: &[u8], width: usize) -> String {
    let head = &bytes[..bytes.len().min(width.saturating_mul(BYTES_PER_COLUMN) + 64)];
    let mut text = String::new();
    for chunk in head.utf8_chunks() {
        text.push_str(chunk.valid());
        for b in chunk.invalid() {
            let _ = write!(text, "\\x{b:02x}");
        }
    }
    shown(&text, width)
}

fn floor_char_boundary(text: &str, at: usize) -> &str {
    let mut end = at.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

fn with_ellipsis(mut out: String, mut used: usize, width: usize) -> String {
    if width == 0 {
        return String::new();
    }
    while used + 1 > width {
        let Some((at, last)) = out.grapheme_indices(true).next_back() else { break };
        used = used.saturating_sub(last.width());
        out.truncate(at);
    }
    out.push('…');
    out
}

/// The whole text with markers in place of what [`Untrusted::shown`] would not print, nothing cut: for files that a person may
/// print to a terminal.
pub fn marked(text: &str) -> Cow<'_, str> {
    if is_plain(text) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.graphemes(true).map(|cluster| with_markers(cluster, usize::MAX)).collect())
}

/// Whether a text is made of characters that are one column wide each and safe to print, as most ids and names are.
fn is_plain(text: &str) -> bool {
    text.bytes().all(|b| (b' '..=b'~').contains(&b))
}

/// Whether a character is there without being seen, or makes others be seen differently.
pub fn is_hidden(c: char) -> bool {
    marker(c).is_some() || is_joiner(c)
}

/// Joins emoji and picks their form; between other characters it is only invisible.
const fn is_joiner(c: char) -> bool {
    matches!(c, '\u{200d}' | '\u{fe00}'..='\u{fe0f}')
}

/// Whether a joiner stands where it makes an emoji of its neighbours.
fn joins(previous: Option<char>, next: Option<char>) -> bool {
    let pictured = previous.is_some_and(|p| {
        let code = u32::from(p);
        matches!(code, 0xA9 | 0xAE | 0x203C..=0x2BFF | 0x3030 | 0x303D | 0x3297 | 0x3299 | 0xFE0F | 0x1F000..=0x1FBFF)
    });
    pictured || next == Some('\u{20e3}')
}

/// The characters of a cluster, each with its marker where it needs one.
fn with_neighbours(cluster: &str) -> impl Iterator<Item = (char, Option<String>)> + '_ {
    let mut previous = None;
    let mut chars = cluster.chars().peekable();
    std::iter::from_fn(move || {
        let c = chars.next()?;
        let stray = is_joiner(c) && !joins(previous, chars.peek().copied());
        previous = Some(c);
        Some((c, marker(c).or_else(|| stray.then(|| format!("<U+{:04X}>", u32::from(c))))))
    })
}

fn safe_cluster(cluster: &str) -> Cow<'_, str> {
    let harmless = with_neighbours(cluster).all(|(_, marker)| marker.is_none());
    if harmless && cluster.chars().count() <= MARKS_PER_BASE + 1 && !cluster.starts_with('\r') {
        return Cow::Borrowed(cluster);
    }
    Cow::Owned(with_markers(cluster, MARKS_PER_BASE))
}

/// A cluster with its markers and at most `most` of the other characters that follow its base.
fn with_markers(cluster: &str, most: usize) -> String {
    let mut out = String::new();
    let mut marks = 0usize;
    for (i, (c, marker)) in with_neighbours(cluster).enumerate() {
        match marker {
            Some(text) => out.push_str(&text),
            None if i == 0 => out.push(c),
            None if marks < most => {
                marks += 1;
                out.push(c);
            }
            None => {}
        }
    }
    out
}

/// What stands for a character that must not reach the terminal; `None` when it may.
fn marker(c: char) -> Option<String> {
    let code = u32::from(c);
    match code {
        0x0A => Some("␊".to_owned()),
        0x00..=0x1F | 0x7F..=0x9F => Some(format!("\\u{{{code:x}}}")),
        0xAD
        | 0x034F
        | 0x061C
        | 0x115F
        | 0x1160
        | 0x17B4
        | 0x17B5
        | 0x180B..=0x180F
        | 0x200B..=0x200C
        | 0x200E..=0x200F
        | 0x2028..=0x202E
        | 0x2060..=0x206F
        | 0x3164
        | 0xFEFF
        | 0xFFA0
        | 0xFFF0..=0xFFFB
        | 0xE0000..=0xE0FFF => Some(format!("<U+{code:04X}>")),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_and_bidi_become_markers() {
        assert_eq!(shown("a\u{1b}[2Jb", 40), "a\\u{1b}[2Jb");
        assert_eq!(shown("\u{202e}exe", 40), "<U+202E>exe");
        assert_eq!(shown("sub\u{200b}-1", 40), "sub<U+200B>-1");
        assert_eq!(shown("PASS\r\nFAIL", 40), "PASS\\u{d}␊FAIL");
    }

    #[test]
    fn joiners_join_emoji_and_are_seen_elsewhere() {
        let family = "\u{1f469}\u{200d}\u{1f467} \u{2620}\u{fe0f} 1\u{fe0f}\u{20e3}";
        assert_eq!(shown(family, 40), family);
        assert_eq!(shown("sub\u{200d}-1", 40), "sub<U+200D>-1");
        assert_eq!(shown("sub\u{fe0f}-1\u{200d}", 40), "sub<U+FE0F>-1<U+200D>");
    }

    #[test]
    fn marked_text_is_whole() {
        assert_eq!(marked("plain"), "plain");
        assert_eq!(marked("a\u{9b}31m\r\n日本\u{202e}x"), "a\\u{9b}31m\\u{d}␊日本<U+202E>x");
        let marks = format!("a{}", "\u{301}".repeat(1000));
        assert_eq!(marked(&marks), marks);
    }

    #[test]
    fn width_is_kept_and_cost_is_bounded() {
        assert_eq!(shown("日本語", 4), "日…");
        assert_eq!(shown("abcdef", 3), "ab…");
        let marks = format!("a{}", "\u{301}".repeat(1_000_000));
        assert!(shown(&marks, 20).chars().count() <= 6);
        assert_eq!(shown(&"x".repeat(10_000_000), 3), "xx…");
    }
}
