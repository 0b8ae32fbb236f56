//! Taking an act back: by another act, for what was kept stays kept.

use super::acts;
use super::decide::{Desk, revoke};
use crate::app::error::AppError;
use crate::domain::person::same_person;
use crate::domain::review::{Act, Deed};
use crate::domain::text::shown;
use std::collections::BTreeSet;

/// Why an act of that kind cannot be taken back; `None` where it can.
pub const fn stays(deed: &Deed) -> Option<&'static str> {
    match deed {
        Deed::Note { .. } => Some("a note stays, as the record is only ever added to — say another"),
        Deed::Confirm { .. } => Some("a confirmation stays — revoke the waiver instead (dualrun waive revoke)"),
        Deed::Revoke { .. } => Some("a waiver that was revoked stays so — make another"),
        Deed::Own { .. } | Deed::Resolve { .. } | Deed::Reopen { .. } | Deed::Waive(_) => None,
    }
}

/// What takes an act back, given all acts of its service; or why nothing does.
fn opposite(all: &[Act], act: &Act) -> Result<Deed, String> {
    let keys: BTreeSet<&str> = act.subjects.iter().map(|s| s.key.raw()).collect();
    let is_about = |other: &&Act| other.subjects.iter().any(|s| keys.contains(s.key.raw()));
    let since = all.iter().filter(|other| other.id > act.id && other.deed.decides() == act.deed.decides()).find(|other| {
        let same_matter = matches!(other.deed, Deed::Resolve { .. } | Deed::Reopen { .. } | Deed::Own { .. });
        same_matter && is_about(other)
    });
    if let Some(since) = since {
        return Err(format!("act {} by {} is about the same rows and came later — decide anew", since.id, shown(&since.actor, 60)));
    }
    let before = || all.iter().rev().filter(|other| other.id < act.id).filter(is_about);
    let reason = format!("act {} is taken back", act.id);
    match &act.deed {
        Deed::Resolve { .. } => Ok(Deed::Reopen { reason }),
        Deed::Reopen { .. } => Ok(Deed::Resolve { reason }),
        Deed::Own { .. } => {
            let owners: Vec<&str> = keys
                .iter()
                .filter_map(|key| {
                    let mut of_key = before().filter(|other| other.subjects.iter().any(|s| s.key.raw() == *key));
                    of_key.find_map(|other| if let Deed::Own { owner } = &other.deed { Some(owner.as_str()) } else { None })
                })
                .collect();
            match owners.first() {
                Some(owner) if owners.len() == keys.len() && owners.iter().all(|o| o == owner) => Ok(Deed::Own { owner: (*owner).to_owned() }),
                _ => Err("they were not all one person's before — give them to whom they belong".to_owned()),
            }
        }
        deed => Err(stays(deed).unwrap_or("it is taken back in another way").to_owned()),
    }
}

/// Takes an act back, as who made it. Refused where somebody decided about its rows since.
pub async fn take_back(desk: &Desk<'_>, id: i64) -> Result<(), AppError> {
    let refuse = |why: String| Err(AppError::Usage(why));
    let store = desk.enter("undo").await?;
    let all = acts(store.as_ref(), desk.service).await?;
    let Some(act) = all.iter().find(|act| act.id == id) else { return refuse(format!("there is no act {id} — look at the journal")) };
    if !same_person(&act.actor, desk.actor) {
        let who = shown(&act.actor, 60);
        return refuse(format!("act {id} is of {who}: who made it takes it back — decide anew in your own name"));
    }
    if matches!(act.deed, Deed::Waive(_)) {
        drop(store);
        return revoke(desk, id, &format!("act {id} is taken back")).await.map(|_| ());
    }
    match opposite(&all, act) {
        Ok(deed) => {
            let run = store.run(act.run).await?;
            desk.keep(store.as_ref(), &desk.act(&run, deed, act.subjects.clone())).await.map(|_| ())
        }
        Err(why) => refuse(why),
    }
}
