//! Ids: what they are bound to, and with what.

use coinslot_mpp_wire::{
    BindingErrorKind, BodyDigest, Challenge, ChallengeSecrets, EncodedRequest, IntentName, Issuer,
    MethodName, Opaque, OpaqueData, Terms, Timestamp,
};

fn secrets(byte: u8) -> ChallengeSecrets {
    ChallengeSecrets::new([byte; 32]).expect("long enough")
}

fn terms(realm: &str, request: &str) -> Terms {
    let request = EncodedRequest::parse(request).expect("a request");
    Terms::new(realm, MethodName::stellar(), IntentName::charge(), request).expect("terms")
}

fn expires() -> Timestamp {
    Timestamp::from_unix_seconds(1_767_700_800).expect("a time")
}

fn minted(issuer: &Issuer) -> Challenge {
    let digest = BodyDigest::of(b"body");
    issuer
        .mint(expires(), &OpaqueData::new([9; 16]), Some(digest))
        .to_challenge()
}

/// The challenge with some parameters of others.
fn with(challenge: &Challenge, change: impl FnOnce(&mut serde_json::Value)) -> Challenge {
    let mut json = serde_json::to_value(challenge).expect("JSON");
    change(&mut json);
    serde_json::from_value(json).expect("a challenge")
}

#[test]
fn what_is_minted_verifies_and_nothing_else_does() {
    let (secrets, terms) = (secrets(1), terms("shop", "eyJhIjoiMSJ9"));
    let issuer = Issuer::new(&secrets, terms);
    let challenge = minted(&issuer);
    assert!(secrets.verify(challenge.clone()).is_ok());
    let bound = issuer.verify(challenge.clone()).expect("ours");
    assert_eq!(bound.expires(), 1_767_700_800);
    assert!(bound.has_expired(1_767_700_800) && !bound.has_expired(1_767_700_799));
    assert_eq!(bound.into_challenge(), challenge);

    for (field, value) in [
        ("id", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"),
        ("id", "x1"),
        ("realm", "other"),
        ("method", "tempo"),
        ("intent", "session"),
        ("request", "eyJhIjoiMiJ9"),
        ("expires", "2099-01-06T12:00:00Z"),
        (
            "digest",
            "sha-256=:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=:",
        ),
        ("opaque", "e30"),
    ] {
        let changed = with(&challenge, |json| json[field] = value.into());
        let refused = secrets.verify(changed.clone()).expect_err(field);
        assert_eq!(refused.kind(), BindingErrorKind::NotOurs, "{field}");
        assert_eq!(refused.challenge(), &changed);
        assert!(issuer.verify(changed).is_err(), "{field}");
    }
}

#[test]
fn taking_a_field_away_changes_the_id() {
    let secrets = secrets(1);
    let challenge = minted(&Issuer::new(&secrets, terms("shop", "eyJhIjoiMSJ9")));
    for field in ["expires", "digest", "opaque"] {
        let without = with(&challenge, |json| {
            json.as_object_mut().expect("an object").remove(field);
        });
        let refused = secrets.verify(without).expect_err(field);
        assert_eq!(refused.kind(), BindingErrorKind::NotOurs, "{field}");
    }
    // Nor can one slot's value move into the next.
    let moved = with(&challenge, |json| {
        json["digest"] = "sha-256=2026-01-06T12:00:00Z".into();
        json.as_object_mut().expect("an object").remove("expires");
    });
    assert!(secrets.verify(moved).is_err());
}

#[test]
fn a_challenge_that_never_expires_does_not_verify() {
    let secrets = secrets(1);
    let unbound = |id: &str| {
        let (method, intent) = (MethodName::stellar(), IntentName::charge());
        let request = EncodedRequest::parse("eyJhIjoiMSJ9").expect("a request");
        Challenge::new(id, "shop", method, intent, request).expect("a challenge")
    };
    let id = secrets.id_of(&unbound("not yet").slots());
    let refused = secrets.verify(unbound(id.as_str())).expect_err("no expiry");
    assert_eq!(refused.kind(), BindingErrorKind::NoExpiry);
}

#[test]
fn the_echo_is_of_the_routes_own_realm_method_and_request() {
    let secrets = secrets(1);
    let own = Issuer::new(&secrets, terms("shop", "eyJhIjoiMSJ9"));
    for (other, kind) in [
        (terms("mall", "eyJhIjoiMSJ9"), BindingErrorKind::OtherRealm),
        (
            terms("shop", "eyJhIjoiMiJ9"),
            BindingErrorKind::OtherRequest,
        ),
        (
            Terms::new(
                "shop",
                MethodName::stellar(),
                IntentName::channel(),
                EncodedRequest::parse("eyJhIjoiMSJ9").expect("a request"),
            )
            .expect("terms"),
            BindingErrorKind::OtherMethod,
        ),
    ] {
        let cheaper = minted(&Issuer::new(&secrets, other));
        assert!(secrets.verify(cheaper.clone()).is_ok(), "{kind:?}");
        assert_eq!(own.verify(cheaper).expect_err("another route").kind(), kind);
    }
}

#[test]
fn there_is_no_default_realm() {
    let request = EncodedRequest::parse("eyJhIjoiMSJ9").expect("a request");
    let refused = Terms::new("", MethodName::stellar(), IntentName::charge(), request)
        .expect_err("an empty realm");
    assert_eq!(refused.field(), Some("realm"));
}

#[test]
fn secrets_have_32_bytes_and_rotate() {
    assert_eq!(
        ChallengeSecrets::new([7; 31])
            .expect_err("too short")
            .to_string(),
        "the secret has 31 bytes: take 32 or more, from a random generator"
    );
    assert!(secrets(1).with_previous([7; 31]).is_err());

    let terms = || terms("shop", "eyJhIjoiMSJ9");
    let old = minted(&Issuer::new(&secrets(1), terms()));
    let rotated = secrets(2).with_previous([1; 32]).expect("long enough");
    let issuer = Issuer::new(&rotated, terms());
    let new = minted(&issuer);
    assert_ne!(old.id(), new.id());
    for challenge in [&old, &new] {
        assert!(rotated.verify(challenge.clone()).is_ok());
        assert!(issuer.verify(challenge.clone()).is_ok());
    }
    // The newest signs; what a secret that was taken out signed is no longer ours.
    assert!(secrets(2).verify(new).is_ok());
    assert!(secrets(2).verify(old.clone()).is_err());
    assert!(Issuer::new(&secrets(2), terms()).verify(old).is_err());
}

#[test]
fn ids_are_as_other_programs_compute_them() {
    // The seven slots, joined, under a secret of 32 bytes.
    let secrets = ChallengeSecrets::new("test-secret-key-0123456789abcdef").expect("long enough");
    let request = EncodedRequest::parse("eyJhIjoiMSJ9").expect("a request");
    let (method, intent) = (MethodName::stellar(), IntentName::charge());
    let challenge = Challenge::new("not yet", "a|b", method, intent, request).expect("a challenge");
    assert_eq!(
        challenge.slots().to_string(),
        "a|b|stellar|charge|eyJhIjoiMSJ9|||"
    );
    assert_eq!(
        secrets.id_of(&challenge.slots()).as_str(),
        "9PtnGZJkytQ460KwX5mu1Xt2m8Fg1drD6OqcIdBXmvo"
    );
    let expires = "2030-12-31T23:59:59+02:00".parse().expect("a time");
    let challenge = challenge.with_expires(expires);
    let opaque = Opaque::parse("e30").expect("opaque");
    assert!(
        challenge
            .with_opaque(opaque)
            .slots()
            .to_string()
            .ends_with("|2030-12-31T23:59:59+02:00||e30")
    );
}

#[test]
fn every_challenge_has_its_own_random_part() {
    let issuer = Issuer::new(&secrets(1), terms("shop", "eyJhIjoiMSJ9"));
    let ids = [[1; 16], [2; 16]].map(|nonce| {
        issuer
            .mint(expires(), &OpaqueData::new(nonce), None)
            .id()
            .to_owned()
    });
    assert_ne!(ids[0], ids[1]);
    let opaque = OpaqueData::new([1; 16]);
    assert!(opaque.clone().with("nonce", "mine").is_err());
    let opaque = opaque
        .with("route", "GET /")
        .expect("new")
        .with("a", "\"é\"\n")
        .expect("new");
    let entries = opaque.encode().entries().expect("ours");
    assert_eq!(
        entries.into_values().collect::<Vec<_>>(),
        ["\"é\"\n", "AQEBAQEBAQEBAQEBAQEBAQ", "GET /"]
    );
}
