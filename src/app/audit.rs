//! The journal held against what older reports saw of it: an edit, a cut or a rebuilt chain shows by a head that somebody kept.

use super::error::AppError;
use crate::ports::workspace::{JournalHead, StoreError, Workspace};

/// A head of the journal that was written down elsewhere, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Witness {
    /// The head then.
    pub head: JournalHead,
    /// Where it was found, safe to be shown.
    pub from: String,
}

/// Walks the chain, then looks for each witness's head in it; the error names the entry up to which the journal is proven, and from
/// which on it is not.
pub async fn verify_against<W: Workspace + ?Sized>(store: &W, mut witnesses: Vec<Witness>) -> Result<JournalHead, AppError> {
    let now = store.verify_journal().await?;
    witnesses.sort_by_key(|witness| witness.head.length);
    let mut proven = 0;
    for Witness { head, from } in &witnesses {
        let damaged = |what: String| Err(StoreError::Damaged { what }.into());
        if head.length > now.length {
            let gone = if head.length == now.length + 1 {
                format!("entry {} is", head.length)
            } else {
                format!("entries {} to {} are", now.length + 1, head.length)
            };
            return damaged(format!("the journal has {} entries, and {from} saw {}: {gone} gone", now.length, head.length));
        }
        let entry = store.journal_after(head.length - 1, 1).await?.pop().filter(|entry| entry.seq == head.length);
        if entry.is_none_or(|entry| entry.hash != head.hash) {
            let since = if proven > 0 { format!("after entry {proven}, which an older report proves, ") } else { String::new() };
            return damaged(format!("journal entry {} is not the one {from} saw: {since}the chain was written anew at or before it", head.length));
        }
        proven = head.length;
    }
    Ok(now)
}
