use super::*;

fn headers(values: &[&'static str]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for value in values {
        headers.append(AUTHORIZATION, HeaderValue::from_static(value));
    }
    headers
}

#[test]
fn only_payments_are_taken() {
    let mut both = headers(&["Bearer for-the-handler", "Payment e30", "payment e30"]);
    let taken = take_credentials(&mut both);
    assert_eq!(taken, ["Payment e30", "payment e30"]);
    assert!(taken.iter().all(HeaderValue::is_sensitive));
    assert_eq!(
        both.get_all(AUTHORIZATION).iter().collect::<Vec<_>>(),
        ["Bearer for-the-handler"]
    );

    let mut none = headers(&["Bearer Payment", "Payments e30"]);
    assert!(take_credentials(&mut none).is_empty());
    assert_eq!(none.get_all(AUTHORIZATION).iter().count(), 2);
}

#[test]
fn a_receipt_that_the_handler_made_up_is_replaced() {
    let receipt = Receipt::new("stellar", "ab", "2026-01-06T12:00:00Z".parse().unwrap());
    let mut headers = HeaderMap::new();
    headers.append(RECEIPT, HeaderValue::from_static("forged"));
    headers.append(RECEIPT, HeaderValue::from_static("twice"));
    write_receipt(&receipt, &mut headers);
    assert_eq!(
        headers.get_all(RECEIPT).iter().collect::<Vec<_>>(),
        [&receipt.to_header()]
    );
    headers.append(PAYMENT_CHANNEL, HeaderValue::from_static("forged"));
    headers.append(PAYMENT_STREAM, HeaderValue::from_static("forged"));
    strip(&mut headers);
    assert!(headers.is_empty());
}
