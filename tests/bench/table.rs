//! Medians, and the table they are printed in.

use super::measure::Cost;
use std::time::Duration;

/// A line of the table: one way of doing the work, measured several times.
pub struct Line {
    pub name: String,
    pub costs: Vec<Cost>,
}

impl Line {
    pub fn new(name: &str) -> Self {
        Self { name: name.to_owned(), costs: Vec::new() }
    }

    /// The median of one of its figures.
    pub fn median<T: Ord + Copy + Default>(&self, of: impl Fn(&Cost) -> T) -> T {
        let mut all: Vec<T> = self.costs.iter().map(of).collect();
        all.sort_unstable();
        all.get(all.len() / 2).copied().unwrap_or_default()
    }

    fn range(&self) -> String {
        let walls = || self.costs.iter().map(|c| c.wall);
        format!("{}-{}", seconds(walls().min().unwrap_or_default()), seconds(walls().max().unwrap_or_default()))
    }
}

/// Prints all lines; the first is the floor the others are divided by.
pub fn print(lines: &[&Line], cells: u64) {
    println!(
        "{:<24} {:>8} {:>15} {:>9} {:>9} {:>9} {:>9} {:>10} {:>8} {:>8} {:>8}",
        "", "wall s", "range", "client s", "server s", "total s", "peak MiB", "rows/s", "× floor", "stored s", "× floor"
    );
    let floor = lines.first().map_or(Duration::ZERO, |l| l.median(|c| c.wall));
    for line in lines {
        let (wall, client, server) = (line.median(|c| c.wall), line.median(|c| c.client), line.median(|c| c.server));
        println!(
            "{:<24} {:>8} {:>15} {:>9} {:>9} {:>9} {:>9} {:>10} {:>8.2} {:>8} {:>8.2}",
            line.name,
            seconds(wall),
            line.range(),
            seconds(client),
            seconds(server),
            seconds(line.median(|c| c.client + c.server)),
            format!("{:.1}", f64::from(u32::try_from(line.median(|c| c.peak)).unwrap_or(u32::MAX)) / 1024.0),
            per_second(cells, wall),
            wall.as_secs_f64() / floor.as_secs_f64(),
            seconds(line.median(|c| c.stored)),
            line.median(|c| c.stored).as_secs_f64() / floor.as_secs_f64(),
        );
    }
}

pub fn seconds(time: Duration) -> String {
    format!("{:.2}", time.as_secs_f64())
}

fn per_second(cells: u64, wall: Duration) -> u128 {
    u128::from(cells) * 1000 / wall.as_millis().max(1)
}
