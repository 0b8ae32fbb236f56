//! A value means the same whether it came as the server's own digits or as its text: each reader, each reason, each shown text.

use crate::fixture::{limits, query, side, to};
use crate::side_profile;
use dualrun::domain::contract::{Column, ColumnKind, Entity};
use dualrun::domain::decode::{Batch, Layout, Reason, ResultColumn, Row, Wire};
use dualrun::domain::key::{KeyKind, KeyNormaliser, KeyRef};
use dualrun::domain::period::Zone;
use dualrun::domain::profile::{NaiveTimestamps, SideProfile};
use dualrun::ports::database::{Database as _, Fault, Query, RowSink, Session};
use tokio_util::sync::CancellationToken;

fn profile(key: KeyKind, key_normaliser: KeyNormaliser, infinity_is_open: bool) -> SideProfile {
    SideProfile { key, key_normaliser, naive_timestamps: NaiveTimestamps::Local, infinity_is_open, ..side_profile::plain() }
}

/// What every reader makes of one column of each row.
struct Told {
    column: Column,
    wire: Option<Wire>,
    layout: Option<Layout>,
    rows: Vec<String>,
}

impl RowSink for Told {
    fn columns(&mut self, columns: &[ResultColumn]) -> Result<(), Fault> {
        self.wire = columns.iter().find(|c| c.name == self.column.name()).map(|c| c.wire);
        self.layout = Some(Layout::new(self.column.entity(), columns).expect("the contract's columns"));
        Ok(())
    }

    fn rows(&mut self, batch: &Batch) -> Result<(), Fault> {
        let layout = self.layout.as_ref().expect("columns first");
        let kinds = [
            (KeyKind::Text, KeyNormaliser::None),
            (KeyKind::Text, KeyNormaliser::Uuid),
            (KeyKind::Uuid, KeyNormaliser::None),
            (KeyKind::Int, KeyNormaliser::None),
        ];
        let profiles: Vec<SideProfile> = kinds.iter().flat_map(|(k, n)| [profile(*k, *n, false), profile(*k, *n, true)]).collect();
        let zone = Zone::named("America/Toronto").expect("a zone");
        for at in 0..batch.len() {
            let readings = profiles.iter().map(|p| read(&batch.rows(layout, p, zone).nth(at).expect("a row"), self.column));
            self.rows.push(readings.collect::<Vec<_>>().join("\n"));
        }
        Ok(())
    }
}

fn read(row: &Row<'_>, column: Column) -> String {
    let mut scratch = "left over".to_owned();
    format!(
        "{:?}|{:?}|{:?}|{:?}|{:?}|{:?}|{:?}|{:?}|{:?}|{:?}|{}|{}|{}",
        row.text(column),
        (column.kind() == ColumnKind::Text).then(|| row.id(column)),
        row.key(column),
        row.key_ref(column, &mut scratch).map(|k| k.map(KeyRef::to_key)),
        row.number(column).map(|n| n.map(|n| (n.num(), n.den()))),
        row.when(column),
        row.day(column),
        row.open_day(column),
        row.far_day(column),
        row.boolean(column),
        row.is_null(column),
        row.display_id(&[column]),
        row.error("id", column, Reason::Missing),
    )
}

async fn told(session: &mut dyn Session, column: Column, value: &str, from: &str) -> Told {
    let others = ["id", "customer_id", "plan_id", "status", "started_on"];
    let others: Vec<String> = others.iter().filter(|c| **c != column.name()).map(|c| format!("'x'::text as {c}")).collect();
    let others = others.join(", ");
    let mut told = Told { column, wire: None, layout: None, rows: Vec::new() };
    let query =
        Query { entity: Some(Entity::Subscriptions), ..query(&format!("select {value} as {}, {others} from {from} order by n", column.name())) };
    session.stream(&query, &mut told).await.unwrap_or_else(|fault| panic!("{from}: {fault}"));
    told
}

const NUMBERS: &str = "'0', '0.0000', '-0.00', '1', '-1', '10000', '100000000', '0.0001', '0.00010', '12345.678900', '-99999999.99999999', 'NaN', 'Infinity', '-Infinity', \
     '9999999999999999999999999999', '99999999999999999999999999990', '0.000000000000000000000000000001', '0.0000000000000000000000000000010', '0.0000000000000000000000000000001', \
     '1234567890123456789012345678', '12345678901234567890.12345678', '12345678901234567890.123456789', '92233720368547758.07', '0.5000', '10.50', '1e130', '1e-300', '123.4500000000000000000000000000000000000', NULL";

#[tokio::test]
async fn a_value_is_the_same_in_both_forms() {
    let mut session = side(to("reader")).open(&limits(), &CancellationToken::new()).await.expect("a session");
    let list = |ty: &str, values: &str| format!("unnest(array[{values}]::{ty}[]) with ordinality as q(v, n)");
    let spread = |value: &str| format!("(select n, {value} as v from generate_series(-700, 700) n) as q");
    let cases = [
        ("quantity", Wire::Numeric, list("numeric", NUMBERS)),
        ("quantity", Wire::Numeric, list("numeric(18,4)", "'0', '12', '0.0075', '36000', '-877.99', '99999999999999.9999', NULL")),
        ("quantity", Wire::Numeric, spread("n::numeric * 7919 / (10::numeric ^ (abs(n) % 13))")),
        ("quantity", Wire::Numeric, spread("round((n * n * n)::numeric / 997, abs(n) % 40)")),
        ("quantity", Wire::Numeric, spread("(10::numeric ^ (n % 35)) * (n % 11)")),
        ("quantity", Wire::Integer, list("int8", "'0', '-1', '9223372036854775807', '-9223372036854775808', NULL")),
        ("quantity", Wire::Integer, list("int4", "'0', '-1', '2147483647', '-2147483648', NULL")),
        ("quantity", Wire::Integer, list("int2", "'0', '-1', '32767', '-32768', NULL")),
        ("quantity", Wire::Text, list("text", "'1.50', ' 7', '1e3', '', NULL")),
        (
            "ended_on",
            Wire::Date,
            list(
                "date",
                "'infinity', '-infinity', '1969-12-31', '1970-01-01', '2000-01-01', '2026-05-31', '9998-12-31', '9999-01-01', '9999-12-31', \
                 '10000-01-01', '5874897-12-31', '0044-03-15 BC', '4713-01-01 BC', '0001-01-01', '0001-12-31 BC', NULL",
            ),
        ),
        ("ended_on", Wire::Date, spread("date '2024-02-29' + (n * 37)::int")),
        (
            "ended_on",
            Wire::Instant,
            list(
                "timestamptz",
                "'infinity', '-infinity', '1969-12-31 23:59:59.999999+00', '1970-01-01 00:00+00', '9998-12-31 23:59:59.999999+00', '9999-01-01 00:00+00', \
                 '2026-03-08 06:59:59.5+00', '2026-03-08 07:00+00', '2026-11-01 04:30+00', '2026-11-01 05:59:59.000001+00', '294276-12-31 23:59:59+00', \
                 '0044-03-15 01:02:03 BC+00', '4713-01-01 00:00 BC+00', NULL",
            ),
        ),
        ("ended_on", Wire::Instant, spread("timestamptz '2026-05-01 03:59:59.123456+00' + n * interval '7 hours 11 minutes 0.25 seconds'")),
        ("ended_on", Wire::Text, list("timestamp", "'infinity', '2026-05-31 23:00', '2026-05-01 00:00:00.25', '1969-12-31', NULL")),
        ("in_advance", Wire::Bool, list("bool", "true, false, NULL")),
        ("in_advance", Wire::Integer, list("int4", "0, 1, 2, NULL")),
        ("id", Wire::Uuid, list("uuid", "'E4B7C2D0-1A2B-4C3D-8E4F-5A6B7C8D9E0F', '00000000-0000-0000-0000-000000000000', NULL")),
        ("id", Wire::Integer, list("int8", "7, -7, 9223372036854775807, NULL")),
        (
            "id",
            Wire::Text,
            list("text", "'E4B7C2D0-1A2B-4C3D-8E4F-5A6B7C8D9E0F', '{e4b7c2d01a2b4c3d8e4f5a6b7c8d9e0f}', 'sub-1 ', '007', ' ', '', NULL"),
        ),
        ("customer_id", Wire::Text, list("char(5)", "'ab', '', NULL")),
        ("customer_id", Wire::Text, list("varchar", "'ab ', '', NULL")),
        ("customer_id", Wire::Text, list("name", "'ab', '', NULL")),
        ("customer_id", Wire::Text, list("uuid", "'E4B7C2D0-1A2B-4C3D-8E4F-5A6B7C8D9E0F', NULL")),
        ("customer_id", Wire::Text, list("bool", "true, false, NULL")),
        ("customer_id", Wire::Text, list("date", "'infinity', '2026-05-01', '0044-03-15 BC', NULL")),
        ("customer_id", Wire::Text, list("numeric", "'NaN', '12.50', NULL")),
        ("customer_id", Wire::Text, list("inet", "'10.0.0.1', '10.0.0.0/8', NULL")),
        ("customer_id", Wire::Text, list("jsonb", "'{\"k\": [1, null]}', '\"x\"', NULL")),
        ("customer_id", Wire::Text, list("bytea", "'\\xfffe00', '', NULL")),
        ("customer_id", Wire::Text, list("interval", "'1 mon -3 hours', NULL")),
        ("customer_id", Wire::Text, "(values (1, row(null, null)), (2, row(1, 'b c')), (3, null)) as q(n, v)".to_owned()),
    ];
    for (name, wire, from) in cases {
        let column = Column::of(Entity::Subscriptions, name);
        let own = told(&mut *session, column, "v", &from).await;
        let printed = told(&mut *session, column, "case when v is not distinct from null then null else concat(v) end", &from).await;
        assert_eq!((own.wire, printed.wire), (Some(wire), Some(Wire::Text)), "{from}");
        assert!(own.rows.len() >= 2, "{from}");
        for (own, printed) in own.rows.iter().zip(&printed.rows) {
            assert_eq!(own, printed, "{name} from {from}");
        }
        assert_eq!(own.rows.len(), printed.rows.len());
    }
    session.close().await.expect("closed");
}
