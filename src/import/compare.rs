//! A record as it should be against a record as the target has it, field by field.

use crate::domain::import::{FieldDifference, TargetRecord};
use crate::domain::shadow::{Shadow, TELLING_WHEN_EMPTY};

/// What a comparison found.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Compared {
    /// Fields in which the two differ.
    pub differences: Vec<FieldDifference>,
    /// Fields that say something and that the target's query does not deliver: nobody has seen them.
    pub unread: Vec<&'static str>,
}

/// Compares. A field for which the source has no value is held against the target only where its absence says something.
pub fn compare(shadow: &Shadow, record: &TargetRecord) -> Compared {
    let mut out = Compared::default();
    for (field, wanted) in shadow.fields() {
        let Some((_, found)) = record.fields.iter().find(|(name, _)| *name == field) else {
            if wanted.is_some() || TELLING_WHEN_EMPTY.contains(&field) {
                out.unread.push(field);
            }
            continue;
        };
        let matters = wanted.is_some() || TELLING_WHEN_EMPTY.contains(&field);
        if matters && wanted != *found {
            out.differences.push(FieldDifference { field: field.to_owned(), wanted, found: found.clone() });
        }
    }
    out
}
