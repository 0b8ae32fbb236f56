//! A [`RowFilter`] as conditions of SQL. Every value is bound; the text is this file's own.

use super::columns::{basis_code, review_code};
use crate::domain::currency::Currency;
use crate::domain::exact::{Exact, NumberError};
use crate::ports::workspace::RowFilter;
use sqlx::QueryBuilder;
use sqlx::sqlite::Sqlite;

/// The currency a row is shown in.
pub(super) const CURRENCY: &str = "coalesce(actual_currency, expected_currency)";

/// Appends ` AND …` for every part of the filter that is set. `currencies` are those that occur in the run.
pub(super) fn push(sql: &mut QueryBuilder<Sqlite>, filter: &RowFilter, currencies: &[Currency]) {
    if !filter.verdicts.is_empty() {
        sql.push(" AND verdict IN (");
        let mut list = sql.separated(", ");
        for verdict in &filter.verdicts {
            list.push_bind(i64::from(verdict.code()));
        }
        sql.push(")");
    }
    push_money(sql, filter, currencies);
    if let Some(needle) = wanted(filter.text.as_ref()) {
        let needle = needle.to_ascii_lowercase();
        sql.push(" AND (instr(lower(key), ").push_bind(needle.clone()).push(") > 0 OR instr(lower(customer), ").push_bind(needle.clone());
        sql.push(") > 0 OR instr(lower(plan), ").push_bind(needle.clone()).push(") > 0 OR instr(lower(documents), ").push_bind(needle).push(") > 0)");
    }
    if let Some(needle) = wanted(filter.customer.as_ref()) {
        sql.push(" AND instr(lower(customer), ").push_bind(needle.to_ascii_lowercase()).push(") > 0");
    }
    if let Some(needle) = wanted(filter.plan.as_ref()) {
        sql.push(" AND instr(lower(plan), ").push_bind(needle.to_ascii_lowercase()).push(") > 0");
    }
    if let Some(currency) = filter.currency {
        sql.push(" AND coalesce(actual_currency, expected_currency) = ").push_bind(currency.code().to_owned());
    }
    if let Some(basis) = filter.basis {
        sql.push(" AND basis = ").push_bind(basis_code(basis));
    }
    if let Some(review) = filter.review {
        sql.push(" AND review = ").push_bind(review_code(review));
    }
}

fn wanted(text: Option<&String>) -> Option<&String> {
    text.filter(|t| !t.is_empty())
}

/// Bounds are in major units, columns in minor units: one bound a currency. A row of no currency has no money and fits none.
fn push_money(sql: &mut QueryBuilder<Sqlite>, filter: &RowFilter, currencies: &[Currency]) {
    if filter.money_above.is_none() && filter.money_below.is_none() {
        return;
    }
    sql.push(" AND (0");
    for currency in currencies {
        sql.push(" OR (").push(CURRENCY).push(" = ").push_bind(currency.code().to_owned());
        if let Some(above) = filter.money_above {
            sql.push(" AND at_stake > ").push_bind(floor_minor(above, *currency));
        }
        if let Some(below) = filter.money_below {
            sql.push(" AND at_stake < ").push_bind(ceil_minor(below, *currency));
        }
        sql.push(")");
    }
    sql.push(")");
}

fn ceil_minor(bound: Exact, currency: Currency) -> i64 {
    let far = if bound.is_negative() { i64::MIN } else { i64::MAX };
    let scaled = bound.mul(Exact::whole(10i128.pow(currency.exponent())));
    scaled.map_or(far, |n| narrow(n.ceil(), far))
}

fn floor_minor(bound: Exact, currency: Currency) -> i64 {
    let negated: Result<Exact, NumberError> = bound.neg();
    negated.map_or(i64::MAX, |n| ceil_minor(n, currency).saturating_neg())
}

fn narrow(whole: Exact, far: i64) -> i64 {
    let whole = whole.reduced();
    i64::try_from(whole.num()).unwrap_or(far)
}
