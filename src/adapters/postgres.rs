//! PostgreSQL as a side. Read-only by four layers: the role is inspected, the transaction is REPEATABLE READ READ ONLY,
//! the server's own grammar judges each query as a prepared cursor, and everything is rolled back.
//!
//! | module | what it does |
//! |---|---|
//! | `connect` | reaches the server, TLS or refused |
//! | `settings` | pins the session's settings and reads them back |
//! | `role` | what the role may do beyond reading |
//! | `session`, `savepoint`, `tripwire` | the session on its snapshot; what its work stands in; did it only read |
//! | `judge`, `token`, `literal` | is it one read-only query; its parameters |
//! | `form`, `stream`, `copy` | in which form each column is sent; the binary format of COPY into batches |
//! | `sums` | a query as the server's own exact sums of it |
//! | `mercy` | how busy the server is |
//! | `stop` | really ends a backend's work |
//! | `inspect` | the doctor's findings |
//! | `fault` | SQLSTATE to plain words |

mod connect;
mod constants;
mod copy;
mod fault;
mod form;
mod inspect;
mod judge;
mod literal;
mod mercy;
mod role;
mod savepoint;
mod session;
mod settings;
mod stop;
mod stream;
mod sums;
mod token;
mod tripwire;

use crate::domain::side::Side;
use crate::ports::clock::Clock;
use crate::ports::connection::PostgresConnection;
use crate::ports::database::{Database, DatabaseKind, DoctorFinding, Fault, Limits, Session};
use async_trait::async_trait;
use session::{PgSession, Shared};
use std::sync::Arc;
use tokio_util::sync::CancellationToken;

/// A PostgreSQL database of a side, not yet connected.
#[derive(Debug)]
pub struct Postgres {
    side: Side,
    connection: PostgresConnection,
    clock: Arc<dyn Clock>,
}

impl Postgres {
    /// `clock` is this machine's, for the skew against the server's.
    pub fn new(side: Side, connection: PostgresConnection, clock: Arc<dyn Clock>) -> Self {
        Self { side, connection, clock }
    }
}

#[async_trait]
impl Database for Postgres {
    fn kind(&self) -> DatabaseKind {
        DatabaseKind::Postgres
    }

    fn place(&self) -> String {
        connect::place(&self.connection)
    }

    async fn open(&self, limits: &Limits, cancel: &CancellationToken) -> Result<Box<dyn Session>, Fault> {
        let shared = Shared::new(self.side, self.connection.clone(), limits.clone(), cancel.clone(), Arc::clone(&self.clock));
        Ok(Box::new(PgSession::open(&shared, None).await?))
    }

    async fn inspect(&self, limits: &Limits, cancel: &CancellationToken) -> Vec<DoctorFinding> {
        inspect::inspect(self.side, &self.connection, limits, cancel, &self.clock).await
    }
}
