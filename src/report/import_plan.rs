//! What an import would do, or did: as one JSON object, and as lines for people.

use super::layout::table;
use crate::domain::contract::Entity;
use crate::domain::import::{Delivery, EntityPlan, Group, Import, ImportPlan, InTarget, Inertness, InertnessCheck, Light, PlanLine};
use crate::domain::shadow::{CARRIED, Field};
use crate::domain::text::shown;
use crate::present::columns::Align::{Left, Right};
use crate::present::import::{difference, light_sign, light_text, load_text, samples};
use crate::present::words::Signs;
use crate::present::{money, numbers, times};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// Records listed for people; machines get all of them.
const LISTED: usize = 10;
/// Words of [`InTarget::word`], in the order they are told.
const IN_TARGET: [&str; 6] = ["present", "differs", "missing", "retire", "unknown", "left"];

/// The plan, what became of it, and how inert the target is.
#[derive(Debug, Clone, Copy)]
pub struct ImportFacts<'a> {
    /// The service.
    pub service: &'a str,
    /// The plan.
    pub plan: &'a ImportPlan,
    /// Names what is done by it, as asked for.
    pub digest: &'a str,
    /// The import that acted on it; `None` where it was only looked at.
    pub import: Option<&'a Import>,
    /// Inertness of the target.
    pub inertness: &'a Inertness,
    /// What hands records over; `None` where nothing is configured.
    pub loader: Option<&'a str>,
}

/// One object: totals, then by entity, then the records that want a look.
pub fn object(facts: &ImportFacts<'_>) -> Value {
    let plan = facts.plan;
    let of_lines = |pick: &dyn Fn(&PlanLine) -> Option<Value>| plan.lines.iter().filter_map(pick).collect::<Vec<_>>();
    let groups = |pick: fn(&EntityPlan) -> &BTreeMap<String, Group>| {
        let mut all: BTreeMap<String, u64> = BTreeMap::new();
        for (why, group) in plan.entities.values().flat_map(pick) {
            *all.entry(why.clone()).or_default() += group.count;
        }
        all
    };
    let in_target: Map<String, Value> = IN_TARGET.into_iter().map(|word| (word.to_owned(), plan.in_target(word).into())).collect();
    json!({
        "service": facts.service,
        "applied": facts.import.is_some(),
        "plan_digest": facts.digest,
        "loader": facts.loader,
        "create": plan.count(|e| e.create.count),
        "update": plan.count(|e| e.update.count),
        "unchanged": plan.count(|e| e.unchanged.count),
        "filtered": plan.filtered(),
        "filtered_why": groups(|e| &e.filtered),
        "rejected": plan.rejected(),
        "rejected_why": groups(|e| &e.rejected),
        "in_target": in_target,
        "changed_since": { "staged_at": plan.staged_at, "create": plan.count(|e| e.create.count), "update": plan.count(|e| e.update.count), "withdrawn": plan.withdrawn.len() },
        "entities": plan.entities.iter().map(|(entity, of)| (entity.word().to_owned(), entity_object(of))).collect::<Map<_, _>>(),
        "rejected_records": of_lines(&|l| l.fate.why().filter(|_| l.fate.word() == "rejected").map(|why| json!({ "entity": l.id.entity, "id": l.id.external_id, "why": why }))),
        "withdrawn": plan.withdrawn.iter().map(|id| json!({ "entity": id.entity, "id": id.external_id })).collect::<Vec<_>>(),
        "differs": of_lines(&differing),
        "retire": of_lines(&retiring),
        "records": of_lines(&|l| Some(record_object(l))),
        "unknown": of_lines(&|l| match &l.in_target {
            Some(InTarget::Unknown(why)) => Some(json!({ "entity": l.id.entity, "id": l.id.external_id, "why": why })),
            _ => None,
        }),
        "snapshots": plan.snapshots,
        "inertness": inertness_object(facts.inertness),
        "import": facts.import.map(import_object),
    })
}

fn group_object(group: &Group) -> Value {
    let amounts: Map<String, Value> = group.money.iter().map(|(c, m)| (c.to_string(), money::plain(*m, *c).into())).collect();
    json!({ "count": group.count, "money": amounts, "samples": group.samples })
}

fn entity_object(of: &EntityPlan) -> Value {
    let all = |groups: &BTreeMap<String, Group>| groups.iter().map(|(why, g)| (why.clone(), group_object(g))).collect::<Map<_, _>>();
    json!({
        "read": of.read,
        "create": group_object(&of.create),
        "update": group_object(&of.update),
        "unchanged": group_object(&of.unchanged),
        "filtered": all(&of.filtered),
        "rejected": all(&of.rejected),
        "unreadable": of.unreadable,
        "not_read_back": of.unread,
        "withdrawn": group_object(&of.withdrawn),
        "in_target": all(&of.in_target),
    })
}

/// A record whole: what the source has and would be written, what is staged, what the target has, and what becomes of it.
fn record_object(line: &PlanLine) -> Value {
    let fields = |all: Vec<Field>| all.into_iter().map(|(name, value)| (name.to_owned(), Value::from(value))).collect::<Map<_, _>>();
    let acts = line.act_and_inverse();
    json!({
        "entity": line.id.entity,
        "id": line.id.external_id,
        "name": line.name,
        "money": line.money.map(|m| json!({ "amount": money::plain(m.minor, m.currency), "currency": m.currency })),
        "import": line.fate.word(),
        "why": line.fate.why(),
        "in_target": line.in_target.as_ref().map(InTarget::word),
        "in_target_why": line.in_target.as_ref().and_then(InTarget::why),
        "source": line.source.as_ref().map(|s| fields(s.fields())),
        "staged": line.staged.as_ref().map(|s| fields(s.fields())),
        "target_id": line.target.as_ref().map(|t| &t.target_id),
        "target": line.target.as_ref().map(|t| fields(t.fields.clone())),
        "not_read_back": line.unread,
        "act": acts.as_ref().map(|(act, _)| act),
        "inverse": acts.as_ref().map(|(_, inverse)| inverse),
        "delivery": line.delivery.as_ref().map(delivery_object),
    })
}

fn differing(line: &PlanLine) -> Option<Value> {
    let Some(InTarget::Differs(fields)) = &line.in_target else { return None };
    let (act, inverse) = line.act_and_inverse()?;
    let target_id = line.target.as_ref().map(|t| &t.target_id);
    Some(json!({ "entity": line.id.entity, "id": line.id.external_id, "target_id": target_id, "fields": fields, "act": act, "inverse": inverse }))
}

fn retiring(line: &PlanLine) -> Option<Value> {
    let Some(InTarget::Retire(why)) = &line.in_target else { return None };
    let (act, inverse) = line.act_and_inverse()?;
    let target_id = line.target.as_ref().map(|t| &t.target_id);
    Some(json!({ "entity": line.id.entity, "id": line.id.external_id, "target_id": target_id, "why": why, "act": act, "inverse": inverse }))
}

/// An import that acted.
pub fn import_object(import: &Import) -> Value {
    json!({
        "id": import.id,
        "state": import.state,
        "actor": import.request.actor,
        "started_at": import.started_at,
        "finished_at": import.finished_at,
        "load": import.load,
        "pack": import.pack,
        "failure": import.failure,
    })
}

/// A delivery, as `parked` lists it.
pub fn delivery_object(delivery: &Delivery) -> Value {
    json!({
        "entity": delivery.id.entity, "id": delivery.id.external_id, "act": delivery.act, "state": delivery.state, "tries": delivery.tries,
        "reason": delivery.reason, "target_id": delivery.target_id,
    })
}

/// A look at inertness.
pub fn inertness_object(seen: &Inertness) -> Value {
    json!({
        "holds": seen.holds(),
        "at": seen.at,
        "occasion": seen.occasion,
        "checks": seen.checks.iter().map(|c| {
            let mut light = json!(c.light);
            if let Some(map) = light.as_object_mut() {
                map.insert("name".to_owned(), c.name.clone().into());
                map.insert("flipped".to_owned(), c.expected.into());
            }
            light
        }).collect::<Vec<_>>(),
    })
}

/// The whole for people.
pub fn lines(facts: &ImportFacts<'_>) -> Vec<String> {
    let plan = facts.plan;
    let mut out = vec![head(facts)];
    for snapshot in &plan.snapshots {
        out.push(format!("{}   {} · {}", snapshot.side, shown(&snapshot.place, 120), shown(&snapshot.server, 60)));
    }
    out.push(format!("plan     {}", facts.digest));
    if let Some(at) = plan.staged_at.filter(|_| facts.import.is_none()) {
        out.push(format!("compared with what was staged of {}", times::absolute(at)));
    }
    out.push(String::new());
    out.extend(counts(plan));
    let listed = |title: &str, all: Vec<String>| {
        let more = all.len().saturating_sub(LISTED);
        let mut lines = Vec::new();
        if !all.is_empty() {
            lines.extend([String::new(), title.to_owned()]);
            lines.extend(all.into_iter().take(LISTED).map(|l| format!("  {l}")));
        }
        if more > 0 {
            lines.push(format!("  and {} more — --format json lists all", numbers::count(u64::try_from(more).unwrap_or(u64::MAX))));
        }
        lines
    };
    out.extend(listed("filtered:", reasons(plan, |e| &e.filtered)));
    out.extend(listed("rejected:", reasons(plan, |e| &e.rejected)));
    let of = |pick: &dyn Fn(&PlanLine) -> Option<String>| plan.lines.iter().filter_map(pick).collect::<Vec<_>>();
    out.extend(listed("differs in the target:", of(&|l| difference_line(l))));
    out.extend(listed("in the target, and should not be:", of(&|l| retire_line(l))));
    out.extend(listed("cannot be told, so never handed over:", by_why(plan, "unknown")));
    out.extend(listed("in the target, and left alone:", by_why(plan, "left")));
    out.extend(listed("decides what is billed, and nobody reads it back:", unread(plan)));
    let gone: Vec<String> = plan.withdrawn.iter().map(ToString::to_string).collect();
    out.extend(listed("staged once, and not wanted any more:", gone));
    out.push(String::new());
    out.extend(inertness_lines(facts.inertness));
    if let Some(import) = facts.import {
        out.push(String::new());
        out.extend(import_lines(import));
    }
    out
}

fn head(facts: &ImportFacts<'_>) -> String {
    let what = facts.import.map_or_else(|| "what an import would do".to_owned(), |i| format!("import #{} · {}", i.id, i.state.word()));
    format!("{} · {what}", shown(facts.service, 60))
}

fn counts(plan: &ImportPlan) -> Vec<String> {
    let heading = [
        "",
        "READ",
        "CREATE",
        "UPDATE",
        "UNCHANGED",
        "FILTERED",
        "REJECTED",
        "PRESENT",
        "DIFFERS",
        "MISSING",
        "RETIRE",
        "UNKNOWN",
        "LEFT",
        "PRICE TAKEN",
    ];
    let mut rows = vec![heading.map(ToOwned::to_owned).to_vec()];
    for (entity, of) in CARRIED.iter().filter_map(|e| Some((e, plan.entities.get(e)?))) {
        let in_target = |word: &str| of.in_target.get(word).map_or(0, |g| g.count);
        let sum = |groups: &BTreeMap<String, Group>| groups.values().map(|g| g.count).sum::<u64>();
        let numbers = [
            of.read,
            of.create.count,
            of.update.count,
            of.unchanged.count,
            sum(&of.filtered),
            sum(&of.rejected),
            in_target("present"),
            in_target("differs"),
            in_target("missing"),
            in_target("retire"),
            in_target("unknown"),
            in_target("left"),
        ];
        let texts = numbers.into_iter().map(numbers::count);
        rows.push(std::iter::once(entity.word().to_owned()).chain(texts).chain([taken_money(*entity, of)]).collect());
    }
    let aligns: Vec<_> = std::iter::once(Left).chain(std::iter::repeat_n(Right, 12)).chain([Left]).collect();
    table(&aligns, &rows)
}

fn taken_money(entity: Entity, of: &EntityPlan) -> String {
    let mut sum: BTreeMap<_, i64> = BTreeMap::new();
    for group in [&of.create, &of.update, &of.unchanged] {
        for (currency, minor) in &group.money {
            let all = sum.entry(*currency).or_default();
            *all = all.saturating_add(*minor);
        }
    }
    let per = if entity == Entity::Subscriptions && !sum.is_empty() { " per interval" } else { "" };
    format!("{}{per}", money::list(sum))
}

fn reasons(plan: &ImportPlan, pick: fn(&EntityPlan) -> &BTreeMap<String, Group>) -> Vec<String> {
    let all = CARRIED.iter().filter_map(|e| Some((e, plan.entities.get(e)?)));
    all.flat_map(|(entity, of)| pick(of).iter().map(move |(why, group)| reason_line(*entity, why, group))).collect()
}

fn reason_line(entity: Entity, why: &str, group: &Group) -> String {
    let amounts = money::list(group.money.iter().map(|(c, m)| (*c, *m)));
    let amounts = if amounts.is_empty() { amounts } else { format!(" · {amounts}") };
    format!("{:>6} {:<13} {}{amounts}  ({})", numbers::count(group.count), entity.word(), shown(why, 160), samples(group))
}

/// Records of a word of [`InTarget::word`], by why.
fn by_why(plan: &ImportPlan, word: &str) -> Vec<String> {
    let mut groups: BTreeMap<(Entity, &str), Group> = BTreeMap::new();
    for line in &plan.lines {
        if let Some(why) = line.in_target.as_ref().filter(|t| t.word() == word).and_then(InTarget::why) {
            groups.entry((line.id.entity, why)).or_default().add(&line.id.external_id, line.money);
        }
    }
    groups.iter().map(|((entity, why), group)| reason_line(*entity, why, group)).collect()
}

/// Fields the target's queries do not deliver, with what to do.
fn unread(plan: &ImportPlan) -> Vec<String> {
    let of = |(entity, of): (&Entity, &EntityPlan)| {
        let fields: Vec<&str> = of.unread.keys().map(String::as_str).collect();
        let most = of.unread.values().max().copied().unwrap_or(0);
        let records = numbers::counted(most, "record", "records");
        (!fields.is_empty()).then(|| format!("{records} of {entity}: {} — select them in target.queries.{entity}", fields.join(", ")))
    };
    plan.entities.iter().filter_map(of).collect()
}

fn difference_line(line: &PlanLine) -> Option<String> {
    let Some(InTarget::Differs(fields)) = &line.in_target else { return None };
    Some(format!("{}: {}", line.id, fields.iter().map(difference).collect::<Vec<_>>().join(", ")))
}

fn retire_line(line: &PlanLine) -> Option<String> {
    let Some(InTarget::Retire(why)) = &line.in_target else { return None };
    let (act, inverse) = line.act_and_inverse()?;
    Some(format!("{act} · {} · taken back by: {}", shown(why, 80), shown(&inverse, 120)))
}

/// Each check with its light, then since when.
pub fn inertness_lines(seen: &Inertness) -> Vec<String> {
    if seen.checks.is_empty() {
        return vec![
            "! inertness: no check is configured, so nothing proves that the target cannot bill — write [inertness] in dualrun.toml".to_owned(),
        ];
    }
    let line = |c: &InertnessCheck| {
        let (sign, name) = (light_sign(&c.light, Signs::Unicode), shown(&c.name, 60));
        match c.light {
            Light::Inert if c.expected > 0 => format!("{sign} inert    {name}: {}", light_text(c)),
            Light::Inert => format!("{sign} inert    {name}"),
            Light::Breach { .. } => format!("{sign} BREACH   {name}: {}", light_text(c)),
            Light::Unknown { .. } => format!("{sign} unknown  {name}: {}", light_text(c)),
        }
    };
    let mut out: Vec<String> = seen.checks.iter().map(line).collect();
    out.push(format!("  looked at {} · {}", times::absolute(seen.at), seen.occasion.word()));
    out
}

fn import_lines(import: &Import) -> Vec<String> {
    let mut out = Vec::new();
    let load = load_text(&import.load);
    if !load.is_empty() || import.failure.is_none() {
        out.push(format!("load     {}", if load.is_empty() { "nothing had to be handed over".to_owned() } else { load }));
    }
    if let Some(pack) = &import.pack {
        out.push(format!("pack     {}", shown(pack, 300)));
    }
    if let Some(failure) = &import.failure {
        out.push(format!("because: {}", shown(failure, 300)));
    }
    out
}
