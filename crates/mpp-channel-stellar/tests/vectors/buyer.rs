//! The buyer's side.

use coinslot_caip2_network::StellarNetwork;
use coinslot_mpp_channel_stellar::ReadStateError;
use coinslot_mpp_channel_stellar::client::{BuyerRefusal, BuyerState, Caps, Purchase};
use coinslot_usdc_amount::BaseUnits;
use sha2::{Digest as _, Sha256};

use crate::channel::*;

const HOST: &str = "api.example.com";

fn new() -> BuyerState {
    BuyerState::new(network(), channel())
}

fn caps() -> Caps {
    Caps {
        per_channel: units(500),
        per_request: units(100),
    }
}

fn buy(price: u64, number: u8) -> Purchase<'static> {
    Purchase {
        price: units(price),
        request: request(number),
        host: HOST,
        is_metered: false,
    }
}

fn signed(state: &BuyerState, purchase: &Purchase<'_>) -> (u64, BuyerState) {
    let sign = state.next(purchase, &caps()).unwrap();
    (u64::try_from(sign.amount.as_u128()).unwrap(), sign.next)
}

fn paid(state: &BuyerState, purchase: &Purchase<'_>) -> BuyerState {
    let (amount, state) = signed(state, purchase);
    state.acknowledge(units(amount)).unwrap()
}

#[test]
fn amounts_rise_by_the_price() {
    let state = paid(&new(), &buy(10, 1));
    assert_eq!(
        (state.acknowledged(), state.close_amount()),
        (units(10), units(10))
    );
    assert_eq!(signed(&state, &buy(30, 2)).0, 40);
    // The same request once more is another purchase, once the first was answered.
    assert_eq!(signed(&state, &buy(10, 1)).0, 20);
}

#[test]
fn after_a_lost_answer_the_same_voucher_is_sent_again() {
    let (amount, state) = signed(&paid(&new(), &buy(10, 1)), &buy(10, 2));
    assert_eq!(amount, 20);
    assert_eq!(signed(&state, &buy(10, 2)), (20, state.clone()));
    // At a lower price too.
    assert_eq!(signed(&state, &buy(5, 2)), (20, state.clone()));
    // A higher one is another thing, and so is another request, or the same at another host.
    assert_eq!(
        state.next(&buy(11, 2), &caps()),
        Err(BuyerRefusal::PriceRisen)
    );
    assert_eq!(
        state.next(&buy(10, 3), &caps()),
        Err(BuyerRefusal::PendingElsewhere)
    );
    let elsewhere = Purchase {
        host: "other.example.com",
        ..buy(10, 2)
    };
    assert_eq!(
        state.next(&elsewhere, &caps()),
        Err(BuyerRefusal::PendingElsewhere)
    );
}

#[test]
fn a_voucher_that_the_server_proves_to_have_is_spent_once() {
    let (_, state) = signed(&new(), &buy(10, 1));
    let state = state.reconcile(Some(&voucher(10))).unwrap();
    assert_eq!(
        (state.acknowledged(), state.close_amount()),
        (units(10), units(10))
    );
    assert!(state.pending().unwrap().is_taken());
    // The answer can still be had, for nothing; another request pays its own price.
    assert_eq!(signed(&state, &buy(10, 1)), (10, state.clone()));
    assert_eq!(signed(&state, &buy(10, 2)).0, 20);
    let state = state.acknowledge(units(10)).unwrap();
    assert_eq!(state.close_amount(), units(10));
    assert_eq!(state.pending(), None);
    let twice = state.reconcile(Some(&voucher(10))).unwrap();
    assert_eq!(twice, state);
}

#[test]
fn a_voucher_that_the_server_proves_not_to_have_is_not_spent() {
    let before = paid(&new(), &buy(10, 1));
    let (_, pending) = signed(&before, &buy(30, 2));
    for highest in [Some(voucher(10)), None] {
        let state = pending.reconcile(highest.as_ref()).unwrap();
        assert_eq!(state.pending(), None);
        assert_eq!(
            (state.acknowledged(), state.close_amount()),
            (units(10), units(10))
        );
        assert_eq!(signed(&state, &buy(20, 3)).0, 30);
        assert_eq!(state.signed(), units(40));
    }
}

/// A server that takes each voucher and denies it each time has the highest of them, once.
#[test]
fn a_server_that_denies_every_voucher_gains_nothing() {
    let mut state = new();
    for number in 0..20 {
        let (amount, next) = signed(&state, &buy(10, number));
        assert_eq!(amount, 10);
        state = next.reconcile(None).unwrap();
    }
    assert_eq!(state.signed(), units(10));
}

#[test]
fn a_servers_figure_alone_moves_nothing() {
    let (_, state) = signed(&new(), &buy(10, 1));
    for amount in [0, 9, 11, 400] {
        assert_eq!(
            state.acknowledge(units(amount)),
            Err(BuyerRefusal::NotPending)
        );
    }
    assert_eq!(
        new().acknowledge(BaseUnits::ZERO),
        Err(BuyerRefusal::NotPending)
    );
}

#[test]
fn a_higher_figure_is_adopted_with_a_voucher_of_our_own_key() {
    let state = paid(&new(), &buy(10, 1));
    assert_eq!(
        state.reconcile(Some(&voucher_of(&other_channel(), 200))),
        Err(BuyerRefusal::AnotherChannel)
    );
    let pubnet = BuyerState::new(StellarNetwork::Pubnet.network_id(), channel());
    assert_eq!(
        pubnet.reconcile(Some(&voucher(200))),
        Err(BuyerRefusal::AnotherChannel)
    );
    let (_, pending) = signed(&state, &buy(10, 2));
    for state in [state, pending] {
        let adopted = state.reconcile(Some(&voucher(200))).unwrap();
        assert_eq!(
            (adopted.acknowledged(), adopted.close_amount()),
            (units(200), units(200))
        );
        assert_eq!(adopted.pending(), None);
        assert_eq!(signed(&adopted, &buy(10, 3)).0, 210);
    }
}

#[test]
fn a_lower_figure_lowers_nothing() {
    let state = paid(&paid(&new(), &buy(10, 1)), &buy(10, 2));
    for highest in [Some(voucher(10)), None] {
        let state = state.reconcile(highest.as_ref()).unwrap();
        assert_eq!(state.acknowledged(), units(20));
    }
}

#[test]
fn nothing_is_signed_above_the_caps_or_the_deposit() {
    assert_eq!(new().next(&buy(0, 1), &caps()), Err(BuyerRefusal::NoPrice));
    assert_eq!(
        new().next(&buy(101, 1), &caps()),
        Err(BuyerRefusal::AboveRequestCap {
            price: units(101),
            cap: units(100)
        })
    );
    let mut state = new();
    for number in 1..=5 {
        state = paid(&state, &buy(100, number));
    }
    assert_eq!(
        state.next(&buy(1, 6), &caps()),
        Err(BuyerRefusal::AboveChannelCap { cap: units(500) })
    );
    let poor = new().with_deposit(units(15));
    let (_, poor) = signed(&poor, &buy(15, 1));
    let poor = poor.acknowledge(units(15)).unwrap();
    assert_eq!(
        poor.next(&buy(1, 2), &caps()),
        Err(BuyerRefusal::DepositUsedUp {
            amount: units(16),
            deposited: units(15)
        })
    );
    signed(&poor.with_deposit(units(16)), &buy(1, 2));
    // Adopted from elsewhere: above the cap already.
    let far = new().reconcile(Some(&voucher(600))).unwrap();
    assert!(matches!(
        far.next(&buy(1, 1), &caps()),
        Err(BuyerRefusal::AboveChannelCap { .. })
    ));
    // A cap that was lowered holds for what is pending too.
    let (_, pending) = signed(&new(), &buy(90, 1));
    let less = Caps {
        per_channel: units(80),
        ..caps()
    };
    assert!(matches!(
        pending.next(&buy(90, 1), &less),
        Err(BuyerRefusal::AboveChannelCap { .. })
    ));
}

#[test]
fn what_cannot_be_learned_counts_as_spent() {
    let (_, state) = signed(&new(), &buy(10, 1));
    let state = state.give_up();
    assert_eq!(
        (state.acknowledged(), state.close_amount()),
        (units(10), units(10))
    );
    assert_eq!(state.give_up(), state);
    assert_eq!(signed(&state, &buy(10, 1)).0, 20);
}

#[test]
fn the_unused_rest_of_a_stream_pays_for_the_next() {
    let reserve = Purchase {
        is_metered: true,
        ..buy(50, 1)
    };
    let state = paid(&paid(&new(), &buy(10, 9)), &reserve);
    assert_eq!(
        (state.acknowledged(), state.close_amount()),
        (units(60), units(60))
    );
    // Topped up once, used 70 of 90.
    let more = Purchase {
        is_metered: true,
        ..buy(40, 1)
    };
    let state = paid(&state, &more).stream_ended(units(70));
    assert_eq!(
        (state.acknowledged(), state.close_amount()),
        (units(100), units(80))
    );
    assert_eq!(signed(&state, &buy(5, 2)).0, 101);
    assert_eq!(signed(&state, &buy(30, 2)).0, 110);
    assert_eq!(state.stream_ended(units(0)), state);
    // A server that charges more than it was given charges what it was given.
    let greedy = paid(&new(), &reserve).stream_ended(units(900));
    assert_eq!(greedy.close_amount(), units(50));
}

/// Buyer and seller say the same, without a word between them but vouchers.
#[test]
fn a_seller_takes_what_a_buyer_signs() {
    let (mut buyer, mut seller) = (new(), first());
    for number in 1..=4 {
        let (amount, next) = signed(&buyer, &buy(10, number));
        seller = pay(amount, 10, number).accepted(&seller);
        buyer = next.acknowledge(units(amount)).unwrap();
    }
    let reserve = Purchase {
        is_metered: true,
        ..buy(35, 5)
    };
    let (amount, next) = signed(&buyer, &reserve);
    seller = stream(amount, 10, 5).accepted(&seller);
    buyer = next.acknowledge(units(amount)).unwrap();
    let mut meter = seller.meter(US, units(10)).unwrap();
    meter.charge(2, units(DEPOSIT)).unwrap();
    seller = seller.finish(&meter).unwrap();
    buyer = buyer.stream_ended(meter.used());
    assert_eq!(buyer.close_amount(), seller.spent());
    for (price, number) in [(5, 6), (40, 7)] {
        let (amount, next) = signed(&buyer, &buy(price, number));
        seller = pay(amount, price, number).accepted(&seller);
        buyer = next.acknowledge(units(amount)).unwrap();
    }
    assert_eq!(buyer.close_amount(), seller.spent());
    let amount = u64::try_from(buyer.close_amount().as_u128()).unwrap();
    assert!(matches!(
        pay(amount, 1, 8).close(&seller, &facts()),
        Ok(coinslot_mpp_channel_stellar::CloseJudgement::Close(_))
    ));
}

#[test]
fn the_stored_form_is_read_as_it_was_written_or_not_at_all() {
    let (_, pending) = signed(
        &paid(&new(), &buy(10, 1)).with_deposit(units(900)),
        &buy(10, 2),
    );
    let read = |bytes: &[u8]| BuyerState::from_bytes(bytes, &network(), &channel());
    for state in [new(), pending] {
        let bytes = state.to_bytes();
        assert_eq!(read(&bytes), Ok(state));
        for at in 0..bytes.len() {
            let mut changed = bytes.clone();
            changed[at] ^= 1;
            assert!(read(&changed).is_err(), "{at}");
        }
        assert_eq!(
            BuyerState::from_bytes(&bytes, &network(), &other_channel()),
            Err(ReadStateError::AnotherChannel)
        );
    }
    assert!(matches!(
        read(&first().to_bytes()),
        Err(ReadStateError::Json(_))
    ));
}

/// With something left over from a stream, where what is spent is below what is acknowledged.
#[test]
fn what_was_reconciled_is_not_counted_again_when_its_answer_comes() {
    let reserve = Purchase {
        is_metered: true,
        ..buy(50, 1)
    };
    let state = paid(&new(), &reserve).stream_ended(units(30));
    let (amount, state) = signed(&state, &buy(5, 2));
    assert_eq!(amount, 51);
    let state = state.reconcile(Some(&voucher(51))).unwrap();
    assert_eq!(state.close_amount(), units(35));
    let state = state.acknowledge(units(51)).unwrap();
    assert_eq!(state.close_amount(), units(35));
}

#[test]
fn a_stored_voucher_above_all_that_was_signed_is_a_contradiction() {
    let (_, pending) = signed(&new(), &buy(10, 1));
    let text = String::from_utf8(pending.to_bytes()).unwrap();
    let (body, _) = text.split_once(r#","checksum""#).unwrap();
    for (from, to) in [
        (r#""signed":"10""#, r#""signed":"9""#),
        (r#""spent":"0""#, r#""spent":"1""#),
        (r#""acknowledged":"0""#, r#""acknowledged":"11""#),
        (r#""stream":"0""#, r#""stream":"1""#),
        (r#""price":"10""#, r#""price":"0""#),
    ] {
        assert!(body.contains(from), "{body}");
        let body = format!("{}}}", body.replacen(from, to, 1));
        let checksum = hex::encode(Sha256::digest(&body));
        let open = body.strip_suffix('}').unwrap();
        let sealed = format!(r#"{open},"checksum":"{checksum}"}}"#);
        assert_eq!(
            BuyerState::from_bytes(sealed.as_bytes(), &network(), &channel()),
            Err(ReadStateError::Contradiction),
            "{to}"
        );
    }
}
