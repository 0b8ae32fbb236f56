//! Themes: chosen by word, by the terminal or by hand; each is read on its ground, and none says anything by colour alone.
#![allow(clippy::float_arithmetic, clippy::cast_lossless, reason = "contrast is a ratio of lights")]

use crate::driver::Driver;
use dualrun::config::user::{Colours, Looks, ThemeName};
use dualrun::present::words::Signs;
use dualrun::tui::theme::{Depth, Meaning, Theme};
use insta::assert_snapshot;
use ratatui::style::Color;

const MEANINGS: [Meaning; 8] =
    [Meaning::Normal, Meaning::Match, Meaning::Delta, Meaning::OneSided, Meaning::Warning, Meaning::Accent, Meaning::Muted, Meaning::Selected];

/// Red, green and blue of a colour with a fixed value.
fn rgb(color: Color) -> Option<[u8; 3]> {
    match color {
        Color::Rgb(r, g, b) => Some([r, g, b]),
        Color::Indexed(n @ 16..=231) => {
            let step = |n: u8| if n == 0 { 0 } else { 55 + 40 * n };
            let n = n - 16;
            Some([step(n / 36), step(n / 6 % 6), step(n % 6)])
        }
        Color::Indexed(n @ 232..) => Some([8 + 10 * (n - 232); 3]),
        _ => None,
    }
}

/// As WCAG reckons it.
fn light([r, g, b]: [u8; 3]) -> f64 {
    let of = |c: u8| {
        let c = f64::from(c) / 255.0;
        if c <= 0.03928 { c / 12.92 } else { ((c + 0.055) / 1.055).powf(2.4) }
    };
    0.2126 * of(r) + 0.7152 * of(g) + 0.0722 * of(b)
}

fn contrast(a: [u8; 3], b: [u8; 3]) -> f64 {
    let (a, b) = (light(a), light(b));
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}

#[test]
fn every_meaning_is_read_on_the_ground_of_its_theme() {
    let grounds = [(ThemeName::Dark, [0, 0, 0], 4.5), (ThemeName::Light, [255, 255, 255], 4.5), (ThemeName::HighContrast, [0, 0, 0], 7.0)];
    for (name, ground, least) in grounds {
        for depth in [Depth::Many, Depth::True] {
            let theme = Theme { name, depth, ..Theme::default() };
            for meaning in MEANINGS {
                let style = theme.style(meaning);
                let Some(ink) = style.fg.and_then(rgb) else { continue };
                let on = style.bg.and_then(rgb).unwrap_or(ground);
                assert!(contrast(ink, on) >= least, "{name:?} {depth:?} {meaning:?}: {:.1}", contrast(ink, on));
                // The selected line keeps the inks of its words.
                let Some(selected) = theme.style(Meaning::Selected).bg.and_then(rgb) else { continue };
                let on_it = contrast(ink, selected);
                assert!(on_it >= 3.0, "{name:?} {depth:?} {meaning:?} on the selected line: {on_it:.1}");
            }
        }
    }
}

#[test]
fn a_theme_is_chosen_by_word_and_else_by_the_terminal() {
    let of = |looks: Looks, pairs: &[(&str, &str)]| {
        let theme = Theme::chosen(looks, |name| pairs.iter().find(|(n, _)| *n == name).map(|(_, v)| (*v).to_owned()));
        (theme.name, theme.depth, theme.signs)
    };
    let none = Looks::default();
    let (dark, light) = (ThemeName::Dark, ThemeName::Light);
    assert_eq!(of(none, &[("TERM", "xterm-256color")]), (dark, Depth::Many, Signs::Unicode));
    assert_eq!(of(none, &[("TERM", "xterm"), ("COLORTERM", "truecolor")]), (dark, Depth::True, Signs::Unicode));
    assert_eq!(of(none, &[("TERM", "xterm"), ("COLORFGBG", "0;15")]), (light, Depth::Sixteen, Signs::Unicode));
    assert_eq!(of(none, &[("TERM", "dumb")]), (dark, Depth::Mono, Signs::Ascii));
    assert_eq!(of(none, &[("TERM", "xterm"), ("LANG", "C")]).2, Signs::Ascii);
    assert_eq!(of(none, &[("TERM", "xterm"), ("LC_ALL", "C.UTF-8"), ("LANG", "C")]).2, Signs::Unicode);
    let chosen = Looks { theme: Some(light), colours: Some(Colours::Sixteen), ascii: Some(false) };
    assert_eq!(of(chosen, &[("COLORTERM", "truecolor"), ("LANG", "C")]), (light, Depth::Sixteen, Signs::Unicode));
    assert_eq!(of(chosen, &[("NO_COLOR", "1")]).1, Depth::Mono);
}

#[test]
fn high_contrast_brings_its_own_ground_everywhere() {
    let mut driver = Driver::demo((80, 24));
    driver.model.setup.theme = Theme { name: ThemeName::HighContrast, depth: Depth::True, ..Theme::default() };
    for keys in ["1", "3", "3:", "?"] {
        driver.press(&format!("<esc><esc>{keys}"));
        let bare = driver.buffer().content().iter().filter(|c| c.bg == Color::Reset).count();
        assert_eq!(bare, 0, "{keys}");
    }
}

#[test]
fn without_colours_every_state_is_told_by_signs() {
    let mut driver = Driver::demo((80, 24));
    driver.model.setup.theme = Theme { depth: Depth::Mono, signs: Signs::Ascii, ..Theme::default() };
    driver.press("3/verdict:differs<enter>  ");
    assert_snapshot!("marked_ascii_80x24", driver.picture());
    assert!(driver.picture().lines().filter(|l| l.contains("* ")).count() >= 2);
}
