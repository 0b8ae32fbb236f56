//! Every key, once: this table dispatches, and writes the footer, the help, the palette and the page of the documentation.
//!
//! A command is a variant of [`Command`], its name in `keymap/names.rs` and a line of `keymap/table.rs`. An operator may give it other
//! keys ([`Keymap::with`]); everything that tells a key asks the [`Keymap`].

mod custom;
mod key;
mod names;
mod table;

use super::model::Screen;
use crate::present::keys::KeyLine;
use crossterm::event::KeyEvent;
pub use key::Key;
use key::{ch, ctrl, plain};
pub use table::BINDINGS;

/// Where a key means something. The first context of [`super::model::Model::contexts`] that knows a key takes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Context {
    /// Everywhere but in questions and inputs.
    Global,
    /// The list of what blocks.
    Blockers,
    /// The table of rows.
    Table,
    /// The detail of a row.
    Detail,
    /// Typing a filter.
    Filter,
    /// The import's plan.
    Import,
    /// Its parked deliveries.
    Parked,
    /// A record of it, open.
    Record,
    /// The clusters of causes.
    Causes,
    /// The gates' stages.
    Gates,
    /// The checks of a stage.
    Checks,
    /// What blocks the flip, and its waves.
    Flip,
    /// A wave, open.
    Wave,
    /// The lists of Activity.
    Activity,
    /// A page of text on top.
    Text,
    /// A yes-or-no question.
    Confirm,
    /// A question whose yes acts in the target, or gives something up.
    Act,
    /// Typing a month.
    Month,
    /// Typing the phrase of a wave, or a reason.
    Typing,
    /// What a sign-off would be bound to.
    Sign,
    /// Filling in a waiver.
    Waive,
    /// The short tour.
    Tour,
    /// The assistant of `init`.
    Assistant,
    /// The palette of commands, views and ids.
    Palette,
    /// Choosing columns.
    Columns,
}

impl Context {
    /// Its heading in the help.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Global => "Everywhere",
            Self::Blockers => "What blocks the flip",
            Self::Table => "Reconcile: the table",
            Self::Detail => "Reconcile: a row",
            Self::Filter => "Typing a filter",
            Self::Import => "Import",
            Self::Parked => "Import: parked deliveries",
            Self::Record => "Import: a record",
            Self::Causes => "Causes",
            Self::Gates => "Gates",
            Self::Checks => "Gates: a stage's checks",
            Self::Flip => "Flip",
            Self::Wave => "Flip: a wave",
            Self::Activity => "Activity",
            Self::Text => "A page of text",
            Self::Confirm => "A question",
            Self::Act => "A question that acts",
            Self::Month => "Typing a month",
            Self::Typing => "Typing a phrase or a reason",
            Self::Sign => "Signing",
            Self::Waive => "Filling in a waiver",
            Self::Tour => "The short tour",
            Self::Assistant => "The assistant of init",
            Self::Palette => "The palette",
            Self::Columns => "Choosing columns",
        }
    }
}

/// What a key does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Command {
    /// Leave the program.
    Quit,
    /// Leave, and at the second press do not wait.
    Interrupt,
    /// Stop into the shell's background.
    Suspend,
    /// Show all keys.
    Help,
    /// Find a command, a screen, a view or an id by a few letters of it.
    Palette,
    /// Take back what was done last.
    Undo,
    /// Go to a screen.
    Go(Screen),
    /// The screen to the right.
    NextScreen,
    /// The screen to the left.
    PreviousScreen,
    /// An older month.
    PreviousMonth,
    /// A newer month.
    NextMonth,
    /// Ask for a month and reconcile it.
    Reconcile,
    /// Check the current run again.
    Recheck,
    /// Read the workspace again.
    Reload,
    /// Cancel the running job.
    Cancel,
    /// Copy what is selected.
    Copy,
    /// One line up.
    Up,
    /// One line down.
    Down,
    /// A page up.
    PageUp,
    /// A page down.
    PageDown,
    /// The first line.
    Top,
    /// The last line.
    Bottom,
    /// Open what is selected, or say yes.
    Open,
    /// Close one level, or say no.
    Back,
    /// Type a filter.
    EditFilter,
    /// Complete the word of a filter.
    CompleteWord,
    /// Take every filter away.
    ClearFilter,
    /// Show one verdict after the other.
    NextVerdict,
    /// Sort by the next column.
    NextSort,
    /// Turn the sort around.
    ReverseSort,
    /// The row above, staying in the detail.
    PreviousRow,
    /// The row below, staying in the detail.
    NextRow,
    /// Write the open row as a case.
    Export,
    /// Write the table as it is filtered, sorted and laid out into a file.
    ExportView,
    /// Ask for an id or a word, and go to its row.
    Jump,
    /// The next row with that word.
    NextHit,
    /// The row before with that word.
    PreviousHit,
    /// Take up a saved view, or save the present one.
    Views,
    /// Forget the selected view.
    Forget,
    /// Choose which columns are drawn, and how wide.
    Columns,
    /// Scroll to the columns on the left.
    ColumnsLeft,
    /// Scroll to the columns on the right.
    ColumnsRight,
    /// Mark a row, or take its mark away; show a column, or hide it.
    Mark,
    /// Mark every row of the filter; once more turns the marks around.
    MarkAll,
    /// Draw the column wider.
    Wider,
    /// Draw it narrower.
    Narrower,
    /// Draw it one place further to the left.
    Earlier,
    /// Draw it one place further to the right.
    Later,
    /// Back to how it was made.
    Reset,
    /// Show what an import would do.
    Plan,
    /// Ask whether to import.
    Apply,
    /// Ask whether to import, and retire what should not be in the target.
    ApplyAndRetire,
    /// Look whether the target is inert.
    Look,
    /// Everything about the import in full.
    InFull,
    /// Ask whether to try the selected parked delivery again.
    Retry,
    /// Ask whether to try all parked deliveries shown again.
    RetryAll,
    /// Ask whether to give the selected parked delivery up.
    Drop,
    /// Check a wave as for good.
    CheckWave,
    /// Ask for the phrase that backs a wave out.
    BackOut,
    /// Hold the flip, or resume it: asks why.
    Hold,
    /// Look at the first invoices of a wave.
    Care,
    /// Look at the days ahead, and recommend one.
    Simulate,
    /// Ask until when a wave is postponed, and why.
    Postpone,
    /// Ask for the phrase that lets a wave go no further.
    Abort,
    /// Ask where the copy is on which a wave is rehearsed.
    Rehearse,
    /// Ask for the phrase that closes the flip.
    Complete,
    /// Show what waits for a second person, and ask for the phrase that agrees.
    Agree,
    /// State that the selected check does not hold: asks what was seen.
    AttestFails,
    /// Show what a sign-off of the selected stage would be bound to, and ask.
    Sign,
    /// Say no to the selected stage: asks why.
    NoGo,
    /// State the selected check: asks what was seen.
    Attest,
    /// Waive the selected row's cause, or the rows of the filter.
    Waive,
    /// Say a word about the selected or the marked rows.
    Note,
    /// Say whose task they are.
    Own,
    /// Say that they are mended.
    Resolve,
    /// Say that they are not mended after all.
    Reopen,
    /// Which few corrections would close most.
    Fixes,
    /// Make the selected check now.
    MakeCheck,
    /// Make every check of the selected stage now.
    MakeStage,
    /// The list to the left.
    PreviousPane,
    /// The list to the right.
    NextPane,
}

/// One line of the table.
#[derive(Debug, Clone, Copy)]
pub struct Binding {
    /// Where it holds.
    pub context: Context,
    /// The keys, the one to show first.
    pub keys: &'static [Key],
    /// What they do.
    pub command: Command,
    /// One or two words for the footer; empty keeps it out of there.
    pub hint: &'static str,
    /// A sentence for the help.
    pub help: &'static str,
}

/// A line of the table with the keys it has now.
#[derive(Debug, Clone)]
struct Bound {
    binding: &'static Binding,
    keys: Vec<Key>,
}

/// The keys in force: those of the table, and what the operator has chosen instead.
#[derive(Debug, Clone)]
pub struct Keymap {
    bound: Vec<Bound>,
}

impl Default for Keymap {
    fn default() -> Self {
        Self { bound: BINDINGS.iter().map(|binding| Bound { binding, keys: binding.keys.to_vec() }).collect() }
    }
}

impl Keymap {
    /// The command of a key in the first of `contexts` that knows it. Interrupt and suspend are known everywhere.
    pub fn command(&self, contexts: &[Context], event: KeyEvent) -> Option<Command> {
        let key = Key::of(event);
        let found = contexts.iter().find_map(|context| self.of(*context).find(|b| b.keys.contains(&key)));
        let always = || self.bound.iter().find(|b| b.keys.contains(&key) && matches!(b.binding.command, Command::Interrupt | Command::Suspend));
        found.or_else(always).map(|b| b.binding.command)
    }

    fn of(&self, context: Context) -> impl Iterator<Item = &Bound> {
        self.bound.iter().filter(move |b| b.binding.context == context)
    }

    /// The lines of a context with the keys they have, in the footer's order.
    pub fn lines(&self, context: Context) -> impl Iterator<Item = (&'static Binding, &[Key])> {
        self.of(context).map(|b| (b.binding, b.keys.as_slice()))
    }

    /// The key to show for a command of a context.
    pub fn name(&self, context: Context, command: Command) -> String {
        self.of(context).find(|b| b.binding.command == command).and_then(|b| b.keys.first()).map_or_else(String::new, |key| key.name())
    }

    /// Hints of the footer for these contexts, most particular first: `(key, words)`.
    pub fn hints(&self, contexts: &[Context], job_runs: bool) -> Vec<(String, &'static str)> {
        let wanted = |b: &&Bound| {
            !b.binding.hint.is_empty() && (b.binding.command != Command::Cancel || job_runs) && !(b.binding.command.starts_a_job() && job_runs)
        };
        // A key that a more particular context has taken is no hint any more.
        let taken = |b: &&Bound| {
            let before = contexts.iter().take_while(|c| **c != b.binding.context);
            b.keys.first().is_some_and(|key| before.into_iter().any(|c| self.of(*c).any(|o| o.keys.contains(key))))
        };
        let of = |context: &Context| self.of(*context).collect::<Vec<_>>();
        contexts.iter().flat_map(of).filter(wanted).filter(|b| !taken(b)).filter_map(|b| Some((self.hint(b)?, b.binding.hint))).collect()
    }

    /// The key of a hint; of two commands that go both ways, both keys.
    fn hint(&self, bound: &Bound) -> Option<String> {
        let other = match bound.binding.command {
            Command::NextMonth => Some(Command::PreviousMonth),
            Command::NextPane => Some(Command::PreviousPane),
            _ => None,
        };
        let key = bound.keys.first()?.name();
        let other = other.map(|command| self.name(bound.binding.context, command)).filter(|name| !name.is_empty());
        Some(other.map_or_else(|| key.clone(), |other| format!("{other} {key}")))
    }

    /// Every line of the table, as the documentation tells it.
    pub fn pages(&self) -> Vec<KeyLine> {
        let line = |bound: &Bound| KeyLine {
            context: bound.binding.context.name(),
            title: bound.binding.context.title(),
            command: bound.binding.command.name(),
            keys: bound.keys.iter().map(|key| key.word()).collect(),
            help: bound.binding.help,
        };
        Context::ALL.into_iter().flat_map(|context| self.of(context)).map(line).collect()
    }
}

impl Command {
    /// Whether it would start a job, of which one works at a time.
    const fn starts_a_job(self) -> bool {
        matches!(
            self,
            Self::Reconcile
                | Self::Plan
                | Self::Apply
                | Self::ApplyAndRetire
                | Self::Look
                | Self::MakeCheck
                | Self::MakeStage
                | Self::CheckWave
                | Self::BackOut
                | Self::Care
                | Self::Simulate
                | Self::Rehearse
                | Self::Complete
                | Self::Fixes
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn no_key_means_two_things_in_one_context_and_all_are_explained() {
        let (mut seen, mut named) = (BTreeSet::new(), BTreeSet::new());
        for binding in BINDINGS {
            assert!(!binding.help.is_empty() && !binding.keys.is_empty());
            assert!(Context::ALL.contains(&binding.context), "{}", binding.context.name());
            assert!(named.insert((binding.context.name(), binding.command.name())), "{} twice", binding.command.name());
            for key in binding.keys {
                assert!(seen.insert((binding.context.title(), key.name())), "{} twice in {}", key.name(), binding.context.title());
                assert_eq!(Key::parse(&key.word()), Some(*key), "{}", key.word());
            }
        }
    }
}
