//! Which server answers: MariaDB or MySQL, and whether it is new enough for what is asked of it here.

use super::ask;
use super::fault::Blame;
use crate::domain::text::shown;
use crate::ports::database::{Fault, FaultKind};
use sqlx::mysql::MySqlConnection;

/// The oldest servers whose settings and statements are those used here.
const OLDEST_MARIADB: (u32, u32) = (10, 5);
const OLDEST_MYSQL: (u32, u32) = (5, 7);
/// MySQL has roles from here on, MariaDB always.
const MYSQL_ROLES: (u32, u32) = (8, 0);

/// The server's product and version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Product {
    /// MariaDB, else MySQL or one of its builds.
    pub mariadb: bool,
    /// Major and minor.
    pub version: (u32, u32),
    text: String,
}

impl Product {
    /// Asks the server. One that is too old is refused.
    pub async fn of(connection: &mut MySqlConnection, blame: Blame<'_>) -> Result<Self, Fault> {
        let answer = ask::row(connection, "SELECT @@version, @@version_comment").await.map_err(|e| blame.driver(&e))?;
        let product = Self::told(answer.text(0), answer.text(1));
        let oldest = if product.mariadb { OLDEST_MARIADB } else { OLDEST_MYSQL };
        if product.version < oldest {
            let what = format!("the server is {}, older than {}.{}", product.name(), oldest.0, oldest.1);
            return Err(blame.fault(FaultKind::Refused, what, "read from a newer one"));
        }
        Ok(product)
    }

    fn told(version: &str, comment: &str) -> Self {
        let number = |at: usize| version.split(['.', '-']).nth(at).and_then(|n| n.parse().ok()).unwrap_or(0);
        let is = |text: &str| text.to_ascii_lowercase().contains("mariadb");
        Self {
            mariadb: is(version) || is(comment),
            version: (number(0), number(1)),
            text: shown(version.split(['-', ' ']).next().unwrap_or_default(), 30),
        }
    }

    /// `MariaDB 10.11.19`, `MySQL 8.0.36`.
    pub fn name(&self) -> String {
        format!("{} {}", if self.mariadb { "MariaDB" } else { "MySQL" }, self.text)
    }

    /// Whether accounts can be given roles.
    pub fn has_roles(&self) -> bool {
        self.mariadb || self.version >= MYSQL_ROLES
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_product_is_told_by_version_and_comment() {
        let table = [
            (("10.11.19-MariaDB-0+deb12u1", "Debian 12"), "MariaDB 10.11.19", true),
            (("11.4.2-MariaDB-log", "mariadb.org binary distribution"), "MariaDB 11.4.2", true),
            (("10.6.18", "MariaDB Server"), "MariaDB 10.6.18", true),
            (("8.0.36", "MySQL Community Server - GPL"), "MySQL 8.0.36", true),
            (("8.0.36-28", "Percona Server (GPL), Release 28"), "MySQL 8.0.36", true),
            (("5.7.44-log", "MySQL Community Server (GPL)"), "MySQL 5.7.44", false),
        ];
        for ((version, comment), name, roles) in table {
            let product = Product::told(version, comment);
            assert_eq!((product.name().as_str(), product.has_roles()), (name, roles));
        }
    }
}
