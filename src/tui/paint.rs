//! Small drawing words shared by the screens.

use super::theme::{Meaning, Theme};
use crate::domain::text::shown;
use crate::present::columns::Align;
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::symbols::border;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, Paragraph};
use unicode_width::UnicodeWidthStr;

/// A piece of text with its meaning.
pub fn piece(theme: Theme, meaning: Meaning, text: impl Into<String>) -> Span<'static> {
    Span::styled(text.into(), theme.style(meaning))
}

/// A framed panel; gives what is inside.
pub fn panel(frame: &mut Frame<'_>, theme: Theme, area: Rect, title: &str) -> Rect {
    let mut block = Block::bordered().border_style(theme.style(Meaning::Border));
    if theme.signs == crate::present::words::Signs::Ascii {
        block = block.border_set(ASCII_BORDER);
    }
    let room = usize::from(area.width.saturating_sub(4));
    if !title.is_empty() && room > 0 {
        // The frame's colour would shine through a style without ink.
        let ink = theme.paper().and_then(|paper| paper.fg).unwrap_or(ratatui::style::Color::Reset);
        let style = theme.style(Meaning::Title).fg(ink);
        block = block.title(Span::styled(format!(" {} ", shown(title, room.saturating_sub(2))), style));
    }
    let inner = block.inner(area);
    frame.render_widget(block, area);
    inner
}

const ASCII_BORDER: border::Set<'static> = border::Set {
    top_left: "+",
    top_right: "+",
    bottom_left: "+",
    bottom_right: "+",
    vertical_left: "|",
    vertical_right: "|",
    horizontal_top: "-",
    horizontal_bottom: "-",
};

/// Text brought to exactly `width` columns: cut with `…`, or filled with blanks on the other edge.
pub fn cell(text: &str, width: usize, align: Align) -> String {
    let text = shown(text, width);
    let blanks = " ".repeat(width.saturating_sub(text.width()));
    match align {
        Align::Left => text + &blanks,
        Align::Right => blanks + &text,
    }
}

/// Lines from the top; what does not fit below is not drawn.
pub fn lines(frame: &mut Frame<'_>, area: Rect, lines: Vec<Line<'static>>) {
    frame.render_widget(Paragraph::new(lines), area);
}

/// One line over the whole width in one style.
pub fn bar(frame: &mut Frame<'_>, area: Rect, text: &str, style: Style) {
    if area.height > 0 {
        frame.render_widget(Paragraph::new(Line::styled(cell(text, usize::from(area.width), Align::Left), style)), area);
    }
}

/// A piece of a line and how soon it gives way: the greatest first, 0 never.
pub struct Part {
    /// What is drawn.
    pub span: Span<'static>,
    /// How soon it gives way.
    pub yields: u8,
}

/// A part.
pub fn part(theme: Theme, meaning: Meaning, text: impl Into<String>, yields: u8) -> Part {
    Part { span: piece(theme, meaning, text), yields }
}

/// Lays parts from both edges of one line, two blanks apart; where there is no room, parts give way.
pub fn spread(width: usize, mut left: Vec<Part>, mut right: Vec<Part>) -> Line<'static> {
    let length = |parts: &[Part]| parts.iter().map(|p| p.span.width() + 2).sum::<usize>();
    while length(&left) + length(&right) > width {
        let worst = left.iter().chain(&right).map(|p| p.yields).max().unwrap_or(0);
        if worst == 0 {
            break;
        }
        let side = if right.iter().any(|p| p.yields == worst) { &mut right } else { &mut left };
        if let Some(at) = side.iter().rposition(|p| p.yields == worst) {
            side.remove(at);
        }
    }
    let gap = width.saturating_sub(length(&left) + length(&right));
    let mut spans = Vec::new();
    for p in left {
        spans.push(Span::raw(" "));
        spans.push(p.span);
        spans.push(Span::raw(" "));
    }
    spans.push(Span::raw(" ".repeat(gap)));
    for p in right {
        spans.push(Span::raw(" "));
        spans.push(p.span);
        spans.push(Span::raw(" "));
    }
    Line::from(spans)
}

/// A bar of `width` columns, filled to `part` of `whole`.
pub fn gauge(theme: Theme, part: u64, whole: u64, width: usize) -> (String, String) {
    const EIGHTHS: [&str; 8] = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];
    let eighths = if whole == 0 { 0 } else { usize::try_from(u128::from(part.min(whole)) * (width as u128) * 8 / u128::from(whole)).unwrap_or(0) };
    let (full, empty) = (theme.signs.pick("█", "#"), theme.signs.pick("░", "."));
    let ascii = theme.signs == crate::present::words::Signs::Ascii;
    let tip = if ascii { "" } else { EIGHTHS[eighths % 8] };
    let filled = full.repeat(eighths / 8) + tip;
    let rest = empty.repeat(width.saturating_sub(filled.width()));
    (filled, rest)
}

/// Amounts beside each other as columns of one line, the greatest full; what is not known is a blank.
pub fn spark(theme: Theme, amounts: &[Option<u64>]) -> String {
    let levels: [&str; 8] = if theme.signs == crate::present::words::Signs::Ascii {
        ["_", ".", ":", "-", "=", "+", "*", "#"]
    } else {
        ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"]
    };
    let most = amounts.iter().flatten().copied().max().unwrap_or(0);
    let level = |amount: u64| {
        let at = if most == 0 { 0 } else { u128::from(amount) * 7 / u128::from(most) };
        // Little is more than nothing.
        levels[usize::try_from(at).unwrap_or(7).max(usize::from(amount > 0))]
    };
    amounts.iter().map(|amount| amount.map_or(" ", level)).collect()
}

/// Words broken into lines of at most `width` columns; a word longer than that is cut hard. Every line is indented like
/// the beginning, and blanks between words stay as many as they were.
pub fn wrap(text: &str, width: usize) -> Vec<String> {
    let indent = text.len() - text.trim_start_matches(' ').len();
    let indent = " ".repeat(if indent + 10 > width { 0 } else { indent });
    let mut out = Vec::new();
    let mut line = String::new();
    let mut blanks = 0;
    for word in text.trim_start_matches(' ').split(' ') {
        if word.is_empty() {
            blanks += 1;
            continue;
        }
        let gap = if line.is_empty() { indent.clone() } else { " ".repeat(blanks + 1) };
        blanks = 0;
        if line.width() + gap.width() + word.width() <= width {
            line.push_str(&gap);
            line.push_str(word);
            continue;
        }
        if !line.is_empty() {
            out.push(std::mem::take(&mut line));
        }
        line = cut_hard(word, &indent, width, &mut out);
    }
    if !line.is_empty() || out.is_empty() {
        out.push(line);
    }
    out
}

/// Writes whole lines of a word to `out` and gives its last, indented.
fn cut_hard(word: &str, indent: &str, width: usize, out: &mut Vec<String>) -> String {
    let room = width.saturating_sub(indent.len()).max(1);
    let mut head = word.to_owned();
    while head.width() > room && head.chars().count() > 1 {
        let rest = split_at_width(&mut head, room);
        out.push(format!("{indent}{head}"));
        head = rest;
    }
    format!("{indent}{head}")
}

/// Keeps the first `width` columns of a word and gives the rest.
fn split_at_width(word: &mut String, width: usize) -> String {
    let mut used = 0;
    let at = word.char_indices().find(|(_, c)| {
        used += unicode_width::UnicodeWidthChar::width(*c).unwrap_or(0);
        used > width
    });
    let at = at.map_or(word.len(), |(i, _)| i).max(word.chars().next().map_or(0, char::len_utf8));
    word.split_off(at)
}

/// A fact with its name before it, wrapped beside the name.
pub fn labelled(theme: Theme, label: &str, text: &str, meaning: Meaning, width: usize) -> Vec<Line<'static>> {
    let named = |(i, line): (usize, String)| {
        let label = if i == 0 { label } else { "" };
        Line::from(vec![piece(theme, Meaning::Muted, format!(" {}", cell(label, 10, Align::Left))), piece(theme, meaning, line)])
    };
    wrap(text, width.saturating_sub(12)).into_iter().enumerate().map(named).collect()
}

/// A calm page where there is nothing to show: what is so, and what to do next.
pub fn nothing(frame: &mut Frame<'_>, theme: Theme, area: Rect, what: &str, next: &str) {
    let width = usize::from(area.width.saturating_sub(6).min(90));
    let mut out: Vec<Line<'static>> = vec![Line::default()];
    out.extend(wrap(what, width).into_iter().map(|l| Line::from(vec![Span::raw("   "), piece(theme, Meaning::Normal, l)])));
    out.push(Line::default());
    out.extend(wrap(next, width).into_iter().map(|l| Line::from(vec![Span::raw("   "), piece(theme, Meaning::Muted, l)])));
    lines(frame, area, out);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wrapping_loses_nothing_and_keeps_the_width() {
        for width in [1, 2, 5, 12, 40] {
            let text = "  flat 200.00 × 1 日本語 averyveryverylongword end";
            let lines = wrap(text, width);
            assert!(lines.iter().all(|l| l.width() <= width.max(2)), "{width}: {lines:?}");
            let kept: String = lines.concat().replace(' ', "");
            assert_eq!(kept, text.replace(' ', ""));
        }
    }

    #[test]
    fn columns_of_a_line_tell_nothing_from_little_and_from_not_known() {
        let theme = Theme::default();
        assert_eq!(spark(theme, &[Some(0), Some(1), Some(1000), None, Some(500)]), "▁▂█ ▄");
        assert_eq!(spark(theme, &[Some(0), Some(0)]), "▁▁");
        assert_eq!(spark(theme, &[Some(u64::MAX), Some(1)]), "█▂");
        assert_eq!(spark(theme, &[]), "");
        let ascii = Theme { signs: crate::present::words::Signs::Ascii, ..theme };
        assert!(spark(ascii, &[Some(0), Some(3), Some(9)]).is_ascii());
    }

    #[test]
    fn cells_have_exactly_their_width() {
        assert_eq!(cell("12.50", 8, Align::Right), "   12.50");
        assert_eq!(cell("Acme Limited", 6, Align::Left), "Acme …");
        assert_eq!(cell("日本語", 4, Align::Left).width(), 4);
    }
}
