//! Building demo projects: which book, and the files it becomes.

use crate::adapters::book_files::{self, BookFilesError};
use crate::cli::{CliError, DemoBook, DemoBuilt, DemoPlan};
use crate::config::RUNBOOK_NAME;
use crate::demo::book::Book;
use crate::demo::embedded::{RUNBOOK, embedded};
use crate::demo::large::LargeBook;
use crate::demo::project_text::PostgresPlace;
use crate::demo_target;
use crate::domain::period::Month;
use std::io::Write as _;
use std::path::Path;

/// Months the embedded book has before the one it is about, so that trends show.
const EARLIER_MONTHS: i32 = 6;

/// Builds what was asked for. What is there already is never overwritten.
pub(super) async fn build(plan: &DemoPlan) -> Result<DemoBuilt, CliError> {
    match &plan.book {
        DemoBook::Embedded => {
            let built = of_book(plan, &embedded().map_err(CliError::unexpected)?, EARLIER_MONTHS).await?;
            plan.dir.as_deref().map_or(Ok(()), write_runbook)?;
            Ok(built)
        }
        DemoBook::Folder(folder) => of_book(plan, &book_files::read_book(folder, plan.bad).map_err(|e| refused(&e))?, 0).await,
        DemoBook::Large { subscriptions, seed, months } => {
            let book = LargeBook::new(*subscriptions, *months, *seed).map_err(|e| CliError::Usage(e.to_string()))?;
            of_large(plan, &book).await
        }
    }
}

async fn of_large(plan: &DemoPlan, book: &LargeBook) -> Result<DemoBuilt, CliError> {
    if let Some(dir) = &plan.dir {
        book_files::write_large_sqlite(book, dir).await.map_err(|e| refused(&e))?;
    }
    if let Some(dir) = &plan.as_sql {
        book_files::write_large_sql(book, &PostgresPlace::default(), dir).map_err(|e| refused(&e))?;
    }
    Ok(DemoBuilt { months: book.months().collect(), expected: Some(book.expected_counts().to_json().to_string()) })
}

async fn of_book(plan: &DemoPlan, book: &Book, earlier: i32) -> Result<DemoBuilt, CliError> {
    let asked = months_of(book.period());
    let last = asked.last().copied();
    let last = last.ok_or_else(|| CliError::Usage("the book's profile names no month — write [service] period = \"2026-05\"".to_owned()))?;
    if let Some(dir) = &plan.dir {
        book_files::write_project(book, dir).await.map_err(|e| refused(&e))?;
        if book.section_text("import").is_some_and(|text| text.contains(demo_target::NAME)) {
            link_target(dir)?;
        }
    }
    if let Some(dir) = &plan.as_sql {
        book_files::write_book_sql(book, &PostgresPlace::default(), dir).map_err(|e| refused(&e))?;
    }
    let before = (-earlier..0).map(|n| last.plus(n)).filter(|month| !asked.contains(month));
    Ok(DemoBuilt { months: before.chain(asked.iter().copied()).collect(), expected: None })
}

/// The months of `2026-05` or `2026-03..2026-05`; none where it is neither.
fn months_of(period: &str) -> Vec<Month> {
    let (first, last) = period.split_once("..").unwrap_or((period, period));
    let (Some(first), Some(last)) = (Month::parse(first.trim()), Month::parse(last.trim())) else { return Vec::new() };
    (0..=last.months_since(first)).map(|n| first.plus(n)).collect()
}

/// The embedded book's runbook, beside what was built a moment ago.
fn write_runbook(dir: &Path) -> Result<(), CliError> {
    let place = dir.join(RUNBOOK_NAME);
    let written = std::fs::OpenOptions::new().write(true).create_new(true).open(&place).and_then(|mut file| file.write_all(RUNBOOK.as_bytes()));
    written.map_err(|e| CliError::Usage(format!("{}: {e}", crate::domain::text::shown(&place.to_string_lossy(), 200))))
}

/// The demo's target stands beside its database under a name of its own: this very program, started as another.
fn link_target(dir: &Path) -> Result<(), CliError> {
    let place = dir.join(demo_target::NAME);
    let linked = std::env::current_exe().and_then(|program| std::os::unix::fs::symlink(program, &place));
    linked.map_err(|e| CliError::Usage(format!("{}: {e}", crate::domain::text::shown(&place.to_string_lossy(), 200))))
}

fn refused(error: &BookFilesError) -> CliError {
    CliError::Usage(crate::domain::text::shown(&error.to_string(), 400))
}
