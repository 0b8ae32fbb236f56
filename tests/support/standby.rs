//! A hot standby of a throwaway cluster.

use crate::cluster::{Cluster, as_server_user, must_succeed, new_directory};

/// A cluster that follows another by streaming replication.
pub fn of(primary: &Cluster) -> Cluster {
    let directory = new_directory();
    let mut copy = as_server_user(&primary.bin.join("pg_basebackup"));
    copy.args(["--write-recovery-conf", "--no-sync", "--checkpoint=fast", "--username=postgres", "--host"]).arg(&primary.directory);
    must_succeed(copy.args(["--port", &primary.port().to_string(), "--pgdata"]).arg(directory.join("data")));
    let follow = format!("primary_conninfo = 'host={} port={} user=postgres'", primary.directory.display(), primary.port());
    let standby = Cluster::run(primary.bin.clone(), directory, &[&follow]);
    // It takes connections before it has found its primary, and knows no lag before it has replayed a commit of it.
    primary.psql("postgres", "select pg_current_xact_id()");
    let follows = "select exists (select from pg_stat_wal_receiver where status = 'streaming') and pg_last_xact_replay_timestamp() is not null";
    for _ in 0..200 {
        if standby.psql("postgres", follows) == "t" {
            return standby;
        }
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    panic!("the standby does not follow its primary");
}
