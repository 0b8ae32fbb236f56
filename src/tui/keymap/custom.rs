//! The keys an operator chose instead of the table's, held against it: an unknown name, a key that means two things in one place, and a key
//! that would hide what must stay in reach are problems of the file they are written in, all told at once.

use super::{BINDINGS, Binding, Bound, Command, Context, Key, Keymap};
use crate::config::user::KeyChange;
use crate::config::{At, Problem, Problems, nearest};
use crate::domain::text::shown;

/// Commands that no other may hide: with them a person gets out of everything. The last three only on the screens themselves.
const KEPT: [Command; 5] = [Command::Interrupt, Command::Suspend, Command::Quit, Command::Help, Command::Palette];

impl Keymap {
    /// The table with some keys changed.
    pub fn with(changes: &[KeyChange]) -> Result<Self, Problems> {
        let mut map = Self::default();
        let mut problems = Vec::new();
        let mut changed: Vec<(&Binding, &KeyChange)> = Vec::new();
        for change in changes {
            match binding(change).and_then(|binding| Ok((binding, keys(binding, change)?))) {
                Ok((binding, keys)) => {
                    changed.push((binding, change));
                    map.bound.iter_mut().filter(|b| std::ptr::eq(b.binding, binding)).for_each(|b| b.keys.clone_from(&keys));
                }
                Err(problem) => problems.push(problem),
            }
        }
        // Only once all are changed can it be said what stands in the way of what: two commands may have changed places.
        for (binding, change) in changed {
            problems.extend(map.conflicts(binding, change));
        }
        if problems.is_empty() { Ok(map) } else { Err(Problems::new(problems)) }
    }

    fn conflicts(&self, changed: &'static Binding, change: &KeyChange) -> Vec<Problem> {
        let Some(bound) = self.bound.iter().find(|b| std::ptr::eq(b.binding, changed)) else { return Vec::new() };
        let mut problems = Vec::new();
        for (key, at) in bound.keys.iter().zip(places(change)) {
            let same = |b: &&Bound| b.binding.context == changed.context && !std::ptr::eq(b.binding, changed) && b.keys.contains(key);
            if let Some(other) = self.bound.iter().find(same) {
                let name = full(other.binding);
                problems.push(at.problem(format!("\"{}\" is {name} already", key.word()), format!("give {name} another key, or this one")));
            }
            let kept = if changed.context.is_on_top() { &KEPT[..2] } else { &KEPT };
            let kept = |b: &&Bound| b.binding.context == Context::Global && kept.contains(&b.binding.command) && b.keys.contains(key);
            let hidden = self.bound.iter().find(kept).filter(|_| changed.context != Context::Global);
            if let Some(hidden) = hidden {
                let name = full(hidden.binding);
                problems.push(at.problem(format!("\"{}\" would hide {name} there", key.word()), "write another key: that one must be in reach"));
            }
        }
        problems
    }
}

fn full(binding: &Binding) -> String {
    format!("{}.{}", binding.context.name(), binding.command.name())
}

/// The places of a change's keys.
fn places(change: &KeyChange) -> impl Iterator<Item = &At> {
    change.keys.iter().map(|(_, at)| at)
}

/// The line of the table a change is about.
fn binding(change: &KeyChange) -> Result<&'static Binding, Problem> {
    let context = Context::ALL.into_iter().find(|c| c.name() == change.context);
    let Some(context) = context else {
        let known: Vec<&str> = Context::ALL.into_iter().map(Context::name).collect();
        return Err(change.at.problem(format!("no context \"{}\" of keys", shown(&change.context, 40)), advice(&change.context, &known)));
    };
    let here = || BINDINGS.iter().filter(move |b| b.context == context);
    here().find(|b| b.command.name() == change.command).ok_or_else(|| {
        let known: Vec<&str> = here().map(|b| b.command.name()).collect();
        let what = format!("no command \"{}\" in {}", shown(&change.command, 40), context.name());
        change.at.problem(what, advice(&change.command, &known))
    })
}

fn advice(word: &str, known: &[&'static str]) -> String {
    nearest(word, known.iter().copied()).map_or_else(|| format!("known here: {}", known.join(", ")), |near| format!("write {near}"))
}

/// The keys of a change, each one that can be pressed and may be taken there.
fn keys(binding: &Binding, change: &KeyChange) -> Result<Vec<Key>, Problem> {
    if change.keys.is_empty() {
        return Err(change.at.problem(format!("{} has no key", full(binding)), "write at least one, as \"w\" or [\"w\", \"F2\"]"));
    }
    let one = |(text, at): &(String, At)| {
        let key = Key::parse(text).ok_or_else(|| {
            let words =
                "write a character, Space, Enter, Esc, Tab, S-Tab, Up, Down, Left, Right, PgUp, PgDn, Home, End, Delete, F1 to F12, or Ctrl-X";
            at.problem(format!("\"{}\" is no key", shown(text, 40)), words)
        })?;
        if binding.context.is_typed_in() && key.is_typed() {
            return Err(at.problem(format!("\"{}\" is typed as a letter in {}", key.word(), binding.context.name()), "write a key that is none"));
        }
        if binding.context.is_weighty() && key.is_enter() && binding.command == Command::Open {
            return Err(at.problem("Enter would say yes to what cannot be taken back", "write a letter: it is meant to be a choice"));
        }
        Ok(key)
    };
    change.keys.iter().map(one).collect()
}
