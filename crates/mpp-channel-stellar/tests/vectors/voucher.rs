//! `action: voucher`.

use coinslot_caip2_network::StellarNetwork;
use coinslot_channel_commitment::{CommitmentTemplate, CommitmentVerifier};
use coinslot_mpp_channel_stellar::{
    ChannelFacts, ChannelPolicy, Denied, Judgement, Phase, Presented, Price, Refusal, Serving,
};
use coinslot_usdc_amount::BaseUnits;

use crate::channel::*;

#[test]
fn a_voucher_is_kept_with_its_signature_and_what_it_paid_for() {
    let state = pay(10, 10, 1).accepted(&first());
    let last = state.last().unwrap();
    assert_eq!(last.voucher(), &voucher(10));
    assert_eq!(last.voucher().signature(), voucher(10).signature());
    assert_eq!(
        (last.amount(), last.paid(), last.request()),
        (units(10), units(10), request(1))
    );
    assert_eq!(
        last.serving(),
        Serving::Leased {
            owner: US,
            until: NOW + LEASE
        }
    );
    assert_eq!((state.spent(), state.exposure()), (units(10), units(10)));
    assert!(!last.is_metered());
}

#[test]
fn amounts_rise_and_cover_the_price() {
    let state = pay(10, 10, 1).accepted(&first());
    assert_eq!(
        pay(9, 10, 2).refused(&state, &facts()),
        Refusal::NotRising {
            cumulative: units(10)
        }
    );
    assert_eq!(
        pay(19, 10, 2).refused(&state, &facts()),
        Refusal::BelowPrice {
            required: units(20),
            price: units(10)
        }
    );
    assert_eq!(pay(20, 10, 2).accepted(&state).spent(), units(20));
}

/// What is covered beyond the price stays the buyer's.
#[test]
fn what_a_voucher_covers_beyond_its_price_pays_for_the_next() {
    let state = pay(30, 10, 1).accepted(&first());
    assert_eq!((state.spent(), state.cumulative()), (units(10), units(30)));
    assert_eq!(
        pay(29, 10, 2).refused(&state, &facts()),
        Refusal::NotRising {
            cumulative: units(30)
        }
    );
    let state = pay(31, 10, 2).accepted(&state);
    assert_eq!((state.spent(), state.cumulative()), (units(20), units(31)));
}

#[test]
fn the_deposit_is_the_limit_and_not_the_balance() {
    let state = first();
    assert_eq!(
        pay(DEPOSIT + 1, 10, 1).refused(&state, &facts()),
        Refusal::ExceedsDeposit {
            deposited: units(DEPOSIT)
        }
    );
    let state = pay(600, 600, 1).accepted(&state);
    // 400 are left there; 900 are covered all the same.
    let settled = withdrawn(600);
    assert_eq!(settled.balance, units(400));
    let Ok(Judgement::Accept(state)) = pay(900, 300, 2).judge(&state, &settled) else {
        unreachable!("it is covered by what was deposited")
    };
    assert_eq!(
        pay(1_001, 101, 3).refused(&state, &settled),
        Refusal::DepositUsedUp {
            deposited: units(DEPOSIT),
            price: units(101)
        }
    );
    pay(DEPOSIT, 100, 3).accepted(&state);
}

#[test]
fn amounts_near_the_largest_are_judged_without_overflow() {
    let mut rich = facts();
    rich.balance = BaseUnits::MAX;
    rich.instance.withdrawn = units(5);
    assert_eq!(rich.deposited(), BaseUnits::MAX);
    let template = CommitmentTemplate::new(&network(), &channel());
    let all = verifier()
        .verify(key().sign_amount(&template, BaseUnits::MAX))
        .unwrap();
    let presented = Presented {
        voucher: &all,
        price: Price::Once(BaseUnits::MAX),
        request: request(1),
        owner: US,
        now: NOW,
        lease_until: NOW + LEASE,
    };
    let judge = |state: &coinslot_mpp_channel_stellar::ChannelState, price| {
        state.judge(&Presented { price, ..presented }, &rich, &policy())
    };
    assert!(matches!(
        judge(&first(), Price::Once(BaseUnits::MAX)),
        Err(Denied::Refuse(Refusal::DepositUsedUp { .. }))
    ));
    let Ok(Judgement::Accept(state)) = judge(&first(), Price::Once(units(1))) else {
        unreachable!("it is covered")
    };
    assert!(matches!(
        pay(7, 7, 2).refused(&state, &rich),
        Refusal::NotRising { .. }
    ));
}

#[test]
fn a_request_without_a_price_is_refused() {
    assert_eq!(pay(10, 0, 1).refused(&first(), &facts()), Refusal::NoPrice);
    assert_eq!(
        stream(10, 0, 1).refused(&first(), &facts()),
        Refusal::NoPrice
    );
}

#[test]
fn a_voucher_of_another_channel_or_network_is_refused() {
    let elsewhere = voucher_of(&other_channel(), 10);
    let pubnet = StellarNetwork::Pubnet.network_id();
    let on_pubnet = CommitmentVerifier::new(&pubnet, &channel(), &key().public_key())
        .unwrap()
        .verify(key().sign_amount(&CommitmentTemplate::new(&pubnet, &channel()), units(10)))
        .unwrap();
    for voucher in [&elsewhere, &on_pubnet] {
        let judged = pay(10, 10, 1).with(|presented| {
            let presented = Presented {
                voucher,
                ..*presented
            };
            (
                first().judge(&presented, &facts(), &policy()),
                first().judge_close(&presented, &facts(), &policy()),
            )
        });
        assert_eq!(judged.0, Err(Denied::Refuse(Refusal::AnotherChannel)));
        assert_eq!(judged.1, Err(Denied::Refuse(Refusal::AnotherChannel)));
    }
    let mut other = facts();
    other.instance.channel = other_channel();
    assert_eq!(
        pay(10, 10, 1).refused(&first(), &other),
        Refusal::AnotherChannel
    );
}

#[test]
fn the_same_voucher_for_the_same_request_pays_nothing_again() {
    let state = pay(10, 10, 1).accepted(&first());
    // While it is served, by whomever it is asked for.
    for owner in [US, THEM] {
        assert_eq!(
            pay(10, 10, 1).by(owner).judge(&state, &facts()),
            Err(Denied::Busy { retry_after: 30 })
        );
    }
    let almost = pay(10, 10, 1).at(NOW + LEASE - 1);
    assert_eq!(
        almost.judge(&state, &facts()),
        Err(Denied::Busy { retry_after: 1 })
    );
    // Once it is answered.
    let answered = state.answered(units(10), US).unwrap();
    assert_eq!(
        pay(10, 10, 1).judge(&answered, &facts()),
        Ok(Judgement::Again)
    );
    assert_eq!(answered.spent(), units(10));
    // When whoever served it has gone.
    let Ok(Judgement::Resume(resumed)) = pay(10, 10, 1)
        .by(THEM)
        .at(NOW + LEASE)
        .judge(&state, &facts())
    else {
        unreachable!("the lease has lapsed")
    };
    assert_eq!(
        (resumed.spent(), resumed.cumulative()),
        (units(10), units(10))
    );
    let lease = Serving::Leased {
        owner: THEM,
        until: NOW + 2 * LEASE,
    };
    assert_eq!(resumed.last().unwrap().serving(), lease);
    // The one who had it before finds out.
    assert_eq!(resumed.answered(units(10), US), None);
    assert_eq!(resumed.renewed(units(10), US, NOW + 9 * LEASE), None);
}

#[test]
fn a_lease_is_renewed_by_who_has_it() {
    let state = pay(10, 10, 1).accepted(&first());
    let renewed = state.renewed(units(10), US, NOW + 2 * LEASE).unwrap();
    assert_eq!(
        pay(10, 10, 1).at(NOW + LEASE).judge(&renewed, &facts()),
        Err(Denied::Busy { retry_after: 30 })
    );
    assert_eq!(state.renewed(units(11), US, NOW), None);
}

#[test]
fn a_voucher_pays_for_one_request() {
    let state = pay(10, 10, 1).accepted(&first());
    let answered = state.answered(units(10), US).unwrap();
    for state in [state, answered] {
        for now in [NOW, NOW + LEASE] {
            assert_eq!(
                pay(10, 10, 2).at(now).refused(&state, &facts()),
                Refusal::UsedForAnotherRequest
            );
        }
    }
}

#[test]
fn a_later_voucher_overtakes() {
    let state = pay(10, 10, 1).accepted(&first());
    let state = pay(20, 10, 2).accepted(&state);
    assert_eq!(state.answered(units(10), US), None);
    assert!(matches!(
        pay(10, 10, 1).refused(&state, &facts()),
        Refusal::NotRising { .. }
    ));
    assert!(state.answered(units(20), US).is_some());
}

/// Each of two servers judges the same state: a compare-and-set lets one of the outcomes through, and the other server,
/// judging again, finds the request taken.
#[test]
fn of_two_that_judge_the_same_state_the_loser_judges_again() {
    let before = first();
    let one = pay(10, 10, 1).by(US).accepted(&before);
    let two = pay(10, 10, 1).by(THEM).accepted(&before);
    assert_ne!(one.to_bytes(), two.to_bytes());
    assert_eq!(before, first());
    assert!(matches!(
        pay(10, 10, 1).by(THEM).judge(&one, &facts()),
        Err(Denied::Busy { .. })
    ));
    assert_eq!(
        pay(10, 10, 2).by(THEM).refused(&one, &facts()),
        Refusal::UsedForAnotherRequest
    );
}

#[test]
fn nothing_is_accepted_once_the_funder_has_begun_to_close() {
    let state = pay(10, 10, 1).accepted(&first());
    for effective in [LEDGER + 1, LEDGER + WAITING_PERIOD, u32::MAX] {
        let refused = pay(20, 10, 2).refused(&state, &closing_at(effective));
        assert_eq!(refused, Refusal::Closing);
        let closing = state.observe(&closing_at(effective));
        assert!(matches!(closing.phase(), Phase::Closing { .. }));
        // A node that lags says nothing of it: the state remembers.
        assert_eq!(pay(20, 10, 2).refused(&closing, &facts()), Refusal::Closing);
    }
    let closed = state.observe(&withdrawn(10)).observe(&ChannelFacts {
        balance: BaseUnits::ZERO,
        ..closing_at(LEDGER)
    });
    assert!(matches!(closed.phase(), Phase::Closed { .. }));
    assert_eq!(pay(20, 10, 2).refused(&closed, &facts()), Refusal::Closed);
}

#[test]
fn nothing_is_accepted_while_we_close() {
    let state = first().close_by_seller(NOW);
    assert_eq!(pay(10, 10, 1).refused(&state, &facts()), Refusal::Closing);
    assert_eq!(state.close_by_seller(NOW + 1), state);
}

/// What was paid for is served, as the money is ours; unless the funder has it back.
#[test]
fn what_was_paid_for_is_served_while_the_channel_closes() {
    let state = pay(10, 10, 1).accepted(&first());
    let again = pay(10, 10, 1).at(NOW + LEASE);
    assert!(matches!(
        again.judge(&state, &closing_at(LEDGER + 5)),
        Ok(Judgement::Resume(_))
    ));
    let refunded = ChannelFacts {
        balance: BaseUnits::ZERO,
        ..closing_at(LEDGER)
    };
    assert_eq!(again.refused(&state, &refunded), Refusal::Closed);
}

#[test]
fn nothing_is_accepted_from_an_archived_channel() {
    let archived = ChannelFacts {
        live_until_ledger: LEDGER - 1,
        ..facts()
    };
    assert_eq!(
        pay(10, 10, 1).refused(&first(), &archived),
        Refusal::Archived
    );
    let last_ledger = ChannelFacts {
        live_until_ledger: LEDGER,
        ..facts()
    };
    assert!(matches!(
        pay(10, 10, 1).judge(&first(), &last_ledger),
        Ok(Judgement::Accept(_))
    ));
}

#[test]
fn nothing_new_is_accepted_on_the_strength_of_old_facts() {
    let at = |seconds: u64| pay(10, 10, 1).at(NOW + seconds * 1_000);
    assert!(matches!(
        at(300).judge(&first(), &facts()),
        Ok(Judgement::Accept(_))
    ));
    assert_eq!(at(301).judge(&first(), &facts()), Err(Denied::Stale));
    assert!(matches!(
        at(301).close(&first(), &facts()),
        Err(Denied::Stale)
    ));
    // What was accepted before needs none.
    let state = pay(10, 10, 1).accepted(&first());
    let answered = state.answered(units(10), US).unwrap();
    assert_eq!(at(9_999).judge(&answered, &facts()), Ok(Judgement::Again));
    assert!(matches!(
        at(9_999).judge(&state, &facts()),
        Ok(Judgement::Resume(_))
    ));
    // A short waiting period asks for more: of 60 ledgers, 20 are 100 seconds.
    let mut short = facts();
    short.instance.refund_waiting_period = 60;
    assert!(matches!(
        at(100).judge(&first(), &short),
        Ok(Judgement::Accept(_))
    ));
    assert_eq!(at(101).judge(&first(), &short), Err(Denied::Stale));
    let lenient = ChannelPolicy {
        oldest_facts_seconds: u64::MAX,
        ..policy()
    };
    let judged = at(101).with(|presented| first().judge(presented, &short, &lenient));
    assert_eq!(judged, Err(Denied::Stale));
}

#[test]
fn a_refused_voucher_changes_nothing_that_an_honest_one_needs() {
    let state = first();
    for bad in [pay(5, 10, 1), pay(5_000, 10, 1), pay(10, 0, 1)] {
        bad.refused(&state, &facts());
    }
    pay(10, 10, 1).accepted(&state);
}

#[test]
fn what_the_chain_says_moves_nothing_backwards() {
    let state = pay(600, 600, 1).accepted(&first());
    let settled = state.observe(&ChannelFacts {
        ledger: LEDGER + 5,
        ..withdrawn(600)
    });
    assert_eq!(
        (settled.withdrawn(), settled.exposure()),
        (units(600), BaseUnits::ZERO)
    );
    // From a node that lags, and about another channel.
    assert_eq!(settled.observe(&facts()), settled);
    let mut other = closing_at(LEDGER + 9);
    other.instance.channel = other_channel();
    assert_eq!(settled.observe(&other), settled);
    assert_eq!(settled.as_of_ledger(), LEDGER + 5);
    let restarted = ChannelFacts {
        ledger: LEDGER + 5,
        ..closing_at(9_000)
    };
    let closing = state.observe(&restarted);
    assert_eq!(closing.observe(&closing_at(5_000)), closing);
    // Less than was seen.
    let less = ChannelFacts {
        ledger: LEDGER + 6,
        ..withdrawn(100)
    };
    assert_eq!(settled.observe(&less).withdrawn(), units(600));
    assert_eq!(settled.observe(&less).last(), settled.last());
}

#[test]
fn what_was_withdrawn_beyond_our_vouchers_was_spent_elsewhere() {
    let state = pay(10, 10, 1).accepted(&first());
    let state = state.observe(&withdrawn(300));
    assert_eq!(
        (state.spent(), state.cumulative()),
        (units(300), units(300))
    );
    assert_eq!(state.last().unwrap().amount(), units(10));
    assert!(matches!(
        pay(300, 10, 2).refused(&state, &withdrawn(300)),
        Refusal::NotRising { .. }
    ));
    pay(310, 10, 2).accepted(&state);
}

/// What is known for good is said without asking anybody.
#[test]
fn a_channel_that_is_not_open_says_so_however_old_the_facts() {
    let late = NOW + 9_000_000;
    let closed = first().observe(&ChannelFacts {
        balance: BaseUnits::ZERO,
        ..closing_at(LEDGER)
    });
    for (state, refusal) in [
        (closed, Refusal::Closed),
        (first().close_by_seller(NOW), Refusal::Closing),
    ] {
        let tried = pay(10, 10, 1).at(late);
        assert_eq!(tried.refused(&state, &facts()), refusal);
        assert_eq!(tried.close_refused(&state, &facts()), refusal);
        assert_eq!(
            pay(0, 10, 1).at(late).close_refused(&state, &facts()),
            refusal
        );
    }
}

/// It is public once it is settled, and must not have the chain asked.
#[test]
fn an_old_voucher_does_not_rise_also_when_the_deposit_is_used_up() {
    let state = pay(DEPOSIT, DEPOSIT, 1).accepted(&first());
    let state = state.answered(units(DEPOSIT), US).unwrap();
    let old = pay(10, 10, 2).judge(&state, &facts()).unwrap_err();
    assert!(
        matches!(old, Denied::Refuse(Refusal::NotRising { .. })),
        "{old:?}"
    );
    assert!(!old.may_be_outdated());
    let beyond = pay(DEPOSIT + 1, 10, 2).judge(&state, &facts()).unwrap_err();
    assert!(beyond.may_be_outdated(), "{beyond:?}");
    let late = pay(10, 10, 2).at(NOW + 301_000);
    assert!(
        late.judge(&first(), &facts())
            .unwrap_err()
            .may_be_outdated()
    );
}
