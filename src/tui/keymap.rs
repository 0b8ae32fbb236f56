//! Every key, once: this table dispatches, and writes the footer and the help.

mod table;

use super::model::Screen;
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
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
    /// Say a word about the selected row.
    Note,
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

/// A key with its modifiers that matter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Key {
    code: KeyCode,
    control: bool,
}

const fn plain(code: KeyCode) -> Key {
    Key { code, control: false }
}

const fn ch(c: char) -> Key {
    plain(KeyCode::Char(c))
}

const fn ctrl(c: char) -> Key {
    Key { code: KeyCode::Char(c), control: true }
}

impl Key {
    /// The key of an event; shift is in the character itself.
    pub const fn of(event: KeyEvent) -> Self {
        Self { code: event.code, control: event.modifiers.contains(KeyModifiers::CONTROL) }
    }

    /// Its name on the screen.
    pub fn name(self) -> String {
        let name = match self.code {
            KeyCode::Char(' ') => "Space".to_owned(),
            KeyCode::Char(c) => c.to_string(),
            KeyCode::Enter => "⏎".to_owned(),
            KeyCode::Esc => "Esc".to_owned(),
            KeyCode::Tab => "Tab".to_owned(),
            KeyCode::BackTab => "S-Tab".to_owned(),
            KeyCode::Up => "↑".to_owned(),
            KeyCode::Down => "↓".to_owned(),
            KeyCode::Left => "←".to_owned(),
            KeyCode::Right => "→".to_owned(),
            KeyCode::PageUp => "PgUp".to_owned(),
            KeyCode::PageDown => "PgDn".to_owned(),
            KeyCode::Home => "Home".to_owned(),
            KeyCode::End => "End".to_owned(),
            KeyCode::F(n) => format!("F{n}"),
            other => format!("{other:?}"),
        };
        if self.control { format!("^{}", name.to_uppercase()) } else { name }
    }
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

/// The command of a key in the first of `contexts` that knows it. Ctrl-C and Ctrl-Z are known everywhere.
pub fn command(contexts: &[Context], event: KeyEvent) -> Option<Command> {
    let key = Key::of(event);
    let found = contexts.iter().find_map(|context| BINDINGS.iter().find(|b| b.context == *context && b.keys.contains(&key)));
    let always = || BINDINGS.iter().find(|b| b.keys.contains(&key) && matches!(b.command, Command::Interrupt | Command::Suspend));
    found.or_else(always).map(|b| b.command)
}

/// Hints of the footer for these contexts, most particular first: `(key, words)`.
pub fn hints(contexts: &[Context], job_runs: bool) -> Vec<(String, &'static str)> {
    let starts = |c: Command| {
        matches!(
            c,
            Command::Reconcile
                | Command::Plan
                | Command::Apply
                | Command::ApplyAndRetire
                | Command::Look
                | Command::MakeCheck
                | Command::MakeStage
                | Command::CheckWave
                | Command::BackOut
                | Command::Care
                | Command::Simulate
                | Command::Rehearse
                | Command::Complete
                | Command::Fixes
        )
    };
    let wanted = |b: &&Binding| !b.hint.is_empty() && (b.command != Command::Cancel || job_runs) && !(starts(b.command) && job_runs);
    // A key that a more particular context has taken is no hint any more.
    let taken = |b: &&Binding| {
        let before = contexts.iter().take_while(|c| **c != b.context);
        b.keys.first().is_some_and(|key| before.into_iter().any(|c| BINDINGS.iter().any(|o| o.context == *c && o.keys.contains(key))))
    };
    let of = |context: &Context| BINDINGS.iter().filter(move |b| b.context == *context).collect::<Vec<_>>();
    let name = |b: &Binding| {
        if b.command == Command::NextMonth {
            Some("[ ]".to_owned())
        } else if b.command == Command::NextPane {
            Some("← →".to_owned())
        } else {
            b.keys.first().map(|k| k.name())
        }
    };
    contexts.iter().flat_map(of).filter(wanted).filter(|b| !taken(b)).filter_map(|b| Some((name(b)?, b.hint))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn no_key_means_two_things_in_one_context_and_all_are_explained() {
        let mut seen = BTreeSet::new();
        for binding in BINDINGS {
            assert!(!binding.help.is_empty() && !binding.keys.is_empty());
            for key in binding.keys {
                assert!(seen.insert((binding.context.title(), key.name())), "{} twice in {}", key.name(), binding.context.title());
            }
        }
    }
}
