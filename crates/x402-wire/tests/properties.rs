//! Properties: what is written is read again, what is read agrees with a plain JSON parser, and nothing panics.

use base64::engine::{Engine, general_purpose::STANDARD};
use coinslot_usdc_amount::BaseUnits;
use coinslot_x402_wire::{
    Extensions, FacilitatorRequest, HeaderErrorKind, JsonErrorKind, MAX_JSON_DEPTH, PaymentPayload,
    PaymentRequired, PaymentRequirements, ReasonCode, ResourceInfo, SettleResponse,
    SupportedResponse, VerifyResponse,
};
use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use serde_json::{Map, Number, Value};

fn values() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
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

fn extensions() -> impl Strategy<Value = Option<Extensions>> {
    proptest::option::of(objects().prop_map(Extensions::from))
}

prop_compose! {
    fn resources()(
        url in ".+",
        description in any::<Option<String>>(),
        mime_type in any::<Option<String>>(),
    ) -> ResourceInfo {
        ResourceInfo { url, description, mime_type }
    }
}

prop_compose! {
    fn requirements()(
        scheme in ".+",
        network in "[-a-z0-9]{3,8}:[-_a-zA-Z0-9]{1,32}",
        amount in 0..=i128::MAX,
        asset in ".+",
        pay_to in ".+",
        max_timeout_seconds in 1_u64..,
        extra in proptest::option::of(objects()),
    ) -> PaymentRequirements {
        PaymentRequirements {
            scheme,
            network: network.parse().expect("an id"),
            amount: BaseUnits::try_from(amount).expect("not negative"),
            asset,
            pay_to,
            max_timeout_seconds,
            extra,
        }
    }
}

prop_compose! {
    fn demands()(
        error in any::<Option<String>>(),
        resource in resources(),
        accepts in vec(requirements(), 1..3),
        extensions in extensions(),
    ) -> PaymentRequired {
        PaymentRequired { error, extensions, ..PaymentRequired::new(resource, accepts) }
    }
}

prop_compose! {
    fn payments()(
        accepted in requirements(),
        payload in objects(),
        resource in proptest::option::of(resources()),
        extensions in extensions(),
    ) -> PaymentPayload {
        PaymentPayload { resource, extensions, ..PaymentPayload::new(accepted, payload) }
    }
}

prop_compose! {
    fn settlements()(
        success in any::<bool>(),
        reason in any::<Option<String>>(),
        error_message in any::<Option<String>>(),
        payer in any::<Option<String>>(),
        transaction in any::<String>(),
        network in "[-a-z0-9]{3,8}:[-_a-zA-Z0-9]{1,32}",
        amount in any::<Option<u64>>(),
        extensions in extensions(),
    ) -> SettleResponse {
        SettleResponse {
            success,
            error_reason: reason.map(ReasonCode::from),
            error_message,
            payer,
            transaction,
            network: network.parse().expect("an id"),
            amount: amount.map(BaseUnits::from_u64),
            extensions,
        }
    }
}

/// The depth of a value, by recursion.
fn depth(value: &Value) -> usize {
    match value {
        Value::Array(items) => 1 + items.iter().map(depth).max().unwrap_or(0),
        Value::Object(members) => 1 + members.values().map(depth).max().unwrap_or(0),
        _ => 0,
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn demands_are_read_as_written(demand in demands()) {
        prop_assert_eq!(PaymentRequired::from_json(&demand.to_json()), Ok(demand.clone()));
        if let Ok(read) = PaymentRequired::from_header(&demand.to_header()) {
            prop_assert_eq!(read, demand);
        }
    }

    #[test]
    fn payments_are_read_as_written(payment in payments()) {
        let header = payment.to_header();
        let read = PaymentPayload::from_header(&header);
        prop_assert_eq!(read.as_ref(), Ok(&payment));
        prop_assert_eq!(read.map(|read| read.to_header()), Ok(header));
        let request = FacilitatorRequest::new(payment.clone(), payment.accepted.clone());
        prop_assert_eq!(FacilitatorRequest::from_json(&request.to_json()), Ok(request));
    }

    #[test]
    fn settlements_are_read_as_written(settlement in settlements()) {
        prop_assert_eq!(SettleResponse::from_header(&settlement.to_header()), Ok(settlement.clone()));
        prop_assert_eq!(SettleResponse::from_json(&settlement.to_json()), Ok(settlement));
    }

    #[test]
    fn objects_are_kept_as_a_plain_parser_reads_them(object in objects()) {
        let text = serde_json::to_string(&object)?;
        let extensions = serde_json::from_str::<Extensions>(&text)?;
        prop_assert_eq!(serde_json::to_string(&extensions)?, text.clone());
        prop_assert_eq!(Value::from(extensions.as_object().clone()), serde_json::from_str::<Value>(&text)?);
        prop_assert_eq!(extensions.echoes(&extensions), Ok(()));
    }

    #[test]
    fn anything_in_a_header_is_an_error_at_most(value in ".*", bytes in vec(any::<u8>(), 0..200)) {
        let kind = PaymentPayload::from_header(&value).expect_err("not a payment").kind();
        if STANDARD.decode(&value).is_err() {
            prop_assert_eq!(kind, HeaderErrorKind::Base64);
        }
        let kind = PaymentPayload::from_header(&STANDARD.encode(&bytes)).expect_err("not a payment").kind();
        prop_assert_eq!(kind == HeaderErrorKind::Empty, bytes.is_empty());
        prop_assert_eq!(kind == HeaderErrorKind::Utf8, core::str::from_utf8(&bytes).is_err());
        prop_assert!(kind != HeaderErrorKind::Base64);
    }

    #[test]
    fn a_damaged_message_is_never_another_payment(
        payment in payments(),
        at in any::<prop::sample::Index>(),
        byte in any::<u8>(),
    ) {
        // Whatever is still accepted has been understood: it says the same when it is written again.
        let mut json = payment.to_json();
        let at = at.index(json.len());
        json[at] = byte;
        match PaymentPayload::from_json(&json) {
            Ok(read) => {
                let plain = serde_json::from_slice::<Value>(&json)?;
                prop_assert_eq!(&plain["accepted"]["amount"], &Value::from(read.accepted.amount.to_string()));
                prop_assert_eq!(&plain["accepted"]["payTo"], &Value::from(read.accepted.pay_to.clone()));
                prop_assert_eq!(&plain["payload"], &Value::from(read.payload.clone()));
                prop_assert_eq!(PaymentPayload::from_json(&read.to_json()), Ok(read));
            }
            Err(error) => prop_assert!(error.position() <= json.len()),
        }
    }

    #[test]
    fn a_cut_message_is_refused(payment in payments(), at in any::<prop::sample::Index>()) {
        let json = payment.to_json();
        let cut = &json[..at.index(json.len())];
        let kind = PaymentPayload::from_json(cut).expect_err("cut").kind();
        let expected = if core::str::from_utf8(cut).is_err() { JsonErrorKind::Utf8 } else { JsonErrorKind::Incomplete };
        prop_assert_eq!(kind, expected);
    }

    #[test]
    fn depth_is_judged_as_by_recursion(value in values(), wraps in 0..2 * MAX_JSON_DEPTH) {
        let deep = (0..wraps).fold(value, |inner, _| Value::from(vec![inner]));
        let text = format!(r#"{{"isValid":true,"skipped":{deep}}}"#);
        let too_deep = depth(&deep) + 1 > MAX_JSON_DEPTH;
        let read = VerifyResponse::from_json(text.as_bytes());
        prop_assert_eq!(read.is_err_and(|error| error.kind() == JsonErrorKind::TooDeep), too_deep);
    }

    #[test]
    fn other_bodies_never_panic(value in values(), bytes in vec(any::<u8>(), 0..100)) {
        for json in [value.to_string().into_bytes(), bytes] {
            for position in [
                SupportedResponse::from_json(&json).err().map(|error| error.position()),
                PaymentRequired::from_json(&json).err().map(|error| error.position()),
                FacilitatorRequest::from_json(&json).err().map(|error| error.position()),
            ] {
                prop_assert!(position.is_some_and(|position| position <= json.len()));
            }
        }
    }
}
