//! The journal of a dossier, entry by entry: its chain, and that every act and every run of the dossier has its entry and every entry
//! of the service has its act.

use crate::domain::gate::GateAct;
use crate::domain::journal::{JournalEntry, JournalHead, canonical};
use crate::domain::review::Act;
use crate::domain::run::Run;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// The journal while it is walked.
pub struct Chain<'a> {
    service: &'a str,
    gate_acts: BTreeMap<i64, &'a GateAct>,
    decisions: BTreeMap<i64, &'a Act>,
    seen: (BTreeSet<i64>, BTreeSet<i64>),
    /// The newest run of each month that counted when it ended, with its entry.
    counted: BTreeMap<String, (i64, JournalEntry)>,
    adopters: Vec<String>,
    head: JournalHead,
}

/// What the journal said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Walked {
    /// Its head.
    pub head: JournalHead,
    /// Who adopted a configuration, each time, oldest first.
    pub adopters: Vec<String>,
}

impl<'a> Chain<'a> {
    /// Before the first entry.
    pub fn new(service: &'a str, gate_acts: &'a [GateAct], decisions: impl Iterator<Item = &'a Act>) -> Self {
        Self {
            service,
            gate_acts: gate_acts.iter().map(|act| (act.id, act)).collect(),
            decisions: decisions.map(|act| (act.id, act)).collect(),
            seen: (BTreeSet::new(), BTreeSet::new()),
            counted: BTreeMap::new(),
            adopters: Vec::new(),
            head: JournalHead::before_all(),
        }
    }

    /// The next entry; says what does not hold of it.
    pub fn entry(&mut self, entry: &JournalEntry) -> Vec<String> {
        let mut wrong: Vec<String> = entry.follows(&self.head).err().map(str::to_owned).into_iter().collect();
        // On from what is there, so that one break is told once.
        self.head = JournalHead { length: entry.seq, hash: entry.hash.clone() };
        let Ok(facts) = serde_json::from_str::<Value>(&entry.facts) else {
            wrong.push("its facts cannot be read".to_owned());
            return wrong;
        };
        if entry.kind == "config_adopted" {
            self.adopters.push(entry.actor.clone());
        }
        if facts.get("service").and_then(Value::as_str) != Some(self.service) {
            return wrong;
        }
        wrong.extend(self.of_act(entry, &facts));
        if entry.kind == "run_complete" && facts.get("current") == Some(&Value::Bool(true)) {
            let run = facts.get("run").and_then(Value::as_i64).unwrap_or_default();
            let month = facts.get("month").and_then(Value::as_str).unwrap_or_default();
            self.counted.insert(month.to_owned(), (run, entry.clone()));
        }
        wrong
    }

    /// What does not hold of an entry that is of an act.
    fn of_act(&mut self, entry: &JournalEntry, facts: &Value) -> Option<String> {
        let number = |name: &str| facts.get(name).and_then(Value::as_i64);
        let is_decision = || entry.kind.starts_with("review_") || entry.kind.starts_with("waiver_");
        let (what, id, kept) = if let Some(id) = number(GateAct::FACT) {
            let act = self.gate_acts.get(&id).copied();
            self.seen.0.insert(id);
            let kept = act.map(|a| (a.deed.journal_kind(), a.at, a.actor.clone(), a.journal_facts()));
            ("act", id, kept)
        } else {
            let id = number("act").filter(|_| is_decision())?;
            let act = self.decisions.get(&id).copied();
            self.seen.1.insert(id);
            let kept = act.map(|a| (a.deed.journal_kind(), a.at, a.actor.clone(), a.journal_facts()));
            ("decision", id, kept)
        };
        let Some((kind, at, actor, made)) = kept else { return Some(format!("{what} {id}, which it is of, is not there")) };
        let made = made.map(|facts| canonical(&facts)).unwrap_or_default();
        let same = (kind, at, actor.as_str(), made.as_str()) == (entry.kind.as_str(), entry.at, entry.actor.as_str(), entry.facts.as_str());
        (!same).then(|| format!("{what} {id}, which it is of, is not what was written"))
    }

    /// After the last entry, with the dossier's runs, each with its findings and rows; says what has no entry.
    pub fn end(self, runs: &[(Run, usize, u64)]) -> (Vec<String>, Walked) {
        let mut wrong = Vec::new();
        for id in self.gate_acts.keys().filter(|id| !self.seen.0.contains(id)) {
            wrong.push(format!("act {id} about the gates has no entry"));
        }
        for id in self.decisions.keys().filter(|id| !self.seen.1.contains(id)) {
            wrong.push(format!("decision {id} has no entry"));
        }
        for (run, findings, rows) in runs {
            let month = run.request.month.to_string();
            match self.counted.get(&month) {
                Some((id, entry)) if *id == run.id => {
                    if entry.facts != canonical(&run.journal_facts(*findings, *rows)) {
                        wrong.push(format!("entry {} is of run #{id}, and says other digests, counts or findings", entry.seq));
                    }
                }
                Some((id, entry)) => wrong.push(format!("run #{id} counts for {month} by entry {}, and the dossier has run #{}", entry.seq, run.id)),
                None => wrong.push(format!("run #{} of {month} has no entry", run.id)),
            }
        }
        for (month, (id, entry)) in &self.counted {
            if !runs.iter().any(|(run, ..)| run.request.month.to_string() == *month) {
                wrong.push(format!("run #{id} counts for {month} by entry {}, and the dossier has none", entry.seq));
            }
        }
        (wrong, Walked { head: self.head, adopters: self.adopters })
    }
}
