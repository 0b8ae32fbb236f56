//! The palette: what it offers, what a few letters find of it, and what is done when one is chosen.

use super::{commands, seek as row_seek, views};
use crate::config::user::ThemeName;
use crate::tui::keymap::{Command, Context};
use crate::tui::model::palette::{Aim, Choice, FileKind, Found, Item, Palette};
use crate::tui::model::{Model, Overlay, Screen};
use crate::tui::msg::Effect;
use nucleo_matcher::{Config, Matcher, Utf32Str};
use tui_input::Input;

/// Opens it.
pub fn open(model: &mut Model, aim: Aim) -> Vec<Effect> {
    let items = match aim {
        Aim::Anything => anything(model),
        Aim::Views => view_items(model).chain([save_item()]).collect(),
        Aim::Jump => vec![jump_item()],
        Aim::Files => file_items().to_vec(),
    };
    let mut palette = Palette { aim, input: Input::default(), items, found: Vec::new(), at: 0 };
    seek(&mut palette);
    model.overlays.push(Overlay::Palette(Box::new(palette)));
    Vec::new()
}

fn item(choice: Choice, words: impl Into<String>, group: &'static str) -> Item {
    Item { choice, words: words.into(), group, keys: String::new() }
}

/// The commands of this screen first, then everything else that can be gone to.
fn anything(model: &Model) -> Vec<Item> {
    let mut items = commands_here(model);
    if model.shown_run().is_some() {
        items.extend(view_items(model));
        items.extend(file_items());
        items.push(save_item());
    }
    items.extend(model.months().into_iter().rev().map(|month| item(Choice::Month(month), format!("show {month}"), "month")));
    items.extend(ThemeName::ALL.map(|theme| item(Choice::Theme(theme), format!("theme: {}", theme.word().replace('_', " ")), "looks")));
    if model.shown_run().is_some() {
        items.push(jump_item());
    }
    items
}

fn commands_here(model: &Model) -> Vec<Item> {
    let mut seen: Vec<Command> = Vec::new();
    let mut items = Vec::new();
    for context in model.screen_contexts() {
        for (binding, keys) in model.setup.keys.lines(context) {
            if binding.command.is_motion() || seen.contains(&binding.command) {
                continue;
            }
            seen.push(binding.command);
            let (words, group) = match binding.command {
                Command::Go(screen) => (format!("go to {}", screen.title()), "screen"),
                _ => (binding.help.to_owned(), if context == Context::Global { "everywhere" } else { model.screen.title() }),
            };
            let keys: Vec<String> = keys.iter().map(|key| key.name()).collect();
            items.push(Item { choice: Choice::Do(binding.command), words, group, keys: keys.join(" ") });
        }
    }
    items
}

fn view_items(model: &Model) -> impl Iterator<Item = Item> {
    model.book.views.iter().map(|view| item(Choice::View(view.name.clone()), format!("view {}", view.name), "view"))
}

fn save_item() -> Item {
    item(Choice::SaveView, "save the present view as", "view")
}

fn jump_item() -> Item {
    item(Choice::Jump, "jump to", "row")
}

fn file_items() -> [Item; 2] {
    [
        item(Choice::Write(FileKind::Csv), "write the table as it is seen: a CSV file", "file"),
        item(Choice::Write(FileKind::JsonLines), "write the table as it is seen: JSON lines", "file"),
    ]
}

/// Finds anew what the letters typed say: every word of them must be in a line, best first. What is about the text itself comes last.
pub fn seek(palette: &mut Palette) {
    let typed = palette.input.value().trim().to_lowercase();
    let words: Vec<&str> = typed.split_whitespace().collect();
    let mut matcher = Matcher::new(Config::DEFAULT);
    let mut found: Vec<(u32, Found)> = Vec::new();
    for (at, item) in palette.items.iter().enumerate().filter(|(_, item)| !item.choice.takes_text()) {
        if let Some((score, letters)) = score(&mut matcher, &item.words, &words) {
            found.push((score, Found { item: at, letters }));
        }
    }
    found.sort_by_key(|(score, _)| std::cmp::Reverse(*score));
    // Letters that only happen to stand somewhere in a long line are no find beside a word that was meant.
    let best = found.first().map_or(0, |(score, _)| *score);
    found.retain(|(score, _)| score * 4 >= best * 3);
    palette.found = found.into_iter().map(|(_, found)| found).collect();
    let of_text = palette.items.iter().enumerate().filter(|(_, item)| item.choice.takes_text() && !typed.is_empty());
    palette.found.extend(of_text.map(|(item, _)| Found { item, letters: Vec::new() }));
    palette.at = 0;
}

/// How well words are found in a line, and by which letters; `None` where one is not.
fn score(matcher: &mut Matcher, line: &str, words: &[&str]) -> Option<(u32, Vec<u32>)> {
    let (mut in_line, mut in_word) = (Vec::new(), Vec::new());
    let line = Utf32Str::new(line, &mut in_line);
    let (mut sum, mut letters) = (0, Vec::new());
    for word in words {
        sum += u32::from(matcher.fuzzy_indices(line, Utf32Str::new(word, &mut in_word), &mut letters)?);
    }
    letters.sort_unstable();
    letters.dedup();
    Some((sum, letters))
}

/// Goes to another line.
pub fn step(palette: &mut Palette, by: isize) {
    palette.at = palette.at.saturating_add_signed(by).min(palette.found.len().saturating_sub(1));
}

/// Does what is selected.
pub fn choose(model: &mut Model) -> Vec<Effect> {
    let Some(Overlay::Palette(palette)) = model.overlays.last() else { return Vec::new() };
    let typed = palette.input.value().trim().to_owned();
    let Some(choice) = palette.selected().map(|item| item.choice.clone()) else { return Vec::new() };
    model.overlays.pop();
    match choice {
        Choice::Do(command) => commands::obey(model, command),
        Choice::Month(month) => commands::show_month(model, month),
        Choice::Theme(theme) => {
            model.setup.theme.name = theme;
            Vec::new()
        }
        Choice::Jump => {
            model.screen = Screen::Reconcile;
            row_seek::jump_to(model, typed)
        }
        Choice::View(name) => views::take_up(model, &name),
        Choice::SaveView => views::save(model, &typed),
        Choice::Write(kind) => views::write(model, kind),
    }
}

/// Forgets the selected view.
pub fn forget(model: &mut Model) -> Vec<Effect> {
    let Some(Overlay::Palette(palette)) = model.overlays.last() else { return Vec::new() };
    let Some(Choice::View(name)) = palette.selected().map(|item| item.choice.clone()) else { return Vec::new() };
    model.overlays.pop();
    views::forget(model, name)
}
