//! Each kind of act about gates and the flip, killed at each of its write points: the act is there whole, with its entry, or neither is.
//!
//! The points are fixed: the kernel ends the process at the very write by which a file would pass a limit, and the limit goes up by
//! half a frame of the log from one process to the next, so that whole frames and torn ones are met, until the act gets through.

use crate::child;
use crate::writer;
use chrono::{DateTime, Utc};
use dualrun::domain::flip::{Begun, Direction, FlipDeed, Point, Rehearsal, Seen, Step, Timed, Told};
use dualrun::domain::gate::{Binding, BreakGlass, CheckEvidence, GateDeed, Outcome, Part, Seal, SignOff, StandsOn};
use rustix::process::{Resource, Rlimit, setrlimit};
use std::collections::BTreeMap;
use std::os::unix::process::ExitStatusExt as _;
use std::path::Path;

/// Which act a child makes, and how many bytes the log may grow by.
const WHAT: &str = "DUALRUN_TEST_ACT";
/// Half a frame of the log: a page and its header are 4,120 bytes.
const HALF: u64 = 2_060;
/// Sent to who writes beyond its limit.
const SIGXFSZ: i32 = 25;
/// More than any act needs.
const MOST: u64 = 400;

fn at() -> DateTime<Utc> {
    "2026-06-01T12:00:00Z".parse().unwrap()
}

fn seal() -> Seal {
    Seal::Ssh { principal: "ana@x".into(), fingerprint: "SHA256:x".into(), signature: "x".repeat(600) }
}

/// One of each kind, a long one among them.
fn deeds() -> Vec<GateDeed> {
    let evidence = CheckEvidence {
        stage: "s".into(),
        check: "c".into(),
        environment: "production".into(),
        outcome: Outcome::Pass,
        summary: "stated".into(),
        observed: vec!["seen".repeat(40); 40],
        stands_on: StandsOn { check: "d".into(), config: "c".into(), program: "p".into(), ..StandsOn::default() },
    };
    let binding = Binding(Part::ALL.into_iter().map(|part| (part, "d".repeat(64))).collect());
    let sign = SignOff { stage: "s".into(), environment: "production".into(), role: "finance".into(), binding, seal: seal() };
    let glass = BreakGlass {
        reason: "tonight".into(),
        blockers: vec!["18 rows".into(); 20],
        stakes: BTreeMap::new(),
        configuration: None,
        place: None,
        exposure: Vec::new(),
        expires: at(),
        seal: seal(),
    };
    let point = |count: usize| Point {
        wave: 1,
        direction: Direction::Forward,
        step: Step::ALL[0],
        subscriptions: (0..count).map(|n| format!("sub-{n}")).collect(),
    };
    let begun = Begun {
        wave: 1,
        direction: Direction::Forward,
        pack: "d".into(),
        phrase: "flip 1".into(),
        certificate: Some("c".into()),
        run: Some(3),
        place: None,
    };
    let timed = vec![Timed { what: "flip".into(), milliseconds: 7 }];
    let rehearsal = Rehearsal { wave: 1, pack: "d".into(), place: "copy".into(), whole: true, failure: None, steps: timed, began_at: at() };
    let flip = |deed| GateDeed::Flip(Box::new(deed));
    vec![
        GateDeed::Observe(Box::new(evidence)),
        GateDeed::Sign(Box::new(sign)),
        GateDeed::NoGo { stage: "s".into(), environment: "production".into(), reason: "not yet".into() },
        GateDeed::WaiveCheck {
            stage: "s".into(),
            check: "c".into(),
            environment: "production".into(),
            evidence: "d".repeat(64),
            reason: "known".into(),
            expires: at(),
            seal: seal(),
        },
        GateDeed::Confirm { act: 1, of: "d".repeat(64), seal: seal() },
        GateDeed::Withdraw { act: 1, reason: "wrong".into() },
        GateDeed::BreakGlass(Box::new(glass)),
        flip(FlipDeed::Rehearsed(Box::new(rehearsal))),
        flip(FlipDeed::Begun(Box::new(begun))),
        flip(FlipDeed::Sending(point(1_000))),
        flip(FlipDeed::Answered { of: point(1), told: vec![Told::Applied] }),
        flip(FlipDeed::ReadBack { of: point(1), seen: vec![Seen::There] }),
        flip(FlipDeed::Ended { wave: 1, direction: Direction::Forward }),
    ]
}

/// Makes one act with so much room to write.
#[tokio::test]
async fn child_that_makes_one_act_within_a_limit() {
    let Some(dir) = child::directory() else { return };
    let what = std::env::var(WHAT).unwrap();
    let (which, room) = what.split_once(' ').unwrap();
    let writer = writer(&dir).await;
    let size = std::fs::metadata(dir.join(".dualrun/workspace.db-wal")).map_or(0, |file| file.len());
    let limit = |most| Rlimit { current: Some(most), maximum: Some(most) };
    setrlimit(Resource::Core, limit(0)).unwrap();
    setrlimit(Resource::Fsize, limit(size + room.parse::<u64>().unwrap())).unwrap();
    let deed = deeds().swap_remove(which.parse().unwrap());
    writer.gate_act("nexacloud", "ana", &deed, Some(1)).await.unwrap();
    // What comes after it was acknowledged, as folding the log back, is not asked here.
    std::process::exit(0);
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir(to.join(".dualrun")).unwrap();
    for entry in std::fs::read_dir(from.join(".dualrun")).unwrap().flatten().filter(|entry| entry.path().is_file()) {
        std::fs::copy(entry.path(), to.join(".dualrun").join(entry.file_name())).unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_at_each_write_point_an_act_is_there_with_its_entry_or_neither_is() {
    let base = tempfile::tempdir().unwrap();
    let first = GateDeed::NoGo { stage: "s".into(), environment: "production".into(), reason: "first".into() };
    let before = {
        let writer = writer(base.path()).await;
        writer.gate_act("nexacloud", "ana", &first, None).await.unwrap();
        writer.journal_head().await.unwrap()
    };
    for (which, deed) in deeds().iter().enumerate() {
        let mut killed = 0;
        let through = (0..MOST).find(|n| {
            let dir = tempfile::tempdir().unwrap();
            copy(base.path(), dir.path());
            let mut command = child::command("acts::child_that_makes_one_act_within_a_limit", dir.path());
            let ended = command.env(WHAT, format!("{which} {}", n * HALF)).output().unwrap();
            let through = ended.status.success();
            assert!(through || ended.status.signal() == Some(SIGXFSZ), "{which} {n}: {}", String::from_utf8_lossy(&ended.stderr));
            killed += u64::from(!through);
            let (acts, head) = tokio::task::block_in_place(|| {
                tokio::runtime::Handle::current().block_on(async {
                    let writer = writer(dir.path()).await;
                    // Walks every act beside its entry.
                    let head = writer.verify_journal().await.unwrap();
                    (writer.gate_acts("nexacloud").await.unwrap(), head)
                })
            });
            let is_there = acts.len() == 2;
            assert!(is_there || acts.len() == 1, "{acts:?}");
            assert_eq!(acts[0].deed, first);
            assert!(!through || is_there, "{which} {n}: it was acknowledged");
            assert!(!is_there || acts[1].deed == *deed, "{which} {n}: torn");
            assert_eq!(head.length, before.length + i64::from(is_there));
            through
        });
        assert!(through.is_some(), "{which} never got through");
        assert!(killed >= 6, "{which} was killed {killed} times: the points missed the work");
    }
}
