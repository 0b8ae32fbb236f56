//! Reads the binary format of COPY: a signature, then rows of a field count and each field's length and bytes, then the
//! end mark (the manual's page of COPY, "Binary Format").
//!
//! Chunks may end anywhere; a server sends a row a chunk. Nothing is set aside for a length before its bytes are there.

use crate::domain::decode::{Batch, Wire};

/// A row beyond this many bytes, times the field limit, ends the stream: it cannot be held.
const ROW_FACTOR: usize = 4;
/// The smallest of such row limits.
const ROW_FLOOR: usize = 64 << 20;
/// What every stream begins with.
const SIGNATURE: &[u8; 11] = b"PGCOPY\n\xFF\r\n\0";
/// Of the header's flags, those a reader must know to read on. None is known.
const CRITICAL: u32 = 0xFFFF_0000;

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
    /// Not the documented format.
    #[error("the stream is misshapen: {0}")]
    Misshapen(&'static str),
}

/// Where the stream is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// Before the end of the header's fixed part.
    Header,
    /// In the header's extension: so many bytes of it are still to come.
    Extension(usize),
    /// Among the rows.
    Rows,
    /// Past the end mark.
    Ended,
}

/// A column that is not sent, since all rows have the same in it.
#[derive(Debug)]
struct Constant {
    text: Vec<u8>,
    /// How many columns that are sent stand before it.
    before: usize,
    /// Where the batch has it.
    at: usize,
}

/// Collects chunks and appends whole rows to a batch.
#[derive(Debug)]
pub struct CopyParser {
    /// Forms the columns that are sent are printed from; text stands for those that are handed on as they come.
    printed: Vec<Wire>,
    /// Of columns that are not sent, what stands in every row of them; after each the columns that are sent, up to the next.
    constants: Vec<Constant>,
    max_field: usize,
    max_row: usize,
    too_long_mark: Vec<u8>,
    stage: Stage,
    /// The beginning of what is not whole yet.
    pending: Vec<u8>,
    /// Where the fields of the row stand that is read, and how long they are; `None` is NULL.
    fields: Vec<Option<(usize, usize)>>,
}

impl CopyParser {
    /// For rows of a field for each of `printed` without a constant, at most `max_field` bytes long: one that is not text is printed from
    /// that form. What has a constant is not sent, and is that in every row. A field that starts with `too_long_mark` stands for one that
    /// the server held back because of its length, which follows the mark.
    pub fn new(printed: &[Wire], constants: &[Option<String>], max_field: usize, too_long_mark: &str) -> Self {
        let max_row = max_field.saturating_mul(ROW_FACTOR).max(ROW_FLOOR);
        let constant = |at: usize| constants.get(at).and_then(Option::as_deref);
        let sent: Vec<Wire> = printed.iter().enumerate().filter(|(at, _)| constant(*at).is_none()).map(|(_, form)| *form).collect();
        let mut held = Vec::new();
        for at in 0..printed.len() {
            if let Some(text) = constant(at) {
                held.push(Constant { text: text.as_bytes().to_vec(), before: at - held.len(), at: 0 });
            }
        }
        Self {
            printed: sent,
            constants: held,
            max_field,
            max_row,
            too_long_mark: too_long_mark.as_bytes().to_vec(),
            stage: Stage::Header,
            pending: Vec::new(),
            fields: Vec::new(),
        }
    }

    /// Takes the next chunk; returns the rows it completed.
    pub fn push(&mut self, chunk: &[u8], batch: &mut Batch) -> Result<u64, CopyError> {
        if self.pending.is_empty() {
            let (rows, used) = self.read(chunk, batch)?;
            self.keep(&chunk[used..])?;
            return Ok(rows);
        }
        self.keep(chunk)?;
        let pending = std::mem::take(&mut self.pending);
        let (rows, used) = self.read(&pending, batch)?;
        self.pending = pending;
        self.pending.drain(..used);
        Ok(rows)
    }

    /// To be called when the stream ended well: nothing may be left over.
    pub fn finish(&self) -> Result<(), CopyError> {
        if self.stage == Stage::Ended && self.pending.is_empty() { Ok(()) } else { Err(CopyError::CutRow) }
    }

    fn keep(&mut self, bytes: &[u8]) -> Result<(), CopyError> {
        if self.pending.len() + bytes.len() > self.max_row {
            return Err(CopyError::RowTooLong(self.max_row));
        }
        self.pending.extend_from_slice(bytes);
        Ok(())
    }

    /// Reads what is whole of `bytes`; returns the rows in it and how many bytes they were.
    fn read(&mut self, bytes: &[u8], batch: &mut Batch) -> Result<(u64, usize), CopyError> {
        let (mut rows, mut used) = (0, 0);
        loop {
            let rest = &bytes[used..];
            let step = match self.stage {
                Stage::Header => self.header(rest)?,
                Stage::Extension(0) => {
                    self.stage = Stage::Rows;
                    Some(0)
                }
                Stage::Extension(left) => {
                    let here = left.min(rest.len());
                    self.stage = Stage::Extension(left - here);
                    (here > 0).then_some(here)
                }
                Stage::Rows => self.row(rest, batch)?.inspect(|_| rows += u64::from(self.stage == Stage::Rows)),
                Stage::Ended if rest.is_empty() => None,
                Stage::Ended => return Err(CopyError::Misshapen("there is more after its end")),
            };
            match step {
                Some(step) => used += step,
                None => return Ok((rows, used)),
            }
        }
    }

    /// The fixed part of the header; `None` where it is not whole.
    fn header(&mut self, bytes: &[u8]) -> Result<Option<usize>, CopyError> {
        let there = bytes.len().min(SIGNATURE.len());
        if bytes[..there] != SIGNATURE[..there] {
            return Err(CopyError::Misshapen("it does not begin with the format's signature"));
        }
        let Some((flags, rest)) = bytes.get(SIGNATURE.len()..).and_then(<[u8]>::split_first_chunk) else { return Ok(None) };
        let Some((extension, _)) = rest.split_first_chunk() else { return Ok(None) };
        if u32::from_be_bytes(*flags) & CRITICAL != 0 {
            return Err(CopyError::Misshapen("it has flags that are not known"));
        }
        let extension = usize::try_from(i32::from_be_bytes(*extension)).map_err(|_| CopyError::Misshapen("its header has a length below nought"))?;
        self.stage = Stage::Extension(extension);
        Ok(Some(SIGNATURE.len() + 8))
    }

    /// A row, or the end mark; `None` where it is not whole, and then nothing of it is in the batch.
    fn row(&mut self, bytes: &[u8], batch: &mut Batch) -> Result<Option<usize>, CopyError> {
        let Some((count, mut rest)) = bytes.split_first_chunk() else { return Ok(None) };
        let count = i16::from_be_bytes(*count);
        if count == -1 {
            self.stage = Stage::Ended;
            return Ok(Some(2));
        }
        let found = usize::try_from(count).map_err(|_| CopyError::Misshapen("a row has fewer than no fields"))?;
        if found != self.printed.len() {
            return Err(CopyError::Width { found, expected: self.printed.len() });
        }
        self.fields.clear();
        for _ in 0..found {
            let Some((length, after)) = rest.split_first_chunk() else { return Ok(None) };
            rest = after;
            let length = match i32::from_be_bytes(*length) {
                -1 => None,
                length => Some(usize::try_from(length).map_err(|_| CopyError::Misshapen("a field has a length below nought"))?),
            };
            if length.is_some_and(|length| length > self.max_row) {
                return Err(CopyError::RowTooLong(self.max_row));
            }
            self.fields.push(length.map(|length| (bytes.len() - rest.len(), length)));
            let Some((_, after)) = rest.split_at_checked(length.unwrap_or(0)) else { return Ok(None) };
            rest = after;
        }
        let row = &bytes[..bytes.len() - rest.len()];
        if batch.is_empty() {
            for constant in &mut self.constants {
                constant.at = batch.lay(&constant.text);
            }
        }
        let start = batch.lay(row);
        let mut constants = self.constants.iter().peekable();
        for (before, (form, field)) in self.printed.iter().zip(&self.fields).enumerate() {
            while let Some(constant) = constants.next_if(|constant| constant.before == before) {
                batch.pick(constant.at, constant.text.len());
            }
            let Some((at, length)) = *field else {
                batch.push(None);
                continue;
            };
            let raw = &row[at..at + length];
            if *form != Wire::Text {
                form.print(raw, batch.buffer());
                batch.end_field();
            } else if let Some(length) = if length > self.max_field { Some(length) } else { self.held_back(raw) } {
                batch.push(Some(&too_long(length)));
            } else {
                batch.pick(start + at, length);
            }
        }
        for constant in constants {
            batch.pick(constant.at, constant.text.len());
        }
        Ok(Some(row.len()))
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

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    type Rows = Vec<Vec<Option<Vec<u8>>>>;

    fn header(extension: &[u8]) -> Vec<u8> {
        let length = u32::try_from(extension.len()).unwrap();
        [&SIGNATURE[..], &[0; 4], &length.to_be_bytes(), extension].concat()
    }

    fn row(fields: &[Option<Vec<u8>>]) -> Vec<u8> {
        let mut out = i16::try_from(fields.len()).unwrap().to_be_bytes().to_vec();
        for field in fields {
            let length = field.as_ref().map_or(-1, |f| i32::try_from(f.len()).unwrap());
            out.extend(length.to_be_bytes());
            out.extend(field.iter().flatten());
        }
        out
    }

    fn stream(rows: &Rows) -> Vec<u8> {
        let mut out = header(b"");
        out.extend(rows.iter().flat_map(|r| row(r)));
        out.extend((-1i16).to_be_bytes());
        out
    }

    fn parse<'a>(chunks: impl IntoIterator<Item = &'a [u8]>, width: usize) -> Result<Rows, CopyError> {
        let mut parser = CopyParser::new(&vec![Wire::Text; width], &[], 100, "mark");
        let mut batch = Batch::new(width);
        let mut rows = 0;
        for chunk in chunks {
            rows += parser.push(chunk, &mut batch)?;
            assert_eq!(rows, u64::try_from(batch.len()).unwrap());
            assert!(parser.pending.len() <= 4096, "it holds no more than came");
        }
        parser.finish()?;
        Ok((0..batch.len()).map(|r| (0..width).map(|c| batch.field(r, c).map(<[u8]>::to_vec)).collect()).collect())
    }

    fn sample() -> Rows {
        vec![vec![Some(b"a\tb".to_vec()), None], vec![Some(Vec::new()), Some(vec![0xFF; 100])], vec![None, None]]
    }

    #[test]
    fn what_is_not_sent_stands_in_every_row() {
        let wires = [Wire::Text, Wire::Text, Wire::Integer, Wire::Text, Wire::Text];
        let constants = ["a", "", "", "b", ""].map(|text| (!text.is_empty()).then(|| text.to_owned()));
        let rows: Rows = vec![vec![Some(b"x".to_vec()), Some(7i16.to_be_bytes().to_vec()), None], vec![None, Some(vec![0, 0]), Some(Vec::new())]];
        let mut parser = CopyParser::new(&wires, &constants, 100, "mark");
        let mut batch = Batch::new(wires.len());
        let bytes = stream(&rows);
        // Batches are emptied between two rows.
        let cut = bytes.len() - row(&rows[1]).len() - 2;
        let mut seen = Vec::new();
        for chunk in [&bytes[..cut], &bytes[cut..]] {
            parser.push(chunk, &mut batch).unwrap();
            for row in 0..batch.len() {
                seen.push((0..5).map(|c| batch.field(row, c).map(|f| String::from_utf8_lossy(f).into_owned())).collect::<Vec<_>>());
            }
            batch.clear();
        }
        parser.finish().unwrap();
        let text = |t: &str| Some(t.to_owned());
        assert_eq!(seen[0], [text("a"), text("x"), text("7"), text("b"), None]);
        assert_eq!(seen[1], [text("a"), None, text("0"), text("b"), text("")]);
        assert_eq!(
            CopyParser::new(&wires, &constants, 100, "mark").push(&stream(&vec![vec![None; 5]]), &mut batch),
            Err(CopyError::Width { found: 5, expected: 3 })
        );
    }

    #[test]
    fn a_header_may_be_extended() {
        let bytes = [header(&[7; 300]), row(&sample()[0]), vec![0xFF, 0xFF]].concat();
        for size in [1, 2, 17, 310, bytes.len()] {
            assert_eq!(parse(bytes.chunks(size), 2).unwrap(), sample()[..1], "chunks of {size}");
        }
    }

    #[test]
    fn rows_that_are_none_are_errors() {
        let all = |parts: &[&[u8]]| parse([&parts.concat()[..]], 2);
        let one = row(&sample()[0]);
        assert_eq!(all(&[&header(b""), &row(&vec![None; 3])]), Err(CopyError::Width { found: 3, expected: 2 }));
        assert_eq!(all(&[&header(b""), &row(&[None])]), Err(CopyError::Width { found: 1, expected: 2 }));
        assert_eq!(all(&[&header(b""), &one]), Err(CopyError::CutRow));
        assert_eq!(all(&[&header(b""), &one, &[0xFF, 0xFF], &one]), Err(CopyError::Misshapen("there is more after its end")));
        assert!(matches!(all(&[b"PGCOPY\n\xFE"]), Err(CopyError::Misshapen(_))));
        assert!(matches!(all(&[SIGNATURE, &[0, 1, 0, 0], &[0; 4]]), Err(CopyError::Misshapen(_))));
        assert!(matches!(all(&[&header(b""), &[0, 2, 0xFF, 0xFF, 0xFF, 0xFE]]), Err(CopyError::Misshapen(_))));
        assert!(matches!(all(&[&header(b""), &[0x80, 0]]), Err(CopyError::Misshapen(_))));
        assert!(matches!(all(&[&header(b""), &[0, 2, 0x7F, 0xFF, 0xFF, 0xFF]]), Err(CopyError::RowTooLong(_))));
    }

    #[test]
    fn too_long_is_an_unreadable_value_never_a_cut_one() {
        let rows = vec![vec![Some(vec![b'1'; 101])], vec![Some(b"mark2000".to_vec())], vec![Some(b"marked".to_vec())]];
        let read = parse(stream(&rows).chunks(7), 1).unwrap();
        for (row, len) in read.iter().zip(["101", "2000"]) {
            let field = row[0].as_deref().unwrap();
            assert!(std::str::from_utf8(field).is_err());
            assert!(String::from_utf8_lossy(field).contains(len));
        }
        assert_eq!(read[2], rows[2]);
    }

    proptest! {
        #[test]
        fn chunks_may_end_anywhere(
            rows in prop::collection::vec(prop::collection::vec(prop::option::of(prop::collection::vec(any::<u8>(), 0..20)), 3), 0..6),
            sizes in prop::collection::vec(1usize..40, 1..60),
        ) {
            let bytes = stream(&rows);
            let mut rest = &bytes[..];
            let mut chunks = Vec::new();
            for size in sizes.iter().cycle() {
                let (chunk, after) = rest.split_at(rest.len().min(*size));
                chunks.push(chunk);
                rest = after;
                if rest.is_empty() {
                    break;
                }
            }
            prop_assert_eq!(parse(chunks, 3).unwrap(), rows);
        }

        /// Bytes changed or cut off anywhere: rows or an error, never a panic, and never more in hand than came.
        #[test]
        fn spoilt_bytes_are_an_error_or_rows(at in 0usize..400, with in any::<u8>(), cut in 0usize..400, size in 1usize..30) {
            let rows = vec![sample()[1].clone(), sample()[0].clone(), sample()[2].clone()];
            let mut bytes = stream(&rows);
            let place = at % bytes.len();
            bytes[place] ^= with;
            bytes.truncate(bytes.len() - cut % bytes.len());
            let read = parse(bytes.chunks(size), 2);
            prop_assert!(cut % bytes.len().max(1) == 0 || read.is_err() || bytes.ends_with(&[0xFF, 0xFF]));
        }
    }
}
