//! What the watcher has to do.

use coinslot_mpp_channel_stellar::{ChannelFacts, ChannelPolicy, ChannelState, Duty, Phase};
use coinslot_usdc_amount::BaseUnits;

use crate::channel::*;

const DAY: u64 = 86_400_000;

fn used() -> ChannelState {
    pay(100, 100, 1)
        .accepted(&first())
        .answered(units(100), US)
        .unwrap()
}

fn duty(state: &ChannelState, facts: &ChannelFacts) -> Duty {
    state.duty(facts, &policy(), NOW)
}

#[test]
fn a_new_channel_wants_nothing() {
    assert_eq!(duty(&first(), &facts()), Duty::Nothing);
    assert_eq!(
        first().duty(&facts(), &policy(), NOW + 9 * DAY),
        Duty::Nothing
    );
}

#[test]
fn much_is_settled_at_once_and_little_after_a_time() {
    let mut policy = policy();
    assert_eq!(used().duty(&facts(), &policy, NOW + DAY - 1), Duty::Nothing);
    assert_eq!(used().duty(&facts(), &policy, NOW + DAY), Duty::Settle);
    policy.settle_amount = units(101);
    assert_eq!(used().duty(&facts(), &policy, NOW), Duty::Nothing);
    policy.settle_amount = units(100);
    assert_eq!(used().duty(&facts(), &policy, NOW), Duty::Settle);
}

#[test]
fn what_is_settled_is_not_settled_again() {
    let settled = used().observe(&withdrawn(100));
    assert!(settled.exposure().is_zero());
    assert_eq!(
        settled.duty(&withdrawn(100), &policy(), NOW + 9 * DAY),
        Duty::Nothing
    );
    // The clock starts anew with the next voucher.
    let later = pay(110, 10, 2).at(NOW + 200_000).accepted(&settled);
    let due = NOW + 200_000 + DAY;
    assert_eq!(
        later.duty(&withdrawn(100), &policy(), due - 1),
        Duty::Nothing
    );
    assert_eq!(later.duty(&withdrawn(100), &policy(), due), Duty::Settle);
    // And with a settlement that left something.
    let partly = used().observe(&ChannelFacts {
        read_at: NOW + DAY,
        ..withdrawn(40)
    });
    assert_eq!(
        partly.duty(&withdrawn(40), &policy(), NOW + 2 * DAY - 1),
        Duty::Nothing
    );
    assert_eq!(
        partly.duty(&withdrawn(40), &policy(), NOW + 2 * DAY),
        Duty::Settle
    );
}

#[test]
fn when_the_funder_begins_to_close_we_close_before_the_margin() {
    let effective = LEDGER + WAITING_PERIOD;
    assert_eq!(
        duty(&used(), &closing_at(effective)),
        Duty::Close {
            before_ledger: effective - 5_760
        }
    );
    // Noticed late: the ledger has passed, and it is the duty all the same.
    let late = ChannelFacts {
        ledger: effective - 1,
        ..closing_at(effective)
    };
    assert_eq!(
        duty(&used(), &late),
        Duty::Close {
            before_ledger: effective - 5_760
        }
    );
    // Noticed so late that the funder may be faster: as long as the money is there.
    let over = ChannelFacts {
        ledger: effective + 100,
        ..closing_at(effective)
    };
    assert!(matches!(duty(&used(), &over), Duty::Close { .. }));
    assert!(matches!(
        used().observe(&over).phase(),
        Phase::Closing { .. }
    ));
}

#[test]
fn a_channel_that_begins_to_close_anew_has_the_later_ledger() {
    let state = used().observe(&closing_at(5_000));
    let anew = ChannelFacts {
        ledger: LEDGER + 10,
        ..closing_at(9_000)
    };
    assert_eq!(
        duty(&state, &anew),
        Duty::Close {
            before_ledger: 3_240
        }
    );
}

#[test]
fn a_channel_that_owes_nothing_may_close() {
    assert_eq!(duty(&first(), &closing_at(9_000)), Duty::Nothing);
    let settled = withdrawn(100);
    let closing = ChannelFacts {
        instance: coinslot_channel_commitment::ChannelInstance {
            close_effective_at_ledger: Some(9_000),
            ..settled.instance
        },
        ..settled
    };
    assert_eq!(duty(&used(), &closing), Duty::Nothing);
    let over = ChannelFacts {
        ledger: 9_000,
        ..closing
    };
    assert_eq!(duty(&used(), &over), Duty::Closed);
}

#[test]
fn what_was_refunded_before_we_closed_is_lost() {
    let refunded = ChannelFacts {
        balance: BaseUnits::ZERO,
        ..closing_at(LEDGER)
    };
    let lost = Duty::Lost { amount: units(100) };
    assert_eq!(duty(&used(), &refunded), lost);
    // It stays so when somebody deposits by mistake.
    let state = used().observe(&refunded);
    assert_eq!(duty(&state, &facts()), lost);
    assert_eq!(duty(&state, &closing_at(LEDGER)), lost);
}

#[test]
fn after_our_close_nothing_is_to_be_done() {
    let facts = ChannelFacts {
        instance: coinslot_channel_commitment::ChannelInstance {
            withdrawn: units(100),
            close_effective_at_ledger: Some(LEDGER),
            ..instance()
        },
        balance: BaseUnits::ZERO,
        ..facts()
    };
    assert_eq!(duty(&used(), &facts), Duty::Closed);
}

#[test]
fn a_seller_can_close_without_being_asked() {
    let state = used().close_by_seller(NOW);
    assert_eq!(
        duty(&state, &facts()),
        Duty::Close {
            before_ledger: LEDGER
        }
    );
    // Without a voucher the contract does not close for us.
    assert_eq!(duty(&first().close_by_seller(NOW), &facts()), Duty::Nothing);
}

#[test]
fn the_time_to_live_is_extended_while_the_channel_owes_something() {
    let soon = ChannelFacts {
        live_until_ledger: LEDGER + 120_959,
        ..facts()
    };
    assert_eq!(duty(&used(), &soon), Duty::ExtendTtl);
    assert_eq!(duty(&first(), &soon), Duty::Nothing);
    let later = ChannelFacts {
        live_until_ledger: LEDGER + 120_960,
        ..facts()
    };
    assert_eq!(duty(&used(), &later), Duty::Nothing);
    // One that closes is closed before it is archived.
    let closing = ChannelFacts {
        live_until_ledger: 1_500,
        ..closing_at(LEDGER + WAITING_PERIOD)
    };
    assert_eq!(
        duty(&used(), &closing),
        Duty::Close {
            before_ledger: 1_500
        }
    );
}

#[test]
fn an_archived_channel_is_restored_and_closed() {
    let archived = ChannelFacts {
        live_until_ledger: LEDGER - 1,
        ..facts()
    };
    assert_eq!(duty(&used(), &archived), Duty::RestoreThenClose);
    assert_eq!(duty(&first(), &archived), Duty::Nothing);
    assert_eq!(
        duty(&used().close_by_seller(NOW), &archived),
        Duty::RestoreThenClose
    );
    let settled = used().observe(&withdrawn(100)).close_by_seller(NOW);
    assert_eq!(duty(&settled, &archived), Duty::RestoreThenClose);
}

#[test]
fn dust_is_worth_no_transaction_until_the_funder_closes() {
    let dust = |amount| ChannelPolicy {
        dust: units(amount),
        ..policy()
    };
    let soon = ChannelFacts {
        live_until_ledger: LEDGER + 1,
        ..facts()
    };
    let archived = ChannelFacts {
        live_until_ledger: LEDGER - 1,
        ..facts()
    };
    for (facts, due) in [
        (facts(), Duty::Settle),
        (soon, Duty::Settle),
        (archived, Duty::RestoreThenClose),
    ] {
        let later = NOW + DAY;
        assert_eq!(used().duty(&facts, &dust(101), later), Duty::Nothing);
        assert_eq!(used().duty(&facts, &dust(100), later), due);
    }
    assert_eq!(used().duty(&soon, &dust(101), NOW), Duty::Nothing);
    assert_eq!(used().duty(&soon, &dust(100), NOW), Duty::ExtendTtl);
    // Whoever wants so little settled at once gets it.
    let mut wanted = dust(101);
    wanted.settle_amount = units(100);
    assert_eq!(used().duty(&facts(), &wanted, NOW), Duty::Settle);
    let closing = closing_at(LEDGER + WAITING_PERIOD);
    let duty = used().duty(&closing, &dust(101), NOW);
    assert!(matches!(duty, Duty::Close { .. }), "{duty:?}");
    let promised = used().close_by_seller(NOW);
    let duty = promised.duty(&facts(), &dust(101), NOW);
    assert!(matches!(duty, Duty::Close { .. }), "{duty:?}");
}

#[test]
fn the_clock_runs_from_the_first_unsettled_voucher() {
    let state = pay(110, 10, 2).at(NOW + 200_000).accepted(&used());
    assert_eq!(state.duty(&facts(), &policy(), NOW + DAY), Duty::Settle);
}

#[test]
fn what_a_stream_only_reserves_is_not_settled_however_old() {
    let state = stream(50, 10, 1).accepted(&first());
    let state = state.renewed(units(50), US, NOW + 3 * DAY).unwrap();
    let duty = state.duty(&facts(), &policy(), NOW + 2 * DAY);
    assert_eq!(duty, Duty::Nothing);
}

/// The funder asked for it in both ways: by us it is closed sooner.
#[test]
fn a_close_that_was_promised_is_made_though_the_funder_closes_too() {
    let settled = used().observe(&withdrawn(100)).close_by_seller(NOW);
    let closing = ChannelFacts {
        instance: coinslot_channel_commitment::ChannelInstance {
            close_effective_at_ledger: Some(9_000),
            ..withdrawn(100).instance
        },
        ..withdrawn(100)
    };
    assert!(matches!(duty(&settled, &closing), Duty::Close { .. }));
    let over = ChannelFacts {
        ledger: 9_000,
        ..closing
    };
    assert_eq!(duty(&settled, &over), Duty::Closed);
}
