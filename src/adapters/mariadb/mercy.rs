//! How busy a MariaDB or MySQL server is. Sessions at work are the server's own count, which any account may ask for, threads of
//! replication within it; how far a replica is behind takes a privilege that lets an account see just that.

use super::ask;
use super::connect::connect;
use super::fault::{Blame, number};
use super::product::Product;
use super::settings;
use crate::adapters::mercy::{Look, Lookout, Unseen};
use crate::domain::side::Side;
use crate::ports::connection::{MariaDbConnection, Mercy};
use crate::ports::database::{Fault, Limits};
use async_trait::async_trait;
use sqlx::AssertSqlSafe;
use sqlx::mysql::MySqlConnection;
use std::time::Duration;

/// A privilege is needed that the account does not have.
const DENIED: u16 = 1227;
/// Words the server does not know: MySQL before 8.0.22 has replicas by their old name only, and from 8.4 on by the new one.
const NOT_KNOWN: u16 = 1064;
/// What the lag is called, by age and product.
const BEHIND: [&str; 2] = ["Seconds_Behind_Source", "Seconds_Behind_Master"];

const MAY_NOT_SEE: &str = "max_replica_lag is set, and the account may not see how far a replica is behind";
const MARIADB_GRANT: Unseen = Unseen {
    what: MAY_NOT_SEE,
    remedy: "GRANT SLAVE MONITOR ON *.* TO the account (it lets it see how replication is, and nothing else), or leave the setting out",
};
const MYSQL_GRANT: Unseen = Unseen {
    what: MAY_NOT_SEE,
    remedy: "GRANT REPLICATION CLIENT ON *.* TO the account (it lets it see how replication is, and nothing else), or leave the setting out",
};
const STOPPED: Unseen = Unseen {
    what: "max_replica_lag is set, and this replica does not know how far it is behind: its replication does not run",
    remedy: "start it at the server (START REPLICA), or leave the setting out",
};
const FOLLOWED: Unseen = Unseen {
    what: "max_replica_lag is set, and this server is no replica: how far those are that follow it, it does not know",
    remedy: "read from a replica, which knows its own lag, or leave the setting out",
};
const NO_COUNT: Unseen = Unseen {
    what: "max_active_sessions is set, and the server does not tell how many sessions are at work",
    remedy: "connect to the server itself, not through a proxy, or leave the setting out",
};

/// What the server says of replication.
#[derive(Debug, Clone, Default)]
struct Replication {
    /// Seconds behind, for each source this server replicates from; `None` where it does not know.
    behind: Vec<Option<u64>>,
    /// Replicas connected here; `None` where the server does not count them (MySQL).
    followers: Option<u64>,
}

impl Replication {
    /// The largest lag. Of its own replicas no server knows how far they are.
    fn lag(&self) -> Result<Option<Duration>, Unseen> {
        if self.behind.is_empty() {
            return if self.followers == Some(0) { Ok(None) } else { Err(FOLLOWED) };
        }
        let known: Option<Vec<u64>> = self.behind.iter().copied().collect();
        known.map(|all| all.into_iter().max().map(Duration::from_secs)).ok_or(STOPPED)
    }
}

/// Looks now, at what is asked for. `ours` are connections that read for us; this one is another.
pub async fn look(connection: &mut MySqlConnection, blame: Blame<'_>, product: &Product, mercy: &Mercy, ours: Option<u64>) -> Result<Look, Fault> {
    let asked = "SHOW GLOBAL STATUS WHERE Variable_name IN ('Threads_running', 'Slaves_connected')";
    let counts = ask::rows(connection, asked).await.map_err(|e| blame.driver(&e))?;
    let count = |name: &str| counts.iter().find(|r| r.text(0).eq_ignore_ascii_case(name)).and_then(|r| r.text(1).parse::<u64>().ok());
    let active = match count("Threads_running") {
        Some(running) if mercy.max_active_sessions.is_some() => Ok(running.saturating_sub(at_work(connection, blame, ours).await?)),
        Some(running) => Ok(running),
        None => Err(NO_COUNT),
    };
    let lag = match mercy.max_replica_lag {
        Some(_) => match behind(connection, blame, product).await? {
            Some(behind) => Replication { behind, followers: count("Slaves_connected") }.lag(),
            None => Err(if product.mariadb { MARIADB_GRANT } else { MYSQL_GRANT }),
        },
        None => Ok(None),
    };
    Ok(Look { lag, active })
}

/// How many of this and our other connection the server counts as at work: what is its own, any account sees.
async fn at_work(connection: &mut MySqlConnection, blame: Blame<'_>, ours: Option<u64>) -> Result<u64, Fault> {
    let other = ours.map(|id| format!(", {id}")).unwrap_or_default();
    let sql = format!("SELECT COUNT(*) FROM information_schema.processlist WHERE command <> 'Sleep' AND id IN (CONNECTION_ID(){other})");
    let row = ask::row(connection, AssertSqlSafe(sql)).await.map_err(|e| blame.driver(&e))?;
    Ok(row.text(0).parse().unwrap_or(0))
}

/// Seconds behind each source of this server, none where it is no replica; `None` where the account may not see it.
async fn behind(connection: &mut MySqlConnection, blame: Blame<'_>, product: &Product) -> Result<Option<Vec<Option<u64>>>, Fault> {
    let first = if product.mariadb { "SHOW ALL SLAVES STATUS" } else { "SHOW REPLICA STATUS" };
    let told = match ask::column(connection, first, &BEHIND).await {
        Err(error) if number(&error) == Some(NOT_KNOWN) => ask::column(connection, "SHOW SLAVE STATUS", &BEHIND).await,
        told => told,
    };
    match told {
        Ok(told) => Ok(Some(told.iter().map(|seconds| seconds.as_ref().and_then(|s| s.parse().ok())).collect())),
        Err(error) if number(&error) == Some(DENIED) => Ok(None),
        Err(error) => Err(blame.driver(&error)),
    }
}

/// Looks by a connection of its own.
pub struct Beside {
    /// Which side.
    pub side: Side,
    /// Its server.
    pub to: MariaDbConnection,
    /// Bounds of a look.
    pub limits: Limits,
    /// Which server it is.
    pub product: Product,
    /// The connection that reads.
    pub reader: u64,
}

#[async_trait]
impl Lookout for Beside {
    type Connection = MySqlConnection;

    async fn connect(&self) -> Result<MySqlConnection, Fault> {
        let mut connection = connect(self.side, &self.to).await?;
        settings::pin(&mut connection, Blame::side(self.side), &self.limits, &self.to.mercy).await?;
        Ok(connection)
    }

    async fn look(&self, connection: &mut MySqlConnection) -> Result<Look, Fault> {
        look(connection, Blame::side(self.side), &self.product, &self.to.mercy, Some(self.reader)).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lag_that_nobody_knows_is_no_calm() {
        for (behind, followers, wanted) in [
            (&[Some(0)][..], Some(0), Ok(Some(Duration::ZERO))),
            // Of several sources the last counts, and one that stands still is not known.
            (&[Some(3), Some(41)], None, Ok(Some(Duration::from_secs(41)))),
            (&[Some(3), None], Some(0), Err(STOPPED)),
            (&[], Some(0), Ok(None)),
            (&[], Some(2), Err(FOLLOWED)),
            // MySQL does not count its replicas.
            (&[], None, Err(FOLLOWED)),
        ] {
            assert_eq!(Replication { behind: behind.to_vec(), followers }.lag(), wanted, "{behind:?} {followers:?}");
        }
    }
}
