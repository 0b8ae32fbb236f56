//! What an import keeps: written whole, read back as it was, sealed; one left running is told as interrupted.

use crate::{door, writer};
use dualrun::domain::contract::Entity;
use dualrun::domain::currency::Currency;
use dualrun::domain::exact::Exact;
use dualrun::domain::import::{
    Act, Delivery, DeliveryState, Import, ImportRequest, ImportState, Inertness, InertnessCheck, Light, LoadTally, MappedId, Occasion,
};
use dualrun::domain::shadow::{PlanShadow, RecordId, Shadow};
use dualrun::domain::text::Untrusted;
use dualrun::ports::staging::{ImportEnd, StageChange, Staging};
use dualrun::ports::workspace::{StoreError, WorkspaceDoor, WorkspaceWriter};
use std::collections::BTreeMap;
use std::path::Path;

pub const SERVICE: &str = "nexacloud";

fn asked() -> ImportRequest {
    ImportRequest {
        service: SERVICE.into(),
        actor: "ana".into(),
        program: "0.1.0".into(),
        config_digest: "c0ffee".into(),
        ..ImportRequest::default()
    }
}

fn plan(id: &str, price: i128) -> Shadow {
    let currency = Currency::known("CAD").unwrap();
    Shadow::Plan(PlanShadow {
        external_id: id.into(),
        name: "Large \u{202e}".into(),
        currency,
        interval_months: 1,
        flat_price: Exact::whole(price),
        active: true,
    })
}

fn delivery(id: &str, state: DeliveryState) -> Delivery {
    let id = RecordId::new(Entity::Plans, id);
    Delivery { key: "k".into(), act: Act::Put, state, tries: 2, reason: "it's \"so\"".into(), target_id: Some("NC-1".into()), id }
}

fn pair(external: &str, target: &str) -> MappedId {
    MappedId { id: RecordId::new(Entity::Plans, external), target_id: target.into() }
}

fn look(light: Light) -> Inertness {
    let checks = vec![InertnessCheck { name: "draft".into(), light, expected: 0 }];
    Inertness {
        at: chrono::DateTime::UNIX_EPOCH,
        occasion: Occasion::Asked,
        import: Some(1),
        run: None,
        digest: "d".into(),
        flipped: String::new(),
        checks,
    }
}

async fn stage(store: &dyn WorkspaceWriter, import: &Import, put: &[Shadow], withdraw: &[RecordId]) {
    store.stage(import, StageChange { put, withdraw, snapshots: &[], entities: &BTreeMap::new() }).await.unwrap();
}

/// An import with one of everything it keeps.
pub async fn one_of_everything(store: &dyn WorkspaceWriter) -> Import {
    let import = store.begin_import(&asked()).await.unwrap();
    stage(store, &import, &[plan("p-1", 200), plan("p-2", 50)], &[]).await;
    store.note_deliveries(SERVICE, &[delivery("p-1", DeliveryState::Verified), delivery("p-2", DeliveryState::Parked)]).await.unwrap();
    store.map_ids(SERVICE, &[pair("p-1", "NC-1"), pair("p-2", "NC-2")]).await.unwrap();
    store.note_inertness(SERVICE, "ana", &look(Light::Breach { count: 2, sample: Some(Untrusted::new("sub-1")) })).await.unwrap();
    let load = LoadTally { of: 2, verified: 1, parked: 1, ..LoadTally::default() };
    let end = ImportEnd { state: ImportState::Incomplete, load, pack: None, failure: Some("one is parked".into()) };
    store.end_import(&import, &end).await.unwrap()
}

/// Everything an import keeps, by name.
pub async fn read_all<S: Staging + ?Sized>(store: &S, seen: &mut BTreeMap<String, String>) -> Result<(), StoreError> {
    // As with everything that stands in no unbroken row: what is struck may be missing, never be another.
    for import in store.imports(SERVICE, 10).await? {
        seen.insert(format!("import {}", import.id), format!("{import:?}"));
    }
    for (id, staged) in store.staged(SERVICE).await? {
        seen.insert(format!("staged {id}"), format!("{staged:?}"));
    }
    seen.insert("deliveries".into(), format!("{:?}", store.deliveries(SERVICE).await?));
    seen.insert("mapping".into(), format!("{:?}", store.mapping(SERVICE).await?));
    seen.insert("inertness".into(), format!("{:?}", store.inertness(SERVICE).await?));
    Ok(())
}

async fn kinds(dir: &Path) -> Vec<String> {
    let mut entries = door(dir).read().await.unwrap().unwrap().journal(100).await.unwrap();
    entries.reverse();
    entries.into_iter().map(|e| e.kind).collect()
}

#[tokio::test]
async fn what_is_kept_comes_back_and_is_journalled() {
    let dir = tempfile::tempdir().unwrap();
    let store = writer(dir.path()).await;
    let ended = one_of_everything(&*store).await;
    drop(store);
    let store = door(dir.path()).read().await.unwrap().unwrap();
    assert_eq!(store.imports(SERVICE, 5).await.unwrap(), std::slice::from_ref(&ended));
    assert_eq!((ended.state, ended.load.parked, ended.failure.as_deref()), (ImportState::Incomplete, 1, Some("one is parked")));
    let staged = store.staged(SERVICE).await.unwrap();
    assert_eq!(staged.values().map(|s| s.shadow.clone()).collect::<Vec<_>>(), [plan("p-1", 200), plan("p-2", 50)]);
    let deliveries = store.deliveries(SERVICE).await.unwrap();
    assert_eq!(deliveries[&RecordId::new(Entity::Plans, "p-2")], delivery("p-2", DeliveryState::Parked));
    assert_eq!(store.mapping(SERVICE).await.unwrap(), [pair("p-1", "NC-1"), pair("p-2", "NC-2")]);
    assert!(store.inertness(SERVICE).await.unwrap().unwrap().is_breached());
    for other in
        [store.staged("else").await.unwrap().len(), store.deliveries("else").await.unwrap().len(), store.mapping("else").await.unwrap().len()]
    {
        assert_eq!(other, 0, "another service has its own");
    }
    assert_eq!(kinds(dir.path()).await, ["workspace_created", "import_started", "import_staged", "inertness_breached", "import_incomplete"]);
}

#[tokio::test]
async fn a_second_staging_changes_what_it_says_and_nothing_else() {
    let dir = tempfile::tempdir().unwrap();
    let store = writer(dir.path()).await;
    one_of_everything(&*store).await;
    let second = store.begin_import(&asked()).await.unwrap();
    stage(&*store, &second, &[plan("p-2", 60), plan("p-3", 1)], &[RecordId::new(Entity::Plans, "p-1")]).await;
    let staged = store.staged(SERVICE).await.unwrap();
    let told: Vec<_> = staged.iter().map(|(id, s)| (id.external_id.as_str(), s.import, s.shadow.clone())).collect();
    assert_eq!(told, [("p-2", 2, plan("p-2", 60)), ("p-3", 2, plan("p-3", 1))]);
    assert_eq!(store.deliveries(SERVICE).await.unwrap().len(), 2);
}

#[tokio::test]
async fn pairs_of_ids_are_one_to_one_or_not_kept() {
    let dir = tempfile::tempdir().unwrap();
    let store = writer(dir.path()).await;
    store.map_ids(SERVICE, &[pair("p-1", "NC-1")]).await.unwrap();
    for torn in [[pair("p-1", "NC-1"), pair("p-1", "NC-2")], [pair("p-1", "NC-1"), pair("p-2", "NC-1")]] {
        assert!(matches!(store.map_ids(SERVICE, &torn).await, Err(StoreError::Damaged { .. })));
        assert_eq!(store.mapping(SERVICE).await.unwrap(), [pair("p-1", "NC-1")], "nothing of it was stored");
    }
}

#[tokio::test]
async fn an_import_left_running_is_interrupted_for_readers_at_once_and_for_good_with_the_next() {
    let dir = tempfile::tempdir().unwrap();
    let store = writer(dir.path()).await;
    let left = store.begin_import(&asked()).await.unwrap();
    let state = |imports: Vec<Import>| imports.into_iter().map(|i| (i.id, i.state)).collect::<Vec<_>>();
    assert_eq!(state(store.imports(SERVICE, 5).await.unwrap()), [(1, ImportState::Running)], "somebody is at work");
    drop(store);
    let reader = door(dir.path()).read().await.unwrap().unwrap();
    assert_eq!(state(reader.imports(SERVICE, 5).await.unwrap()), [(1, ImportState::Interrupted)]);
    let store = writer(dir.path()).await;
    let next = store.begin_import(&asked()).await.unwrap();
    assert_eq!(state(store.imports(SERVICE, 5).await.unwrap()), [(next.id, ImportState::Running), (left.id, ImportState::Interrupted)]);
    let end = ImportEnd { state: ImportState::Complete, load: LoadTally::default(), pack: None, failure: None };
    assert!(store.end_import(&left, &end).await.is_err(), "what is over cannot end again");
    assert!(kinds(dir.path()).await.contains(&"import_recovered".to_owned()));
}

/// One service that is looked at often takes no other's looks away.
#[tokio::test]
async fn looks_are_kept_by_service() {
    let dir = tempfile::tempdir().unwrap();
    let store = writer(dir.path()).await;
    let breach = look(Light::Breach { count: 1, sample: None });
    store.note_inertness("another", "ana", &breach).await.unwrap();
    for _ in 0..205 {
        store.note_inertness(SERVICE, "ana", &look(Light::Inert)).await.unwrap();
    }
    assert_eq!(store.inertness("another").await.unwrap(), Some(breach));
    assert_eq!(store.inertness(SERVICE).await.unwrap(), Some(look(Light::Inert)));
}
