//! Documents and usage, streamed at once and sent to the parts of the book.

use super::drain::{Taker, drain, drain_sums};
use super::spill::{Spill, bent};
use crate::app::error::AppError;
use crate::app::progress::{Observer, Progress};
use crate::domain::contract::Entity;
use crate::domain::contract::columns::usage;
use crate::domain::decode::{ResultColumn, Row, Wire};
use crate::domain::run::{UsageReading, UsageWay};
use crate::domain::side::Side;
use crate::integrity::Passing;
use crate::integrity::notices::Notices;
use crate::ledger::books::Books;
use crate::ledger::documents::{Documents, PRINTS, twice};
use crate::ledger::lined::{self, Lined};
use crate::ledger::movements::Piles;
use crate::ledger::summing::{self, Choice, SumCount};
use crate::ledger::usage::UsageStream;
use crate::ports::database::{Query, Session, Summed, Summing};
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
    /// How usage is to be read.
    pub usage: Choice,
    /// Most records one query may deliver.
    pub most: u64,
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

/// How the server is to add usage up.
const SUMMING: Summing = {
    let [subscription, metric, period, quantity] = summing::SUMMED;
    Summing { by: [subscription, metric, period], of: quantity }
};

/// Usage as it was read.
pub struct UsageRead {
    pub usage: UsageStream,
    /// How, where it is mapped.
    pub told: Option<UsageReading>,
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

    /// Streams usage, in the way that was chosen. Whatever sums do not tell is read record by record: so what it comes to is always what the
    /// records come to.
    pub async fn usage(&self, session: &mut dyn Session, query: Option<&Query>) -> Result<UsageRead, AppError> {
        let Some(query) = query else {
            return Ok(UsageRead { usage: UsageStream::new(&self.books), told: None, spill: Spill::new(&self.door) });
        };
        let Choice { way, mut why } = self.usage.clone();
        let refused = match way {
            UsageWay::Records => false,
            UsageWay::Sums => match self.sums(session, query).await? {
                Ok((usage, sums, spill)) => {
                    let told = UsageReading { way, why, records: usage.read, sums: Some(sums), refused: false };
                    return Ok(UsageRead { usage, told: Some(told), spill });
                }
                Err(refusal) => {
                    self.observer.hear(Progress::Phase(format!("reading usage record by record: {refusal}")));
                    why = refusal;
                    true
                }
            },
        };
        let mut taken = UsageTaker { books: &self.books, usage: UsageStream::new(&self.books), spill: Spill::new(&self.door) };
        drain(session, query, Entity::Usage, &self.books.profile, &self.observer, &mut taken).await?;
        let UsageTaker { mut usage, mut spill, .. } = taken;
        lay_rest(&mut usage, &mut spill, &self.books)?;
        let sums = usage.sums.as_ref().map(SumCount::count);
        let told = UsageReading { way: UsageWay::Records, why, records: usage.read, sums, refused };
        Ok(UsageRead { usage, told: Some(told), spill })
    }

    /// Streams usage as the server's sums; or says why that would not be what its records are.
    async fn sums(&self, session: &mut dyn Session, query: &Query) -> Result<Result<(UsageStream, u64, Spill), String>, AppError> {
        if let Err(why) = summing::tells_all(&session.judge(query).await?) {
            return Ok(Err(why));
        }
        let usage = UsageStream::new(&self.books);
        let mut taken = SumTaker { books: &self.books, usage, spill: Spill::new(&self.door), sums: 0, most: self.most, refused: None };
        let summed = drain_sums(session, (query, SUMMING), Entity::Usage, &self.books.profile, &self.observer, &mut taken).await?;
        Ok(match (summed, taken.refused) {
            (Summed::Refused(why), _) => Err(why),
            (Summed::Whole, Some(why)) => Err(why.to_owned()),
            (Summed::Whole, None) => {
                let SumTaker { mut usage, mut spill, sums, .. } = taken;
                lay_rest(&mut usage, &mut spill, &self.books)?;
                Ok((usage, sums, spill))
            }
        })
    }
}

/// Sends on what was still being added up.
fn lay_rest(usage: &mut UsageStream, spill: &mut Spill, books: &Books) -> Result<(), StoreError> {
    while usage.lay_rest(books) {
        spill.make_room(&mut usage.piles)?;
    }
    Ok(())
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
    fn columns(&mut self, columns: &[ResultColumn]) {
        self.usage.sums = summing::tells_all(columns).is_ok().then(SumCount::default);
        self.usage.sums_are_of_days = columns.iter().any(|c| c.name == usage::PERIOD_START.name() && c.wire == Wire::Date);
    }

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

/// Takes sums, as long as each of them stands for nothing but records that add up.
struct SumTaker<'a> {
    books: &'a Books,
    usage: UsageStream,
    spill: Spill,
    sums: u64,
    /// Most records.
    most: u64,
    /// Why they are to be read one by one.
    refused: Option<&'static str>,
}

impl Taker for &mut SumTaker<'_> {
    fn records(&self) -> Option<u64> {
        Some(self.usage.read)
    }

    fn look_ahead<'b>(&mut self, rows: impl Iterator<Item = Row<'b>>) {
        self.usage.look_ahead(rows, self.books);
    }

    fn row(&mut self, row: &Row<'_>) {
        if self.refused.is_some() {
            return;
        }
        self.sums += 1;
        let (records, sound) = (row.count_at(Summing::RECORDS), row.count_at(Summing::SOUND));
        self.refused = match records {
            Some(records) if records == sound.unwrap_or(0) && self.usage.push_sum(row, records, self.books) => {
                (self.usage.read > self.most).then_some("there are more of them than max_rows")
            }
            _ => Some("some cannot be added up"),
        };
    }

    fn make_room(&mut self) -> Result<(), StoreError> {
        self.spill.make_room(&mut self.usage.piles)
    }
}
