//! Properties of what a gate says.

use coinslot_x402_wire::PaymentRequired;
use http::{StatusCode, Uri};
use proptest::prelude::*;

use crate::harness::*;

fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap()
        .block_on(future)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(64) })]

    /// Known failure 44: no text of the seller's or the buyer's breaks the header, and all of it
    /// comes out of it as it went in.
    #[test]
    fn any_description_survives_the_header(description: String, mime_type: String) {
        let required = block_on(async {
            let world = World::new(TestFacilitator::new());
            let builder = world.builder().description(&description).mime_type(&mime_type);
            let reply = world.seller_behind(builder.build().await.unwrap()).get("/").await;
            assert_eq!(PaymentRequired::from_json(&reply.body).unwrap(), reply.required());
            reply.required()
        });
        prop_assert_eq!(required.resource.description, Some(description));
        prop_assert_eq!(required.resource.mime_type, Some(mime_type));
    }

    /// Whatever is asked for, the address begins with the public base and needs no escaping.
    #[test]
    fn any_path_gives_an_address_below_the_base(path in "/[ -~]{0,40}") {
        let Ok(uri) = path.parse::<Uri>() else { return Ok(()) };
        let reply = block_on(async {
            World::new(TestFacilitator::new()).seller().await.get(&uri.to_string()).await
        });
        prop_assert_eq!(reply.status, StatusCode::PAYMENT_REQUIRED);
        let url = reply.required().resource.url;
        prop_assert!(url.starts_with("https://api.example.com/"), "{}", url);
        prop_assert!(!url.contains(['"', '<', '>', '\\', '{', '}', ' ']), "{}", url);
    }

    /// No header makes the gate fail, run the handler, or forget to ask for a payment.
    #[test]
    fn any_header_is_refused(header in "[ -~]{0,200}") {
        let (reply, runs) = block_on(async {
            let world = World::new(TestFacilitator::new());
            let reply = world.seller().await.pay("/", &header).await;
            (reply, world.runs())
        });
        prop_assert!(matches!(reply.status.as_u16(), 400 | 402), "{}", reply.status);
        prop_assert_eq!(runs, 0);
    }
}
