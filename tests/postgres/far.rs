//! A far server: how often a session waits for it. Each time costs the length of the line, there and back.

use crate::fixture::{limits, nasty, query, side, stream, to};
use crate::slow_link::{Line, SlowLink};
use dualrun::ports::connection::PostgresConnection;
use dualrun::ports::database::Database as _;
use tokio_util::sync::CancellationToken;

#[tokio::test]
async fn a_far_server_is_seldom_waited_for() {
    let link = SlowLink::start(nasty().port(), Line::default()).await;
    let trips = || link.passed().round_trips.values().sum::<u64>();
    let far = PostgresConnection { host: "127.0.0.1".to_owned(), port: link.port, ..to("reader") };
    let mut session = side(far).open(&limits(), &CancellationToken::new()).await.expect("a session");
    let opened = trips();
    let mut before = opened;
    let mut since = || {
        let now = trips();
        now - std::mem::replace(&mut before, now)
    };
    session.judge(&query("select id from subscription")).await.expect("judged");
    let judged = since();
    stream(&mut *session, "select id, customer from subscription").await.expect("streamed");
    let streamed = since();
    stream(&mut *session, "select count(*), lower('A') from subscription").await.expect("streamed");
    let calling = since();
    stream(&mut *session, "select no_such from subscription").await.expect_err("refused");
    let refused = since();
    let mut fork = session.fork().await.expect("no fault").expect("a fork");
    let forked = since();
    stream(&mut *fork, "select id from subscription").await.expect("streamed");
    let streamed_there = since();
    session.close().await.expect("closed");
    fork.close().await.expect("closed");
    let closed = since() / 2;
    assert_eq!((opened, forked, closed), (3, 3, 1), "opened, forked, closed");
    // One of them is the driver's, which asks where columns of tables come from.
    assert_eq!((judged, streamed, streamed_there), (5, 7, 7), "judged, streamed, streamed in the fork");
    assert_eq!((calling, refused), (6, 2), "streamed what calls functions, refused");
}
