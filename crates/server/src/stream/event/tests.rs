//! What is sent is read by a reader of its own, written after the specification's words.

use proptest::prelude::*;

use super::*;

/// An event as a browser dispatches it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Dispatched {
    name: String,
    data: String,
    last_id: String,
}

/// HTML, section 9.2.6, "interpreting an event stream".
fn read(stream: &str) -> Vec<Dispatched> {
    let stream = stream.strip_prefix('\u{feff}').unwrap_or(stream);
    // "Lines must be separated by either a CRLF pair, a single LF, or a single CR."
    let stream = stream.replace("\r\n", "\n").replace('\r', "\n");
    let (mut name, mut data, mut last_id) = (String::new(), String::new(), String::new());
    let mut dispatched = Vec::new();
    for line in stream.split_terminator('\n') {
        if line.is_empty() {
            let (name, data) = (std::mem::take(&mut name), std::mem::take(&mut data));
            if let Some(data) = data.strip_suffix('\n') {
                dispatched.push(Dispatched {
                    name: if name.is_empty() {
                        "message".into()
                    } else {
                        name
                    },
                    data: data.into(),
                    last_id: last_id.clone(),
                });
            }
            continue;
        }
        let (field, value) = line.split_once(':').unwrap_or((line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match field {
            "event" => name = value.into(),
            "data" => {
                data.push_str(value);
                data.push('\n');
            }
            "id" if !value.contains('\0') => last_id = value.into(),
            _ => {}
        }
    }
    dispatched
}

fn sent(events: &[SseEvent]) -> String {
    let bytes: Vec<u8> = events.iter().flat_map(SseEvent::encode).collect();
    String::from_utf8(bytes).unwrap()
}

fn with_lf(text: &str) -> String {
    text.replace("\r\n", "\n").replace('\r', "\n")
}

/// Texts that mean harm, more often than chance would have it.
fn text() -> impl Strategy<Value = String> {
    let part = prop_oneof![
        Just("\n"),
        Just("\r"),
        Just("\r\n"),
        Just("\n\n"),
        Just("\r\r"),
        Just(" "),
        Just(":"),
        Just("event: payment-receipt"),
        Just("event:payment-need-voucher"),
        Just("data: {}"),
        Just("id: 1"),
        Just("retry: 0"),
        Just("\0"),
        Just("\u{feff}"),
        Just("\u{2028}"),
        Just("payment-"),
        Just("Payment-"),
        Just("x"),
        Just("é"),
    ];
    prop_oneof![
        proptest::collection::vec(part, 0..12).prop_map(|parts| parts.concat()),
        any::<String>(),
    ]
}

proptest! {
    #[test]
    fn exactly_the_events_that_were_sent_are_read(
        all in proptest::collection::vec((proptest::option::of(text()), proptest::option::of(text()), text()), 0..8),
    ) {
        let (mut events, mut expected, mut last_id) = (Vec::new(), Vec::new(), String::new());
        for (name, id, data) in all {
            let mut event = SseEvent::new(data.clone());
            let mut told = "message".to_owned();
            if let Some(name) = name && let Ok(named) = event.clone().name(name.clone()) {
                (event, told) = (named, name);
            }
            if let Some(id) = id && let Ok(with_id) = event.clone().id(id.clone()) {
                (event, last_id) = (with_id, id);
            }
            events.push(event);
            expected.push(Dispatched { name: told, data: with_lf(&data), last_id: last_id.clone() });
        }
        let read = read(&sent(&events));
        for event in &read {
            prop_assert!(!event.name.trim().to_lowercase().starts_with("payment-"), "{event:?}");
        }
        prop_assert_eq!(read, expected);
    }

    #[test]
    fn lines_are_those_of_the_text(text in text()) {
        let lines: Vec<&str> = lines(&text).collect();
        prop_assert_eq!(lines.join("\n"), with_lf(&text));
        prop_assert!(lines.iter().all(|line| !line.contains(['\r', '\n'])));
    }
}

#[test]
fn names_that_could_be_taken_for_others_are_refused() {
    let named = |name: &str| SseEvent::new("").name(name);
    for name in [
        "payment-receipt",
        "Payment-Receipt",
        "PAYMENT-",
        "payment-x",
    ] {
        assert_eq!(named(name), Err(SseEventError::ReservedName), "{name}");
    }
    for name in ["", " ", " payment-receipt", "x ", "\tx", "x\n"] {
        assert_eq!(named(name), Err(SseEventError::Name), "{name:?}");
    }
    for name in ["a\nb", "a\rb", "a\0b", "a\u{85}b", "a\u{7f}b"] {
        assert_eq!(
            named(name),
            Err(SseEventError::NameCharacter { at: 1 }),
            "{name:?}"
        );
    }
    for name in ["payment", "payments-x", "x-payment-receipt", "été"] {
        assert!(named(name).is_ok(), "{name}");
    }
}

#[test]
fn ids_stay_in_their_line() {
    for id in ["a\nb", "a\rb", "a\0b"] {
        let refused = SseEvent::new("").id(id);
        assert_eq!(refused, Err(SseEventError::IdCharacter { at: 1 }), "{id:?}");
    }
    let event = SseEvent::new("x").id("").unwrap();
    assert_eq!(sent(&[event]), "id: \ndata: x\n\n");
}

#[test]
fn an_event_is_written_so() {
    let event = SseEvent::new("a\r\nb\rc\n")
        .name("word")
        .unwrap()
        .id("7")
        .unwrap();
    assert_eq!(
        sent(&[event]),
        "event: word\nid: 7\ndata: a\ndata: b\ndata: c\ndata: \n\n"
    );
    assert_eq!(sent(&[SseEvent::new("")]), "data: \n\n");
    let control = control("payment-receipt", "{}");
    assert_eq!(control, "event: payment-receipt\ndata: {}\n\n");
}
