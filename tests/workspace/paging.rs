//! Pages against the plain truth: the same rows filtered and sorted in memory.

use crate::sample::{Dice, request, rows, store};
use crate::{all, door, writer};
use dualrun::adapters::workspace::Door;
use dualrun::domain::currency::Currency;
use dualrun::domain::exact::Exact;
use dualrun::domain::row::ReconRow;
use dualrun::domain::verdict::{Basis, Review, Verdict};
use dualrun::ports::workspace::{
    Cursor, CursorValue, FilterTotals, PageFrom, PageRequest, RowFilter, RowLine, Sort, SortColumn, StoreError, WorkspaceDoor, WorkspaceWriter,
};
use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::{Duration, Instant};

const SORTS: [SortColumn; 8] = [
    SortColumn::Key,
    SortColumn::AtStake,
    SortColumn::Delta,
    SortColumn::Actual,
    SortColumn::Expected,
    SortColumn::Verdict,
    SortColumn::Customer,
    SortColumn::Plan,
];

/// The sort value of a row, ordered as the port says: NULL first.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Value {
    Null,
    Number(i64),
    Text(String),
}

fn value(row: &ReconRow, seq: i64, sort: SortColumn) -> Value {
    let money = |m: Option<dualrun::domain::money::Money>| m.map_or(Value::Null, |m| Value::Number(m.minor));
    match sort {
        SortColumn::Key => Value::Number(seq),
        SortColumn::AtStake => Value::Number(row.at_stake()),
        SortColumn::Delta => money(row.delta.filter(|d| shown_currency(row) == Some(d.currency))),
        SortColumn::Actual => money(row.actual),
        SortColumn::Expected => money(row.expected),
        SortColumn::Verdict => Value::Number(i64::from(row.verdict.code())),
        SortColumn::Customer => Value::Text(row.customer.raw().to_owned()),
        SortColumn::Plan => Value::Text(row.plan.raw().to_owned()),
    }
}

/// The currency of a row's first amount: the source's, else the target's.
fn shown_currency(r: &ReconRow) -> Option<Currency> {
    let amounts = [r.actual, r.actual_tax, r.expected, r.rated, r.drafted, r.expected_tax];
    amounts.into_iter().flatten().next().map(|m| m.currency)
}

fn passes(row: &ReconRow, f: &RowFilter) -> bool {
    let holds = |text: &str, needle: &str| text.to_ascii_lowercase().contains(&needle.to_ascii_lowercase());
    let documents: Vec<String> = row.documents.iter().map(|d| format!("{}:{}", &d.side.word()[..1].to_uppercase(), d.id.raw())).collect();
    let stake = shown_currency(row).map(|c| Exact::scaled(i128::from(row.at_stake()), c.exponent()).unwrap());
    let any = |needle: &String| [row.key.raw(), row.customer.raw(), row.plan.raw(), &documents.join(" ")].iter().any(|t| holds(t, needle));
    (f.verdicts.is_empty() || f.verdicts.contains(&row.verdict))
        && f.money_above.is_none_or(|m| stake.is_some_and(|s| s > m))
        && f.money_below.is_none_or(|m| stake.is_some_and(|s| s < m))
        && f.text.as_ref().is_none_or(any)
        && f.key.as_ref().is_none_or(|key| row.key.raw() == key)
        && f.customer.as_ref().is_none_or(|n| holds(row.customer.raw(), n))
        && f.plan.as_ref().is_none_or(|n| holds(row.plan.raw(), n))
        && f.currency.is_none_or(|c| shown_currency(row) == Some(c))
        && f.basis.is_none_or(|b| row.basis == Some(b))
        && f.review.is_none_or(|r| row.review == r)
}

/// The numbers of the rows that pass, sorted.
fn truth(rows: &[ReconRow], filter: &RowFilter, sort: Sort) -> Vec<i64> {
    let mut all: Vec<(Value, i64)> =
        (1i64..).zip(rows).filter(|(_, r)| passes(r, filter)).map(|(seq, r)| (value(r, seq, sort.column), seq)).collect();
    all.sort();
    if sort.descending {
        all.reverse();
    }
    all.into_iter().map(|(_, seq)| seq).collect()
}

struct Book {
    store: Arc<dyn WorkspaceWriter>,
    rows: Vec<ReconRow>,
}

impl Book {
    async fn of(dir: &std::path::Path, n: usize, seed: u64) -> Self {
        Self::behind(&door(dir), n, seed).await
    }

    async fn behind(door: &Door, n: usize, seed: u64) -> Self {
        let store_of = door.write("reconcile", "ana", Duration::from_secs(5)).await.unwrap();
        let rows = rows(n, seed);
        // Rows of a neighbour on either side must never show.
        for (month, rows) in [("2026-04", &crate::sample::rows(9, 99)), ("2026-05", &rows), ("2026-06", &crate::sample::rows(9, 98))] {
            store(&*store_of, &request(month), rows).await;
        }
        Self { store: store_of, rows }
    }

    async fn page(&self, filter: &RowFilter, sort: Sort, from: PageFrom, limit: usize) -> (Vec<Cursor>, bool, bool) {
        let request = PageRequest { run: 2, filter: filter.clone(), sort, from, limit };
        let page = self.store.page(&request).await.unwrap();
        for (cursor, line) in &page.rows {
            let row = &self.rows[usize::try_from(line.seq - 1).unwrap()];
            let expected = match value(row, line.seq, sort.column) {
                Value::Null => CursorValue::Null,
                Value::Number(n) => CursorValue::Integer(n),
                Value::Text(t) => CursorValue::Text(t),
            };
            assert_eq!((cursor.seq, &cursor.value, line.key.raw()), (line.seq, &expected, row.key.raw()));
        }
        (page.rows.into_iter().map(|(c, _)| c).collect(), page.more_before, page.more_after)
    }

    /// Walks the whole table both ways, and from every row, and compares with the truth.
    async fn check(&self, filter: &RowFilter, sort: Sort, limit: usize) {
        let truth = truth(&self.rows, filter, sort);
        for forward in [true, false] {
            let mut seen: Vec<Cursor> = Vec::new();
            let mut from = if forward { PageFrom::Start } else { PageFrom::End };
            loop {
                let (page, before, after) = self.page(filter, sort, from, limit).await;
                let (ahead, behind) = if forward { (after, before) } else { (before, after) };
                assert_eq!(behind, !seen.is_empty(), "{sort:?} {filter:?}");
                seen = if forward { [seen, page.clone()].concat() } else { [page.clone(), seen].concat() };
                assert_eq!(ahead, seen.len() < truth.len(), "{sort:?} {filter:?}");
                if !ahead {
                    break;
                }
                from = if forward { PageFrom::After(page.last().unwrap().clone()) } else { PageFrom::Before(page[0].clone()) };
            }
            assert_eq!(seen.iter().map(|c| c.seq).collect::<Vec<_>>(), truth, "{sort:?} {filter:?}");
            for (at, cursor) in seen.iter().enumerate().step_by(17) {
                let (page, before, after) = self.page(filter, sort, PageFrom::At(cursor.clone()), limit).await;
                let upto = truth.len().min(at + limit);
                assert_eq!(page.iter().map(|c| c.seq).collect::<Vec<_>>(), truth[at..upto]);
                assert_eq!((before, after), (at > 0, upto < truth.len()));
            }
        }
    }

    /// Who takes all rows is shown what the pages show.
    async fn check_all(&self, filter: &RowFilter) {
        let seen = all(&*self.store, 2, filter).await.unwrap();
        let sort = Sort::default();
        assert_eq!(seen.iter().map(|line| line.seq).collect::<Vec<_>>(), truth(&self.rows, filter, sort), "{filter:?}");
        let request = PageRequest { run: 2, filter: filter.clone(), sort, from: PageFrom::Start, limit: seen.len() + 1 };
        let page = self.store.page(&request).await.unwrap();
        assert!(page.rows.into_iter().map(|(_, line)| line).eq(seen), "{filter:?}");
    }

    async fn check_totals(&self, filter: &RowFilter) {
        let mut money: BTreeMap<Currency, (i64, i64)> = BTreeMap::new();
        let passing: Vec<&ReconRow> = self.rows.iter().filter(|r| passes(r, filter)).collect();
        for row in &passing {
            let Some(currency) = shown_currency(row) else { continue };
            let sum = money.entry(currency).or_default();
            sum.0 += row.delta.filter(|d| d.currency == currency).map_or(0, |d| d.minor);
            sum.1 += row.at_stake();
        }
        let totals = self.store.totals(2, filter).await.unwrap();
        assert_eq!(totals.rows, passing.len() as u64, "{filter:?}");
        assert_eq!(totals.money, money.into_iter().map(|(c, (d, s))| (c, d, s)).collect::<Vec<_>>(), "{filter:?}");
    }
}

fn some_filter(dice: &mut Dice) -> RowFilter {
    let mut filter = RowFilter::default();
    for _ in 0..=dice.below(2) {
        match dice.below(10) {
            0 => filter.verdicts = vec![dice.of(&Verdict::ALL), dice.of(&Verdict::ALL)],
            1 => filter.money_above = Some(dice.of(&["0", "9.129", "9.13", "200", "-1", "99999999999999999999"]).parse().unwrap()),
            2 => filter.money_below = Some(dice.of(&["0.01", "9.13", "1/3", "913.5", "-99999999999999999999"]).parse().unwrap()),
            3 => filter.text = Some(dice.of(&["ACME", "%", "_", "inv-1\"", "t:", "'; DROP TABLE rows; --", "sub-00000", ""]).to_owned()),
            4 => filter.customer = Some(dice.of(&["bolt", "GRÖ", "Grö", "\u{202e}"]).to_owned()),
            5 => filter.plan = Some(dice.of(&["large", "m"]).to_owned()),
            9 => filter.key = Some(dice.of(&["sub-0000003", "SUB-0000003", ""]).to_owned()),
            6 => filter.currency = Currency::known(dice.of(&["CAD", "JPY", "EUR"])),
            7 => filter.basis = Some(dice.of(&[Basis::Draft, Basis::Rated])),
            _ => filter.review = Some(dice.of(&[Review::Open, Review::Waived])),
        }
    }
    filter
}

#[tokio::test]
async fn every_sort_pages_both_ways_as_the_whole_table_sorted() {
    for seed in 1..4 {
        let dir = tempfile::tempdir().unwrap();
        let book = Book::of(dir.path(), 150, seed).await;
        for column in SORTS {
            for descending in [false, true] {
                book.check(&RowFilter::default(), Sort { column, descending }, 40).await;
            }
        }
    }
}

#[tokio::test]
async fn filters_pass_exactly_what_they_say_in_every_sort() {
    // Of lists that are kept, and of those too long for it.
    for longest in [usize::MAX, 5] {
        let dir = tempfile::tempdir().unwrap();
        let book = Book::behind(&door(dir.path()).with_lists_of(longest), 120, 7).await;
        let mut dice = Dice::new(11);
        for _ in 0..120 {
            let filter = some_filter(&mut dice);
            let sort = Sort { column: dice.of(&SORTS), descending: dice.below(2) == 0 };
            book.check(&filter, sort, 1 + usize::try_from(dice.below(60)).unwrap()).await;
            book.check_totals(&filter).await;
            book.check_all(&filter).await;
        }
        book.check_totals(&RowFilter::default()).await;
        book.check_all(&RowFilter::default()).await;
    }
}

#[tokio::test]
async fn pages_of_a_filter_follow_one_another_and_are_what_is_taken_whole() {
    let dir = tempfile::tempdir().unwrap();
    let book = Book::of(dir.path(), 3_500, 5).await;
    for filter in [
        RowFilter { verdicts: vec![Verdict::Match, Verdict::Delta], ..RowFilter::default() },
        RowFilter { text: Some("1".into()), ..RowFilter::default() },
    ] {
        assert!(truth(&book.rows, &filter, Sort::default()).len() > 600);
        for descending in [false, true] {
            book.check(&filter, Sort { column: SortColumn::Key, descending }, 400).await;
        }
        book.check_all(&filter).await;
    }
}

#[tokio::test]
async fn a_cursor_whose_row_no_longer_passes_still_leads_on() {
    let dir = tempfile::tempdir().unwrap();
    let book = Book::of(dir.path(), 50, 3).await;
    let sort = Sort { column: SortColumn::Verdict, descending: false };
    let only = |v| RowFilter { verdicts: vec![v], ..RowFilter::default() };
    let (all, ..) = book.page(&RowFilter::default(), sort, PageFrom::Start, 50).await;
    let none_before = book.page(&only(Verdict::NotComparable), sort, PageFrom::After(all[0].clone()), 50).await;
    assert_eq!((none_before.0.len(), none_before.1), (truth(&book.rows, &only(Verdict::NotComparable), sort).len(), false));
    let none_after = book.page(&only(Verdict::Match), sort, PageFrom::After(all[49].clone()), 50).await;
    assert_eq!((none_after.0.len(), none_after.1, none_after.2), (0, true, false));
    let missing = PageRequest { run: 9, filter: RowFilter::default(), sort, from: PageFrom::Start, limit: 5 };
    assert!(matches!(book.store.page(&missing).await, Err(StoreError::Absent { .. })));
}

#[tokio::test]
async fn a_large_run_is_written_and_paged_in_short_time() {
    let dir = tempfile::tempdir().unwrap();
    let store = writer(dir.path()).await;
    let rows = rows(100_000, 5);
    let began = Instant::now();
    crate::sample::store(&*store, &request("2026-05"), &rows).await;
    println!("100,000 rows written in {:?}", began.elapsed());
    let bytes = std::fs::metadata(dir.path().join(".dualrun/workspace.db")).unwrap().len();
    println!("{} bytes a row", bytes / 100_000);
    for column in SORTS {
        let request = |from| PageRequest { run: 1, filter: RowFilter::default(), sort: Sort { column, descending: true }, from, limit: 50 };
        let began = Instant::now();
        let mut page = store.page(&request(PageFrom::Start)).await.unwrap();
        let first = began.elapsed();
        for _ in 0..3 {
            page = store.page(&request(PageFrom::After(page.rows[49].0.clone()))).await.unwrap();
        }
        let began = Instant::now();
        page = store.page(&request(PageFrom::Before(page.rows[0].0.clone()))).await.unwrap();
        assert_eq!((page.rows.len(), page.more_before, page.more_after), (50, true, true));
        println!("{column:?}: first page {first:?}, a page far in {:?}", began.elapsed());
    }
    let began = Instant::now();
    let whole = all(&*store, 1, &RowFilter::default()).await.unwrap();
    assert!(whole.iter().map(|line| line.seq).eq(1..=100_000));
    println!("all rows taken in {:?}", began.elapsed());
    // By their ranks, in several turns.
    let differing = RowFilter { verdicts: Verdict::ALL.into_iter().filter(|v| v.differs()).collect(), ..RowFilter::default() };
    let taken = all(&*store, 1, &differing).await.unwrap();
    assert!(taken.len() > 5_000 && taken.iter().eq(whole.iter().filter(|line| line.verdict.differs())));
    let mut times = 0;
    let mut enough = |rows: &[RowLine]| {
        times += 1;
        assert!((1..1_000).contains(&rows.len()), "{} rows at once", rows.len());
        ControlFlow::Break(())
    };
    store.each_row(1, &RowFilter::default(), &mut enough).await.unwrap();
    assert_eq!(times, 1);
    let filter = RowFilter { text: Some("0099999".into()), ..RowFilter::default() };
    let began = Instant::now();
    assert_eq!(store.totals(1, &filter).await.unwrap().rows, 1);
    println!("a text filter over all rows in {:?}", began.elapsed());
    // What a filter comes to is told while it is added up.
    let filter = RowFilter { text: Some("1".into()), ..RowFilter::default() };
    let words = std::sync::Mutex::new(Vec::new());
    let tell = |so_far: FilterTotals, looked, of| words.lock().unwrap().push((looked, of, so_far.rows));
    let totals = store.totals_telling(1, &filter, &tell).await.unwrap();
    let words = words.into_inner().unwrap();
    assert!(words.len() >= 3 && words.is_sorted(), "{words:?}");
    assert!(words.iter().all(|(looked, of, rows)| looked <= of && *of == 100_000 && *rows <= totals.rows), "{words:?} {totals:?}");
}
