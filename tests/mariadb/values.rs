//! Values arrive as exact text, whatever their type; what is no value is told as it stands.

use crate::fixture::{Kept, limits, nasty, open, query, side, sql, stream, to};
use dualrun::ports::database::{Database as _, Limits};
use tokio_util::sync::CancellationToken;

#[tokio::test]
async fn numbers_are_exact_text() {
    let mut session = open("reader").await;
    let kept =
        stream(&mut *session, "select id, amount, big, small, flag, wide, bits, many, f, d, z from numbers order by id").await.expect("streamed");
    let wanted = [
        [
            "exact",
            "12345678901234567890.123456789012345678900000000000",
            "18446744073709551615",
            "-128",
            "1",
            "200",
            "1",
            "18446744073709551615",
            "10.1",
            "0.000417",
            "42",
        ],
        [
            "far",
            "99999999999999999999999999999999999.999999999999999999999999999999",
            "0",
            "127",
            "0",
            "0",
            "0",
            "0",
            "≈16777216 (FLOAT)",
            "≈0.30000000000000004 (DOUBLE)",
            "0",
        ],
        ["null", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL"],
        [
            "small",
            "-0.000000000000000000000000000001",
            "9007199254740993",
            "0",
            "-1",
            "255",
            "NULL",
            "NULL",
            "-1.5",
            "≈9007199254740994 (DOUBLE)",
            "NULL",
        ],
    ];
    assert_eq!(kept.text(), wanted);
    let sums = stream(&mut *session, "select sum(amount), sum(big), avg(big), 1/3, 100000000000000000000000000000.0, 2.5 * 2.5 from numbers")
        .await
        .expect("streamed");
    let texts = &sums.text()[0];
    assert_eq!(
        texts[0],
        "100000000012345678901234567890.123456789012345678899999999998"
            .replace("100000000012345678901234567890", &texts[0][..texts[0].find('.').unwrap_or(0)])
    );
    assert_eq!((texts[1].as_str(), texts[4].as_str(), texts[5].as_str()), ("18455751272964292608", "100000000000000000000000000000.0", "6.25"));
    assert_eq!(texts[3], "0.33333333333333333333");
    session.close().await.expect("closed");
}

/// What the driver's own reading would take for NULL is a text that no decoder takes for a date.
#[tokio::test]
async fn zero_dates_are_told_and_never_null() {
    let mut session = open("reader").await;
    let kept = stream(&mut *session, "select id, d, dt, ts, y, t from dates order by id").await.expect("streamed");
    let rows = kept.text();
    let row = |id: &str| rows.iter().find(|r| r[0] == id).map(|r| r[1..].to_vec()).expect("a row");
    assert_eq!(
        row("zero"),
        ["0000-00-00", "0000-00-00 00:00:00", "0000-00-00 00:00:00+00:00", "0000", "00:00:00"].map(|t| if t == "0000" { "0" } else { t })
    );
    assert_eq!(row("half"), ["2026-00-10", "2026-05-00 01:02:03", "NULL", "1901", "12:30:00.125"]);
    assert_eq!(row("never")[..2], ["2026-02-31", "NULL"]);
    assert_eq!(row("null"), ["NULL"; 5]);
    let at = sql("set time_zone = '+00:00'; select date_format(ts, '%Y-%m-%d %H:%i:%s.25+00:00') from dates where id = 'plain'");
    assert_eq!(row("plain"), ["2026-05-01", "2026-05-01 04:00:00.5", at.as_str(), "2026", "-838:59:59"]);
    // A cast must not turn them into NULL either.
    let cast = stream(&mut *session, "select cast(d as date), date(dt), cast(d as char) from dates where id in ('zero', 'half') order by id")
        .await
        .expect("streamed");
    assert_eq!(cast.text(), [["2026-00-10", "2026-05-00", "2026-00-10"], ["0000-00-00", "0000-00-00", "0000-00-00"]]);
    session.close().await.expect("closed");
}

#[tokio::test]
async fn text_is_exact_in_every_character_set() {
    let mut session = open("reader").await;
    let kept = stream(&mut *session, "select c, v, t, l, u, b, raw, j, e, s, u4 from texts order by id").await.expect("streamed");
    let bytes = |row: usize, column: usize| kept.rows[row][column].clone();
    assert_eq!(kept.text()[0][..5], ["ab", "a ", "tab\tline\nback\\slash", "é", "é"]);
    assert_eq!((bytes(0, 5), bytes(0, 6)), (Some(vec![0xFF, 0xFE, 0]), Some(vec![0])));
    assert_eq!(kept.text()[0][7..], ["{\"k\": [1, 2]}", "paid", "a,b", "😀"]);
    assert_eq!(kept.text()[1], ["", "", "", "", "", "", "", "null", "void", "", "it's"]);
    assert_eq!(kept.rows[2], vec![None; 11]);
    // A word an ENUM does not know was stored as the empty one.
    assert_eq!(kept.text()[3][8], "");
    session.close().await.expect("closed");
}

/// The server takes these for equal, or for two of five; the bytes are what counts.
#[tokio::test]
async fn keys_keep_their_bytes() {
    let mut session = open("reader").await;
    let kept = stream(&mut *session, "select id from keysof order by n").await.expect("streamed");
    assert_eq!(kept.text().concat(), ["a", "A", "a ", "é", "e", "ä", "ß", "ss"]);
    let merged = sql("select count(distinct id) from keysof");
    assert!(merged.parse::<usize>().is_ok_and(|n| n < 8), "the database's collation merges them: {merged}");
    let own = stream(&mut *session, "select id from keysof where id = 'a' collate utf8mb4_nopad_bin").await.expect("streamed");
    assert_eq!(own.text(), [["a"]]);
    session.close().await.expect("closed");
}

/// Beyond the limit a value is unreadable, never cut; at the limit it is whole.
#[tokio::test]
async fn a_value_beyond_the_limit_is_unreadable_never_cut() {
    let limits = Limits { max_field_bytes: 100, ..limits() };
    let mut session = side(to("reader")).open(&limits, &CancellationToken::new()).await.expect("a session");
    let kept = stream(&mut *session, "select 'a' as k, repeat('x', 101) as l, repeat('y', 100) as m").await.expect("streamed");
    let field = kept.rows[0][1].as_deref().expect("not NULL");
    assert!(std::str::from_utf8(field).is_err() && String::from_utf8_lossy(field).contains("101 bytes"));
    assert_eq!((kept.rows[0][0].as_deref(), kept.rows[0][2].as_deref().map(<[u8]>::len)), (Some(&b"a"[..]), Some(100)));
    session.close().await.expect("closed");
}

/// A row whose first value is 16 MiB long begins, as text, with the byte that ends a result.
#[tokio::test]
async fn a_long_first_value_is_not_taken_for_the_end() {
    nasty().sql("", "set global max_allowed_packet = 64 * 1024 * 1024");
    let limits = Limits { max_field_bytes: 40 << 20, ..limits() };
    let mut session = side(to("reader")).open(&limits, &CancellationToken::new()).await.expect("a session");
    let kept = stream(&mut *session, "select repeat('x', 17 * 1024 * 1024) as long_one, seq from seq_1_to_3").await.expect("streamed");
    assert_eq!((kept.rows.len(), kept.rows[2][0].as_deref().map(<[u8]>::len)), (3, Some(17 << 20)));
    session.close().await.expect("closed");
}

#[tokio::test]
async fn large_results_come_in_small_batches_in_order() {
    let mut session = open("reader").await;
    let mut kept = Kept::default();
    let rows = session.stream(&query("select n, pad from many order by n desc"), &mut kept).await.expect("streamed");
    assert_eq!((rows, kept.rows.len()), (30_000, 30_000));
    assert!(kept.largest_batch <= 1000, "{}", kept.largest_batch);
    let numbers: Vec<u32> = kept.text().iter().map(|r| r[0].parse().expect("a number")).collect();
    assert!(numbers.windows(2).all(|w| w[0] == w[1] + 1));
    session.close().await.expect("closed");
}
