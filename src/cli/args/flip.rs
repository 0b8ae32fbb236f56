//! `flip`, as it is typed.

use chrono::NaiveDate;
use clap::{Args, Subcommand};
use std::path::PathBuf;

const STEPS: &str = "\
Each subscription goes through four steps, each read back before the next: the source bills it no more; the charges of its plan are
linked in the target; its shadow is confirmed; the payment method is attached. The target is told nothing before the source was read
back as off. What nobody answered for is looked for, never sent again blindly. Back-out undoes the steps in reverse order, until the
target captured a payment.
The target's changes go through the loader of [import], the source's through source_program of [flip]: JSON lines like those of an
import (dualrun help import), with other acts:
  {\"key\":\"1b…\",\"act\":\"confirm\",\"subscription\":\"sub-1\",\"target_id\":\"S00017\",\"change\":{\"step\":\"confirm\",\"first_period_start\":\"2026-06-01\",…}}
  {\"key\":\"7e…\",\"act\":\"switch_off\",\"subscription\":\"sub-1\",\"change\":{\"step\":\"switch_off\",\"billed_through\":\"2026-06-01\"}}
Acts: switch_off, switch_on; link_charge, unlink_charge; confirm, redraft; attach_payment, detach_payment.";

/// `flip`.
#[derive(Debug, Clone, Args)]
#[command(args_conflicts_with_subcommands = true, after_long_help = STEPS)]
pub struct FlipArgs {
    /// What is done, instead of showing how it stands
    #[command(subcommand)]
    pub command: Option<FlipCommand>,
    /// Check this wave as for good, over fresh snapshots, and change nothing
    #[arg(value_name = "WAVE")]
    pub wave: Option<u32>,
}

/// A wave that is acted on.
#[derive(Debug, Clone, Args)]
pub struct WaveArgs {
    /// The wave
    #[arg(value_name = "WAVE")]
    pub wave: u32,
    /// The phrase that names the wave and its money; without it you are asked, on a terminal
    #[arg(long, value_name = "PHRASE")]
    pub confirm: Option<String>,
    /// How long to wait for another dualrun, or for a program of an earlier flip
    #[arg(long, value_name = "SECONDS", default_value_t = 5)]
    pub wait: u64,
}

/// Why.
#[derive(Debug, Clone, Args)]
pub struct ReasonArgs {
    /// Why
    #[arg(long, value_name = "TEXT")]
    pub reason: String,
}

/// `flip …`.
#[derive(Debug, Clone, Subcommand)]
pub enum FlipCommand {
    /// Cut waves, make their packs, and keep them
    Plan {
        /// A wave as you want it: a file with an id a line; may be given several times. Everything else is cut after them
        #[arg(long, value_name = "FILE")]
        list: Vec<PathBuf>,
        /// How long to wait for another dualrun that writes this workspace
        #[arg(long, value_name = "SECONDS", default_value_t = 5)]
        wait: u64,
    },
    /// Look at the days ahead, and recommend one
    Simulate,
    /// Every change of a wave with its inverse, and its first invoices
    Show {
        /// The wave
        #[arg(value_name = "WAVE")]
        wave: u32,
    },
    /// Apply a wave, or go on with one that was begun
    Apply(WaveArgs),
    /// Undo a wave, step by step in reverse order
    BackOut(WaveArgs),
    /// Stop everything before its next batch, until it is resumed
    Hold(ReasonArgs),
    /// Let it go on
    Resume(ReasonArgs),
    /// Apply a wave not before that day
    Postpone {
        /// The wave
        #[arg(value_name = "WAVE")]
        wave: u32,
        /// The first day it may be applied, in the service's zone
        #[arg(long, value_name = "DATE")]
        until: NaiveDate,
        /// Why
        #[command(flatten)]
        why: ReasonArgs,
    },
    /// Let a wave go no further: it can only be backed out
    Abort {
        /// The wave
        #[arg(value_name = "WAVE")]
        wave: u32,
        /// Why
        #[command(flatten)]
        why: ReasonArgs,
    },
    /// Apply and back out a wave on a copy, each step timed
    Rehearse {
        /// The wave
        #[arg(value_name = "WAVE")]
        wave: u32,
        /// The project of the copy: sides, loaders, runs and imports of its own
        #[arg(long, value_name = "DIR")]
        rehearsal: PathBuf,
        /// The phrase that says that the copy's programs act on the copy alone; without it they are named, and nothing is done
        #[arg(long, value_name = "PHRASE")]
        confirm: Option<String>,
    },
    /// Hold the first invoices of a wave against what was expected
    Hypercare {
        /// The wave
        #[arg(value_name = "WAVE")]
        wave: u32,
    },
    /// Close the flip: every wave is clean and the source bills nobody
    Complete(ReasonArgs),
}
