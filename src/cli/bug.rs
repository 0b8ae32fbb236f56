//! How a bug is told: in one line with its place, never with the data it fell over.

use super::out;
use std::io::IsTerminal as _;

/// Installs both hooks: for panics, and for reports of errors nobody foresaw (without colours where nobody could see them).
pub fn install_hooks() {
    let plain = std::env::var_os("NO_COLOR").is_some_and(|v| !v.is_empty()) || !std::io::stderr().is_terminal();
    let theme = if plain { color_eyre::config::Theme::new() } else { color_eyre::config::Theme::dark() };
    let hooks = color_eyre::config::HookBuilder::blank().theme(theme).display_env_section(false).display_location_section(false);
    // A second installation (in a test) changes nothing.
    let _ = hooks.into_hooks().1.install();
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map_or_else(|| "unknown place".to_owned(), |at| format!("{}:{}", at.file(), at.line()));
        out::say(&format!("bug at {place} — please report this line; nothing half-done was published"));
    }));
}
