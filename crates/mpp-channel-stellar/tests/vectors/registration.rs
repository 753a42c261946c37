//! What a channel must be before it is served.

use coinslot_channel_commitment::{CommitmentPublicKey, UnusableKeyError};
use coinslot_mpp_channel_stellar::{ChannelFacts, ChannelPolicy, ChannelRefusal, register};
use coinslot_stellar_address::Address;
use coinslot_usdc_amount::BaseUnits;

use crate::channel::*;

fn refused(change: impl FnOnce(&mut ChannelFacts)) -> ChannelRefusal {
    let mut facts = facts();
    change(&mut facts);
    register(channel(), &network(), &facts, &policy()).unwrap_err()
}

#[test]
fn a_channel_that_meets_every_demand_is_taken() {
    let registered = register(channel(), &network(), &facts(), &policy()).unwrap();
    assert_eq!(registered.channel(), channel());
    assert_eq!(registered.facts(), &facts());
    assert_eq!(registered.verifier().public_key(), key().public_key());
    let state = registered.first_state();
    assert_eq!((state.channel(), state.network()), (channel(), network()));
    assert_eq!(state.cumulative(), BaseUnits::ZERO);
}

#[test]
fn code_recipient_token_and_key_are_checked() {
    assert_eq!(
        refused(|facts| facts.instance.wasm_hash[31] ^= 1),
        ChannelRefusal::Code
    );
    assert_eq!(
        refused(|facts| facts.instance.recipient = Address::Contract(channel())),
        ChannelRefusal::Recipient
    );
    assert_eq!(
        refused(|facts| facts.instance.token = channel()),
        ChannelRefusal::Token
    );
    // The neutral element, and a point that is none.
    let small = CommitmentPublicKey::from_bytes(core::array::from_fn(|at| u8::from(at == 0)));
    assert_eq!(
        refused(|facts| facts.instance.commitment_key = small),
        ChannelRefusal::CommitmentKey(UnusableKeyError::SmallOrder)
    );
    let none =
        CommitmentPublicKey::from_bytes(core::array::from_fn(|at| if at == 0 { 2 } else { 0 }));
    assert_eq!(
        refused(|facts| facts.instance.commitment_key = none),
        ChannelRefusal::CommitmentKey(UnusableKeyError::NotAPoint)
    );
}

#[test]
fn a_policy_without_codes_takes_no_channel() {
    let policy = ChannelPolicy {
        wasm_hashes: Vec::new(),
        ..policy()
    };
    assert_eq!(
        register(channel(), &network(), &facts(), &policy).unwrap_err(),
        ChannelRefusal::Code
    );
}

#[test]
fn a_short_waiting_period_is_refused() {
    for found in [0, 1, WAITING_PERIOD - 1] {
        assert_eq!(
            refused(|facts| facts.instance.refund_waiting_period = found),
            ChannelRefusal::WaitingPeriod {
                found,
                shortest: WAITING_PERIOD
            }
        );
    }
}

#[test]
fn a_channel_that_is_closing_is_refused() {
    for effective_at_ledger in [1, LEDGER, LEDGER + 1, u32::MAX] {
        let closing = |facts: &mut ChannelFacts| *facts = closing_at(effective_at_ledger);
        assert_eq!(
            refused(closing),
            ChannelRefusal::Closing {
                effective_at_ledger
            }
        );
    }
}

#[test]
fn a_channel_that_is_archived_or_will_be_soon_is_refused() {
    assert_eq!(
        refused(|facts| facts.live_until_ledger = LEDGER - 1),
        ChannelRefusal::Archived
    );
    assert_eq!(
        refused(|facts| facts.live_until_ledger = LEDGER + 17_279),
        ChannelRefusal::TimeToLive {
            found: 17_279,
            shortest: 17_280
        }
    );
}

#[test]
fn a_channel_without_a_deposit_is_refused() {
    assert_eq!(
        refused(|facts| facts.balance = BaseUnits::ZERO),
        ChannelRefusal::NoDeposit
    );
}

#[test]
fn what_was_read_is_about_this_channel() {
    assert_eq!(
        register(other_channel(), &network(), &facts(), &policy()).unwrap_err(),
        ChannelRefusal::AnotherChannel
    );
}

#[test]
fn what_was_withdrawn_before_there_was_a_record_is_spent() {
    let registered = register(channel(), &network(), &withdrawn(400), &policy()).unwrap();
    let state = registered.first_state();
    assert_eq!(
        (state.spent(), state.cumulative()),
        (units(400), units(400))
    );
    assert!(matches!(
        pay(405, 10, 1).refused(&state, &withdrawn(400)),
        coinslot_mpp_channel_stellar::Refusal::BelowPrice { .. }
    ));
    pay(410, 10, 1).accepted(&state);
}

#[test]
fn margin_and_age_are_thirds_of_a_short_waiting_period_at_most() {
    let policy = policy();
    assert_eq!(policy.margin(WAITING_PERIOD), 5_760);
    assert_eq!(policy.margin(100_000), 5_760);
    assert_eq!((policy.margin(30), policy.margin(2)), (10, 0));
}
