//! Values arrive as the server's exact text, whatever the role's settings are.

use crate::fixture::{Kept, NASTY, limits, nasty, open, query, side, stream, to};
use dualrun::domain::contract::Entity;
use dualrun::ports::database::{Database as _, Limits, Query};
use tokio_util::sync::CancellationToken;

/// Everything of the nasty source, with types whose text depends on settings.
const TABLES: [&str; 4] = [
    "select * from src.subscription order by tag",
    "select id, subscription_id, period_start, period_end, amount, amount_cents, amount_f, currency, kind, issued, raw, meta from src.invoice order by id",
    "select * from src.usage order by 1, 2, 3",
    "select interval '1 mon 2 days -03:04:05.6' as i, date '2026-05-04' as d, timestamp '2026-05-04 06:07:08.9' as t, timestamptz '2026-05-04 00:00+02' as z, \
     0.1::float8 + 0.2::float8 as f, 1e15::float8 as g, '\\xfffe00'::bytea as b, 'a\\b' as s, E'a\\tb\\nc\\rd' as e, array['x', null, 'y\"z'] as a, \
     row(1, 'b') as r, '{\"k\": [1, 2]}'::jsonb as j, 'ab '::char(5) as c, true as y, null::text as n, '' as empty, 1::money::numeric as m",
];

async fn all(role: &str) -> Vec<Kept> {
    let mut session = open(role).await;
    let mut all = Vec::new();
    for sql in TABLES {
        all.push(stream(&mut *session, sql).await.expect(sql));
    }
    session.close().await.expect("closed");
    all
}

/// R040, G004
#[tokio::test]
async fn nasty_tables_arrive_whole_and_alike_whatever_the_roles_settings() {
    let good = all("reader").await;
    let counts: Vec<usize> = good.iter().map(|k| k.rows.len()).collect();
    let told = nasty().psql(NASTY, "select count(*) from src.subscription; select count(*) from src.invoice; select count(*) from src.usage");
    let wanted: Vec<usize> = told.lines().map(|l| l.parse().expect("a count")).chain([1]).collect();
    assert_eq!(counts, wanted);
    assert_eq!(all("dr_style").await, good);
    let style = good.last().expect("four").text();
    let row: Vec<&str> = style.first().expect("one row").iter().map(|f| f.as_deref().unwrap_or("NULL")).collect();
    let wanted = [
        "P1M2DT-3H-4M-5.6S",
        "2026-05-04",
        "2026-05-04 06:07:08.9",
        "2026-05-03 22:00:00+00",
        "0.30000000000000004",
        "1e+15",
        "\\xfffe00",
        "a\\b",
        "a\tb\nc\rd",
        "{x,NULL,\"y\\\"z\"}",
        "(1,b)",
        "{\"k\": [1, 2]}",
        "ab   ",
        "t",
        "NULL",
        "",
        "1.00",
    ];
    assert_eq!(row, wanted);
}

/// P001–P047: text is what psql says it is, byte for byte.
#[tokio::test]
async fn text_is_exact() {
    let mut session = open("reader").await;
    let kept = stream(&mut *session, "select id, customer, status, note, tag from src.subscription order by tag").await.expect("streamed");
    let hex = |field: &Option<Vec<u8>>| {
        let digits =
            |bytes: &[u8]| bytes.iter().flat_map(|b| [b >> 4, b & 15]).filter_map(|d| char::from_digit(u32::from(d), 16)).collect::<String>();
        field.as_deref().map_or_else(|| "NULL".to_owned(), digits)
    };
    let own: Vec<String> = kept.rows.iter().map(|row| row.iter().map(hex).collect::<Vec<_>>().join("|")).collect();
    let hex = |c: &str| format!("coalesce(encode(convert_to({c}, 'UTF8'), 'hex'), 'NULL')");
    let columns = ["id", "customer", "status", "note", "tag"].map(hex).join(", ");
    let told = nasty().psql(NASTY, &format!("select {columns} from src.subscription order by tag"));
    assert!(own.join("\n") == told, "differs from what the server prints as hex");
    session.close().await.expect("closed");
}

/// P050–P060
#[tokio::test]
async fn numbers_are_exact_text() {
    let mut session = open("reader").await;
    let sql =
        "select id, coalesce(amount::text, amount_f::text), amount, amount_f from src.invoice where id between 'i-P050' and 'i-P060' order by id";
    let kept = stream(&mut *session, sql).await.expect("streamed").text();
    let value = |id: &str| {
        let row = kept.iter().find(|r| r[0].as_deref() == Some(id)).expect(id);
        row[2].clone().or_else(|| row[3].clone()).expect("a value")
    };
    for (id, text) in [
        ("i-P050", "NaN"),
        ("i-P051", "Infinity"),
        ("i-P052", "-Infinity"),
        ("i-P053", "100000000000000000000000000000"),
        ("i-P056", "12345678901234567890.1234567890123456789"),
        ("i-P057", "79228162514264337593543950335"),
        ("i-P058", "-0"),
        ("i-P059", "0.30000000000000004"),
        ("i-P060", "NaN"),
    ] {
        assert_eq!(value(id), text, "{id}");
    }
    assert!(value("i-P054").starts_with("1000") && value("i-P054").split('.').next().map(str::len) == Some(131_072));
    assert_eq!(value("i-P055").len(), 2 + 16_383);
    session.close().await.expect("closed");
}

/// P016 and every type: beyond the limit a value is unreadable, never cut; at the limit it is whole.
#[tokio::test]
async fn a_value_beyond_the_limit_is_unreadable_never_cut() {
    let limits = Limits { max_field_bytes: 100, ..limits() };
    let mut session = side(to("reader")).open(&limits, &CancellationToken::new()).await.expect("a session");
    for (sql, len) in [
        ("repeat('x', 101)", "101"),
        ("repeat('x', 101)::varchar", "101"),
        ("repeat('x', 101)::bpchar", "101"),
        ("repeat('x', 101)::char(101)", "101"),
        ("to_jsonb(repeat('x', 99))", "101"),
        ("array[repeat('x', 99)]", "101"),
        ("decode(repeat('00', 50), 'hex')", "102"),
        ("10::numeric ^ 100", "118"),
    ] {
        let kept = stream(&mut *session, &format!("select 'a' as k, {sql}, 'b' as l")).await.expect(sql);
        let row = kept.rows.first().expect("a row");
        let field = row[1].as_deref().expect("not NULL");
        assert!(std::str::from_utf8(field).is_err(), "{sql}: {}", String::from_utf8_lossy(field));
        assert!(String::from_utf8_lossy(field).contains(&format!("{len} bytes")), "{sql}: {}", String::from_utf8_lossy(field));
        assert_eq!((row[0].as_deref(), row[2].as_deref()), (Some(&b"a"[..]), Some(&b"b"[..])), "{sql}");
    }
    let whole = stream(&mut *session, "select repeat('x', 100), repeat('y', 100)::varchar, decode(repeat('00', 49), 'hex'), null::text")
        .await
        .expect("streamed");
    let lengths: Vec<Option<usize>> = whole.text()[0].iter().map(|f| f.as_ref().map(String::len)).collect();
    assert_eq!(lengths, [Some(100), Some(100), Some(100), None]);
    session.close().await.expect("closed");
}

#[tokio::test]
async fn large_results_come_in_small_batches_in_order() {
    let mut session = open("reader").await;
    let mut kept = Kept::default();
    let sql = "select g, g::text || 'x' as t from generate_series(1, 25000) g order by g desc";
    let rows = session.stream(&query(sql), &mut kept).await.expect("streamed");
    assert_eq!((rows, kept.rows.len()), (25_000, 25_000));
    assert!(kept.largest_batch <= 1000, "{}", kept.largest_batch);
    let numbers: Vec<u32> = kept.text().iter().map(|r| r[0].as_deref().expect("a number").parse().expect("a number")).collect();
    assert!(numbers.windows(2).all(|w| w[0] == w[1] + 1));
    session.close().await.expect("closed");
}

/// A column that is one text in every row is not sent with each of them: what arrives is what arrives of the same query that is nobody's,
/// of which every column is sent. So for plans whose topmost node has the text, has it from one below, or from several below.
#[tokio::test]
async fn what_is_the_same_in_every_row_arrives_as_if_it_were_sent() {
    const ALL: &str =
        "'s' || n % 7 as subscription_id, date '2026-05-01' + n as period_start, n::numeric as quantity from generate_series(1, 50) n where n > 0";
    let queries = [
        format!("select 'cpu' as metric, {ALL}"),
        format!("select 'cpu' as metric, {ALL} order by 2, 3, 4"),
        format!("select 'cpu' as metric, {ALL} union all select 'ram' as metric, {ALL}"),
        format!("select * from (select 'cpu' as metric, {ALL} union all select 'ram' as metric, {ALL}) q order by 1, 2, 3, 4"),
        format!("select case when n > 10 then 'cpu' else 'ram' end as metric, {ALL}"),
        format!("select 'it''s' as metric, {ALL}"),
        format!("select null::text as metric, {ALL}"),
        format!("select 'cpu'::varchar as metric, 'x'::text as idempotency_key, {ALL} limit 3"),
        format!("select distinct 'cpu' as metric, {ALL}"),
        format!(
            "select metric, max(subscription_id) as subscription_id, period_start, sum(quantity) as quantity from (select 'cpu' as metric, {ALL}) q group by 1, 3"
        ),
        format!("select 'cpu' as metric, {ALL} and false"),
        "select 'cpu' as metric, 'a' as subscription_id, 'b' as idempotency_key".to_owned(),
        format!("select 'cpu' as metric, {ALL} -- the end"),
        format!("select * from (select 'cpu' as metric, {ALL}) q order by 2"),
        "select 'cpu' as metric, n % 7 as subscription_id, sum(n) as quantity from generate_series(1, 50) n group by rollup(1, 2) order by 2".to_owned(),
        "select 'cpu' as metric, n % 7 as subscription_id, sum(n) as quantity from generate_series(1, 50) n group by grouping sets((1, 2), (2)) limit 9"
            .to_owned(),
        "select 'cpu' as metric, n % 7 as subscription_id, sum(n) as quantity from generate_series(1, 50) n group by 2, cube(1)".to_owned(),
    ];
    let mut session = open("reader").await;
    let mut told = 0;
    for sql in &queries {
        let plain = query(sql);
        let mut sent = Kept::default();
        session.stream(&plain, &mut sent).await.expect(sql);
        let mut kept = Kept::default();
        let rows = session.stream(&Query { entity: Some(Entity::Usage), ..plain }, &mut kept).await.expect(sql);
        assert_eq!(usize::try_from(rows).ok(), Some(sent.rows.len()), "{sql}");
        // What the contract names comes in its own form; texts are the same in both.
        let texts = |kept: &Kept| {
            let is_text = |at: &usize| matches!(kept.columns[*at].name.as_str(), "metric" | "idempotency_key");
            let mut all: Vec<Vec<Option<Vec<u8>>>> =
                kept.rows.iter().map(|row| (0..row.len()).filter(is_text).map(|at| row[at].clone()).collect()).collect();
            all.sort();
            all
        };
        assert_eq!(texts(&kept), texts(&sent), "{sql}");
        told += sent.rows.len();
    }
    assert!(told > 100, "{told}");
    session.close().await.expect("closed");
}
