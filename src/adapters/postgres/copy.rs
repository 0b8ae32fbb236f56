//! Reads the text format of COPY: rows end in a newline, fields in a tab, `\N` is NULL, a backslash escapes.
//!
//! Split on raw bytes (a real tab or newline is never inside a value), then unescaped straight into the [`Batch`].
//! Chunks may end anywhere.

use crate::domain::decode::Batch;

/// A row beyond this many bytes, times the field limit, ends the stream: it cannot be held.
const ROW_FACTOR: usize = 4;
/// The smallest of such row limits.
const ROW_FLOOR: usize = 64 << 20;

/// Why the stream's bytes are no rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CopyError {
    /// A row with another number of fields than the query has columns.
    #[error("a row has {found} fields where {expected} are expected")]
    Width {
        /// Fields found.
        found: usize,
        /// Columns of the query.
        expected: usize,
    },
    /// A row too long to be held.
    #[error("a row is longer than {0} bytes")]
    RowTooLong(usize),
    /// The stream ended inside a row.
    #[error("the stream ended inside a row")]
    CutRow,
}

/// Collects chunks and appends whole rows to a batch.
#[derive(Debug)]
pub struct CopyParser {
    width: usize,
    max_field: usize,
    max_row: usize,
    too_long_mark: Vec<u8>,
    pending: Vec<u8>,
}

impl CopyParser {
    /// For rows of `width` fields of at most `max_field` bytes. A field that starts with `too_long_mark` stands for one
    /// that the server held back because of its length, which follows the mark.
    pub fn new(width: usize, max_field: usize, too_long_mark: &str) -> Self {
        let max_row = max_field.saturating_mul(ROW_FACTOR).max(ROW_FLOOR);
        Self { width, max_field, max_row, too_long_mark: too_long_mark.as_bytes().to_vec(), pending: Vec::new() }
    }

    /// Takes the next chunk; returns the rows it completed.
    pub fn push(&mut self, chunk: &[u8], batch: &mut Batch) -> Result<u64, CopyError> {
        let Some(last) = chunk.iter().rposition(|&b| b == b'\n') else { return self.keep(chunk).map(|()| 0) };
        let (whole, tail) = chunk.split_at(last + 1);
        let mut rows = 0;
        if self.pending.is_empty() {
            rows += self.lines(whole, batch)?;
        } else {
            let mut joined = std::mem::take(&mut self.pending);
            joined.extend_from_slice(whole);
            rows += self.lines(&joined, batch)?;
        }
        self.keep(tail)?;
        Ok(rows)
    }

    /// To be called when the stream ended well: nothing may be left over.
    pub fn finish(&self) -> Result<(), CopyError> {
        if self.pending.is_empty() { Ok(()) } else { Err(CopyError::CutRow) }
    }

    fn keep(&mut self, bytes: &[u8]) -> Result<(), CopyError> {
        if self.pending.len() + bytes.len() > self.max_row {
            return Err(CopyError::RowTooLong(self.max_row));
        }
        self.pending.extend_from_slice(bytes);
        Ok(())
    }

    /// `whole` ends in a newline.
    fn lines(&self, whole: &[u8], batch: &mut Batch) -> Result<u64, CopyError> {
        let mut rows = 0;
        for line in whole.split_inclusive(|&b| b == b'\n') {
            let mut found = 0;
            for field in line.strip_suffix(b"\n").unwrap_or(line).split(|&b| b == b'\t') {
                found += 1;
                if found > self.width {
                    break;
                }
                self.field(field, batch);
            }
            if found != self.width {
                return Err(CopyError::Width { found, expected: self.width });
            }
            rows += 1;
        }
        Ok(rows)
    }

    fn field(&self, raw: &[u8], batch: &mut Batch) {
        if raw == b"\\N" {
            batch.push(None);
        } else if let Some(len) = self.held_back(raw) {
            batch.push(Some(&too_long(len)));
        } else {
            let start = batch.byte_len();
            if raw.contains(&b'\\') {
                unescape(raw, batch.buffer());
            } else {
                batch.buffer().extend_from_slice(raw);
            }
            let len = batch.byte_len() - start;
            if len > self.max_field {
                batch.buffer().truncate(start);
                batch.buffer().extend_from_slice(&too_long(len));
            }
            batch.end_field();
        }
    }

    /// The length of a value the server held back.
    fn held_back(&self, raw: &[u8]) -> Option<usize> {
        if self.too_long_mark.is_empty() {
            return None;
        }
        let digits = raw.strip_prefix(self.too_long_mark.as_slice())?;
        std::str::from_utf8(digits).ok()?.parse().ok()
    }
}

/// What stands for a value beyond the field limit: it starts with a byte that no UTF-8 text has, so that reading it as
/// text, number, date or key is an error of its row, and it says how long the value is.
fn too_long(len: usize) -> Vec<u8> {
    let mut out = vec![0xFF];
    out.extend_from_slice(format!(" value of {len} bytes, beyond the field limit").as_bytes());
    out
}

/// Undoes the backslash escapes: `\b \f \n \r \t \v`, `\xHH` (one or two digits), `\OOO` (one to three), else the character itself.
fn unescape(raw: &[u8], out: &mut Vec<u8>) {
    let mut rest = raw;
    while let Some(at) = rest.iter().position(|&b| b == b'\\') {
        out.extend_from_slice(&rest[..at]);
        let after = &rest[at + 1..];
        let (byte, used) = escape(after);
        out.extend(byte);
        rest = &after[used..];
    }
    out.extend_from_slice(rest);
}

/// The byte that follows a backslash means, and how many bytes say it.
fn escape(after: &[u8]) -> (Option<u8>, usize) {
    let Some(&first) = after.first() else { return (Some(b'\\'), 0) };
    let simple = match first {
        b'b' => 0x08,
        b'f' => 0x0C,
        b'n' => b'\n',
        b'r' => b'\r',
        b't' => b'\t',
        b'v' => 0x0B,
        b'x' => return digits(&after[1..], 16, 2).map_or((Some(b'x'), 1), |(byte, n)| (Some(byte), n + 1)),
        b'0'..=b'7' => return digits(after, 8, 3).map_or((Some(first), 1), |(byte, n)| (Some(byte), n)),
        other => other,
    };
    (Some(simple), 1)
}

fn digits(text: &[u8], radix: u32, most: usize) -> Option<(u8, usize)> {
    let values: Vec<u32> = text.iter().take(most).map_while(|&b| char::from(b).to_digit(radix)).collect();
    let value = values.iter().fold(0u32, |n, d| n * radix + d);
    (!values.is_empty()).then(|| (u8::try_from(value & 0xFF).unwrap_or(0), values.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &[u8], size: usize, width: usize) -> Result<Vec<Option<Vec<u8>>>, CopyError> {
        let mut parser = CopyParser::new(width, 100, "mark");
        let mut batch = Batch::new(width);
        for chunk in text.chunks(size) {
            parser.push(chunk, &mut batch)?;
        }
        parser.finish()?;
        Ok((0..batch.len()).flat_map(|r| (0..width).map(move |c| (r, c))).map(|(r, c)| batch.field(r, c).map(<[u8]>::to_vec)).collect())
    }

    #[test]
    fn chunks_may_end_anywhere() {
        let text = b"a\\tb\t\\N\n\t\\\\N\nx\\x41\\101\\n\\r\\v\\b\\f\\q\t\xc3\xa9\n";
        let whole = parse(text, text.len(), 2).unwrap();
        let expected: [Option<&[u8]>; 6] = [Some(b"a\tb"), None, Some(b""), Some(b"\\N"), Some(b"xAA\n\r\x0b\x08\x0cq"), Some("é".as_bytes())];
        assert_eq!(whole.iter().map(Option::as_deref).collect::<Vec<_>>(), expected);
        for size in 1..text.len() {
            assert_eq!(parse(text, size, 2).unwrap(), whole, "chunks of {size}");
        }
    }

    #[test]
    fn rows_that_are_none_are_errors() {
        assert_eq!(parse(b"a\tb\tc\n", 4, 2), Err(CopyError::Width { found: 3, expected: 2 }));
        assert_eq!(parse(b"a\n", 4, 2), Err(CopyError::Width { found: 1, expected: 2 }));
        assert_eq!(parse(b"a\tb\nc", 4, 2), Err(CopyError::CutRow));
    }

    #[test]
    fn too_long_is_an_unreadable_value_never_a_cut_one() {
        let long = [b"1".repeat(101), b"\n".to_vec()].concat();
        let fields = [parse(&long, 7, 1).unwrap(), parse(b"mark2000\n", 9, 1).unwrap()].concat();
        for (field, len) in fields.iter().zip(["101", "2000"]) {
            let field = field.as_deref().unwrap();
            assert!(std::str::from_utf8(field).is_err());
            assert!(String::from_utf8_lossy(field).contains(len));
        }
        assert_eq!(parse(b"marked\n", 9, 1).unwrap(), [Some(b"marked".to_vec())]);
    }
}
