//! Every key, once: this table dispatches, and writes the footer and the help.

use super::model::Screen;
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

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
            Self::Activity => "Activity",
            Self::Text => "A page of text",
            Self::Confirm => "A question",
            Self::Act => "A question that acts",
            Self::Month => "Typing a month",
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

const fn bind(context: Context, keys: &'static [Key], command: Command, hint: &'static str, help: &'static str) -> Binding {
    Binding { context, keys, command, hint, help }
}

use Context::{Act, Activity, Blockers, Causes, Checks, Confirm, Detail, Filter, Gates, Global, Import, Month, Parked, Record, Table, Text};

/// All keys. Within a context the order is the footer's.
pub const BINDINGS: &[Binding] = &[
    bind(Detail, &[plain(KeyCode::Esc), plain(KeyCode::Enter)], Command::Back, "close", "close the row"),
    bind(Detail, &[plain(KeyCode::Right), ch('n')], Command::NextRow, "next row", "the row below, staying here"),
    bind(Detail, &[plain(KeyCode::Left), ch('p')], Command::PreviousRow, "previous", "the row above, staying here"),
    bind(Detail, &[ch('e')], Command::Export, "", "export the row as a case into cases/ of the project: dualrun cases run replays it"),
    bind(Table, &[plain(KeyCode::Enter)], Command::Open, "open", "open the row: trace, documents, both sides, history"),
    bind(Table, &[ch('/'), ch('f')], Command::EditFilter, "filter", "filter and search: verdict:delta money:>10 cust:acme or free text"),
    bind(Table, &[ch('v')], Command::NextVerdict, "verdict", "show one verdict after the other"),
    bind(Table, &[ch('s')], Command::NextSort, "sort", "sort by the next column"),
    bind(Table, &[ch('S')], Command::ReverseSort, "", "turn the sort around"),
    bind(Table, &[ch('c'), plain(KeyCode::Esc)], Command::ClearFilter, "", "take every filter away"),
    bind(Filter, &[plain(KeyCode::Enter)], Command::Open, "apply", "filter by what is typed"),
    bind(Filter, &[plain(KeyCode::Esc)], Command::Back, "leave as it was", "leave the filter as it was"),
    bind(Record, &[plain(KeyCode::Esc), plain(KeyCode::Enter)], Command::Back, "close", "close the record"),
    bind(Record, &[plain(KeyCode::Right), ch('n')], Command::NextRow, "next", "the record below, staying here"),
    bind(Record, &[plain(KeyCode::Left), ch('b')], Command::PreviousRow, "previous", "the record above, staying here"),
    bind(Parked, &[ch('R')], Command::Retry, "try again", "hand the selected record over again with the next import: asks first"),
    bind(Parked, &[ch('T')], Command::RetryAll, "all again", "the same for every parked record that is listed: asks first"),
    bind(Parked, &[ch('D')], Command::Drop, "drop", "give the selected record up until its content changes: asks first"),
    bind(Import, &[plain(KeyCode::Enter)], Command::Open, "open", "open the record: what would be written, what is staged, what the target has"),
    bind(Import, &[ch('p')], Command::Plan, "plan", "read both sides and show what an import would do; changes nothing"),
    bind(Import, &[ch('a')], Command::Apply, "apply", "stage, and hand over what the target lacks: asks first"),
    bind(Import, &[ch('A')], Command::ApplyAndRetire, "+ retire", "apply, and retire what should not be in the target: asks first"),
    bind(Import, &[ch('i')], Command::Look, "inert?", "look now whether the target is inert, and keep what is seen"),
    bind(Import, &[plain(KeyCode::Right), ch('v')], Command::NextPane, "view", "the next view: changes, all, filtered, rejected, parked, retire"),
    bind(Import, &[plain(KeyCode::Left), ch('V')], Command::PreviousPane, "", "the view before"),
    bind(Import, &[ch('/'), ch('f')], Command::EditFilter, "filter", "filter and search: entity:plans fate:create target:differs or free text"),
    bind(Import, &[ch('d')], Command::InFull, "in full", "the last import, lights, reasons and snapshots in full"),
    bind(Import, &[ch('s')], Command::NextSort, "sort", "sort by the next column"),
    bind(Import, &[ch('S')], Command::ReverseSort, "", "turn the sort around"),
    bind(Import, &[ch('c'), plain(KeyCode::Esc)], Command::ClearFilter, "", "take the filter away"),
    bind(Blockers, &[plain(KeyCode::Enter)], Command::Open, "go there", "open the screen where the selected reason is worked on"),
    bind(Causes, &[plain(KeyCode::Enter)], Command::Open, "its rows", "show the rows of the selected cause in Reconcile"),
    bind(Checks, &[plain(KeyCode::Enter)], Command::Open, "evidence", "open what was seen: by whom, when, and what it stands on"),
    bind(Checks, &[ch('r')], Command::MakeCheck, "make it", "make the selected check now and keep what is seen as evidence"),
    bind(Checks, &[plain(KeyCode::Esc)], Command::Back, "stages", "back to the stages"),
    bind(Gates, &[plain(KeyCode::Enter)], Command::Open, "open", "go into the stage's checks, or to the screen it is worked on"),
    bind(Gates, &[ch('R')], Command::MakeStage, "make all", "make every check of the selected stage now"),
    bind(Activity, &[plain(KeyCode::Right)], Command::NextPane, "next list", "the list to the right"),
    bind(Activity, &[plain(KeyCode::Left)], Command::PreviousPane, "", "the list to the left"),
    bind(Activity, &[plain(KeyCode::Enter)], Command::Open, "open", "show the run, or the whole finding"),
    bind(Text, &[plain(KeyCode::Esc), ch('q'), ch('?'), plain(KeyCode::Enter)], Command::Back, "close", "close the page"),
    bind(Text, &[plain(KeyCode::Up), ch('k')], Command::Up, "", "scroll up"),
    bind(Text, &[plain(KeyCode::Down), ch('j')], Command::Down, "scroll", "scroll down"),
    bind(Text, &[plain(KeyCode::PageUp)], Command::PageUp, "", "a page up"),
    bind(Text, &[plain(KeyCode::PageDown), ch(' ')], Command::PageDown, "", "a page down"),
    bind(Confirm, &[ch('y'), plain(KeyCode::Enter)], Command::Open, "yes", "do it"),
    bind(Confirm, &[ch('n'), plain(KeyCode::Esc), ch('q')], Command::Back, "no", "leave it"),
    bind(Act, &[ch('y')], Command::Open, "yes", "do it; Enter alone does not"),
    bind(Act, &[ch('n'), plain(KeyCode::Esc), ch('q')], Command::Back, "no", "leave it"),
    bind(Month, &[plain(KeyCode::Enter)], Command::Open, "start", "start with the month typed"),
    bind(Month, &[plain(KeyCode::Esc)], Command::Back, "leave", "start nothing"),
    bind(Global, &[ch('r')], Command::Reconcile, "reconcile", "reconcile a month: asks which"),
    bind(Global, &[ch('x')], Command::Cancel, "cancel job", "cancel the running job: asks first"),
    bind(Global, &[ch('['), plain(KeyCode::Left)], Command::PreviousMonth, "", "an older month"),
    bind(Global, &[ch(']'), plain(KeyCode::Right)], Command::NextMonth, "month", "a newer month"),
    bind(Global, &[ch('?')], Command::Help, "help", "all keys"),
    bind(Global, &[ch('q')], Command::Quit, "quit", "leave; asks while a job runs"),
    bind(Global, &[ch('R')], Command::Recheck, "", "check the month's current run again over a new snapshot"),
    bind(Global, &[ch('y')], Command::Copy, "copy", "copy the selected id to the terminal's clipboard (OSC 52)"),
    bind(Global, &[plain(KeyCode::Tab)], Command::NextScreen, "", "the next screen"),
    bind(Global, &[plain(KeyCode::BackTab)], Command::PreviousScreen, "", "the screen before"),
    bind(Global, &[ch('1')], Command::Go(Screen::Overview), "", "Overview"),
    bind(Global, &[ch('2')], Command::Go(Screen::Import), "", "Import"),
    bind(Global, &[ch('3')], Command::Go(Screen::Reconcile), "", "Reconcile"),
    bind(Global, &[ch('4')], Command::Go(Screen::Causes), "", "Causes"),
    bind(Global, &[ch('5')], Command::Go(Screen::Gates), "", "Gates"),
    bind(Global, &[ch('6')], Command::Go(Screen::Flip), "", "Flip"),
    bind(Global, &[ch('7')], Command::Go(Screen::Activity), "", "Activity"),
    bind(Global, &[plain(KeyCode::Up), ch('k')], Command::Up, "", "one line up"),
    bind(Global, &[plain(KeyCode::Down), ch('j')], Command::Down, "", "one line down"),
    bind(Global, &[plain(KeyCode::PageUp), ctrl('b')], Command::PageUp, "", "a page up"),
    bind(Global, &[plain(KeyCode::PageDown), ctrl('f'), ch(' ')], Command::PageDown, "", "a page down"),
    bind(Global, &[ch('g'), plain(KeyCode::Home)], Command::Top, "", "the first line"),
    bind(Global, &[ch('G'), plain(KeyCode::End)], Command::Bottom, "", "the last line"),
    bind(Global, &[plain(KeyCode::Esc)], Command::Back, "", "close one level"),
    bind(Global, &[plain(KeyCode::F(5)), ctrl('r')], Command::Reload, "", "read the workspace again"),
    bind(Global, &[ctrl('z')], Command::Suspend, "", "into the shell's background; fg comes back"),
    bind(Global, &[ctrl('c')], Command::Interrupt, "", "leave; a second time does not wait for the job"),
];

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
            Command::Reconcile | Command::Plan | Command::Apply | Command::ApplyAndRetire | Command::Look | Command::MakeCheck | Command::MakeStage
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
