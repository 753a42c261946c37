use alloc::vec;

use super::{BLOCK, is_qdtext, is_tchar, is_text, is_token68, is_whitespace, long_run, short_run};

/// The classes written out once more, from the ABNF.
#[test]
fn classes_are_those_of_the_rfc() {
    let alphanumeric = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    for byte in 0..=u8::MAX {
        let among = |set: &str| set.bytes().any(|other| other == byte);
        let letter = among(alphanumeric);
        assert_eq!(is_tchar(byte), letter || among("!#$%&'*+-.^_`|~"), "{byte}");
        assert_eq!(is_token68(byte), letter || among("-._~+/"), "{byte}");
        assert_eq!(is_whitespace(byte), byte == 0x20 || byte == 0x09, "{byte}");
        let visible = (0x21..=0x7e).contains(&byte);
        assert_eq!(is_text(byte), visible || is_whitespace(byte), "{byte}");
        let plain = byte == 0x09
            || byte == 0x20
            || byte == 0x21
            || (0x23..=0x5b).contains(&byte)
            || (0x5d..=0x7e).contains(&byte);
        assert_eq!(is_qdtext(byte), plain, "{byte}");
    }
}

#[test]
fn a_run_ends_at_the_first_byte_of_another_class() {
    for length in 0..5 * BLOCK {
        let mut text = vec![b'a'; length];
        for other in 0..length {
            assert_eq!(long_run(&text, is_qdtext), length);
            text[other] = b'"';
            assert_eq!(long_run(&text, is_qdtext), other, "of {length}");
            assert_eq!(short_run(&text, is_qdtext), other, "of {length}");
            text[other] = b'a';
        }
    }
}
