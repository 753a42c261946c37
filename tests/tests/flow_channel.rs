//! Vouchers of channels from end to end: opened, paid from, settled and closed on the real engine.

use std::sync::Arc;

use coinslot_channel_commitment::{ChannelCall, Commitment};
use coinslot_mpp_wire::stellar::{ChannelStanding, PAYMENT_CHANNEL};
use coinslot_settlement::{ChannelError, Channels};
use coinslot_tests::{
    chain::Chain,
    channel::{Funded, channels_builder, gate, present, receipt},
    charge::fresh_challenge,
    programs::{Seller, memory},
};
use coinslot_usdc_amount::BaseUnits;
use serde_json::Value;

const PRICE: u64 = 10_000;

/// A seller who takes vouchers, its channels, and one that is funded with $1.
async fn shop(chain: &Chain) -> (Seller, Channels, Funded) {
    let recipient = chain.payer(0).await;
    let store = memory().await;
    let channels = channels_builder(chain, Arc::clone(&store), &recipient)
        .build()
        .await
        .expect("channels");
    let seller = Seller::open_gate("127.0.0.1:0", gate(store, channels.clone())).await;
    let funded = Funded::open(chain, recipient.account_id(), 10_000_000).await;
    (seller, channels, funded)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_channel_pays_request_after_request_and_both_balances_add_up() {
    let chain = Chain::start().await;
    let (seller, channels, funded) = shop(&chain).await;
    let coinslot_stellar_address::Address::Account(recipient) = channels.recipient() else {
        panic!("an account is paid");
    };
    let challenge = funded.challenge(&seller.weather()).await;
    for paid in 1..=20 {
        let response = funded
            .pay(&seller.weather(), &challenge, paid * PRICE)
            .await;
        assert_eq!(response.status(), 200, "{:?}", response.text().await);
        assert_eq!(response.headers()["cache-control"], "private");
        let receipt = receipt(&response);
        assert_eq!(receipt.reference, challenge.id());
        assert_eq!(
            receipt.extensions["acceptedCumulative"],
            Value::from((paid * PRICE).to_string())
        );
        assert_eq!(receipt.extensions["channelId"], funded.channel.to_string());
        if paid == 10 {
            let channel = channels.channel(&funded.channel).await.expect("a channel");
            let transaction = channel.settle().await.expect("a settlement");
            assert!(transaction.is_some());
            assert_eq!(chain.usdc(&recipient).await, u128::from(10 * PRICE));
        }
    }
    assert_eq!(seller.runs(), 20);
    let channel = channels.channel(&funded.channel).await.expect("a channel");
    channel.close().await.expect("a close");
    assert_eq!(chain.usdc(&recipient).await, u128::from(20 * PRICE));
    // The funder had twice what it deposited.
    assert_eq!(
        chain.usdc(&funded.funder.account_id()).await,
        20_000_000 - u128::from(20 * PRICE)
    );
    let late = funded.pay(&seller.weather(), &challenge, 21 * PRICE).await;
    assert_eq!(late.status(), 402);
    assert_eq!(seller.runs(), 20);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_voucher_for_the_same_request_is_answered_again_and_for_another_refused() {
    let chain = Chain::start().await;
    let (seller, _, funded) = shop(&chain).await;
    let challenge = funded.challenge(&seller.weather()).await;
    let first = funded.pay(&seller.weather(), &challenge, PRICE).await;
    let receipt_of_first = receipt(&first);
    let first: Value = first.json().await.expect("JSON");
    let again = funded.pay(&seller.weather(), &challenge, PRICE).await;
    assert_eq!(receipt(&again), receipt_of_first);
    assert_eq!(again.json::<Value>().await.expect("JSON"), first);
    assert_eq!(seller.runs(), 1);

    let other = format!("{}?day=tomorrow", seller.weather());
    let challenge = funded.challenge(&other).await;
    let refused = funded.pay(&other, &challenge, PRICE).await;
    assert_eq!(refused.status(), 402);
    assert_eq!(seller.runs(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn only_whoever_proves_the_key_is_told_how_far_a_channel_is_used() {
    let chain = Chain::start().await;
    let (seller, _, funded) = shop(&chain).await;
    let challenge = funded.challenge(&seller.weather()).await;
    funded.pay(&seller.weather(), &challenge, 3 * PRICE).await;

    let asked = funded.ask(&seller.weather()).await;
    assert!(!asked.headers().contains_key(PAYMENT_CHANNEL));
    let told = fresh_challenge(&asked).request().json().to_owned();
    assert!(!told.contains("cumulative"), "{told}");

    let client = reqwest::Client::new();
    let ask = async |named: String| {
        let request = client.get(seller.weather()).header(PAYMENT_CHANNEL, named);
        request.send().await.expect("an answer")
    };
    let told = ask(funded.proven()).await;
    let standing: ChannelStanding = told.headers()[PAYMENT_CHANNEL]
        .to_str()
        .expect("ASCII")
        .parse()
        .expect("a standing");
    assert_eq!(standing.cumulative, BaseUnits::from_u64(3 * PRICE));
    assert_eq!(
        standing.signature,
        *funded.voucher(3 * PRICE).signature(),
        "the highest voucher itself"
    );
    let challenge = fresh_challenge(&told);
    assert!(
        challenge
            .request()
            .json()
            .contains("\"cumulativeAmount\":\"30000\"")
    );
    let paid = funded.pay(&seller.weather(), &challenge, 4 * PRICE).await;
    assert_eq!(paid.status(), 200);

    // An old proof, and one of another key, prove nothing.
    let other = Funded::open(&chain, funded.funder.account_id(), 1_000).await;
    let forged = other
        .proven()
        .replace(&other.channel.to_string(), &funded.channel.to_string());
    for named in [
        funded.proven_at(coinslot_tests::charge::now() - 600),
        forged,
    ] {
        let answer = ask(named).await;
        assert_eq!(answer.status(), 402);
        assert!(!answer.headers().contains_key(PAYMENT_CHANNEL));
    }
    let unreadable = ask("nonsense".to_owned()).await;
    assert_eq!(unreadable.status(), 400);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_buyer_closes_at_what_was_really_spent() {
    let chain = Chain::start().await;
    let (seller, channels, funded) = shop(&chain).await;
    let challenge = funded.challenge(&seller.weather()).await;
    // Signed for more than the price: the rest is the buyer's.
    let paid = funded.pay(&seller.weather(), &challenge, 50 * PRICE).await;
    assert_eq!(paid.status(), 200);
    let client = reqwest::Client::new();
    let below = funded.closing(&challenge, PRICE - 1);
    assert_eq!(
        present(&client, &seller.weather(), &below).await.status(),
        402
    );
    let closed = present(
        &client,
        &seller.weather(),
        &funded.closing(&challenge, 50 * PRICE),
    )
    .await;
    assert_eq!(closed.status(), 204, "{:?}", closed.text().await);
    let receipt = receipt(&closed);
    assert!(receipt.extensions.contains_key("txHash"), "{receipt:?}");
    let coinslot_stellar_address::Address::Account(recipient) = channels.recipient() else {
        panic!("an account is paid");
    };
    assert_eq!(chain.usdc(&recipient).await, u128::from(50 * PRICE));
    assert_eq!(seller.runs(), 1);
    // The same close again says the same.
    let again = present(
        &client,
        &seller.weather(),
        &funded.closing(&challenge, 50 * PRICE),
    )
    .await;
    assert_eq!(again.status(), 204);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_contract_prepares_the_bytes_that_we_sign() {
    let chain = Chain::start().await;
    let recipient = chain.payee().await;
    let funded = Funded::open(&chain, recipient, 1_000).await;
    for _ in 0..100 {
        let mut random = [0; 16];
        getrandom::fill(&mut random).expect("randomness");
        let amount = BaseUnits::new(u128::from_be_bytes(random) >> 1).expect("an amount");
        let call = ChannelCall::PrepareCommitment(amount);
        let returned = funded.view(&chain, &call).await;
        let returned = returned.expect("a value");
        let ours = Commitment {
            network: chain.local.network_id(),
            channel: funded.channel,
            amount,
        }
        .encode();
        // An `SCVal::Bytes`: its kind and its length come first.
        assert_eq!(returned.get(8..), Some(ours.as_slice()), "{amount}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_funder_who_starts_to_close_is_answered_in_time() {
    let chain = Chain::start().await;
    let (seller, channels, funded) = shop(&chain).await;
    let challenge = funded.challenge(&seller.weather()).await;
    for paid in 1..=5 {
        funded
            .pay(&seller.weather(), &challenge, paid * PRICE)
            .await;
    }
    funded.call(&ChannelCall::CloseStart).await;
    let coinslot_stellar_address::Address::Account(recipient) = channels.recipient() else {
        panic!("an account is paid");
    };
    for _ in 0..100 {
        if chain.usdc(&recipient).await > 0 {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    assert_eq!(chain.usdc(&recipient).await, u128::from(5 * PRICE));
    let refused = funded.pay(&seller.weather(), &challenge, 6 * PRICE).await;
    assert_eq!(refused.status(), 402);
    assert!(matches!(
        channels
            .channel(
                &Funded::open(&chain, chain.payee().await, 1_000)
                    .await
                    .channel
            )
            .await,
        Err(ChannelError::Refused(_))
    ));
}
