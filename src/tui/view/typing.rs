//! The words around something typed: what it does, said before it is done.

use crate::app::flip::WaveState;
use crate::domain::flip::Direction;
use crate::domain::text::shown;
use crate::present::flip::ON_THE_COPY;
use crate::present::{money, numbers};
use crate::tui::model::Model;
use crate::tui::model::deed::{COMPLETE, Made, Typing, Waits, abort_phrase};
use crate::tui::screens::flip::words;
use std::collections::BTreeMap;

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
        Typing::Attest { name, statement, holds, .. } => (format!("State {}?", shown(name, 60)), attest(&actor, statement, *holds)),
        Typing::Postpone { wave } => (
            format!("Postpone wave {wave}?"),
            vec![
                worth(model, *wave),
                "It is not applied before that day, in the service's zone; postponing it again moves the day.".to_owned(),
                String::new(),
                format!("The day, and why after it, as 2026-07-01 finance is away; kept with the name {actor}:"),
            ],
        ),
        Typing::Abort { wave } => (
            format!("Abort wave {wave}?"),
            vec![
                worth(model, *wave),
                "It goes no further: what is applied stays applied and bills in the target, what is not stays with the source.".to_owned(),
                "THIS CANNOT BE TAKEN BACK. The wave can only be backed out, or its subscriptions be planned anew.".to_owned(),
                String::new(),
                format!("Type this, letter by letter, and why after it; kept with the name {actor}:"),
                format!("  {}", abort_phrase(*wave)),
            ],
        ),
        Typing::Rehearse { wave } => (
            format!("Rehearse wave {wave}?"),
            vec![
                worth(model, *wave),
                "It is applied and backed out on a copy, each step timed: a project of its own whose sides lie elsewhere, with runs and imports of \
                 its own. Neither of the real sides is touched."
                    .to_owned(),
                String::new(),
                "The directory of the copy's dualrun.toml:".to_owned(),
            ],
        ),
        Typing::OnTheCopy { wave, dir, programs } => {
            let mut lines = vec![
                format!("The copy is {}. Its programs, which will be told to act:", shown(&dir.to_string_lossy(), 200)),
                format!("  {}", programs.iter().map(|p| shown(p, 120)).collect::<Vec<_>>().join(" and ")),
                "Where a program writes only its owner knows: one that writes to the real systems WOULD CHANGE WHO BILLS.".to_owned(),
            ];
            lines.extend(asked(ON_THE_COPY));
            (format!("Rehearse wave {wave} there?"), lines)
        }
        Typing::Complete => ("Complete the flip?".to_owned(), complete(model, &actor)),
        Typing::Agree(waits) => ("Agree, as a second person?".to_owned(), agree(waits)),
    }
}

fn attest(actor: &str, statement: &str, holds: bool) -> Vec<String> {
    let statement = shown(statement, 300);
    let (states, else_what) = if holds {
        (format!("You state: {statement}"), "If it is not so, leave this (Esc): A states that it is not.")
    } else {
        (format!("You state that this does NOT hold: {statement}"), "Its stage does not pass while this is the newest word about it.")
    };
    vec![
        states,
        else_what.to_owned(),
        "A file that shows it is named behind @ at the end, as @sheet.pdf: its digest is kept, not the file.".to_owned(),
        String::new(),
        format!("What was looked at and found; kept with the name {actor}:"),
    ]
}

/// Whom a wave is about, and its money.
fn worth(model: &Model, wave: u32) -> String {
    let Some(of) = model.book.flip.waves.get(&wave) else { return format!("There is no wave {wave} any more.") };
    let totals = of.pack.totals();
    let who = numbers::counted(totals.count, "subscription", "subscriptions");
    let amount = money::list(totals.money.iter().map(|(c, m)| (*c, *m)));
    format!("Wave {wave}, {}: {who}, {amount} of first invoices; {}.", of.state().word().replace('_', " "), words::counts(of))
}

fn complete(model: &Model, actor: &str) -> Vec<String> {
    let waves = &model.book.flip.waves;
    let mut sums = BTreeMap::new();
    let mut count = 0;
    for totals in waves.values().filter(|wave| wave.state() == WaveState::Clean).map(|wave| wave.pack.totals()) {
        count += totals.count;
        for (currency, minor) in totals.money {
            let sum: &mut i64 = sums.entry(currency).or_default();
            *sum = sum.saturating_add(minor);
        }
    }
    let who = numbers::counted(count, "subscription", "subscriptions");
    vec![
        format!("{who}, {} of first invoices, bill in the target for good. The source is read once more: it must bill nobody.", money::list(sums)),
        "Nothing of the flip is done after this.".to_owned(),
        String::new(),
        format!("Type this, letter by letter, and why after it; kept with the name {actor}:"),
        format!("  {COMPLETE}"),
    ]
}

fn agree(waits: &[Waits]) -> Vec<String> {
    /// Of so many it is told what they are.
    const MOST: usize = 5;
    let mut lines = Vec::new();
    for one in waits.iter().take(MOST) {
        let amount = money::list(one.money.iter().map(|m| (m.currency, m.minor)));
        let worth = match one.made {
            _ if amount.is_empty() => amount,
            Made::Act(..) => format!(" · {amount} at stake"),
            Made::Waiver(_) => format!(" · up to {amount} a run"),
        };
        lines.push(format!("{} would {}{worth}", shown(&one.by, 40), shown(&one.what, 160)));
        lines.push(if one.is_own { "  your own: another person agrees to it".to_owned() } else { format!("  {}", one.phrase()) });
    }
    if waits.len() > MOST {
        lines.push(format!("and {} more", numbers::count((waits.len() - MOST) as u64)));
    }
    lines.push("With your word it counts, and every later report says so.".to_owned());
    lines.extend([String::new(), "Type the phrase of one, letter by letter:".to_owned()]);
    lines
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
