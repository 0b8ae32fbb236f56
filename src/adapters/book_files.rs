//! Books on disk: a folder of CSV files in, two new SQLite files and a `dualrun.toml` out.
//!
//! Nothing that exists is overwritten, and nothing is left half done: every file is built under a `.partial` name, and
//! only when all of a project are whole do they take their own names.

use crate::demo::book::{Book, BookError, Table};
use crate::demo::large::{LargeBook, LargeTable, large_toml_postgres, large_toml_sqlite, write_sql};
use crate::demo::postgres_sql::{book_to_postgres_sql, grant_select};
use crate::demo::project_text::{PostgresPlace, dualrun_toml_postgres, dualrun_toml_sqlite, sql_name};
use crate::domain::decode::Batch;
use crate::domain::side::Side;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, SqliteConnection};
use std::fs::File;
use std::io::{self, BufWriter, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use tempfile::TempPath;

/// Why a book could not be read or a project not be written.
#[derive(Debug, thiserror::Error)]
pub enum BookFilesError {
    /// A file or folder of the book cannot be read.
    #[error("{}: {reason}; a book is a folder with profile.toml, source/*.csv and target/*.csv", path.display())]
    Read {
        /// Which.
        path: PathBuf,
        /// Why.
        reason: io::Error,
    },
    /// The folder is read, and is no book.
    #[error(transparent)]
    Book(#[from] BookError),
    /// A file of the project is already there.
    #[error("{} exists and is never overwritten; name another folder or remove the file", path.display())]
    Exists {
        /// Which.
        path: PathBuf,
    },
    /// A file of the project cannot be written.
    #[error("{}: {reason}; nothing was kept of it", path.display())]
    Write {
        /// Which.
        path: PathBuf,
        /// Why.
        reason: io::Error,
    },
    /// SQLite refused.
    #[error("{}: {reason}; nothing was kept of it", path.display())]
    Sqlite {
        /// Which file.
        path: PathBuf,
        /// Why.
        reason: sqlx::Error,
    },
}

/// A project that was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Project {
    /// Its configuration.
    pub config: PathBuf,
    /// The source's SQLite file.
    pub source: PathBuf,
    /// The target's SQLite file.
    pub target: PathBuf,
}

impl Project {
    /// The files a project in that folder has. Nothing is touched.
    pub fn in_dir(dir: &Path) -> Self {
        Self { config: dir.join("dualrun.toml"), source: dir.join("source.db"), target: dir.join("target.db") }
    }

    /// The file of a side.
    pub fn database(&self, side: Side) -> &Path {
        match side {
            Side::Source => &self.source,
            Side::Target => &self.target,
        }
    }

    fn claim(dir: &Path) -> Result<Self, BookFilesError> {
        let project = Self::in_dir(dir);
        claim(dir, &[project.config.clone(), project.source.clone(), project.target.clone()])?;
        Ok(project)
    }
}

/// Reads a book's folder. With `with_bad` the rows of `*_bad.csv` are added to their entities.
pub fn read_book(dir: &Path, with_bad: bool) -> Result<Book, BookFilesError> {
    let profile_path = dir.join("profile.toml");
    let profile = std::fs::read_to_string(&profile_path).map_err(|reason| BookFilesError::Read { path: profile_path, reason })?;
    let source = csv_files(&dir.join("source"))?;
    let target = csv_files(&dir.join("target"))?;
    Ok(Book::read(&profile, &named(&source), &named(&target), with_bad)?)
}

fn named(files: &[(String, Vec<u8>)]) -> Vec<(&str, &[u8])> {
    files.iter().map(|(name, bytes)| (name.as_str(), bytes.as_slice())).collect()
}

fn csv_files(dir: &Path) -> Result<Vec<(String, Vec<u8>)>, BookFilesError> {
    let failed = |path: &Path| {
        let path = path.to_owned();
        move |reason| BookFilesError::Read { path, reason }
    };
    let mut files = Vec::new();
    for entry in std::fs::read_dir(dir).map_err(failed(dir))? {
        let path = entry.map_err(failed(dir))?.path();
        if path.extension().is_some_and(|e| e == "csv") {
            let name = path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
            files.push((name, std::fs::read(&path).map_err(failed(&path))?));
        }
    }
    files.sort();
    Ok(files)
}

/// Writes `source.db`, `target.db` and `dualrun.toml` into a folder, which is made when it is not there.
/// Every value is stored as the text the book has; NULL stays NULL.
pub async fn write_project(book: &Book, dir: &Path) -> Result<Project, BookFilesError> {
    let project = Project::claim(dir)?;
    let mut files = Vec::new();
    for side in Side::BOTH {
        let mut database = NewDatabase::create(project.database(side)).await?;
        for table in book.tables(side) {
            database.fill(table).await?;
        }
        for (name, columns) in book.empty_tables(side) {
            let columns: Vec<&str> = columns.iter().map(String::as_str).collect();
            database.execute(&create_table(&sql_name(&name), &columns)).await?;
        }
        files.push(database.finish().await?);
    }
    files.push(NewFile::written(&project.config, dualrun_toml_sqlite(book).as_bytes())?);
    keep_all(files)?;
    Ok(project)
}

/// Writes a large book's `source.db`, `target.db` and `dualrun.toml`, batch by batch: memory does not grow with the book.
pub async fn write_large_sqlite(book: &LargeBook, dir: &Path) -> Result<Project, BookFilesError> {
    let project = Project::claim(dir)?;
    let mut files = Vec::new();
    for side in Side::BOTH {
        let mut database = NewDatabase::create(project.database(side)).await?;
        for table in LargeTable::all(side) {
            database.fill_large(book, table).await?;
        }
        files.push(database.finish().await?);
    }
    files.push(NewFile::written(&project.config, large_toml_sqlite(book).as_bytes())?);
    keep_all(files)?;
    Ok(project)
}

/// Writes a large book as `source.sql` and `target.sql` for `psql`, and a `dualrun.toml` for the two databases.
/// Returns the scripts, source first, and the configuration.
pub fn write_large_sql(book: &LargeBook, place: &PostgresPlace, dir: &Path) -> Result<[PathBuf; 3], BookFilesError> {
    let paths = ["source.sql", "target.sql", "dualrun.toml"].map(|name| dir.join(name));
    claim(dir, &paths)?;
    let [source, target, config] = &paths;
    let script = |side: Side, path: &Path| NewFile::filled(path, |out| write_sql(book, side, &place.user, out));
    let files =
        vec![script(Side::Source, source)?, script(Side::Target, target)?, NewFile::written(config, large_toml_postgres(book, place).as_bytes())?];
    keep_all(files)?;
    Ok(paths)
}

/// Writes a book as `source.sql` and `target.sql` for `psql`, and a `dualrun.toml` for the two databases.
/// Returns the scripts, source first, and the configuration.
pub fn write_book_sql(book: &Book, place: &PostgresPlace, dir: &Path) -> Result<[PathBuf; 3], BookFilesError> {
    let paths = ["source.sql", "target.sql", "dualrun.toml"].map(|name| dir.join(name));
    claim(dir, &paths)?;
    let [source, target, config] = &paths;
    let script = |side| format!("{}{}", book_to_postgres_sql(book, side), grant_select(&place.user));
    let files = vec![
        NewFile::written(source, script(Side::Source).as_bytes())?,
        NewFile::written(target, script(Side::Target).as_bytes())?,
        NewFile::written(config, dualrun_toml_postgres(book, place).as_bytes())?,
    ];
    keep_all(files)?;
    Ok(paths)
}

/// Makes the folder and refuses files that are there.
fn claim(dir: &Path, paths: &[PathBuf]) -> Result<(), BookFilesError> {
    std::fs::create_dir_all(dir).map_err(|reason| BookFilesError::Write { path: dir.to_owned(), reason })?;
    match paths.iter().find(|path| path.symlink_metadata().is_ok()) {
        Some(path) => Err(BookFilesError::Exists { path: path.clone() }),
        None => Ok(()),
    }
}

fn keep_all(files: Vec<NewFile>) -> Result<(), BookFilesError> {
    files.into_iter().try_for_each(NewFile::keep)
}

/// A file being built beside the place it is for. Dropped before [`NewFile::keep`], it goes.
struct NewFile {
    path: PathBuf,
    partial: TempPath,
}

impl NewFile {
    fn create(path: &Path) -> Result<(Self, File), BookFilesError> {
        let dir = path.parent().unwrap_or_else(|| Path::new("."));
        let mut builder = tempfile::Builder::new();
        // As any new file: the umask decides, so that a server's own user can be let read the scripts.
        let builder = builder.prefix("building-").suffix(".partial").permissions(std::fs::Permissions::from_mode(0o666));
        let file = builder.tempfile_in(dir).map_err(|reason| BookFilesError::Write { path: path.to_owned(), reason })?;
        let (file, partial) = file.into_parts();
        Ok((Self { path: path.to_owned(), partial }, file))
    }

    fn written(path: &Path, bytes: &[u8]) -> Result<Self, BookFilesError> {
        Self::filled(path, |out| out.write_all(bytes))
    }

    fn filled(path: &Path, fill: impl FnOnce(&mut BufWriter<File>) -> io::Result<()>) -> Result<Self, BookFilesError> {
        let (new, file) = Self::create(path)?;
        let mut out = BufWriter::with_capacity(1 << 20, file);
        let done = fill(&mut out).and_then(|()| out.into_inner()?.sync_all());
        done.map_err(|reason| BookFilesError::Write { path: path.to_owned(), reason })?;
        Ok(new)
    }

    /// Gives it its name.
    fn keep(self) -> Result<(), BookFilesError> {
        let Self { path, partial } = self;
        partial.persist_noclobber(&path).map_err(|e| match e.error.kind() {
            io::ErrorKind::AlreadyExists => BookFilesError::Exists { path },
            _ => BookFilesError::Write { path, reason: e.error },
        })
    }
}

/// A database being built, inside one transaction.
struct NewDatabase {
    file: NewFile,
    connection: SqliteConnection,
}

impl NewDatabase {
    /// An empty database that will be `path`.
    async fn create(path: &Path) -> Result<Self, BookFilesError> {
        let (file, _) = NewFile::create(path)?;
        // The file is thrown away when anything fails, so it needs no journal of its own.
        let options = SqliteConnectOptions::new().filename(&file.partial).journal_mode(SqliteJournalMode::Off).synchronous(SqliteSynchronous::Off);
        let connection = options.disable_statement_logging().connect().await;
        let connection = connection.map_err(|reason| BookFilesError::Sqlite { path: path.to_owned(), reason })?;
        let mut new = Self { file, connection };
        new.execute("begin").await?;
        Ok(new)
    }

    /// Runs a statement built here from the contract's and the book's names.
    async fn execute(&mut self, sql: &str) -> Result<(), BookFilesError> {
        let done = sqlx::query(AssertSqlSafe(sql)).execute(&mut self.connection).await;
        self.refusing(done)
    }

    /// Runs a statement with its values.
    async fn insert<'q>(&mut self, sql: &'q str, values: impl Iterator<Item = Option<&'q str>>) -> Result<(), BookFilesError> {
        let query = values.fold(sqlx::query(AssertSqlSafe(sql)), sqlx::query::Query::bind);
        let done = query.execute(&mut self.connection).await;
        self.refusing(done)
    }

    fn refusing<T>(&self, done: Result<T, sqlx::Error>) -> Result<(), BookFilesError> {
        done.map(|_| ()).map_err(|reason| BookFilesError::Sqlite { path: self.file.path.clone(), reason })
    }

    async fn fill(&mut self, table: &Table) -> Result<(), BookFilesError> {
        let columns: Vec<&str> = table.columns.iter().map(String::as_str).collect();
        self.execute(&create_table(table.entity.word(), &columns)).await?;
        let sql = insert_rows(table.entity.word(), columns.len(), 1);
        for row in &table.rows {
            self.insert(&sql, row.iter().map(Option::as_deref)).await?;
        }
        Ok(())
    }

    async fn fill_large(&mut self, book: &LargeBook, table: LargeTable) -> Result<(), BookFilesError> {
        let (name, columns) = (table.entity.word(), table.names());
        self.execute(&create_table(name, &columns)).await?;
        let mut batch = Batch::new(columns.len());
        let mut batches = book.batches(table);
        let (mut sql, mut rows_in_sql) = (String::new(), 0);
        while batches.next_into(&mut batch) {
            if rows_in_sql != batch.len() {
                rows_in_sql = batch.len();
                sql = insert_rows(name, columns.len(), rows_in_sql);
            }
            let fields = (0..batch.len()).flat_map(|row| (0..batch.width()).map(move |column| (row, column)));
            let values = fields.map(|(row, column)| batch.field(row, column).and_then(|b| std::str::from_utf8(b).ok()));
            self.insert(&sql, values).await?;
        }
        Ok(())
    }

    /// Ends the transaction; the file is whole and on the disk.
    async fn finish(mut self) -> Result<NewFile, BookFilesError> {
        self.execute("commit").await?;
        let Self { file, connection } = self;
        connection.close().await.map_err(|reason| BookFilesError::Sqlite { path: file.path.clone(), reason })?;
        let synced = File::open(&file.partial).and_then(|f| f.sync_all());
        synced.map_err(|reason| BookFilesError::Write { path: file.path.clone(), reason })?;
        Ok(file)
    }
}

/// `create table` with a TEXT column for each.
fn create_table(table: &str, columns: &[&str]) -> String {
    let columns: Vec<String> = columns.iter().map(|c| format!("{} text", sql_name(c))).collect();
    format!("create table {table} ({})", columns.join(", "))
}

/// `insert` of so many rows at once, with a place for every value.
fn insert_rows(table: &str, width: usize, rows: usize) -> String {
    let row = format!("({})", vec!["?"; width].join(","));
    format!("insert into {table} values {}", vec![row; rows].join(","))
}
