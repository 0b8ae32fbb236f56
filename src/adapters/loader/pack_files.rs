//! The files of a pack, as bytes: per entity a CSV and a JSONL file, what is to be retired, a manifest, checksums, and a README for
//! whoever loads them. No clock and no machine is in them: the same records give the same bytes.

use crate::domain::contract::Entity;
use crate::domain::import::Act;
use crate::domain::shadow::CARRIED;
use crate::domain::spreadsheet::{cell_text, is_decimal};
use crate::ports::loader::Parcel;
use crate::ports::loader_lines::Request;
use serde_json::json;
use sha2::{Digest as _, Sha256};
use std::borrow::Cow;
use std::fmt::Write as _;

/// A pack about to be written.
#[derive(Debug)]
pub(super) struct PackFiles {
    /// The name of its directory.
    pub name: String,
    /// Names and bytes, in the order they are listed.
    pub list: Vec<(String, Vec<u8>)>,
}

/// Makes all of them.
pub(super) fn files(service: &str, parcels: &[Parcel]) -> Result<PackFiles, String> {
    let mut list = Vec::new();
    let mut counts = serde_json::Map::new();
    for entity in CARRIED {
        let of: Vec<&Parcel> = parcels.iter().filter(|p| p.act == Act::Put && p.id.entity == entity).collect();
        counts.insert(entity.word().to_owned(), json!(of.len()));
        if !of.is_empty() {
            list.push((format!("{entity}.csv"), csv(&of)?));
            list.push((format!("{entity}.jsonl"), jsonl(&of)?));
        }
    }
    let retired: Vec<&Parcel> = parcels.iter().filter(|p| p.act == Act::Retire).collect();
    counts.insert("retire".to_owned(), json!(retired.len()));
    if !retired.is_empty() {
        list.push(("retire.csv".to_owned(), csv_of_retired(&retired)?));
        list.push(("retire.jsonl".to_owned(), jsonl(&retired)?));
    }
    list.push(("README.md".to_owned(), readme(service, parcels).into_bytes()));
    finished(&slug(service), service, list, &serde_json::Value::Object(counts))
}

/// Adds manifest and checksums, and names the pack after what is in it.
pub(super) fn finished(prefix: &str, service: &str, mut list: Vec<(String, Vec<u8>)>, counts: &serde_json::Value) -> Result<PackFiles, String> {
    let sum = |bytes: &[u8]| {
        Sha256::digest(bytes).iter().fold(String::new(), |mut hex, b| {
            let _ = write!(hex, "{b:02x}");
            hex
        })
    };
    let files: Vec<_> = list.iter().map(|(name, bytes)| json!({ "name": name, "bytes": bytes.len(), "sha256": sum(bytes) })).collect();
    let content = blake3::hash(files.iter().map(ToString::to_string).collect::<String>().as_bytes()).to_hex().to_string();
    let manifest = json!({ "form": "dualrun pack 1", "service": service, "content": content, "records": counts, "files": files });
    let text = serde_json::to_string_pretty(&manifest).map_err(|e| e.to_string())? + "\n";
    list.push(("manifest.json".to_owned(), text.into_bytes()));
    let sums: Vec<String> = list.iter().map(|(name, bytes)| format!("{}  {name}\n", sum(bytes))).collect();
    list.push(("SHA256SUMS".to_owned(), sums.concat().into_bytes()));
    let short = content.get(..12).unwrap_or_default();
    Ok(PackFiles { name: format!("{prefix}-{short}"), list })
}

/// Letters a file name may have anywhere.
pub(super) fn slug(text: &str) -> String {
    let plain: String = text.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' }).take(40).collect();
    let plain = plain.trim_matches('-');
    if plain.is_empty() { "pack".to_owned() } else { plain.to_owned() }
}

fn jsonl(parcels: &[&Parcel]) -> Result<Vec<u8>, String> {
    let mut out = Vec::new();
    for parcel in parcels {
        serde_json::to_writer(&mut out, &Request::of(parcel)).map_err(|e| e.to_string())?;
        out.push(b'\n');
    }
    Ok(out)
}

pub(super) fn cell(text: &str) -> Cow<'_, str> {
    if is_decimal(text) { Cow::Borrowed(text) } else { cell_text(text) }
}

pub(super) fn written(mut table: csv::Writer<Vec<u8>>) -> Result<Vec<u8>, String> {
    table.flush().map_err(|e| e.to_string())?;
    table.into_inner().map_err(|e| e.to_string())
}

pub(super) fn table() -> csv::Writer<Vec<u8>> {
    csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new())
}

fn csv(parcels: &[&Parcel]) -> Result<Vec<u8>, String> {
    let mut out = table();
    for (row, parcel) in parcels.iter().enumerate() {
        let Some(record) = &parcel.record else { continue };
        let fields = record.fields();
        if row == 0 {
            let names = ["external_id", "target_id"].into_iter().chain(fields.iter().map(|(name, _)| *name));
            out.write_record(names).map_err(|e| e.to_string())?;
        }
        let own = [cell(&parcel.id.external_id), cell(parcel.target_id.as_deref().unwrap_or_default())];
        let values = own.into_iter().chain(fields.iter().map(|(_, value)| cell(value.as_deref().unwrap_or_default())));
        out.write_record(values.map(|v| v.into_owned().into_bytes())).map_err(|e| e.to_string())?;
    }
    written(out)
}

fn csv_of_retired(parcels: &[&Parcel]) -> Result<Vec<u8>, String> {
    let mut out = table();
    out.write_record(["entity", "external_id", "target_id"]).map_err(|e| e.to_string())?;
    for parcel in parcels {
        let values = [Cow::Borrowed(parcel.id.entity.word()), cell(&parcel.id.external_id), cell(parcel.target_id.as_deref().unwrap_or_default())];
        out.write_record(values.map(|v| v.into_owned().into_bytes())).map_err(|e| e.to_string())?;
    }
    written(out)
}

fn readme(service: &str, parcels: &[Parcel]) -> String {
    let of = |entity: Entity| parcels.iter().filter(|p| p.act == Act::Put && p.id.entity == entity).count();
    let retired = parcels.iter().filter(|p| p.act == Act::Retire).count();
    let lines: Vec<String> = CARRIED.into_iter().filter(|e| of(*e) > 0).map(|e| format!("| {e} | {} | {e}.csv, {e}.jsonl |\n", of(e))).collect();
    let lines = lines.concat();
    let retire = if retired > 0 { format!("| to be retired | {retired} | retire.csv, retire.jsonl |\n") } else { String::new() };
    format!(
        "\
# Shadows of {service}, to be loaded by hand

| what | records | files |
|---|---:|---|
{lines}{retire}
1. Check the files: `sha256sum -c SHA256SUMS`.
2. Load in this order: customers, plans, charges, subscriptions. Everything is a **draft**: no payment method, no payment token, no
   scheduled job, nothing that could bill, send or charge. The records have no field for any of it.
3. Keep `external_id` with each record, where it can be read back: by it a record is recognised, never by its name. A record that is
   there already under its `external_id` (or `target_id`) is changed, not made a second time.
4. What is to be retired must bill nothing any more: a plan off sale, a subscription over, a charge gone.
5. Tell whoever made this pack. Their next import reads the target and holds every field against these files.

Numbers are exact decimals; keep all their digits, prices per unit above all. A charge's `unit_price` buys `package_size` units: do
not divide it. `ended_on` and `trial_end` are the first day that no longer counts. An empty cell is no value.

In CSV, text that a spreadsheet would run as a formula has an apostrophe in front, and characters nobody can see are markers such as
`<U+200B>`; the JSONL files have every text exactly.
",
        service = crate::domain::text::shown(service, 80),
    )
}
