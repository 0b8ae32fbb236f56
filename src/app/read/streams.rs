//! Documents and usage, streamed at once and sent to the parts of the book.

use super::drain::{Taker, drain};
use super::spill::{Spill, bent};
use crate::app::error::AppError;
use crate::app::progress::Observer;
use crate::domain::contract::Entity;
use crate::domain::decode::Row;
use crate::domain::side::Side;
use crate::integrity::Passing;
use crate::integrity::notices::Notices;
use crate::ledger::books::Books;
use crate::ledger::documents::{Documents, PRINTS, twice};
use crate::ledger::lined::{self, Lined};
use crate::ledger::movements::Piles;
use crate::ledger::usage::UsageStream;
use crate::ports::database::{Query, Session};
use crate::ports::workspace::{StoreError, WorkspaceDoor};
use std::collections::HashSet;
use std::sync::Arc;
use tokio_util::sync::CancellationToken;

/// What every stream needs.
#[derive(Clone)]
pub struct Ground {
    pub books: Arc<Books>,
    pub observer: Arc<dyn Observer>,
    pub door: Arc<dyn WorkspaceDoor>,
    pub cancel: CancellationToken,
}

/// A side's documents as they were read.
pub struct DocumentsRead {
    pub documents: Documents,
    spill: Spill,
    /// What was noticed, by slot.
    pub notices: Vec<Notices>,
    /// Hashes of the ids that came more than once.
    pub twice: HashSet<u64>,
}

/// Usage as it was read.
pub struct UsageRead {
    pub usage: UsageStream,
    spill: Spill,
}

impl DocumentsRead {
    /// Their movements, once.
    pub fn gathered(&mut self) -> (Spill, Piles) {
        (self.spill.take(), std::mem::take(&mut self.documents.piles))
    }
}

impl UsageRead {
    /// Its movements, once.
    pub fn gathered(&mut self) -> (Spill, Piles) {
        (self.spill.take(), std::mem::take(&mut self.usage.piles))
    }
}

impl Ground {
    /// Streams a side's documents.
    pub async fn documents(
        &self,
        side: Side,
        session: &mut dyn Session,
        headers: Option<&Query>,
        lines: Option<&Query>,
    ) -> Result<DocumentsRead, AppError> {
        let books = &self.books;
        let mut taken = DocumentTaker {
            books,
            documents: Documents::new(side, books),
            look: Passing::new(books, side, lines.is_some()),
            spill: Spill::new(&self.door),
            prints: Spill::new(&self.door),
            lined: lines.map(|_| (Lined::new(side), Spill::new(&self.door))),
        };
        if let Some(query) = headers {
            drain(session, query, Entity::Invoices, &books.profile, &self.observer, &mut taken).await?;
        }
        if let Some(query) = lines {
            drain(session, query, Entity::InvoiceLines, &books.profile, &self.observer, LineTaker(&mut taken)).await?;
        }
        self.post_lined(&mut taken).await?;
        let mut found = HashSet::new();
        for pile in 0..PRINTS {
            found.extend(twice(&taken.prints.collect(pile, &mut taken.documents.prints)?).map_err(bent)?);
        }
        let DocumentTaker { documents, look, spill, .. } = taken;
        Ok(DocumentsRead { notices: look.finish(&documents), documents, spill, twice: found })
    }

    /// Puts documents and their lines together, pile by pile.
    async fn post_lined(&self, taken: &mut DocumentTaker<'_>) -> Result<(), AppError> {
        let Some((mut lined, mut rows)) = taken.lined.take() else { return Ok(()) };
        for pile in 0..lined::PARTS {
            if self.cancel.is_cancelled() {
                return Err(AppError::Stopped("bringing lines to their documents; nothing was published".to_owned()));
            }
            let bytes = rows.collect(pile, &mut lined.piles)?;
            lined.post(&bytes, taken.books, &mut taken.documents, &mut taken.look).map_err(bent)?;
            taken.make_room()?;
            tokio::task::yield_now().await;
        }
        Ok(())
    }

    /// Streams usage.
    pub async fn usage(&self, session: &mut dyn Session, query: Option<&Query>) -> Result<UsageRead, AppError> {
        let mut taken = UsageTaker { books: &self.books, usage: UsageStream::new(&self.books), spill: Spill::new(&self.door) };
        if let Some(query) = query {
            drain(session, query, Entity::Usage, &self.books.profile, &self.observer, &mut taken).await?;
        }
        let UsageTaker { usage, spill, .. } = taken;
        Ok(UsageRead { usage, spill })
    }
}

struct DocumentTaker<'a> {
    books: &'a Books,
    documents: Documents,
    look: Passing,
    spill: Spill,
    prints: Spill,
    lined: Option<(Lined, Spill)>,
}

impl Taker for &mut DocumentTaker<'_> {
    fn look_ahead<'b>(&mut self, rows: impl Iterator<Item = Row<'b>>) {
        if self.lined.is_none() {
            self.documents.look_ahead(rows, self.books);
        }
    }

    fn row(&mut self, row: &Row<'_>) {
        match &mut self.lined {
            None => self.documents.push(row, self.books, &mut self.look),
            Some((lined, _)) => lined.push_header(row, self.books, &mut self.documents),
        }
    }

    fn make_room(&mut self) -> Result<(), StoreError> {
        DocumentTaker::make_room(self)
    }
}

impl DocumentTaker<'_> {
    fn make_room(&mut self) -> Result<(), StoreError> {
        if let Some((lined, spill)) = &mut self.lined {
            spill.make_room(&mut lined.piles)?;
        }
        self.prints.make_room(&mut self.documents.prints)?;
        self.spill.make_room(&mut self.documents.piles)
    }
}

struct LineTaker<'a, 'b>(&'a mut DocumentTaker<'b>);

impl Taker for LineTaker<'_, '_> {
    fn row(&mut self, row: &Row<'_>) {
        if let Some((lined, _)) = &mut self.0.lined {
            lined.push_line(row, self.0.books, &mut self.0.documents);
        }
    }

    fn make_room(&mut self) -> Result<(), StoreError> {
        self.0.make_room()
    }
}

struct UsageTaker<'a> {
    books: &'a Books,
    usage: UsageStream,
    spill: Spill,
}

impl Taker for &mut UsageTaker<'_> {
    fn look_ahead<'b>(&mut self, rows: impl Iterator<Item = Row<'b>>) {
        self.usage.look_ahead(rows, self.books);
    }

    fn row(&mut self, row: &Row<'_>) {
        self.usage.push(row, self.books);
    }

    fn make_room(&mut self) -> Result<(), StoreError> {
        self.spill.make_room(&mut self.usage.piles)
    }
}
