//! Bodies that are on their way: all of them, broken off, late, and wanted by nobody.

use http_body_util::StreamBody;

use super::*;

const PATIENT: Pace = Pace { until: None, piece: None, taker: None };

fn frames(pieces: &[&'static str]) -> impl Body<Data = Bytes, Error = Cut> + Unpin + use<> {
    let frame = |piece: &&'static str| Ok(Frame::data(Bytes::from_static(piece.as_bytes())));
    let frames: Vec<_> = pieces.iter().map(frame).collect();
    StreamBody::new(futures_util::stream::iter(frames))
}

/// A body of which nothing comes.
fn silent() -> impl Body<Data = Bytes, Error = Cut> + Unpin {
    StreamBody::new(futures_util::stream::pending::<Result<Frame<Bytes>, Cut>>())
}

async fn gather(coming: &Coming) -> Result<Bytes, Cut> {
    coming.gather(|_| Ok(())).await
}

#[tokio::test(flavor = "current_thread")]
async fn all_pieces_come_in_order() {
    let (coming, feed) = Coming::new("a".into(), Some(6));
    let copy = coming.clone();
    let fed = async {
        feed.pass(&mut frames(&["bc", "", "def"]), 5, PATIENT, |_| {}).await.unwrap();
        feed.end(Ok(()));
    };
    let (gathered, ()) = tokio::join!(gather(&copy), fed);
    assert_eq!(gathered.unwrap(), "abcdef");
    assert!(coming.is_taken() && coming.is_over() && gather(&coming).await.is_err());
    coming.over().await;
}

#[tokio::test(flavor = "current_thread")]
async fn what_breaks_off_is_told() {
    let (coming, feed) = Coming::new(Bytes::new(), None);
    let long = feed.pass(&mut frames(&["abc"]), 2, PATIENT, |_| {}).await;
    assert!(matches!(long, Err(Stopped::TooLarge)), "{long:?}");
    feed.end(Err(Cut { code: "too-large", text: "too much".into() }));
    assert_eq!(gather(&coming).await.unwrap_err().code, "too-large");
    let (coming, feed) = Coming::new("a".into(), None);
    drop(feed);
    assert_eq!(gather(&coming).await.unwrap_err().code, "cut");
    assert!(!coming.is_over());
    let (coming, feed) = Coming::new("abc".into(), None);
    feed.end(Ok(()));
    let refused = coming.gather(|have| if have > 2 { Err(Cut::lost()) } else { Ok(()) }).await;
    assert!(refused.is_err());
}

#[tokio::test(flavor = "current_thread")]
async fn what_nobody_wants_stops() {
    let unwanted = |outcome: Result<(), Stopped<Cut>>| matches!(outcome, Err(Stopped::Unwanted));
    let (coming, feed) = Coming::new("a".into(), None);
    drop(coming);
    assert!(unwanted(feed.pass(&mut frames(&["b"]), 9, PATIENT, |_| {}).await));
    let (coming, feed) = Coming::new("a".into(), None);
    let _taken = coming.take();
    coming.stop();
    assert!(unwanted(feed.pass(&mut silent(), 9, PATIENT, |_| {}).await));
    // Who does not take it in time is as good as gone.
    let (coming, feed) = Coming::new("a".into(), None);
    let pace = Pace { taker: Some(Duration::from_millis(1)), ..PATIENT };
    assert!(unwanted(feed.pass(&mut frames(&["b", "c"]), 9, pace, |_| {}).await));
    assert!(!coming.waits_for_more());
    feed.end(Err(Cut { code: SLOW_TAKER, text: "too slow".into() }));
    assert_eq!(
        gather(&coming).await.unwrap_err().code,
        SLOW_TAKER,
        "what is left out is not taken for whole"
    );
    // Nor is less than was announced.
    let (coming, feed) = Coming::new("a".into(), Some(2));
    feed.end(Ok(()));
    assert!(gather(&coming).await.is_err());
}

#[tokio::test(flavor = "current_thread")]
async fn what_does_not_come_in_time_is_late() {
    let soon = Duration::from_millis(1);
    for pace in
        [Pace { piece: Some(soon), ..PATIENT }, Pace { until: Some(Instant::now() + soon), ..PATIENT }]
    {
        let (coming, feed) = Coming::new("a".into(), None);
        let late = feed.pass(&mut silent(), 9, pace, |_| {}).await;
        assert!(matches!(late, Err(Stopped::Late)), "{late:?}");
        assert!(coming.waits_for_more());
    }
}

#[tokio::test(flavor = "current_thread")]
async fn the_length_counts_down() {
    let (coming, _feed) = Coming::new("ab".into(), Some(5));
    let mut stream = coming.take().unwrap();
    assert_eq!(stream.size_hint().exact(), Some(5));
    assert!(stream.frame().await.is_some_and(|frame| frame.is_ok()));
    assert_eq!(stream.size_hint().exact(), Some(3));
    coming.put_back(stream);
    assert!(!coming.is_taken() && !coming.is_over());
}
