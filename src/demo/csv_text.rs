//! CSV as books write it: RFC 4180, UTF-8, and an unquoted empty field is NULL while `""` is the empty string.
//! The usual readers cannot tell the two apart, and an id that is empty is not an id that is NULL.

/// One field: `None` is NULL.
pub type Field = Option<String>;

/// A file read whole: its header, and rows of as many fields.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CsvTable {
    /// Column names.
    pub header: Vec<String>,
    /// Rows; each has a field per column.
    pub rows: Vec<Vec<Field>>,
}

/// Why a text is no CSV of this form. Lines count from 1.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CsvError {
    /// Bytes that are not UTF-8.
    #[error("line {line}: not UTF-8; save the file as UTF-8")]
    NotUtf8 {
        /// Where.
        line: usize,
    },
    /// A quote opened and never closed.
    #[error("line {line}: a quoted field is never closed; double the quotes inside it")]
    OpenQuote {
        /// Where it opened.
        line: usize,
    },
    /// Text before or after a quoted part of one field.
    #[error("line {line}: a quote inside an unquoted field; quote the whole field and double the quotes inside it")]
    StrayQuote {
        /// Where.
        line: usize,
    },
    /// A row that is shorter or longer than the header.
    #[error("line {line}: {found} fields where the header has {expected}")]
    Width {
        /// Where the row begins.
        line: usize,
        /// Fields of the header.
        expected: usize,
        /// Fields of the row.
        found: usize,
    },
    /// No header, or a column of it without a name or named twice.
    #[error("the first line must name every column once")]
    Header,
}

/// Reads a whole file. Blanks are kept; `\n` and `\r\n` end rows; a byte order mark is skipped; an empty last line is no row.
pub fn read(bytes: &[u8]) -> Result<CsvTable, CsvError> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let text = std::str::from_utf8(bytes).map_err(|e| {
        let before = bytes.get(..e.valid_up_to()).unwrap_or_default();
        CsvError::NotUtf8 { line: before.split(|b| *b == b'\n').count() }
    })?;
    let mut reader = Reader { rest: text, line: 1 };
    let names = reader.row()?.ok_or(CsvError::Header)?;
    let header: Vec<String> = names.into_iter().collect::<Option<_>>().ok_or(CsvError::Header)?;
    let mut sorted: Vec<&String> = header.iter().collect();
    sorted.sort();
    if sorted.windows(2).any(|pair| pair.first() == pair.last()) || header.iter().any(String::is_empty) {
        return Err(CsvError::Header);
    }
    let mut rows = Vec::new();
    loop {
        let line = reader.line;
        let Some(row) = reader.row()? else { return Ok(CsvTable { header, rows }) };
        if row.len() != header.len() {
            return Err(CsvError::Width { line, expected: header.len(), found: row.len() });
        }
        rows.push(row);
    }
}

struct Reader<'a> {
    rest: &'a str,
    line: usize,
}

impl Reader<'_> {
    /// The next row; `None` at the end of the text.
    fn row(&mut self) -> Result<Option<Vec<Field>>, CsvError> {
        if self.rest.is_empty() {
            return Ok(None);
        }
        let mut fields = Vec::new();
        loop {
            fields.push(self.field()?);
            if let Some(rest) = self.rest.strip_prefix(',') {
                self.rest = rest;
                continue;
            }
            self.rest = self.rest.strip_prefix("\r\n").or_else(|| self.rest.strip_prefix('\n')).unwrap_or("");
            self.line += 1;
            return Ok(Some(fields));
        }
    }

    fn field(&mut self) -> Result<Field, CsvError> {
        if self.rest.starts_with('"') {
            return self.quoted().map(Some);
        }
        let end = self.rest.find([',', '\n']).unwrap_or(self.rest.len());
        let (field, rest) = self.rest.split_at(end);
        let field = if rest.starts_with(',') { field } else { field.strip_suffix('\r').unwrap_or(field) };
        if field.contains('"') {
            return Err(CsvError::StrayQuote { line: self.line });
        }
        self.rest = rest;
        Ok((!field.is_empty()).then(|| field.to_owned()))
    }

    fn quoted(&mut self) -> Result<String, CsvError> {
        let opened = self.line;
        let mut out = String::new();
        self.rest = self.rest.get(1..).unwrap_or_default();
        loop {
            let at = self.rest.find('"').ok_or(CsvError::OpenQuote { line: opened })?;
            let (part, rest) = self.rest.split_at(at);
            out.push_str(part);
            self.line += part.matches('\n').count();
            self.rest = rest.get(1..).unwrap_or_default();
            match self.rest.strip_prefix('"') {
                Some(rest) => {
                    out.push('"');
                    self.rest = rest;
                }
                None if self.rest.is_empty() || self.rest.starts_with([',', '\n']) || self.rest.starts_with("\r\n") => return Ok(out),
                None => return Err(CsvError::StrayQuote { line: self.line }),
            }
        }
    }
}

/// Writes a table so that [`read`] gives it back exactly.
pub fn write(table: &CsvTable) -> String {
    let mut out = table.header.iter().map(|name| quoted_if_needed(name)).collect::<Vec<_>>().join(",");
    out.push('\n');
    for row in &table.rows {
        let fields: Vec<String> = row.iter().map(|f| f.as_deref().map(quoted_if_needed).unwrap_or_default()).collect();
        out.push_str(&fields.join(","));
        out.push('\n');
    }
    out
}

fn quoted_if_needed(field: &str) -> String {
    let plain = !field.is_empty() && !field.contains(['"', ',', '\n', '\r']);
    if plain { field.to_owned() } else { format!("\"{}\"", field.replace('"', "\"\"")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(text: &str) -> Vec<Vec<Field>> {
        read(text.as_bytes()).unwrap().rows
    }

    /// A field that is not NULL.
    macro_rules! some {
        ($text:expr) => {
            Some(String::from($text))
        };
    }

    #[test]
    fn null_and_empty_are_two_things() {
        assert_eq!(rows("a,b,c\n,\"\",x\n"), [vec![None, some!(""), some!("x")]]);
        assert_eq!(rows("a,b\r\n\"\",\r\n,\"\""), [vec![some!(""), None], vec![None, some!("")]]);
        assert_eq!(rows("a\n\n\"\"\n"), [vec![None], vec![some!("")]]);
    }

    #[test]
    fn quotes_commas_newlines_and_blanks_are_kept() {
        assert_eq!(rows("a,b\n\"x, \"\"y\"\"\nz\",   \n"), [vec![some!("x, \"y\"\nz"), some!("   ")]]);
        assert_eq!(rows("\u{feff}a,b\n{A-1},é\n"), [vec![some!("{A-1}"), some!("é")]]);
    }

    #[test]
    fn what_is_not_csv_says_where() {
        assert_eq!(read(b"a,b\n1,2\n1\n"), Err(CsvError::Width { line: 3, expected: 2, found: 1 }));
        assert_eq!(read(b"a\n\"x\ny\"\n\"open\n"), Err(CsvError::OpenQuote { line: 4 }));
        assert_eq!(read(b"a\n\"x\"y\n"), Err(CsvError::StrayQuote { line: 2 }));
        assert_eq!(read(b"a\nx\"y\n"), Err(CsvError::StrayQuote { line: 2 }));
        assert_eq!(read(b"a\nok\n\xff\n"), Err(CsvError::NotUtf8 { line: 3 }));
        assert_eq!(read(b"a,a\n"), Err(CsvError::Header));
        assert_eq!(read(b""), Err(CsvError::Header));
    }

    #[test]
    fn what_is_written_reads_back() {
        let header = vec!["a".to_owned(), "b".to_owned()];
        let table = CsvTable { header, rows: vec![vec![None, some!("")], vec![some!("\r\n\""), some!(" ,")]] };
        assert_eq!(read(write(&table).as_bytes()).unwrap(), table);
    }
}
