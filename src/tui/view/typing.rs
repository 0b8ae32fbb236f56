//! The words around something typed: what it does, said before it is done.

use crate::domain::flip::Direction;
use crate::domain::text::shown;
use crate::present::{money, numbers};
use crate::tui::model::Model;
use crate::tui::model::deed::Typing;
use crate::tui::screens::flip::words;

/// Title and lines above what is typed.
pub fn words(model: &Model, of: &Typing) -> (String, Vec<String>) {
    let actor = shown(&model.setup.actor, 40);
    match of {
        Typing::Phrase { wave, direction, phrase } => (
            format!("{} wave {wave}?", if *direction == Direction::Forward { "Apply" } else { "Back out" }),
            match direction {
                Direction::Forward => apply(model, *wave, phrase),
                Direction::Back => back_out(model, *wave, phrase),
            },
        ),
        Typing::Hold => (
            "Hold the flip?".to_owned(),
            vec![
                "Nothing more of it is done until somebody resumes it. A wave that is being applied stops before its next batch.".to_owned(),
                String::new(),
                format!("Why, in a few words; kept with the name {actor}:"),
            ],
        ),
        Typing::Resume => {
            let held = model.book.flip.held.as_ref();
            let held = held.map(|(who, _, why)| format!("Held by {}: {}", shown(who, 40), shown(why, 160)));
            let mut lines: Vec<String> = held.into_iter().collect();
            lines.extend(["It may go on after this; nothing goes on by itself.".to_owned(), String::new()]);
            lines.push(format!("Why, in a few words; kept with the name {actor}:"));
            ("Resume the flip?".to_owned(), lines)
        }
        Typing::NoGo { stage } => (
            format!("No-go for {}?", shown(stage, 40)),
            vec![
                "The stage does not pass while this stands; only who said no takes it back (dualrun sign --withdraw).".to_owned(),
                String::new(),
                format!("Why, in a few words; kept with the name {actor}:"),
            ],
        ),
        Typing::Attest { name, statement, .. } => (
            format!("State {}?", shown(name, 60)),
            vec![
                format!("You state: {}", shown(statement, 300)),
                "If it is not so, leave this (Esc): dualrun gates attest --fails keeps that it is not.".to_owned(),
                String::new(),
                format!("What was looked at and found; kept with the name {actor}:"),
            ],
        ),
    }
}

fn apply(model: &Model, wave: u32, phrase: &str) -> Vec<String> {
    let mut out = Vec::new();
    if let Some(of) = model.book.flip.waves.get(&wave) {
        let totals = of.pack.totals();
        let amount = money::list(totals.money.iter().map(|(c, m)| (*c, *m)));
        let who = numbers::counted(totals.count, "subscription", "subscriptions");
        out.push(format!("{who}, {amount} of first invoices. The source is switched off first, and read back; then the target bills."));
        for (currency, (id, minor)) in &totals.largest {
            out.push(format!("Largest: {} {currency}, {}.", money::grouped(*minor, *currency), shown(id, 60)));
        }
    }
    out.push("THIS CHANGES BOTH SYSTEMS. Everything is checked once more before the first change; one cent of difference stops it.".to_owned());
    out.extend(asked(phrase));
    out
}

fn back_out(model: &Model, wave: u32, phrase: &str) -> Vec<String> {
    let mut out: Vec<String> = model.book.flip.waves.get(&wave).into_iter().flat_map(words::way_back).collect();
    out.push("THIS CHANGES BOTH SYSTEMS. Every change is undone in reverse order: the target first, the source bills again last.".to_owned());
    out.extend(asked(phrase));
    out
}

fn asked(phrase: &str) -> [String; 3] {
    [String::new(), "Type this, letter by letter:".to_owned(), format!("  {}", shown(phrase, 200))]
}
