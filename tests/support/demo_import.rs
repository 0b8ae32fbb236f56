//! An import of the known dual run: a plan with every kind of line, deliveries, an import that ended incomplete, a breach.

use super::fake_workspace::{FakeWorkspace, cad, day, now};
use chrono::TimeDelta;
use dualrun::app::import::{Applied, Planned};
use dualrun::domain::contract::Entity;
use dualrun::domain::exact::Exact;
use dualrun::domain::import::{
    Act, Delivery, DeliveryState, EntityPlan, Fate, FieldDifference, Import, ImportPlan, ImportRequest, ImportState, InTarget, Inertness,
    InertnessCheck, Light, LoadTally, Occasion, PlanLine, TargetRecord,
};
use dualrun::domain::run::{DatabaseKind, SnapshotInfo};
use dualrun::domain::shadow::{CARRIED, ChargeShadow, CustomerShadow, PlanShadow, RecordId, Shadow, SubscriptionShadow};
use dualrun::domain::side::Side;
use std::collections::BTreeMap;

fn customer(id: &str, name: &str) -> Shadow {
    let text = |t: &str| Some(t.to_owned());
    let (email, country, region) = (text("billing@example.com"), text("CA"), None);
    Shadow::Customer(CustomerShadow { external_id: id.to_owned(), name: name.to_owned(), email, country, region, currency: text("CAD") })
}

fn plan(id: &str, name: &str, price: i64) -> Shadow {
    let currency = cad(0).currency;
    let flat_price = Exact::whole(price.into());
    Shadow::Plan(PlanShadow { external_id: id.to_owned(), name: name.to_owned(), currency, interval_months: 1, flat_price, active: true })
}

fn charge(plan: &str, metric: &str) -> Shadow {
    Shadow::Charge(ChargeShadow {
        external_id: dualrun::domain::shadow::charge_id(plan, metric),
        plan: plan.to_owned(),
        metric: metric.to_owned(),
        model: "package".to_owned(),
        included: Exact::whole(36_000),
        package_size: Exact::whole(3600),
        unit_price: "0.0075".parse().ok(),
        tiers: None,
        minimum: None,
        maximum: None,
    })
}

fn subscription(id: &str, customer: &str, plan: &str) -> Shadow {
    Shadow::Subscription(SubscriptionShadow {
        external_id: id.to_owned(),
        customer: customer.to_owned(),
        plan: plan.to_owned(),
        status: dualrun::domain::profile::SubscriptionState::Active,
        started_on: day("2025-01-01"),
        ended_on: None,
        trial_end: None,
        quantity: Exact::ONE,
        price_override: None,
        discount_percent: Exact::ZERO,
        anchor_day: Some(1),
        in_advance: None,
        currency: cad(0).currency,
    })
}

/// A line without anything but its id.
pub fn bare(entity: Entity, id: &str, name: &str, fate: Fate, in_target: Option<InTarget>) -> PlanLine {
    let id = RecordId::new(entity, id);
    PlanLine { id, name: name.into(), money: None, fate, in_target, source: None, staged: None, target: None, delivery: None, unread: Vec::new() }
}

fn taken(shadow: &Shadow, fate: Fate, in_target: InTarget, minor: Option<i64>) -> PlanLine {
    let (entity, id) = (shadow.entity(), shadow.external_id().to_owned());
    let staged = (fate != Fate::Create).then(|| shadow.clone());
    let line = bare(entity, &id, shadow.name(), fate, Some(in_target));
    PlanLine { money: minor.map(cad), source: Some(shadow.clone()), staged, ..line }
}

/// What the target has of a record: all its fields but the last, changed as said.
fn held(shadow: &Shadow, target_id: &str, change: &[(&str, &str)]) -> TargetRecord {
    let mut fields = shadow.fields();
    fields.pop();
    for (name, value) in &mut fields {
        if let Some((_, new)) = change.iter().find(|(n, _)| n == name) {
            *value = Some((*new).to_owned());
        }
    }
    TargetRecord { target_id: target_id.to_owned(), live: true, fields }
}

fn lines() -> Vec<PlanLine> {
    let large = plan("pl-large", "Large", 200);
    let medium = plan("pl-medium", "Medium", 50);
    let third = subscription("sub-1003", "cust-1", "pl-medium");
    let differs =
        InTarget::Differs(vec![FieldDifference { field: "interval_months".to_owned(), wanted: Some("1".to_owned()), found: Some("12".to_owned()) }]);
    vec![
        taken(&customer("cust-1", "Acme Ltd"), Fate::Unchanged, InTarget::Present, None),
        taken(&customer("cust-2", "Bolt Inc"), Fate::Create, InTarget::Missing, None),
        PlanLine { target: Some(held(&large, "17", &[("interval_months", "12")])), ..taken(&large, Fate::Unchanged, differs, Some(20_000)) },
        PlanLine {
            staged: Some(plan("pl-medium", "Medium", 45)),
            target: Some(held(&medium, "18", &[])),
            ..taken(&medium, Fate::Update, InTarget::Present, Some(5000))
        },
        PlanLine {
            money: Some(cad(9900)),
            target: Some(held(&plan("pl-old", "Old 2019", 99), "21", &[])),
            ..bare(
                Entity::Plans,
                "pl-old",
                "Old 2019",
                Fate::Filtered("inactive".to_owned()),
                Some(InTarget::Retire("inactive in the source".to_owned())),
            )
        },
        bare(Entity::Plans, "pl-odd", "Odd", Fate::Rejected("its currency \"\" is no known currency".to_owned()), None),
        taken(&charge("pl-large", "cpu_seconds"), Fate::Create, InTarget::Missing, None),
        taken(&subscription("sub-1001", "cust-1", "pl-large"), Fate::Create, InTarget::Missing, Some(20_000)),
        taken(
            &subscription("sub-1002", "cust-2", "pl-large"),
            Fate::Create,
            InTarget::Unknown("two target records carry this id".to_owned()),
            Some(20_000),
        ),
        PlanLine { delivery: Some(parked("sub-1003")), ..taken(&third, Fate::Unchanged, InTarget::Missing, Some(5000)) },
        PlanLine { money: Some(cad(5000)), ..bare(Entity::Subscriptions, "sub-1009", "", Fate::Filtered("status cancelled".to_owned()), None) },
        PlanLine {
            target: Some(held(&subscription("sub-7777", "cust-1", "pl-large"), "99", &[])),
            ..bare(Entity::Subscriptions, "sub-7777", "", Fate::Absent, Some(InTarget::Retire("not in the source".to_owned())))
        },
    ]
}

/// A parked delivery of a subscription.
pub fn parked(id: &str) -> Delivery {
    Delivery {
        id: RecordId::new(Entity::Subscriptions, id),
        act: Act::Put,
        key: "0123456789abcdef0123456789abcdef".to_owned(),
        state: DeliveryState::Parked,
        tries: 3,
        reason: "the target refuses it: partner 17 has no billing address".to_owned(),
        target_id: None,
    }
}

/// The same counted, as the planner counts.
pub fn counted(lines: &[PlanLine]) -> BTreeMap<Entity, EntityPlan> {
    let mut out: BTreeMap<Entity, EntityPlan> = CARRIED.into_iter().map(|e| (e, EntityPlan::default())).collect();
    for line in lines {
        let plan = out.get_mut(&line.id.entity).unwrap();
        let (id, money) = (line.id.external_id.as_str(), line.money);
        plan.read += u64::from(line.fate != Fate::Absent);
        match &line.fate {
            Fate::Create => plan.create.add(id, money),
            Fate::Update => plan.update.add(id, money),
            Fate::Unchanged => plan.unchanged.add(id, money),
            Fate::Filtered(why) => plan.filtered.entry(why.clone()).or_default().add(id, money),
            Fate::Rejected(why) => plan.rejected.entry(why.clone()).or_default().add(id, money),
            Fate::Absent => {}
        }
        if let Some(state) = &line.in_target {
            plan.in_target.entry(state.word().to_owned()).or_default().add(id, money);
        }
    }
    out
}

fn snapshot(side: Side) -> SnapshotInfo {
    SnapshotInfo {
        side,
        kind: DatabaseKind::Postgres,
        server: "PostgreSQL 17.2".to_owned(),
        place: format!("{side}.internal/app"),
        transport: "tls".to_owned(),
        snapshot: "1".to_owned(),
        server_clock: now(),
        local_clock: now() - TimeDelta::hours(2),
        writable_role: false,
    }
}

/// A plan of these lines.
pub fn plan_of(lines: Vec<PlanLine>) -> ImportPlan {
    let entities = counted(&lines);
    let snapshots = vec![snapshot(Side::Source), snapshot(Side::Target)];
    ImportPlan { lines, entities, withdrawn: Vec::new(), snapshots, staged_at: None }
}

/// A look at the three checks.
pub fn look(lights: [Light; 3]) -> Inertness {
    let names = ["no payment token", "no charge linked", "mail queue empty"];
    let checks = names.iter().zip(lights).map(|(name, light)| InertnessCheck { name: (*name).to_owned(), light, expected: 0 }).collect();
    let at = now() - TimeDelta::minutes(4);
    Inertness { at, occasion: Occasion::AfterLoad, import: Some(3), run: None, digest: "checks-1".to_owned(), flipped: String::new(), checks }
}

pub fn inert() -> Inertness {
    look([Light::Inert, Light::Inert, Light::Inert])
}

pub fn breach() -> Inertness {
    let seen = Light::Breach { count: 2, sample: Some("sub-1003".into()) };
    look([seen, Light::Inert, Light::Unknown { why: "permission denied for table mail_mail".to_owned() }])
}

/// A plan that was made, the target inert or not.
pub fn planned(inertness: Inertness) -> Planned {
    Planned { plan: plan_of(lines()), inertness, unkept: None }
}

/// An import that left one record parked.
pub fn import() -> Import {
    Import {
        id: 3,
        request: ImportRequest {
            service: "nexacloud".to_owned(),
            actor: "ana".to_owned(),
            program: "0.1.0".to_owned(),
            config_digest: "config-1".to_owned(),
            ..ImportRequest::default()
        },
        state: ImportState::Incomplete,
        started_at: now() - TimeDelta::minutes(5),
        finished_at: Some(now() - TimeDelta::minutes(4)),
        snapshots: vec![snapshot(Side::Source), snapshot(Side::Target)],
        entities: counted(&lines()),
        load: LoadTally { of: 4, verified: 2, parked: 1, rejected: 1, ..LoadTally::default() },
        pack: None,
        failure: Some("the loader's program ended with code 1".to_owned()),
    }
}

/// The same as the terminal hears of it.
pub fn applied() -> Applied {
    Applied { plan: plan_of(lines()), import: import(), inertness: breach() }
}

/// Puts the import's traces into a workspace.
pub fn with_import(mut workspace: FakeWorkspace, inertness: Inertness) -> FakeWorkspace {
    workspace.imports = vec![import()];
    workspace.inertness = Some(inertness);
    for id in ["sub-1003", "sub-1010"] {
        let delivery = parked(id);
        workspace.deliveries.insert(delivery.id.clone(), delivery);
    }
    workspace
}
