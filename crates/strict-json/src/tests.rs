use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::String;

use crate::place::AtBracket;
use crate::{ErrorKind, Rules, depth, detail, place};

#[test]
fn depth_is_that_of_brackets_outside_strings() {
    let nested = |depth: usize| ["[".repeat(depth), "]".repeat(depth)].concat();
    assert_eq!(depth::exceeded(nested(4).as_bytes(), 4), None);
    assert_eq!(depth::exceeded(nested(5).as_bytes(), 4), Some(4));
    let wide = format!("[{}]", ["[[]]"; 9].join(","));
    assert_eq!(depth::exceeded(wide.as_bytes(), 3), None);
    assert_eq!(depth::exceeded(wide.as_bytes(), 2), Some(2));
    assert_eq!(depth::exceeded(br#"["[[[[","\"[[[[","\\",[]]"#, 2), None);
    assert_eq!(depth::exceeded(br#"["\\",[[]]]"#, 2), Some(7));
    assert_eq!(depth::exceeded(br#"{"a":[{}]}"#, 2), Some(6));
}

#[test]
fn details_hold_no_values() {
    let clean = detail::without_values;
    assert_eq!(
        clean(
            r#"invalid type: string "S3CRET \" at line 9", expected an object at line 1 column 7"#
        ),
        r#"invalid type: string "…", expected an object"#
    );
    assert_eq!(
        clean("missing field `accepted` at line 1 column 2"),
        "missing field `accepted`"
    );
    assert_eq!(clean(r#"invalid "never closed"#), "invalid ");
}

#[test]
fn positions_count_from_the_start_of_the_text() {
    let text = "{\n  \"url\": 5 }";
    let error = Rules::new(64, 4, NAMES)
        .decode::<BTreeMap<String, String>>(text.as_bytes())
        .expect_err("not a string");
    assert_eq!(error.kind(), ErrorKind::Shape);
    assert_eq!(text.as_bytes().get(error.position()), Some(&b'5'));
}

#[test]
fn places_are_named_as_the_specification_names_them() {
    let text = r#"{"accepts":[{"extra":{"a\"]}":[1,{}]}},{"amount":"lots","x":0}],"y":[]}"#;
    let at = |needle: &str, at_bracket| {
        place::of(
            text,
            text.find(needle).expect("the text has it"),
            at_bracket,
            NAMES,
        )
    };
    for (needle, place) in [
        ("lots", "accepts[1].amount"),
        (":\"lots", "accepts[1].amount"),
        ("1,", "accepts[0].extra.…[0]"),
        ("0}]", "accepts[1].…"),
        ("}]}}", "accepts[0].extra.…[1]"),
    ] {
        assert_eq!(at(needle, AtBracket::Container), place);
        assert_eq!(at(needle, AtBracket::LastInside), place);
    }
    assert_eq!(at("},{", AtBracket::Container), "accepts[0]");
    assert_eq!(at("},{", AtBracket::LastInside), "accepts[0].extra");
    assert_eq!(at("],", AtBracket::Container), "accepts");
    assert_eq!(at("],", AtBracket::LastInside), "accepts[1]");
    let whole = |text: &str| place::of(text, text.len(), AtBracket::Container, NAMES);
    assert_eq!(whole(text), "");
    assert_eq!(whole(r#"{"url":""#), "url");
    assert_eq!(whole(r#"{"url":"\"#), "url");
}

const NAMES: &[&str] = &["accepts", "amount", "extra", "url"];
