use coinslot_x402_wire::{PaymentRequired, ResourceInfo};

use super::*;

fn accepts() -> Vec<PaymentRequirements> {
    let network = "stellar:testnet".parse().unwrap();
    let requirements = PaymentRequirements::new("exact", network, 5_u64.into(), "C", "G", 60);
    vec![
        requirements.clone(),
        requirements.with_extra("areFeesSponsored", true),
    ]
}

/// The joined text is the message that the wire crate itself would write.
#[test]
fn the_joined_message_is_the_messages_own_json() {
    let url = "https://example.com/a?b=c";
    for (description, mime_type) in [
        (None, None),
        (Some("a \"quoted\"\r\n</script> ünïcode \u{0}"), None),
        (Some("weather"), Some("text/plain")),
    ] {
        let texts = ResourceTexts {
            description: description.map(str::to_owned),
            mime_type: mime_type.map(str::to_owned),
        };
        let message = Challenge::new(&texts, &accepts()).message("because \"so\"", url);
        let mut resource = ResourceInfo::new(url);
        resource.description = texts.description;
        resource.mime_type = texts.mime_type;
        let expected = PaymentRequired::new(resource, accepts()).with_error("because \"so\"");
        assert_eq!(message.0, String::from_utf8(expected.to_json()).unwrap());
        assert_eq!(message.header(), expected.to_header());
        assert_eq!(
            PaymentRequired::from_json(message.body("say \"it\"").as_bytes()),
            Ok(expected)
        );
    }
}
