//! Books as data: the embedded demo, books read from CSV folders, the large generated book, and the text of their `dualrun.toml`.
//!
//! A **book** is one dual run as files: `profile.toml`, `source/*.csv`, `target/*.csv`, one CSV per contract entity.
//! Everything here is pure (text in, text out); `adapters::book_files` reads folders and writes the SQLite files.
//!
//! | wanted | call |
//! |---|---|
//! | the embedded demo | [`embedded()`](embedded::embedded) |
//! | a folder | `adapters::book_files::read_book(dir, with_bad)` |
//! | a project of two SQLite files | `adapters::book_files::write_project(&book, out_dir)` |
//! | the same rows for `psql` | `adapters::book_files::write_book_sql(&book, &place, out_dir)`, or as text [`book_to_postgres_sql`](postgres_sql::book_to_postgres_sql) and [`dualrun_toml_postgres`](project_text::dualrun_toml_postgres) |
//! | a large book | [`LargeBook::new`], then `adapters::book_files::write_large_sqlite` or `write_large_sql` ([`write_sql`](large::write_sql) for a stream) |
//! | what a large book must come to | [`LargeBook::expected_counts`](large::LargeBook::expected_counts) |

pub mod book;
pub mod csv_text;
pub mod embedded;
pub mod large;
pub mod postgres_sql;
pub mod project_text;

pub use book::{Book, BookError, Table};
pub use embedded::embedded;
pub use large::LargeBook;
pub use postgres_sql::book_to_postgres_sql;
