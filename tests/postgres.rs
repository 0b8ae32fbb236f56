//! The PostgreSQL side against a real server: sessions, refusals, limits, roles, broken connections, TLS.
//! Nasty inputs come from `tests/nasty/`; each test names the case ids whose wanted outcome it holds.

#[path = "support/postgres.rs"]
mod cluster;
#[path = "postgres/fixture.rs"]
mod fixture;

#[path = "postgres/broken.rs"]
mod broken;
#[path = "postgres/probes.rs"]
mod probes;
#[path = "postgres/roles.rs"]
mod roles;
#[path = "postgres/story.rs"]
mod story;
#[path = "postgres/tls.rs"]
mod tls;
#[path = "postgres/values.rs"]
mod values;
