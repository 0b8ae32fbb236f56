//! MariaDB and MySQL as a side; which of the two it is, the server's own version says. Read-only by four layers: the role is
//! inspected, the transaction is REPEATABLE READ, READ ONLY (and a write is seen to be refused in it), each query is judged
//! by its text and prepared by the server, and everything is rolled back. On these servers READ ONLY alone lets
//! through `SELECT … INTO OUTFILE`, locks, DDL and a second START TRANSACTION: the role and the judge are what stops them.
//!
//! | module | what it does |
//! |---|---|
//! | `connect` | reaches the server, TLS or refused |
//! | `product` | MariaDB or MySQL, and how old |
//! | `settings` | pins the session's settings and reads them back |
//! | `role`, `grant` | what the role may do beyond reading |
//! | `snapshot` | opens the transaction, proves it read-only, names it |
//! | `session`, `tripwire` | the session on its snapshot; did it only read |
//! | `judge`, `token`, `literal` | is it one read-only query; its parameters |
//! | `reads` | which tables and functions a query names: are they in the snapshot, do they only read |
//! | `stream`, `value` | rows of the binary protocol to exact text |
//! | `mercy` | how busy the server is |
//! | `warnings` | what the server says it made of values it could not take |
//! | `stop` | really ends a statement's work |
//! | `inspect` | the doctor's findings |
//! | `ask`, `fault` | our own small questions; error numbers to plain words |
//!
//! # How values become text
//! Operator SQL runs as a prepared statement, whose rows come in the binary protocol. Its bytes are printed here, never
//! decoded by the driver: that takes a zero date for NULL, and a text row that begins with 16 MiB for the end of the rows.
//!
//! | type | delivered as |
//! |---|---|
//! | DECIMAL | the server's own digits, all of them |
//! | integers, YEAR, BIT | their digits |
//! | FLOAT, DOUBLE | the decimal of at most 6 or 15 digits that names the value, else `≈0.30000000000000004 (DOUBLE)`, which no decoder takes for a number |
//! | DATE, DATETIME | `2026-05-01`, `2026-05-01 04:00:00.5`; zero dates as they are (`0000-00-00`), so that their row is an error |
//! | TIMESTAMP | the same with `+00:00`: the session's zone is UTC |
//! | TIME | `-12:30:00` |
//! | BINARY, BLOB | their bytes as they are |
//! | all other | the server's text in utf8mb4 |
//!
//! A field beyond the limit is an error of its row, as on PostgreSQL; but the driver holds a row whole before it can be measured, so what
//! bounds memory is the server's own largest row (`max_allowed_packet`, for what its functions make).
//!
//! # How the session reads SQL
//! `sql_mode` is pinned so that what is doubtful is an error: `"x"` is a name as everywhere else, text stands in `'x'`;
//! a group's plain columns must be in GROUP BY; a value the server had to change to use it ends the query.

mod ask;
mod connect;
mod fault;
mod grant;
mod identity;
mod inspect;
mod judge;
mod literal;
mod mercy;
mod product;
mod reads;
mod role;
mod session;
mod settings;
mod snapshot;
mod stop;
mod stream;
mod token;
mod tripwire;
mod value;
mod warnings;

use crate::domain::side::Side;
use crate::ports::clock::Clock;
use crate::ports::connection::MariaDbConnection;
use crate::ports::database::{Database, DatabaseKind, DoctorFinding, Fault, Limits, Session};
use async_trait::async_trait;
use session::{MariaDbSession, Shared};
use std::sync::Arc;
use tokio_util::sync::CancellationToken;

/// A MariaDB or MySQL database of a side, not yet connected.
#[derive(Debug)]
pub struct MariaDb {
    side: Side,
    connection: MariaDbConnection,
    clock: Arc<dyn Clock>,
}

impl MariaDb {
    /// `clock` is this machine's, for the skew against the server's.
    pub fn new(side: Side, connection: MariaDbConnection, clock: Arc<dyn Clock>) -> Self {
        Self { side, connection, clock }
    }
}

#[async_trait]
impl Database for MariaDb {
    fn kind(&self) -> DatabaseKind {
        DatabaseKind::MariaDb
    }

    fn place(&self) -> String {
        connect::place(&self.connection)
    }

    async fn open(&self, limits: &Limits, cancel: &CancellationToken) -> Result<Box<dyn Session>, Fault> {
        let shared = Shared::new(self.side, self.connection.clone(), limits.clone(), cancel.clone(), Arc::clone(&self.clock));
        Ok(Box::new(MariaDbSession::open(shared).await?))
    }

    async fn inspect(&self, limits: &Limits, cancel: &CancellationToken) -> Vec<DoctorFinding> {
        inspect::inspect(self.side, &self.connection, limits, cancel, &self.clock).await
    }
}
