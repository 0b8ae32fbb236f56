//! The files of a pack of changes, to be made by hand: CSV and JSONL, checksums, and a README for whoever makes them.

use super::pack_files::{PackFiles, cell, finished, slug, table, written};
use crate::domain::flip::Direction;
use crate::domain::side::Side;
use crate::domain::text::shown;
use crate::ports::loader::FlipParcel;
use crate::ports::loader_lines::FlipRequest;
use serde_json::json;

/// Makes all of them.
pub(super) fn files(service: &str, parcels: &[FlipParcel]) -> Result<PackFiles, String> {
    let mut lines = Vec::new();
    let mut out = table();
    out.write_record(["act", "subscription", "target_id", "what"]).map_err(|e| e.to_string())?;
    for parcel in parcels {
        let request = FlipRequest::of(parcel);
        serde_json::to_writer(&mut lines, &request).map_err(|e| e.to_string())?;
        lines.push(b'\n');
        let what = parcel.change.words(parcel.direction);
        let target_id = request.target_id.as_deref().unwrap_or_default();
        let cells = [request.act.word().into(), cell(&request.subscription), cell(target_id), cell(&what)];
        out.write_record(cells.map(|c| c.into_owned().into_bytes())).map_err(|e| e.to_string())?;
    }
    let list = vec![
        ("changes.csv".to_owned(), written(out)?),
        ("changes.jsonl".to_owned(), lines),
        ("README.md".to_owned(), readme(service, parcels).into_bytes()),
    ];
    let act = parcels.first().map_or("none", |p| p.change.step().act(p.direction).word());
    finished(&format!("{}-flip-{}", slug(service), slug(act)), service, list, &json!({ act: parcels.len() }))
}

fn readme(service: &str, parcels: &[FlipParcel]) -> String {
    let side = parcels.first().map_or(Side::Target, |p| p.change.step().side());
    let way = match parcels.first().map(|p| p.direction) {
        Some(Direction::Back) => "way back",
        _ => "flip",
    };
    format!(
        "\
# Changes of the {way} of {service}, to be made by hand in the {side}

{count} changes, one a line of changes.csv; changes.jsonl has the same, exactly.

1. Check the files: `sha256sum -c SHA256SUMS`.
2. Make each change, and nothing else. One that is made already is left as it is.
3. Tell whoever made this pack. Running the same command again reads both sides, and goes on only where each change is seen.

In CSV, text that a spreadsheet would run as a formula has an apostrophe in front.
",
        service = shown(service, 80),
        count = parcels.len(),
    )
}
