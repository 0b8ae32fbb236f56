//! What contexts and commands are called in a configuration, in the palette and in the documentation.

use super::{Command, Context};
use crate::tui::model::Screen;

impl Context {
    /// All of them, in the order of the documentation.
    pub const ALL: [Self; 25] = [
        Self::Global,
        Self::Blockers,
        Self::Import,
        Self::Parked,
        Self::Record,
        Self::Table,
        Self::Detail,
        Self::Filter,
        Self::Causes,
        Self::Gates,
        Self::Checks,
        Self::Flip,
        Self::Wave,
        Self::Activity,
        Self::Text,
        Self::Palette,
        Self::Columns,
        Self::Month,
        Self::Typing,
        Self::Waive,
        Self::Confirm,
        Self::Act,
        Self::Sign,
        Self::Tour,
        Self::Assistant,
    ];

    /// Its name in a configuration.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Global => "global",
            Self::Blockers => "blockers",
            Self::Table => "table",
            Self::Detail => "detail",
            Self::Filter => "filter",
            Self::Import => "import",
            Self::Parked => "parked",
            Self::Record => "record",
            Self::Causes => "causes",
            Self::Gates => "gates",
            Self::Checks => "checks",
            Self::Flip => "flip",
            Self::Wave => "wave",
            Self::Activity => "activity",
            Self::Text => "text",
            Self::Palette => "palette",
            Self::Columns => "columns",
            Self::Confirm => "confirm",
            Self::Act => "act",
            Self::Month => "month",
            Self::Typing => "typing",
            Self::Sign => "sign",
            Self::Waive => "waive",
            Self::Tour => "tour",
            Self::Assistant => "assistant",
        }
    }

    /// Whether letters are typed there: a key that is one can be no command.
    pub const fn is_typed_in(self) -> bool {
        matches!(self, Self::Filter | Self::Palette | Self::Month | Self::Typing | Self::Waive | Self::Assistant)
    }

    /// Whether it lies on top of a screen, or is typed in: what holds everywhere else does not hold there.
    pub const fn is_on_top(self) -> bool {
        self.is_typed_in() || matches!(self, Self::Text | Self::Columns | Self::Confirm | Self::Act | Self::Sign | Self::Tour)
    }

    /// Whether its yes reaches beyond this program's own store, or cannot be taken back.
    pub const fn is_weighty(self) -> bool {
        matches!(self, Self::Act | Self::Sign)
    }
}

impl Command {
    /// Its name in a configuration.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Quit => "quit",
            Self::Interrupt => "interrupt",
            Self::Suspend => "suspend",
            Self::Help => "help",
            Self::Palette => "palette",
            Self::Undo => "undo",
            Self::Go(Screen::Overview) => "go_overview",
            Self::Go(Screen::Import) => "go_import",
            Self::Go(Screen::Reconcile) => "go_reconcile",
            Self::Go(Screen::Causes) => "go_causes",
            Self::Go(Screen::Gates) => "go_gates",
            Self::Go(Screen::Flip) => "go_flip",
            Self::Go(Screen::Activity) => "go_activity",
            Self::NextScreen => "next_screen",
            Self::PreviousScreen => "previous_screen",
            Self::PreviousMonth => "previous_month",
            Self::NextMonth => "next_month",
            Self::Reconcile => "reconcile",
            Self::Recheck => "recheck",
            Self::Reload => "reload",
            Self::Cancel => "cancel",
            Self::Copy => "copy",
            Self::Up => "up",
            Self::Down => "down",
            Self::PageUp => "page_up",
            Self::PageDown => "page_down",
            Self::Top => "top",
            Self::Bottom => "bottom",
            Self::Open => "open",
            Self::Back => "back",
            Self::EditFilter => "filter",
            Self::CompleteWord => "complete_word",
            Self::ClearFilter => "clear_filter",
            Self::NextVerdict => "next_verdict",
            Self::NextSort => "next_sort",
            Self::ReverseSort => "reverse_sort",
            Self::PreviousRow => "previous_row",
            Self::NextRow => "next_row",
            Self::Export => "export",
            Self::ExportView => "export_view",
            Self::Jump => "jump",
            Self::NextHit => "next_hit",
            Self::PreviousHit => "previous_hit",
            Self::Views => "views",
            Self::Forget => "forget",
            Self::Columns => "columns",
            Self::ColumnsLeft => "columns_left",
            Self::ColumnsRight => "columns_right",
            Self::Mark => "mark",
            Self::MarkAll => "mark_all",
            Self::Wider => "wider",
            Self::Narrower => "narrower",
            Self::Earlier => "earlier",
            Self::Later => "later",
            Self::Reset => "reset",
            Self::Plan => "plan",
            Self::Apply => "apply",
            Self::ApplyAndRetire => "apply_and_retire",
            Self::Look => "look",
            Self::InFull => "in_full",
            Self::Retry => "retry",
            Self::RetryAll => "retry_all",
            Self::Drop => "drop",
            Self::CheckWave => "check_wave",
            Self::BackOut => "back_out",
            Self::Hold => "hold",
            Self::Care => "care",
            Self::Simulate => "simulate",
            Self::Postpone => "postpone",
            Self::Abort => "abort",
            Self::Rehearse => "rehearse",
            Self::Complete => "complete",
            Self::Agree => "agree",
            Self::Sign => "sign",
            Self::NoGo => "no_go",
            Self::Attest => "attest",
            Self::AttestFails => "attest_fails",
            Self::Waive => "waive",
            Self::Note => "note",
            Self::Own => "own",
            Self::Resolve => "resolve",
            Self::Reopen => "reopen",
            Self::Fixes => "fixes",
            Self::MakeCheck => "make_check",
            Self::MakeStage => "make_stage",
            Self::PreviousPane => "previous_pane",
            Self::NextPane => "next_pane",
        }
    }

    /// Whether it moves, or answers what lies on top: the palette does not offer it.
    pub const fn is_motion(self) -> bool {
        matches!(self, Self::Up | Self::Down | Self::PageUp | Self::PageDown | Self::Top | Self::Bottom | Self::Back | Self::Palette)
    }
}
