//! Writing the files of a dossier, each with its digest taken on the way.

use crate::app::error::AppError;
use crate::domain::dossier::Sealed;
use crate::domain::text::shown;
use crate::ports::dossier::DossierSink;
use serde::Serialize;
use std::io;

/// Bytes gathered before they are written.
const GATHERED: usize = 1 << 16;

/// Writes files one after another.
pub(super) struct Pen<'a> {
    sink: &'a mut dyn DossierSink,
    files: Vec<Sealed>,
    open: Option<(String, u64, blake3::Hasher)>,
    gathered: Vec<u8>,
}

impl<'a> Pen<'a> {
    pub fn new(sink: &'a mut dyn DossierSink) -> Self {
        Self { sink, files: Vec::new(), open: None, gathered: Vec::new() }
    }

    /// Begins a file, and ends the one before.
    pub fn begin(&mut self, name: &str) -> Result<(), AppError> {
        self.close()?;
        self.sink.begin(name).map_err(|e| failed(name, &e))?;
        self.open = Some((name.to_owned(), 0, blake3::Hasher::new()));
        Ok(())
    }

    /// A line of JSON.
    pub fn line(&mut self, value: &impl Serialize) -> Result<(), AppError> {
        serde_json::to_writer(&mut self.gathered, value).map_err(|e| AppError::Bug(format!("writing a line of the dossier: {e}")))?;
        self.gathered.push(b'\n');
        if self.gathered.len() >= GATHERED { self.flush() } else { Ok(()) }
    }

    /// A whole file.
    pub fn whole(&mut self, name: &str, bytes: &[u8]) -> Result<(), AppError> {
        self.begin(name)?;
        self.gathered.extend_from_slice(bytes);
        self.flush()
    }

    /// A whole file of one value.
    pub fn value(&mut self, name: &str, value: &impl Serialize) -> Result<(), AppError> {
        let text = serde_json::to_string_pretty(value).map_err(|e| AppError::Bug(format!("writing {name} of the dossier: {e}")))?;
        self.whole(name, (text + "\n").as_bytes())
    }

    fn flush(&mut self) -> Result<(), AppError> {
        let Some((name, bytes, hasher)) = &mut self.open else { return Ok(()) };
        *bytes += self.gathered.len() as u64;
        hasher.update(&self.gathered);
        self.sink.write(&self.gathered).map_err(|e| failed(name, &e))?;
        self.gathered.clear();
        Ok(())
    }

    fn close(&mut self) -> Result<(), AppError> {
        self.flush()?;
        if let Some((name, bytes, hasher)) = self.open.take() {
            self.files.push(Sealed { name, bytes, blake3: hasher.finalize().to_hex().to_string() });
        }
        Ok(())
    }

    /// The files written, by name.
    pub fn files(&mut self) -> Result<Vec<Sealed>, AppError> {
        self.close()?;
        self.files.sort();
        Ok(self.files.clone())
    }
}

fn failed(name: &str, error: &io::Error) -> AppError {
    AppError::Usage(format!("the dossier's {}: {error} — nothing was written; name a folder with room, which this user may write", shown(name, 80)))
}
