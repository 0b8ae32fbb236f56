//! Worked cases of billing arithmetic, replayed: what is read, which function of the engine each operation names, and what holds.
//!
//! The format is described in `assets/cases/README.md`. Nothing is computed here: an operation reads its fields, calls the
//! functions the product itself rates, prorates, taxes and rounds with, and its results are compared. An operation nobody
//! knows, a field that is missing, unknown or of the wrong kind is a fault of that case, never a skip.

mod answer;
mod charges;
mod fields;
mod node;
mod periods;
mod proration;
mod rating;
mod rounding;
mod tax;
mod written;

pub use written::RatingCase;

use answer::Answer;
use fields::{Fault, Fields};
use node::Node;
use serde::Serialize;
use serde_json::Value;

/// An operation: its fields to its results.
type Operation = fn(&mut Fields<'_>) -> Result<Answer, Fault>;

/// Every operation by its name, section by section.
const OPERATIONS: [&[(&str, Operation)]; 6] =
    [rating::OPERATIONS, charges::OPERATIONS, proration::OPERATIONS, periods::OPERATIONS, tax::OPERATIONS, rounding::OPERATIONS];

/// The kinds a case may be of.
const KINDS: [&str; 6] = ["rating", "charge-model", "proration", "period", "tax", "rounding"];

/// What a case says about itself beside its figures.
const REMARKS: [&str; 3] = ["source", "note", "verified_how"];

/// Why a text is no file of cases.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadFile {
    /// Not JSON.
    #[error("not JSON: {0}")]
    Json(String),
    /// JSON, but neither a list of cases nor one case.
    #[error("neither a list of cases nor one case")]
    Shape,
    /// A case without a name cannot be spoken of.
    #[error("case {0} of the file has no id")]
    Unnamed(usize),
}

/// A case, read and not yet looked into.
#[derive(Debug)]
pub struct Case {
    id: String,
    fields: Node,
}

/// A case whose figures are not what was expected.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Failure {
    /// The case.
    pub id: String,
    /// What it expects.
    pub expected: Value,
    /// All results of the operation; null where it has none.
    pub got: Value,
    /// Why there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
}

/// What became of the cases.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Outcome {
    /// Cases read.
    pub total: usize,
    /// Cases whose every expected figure is what the engine computes.
    pub hold: usize,
    /// Cases that do not hold.
    pub fail: Vec<Failure>,
    /// Ids of cases whose operation nobody knows.
    pub unknown: Vec<String>,
    /// Those operations.
    pub unknown_operations: Vec<String>,
}

impl Outcome {
    /// Whether all hold, and there are some.
    pub const fn holds(&self) -> bool {
        self.total > 0 && self.hold == self.total
    }
}

/// Reads a file: a list of cases, or one case.
pub fn read(text: &str) -> Result<Vec<Case>, BadFile> {
    let file: Node = serde_json::from_str(text.trim_start_matches('\u{feff}')).map_err(|e| BadFile::Json(e.to_string()))?;
    let cases = match file {
        Node::List(cases) => cases,
        Node::Object(_) => vec![file],
        _ => return Err(BadFile::Shape),
    };
    let named = cases.into_iter().zip(1..).map(|(case, number)| match case.get("id") {
        Some(Node::Text(id)) if !id.trim().is_empty() => Ok(Case { id: id.clone(), fields: case }),
        _ => Err(BadFile::Unnamed(number)),
    });
    named.collect()
}

/// Replays cases.
pub fn run(cases: &[Case]) -> Outcome {
    let mut outcome = Outcome { total: cases.len(), ..Outcome::default() };
    let mut held = Vec::new();
    for case in cases {
        let failure = |got: Value, why: Option<String>| {
            let expected = case.fields.get("expected").map_or(Value::Null, Node::to_value);
            Failure { id: case.id.clone(), expected, got, why }
        };
        match case.answer() {
            Ok((answer, true)) => held.push(answer),
            Ok((answer, false)) => outcome.fail.push(failure(answer.to_value(), None)),
            Err(Fault::Operation(name)) => {
                outcome.unknown.push(case.id.clone());
                outcome.unknown_operations.push(name);
            }
            Err(fault) => outcome.fail.push(failure(Value::Null, Some(fault.to_string()))),
        }
    }
    outcome.hold = held.len();
    outcome.unknown_operations.sort();
    outcome.unknown_operations.dedup();
    outcome
}

impl Case {
    /// The results, and whether they are the expected ones.
    fn answer(&self) -> Result<(Answer, bool), Fault> {
        let mut case = Fields::of(&self.fields, "case")?;
        case.text("id")?;
        for remark in REMARKS {
            case.optional_text(remark)?;
        }
        case.flag_or("verified", true)?;
        if let Some(kind) = case.optional_text("kind")?.filter(|kind| !KINDS.contains(kind)) {
            return Err(Fault::wrong("kind", kind));
        }
        let (input, expected) = (case.required("input")?, case.required("expected")?);
        case.end()?;
        let mut input = Fields::of(input, "input")?;
        let name = input.text("op")?;
        let known = OPERATIONS.iter().copied().flatten().find(|(known, _)| *known == name);
        let (_, operation) = known.ok_or_else(|| Fault::Operation(name.to_owned()))?;
        let answer = operation(&mut input)?;
        input.end()?;
        let holds = answer.holds(expected)?;
        Ok((answer, holds))
    }
}

/// The names of all operations.
pub fn operations() -> impl Iterator<Item = &'static str> {
    OPERATIONS.iter().copied().flatten().map(|(name, _)| *name)
}
