//! Properties: what is written is read again, what is read agrees with other programs, and nothing panics.

use base64::engine::{Engine, general_purpose::URL_SAFE_NO_PAD};
use coinslot_mpp_wire::{
    AcceptPayment, BodyDigest, Challenge, ChallengeSecrets, Credential, DidPkh, EncodedRequest,
    HeaderErrorKind, IntentName, Issuer, MethodName, Opaque, OpaqueData, Payload, PaymentRange,
    Problem, ProblemKind, Quality, Receipt, Slots, Terms, Timestamp, jcs, mcp,
    stellar::{
        ChannelAction, ChannelPayload, ChannelRequest, ChargeDetails, ChargePayload, ChargeRequest,
        CredentialType,
    },
};
use coinslot_usdc_amount::BaseUnits;
use hmac::{Hmac, Mac};
use proptest::collection::{btree_map, vec};
use proptest::option;
use proptest::prelude::*;
use serde_json::{Map, Number, Value};
use sha2::Sha256;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

fn values() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        (-9_007_199_254_740_992_i64..=9_007_199_254_740_992).prop_map(Value::from),
        any::<f64>().prop_filter_map("finite", |number| Number::from_f64(number)
            .map(Value::Number)),
        any::<String>().prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(Value::from),
            btree_map(any::<String>(), inner, 0..4)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

fn objects() -> impl Strategy<Value = Map<String, Value>> {
    btree_map(any::<String>(), values(), 0..4).prop_map(|members| members.into_iter().collect())
}

fn times() -> impl Strategy<Value = Timestamp> {
    (0..253_402_300_800_u64)
        .prop_map(|seconds| Timestamp::from_unix_seconds(seconds).expect("a time"))
}

/// What a quoted string can hold.
const TEXT: &str = "[\t -~]{0,24}";

prop_compose! {
    fn challenges()(
        id in "[\t -~]{1,24}",
        realm in TEXT,
        method in "[a-z][-a-z0-9:_]{0,8}",
        intent in "[-a-zA-Z0-9_]{1,8}",
        request in objects(),
        description in option::of(TEXT),
        digest in option::of(any::<[u8; 8]>()),
        expires in option::of(times()),
        opaque in option::of("[-_a-zA-Z0-9]{0,24}"),
    ) -> Challenge {
        let (method, intent) = (method.parse().expect("a name"), intent.parse().expect("a name"));
        let request = EncodedRequest::from_object(&request).expect("canonical");
        let mut challenge = Challenge::new(id, realm, method, intent, request).expect("a challenge");
        if let Some(description) = description {
            challenge = challenge.with_description(description).expect("text");
        }
        if let Some(body) = digest {
            challenge = challenge.with_digest(BodyDigest::of(&body));
        }
        if let Some(expires) = expires {
            challenge = challenge.with_expires(expires);
        }
        match opaque {
            Some(opaque) => challenge.with_opaque(Opaque::parse(&opaque).expect("opaque")),
            None => challenge,
        }
    }
}

prop_compose! {
    fn credentials()(
        challenge in challenges(),
        payload in objects(),
        source in option::of(".{1,24}"),
    ) -> Credential {
        let credential = Credential::new(challenge, Payload::from(payload));
        match source {
            Some(source) => credential.with_source(source),
            None => credential,
        }
    }
}

fn forms() -> impl Strategy<Value = CredentialType> {
    "transaction|signedHash|hash|[a-z]{0,8}".prop_map(CredentialType::from)
}

prop_compose! {
    fn charges()(
        amount in 0..=i128::MAX,
        currency in ".+",
        recipient in ".+",
        description in any::<Option<String>>(),
        external_id in any::<Option<String>>(),
        details in option::of((option::of(vec(forms(), 0..3)), any::<Option<bool>>(), "[-a-z0-9]{3,8}:[-_a-zA-Z0-9]{1,32}")),
    ) -> ChargeRequest {
        ChargeRequest {
            amount: BaseUnits::try_from(amount).expect("not negative"),
            currency,
            description,
            external_id,
            method_details: details.map(|(credential_types, fee_payer, network)| ChargeDetails {
                credential_types,
                fee_payer,
                network: network.parse().expect("an id"),
            }),
            recipient,
        }
    }
}

fn charge_payloads() -> impl Strategy<Value = ChargePayload> {
    prop_oneof![
        ".{1,64}".prop_map(|transaction| ChargePayload::Transaction { transaction }),
        any::<([u8; 32], [u8; 32], [u8; 32])>().prop_map(|(hash, left, right)| {
            let source_signature: [u8; 64] = [left, right].concat().try_into().expect("64 bytes");
            ChargePayload::SignedHash {
                hash,
                source_signature,
            }
        }),
        any::<[u8; 32]>().prop_map(|hash| ChargePayload::Hash { hash }),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn challenges_are_read_as_written(challenge in challenges(), other in challenges()) {
        let header = challenge.to_header();
        prop_assert!(header.bytes().all(|byte| matches!(byte, b'\t' | b' '..=b'~')));
        prop_assert_eq!(Challenge::from_header(&header), Ok(challenge.clone()));
        let line = [header.as_str(), "Basic realm=\"x\"", &other.to_header()].join(", ");
        prop_assert_eq!(Challenge::from_headers([&line]), Ok(vec![challenge, other]));
    }

    #[test]
    fn credentials_are_read_as_written(credential in credentials()) {
        let header = credential.to_header();
        let read = Credential::from_header(&header);
        prop_assert_eq!(read.as_ref(), Ok(&credential));
        prop_assert_eq!(read.map(|read| read.to_header()), Ok(header.clone()));
        let beside = format!("Bearer abc, {header}");
        prop_assert_eq!(Credential::from_header(&beside), Ok(credential));
    }

    #[test]
    fn ids_are_those_of_the_hmac_crate(
        secret in vec(any::<u8>(), 32..200),
        texts in vec("[!-{]{0,150}", 7),
        longer in 0..7_usize,
        more in 0..600_usize,
    ) {
        let mut texts = texts;
        texts[longer].push_str(&"~".repeat(more));
        let [realm, method, intent, request, expires, digest, opaque] =
            [0, 1, 2, 3, 4, 5, 6].map(|nth| texts[nth].as_str());
        let slots = Slots { realm, method, intent, request, expires, digest, opaque };
        let mut theirs = Hmac::<Sha256>::new_from_slice(&secret).expect("any key");
        theirs.update(slots.to_string().as_bytes());
        let theirs = URL_SAFE_NO_PAD.encode(theirs.finalize().into_bytes());
        let secrets = ChallengeSecrets::new(secret).expect("long enough");
        let id = secrets.id_of(&slots);
        prop_assert_eq!(id.as_str(), theirs);
    }

    #[test]
    fn what_is_read_keeps_its_bytes(challenge in challenges()) {
        // A request of others need not be canonical; its text stays as it came.
        let json = format!(" {}\n", challenge.request().json());
        let encoded = URL_SAFE_NO_PAD.encode(&json);
        let read = EncodedRequest::parse(&encoded).expect("an object");
        prop_assert_eq!((read.as_str(), read.json()), (encoded.as_str(), json.as_str()));
        prop_assert_eq!(read.object(), challenge.request().object());
    }

    #[test]
    fn challenges_go_over_json_rpc_and_back(credential in credentials()) {
        let native = mcp::Credential::try_from(&credential).expect("an object");
        let json = serde_json::to_string(&native)?;
        let read: mcp::Credential = serde_json::from_str(&json)?;
        prop_assert_eq!(Credential::try_from(read), Ok(credential));
    }

    #[test]
    fn two_challenges_never_authenticate_the_same_text(one in challenges(), other in challenges()) {
        let (left, right) = (one.slots(), other.slots());
        prop_assert_eq!(left == right, left.to_string() == right.to_string());
        // Six separators, counted from the end, take the text apart again.
        let text = left.to_string();
        let mut parts: Vec<&str> = text.rsplitn(7, '|').collect();
        parts.reverse();
        prop_assert_eq!(parts, [left.realm, left.method, left.intent, left.request, left.expires, left.digest, left.opaque]);
    }

    #[test]
    fn a_changed_challenge_is_never_ours(
        secret in any::<[u8; 32]>(),
        request in objects(),
        nonce in any::<[u8; 16]>(),
        expires in times(),
        body in option::of(any::<[u8; 4]>()),
        at in any::<prop::sample::Index>(),
        byte in b' '..=b'~',
    ) {
        let secrets = ChallengeSecrets::new(secret).expect("long enough");
        let request = EncodedRequest::from_object(&request).expect("canonical");
        let terms = Terms::new("shop", MethodName::stellar(), IntentName::charge(), request).expect("terms");
        let issuer = Issuer::new(&secrets, terms);
        let digest = body.map(|body| BodyDigest::of(&body));
        let issued = issuer.mint(expires, &OpaqueData::new(nonce), digest);
        let (header, challenge) = (issued.to_header(), issued.to_challenge());
        prop_assert_eq!(challenge.to_header(), header.clone());
        prop_assert_eq!(Challenge::from_header(&header), Ok(challenge.clone()));
        prop_assert!(secrets.verify(challenge.clone()).is_ok());
        prop_assert!(issuer.verify(challenge.clone()).is_ok());
        prop_assert!(ChallengeSecrets::new([0; 32]).expect("long enough").verify(challenge.clone()).is_err());

        let mut damaged = header.into_bytes();
        let at = at.index(damaged.len());
        damaged[at] = byte;
        if let Ok(read) = Challenge::from_header(&damaged) {
            let same = read.slots() == challenge.slots() && read.id() == challenge.id();
            prop_assert_eq!(issuer.verify(read.clone()).is_ok(), same);
            prop_assert_eq!(secrets.verify(read).is_ok(), same);
        }
    }

    #[test]
    fn canonical_json_is_as_another_program_writes_it(value in values()) {
        let text = jcs::canonical(&value).expect("canonical");
        prop_assert_eq!(&text, &serde_json_canonicalizer::to_string(&value)?);
        let read: Value = serde_json::from_str(&text)?;
        prop_assert_eq!(jcs::canonical(&read), Ok(text));
    }

    #[test]
    fn charges_are_written_canonically(charge in charges()) {
        let encoded = charge.encode();
        prop_assert_eq!(encoded.json(), jcs::canonical(&serde_json::to_value(&charge)?).expect("canonical"));
        prop_assert_eq!(EncodedRequest::parse(encoded.as_str()), Ok(encoded.clone()));
        prop_assert_eq!(encoded.read::<ChargeRequest>(), Ok(charge));
    }

    #[test]
    fn channel_messages_are_written_canonically(
        amount in any::<u64>(),
        cumulative in any::<Option<u64>>(),
        channel in ".+",
        texts in any::<[Option<String>; 4]>(),
        signature in vec(any::<u8>(), 64),
        close in any::<bool>(),
    ) {
        let [description, external_id, reference, unit_type] = texts;
        let details = coinslot_mpp_wire::stellar::ChannelDetails {
            cumulative_amount: cumulative.map(BaseUnits::from_u64),
            network: None,
            reference,
        };
        let request = ChannelRequest { description, external_id, unit_type, ..ChannelRequest::new(BaseUnits::from_u64(amount), channel, details) };
        let encoded = request.encode();
        prop_assert_eq!(encoded.json(), jcs::canonical(&serde_json::to_value(&request)?).expect("canonical"));
        prop_assert_eq!(encoded.read::<ChannelRequest>(), Ok(request));
        let action = if close { ChannelAction::Close } else { ChannelAction::Voucher };
        let signature = signature.try_into().expect("64 bytes");
        let voucher = ChannelPayload { action, amount: BaseUnits::from_u64(amount), signature };
        prop_assert_eq!(Payload::from(&voucher).read::<ChannelPayload>(), Ok(voucher));
    }

    #[test]
    fn payloads_are_read_as_written(payload in charge_payloads()) {
        prop_assert_eq!(Payload::from(&payload).read::<ChargePayload>(), Ok(payload));
    }

    #[test]
    fn times_agree_with_another_program(seconds in 0..253_402_300_800_i64, text in "[0-9]{4}-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:[0-5][0-9](\\.[0-9]{1,9})?(Z|[+-][01][0-9]:[0-5][0-9])") {
        let written = Timestamp::from_unix_seconds(seconds.unsigned_abs()).expect("a time");
        let theirs = OffsetDateTime::from_unix_timestamp(seconds)?;
        prop_assert_eq!(written.as_str(), theirs.format(&Rfc3339)?);
        let ours = text.parse::<Timestamp>().ok().map(|time| time.unix_seconds());
        let theirs = OffsetDateTime::parse(&text, &Rfc3339).ok().map(OffsetDateTime::unix_timestamp);
        // They refuse what is before the year 0 in UTC.
        if theirs.is_some() || !text.starts_with("0000") {
            prop_assert_eq!(ours, theirs, "{}", text);
        }
    }

    #[test]
    fn digests_are_of_one_body(body in vec(any::<u8>(), 0..64), other in vec(any::<u8>(), 0..64), text in "sha-256=:?[a-zA-Z0-9+/=]{0,48}:?") {
        let digest = BodyDigest::of(&body);
        let bare = digest.as_str().replace(':', "");
        for digest in [digest, bare.parse().expect("a digest")] {
            prop_assert!(digest.is_of(&body));
            prop_assert_eq!(digest.is_of(&other), body == other);
        }
        let kept: BodyDigest = text.parse().expect("kept");
        prop_assert_eq!(kept.as_str(), text);
    }

    #[test]
    fn receipts_are_read_as_written(method in any::<String>(), reference in any::<String>(), at in times(), external_id in any::<Option<String>>(), mut extensions in objects()) {
        for name in ["status", "method", "timestamp", "reference", "externalId"] {
            extensions.remove(name);
        }
        let mut receipt = Receipt::new(method, reference, at);
        (receipt.external_id, receipt.extensions) = (external_id, extensions);
        prop_assert_eq!(Receipt::from_header(&receipt.to_header()), Ok(receipt));
    }

    #[test]
    fn problems_are_read_as_written(kind in prop::sample::select(ProblemKind::ALL), reason in any::<String>(), id in any::<String>(), body in vec(any::<u8>(), 0..40)) {
        let problem = kind.because(reason).with_challenge_id(id);
        prop_assert_eq!(Problem::from_json(&problem.to_json()), Ok(problem));
        if let Err(error) = Problem::from_json(&body) {
            prop_assert!(error.position() <= body.len());
        }
    }

    #[test]
    fn preferences_are_read_as_written(
        ranges in vec(("[a-z]{1,6}|\\*", "[a-z]{1,6}|\\*", 0..=1_000_u16), 1..5),
        method in "[a-z]{1,2}",
        intent in "[a-z]{1,2}",
    ) {
        let ranges: Vec<PaymentRange> = ranges
            .into_iter()
            .map(|(method, intent, thousandths)| PaymentRange {
                method: method.parse().ok(),
                intent: intent.parse().ok(),
                quality: quality(thousandths),
            })
            .collect();
        let accept = AcceptPayment::new(ranges.clone()).expect("ranges");
        prop_assert_eq!(accept.to_string().parse::<AcceptPayment>(), Ok(accept.clone()));
        // The model: the most specific range that matches, of several the one that is liked best.
        let (method, intent) = (method.parse::<MethodName>().expect("a name"), intent.parse::<IntentName>().expect("a name"));
        let liked = |specific: usize| {
            ranges
                .iter()
                .filter(|range| usize::from(range.method.is_some()) + usize::from(range.intent.is_some()) == specific)
                .filter(|range| range.matches(&method, &intent))
                .map(|range| range.quality)
                .max()
        };
        let expected = liked(2).or_else(|| liked(1)).or_else(|| liked(0)).unwrap_or(Quality::ZERO);
        prop_assert_eq!(accept.quality(&method, &intent), expected);
        let offer = (method, intent);
        prop_assert_eq!(accept.rank([&offer], |offer| (&offer.0, &offer.1)).len(), usize::from(expected > Quality::ZERO));
    }

    #[test]
    fn payers_are_read_as_written(chain in "[-a-z0-9]{3,8}:[-_a-zA-Z0-9]{1,32}", account in "[-.%a-zA-Z0-9]{1,128}") {
        let did = DidPkh::new(chain.parse().expect("an id"), account).expect("an account");
        prop_assert_eq!(did.to_string().parse::<DidPkh>(), Ok(did));
    }

    #[test]
    fn anything_in_a_header_is_an_error_at_most(text in ".*", bytes in vec(any::<u8>(), 0..200)) {
        let _ = (text.parse::<AcceptPayment>(), text.parse::<DidPkh>(), text.parse::<Timestamp>());
        let _ = (Opaque::parse(&text), EncodedRequest::parse(&text), Receipt::from_header(&text));
        prop_assert!(Challenge::from_header(&text).is_err());
        let header = format!("Payment {}", URL_SAFE_NO_PAD.encode(&bytes));
        let kind = Credential::from_header(&header).expect_err("not a credential").kind();
        prop_assert_eq!(kind == HeaderErrorKind::Utf8, core::str::from_utf8(&bytes).is_err());
        prop_assert!(kind != HeaderErrorKind::Base64);
        prop_assert!(Credential::from_header(&bytes).is_err());
    }
}

fn quality(thousandths: u16) -> Quality {
    let (whole, rest) = (thousandths / 1_000, thousandths % 1_000);
    format!("{whole}.{rest:03}").parse().expect("a weight")
}
