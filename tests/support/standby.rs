//! A hot standby of a throwaway cluster.

use crate::cluster::{Cluster, as_server_user, must_succeed, new_directory};

/// A cluster that follows another by streaming replication.
pub fn of(primary: &Cluster) -> Cluster {
    let directory = new_directory();
    let mut copy = as_server_user(&primary.bin.join("pg_basebackup"));
    copy.args(["--write-recovery-conf", "--no-sync", "--checkpoint=fast", "--username=postgres", "--host"]).arg(&primary.directory);
    must_succeed(copy.args(["--port", &primary.port().to_string(), "--pgdata"]).arg(directory.join("data")));
    let follow = format!("primary_conninfo = 'host={} port={} user=postgres'", primary.directory.display(), primary.port());
    Cluster::run(primary.bin.clone(), directory, &[&follow])
}
