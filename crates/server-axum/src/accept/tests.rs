use super::*;

#[test]
fn browsers_want_a_page_and_programs_do_not() {
    for accept in [
        "text/html",
        "TEXT/HTML",
        "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
        "application/json;q=0.5, text/html",
        "text/html;q=0.001",
        "text/html; charset=utf-8; q=1.000",
        "text/html, application/json",
    ] {
        assert!(wants_html(accept), "{accept}");
    }
    for accept in [
        "",
        "*/*",
        "application/json",
        "text/plain",
        "text/*",
        "text/html;q=0",
        "text/html;q=0.000",
        "text/html;q=x",
        "text/html;q=0.0001",
        "text/html;q=2",
        "application/json, text/html",
        "text/html;q=0.5, application/json;q=0.6",
        "application/text/html",
    ] {
        assert!(!wants_html(accept), "{accept}");
    }
}
