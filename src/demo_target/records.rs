//! What a request does to the demo's tables: one record put, or retired.

use crate::domain::contract::Entity;
use crate::domain::exact::Exact;
use crate::domain::import::Act;
use crate::domain::profile::SubscriptionState;
use crate::domain::shadow::{ChargeShadow, CustomerShadow, PlanShadow, Shadow, SubscriptionShadow};
use crate::ports::loader_lines::Request;
use chrono::NaiveDate;
use sqlx::sqlite::{SqliteArguments, SqliteConnection, SqliteRow};
use sqlx::{Row as _, Sqlite};

/// Why a record was not taken.
#[derive(Debug)]
pub(super) enum Refusal {
    /// It cannot be as it is asked for.
    Refused(String),
    /// The database failed.
    Broken(sqlx::Error),
}

impl From<sqlx::Error> for Refusal {
    fn from(error: sqlx::Error) -> Self {
        Self::Broken(error)
    }
}

type Query = sqlx::query::Query<'static, Sqlite, SqliteArguments>;

fn refused<T>(why: impl Into<String>) -> Result<T, Refusal> {
    Err(Refusal::Refused(why.into()))
}

/// Does it, inside the caller's transaction; the record's own id here.
pub(super) async fn apply(database: &mut SqliteConnection, request: &Request) -> Result<String, Refusal> {
    match (request.act, &request.record) {
        (Act::Put, Some(Shadow::Customer(customer))) => put_customer(database, customer).await,
        (Act::Put, Some(Shadow::Plan(plan))) => put_plan(database, plan).await,
        (Act::Put, Some(Shadow::Charge(charge))) => put_charge(database, charge).await,
        (Act::Put, Some(Shadow::Subscription(subscription))) => put_subscription(database, subscription).await,
        (Act::Put, None) => refused("there is nothing to put"),
        (Act::Retire, _) => retire(database, request).await,
    }
}

/// The id of a record by its external id.
async fn id_of(database: &mut SqliteConnection, sql: &'static str, external: &str) -> Result<Option<String>, Refusal> {
    Ok(sqlx::query_scalar(sql).bind(external.to_owned()).fetch_optional(database).await?)
}

const CUSTOMER: &str = "select id from customers where external_id = ?1";
const PLAN: &str = "select id from plans where external_id = ?1";
const DRAFT: &str = "select state, has_payment_token, charge_linked from subscriptions where id = ?1";
const NO_DRAFT: &str = "it is no draft any more: somebody made it bill";

/// Whether a row of [`DRAFT`] is of a subscription that cannot bill.
fn is_draft(row: &SqliteRow) -> Result<bool, sqlx::Error> {
    let text = |at: usize| row.try_get::<Option<String>, _>(at).map(Option::unwrap_or_default);
    Ok(text(0)? == "draft" && text(1)? == "false" && text(2)? == "false")
}

async fn put_customer(database: &mut SqliteConnection, customer: &CustomerShadow) -> Result<String, Refusal> {
    let known = id_of(database, CUSTOMER, &customer.external_id).await?;
    let id = match &known {
        Some(id) => id.clone(),
        None => sqlx::query_scalar("select cast(coalesce(max(cast(id as integer)), 0) + 1 as text) from customers").fetch_one(&mut *database).await?,
    };
    let sql = if known.is_some() {
        "update customers set name = ?2, email = ?3, country = ?4, region = ?5, currency = ?6, external_id = ?7 where id = ?1"
    } else {
        "insert into customers (id, name, email, country, region, currency, external_id, status) values (?1, ?2, ?3, ?4, ?5, ?6, ?7, 'active')"
    };
    let c = customer.clone();
    let query: Query =
        sqlx::query(sql).bind(id.clone()).bind(c.name).bind(c.email).bind(c.country).bind(c.region).bind(c.currency).bind(c.external_id);
    query.execute(database).await?;
    Ok(id)
}

async fn put_plan(database: &mut SqliteConnection, plan: &PlanShadow) -> Result<String, Refusal> {
    let known = id_of(database, PLAN, &plan.external_id).await?;
    let id = if let Some(id) = &known {
        id.clone()
    } else {
        let next = "select printf('NC-%03d', coalesce(max(cast(substr(id, 4) as integer)), 0) + 1) from plans";
        sqlx::query_scalar(next).fetch_one(&mut *database).await?
    };
    let sql = if known.is_some() {
        "update plans set name = ?2, currency = ?3, interval = 'month', interval_count = ?4, flat_price = ?5, external_id = ?6, active = ?7 where id = ?1"
    } else {
        "insert into plans (id, name, currency, interval, interval_count, flat_price, external_id, active) values (?1, ?2, ?3, 'month', ?4, ?5, ?6, ?7)"
    };
    let query: Query = sqlx::query(sql)
        .bind(id.clone())
        .bind(plan.name.clone())
        .bind(plan.currency.code().to_owned())
        .bind(plan.interval_months.to_string())
        .bind(plan.flat_price.to_string())
        .bind(plan.external_id.clone())
        .bind(plan.active.to_string());
    query.execute(database).await?;
    Ok(id)
}

async fn put_charge(database: &mut SqliteConnection, charge: &ChargeShadow) -> Result<String, Refusal> {
    let Some(plan) = id_of(database, PLAN, &charge.plan).await? else { return refused(format!("there is no plan {} here", charge.plan)) };
    let gone = sqlx::query("delete from charges where plan_id = ?1 and metric = ?2").bind(plan.clone()).bind(charge.metric.clone());
    gone.execute(&mut *database).await?;
    let text = |n: Option<Exact>| n.map(|n| n.to_string());
    let sql = "insert into charges (plan_id, metric, model, included, package_size, unit_price, tiers, minimum, maximum) values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)";
    let query: Query = sqlx::query(sql)
        .bind(plan.clone())
        .bind(charge.metric.clone())
        .bind(charge.model.clone())
        .bind(charge.included.to_string())
        .bind(charge.package_size.to_string())
        .bind(text(charge.unit_price))
        .bind(charge.tiers.clone())
        .bind(text(charge.minimum))
        .bind(text(charge.maximum));
    query.execute(database).await?;
    Ok(format!("{plan}/{}", charge.metric))
}

async fn put_subscription(database: &mut SqliteConnection, subscription: &SubscriptionShadow) -> Result<String, Refusal> {
    let s = subscription;
    let Some(customer) = id_of(database, CUSTOMER, &s.customer).await? else { return refused(format!("there is no customer {} here", s.customer)) };
    let Some(plan) = id_of(database, PLAN, &s.plan).await? else { return refused(format!("there is no plan {} here", s.plan)) };
    let there = sqlx::query(DRAFT).bind(s.external_id.clone());
    let known = there.fetch_optional(&mut *database).await?;
    if known.as_ref().map(is_draft).transpose()? == Some(false) {
        return refused(NO_DRAFT);
    }
    // This system's own words.
    let status = match s.status {
        SubscriptionState::Active => "3_progress",
        SubscriptionState::Inactive => "4_paused",
        SubscriptionState::Ended => "6_churn",
    };
    // This system keeps the last day that counts.
    let last = s.ended_on.and_then(|end| end.pred_opt());
    let day = |d: Option<NaiveDate>| d.map(|d| d.to_string());
    let sql = if known.is_some() {
        "update subscriptions set customer_id = ?2, plan_id = ?3, status = ?13, started_on = ?4, ended_on = ?5, trial_end = ?6, quantity = ?7, \
         price_override = ?8, discount_percent = ?9, anchor_day = ?10, in_advance = ?11, currency = ?12 where id = ?1"
    } else {
        "insert into subscriptions (id, customer_id, plan_id, status, started_on, ended_on, trial_end, quantity, price_override, discount_percent, \
         anchor_day, in_advance, currency, state, has_payment_token, charge_linked) \
         values (?1, ?2, ?3, ?13, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, 'draft', 'false', 'false')"
    };
    let query: Query = sqlx::query(sql)
        .bind(s.external_id.clone())
        .bind(customer)
        .bind(plan)
        .bind(s.started_on.to_string())
        .bind(day(last))
        .bind(day(s.trial_end))
        .bind(s.quantity.to_string())
        .bind(s.price_override.map(|p| p.to_string()))
        .bind(s.discount_percent.to_string())
        .bind(s.anchor_day.map(|d| d.to_string()))
        .bind(s.in_advance.map(|b| b.to_string()))
        .bind(s.currency.code().to_owned())
        .bind(status);
    query.execute(database).await?;
    Ok(s.external_id.clone())
}

async fn retire(database: &mut SqliteConnection, request: &Request) -> Result<String, Refusal> {
    let Some(id) = request.target_id.clone() else { return refused("its id here is not said") };
    if request.entity == Entity::Subscriptions {
        let there = sqlx::query(DRAFT).bind(id.clone()).fetch_optional(&mut *database).await?;
        if there.as_ref().map(is_draft).transpose()? == Some(false) {
            return refused(NO_DRAFT);
        }
    }
    let query: Query = match request.entity {
        Entity::Plans => sqlx::query("update plans set active = 'false' where id = ?1 and external_id = ?2"),
        Entity::Subscriptions => sqlx::query("update subscriptions set status = '6_churn' where id = ?1 and id = ?2"),
        // By the id an import reads: `plan/metric`. Retired again, it is gone already.
        Entity::Charges => sqlx::query("delete from charges where plan_id || '/' || metric = ?1 and ?2 <> ''"),
        _ => return refused("a customer alone bills nothing and is left"),
    };
    let changed = query.bind(id.clone()).bind(request.external_id.clone()).execute(database).await?.rows_affected();
    if changed == 0 && request.entity != Entity::Charges {
        return refused(format!("there is no {} here that stands for it", crate::domain::import::singular(request.entity)));
    }
    Ok(id)
}
