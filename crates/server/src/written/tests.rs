use super::*;
use crate::x402::challenge::ResourceTexts;

fn write(url: &str) -> Written {
    let challenge = Challenge::new(&ResourceTexts::default(), &[]);
    Written::new(
        Some(&challenge),
        false,
        &Reason::new("code", "sentence"),
        url,
    )
}

#[test]
fn an_offer_is_written_once_and_never_for_another_address() {
    let lately = WrittenLately::new();
    let first = lately.find("https://a.example/", || write("https://a.example/"));
    let again = lately.find("https://a.example/", || panic!("it is kept"));
    assert!(Arc::ptr_eq(&first, &again));
    for number in 0..1_000 {
        let url = format!("https://a.example/{number}");
        assert_eq!(lately.find(&url, || write(&url)).url, url);
    }
}

#[test]
fn a_long_address_is_not_kept() {
    let lately = WrittenLately::new();
    let url = format!("https://a.example/{}", "a".repeat(LONGEST_URL));
    let first = lately.find(&url, || write(&url));
    assert!(!Arc::ptr_eq(&first, &lately.find(&url, || write(&url))));
    assert_eq!(Arc::strong_count(&first), 1);
}
