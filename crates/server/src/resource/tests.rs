use super::*;

#[test]
fn the_base_is_an_absolute_public_address() {
    for (text, base) in [
        ("https://api.example.com", "https://api.example.com"),
        ("https://api.example.com/", "https://api.example.com"),
        ("http://127.0.0.1:8402/v1/", "http://127.0.0.1:8402/v1"),
    ] {
        assert_eq!(ResourceBase::parse(text), Ok(ResourceBase(base.to_owned())));
    }
    for (text, error) in [
        ("", ResourceBaseError::NotAbsolute),
        ("/weather", ResourceBaseError::NotAbsolute),
        ("api.example.com", ResourceBaseError::Scheme),
        ("ftp://api.example.com", ResourceBaseError::Scheme),
        (
            "https://user:secret@example.com",
            ResourceBaseError::Credentials,
        ),
        (
            "https://example.com?a=b",
            ResourceBaseError::QueryOrFragment,
        ),
        (
            "https://example.com#top",
            ResourceBaseError::QueryOrFragment,
        ),
        ("https://example.com/a b", ResourceBaseError::Unescaped),
        ("https://example.com/\"", ResourceBaseError::Unescaped),
    ] {
        assert_eq!(ResourceBase::parse(text), Err(error), "{text:?}");
    }
}

#[test]
fn path_and_query_follow_the_base() {
    let base = ResourceBase::parse("https://example.com/api").unwrap();
    for (uri, url) in [
        (
            "/weather?city=Bern",
            "https://example.com/api/weather?city=Bern",
        ),
        (
            "http://attacker.example/weather",
            "https://example.com/api/weather",
        ),
        ("/a%2Fb//c/", "https://example.com/api/a%2Fb//c/"),
        ("/{\"a\":1}", "https://example.com/api/%7B%22a%22:1%7D"),
        ("*", "https://example.com/api/*"),
    ] {
        assert_eq!(base.url(&uri.parse().unwrap()), url);
    }
}
