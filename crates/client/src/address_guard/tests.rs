use super::*;

#[test]
fn what_strangers_may_not_reach_is_not_public() {
    for address in [
        "0.0.0.0",
        "10.1.2.3",
        "100.64.0.1",
        "127.0.0.1",
        "127.255.255.255",
        "169.254.169.254",
        "172.16.0.1",
        "172.31.255.255",
        "192.0.0.1",
        "192.0.2.1",
        "192.88.99.1",
        "192.168.1.1",
        "198.18.0.1",
        "198.51.100.7",
        "203.0.113.9",
        "224.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::127.0.0.1",
        "::ffff:10.0.0.1",
        "::ffff:169.254.169.254",
        "64:ff9b::7f00:1",
        "2002:7f00:1::",
        "2002:a00:1::1",
        "2001::1",
        "2001:db8::1",
        "3fff::1",
        "fc00::1",
        "fd12:3456::1",
        "fe80::1",
        "fec0::1",
        "ff02::1",
        "64:ff9b:1::1",
        "100::1",
    ] {
        let address: IpAddr = address.parse().unwrap();
        assert!(!is_public(address), "{address}");
        assert_eq!(
            Destinations::PublicOnly.check(address),
            Err(AddressRefused { address })
        );
        assert_eq!(Destinations::Anywhere.check(address), Ok(()));
    }
}

#[test]
fn what_everybody_reaches_is_public() {
    for address in [
        "1.1.1.1",
        "8.8.8.8",
        "100.63.255.255",
        "100.128.0.1",
        "172.15.0.1",
        "172.32.0.1",
        "192.0.1.1",
        "198.17.0.1",
        "198.20.0.1",
        "223.255.255.255",
        "2606:4700::1111",
        "2a00:1450:4001::1",
        "::ffff:8.8.8.8",
        "64:ff9b::808:808",
        "2002:808:808::1",
        "2001:4860:4860::8888",
    ] {
        let address: IpAddr = address.parse().unwrap();
        assert!(is_public(address), "{address}");
        assert_eq!(Destinations::PublicOnly.check(address), Ok(()));
    }
}

#[test]
fn an_address_in_the_url_is_found_however_it_is_written() {
    for url in [
        "http://127.0.0.1/",
        "http://2130706433/",
        "http://0x7f.1/",
        "http://017700000001/",
        "http://[::1]/",
        "http://[::ffff:7f00:1]/",
        "http://127.1/",
        "https://10.0.0.1:8443/x",
    ] {
        let url: Url = url.parse().unwrap();
        assert!(
            Destinations::PublicOnly.check_literal(&url).is_err(),
            "{url}"
        );
    }
    let named: Url = "https://example.com/".parse().unwrap();
    assert_eq!(
        Destinations::PublicOnly.check_literal(&named),
        Ok(()),
        "names are checked by the resolver"
    );
}

#[tokio::test]
async fn the_resolver_refuses_a_name_of_this_machine() {
    let Err(error) = GuardedResolver.resolve("localhost".parse().unwrap()).await else {
        panic!("localhost resolved");
    };
    assert!(refusal_in(error.as_ref()).is_some(), "{error}");
}
