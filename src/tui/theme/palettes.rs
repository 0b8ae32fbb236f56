//! The colours of each theme, by how many the terminal shows. A theme is a name in [`ThemeName`] and a column here; nothing else knows a
//! colour. Those of dark and light keep the terminal's own ink and ground, high contrast brings both.

use super::Depth;
use crate::config::user::ThemeName;
use ratatui::style::Color;

/// The colours of a theme at a depth.
#[derive(Debug, Clone, Copy)]
pub struct Palette {
    /// Ink and ground of everything; without them the terminal's own.
    pub paper: Option<(Color, Color)>,
    /// Equal, passed, done.
    pub good: Color,
    /// Not equal, failed.
    pub bad: Color,
    /// Only one side has it.
    pub one_sided: Color,
    /// Look at it; old or unknown.
    pub warning: Color,
    /// Keys.
    pub accent: Color,
    /// Less important.
    pub muted: Color,
    /// Frames.
    pub border: Color,
    /// Ink and ground of the selected line; without them it is reversed.
    pub selected: Option<(Color, Color)>,
}

/// The palette of a theme at a depth; `None` where there is no colour at all.
pub const fn palette(theme: ThemeName, depth: Depth) -> Option<&'static Palette> {
    Some(match (theme, depth) {
        (ThemeName::Mono, _) | (_, Depth::Mono) => return None,
        (ThemeName::Dark, Depth::Sixteen) => &DARK_16,
        (ThemeName::Dark, Depth::Many) => &DARK_256,
        (ThemeName::Dark, Depth::True) => &DARK,
        (ThemeName::Light, Depth::Sixteen) => &LIGHT_16,
        (ThemeName::Light, Depth::Many) => &LIGHT_256,
        (ThemeName::Light, Depth::True) => &LIGHT,
        (ThemeName::HighContrast, Depth::Sixteen) => &HIGH_16,
        (ThemeName::HighContrast, Depth::Many) => &HIGH_256,
        (ThemeName::HighContrast, Depth::True) => &HIGH,
    })
}

const fn rgb(hex: u32) -> Color {
    let [_, r, g, b] = hex.to_be_bytes();
    Color::Rgb(r, g, b)
}

const fn of(n: u8) -> Color {
    Color::Indexed(n)
}

const DARK: Palette = Palette {
    paper: None,
    good: rgb(0x7d_c4_7d),
    bad: rgb(0xff_76_70),
    one_sided: rgb(0xd5_8c_e0),
    warning: rgb(0xe0_b0_4a),
    accent: rgb(0x5c_b8_e6),
    muted: rgb(0x9a_a0_a6),
    border: rgb(0x5f_66_6d),
    selected: Some((rgb(0xf4_f6_f8), rgb(0x3a_42_4c))),
};

const DARK_256: Palette = Palette {
    paper: None,
    good: of(71),
    bad: of(203),
    one_sided: of(170),
    warning: of(178),
    accent: of(38),
    muted: of(246),
    border: of(241),
    selected: Some((of(255), of(238))),
};

const DARK_16: Palette = Palette {
    paper: None,
    good: Color::Green,
    bad: Color::Red,
    one_sided: Color::Magenta,
    warning: Color::Yellow,
    accent: Color::Cyan,
    muted: Color::DarkGray,
    border: Color::DarkGray,
    selected: None,
};

const LIGHT: Palette = Palette {
    paper: None,
    good: rgb(0x1d_72_2e),
    bad: rgb(0xb4_1f_1f),
    one_sided: rgb(0x8a_2a_93),
    warning: rgb(0x86_58_00),
    accent: rgb(0x0b_5c_95),
    muted: rgb(0x5d_64_6b),
    border: rgb(0x9a_a1_a8),
    selected: Some((rgb(0x10_14_18), rgb(0xd3_dd_e6))),
};

const LIGHT_256: Palette = Palette {
    paper: None,
    good: of(22),
    bad: of(124),
    one_sided: of(90),
    warning: of(94),
    accent: of(24),
    muted: of(240),
    border: of(247),
    selected: Some((of(16), of(253))),
};

/// Yellow is not read on white: what is to be looked at has the colour of one side there, and its own signs.
const LIGHT_16: Palette = Palette {
    paper: None,
    good: Color::Green,
    bad: Color::Red,
    one_sided: Color::Magenta,
    warning: Color::Magenta,
    accent: Color::Blue,
    muted: Color::DarkGray,
    border: Color::DarkGray,
    selected: None,
};

/// Its selected line is reversed, so that each ink becomes a ground: no ground is far from all of them.
const HIGH: Palette = Palette {
    paper: Some((rgb(0xff_ff_ff), rgb(0))),
    good: rgb(0x6d_ff_6d),
    bad: rgb(0xff_8a_8a),
    one_sided: rgb(0xff_a0_ff),
    warning: rgb(0xff_e0_4d),
    accent: rgb(0x6d_ea_ff),
    muted: rgb(0xd0_d0_d0),
    border: rgb(0xb0_b0_b0),
    selected: None,
};

const HIGH_256: Palette = Palette {
    paper: Some((of(231), of(16))),
    good: of(83),
    bad: of(210),
    one_sided: of(219),
    warning: of(221),
    accent: of(87),
    muted: of(252),
    border: of(249),
    selected: None,
};

const HIGH_16: Palette = Palette {
    paper: Some((Color::White, Color::Black)),
    good: Color::LightGreen,
    bad: Color::LightRed,
    one_sided: Color::LightMagenta,
    warning: Color::LightYellow,
    accent: Color::LightCyan,
    muted: Color::White,
    border: Color::Gray,
    selected: None,
};
