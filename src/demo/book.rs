//! A book: one dual run as tables of text and the declared profile of both sides.

use super::csv_text::{CsvError, CsvTable, Field, read};
use crate::domain::contract::Entity;
use crate::domain::side::Side;
use crate::domain::text::shown;
use toml_edit::{DocumentMut, Item, Value};

/// Rows of one entity of one side, as text; NULL is `None`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    /// Which entity.
    pub entity: Entity,
    /// Its column names, as the file gives them.
    pub columns: Vec<String>,
    /// Its rows, in the file's order.
    pub rows: Vec<Vec<Field>>,
}

/// One dual run as data.
#[derive(Debug, Clone)]
pub struct Book {
    profile: DocumentMut,
    source: Vec<Table>,
    target: Vec<Table>,
}

/// Why a folder or text is no book.
#[derive(Debug, thiserror::Error)]
pub enum BookError {
    /// `profile.toml` is no TOML.
    #[error("profile.toml: {0}")]
    ProfileSyntax(#[from] toml_edit::TomlError),
    /// `profile.toml` lacks something a project needs.
    #[error("profile.toml lacks {what}; a book's profile has [service] with name, time_zone and period, [source] and [target]")]
    ProfileLacks {
        /// What.
        what: String,
    },
    /// A CSV file is not of the book's form.
    #[error("{side}/{file}: {reason}")]
    Csv {
        /// Which side.
        side: Side,
        /// Which file.
        file: String,
        /// What is wrong.
        reason: CsvError,
    },
    /// A CSV file that is no entity of the contract.
    #[error("{side}/{file} is no entity of the data contract; name it after one: {}", Entity::ALL.map(Entity::word).join(", "))]
    UnknownEntity {
        /// Which side.
        side: Side,
        /// Which file, neutralised.
        file: String,
    },
    /// `x_bad.csv` without `x.csv`, or with a column that is not there.
    #[error("{side}/{entity}_bad.csv does not go with {entity}.csv: {why}")]
    BadRows {
        /// Which side.
        side: Side,
        /// Which entity.
        entity: Entity,
        /// Why.
        why: String,
    },
    /// A side without any table.
    #[error("{side}/ holds no CSV file; a book has one per entity, at least subscriptions.csv")]
    NoTables {
        /// Which side.
        side: Side,
    },
}

/// A CSV file of a side: its name and its bytes.
pub type NamedFile<'a> = (&'a str, &'a [u8]);

impl Book {
    /// Reads a book from its files. `*_bad.csv` are left alone unless `with_bad`; other names that are no entity are an error.
    pub fn read(profile: &str, source: &[NamedFile<'_>], target: &[NamedFile<'_>], with_bad: bool) -> Result<Self, BookError> {
        let profile: DocumentMut = profile.parse()?;
        let book = Self { profile, source: tables(Side::Source, source, with_bad)?, target: tables(Side::Target, target, with_bad)? };
        for key in ["name", "time_zone", "period"] {
            if book.service_text(key).is_none() {
                return Err(BookError::ProfileLacks { what: format!("service.{key}") });
            }
        }
        for side in Side::BOTH {
            if book.profile.get(side.word()).and_then(Item::as_table).is_none() {
                return Err(BookError::ProfileLacks { what: format!("[{side}]") });
            }
        }
        Ok(book)
    }

    /// The tables of a side, in the contract's order.
    pub fn tables(&self, side: Side) -> &[Table] {
        match side {
            Side::Source => &self.source,
            Side::Target => &self.target,
        }
    }

    /// One table of a side.
    pub fn table(&self, side: Side, entity: Entity) -> Option<&Table> {
        self.tables(side).iter().find(|t| t.entity == entity)
    }

    /// The service's name.
    pub fn service(&self) -> &str {
        self.service_text("name").unwrap_or_default()
    }

    /// The month the book is about, as its profile writes it: `2026-05`.
    pub fn period(&self) -> &str {
        self.service_text("period").unwrap_or_default()
    }

    fn service_text(&self, key: &str) -> Option<&str> {
        self.profile.get("service")?.get(key)?.as_str()
    }

    /// Tables a side has beside the contract's, empty, with the names of their columns.
    pub fn empty_tables(&self, side: Side) -> Vec<(String, Vec<String>)> {
        let table = self.profile.get("empty_tables").and_then(|t| t.get(side.word())).and_then(Item::as_table);
        let names = |item: &Item| item.as_array().into_iter().flatten().filter_map(Value::as_str).map(ToOwned::to_owned).collect();
        table.into_iter().flatten().map(|(name, item)| (name.to_owned(), names(item))).collect()
    }

    /// A section of the profile that a project's configuration has just so, as TOML text.
    pub fn section_text(&self, section: &str) -> Option<String> {
        let item = self.profile.get(section).filter(|item| item.is_table() || item.is_array_of_tables())?;
        let mut out = DocumentMut::new();
        out.insert(section, item.clone());
        let text = out.to_string();
        let lines = text.lines().filter(|l| !l.trim_start().starts_with('#') && !l.trim().is_empty());
        Some(lines.flat_map(|l| [l, "\n"]).collect())
    }

    /// The keys of a profile section in their order, each value as TOML text.
    pub fn profile_section(&self, section: &str) -> Vec<(String, String)> {
        let table = self.profile.get(section).and_then(Item::as_table);
        let text = |value: &Value| value.clone().decorated("", "").to_string();
        let pair = |(key, item): (&str, &Item)| item.clone().into_value().ok().map(|v| (key.to_owned(), text(&v)));
        table.into_iter().flat_map(|t| t.iter().filter_map(pair)).collect()
    }
}

impl Table {
    /// The place of a column.
    pub fn column(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|c| c == name)
    }
}

fn tables(side: Side, files: &[NamedFile<'_>], with_bad: bool) -> Result<Vec<Table>, BookError> {
    let mut good: Vec<Table> = Vec::new();
    let mut bad: Vec<Table> = Vec::new();
    for (file, bytes) in files {
        let stem = file.strip_suffix(".csv").unwrap_or(file);
        let entity_word = stem.strip_suffix("_bad").unwrap_or(stem);
        let entity = Entity::named(entity_word).ok_or_else(|| BookError::UnknownEntity { side, file: shown(file, 60) })?;
        let is_bad = entity_word != stem;
        if is_bad && !with_bad {
            continue;
        }
        let wrong = |reason| BookError::Csv { side, file: shown(file, 60), reason };
        let CsvTable { header, rows } = read(bytes).map_err(wrong)?;
        // Databases take names whatever their case, and nobody sees a blank beside one.
        let header: Vec<String> = header.iter().map(|name| name.trim().to_ascii_lowercase()).collect();
        if header.iter().enumerate().any(|(at, name)| name.is_empty() || header[..at].contains(name)) {
            return Err(wrong(CsvError::Header));
        }
        let place = if is_bad { &mut bad } else { &mut good };
        place.push(Table { entity, columns: header, rows });
    }
    if good.is_empty() {
        return Err(BookError::NoTables { side });
    }
    for table in bad {
        add_rows(side, &mut good, &table)?;
    }
    good.sort_by_key(|t| t.entity);
    Ok(good)
}

/// Adds the rows of a `*_bad.csv` to its entity, by column name.
fn add_rows(side: Side, tables: &mut [Table], extra: &Table) -> Result<(), BookError> {
    let entity = extra.entity;
    let refused = |why: String| BookError::BadRows { side, entity, why };
    let table = tables.iter_mut().find(|t| t.entity == entity).ok_or_else(|| refused("that file is missing".to_owned()))?;
    if let Some(unknown) = extra.columns.iter().find(|c| table.column(c).is_none()) {
        return Err(refused(format!("it has no column {}", shown(unknown, 40))));
    }
    let places: Vec<Option<usize>> = table.columns.iter().map(|c| extra.column(c)).collect();
    let moved = |row: &Vec<Field>| places.iter().map(|p| p.and_then(|i| row.get(i).cloned().flatten())).collect();
    table.rows.extend(extra.rows.iter().map(moved));
    Ok(())
}
