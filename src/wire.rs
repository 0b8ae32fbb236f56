//! The composition root: what was configured becomes a project of adapters. Nothing else names one.

use crate::adapters::postgres::Postgres;
use crate::adapters::sqlite::Sqlite;
use crate::app::project::{Project, SideAccess};
use crate::cli::{Asked, COVERAGE_FLOOR, CliError, DemoBuilt, DemoPlan, Wiring};
use crate::config::{Settings, Window};
use crate::domain::period::Month;
use crate::domain::side::Side;
use crate::ports::clock::Clock;
use crate::ports::connection::Connection;
use crate::ports::database::Database;
use crate::ports::workspace::WorkspaceDoor;
use async_trait::async_trait;
use std::path::Path;
use std::sync::Arc;

/// The real parts: this machine's clock, files and servers.
#[derive(Debug, Clone)]
pub struct Wire {
    clock: Arc<dyn Clock>,
}

impl Wire {
    fn side(&self, settings: &Settings, side: Side, asked: &Asked) -> Result<SideAccess, CliError> {
        let of_side = settings.side(side);
        let clock = Arc::clone(&self.clock);
        let database: Arc<dyn Database> = match of_side.connection(&|name| std::env::var(name).ok())? {
            Connection::Sqlite(connection) => Arc::new(Sqlite::new(side, connection, clock)),
            Connection::Postgres(mut connection) => {
                connection.allow_writable_role |= asked.allow_writable_role;
                Arc::new(Postgres::new(side, connection, clock))
            }
        };
        // The window here only stands in: each use case puts its own months in its place.
        let now = Month::of(settings.service.zone.day_of(self.clock.now()));
        let days = crate::app::parameters::window(now, now);
        let window = Window { days, zone: settings.service.zone };
        let queries = of_side.queries.keys().filter_map(|entity| Some((*entity, of_side.query(*entity, window)?))).collect();
        Ok(SideAccess { database, queries })
    }
}
