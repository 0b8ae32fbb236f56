//! Verifying a dossier: its manifest, then everything that can be computed anew from what lies in it.

use super::flip::flip;
use super::read::{Complaints, Files};
use crate::app::audit::Witness;
use crate::app::gates::holds;
use crate::domain::dossier::{Checked, Decision, FORM, KeptEvidence, KeptExplanation, KeptRow, Manifest, Sealed, StageHeld, Stand, Verified, file};
use crate::domain::finding::Finding;
use crate::domain::gate::{GateAct, Runbook};
use crate::domain::journal::JournalEntry;
use crate::domain::profile::ServiceProfile;
use crate::domain::review::Act;
use crate::domain::row::Terms;
use crate::domain::run::Run;
use crate::domain::text::shown;
use crate::dossier::{Chain, Ground, RunCheck, Walked, differences, refold};
use crate::gates::{GatesStanding, glass_ever};
use crate::ports::dossier::DossierSource;
use crate::ports::signer::Verifier;
use serde::Deserialize;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::io;

/// Why a folder is no dossier at all.
#[derive(Debug, thiserror::Error)]
pub enum NoDossier {
    /// It cannot be read.
    #[error("{0}")]
    Unreadable(#[from] io::Error),
    /// It has no manifest.
    #[error("it has no {}", file::MANIFEST)]
    NoManifest,
    /// Its manifest is of something else.
    #[error("its {} is none of a dossier", file::MANIFEST)]
    Other,
}

/// What came another way than the dossier itself.
pub struct Witnesses<'a> {
    /// Verifies signatures: by the dossier's own `allowed_signers`, or by a file from elsewhere.
    pub keys: &'a dyn Verifier,
    /// Heads of the journal that older reports saw.
    pub heads: &'a [Witness],
}

/// The canonical configuration.
#[derive(Deserialize)]
struct Configuration {
    service: ServiceProfile,
}

/// How the gates stand, as stated.
#[derive(Deserialize)]
struct Stated {
    standing: Value,
    blockers: Value,
}

/// What is read of a dossier and needed more than once.
struct Content {
    stand: Stand,
    config: String,
    profile: Option<ServiceProfile>,
    acts: Vec<GateAct>,
    decisions: Vec<Act>,
    /// Runs with their findings and rows.
    runs: Vec<(Run, usize, u64)>,
}

/// Verifies it. Everything that does not hold is told, not only the first.
pub fn verify(source: &dyn DossierSource, by: &Witnesses<'_>) -> Result<Verified, NoDossier> {
    let found = source.files()?;
    let mut files = Files { source, complaints: Complaints::default(), there: BTreeSet::new() };
    for one in found {
        if one.is_plain {
            files.there.insert(one.name);
        } else {
            files.complaints.add(&one.name, "is no plain file");
        }
    }
    let mut out = blank();
    let manifest = manifest(&mut files, &mut out)?;
    if let Some(manifest) = &manifest {
        inventory(&mut files, manifest, &mut out.checked);
    }
    let service = manifest.as_ref().map(|m| m.service.clone());
    if let Some(content) = content(&mut files, &mut out) {
        let service = service.unwrap_or_else(|| content.runs.first().map(|(run, ..)| run.request.service.clone()).unwrap_or_default());
        known_names(&mut files, &content.stand);
        of_service(&mut files.complaints, &service, &content);
        let walked = journal(&mut files, &content, &service, (manifest.as_ref(), by.heads), &mut out.checked);
        gates(&mut files, &content, (&walked, manifest.as_ref()), by.keys, &mut out);
        flip(&mut files, &content.acts, content.profile.as_ref().map(|profile| profile.zone), &mut out);
        out.journal = Some(walked.head);
        taken(&content, !by.heads.is_empty(), &mut out);
    }
    let Complaints { kept, more, .. } = files.complaints;
    (out.complaints, out.more) = (kept, more);
    Ok(out)
}

fn blank() -> Verified {
    Verified {
        service: String::new(),
        made_at: None,
        made_by: String::new(),
        digest: String::new(),
        journal: None,
        checked: Checked::default(),
        stages: Vec::new(),
        waves: Vec::new(),
        broken_glass: Vec::new(),
        complaints: Vec::new(),
        more: 0,
        notes: Vec::new(),
        taken: Vec::new(),
    }
}

/// Reads the manifest; `None` where it does not say what is there.
fn manifest(files: &mut Files<'_>, out: &mut Verified) -> Result<Option<Manifest>, NoDossier> {
    if !files.there.contains(file::MANIFEST) {
        return Err(NoDossier::NoManifest);
    }
    let Some(bytes) = files.bytes(file::MANIFEST) else { return Ok(None) };
    let manifest: Manifest = match serde_json::from_slice(&bytes) {
        Ok(manifest) => manifest,
        // A damaged one of a dossier, or something else under that name.
        Err(_) if !files.there.contains(file::STAND) && !files.there.contains(file::JOURNAL) => return Err(NoDossier::Other),
        Err(e) => {
            files.complaints.add(file::MANIFEST, &format!("cannot be read: {e}"));
            return Ok(None);
        }
    };
    if manifest.form != FORM {
        files.complaints.add(file::MANIFEST, &format!("is of the form {:?}, and this dualrun verifies {FORM:?}", manifest.form));
    }
    if manifest.text().is_ok_and(|text| text.as_bytes() != bytes) {
        files.complaints.add(file::MANIFEST, "is not written as dualrun writes it");
    }
    if manifest.digest_of_all() != manifest.digest {
        files.complaints.add(file::MANIFEST, "its digest over all is not that of what it says");
    }
    (out.service, out.made_by) = (shown(&manifest.service, 80), shown(&manifest.made_by, 80));
    (out.made_at, out.digest) = (Some(manifest.made_at), shown(&manifest.digest, 80));
    Ok(Some(manifest))
}

/// Each file by its length and digest; none more, none less.
fn inventory(files: &mut Files<'_>, manifest: &Manifest, checked: &mut Checked) {
    let mut named = BTreeSet::from([file::MANIFEST.to_owned()]);
    for Sealed { name, bytes, blake3 } in &manifest.files {
        if !named.insert(name.clone()) {
            files.complaints.add(name, "is in the manifest twice");
        }
        if !files.there.contains(name) {
            files.complaints.add(name, "is gone: the manifest has it");
            continue;
        }
        checked.files += 1;
        match files.source.open(name).and_then(|mut opened| {
            let mut hasher = blake3::Hasher::new();
            io::copy(&mut opened, &mut hasher).map(|length| (length, hasher.finalize().to_hex().to_string()))
        }) {
            Ok((length, digest)) => {
                checked.bytes += length;
                if length != *bytes || digest != *blake3 {
                    files.complaints.add(name, "is not what was written: its digest is another");
                }
            }
            Err(e) => files.complaints.add(name, &e.to_string()),
        }
    }
    for name in files.there.difference(&named).cloned().collect::<Vec<_>>() {
        files.complaints.add(&name, "was put in: the manifest does not have it");
    }
}

fn content(files: &mut Files<'_>, out: &mut Verified) -> Option<Content> {
    let config = files.bytes(file::CONFIGURATION).map(|bytes| blake3::hash(&bytes).to_hex().to_string());
    let profile = files.value::<Configuration>(file::CONFIGURATION).map(|c| c.service);
    let acts: Vec<GateAct> = files.list(file::GATE_ACTS);
    let decisions: Vec<Decision> = files.list(file::REVIEWS);
    let decisions = decisions.into_iter().map(|Decision { act, subjects }| Act { subjects, ..act }).collect();
    let stand: Stand = files.value(file::STAND)?;
    let config = config.unwrap_or_default();
    let mut runs = Vec::new();
    for id in stand.runs.clone() {
        runs.extend(run(files, id, (&config, profile.as_ref()), out));
    }
    let checked = &mut out.checked;
    (checked.gate_acts, checked.runs) = (acts.len() as u64, runs.len() as u64);
    Some(Content { stand, config, profile, acts, decisions, runs })
}

/// Looks at a run; gives it with its findings and rows.
fn run(files: &mut Files<'_>, id: i64, (config, profile): (&str, Option<&ServiceProfile>), out: &mut Verified) -> Option<(Run, usize, u64)> {
    let name = |of: &str| file::of_run(id, of);
    let run: Run = files.value(&name(file::RUN))?;
    if run.id != id {
        files.complaints.add(&name(file::RUN), &format!("is run #{}", run.id));
    }
    let terms: BTreeMap<String, Terms> = files.list::<Terms>(&name(file::TERMS)).into_iter().map(|t| (t.plan.id.clone(), t)).collect();
    let findings = files.list::<Finding>(&name(file::FINDINGS)).len();
    let rejected = files.lines::<Value>(&name(file::REJECTED), |_| Vec::new());
    let is_of_it = run.request.config_digest == config;
    if !is_of_it {
        out.notes.push(format!("run #{id} of {} is of another configuration: its rows are added up, not judged anew", run.request.month));
    }
    let mut check = RunCheck::new(&run, profile.filter(|_| is_of_it), &terms);
    files.lines::<KeptRow>(&name(file::ROWS), |kept| {
        let place = format!("row {} ({} {})", kept.seq, kept.row.key.shown(60), kept.row.period);
        check.row(&kept).into_iter().map(|what| (place.clone(), what)).collect()
    });
    let (wrong, redone) = check.end(rejected);
    files.complaints.all(&name(file::RUN), wrong);
    let beside = |seq: i64| {
        let is_row = u64::try_from(seq).is_ok_and(|seq| (1..=redone.rows).contains(&seq));
        if is_row { Vec::new() } else { vec![(format!("row {seq}"), "is no row of the run".to_owned())] }
    };
    files.lines::<KeptExplanation>(&name(file::EXPLANATIONS), |kept| beside(kept.seq));
    files.lines::<KeptEvidence>(&name(file::EVIDENCE), |kept| beside(kept.seq));
    out.checked.rows += redone.rows;
    out.checked.rows_redone += redone.redone;
    Some((run, findings, redone.rows))
}

/// A file that is sealed and means nothing would be believed by somebody.
fn known_names(files: &mut Files<'_>, stand: &Stand) {
    let of_run = [file::RUN, file::FINDINGS, file::REJECTED, file::TERMS, file::ROWS, file::EXPLANATIONS, file::EVIDENCE];
    let mut known: BTreeSet<String> = [
        file::README,
        file::MANIFEST,
        file::STAND,
        file::CONFIGURATION,
        file::CONFIGURATION_TEXT,
        file::RUNBOOK,
        file::RUNBOOK_TEXT,
        file::ALLOWED_SIGNERS,
        file::GATES,
        file::FLIP,
        file::GATE_ACTS,
        file::REVIEWS,
        file::JOURNAL,
    ]
    .map(str::to_owned)
    .into();
    known.extend(stand.runs.iter().flat_map(|id| of_run.map(|name| file::of_run(*id, name))));
    for name in files.there.difference(&known).cloned().collect::<Vec<_>>() {
        files.complaints.add(&name, "is no file of a dossier, or of a run that is not in it");
    }
}

/// All of it is of one service.
fn of_service(complaints: &mut Complaints, service: &str, content: &Content) {
    let mut say = |place: &str, other: &str| {
        if other != service {
            complaints.add(place, &format!("is of the service {other:?}, and the dossier of {service:?}"));
        }
    };
    if let Some(profile) = &content.profile {
        say(file::CONFIGURATION, &profile.service);
    }
    content.acts.iter().for_each(|act| say(&format!("{} act {}", file::GATE_ACTS, act.id), &act.service));
    content.decisions.iter().for_each(|act| say(&format!("{} decision {}", file::REVIEWS, act.id), &act.service));
    content.runs.iter().for_each(|(run, ..)| say(&file::of_run(run.id, file::RUN), &run.request.service));
    for (name, ids) in
        [(file::GATE_ACTS, content.acts.iter().map(|a| a.id).collect::<Vec<_>>()), (file::REVIEWS, content.decisions.iter().map(|a| a.id).collect())]
    {
        if !ids.is_sorted_by(|a, b| a < b) {
            complaints.add(name, "is not in the order its acts were made in");
        }
    }
}

fn journal(
    files: &mut Files<'_>,
    content: &Content,
    service: &str,
    (manifest, heads): (Option<&Manifest>, &[Witness]),
    checked: &mut Checked,
) -> Walked {
    let mut chain = Chain::new(service, &content.acts, content.decisions.iter());
    let mut seen: BTreeSet<i64> = BTreeSet::new();
    checked.journal_entries = files.lines::<JournalEntry>(file::JOURNAL, |entry| {
        let mut wrong = chain.entry(&entry);
        for Witness { head, from } in heads.iter().filter(|w| w.head.length == entry.seq) {
            seen.insert(entry.seq);
            if head.hash != entry.hash {
                wrong.push(format!("is not the one {from} saw: the chain was written anew at or before it"));
            }
        }
        wrong.into_iter().map(|what| (format!("entry {}", entry.seq), what)).collect()
    });
    let (wrong, walked) = chain.end(&content.runs);
    files.complaints.all(file::JOURNAL, wrong);
    for Witness { head, from } in heads.iter().filter(|w| !seen.contains(&w.head.length)) {
        files.complaints.add(file::JOURNAL, &format!("has {} entries, and {from} saw {}", walked.head.length, head.length));
    }
    if let Some(stated) = manifest.map(|m| &m.journal).filter(|stated| **stated != walked.head) {
        let (is, was) = (walked.head.length, stated.length);
        let what = if is < was {
            format!("ends with entry {is}, and had {was}: the newest are gone")
        } else {
            format!("ends with entry {is} by another head than the manifest's, which is of entry {was}")
        };
        files.complaints.add(file::JOURNAL, &what);
    }
    walked
}

fn gates(files: &mut Files<'_>, content: &Content, (walked, manifest): (&Walked, Option<&Manifest>), keys: &dyn Verifier, out: &mut Verified) {
    let acts = &content.acts;
    out.checked.decisions = content.decisions.len() as u64;
    out.broken_glass = glass_ever(acts, &content.stand.operators);
    let mut signatures = BTreeMap::new();
    for act in acts {
        if let Some(held) = holds(act, keys) {
            signatures.insert(act.id, held.map_err(|fault| fault.to_string()));
        }
    }
    out.checked.signatures = signatures.len() as u64;
    out.checked.signatures_held = signatures.values().filter(|held| held.is_ok()).count() as u64;
    let stated = files.has(file::GATES, false);
    let runbook = if files.has(file::RUNBOOK, stated) { files.value::<Runbook>(file::RUNBOOK) } else { None };
    let (Some(runbook), Some(manifest)) = (runbook, manifest) else {
        if !stated {
            out.notes.push("there is no runbook: no gate was folded".to_owned());
        }
        failed_signatures(files, &signatures, &BTreeSet::new(), acts, out);
        return;
    };
    let runs: Vec<&Run> = content.runs.iter().map(|(run, ..)| run).collect();
    let ground = Ground {
        stand: &content.stand,
        config: &content.config,
        runbook: &runbook,
        acts,
        decisions: &content.decisions,
        runs: &runs,
        adopters: &walked.adopters,
        signatures: &signatures,
        at: manifest.made_at,
    };
    let (gated, wrong) = refold(&ground);
    files.complaints.all(file::STAND, wrong);
    let of_stage = |s: &crate::gates::StageStanding| StageHeld { id: shown(&s.id, 60), outcome: s.outcome, summary: shown(&s.summary, 200) };
    out.stages = gated.standing.stages.iter().map(of_stage).collect();
    let Some(Stated { standing, blockers }) = files.value::<Stated>(file::GATES) else { return };
    let counted = seated(&standing);
    failed_signatures(files, &signatures, &counted, acts, out);
    compare(files, &gated.standing, &standing);
    let folded = serde_json::to_value(&gated.blockers).unwrap_or_default();
    files.complaints.all(file::GATES, differences(&blockers, &folded).into_iter().map(|d| format!("blockers/{d}")));
}

fn compare(files: &mut Files<'_>, folded: &GatesStanding, stated: &Value) {
    let folded = serde_json::to_value(folded).unwrap_or_default();
    files.complaints.all(file::GATES, differences(stated, &folded));
}

/// Acts that are stated to sit in a seat.
fn seated(standing: &Value) -> BTreeSet<i64> {
    let list = |value: &Value, name: &str| value.get(name).and_then(Value::as_array).cloned().unwrap_or_default();
    let seats = list(standing, "stages").into_iter().flat_map(|stage| list(&stage, "seats"));
    seats.filter_map(|seat| seat.get("signed")?.get("act")?.as_i64()).collect()
}

/// A signature that does not hold is a complaint where it is stated to count; else it is told.
fn failed_signatures(
    files: &mut Files<'_>,
    signatures: &BTreeMap<i64, Result<(), String>>,
    counted: &BTreeSet<i64>,
    acts: &[GateAct],
    out: &mut Verified,
) {
    for (id, held) in signatures {
        let Err(why) = held else { continue };
        let who = acts.iter().find(|act| act.id == *id).map_or_else(String::new, |act| format!(" by {}", shown(&act.actor, 60)));
        let what = format!("the signature of act {id}{who} does not hold: {}", shown(why, 200));
        if counted.contains(id) { files.complaints.add(file::GATE_ACTS, &what) } else { out.notes.push(format!("{what}; it is not stated to count")) }
    }
}

/// What nothing here proves.
fn taken(content: &Content, is_witnessed: bool, out: &mut Verified) {
    if !is_witnessed {
        let what = "that nobody wrote all of it anew, whoever holds it could: hold it against a report that came another way with --against";
        out.taken.push(what.to_owned());
    }
    let unread = out.checked.rows - out.checked.rows_redone;
    out.taken
        .push("what was read from both databases: their records are not kept, only the digests of them that the run's digest is over".to_owned());
    out.taken.push("how records became documents and sums of usage, and the buckets of what was not compared".to_owned());
    if unread > 0 {
        out.taken.push(format!(
            "the verdict of {unread} rows that nothing judges anew: something of them could not be read, or they are of another configuration"
        ));
    }
    out.taken.push("findings, explanations, and what decisions make of each row".to_owned());
    if content.stand.place.is_some() || !content.stand.months.is_empty() {
        let what = "where both databases, the loaders and the keys were, and which decisions each month of a metric stood on";
        out.taken.push(what.to_owned());
    }
    if !out.waves.is_empty() {
        let what = "what both sides and the programs of the flip answered, and that the gates held when each wave began";
        out.taken.push(what.to_owned());
    }
    if !content.stand.files.is_empty() {
        out.taken.push(format!("{} files that evidence stands on, and what checks saw", content.stand.files.len()));
    }
    out.taken.push(format!(
        "{} and {}, which are for reading: {} and {} count",
        file::CONFIGURATION_TEXT,
        file::RUNBOOK_TEXT,
        file::CONFIGURATION,
        file::RUNBOOK
    ));
}
