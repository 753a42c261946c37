use super::*;

fn sent(value: &str) -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.insert(X_REQUEST_ID, HeaderValue::from_str(value).unwrap());
    headers
}

#[test]
fn keeps_a_plain_id_of_the_callers() {
    assert_eq!(
        RequestIds::new(1).of(&sent("order-17_b.3")).as_str(),
        "order-17_b.3"
    );
}

#[test]
fn replaces_what_could_disturb_a_log() {
    let ids = RequestIds::new(0xab);
    assert_eq!(ids.of(&sent("a b")).as_str(), "ab-1");
    assert_eq!(ids.of(&sent("level=error")).as_str(), "ab-2");
    assert_eq!(ids.of(&sent(&"x".repeat(65))).as_str(), "ab-3");
    assert_eq!(ids.of(&HeaderMap::new()).as_str(), "ab-4");
}
