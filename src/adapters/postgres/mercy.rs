//! How busy a PostgreSQL server is.

use super::connect::{APPLICATION, connect};
use super::fault::Blame;
use super::settings;
use crate::adapters::mercy::{Look, Lookout, Unseen};
use crate::domain::side::Side;
use crate::ports::connection::PostgresConnection;
use crate::ports::database::{Fault, Limits};
use async_trait::async_trait;
use sqlx::Row as _;
use sqlx::postgres::PgConnection;
use std::time::Duration;

/// Standby or not; its lag in milliseconds, or the largest of the standbys that read from here; how many of those; whether the role sees
/// what other roles' sessions do; how many of them are at work. A standby that has replayed all it received does not lag, however
/// long ago the last change was, as long as something still sends to it.
const LOOK: &str = "\
SELECT pg_catalog.pg_is_in_recovery(), \
       (1000 * CASE WHEN NOT pg_catalog.pg_is_in_recovery() \
           THEN (SELECT COALESCE(max(extract(epoch FROM replay_lag)), 0) FROM pg_catalog.pg_stat_replication) \
           WHEN pg_catalog.pg_last_wal_receive_lsn() <= pg_catalog.pg_last_wal_replay_lsn() AND EXISTS (SELECT FROM pg_catalog.pg_stat_wal_receiver) \
           THEN 0 \
           ELSE extract(epoch FROM pg_catalog.clock_timestamp() - pg_catalog.pg_last_xact_replay_timestamp()) END)::bigint, \
       (SELECT pg_catalog.count(*) FROM pg_catalog.pg_stat_replication), \
       pg_catalog.pg_has_role(session_user, 'pg_read_all_stats', 'USAGE'), \
       (SELECT pg_catalog.count(*) FROM pg_catalog.pg_stat_activity \
           WHERE state = 'active' AND backend_type = 'client backend' AND application_name IS DISTINCT FROM $1)";

const GRANT: &str = "GRANT pg_read_all_stats TO the role (it lets it see statistics, and nothing else), or leave the setting out";
const NO_SESSIONS: Unseen = Unseen { what: "max_active_sessions is set, and the role may not see what other sessions do", remedy: GRANT };
const NO_STANDBYS: Unseen = Unseen { what: "max_replica_lag is set, and the role may not see how far the standbys are", remedy: GRANT };
const NO_REPLAY: Unseen =
    Unseen { what: "max_replica_lag is set, and this standby has replayed nothing yet", remedy: "see that it gets its changes from the primary" };

/// The server's answer.
#[derive(Debug, Clone, Copy)]
struct Seen {
    standby: bool,
    lag_millis: Option<i64>,
    standbys: i64,
    sees_all: bool,
    active: i64,
}

impl Seen {
    /// A standby's own lag is anybody's to see, and where nothing follows there is none.
    fn look(self) -> Look {
        let lag = match self.lag_millis {
            _ if !self.standby && self.standbys == 0 => Ok(None),
            _ if !self.standby && !self.sees_all => Err(NO_STANDBYS),
            Some(millis) => Ok(Some(Duration::from_millis(u64::try_from(millis).unwrap_or(0)))),
            None => Err(NO_REPLAY),
        };
        Look { lag, active: if self.sees_all { Ok(u64::try_from(self.active).unwrap_or(0)) } else { Err(NO_SESSIONS) } }
    }
}

/// Looks now.
pub async fn look(connection: &mut PgConnection, blame: Blame<'_>) -> Result<Look, Fault> {
    let row = sqlx::query(LOOK).bind(APPLICATION).fetch_one(&mut *connection).await.map_err(|e| blame.driver(&e))?;
    let read = || -> Result<Seen, sqlx::Error> {
        Ok(Seen {
            standby: row.try_get(0)?,
            lag_millis: row.try_get(1)?,
            standbys: row.try_get(2)?,
            sees_all: row.try_get(3)?,
            active: row.try_get(4)?,
        })
    };
    read().map(Seen::look).map_err(|e| blame.driver(&e))
}

/// Looks by a connection of its own.
pub struct Beside {
    /// Which side.
    pub side: Side,
    /// Its server.
    pub to: PostgresConnection,
    /// Bounds of a look.
    pub limits: Limits,
}

#[async_trait]
impl Lookout for Beside {
    type Connection = PgConnection;

    async fn connect(&self) -> Result<PgConnection, Fault> {
        let mut connection = connect(self.side, &self.to).await?;
        settings::pin(&mut connection, Blame::side(self.side), &self.to, &self.limits).await?;
        Ok(connection)
    }

    async fn look(&self, connection: &mut PgConnection) -> Result<Look, Fault> {
        look(connection, Blame::side(self.side)).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_role_may_not_see_is_unseen() {
        let primary = Seen { standby: false, lag_millis: Some(41_000), standbys: 1, sees_all: true, active: 3 };
        let standby = Seen { standby: true, standbys: 0, ..primary };
        let lag = Ok(Some(Duration::from_secs(41)));
        for (seen, wanted) in [
            (primary, lag),
            (Seen { sees_all: false, ..primary }, Err(NO_STANDBYS)),
            (Seen { standbys: 0, lag_millis: Some(0), sees_all: false, ..primary }, Ok(None)),
            (standby, lag),
            (Seen { sees_all: false, ..standby }, lag),
            (Seen { lag_millis: None, ..standby }, Err(NO_REPLAY)),
        ] {
            let look = seen.look();
            assert_eq!((look.lag, look.active), (wanted, if seen.sees_all { Ok(3) } else { Err(NO_SESSIONS) }), "{seen:?}");
        }
    }
}
