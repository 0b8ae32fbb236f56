//! The screens, and where a key is looked up.

use super::plan::View;
use super::{Model, Overlay};
use crate::tui::keymap::Context;

/// The screens, in the order of their numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Screen {
    /// Pipeline, money, trend, what blocks.
    #[default]
    Overview,
    /// The staged import.
    Import,
    /// The table of rows.
    Reconcile,
    /// Named causes.
    Causes,
    /// Stages and what each requires.
    Gates,
    /// What blocks the flip.
    Flip,
    /// The job, runs, findings, journal.
    Activity,
}

impl Screen {
    /// All of them.
    pub const ALL: [Self; 7] = [Self::Overview, Self::Import, Self::Reconcile, Self::Causes, Self::Gates, Self::Flip, Self::Activity];

    /// Its name.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Overview => "Overview",
            Self::Import => "Import",
            Self::Reconcile => "Reconcile",
            Self::Causes => "Causes",
            Self::Gates => "Gates",
            Self::Flip => "Flip",
            Self::Activity => "Activity",
        }
    }

    /// Its place, from 0.
    pub fn index(self) -> usize {
        Self::ALL.iter().position(|s| *s == self).unwrap_or(0)
    }
}

impl Model {
    /// Where a key is looked up, most particular first.
    pub fn contexts(&self) -> Vec<Context> {
        if let Some(overlay) = self.overlays.last() {
            return vec![match overlay {
                Overlay::Text { .. } | Overlay::Help { .. } => Context::Text,
                Overlay::Confirm(question) if question.acts() => Context::Act,
                Overlay::Confirm(_) => Context::Confirm,
                Overlay::Month { .. } => Context::Month,
                Overlay::Typing { .. } | Overlay::Decide(_) => Context::Typing,
                Overlay::Palette(_) => Context::Palette,
                Overlay::Columns(_) => Context::Columns,
                Overlay::Sign { .. } => Context::Sign,
                Overlay::Waive(_) => Context::Waive,
                Overlay::Tour(_) => Context::Tour,
            }];
        }
        self.screen_contexts()
    }

    /// The same under whatever lies on top.
    pub fn screen_contexts(&self) -> Vec<Context> {
        match self.screen {
            Screen::Reconcile if self.table.editing.is_some() => vec![Context::Filter],
            Screen::Reconcile if self.detail.is_some() => vec![Context::Detail, Context::Table, Context::Global],
            Screen::Reconcile => vec![Context::Table, Context::Global],
            Screen::Gates if self.check.is_some() => vec![Context::Checks, Context::Gates, Context::Global],
            Screen::Gates => vec![Context::Gates, Context::Global],
            Screen::Activity => vec![Context::Activity, Context::Global],
            Screen::Overview => vec![Context::Blockers, Context::Global],
            Screen::Flip if self.flip.open.is_some() => vec![Context::Wave, Context::Flip, Context::Global],
            Screen::Flip => vec![Context::Flip, Context::Global],
            Screen::Import => self.import_contexts(),
            Screen::Causes => vec![Context::Causes, Context::Global],
        }
    }

    fn import_contexts(&self) -> Vec<Context> {
        if self.plan.editing.is_some() {
            return vec![Context::Filter];
        }
        let mut contexts = vec![Context::Import, Context::Global];
        if self.plan.view == View::Parked {
            contexts.insert(0, Context::Parked);
        }
        if self.plan.open.is_some() {
            contexts.insert(0, Context::Record);
        }
        contexts
    }
}
