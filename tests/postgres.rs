//! The PostgreSQL side against a real server: sessions, refusals, limits, roles, broken connections, TLS.
//! Nasty inputs come from `tests/nasty/`; each test names the case ids whose wanted outcome it holds.

// A test says what it expects by panicking; helpers outside `#[test]` functions are tests too.
#![allow(clippy::expect_used, clippy::panic)]

#[path = "support/postgres.rs"]
mod cluster;
#[path = "postgres/fixture.rs"]
mod fixture;
#[path = "support/side_profile.rs"]
mod side_profile;
#[path = "support/slow_link.rs"]
mod slow_link;
#[path = "support/standby.rs"]
mod standby;

#[path = "postgres/broken.rs"]
mod broken;
#[path = "postgres/far.rs"]
mod far;
#[path = "postgres/forms.rs"]
mod forms;
#[path = "postgres/mercy.rs"]
mod mercy;
#[path = "postgres/probes.rs"]
mod probes;
#[path = "postgres/proxy.rs"]
mod proxy;
#[path = "postgres/roles.rs"]
mod roles;
#[path = "postgres/story.rs"]
mod story;
#[path = "postgres/tls.rs"]
mod tls;
#[path = "postgres/values.rs"]
mod values;
