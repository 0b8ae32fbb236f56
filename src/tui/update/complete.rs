//! Completing the word of a filter: from the language itself, and from what the run on the screen holds.

use super::{import, rows};
use crate::domain::import::DeliveryState;
use crate::domain::shadow::CARRIED;
use crate::domain::verdict::{Basis, Review, Verdict};
use crate::ports::workspace::{RowLine, UNEXPLAINED};
use crate::present::complete::{Known, offers, taken};
use crate::present::import::filter::{FATES, IN_TARGET};
use crate::tui::model::{Editing, Model, Screen};
use tui_input::Input;

/// Names of plans and customers offered at most.
const NAMES: usize = 40;

/// Looks anew what the word at the cursor could become.
pub fn look(model: &mut Model) {
    let known = match model.screen {
        Screen::Reconcile => of_rows(model),
        _ => of_lines(),
    };
    if let Some(editing) = editing(model) {
        editing.offers = offers(editing.input.value(), editing.input.cursor(), &known);
    }
}

/// Takes the first offer.
pub fn take(model: &mut Model) {
    if let Some(editing) = editing(model)
        && let Some(offer) = editing.offers.first()
    {
        let (text, cursor) = taken(editing.input.value(), editing.input.cursor(), offer);
        editing.input = Input::new(text).with_cursor(cursor);
        check(model);
    }
}

/// Says what a filter lacks, and looks what it could become.
pub fn check(model: &mut Model) {
    let of_import = model.screen == Screen::Import;
    if let Some(editing) = editing(model) {
        if of_import { import::check_filter(editing) } else { rows::check_filter(editing) }
    }
    look(model);
}

/// The filter being typed on the screen.
pub fn editing(model: &mut Model) -> Option<&mut Editing> {
    match model.screen {
        Screen::Reconcile => model.table.editing.as_mut(),
        Screen::Import => model.plan.editing.as_mut(),
        _ => None,
    }
}

fn words(all: impl IntoIterator<Item = &'static str>) -> Vec<String> {
    all.into_iter().map(str::to_owned).collect()
}

fn of_rows(model: &Model) -> Known {
    let verdicts = words(Verdict::ALL.into_iter().map(Verdict::word).chain(["missing", "differs"]));
    let reviews = words([Review::Open, Review::Explained, Review::Waived, Review::Resolved].map(Review::word));
    let currencies = model.shown_run().map_or_else(Vec::new, |run| run.tally.money.keys().map(ToString::to_string).collect());
    let clusters = model.shown_facts().and_then(|f| f.together.as_ref()).map_or(&[][..], |t| &t.clusters);
    let mut causes: Vec<String> = clusters.iter().filter_map(|c| c.causes.first()).map(|c| c.word().to_owned()).collect();
    causes.push(UNEXPLAINED.to_owned());
    let (customers, plans) = (names(model, |row| row.customer.raw()), names(model, |row| row.plan.raw()));
    let known = [
        ("verdict", verdicts),
        ("money", words([">", "<"])),
        ("cause", unique(causes)),
        ("review", reviews),
        ("plan", plans),
        ("cust", customers),
        ("currency", currencies),
        ("basis", words([Basis::Draft, Basis::Rated].map(Basis::word))),
        ("key", names(model, |row| row.key.raw())),
    ];
    Known(known.into())
}

/// What the rows at hand are called, each once.
fn names(model: &Model, name: impl Fn(&RowLine) -> &str) -> Vec<String> {
    let all = model.table.rows.iter().map(|(_, row)| name(row)).filter(|name| !name.is_empty() && !name.chars().any(char::is_control));
    let mut all = unique(all.map(str::to_owned).collect());
    all.truncate(NAMES);
    all
}

fn unique(mut all: Vec<String>) -> Vec<String> {
    all.sort_unstable();
    all.dedup();
    all
}

fn of_lines() -> Known {
    let known = [
        ("entity", words(CARRIED.map(crate::domain::contract::Entity::word))),
        ("fate", words(FATES)),
        ("target", words(IN_TARGET)),
        ("delivery", words(DeliveryState::ALL.map(DeliveryState::word))),
        ("money", words([">", "<"])),
    ];
    Known(known.into())
}
