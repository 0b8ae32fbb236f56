//! What a change of a flip does to the demo's tables: billing switched off or on in the source, a draft made to bill in the target, and
//! made a draft again.

use super::records::Refusal;
use crate::domain::flip::{Content, FlipAct};
use crate::ports::loader_lines::FlipRequest;
use sqlx::sqlite::{SqliteArguments, SqliteConnection};
use sqlx::{Row as _, Sqlite};

type Query = sqlx::query::Query<'static, Sqlite, SqliteArguments>;

const THERE: &str = "select count(*) from subscriptions where id = ?1";
const STATE: &str = "select state, charge_linked from subscriptions where id = ?1";

/// Does it, inside the caller's transaction; the subscription's own id here. What is done already is left as it is.
pub(super) async fn apply(database: &mut SqliteConnection, request: &FlipRequest) -> Result<String, Refusal> {
    let id = request.target_id.clone().unwrap_or_else(|| request.subscription.clone());
    let there: i64 = sqlx::query_scalar(THERE).bind(id.clone()).fetch_one(&mut *database).await?;
    if there != 1 {
        return Err(Refusal::Refused("there is no such subscription here".to_owned()));
    }
    for query in statements(database, request, &id).await? {
        query.execute(&mut *database).await?;
    }
    Ok(id)
}

async fn statements(database: &mut SqliteConnection, request: &FlipRequest, id: &str) -> Result<Vec<Query>, Refusal> {
    let one = |sql: &'static str| -> Vec<Query> { vec![sqlx::query(sql).bind(id.to_owned())] };
    Ok(match (request.act, &request.change) {
        (FlipAct::SwitchOff, _) => {
            one("insert into billing_switch (subscription_id) select ?1 where not exists (select 1 from billing_switch where subscription_id = ?1)")
        }
        (FlipAct::SwitchOn, _) => one("delete from billing_switch where subscription_id = ?1"),
        (FlipAct::LinkCharge, _) => one("update subscriptions set charge_linked = 'true' where id = ?1"),
        (FlipAct::UnlinkCharge, _) => one("update subscriptions set charge_linked = 'false' where id = ?1"),
        (FlipAct::Confirm, Content::Confirm { first_period_start, first_bill_day }) => {
            let row = sqlx::query(STATE).bind(id.to_owned()).fetch_one(&mut *database).await?;
            if row.try_get::<Option<String>, _>(1)?.as_deref() != Some("true") {
                return Err(Refusal::Refused("its charges are not linked".to_owned()));
            }
            let schedule: Query =
                sqlx::query("insert into billing_schedule (subscription_id, first_period_start, first_bill_day) values (?1, ?2, ?3)")
                    .bind(id.to_owned())
                    .bind(first_period_start.to_string())
                    .bind(first_bill_day.to_string());
            let mut all = one("delete from billing_schedule where subscription_id = ?1");
            all.push(schedule);
            all.extend(one("update subscriptions set state = 'sale' where id = ?1"));
            all
        }
        (FlipAct::Redraft, _) => {
            let mut all = one("delete from billing_schedule where subscription_id = ?1");
            all.extend(one("update subscriptions set state = 'draft' where id = ?1"));
            all
        }
        (FlipAct::AttachPayment, _) => {
            let row = sqlx::query(STATE).bind(id.to_owned()).fetch_one(&mut *database).await?;
            if row.try_get::<Option<String>, _>(0)?.as_deref() == Some("draft") {
                return Err(Refusal::Refused("it is a draft: there is nothing to pay".to_owned()));
            }
            one("update subscriptions set has_payment_token = 'true' where id = ?1")
        }
        (FlipAct::DetachPayment, _) => one("update subscriptions set has_payment_token = 'false' where id = ?1"),
        (FlipAct::Confirm, _) => return Err(Refusal::Refused("it does not say from when it bills".to_owned())),
    })
}
