//! What the assistant knows: the step it is at, what is typed, and what was seen of each side.

use crate::app::probe::Probe;
use crate::config::draft::{Address, Draft, DraftSide, SecretFrom};
use crate::config::known::Known;
use crate::domain::contract::Entity;
use crate::domain::currency::Currency;
use crate::domain::period::Zone;
use crate::domain::side::Side;
use crate::tui::keymap::Keymap;
use crate::tui::theme::Theme;
use crossterm::event::KeyEvent;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use tui_input::Input;

/// Entities without which nothing can be compared, by side.
const NEEDED: [(Side, [Entity; 2]); 2] =
    [(Side::Source, [Entity::Subscriptions, Entity::Invoices]), (Side::Target, [Entity::Subscriptions, Entity::Plans])];
/// Status words that bill, where they are found.
const ACTIVE: [&str; 6] = ["active", "running", "trialing", "in_progress", "3_progress", "started"];
/// Status words of documents that count.
const BILLABLE: [&str; 8] = ["paid", "open", "posted", "finalized", "sent", "past_due", "COMMITTED", "unpaid"];

/// Where it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Step {
    /// The service.
    Service,
    /// The side that bills today.
    Source,
    /// The side that shall bill.
    Target,
    /// What decides the numbers.
    Numbers,
    /// Everything, before it is written and after.
    Write,
}

impl Step {
    /// All of them, in order.
    pub const ALL: [Self; 5] = [Self::Service, Self::Source, Self::Target, Self::Numbers, Self::Write];

    /// The side it is about.
    pub const fn side(self) -> Option<Side> {
        match self {
            Self::Source => Some(Side::Source),
            Self::Target => Some(Side::Target),
            _ => None,
        }
    }
}

/// Something asked for.
#[derive(Debug, Clone)]
pub struct Field {
    /// Its name.
    pub name: String,
    /// What may be typed.
    pub help: String,
    /// What is typed.
    pub input: Input,
}

fn field(name: &str, help: &str, value: &str) -> Field {
    Field { name: name.to_owned(), help: help.to_owned(), input: value.into() }
}

/// What was seen of a side, and of what was typed then.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    /// Address and secret as they were typed.
    pub of: [String; 2],
    /// What was seen, or why nothing was.
    pub probe: Result<Box<Probe>, String>,
}

impl Seen {
    /// Whether it can be used.
    pub fn holds(&self) -> bool {
        self.probe.as_ref().is_ok_and(|probe| !probe.is_refused())
    }
}

/// How it ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// The operator left; nothing more is wanted.
    Left,
    /// The files are there, and the first month shall be reconciled.
    Reconcile,
}

/// One thing that happened.
#[derive(Debug, Clone)]
pub enum Msg {
    /// A key.
    Key(KeyEvent),
    /// Pasted text.
    Paste(String),
    /// The terminal has another size.
    Resize(u16, u16),
    /// A side was looked at, for that ticket.
    Probed(u64, Side, Result<Box<Probe>, String>),
    /// The files were written, or could not be.
    Written(Result<Vec<String>, String>),
}

impl Msg {
    /// The terminal's own messages that mean something here.
    pub fn of(msg: crate::tui::Msg) -> Option<Self> {
        match msg {
            crate::tui::Msg::Key(key) => Some(Self::Key(key)),
            crate::tui::Msg::Paste(text) => Some(Self::Paste(text)),
            crate::tui::Msg::Resize(width, height) => Some(Self::Resize(width, height)),
            _ => None,
        }
    }
}

/// One thing to be done outside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// Look at a side of a configuration's text.
    Probe {
        /// Answers of older tickets are dropped.
        ticket: u64,
        /// Which side.
        side: Side,
        /// The text.
        text: String,
    },
    /// Look no longer.
    Cancel,
    /// Write the files with this `dualrun.toml`.
    Write(String),
    /// Stop into the background.
    Suspend,
    /// End.
    Leave(Outcome),
}

/// The whole state.
#[derive(Debug, Clone)]
pub struct Assistant {
    /// Where the files go, for people.
    pub dir: String,
    /// Styles.
    pub theme: Theme,
    /// The keys in force.
    pub keys: Arc<Keymap>,
    /// Columns and lines.
    pub size: (u16, u16),
    /// Where it is.
    pub step: Step,
    /// What is asked for at each step.
    pub fields: BTreeMap<Step, Vec<Field>>,
    /// The field in use.
    pub at: usize,
    /// What is wrong with it.
    pub error: Option<String>,
    /// What was seen of each side.
    pub seen: BTreeMap<Side, Seen>,
    /// The ticket of the look under way.
    pub looking: Option<u64>,
    /// The last ticket given.
    pub ticket: u64,
    /// The files are being written.
    pub writing: bool,
    /// The files that were written.
    pub written: Vec<String>,
}

impl Assistant {
    /// At the first step.
    pub fn new(dir: &Path, zone: Option<String>, (theme, keys): (Theme, Arc<Keymap>), size: (u16, u16)) -> Self {
        let service = dir.file_name().and_then(|name| name.to_str()).filter(|name| !name.starts_with('.')).unwrap_or("my-service");
        let zone = zone.filter(|name| Zone::named(name).is_some()).unwrap_or_else(|| "UTC".to_owned());
        let side = |example: &str| {
            vec![
                field("where", example, ""),
                field("password", "env:APP_DB_PASSWORD, file:secret.txt, command:/usr/bin/pass show app; nothing where none is needed", ""),
            ]
        };
        let fields = BTreeMap::from([
            (
                Step::Service,
                vec![
                    field("service", "the product line that is billed, in one word", service),
                    field("time zone", "where billing periods begin and end at midnight, as America/Toronto", &zone),
                    field("currency", "of records that name none, as CAD; nothing where all do", ""),
                ],
            ),
            (Step::Source, side("postgres://role@host/database, mariadb://…, host=… dbname=… user=…, or a path of an SQLite file")),
            (Step::Target, side("the same for the system that shall bill")),
        ]);
        Self {
            dir: dir.to_string_lossy().into_owned(),
            theme,
            keys,
            size,
            step: Step::Service,
            fields,
            at: 0,
            error: None,
            seen: BTreeMap::new(),
            looking: None,
            ticket: 0,
            writing: false,
            written: Vec::new(),
        }
    }

    /// What is typed in a field of a step.
    pub fn typed(&self, step: Step, at: usize) -> String {
        self.fields.get(&step).and_then(|fields| fields.get(at)).map_or_else(String::new, |field| field.input.value().trim().to_owned())
    }

    /// What was seen of a side as it is typed now.
    pub fn seen_now(&self, side: Side) -> Option<&Seen> {
        let step = if side == Side::Source { Step::Source } else { Step::Target };
        self.seen.get(&side).filter(|seen| seen.of == [self.typed(step, 0), self.typed(step, 1)])
    }

    fn probe(&self, side: Side) -> Option<&Probe> {
        self.seen_now(side).and_then(|seen| seen.probe.as_deref().ok())
    }

    /// What the first step lacks: the field, and why.
    pub fn service_lacks(&self) -> Option<(usize, String)> {
        let [name, zone, currency] = [0, 1, 2].map(|at| self.typed(Step::Service, at));
        if name.is_empty() {
            return Some((0, "say its name".to_owned()));
        }
        if Zone::named(&zone).is_none() {
            return Some((1, "no zone of that name: write one as America/Toronto or UTC".to_owned()));
        }
        (!currency.is_empty() && Currency::known(&currency).is_none())
            .then(|| (2, "no currency of that name: write three letters, as CAD".to_owned()))
    }

    /// A side as it is typed, nothing of it seen.
    pub fn side_typed(&self, step: Step) -> Result<DraftSide, (usize, String)> {
        let address = Address::parse(&self.typed(step, 0)).map_err(|why| (0, why))?;
        let password = SecretFrom::parse(&self.typed(step, 1)).map_err(|why| (1, why))?;
        Ok(DraftSide::unseen(address, password))
    }

    /// Entities a reconciliation needs and that were not found, as `source invoices`.
    pub fn missing(&self) -> Vec<String> {
        let lacks = |side: Side, entity: Entity| !self.probe(side).is_some_and(|probe| probe.queries.contains_key(&entity));
        let of = |(side, entities): (Side, [Entity; 2])| entities.into_iter().filter(move |e| lacks(side, *e)).map(move |e| format!("{side} {e}"));
        NEEDED.into_iter().flat_map(of).collect()
    }

    /// Asks for what decides the numbers, filled in by what was seen.
    pub fn ask_numbers(&mut self) {
        let mut fields = Vec::new();
        for side in Side::BOTH {
            let probe = self.probe(side);
            let found = |entity| probe.and_then(|p| p.statuses.get(&entity)).map(Vec::as_slice).unwrap_or_default();
            let (subscriptions, documents) = (found(Entity::Subscriptions), found(Entity::Invoices));
            let usual = if side == Side::Source { ("active", "paid, open") } else { ("active", "draft, posted") };
            let help = |what: &str, found: &[String]| if found.is_empty() { what.to_owned() } else { format!("{what}; found: {}", found.join(", ")) };
            let chosen = |found: &[String], known: &[&str], usual: &str| {
                let words: Vec<&str> = found.iter().map(String::as_str).filter(|word| known.contains(word)).collect();
                if words.is_empty() { usual.to_owned() } else { words.join(", ") }
            };
            // The target's own drafts are what it would bill.
            let billable: Vec<&str> = BILLABLE.into_iter().chain((side == Side::Target).then_some("draft")).collect();
            fields.push(field(
                &format!("{side} active"),
                &help("status words of subscriptions that bill", subscriptions),
                &chosen(subscriptions, &ACTIVE, usual.0),
            ));
            fields.push(field(
                &format!("{side} billable"),
                &help("status words of documents that count", documents),
                &chosen(documents, &billable, usual.1),
            ));
            if probe.and_then(|p| p.system).is_none() {
                fields.push(field(
                    &format!("{side} ends"),
                    "inclusive: the last day of a period counts; exclusive: it is the first that does not",
                    "exclusive",
                ));
                fields.push(field(&format!("{side} rounds"), "each line or the invoice, and how: line half_even, invoice half_up …", "line half_up"));
            }
        }
        self.fields.insert(Step::Numbers, fields);
    }

    /// The file as everything is typed and was seen; else the field of [`Step::Numbers`] that is wrong, and why.
    pub fn draft(&self) -> Result<Draft, (usize, String)> {
        let currency = Some(self.typed(Step::Service, 2)).filter(|text| !text.is_empty());
        let (service, zone) = (self.typed(Step::Service, 0), self.typed(Step::Service, 1));
        let mut at = 0;
        let source = self.side_whole(Step::Source, Side::Source, &mut at)?;
        let target = self.side_whole(Step::Target, Side::Target, &mut at)?;
        Ok(Draft { service, zone, currency, source, target })
    }

    fn side_whole(&self, step: Step, side: Side, at: &mut usize) -> Result<DraftSide, (usize, String)> {
        let mut draft = self.side_typed(step)?;
        let mut next = || {
            *at += 1;
            (*at - 1, self.typed(Step::Numbers, *at - 1))
        };
        let words = |(at, text): (usize, String)| {
            let words: Vec<String> = text.split([',', ' ']).filter(|w| !w.is_empty()).map(str::to_owned).collect();
            if words.is_empty() { Err((at, "at least one word: a guessed one would bill the wrong rows".to_owned())) } else { Ok(words) }
        };
        (draft.active, draft.billable) = (words(next())?, words(next())?);
        let probe = self.probe(side);
        draft.system = probe.and_then(|p| p.system);
        draft.words.clear();
        if draft.system.is_none_or(|system| Known::named(system).is_none()) {
            let (ends_at, ends) = next();
            if !["inclusive", "exclusive"].contains(&ends.as_str()) {
                return Err((ends_at, "inclusive or exclusive".to_owned()));
            }
            let (rounds_at, rounds) = next();
            let known = |(per, mode): &(&str, &str)| {
                ["line", "invoice"].contains(per) && ["half_up", "half_even", "half_down", "up", "down", "ceil", "floor"].contains(mode)
            };
            let (per, mode) = rounds
                .split_once(' ')
                .filter(known)
                .ok_or_else(|| (rounds_at, "line or invoice, and half_up, half_even, half_down, up, down, ceil or floor".to_owned()))?;
            draft.words = BTreeMap::from([("ends", ends), ("round_per", per.to_owned()), ("round_mode", mode.to_owned())]);
        }
        draft.queries = probe.map(|p| p.queries.clone()).unwrap_or_default();
        if draft.queries.is_empty() {
            // A side maps something, or it is none; doctor says what this lacks.
            draft.queries.insert(Entity::Subscriptions, "select id, customer_id, plan_id, status, started_on from subscriptions".to_owned());
        }
        Ok(draft)
    }
}
