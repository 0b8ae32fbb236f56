//! The MariaDB side against a real server: sessions, refusals, limits, accounts, broken connections, TLS; and a fake server
//! that asks for the password as MySQL 8 does.

// A test says what it expects by panicking; helpers outside `#[test]` functions are tests too.
#![allow(clippy::expect_used, clippy::panic)]

#[path = "mariadb/fixture.rs"]
mod fixture;
#[path = "postgres/proxy.rs"]
mod proxy;
#[path = "support/mariadb.rs"]
mod server;

#[path = "mariadb/broken.rs"]
mod broken;
#[path = "mariadb/mercy.rs"]
mod mercy;
#[path = "mariadb/mysql8.rs"]
mod mysql8;
#[path = "mariadb/probes.rs"]
mod probes;
#[path = "mariadb/roles.rs"]
mod roles;
#[path = "mariadb/story.rs"]
mod story;
#[path = "mariadb/tls.rs"]
mod tls;
#[path = "mariadb/values.rs"]
mod values;
