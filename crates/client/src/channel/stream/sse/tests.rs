use proptest::prelude::*;

use super::*;

/// The events in a text that comes in pieces of such a length.
fn read(text: &[u8], length: usize) -> Vec<StreamEvent> {
    let (mut reader, mut events) = (Reader::default(), Vec::new());
    for piece in text.chunks(length) {
        let mut piece = Bytes::copy_from_slice(piece);
        while let Some(event) = reader.next(&mut piece).unwrap() {
            events.push(event);
        }
    }
    events
}

fn event(name: Option<&str>, id: Option<&str>, data: &str) -> StreamEvent {
    StreamEvent {
        name: name.map(str::to_owned),
        id: id.map(str::to_owned),
        data: data.to_owned(),
    }
}

#[test]
fn events_are_read_as_the_specification_says() {
    let text = "\u{feff}data: one\r\n\r\n: a comment\nevent: two\nid: 7\ndata:  a\ndata:b\ndata\n\nevent: none\n\n\
        retry: 5\rdata: three\r\revent: payment-x\nevent\ndata: four\n\ndata: cut off";
    let expected = [
        event(None, None, "one"),
        event(Some("two"), Some("7"), " a\nb\n"),
        event(None, None, "three"),
        event(None, None, "four"),
    ];
    for length in 1..text.len() {
        assert_eq!(read(text.as_bytes(), length), expected, "{length}");
    }
}

#[test]
fn nothing_is_kept_without_bound() {
    for endless in ["data: x\n", "id: 7\n", "x", "event: a\n", ":"] {
        let mut reader = Reader::default();
        let mut piece = Bytes::from(endless.repeat(2 * MOST_BYTES));
        assert_eq!(reader.next(&mut piece), Err(TooLong), "{endless}");
    }
    // Comments are forgotten at once, and each event has the whole bound.
    let mut reader = Reader::default();
    let mut piece = Bytes::from(": waiting\n".repeat(MOST_BYTES));
    assert_eq!(reader.next(&mut piece), Ok(None));
    for _ in 0..3 {
        let longest = "x".repeat(MOST_BYTES - "data:".len());
        let mut piece = Bytes::from(format!("data:{longest}\n\n"));
        assert_eq!(reader.next(&mut piece).unwrap().unwrap().data, longest);
    }
}

proptest! {
    #[test]
    fn pieces_make_no_difference(text in "[a:\\r\\n \u{feff}]{0,60}|(data|event|id)[: a\\r\\n]{0,20}", length in 1_usize..9) {
        prop_assert_eq!(read(text.as_bytes(), length), read(text.as_bytes(), usize::MAX));
    }
}
