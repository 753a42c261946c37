//! `action: close`.

use coinslot_mpp_channel_stellar::{
    Accepted, ChannelFacts, ChannelState, CloseJudgement, ClosingReason, Denied, Duty, Judgement,
    Phase, Refusal,
};
use coinslot_usdc_amount::BaseUnits;

use crate::channel::*;

fn closed_with(judged: Result<CloseJudgement, Denied>) -> ChannelState {
    match judged {
        Ok(CloseJudgement::Close(next)) => *next,
        other => unreachable!("not closed: {other:?}"),
    }
}

fn effective_now() -> ChannelFacts {
    ChannelFacts {
        balance: BaseUnits::ZERO,
        ..closing_at(LEDGER)
    }
}

/// 30 are covered, 10 are spent.
fn used() -> ChannelState {
    pay(30, 10, 1)
        .accepted(&first())
        .answered(units(30), US)
        .unwrap()
}

#[test]
fn an_amount_between_spent_and_highest_closes_with_exactly_that() {
    for amount in [10, 20, 30] {
        let state = closed_with(pay(amount, 10, 2).close(&used(), &facts()));
        assert_eq!(state.voucher_to_take(), Some(&voucher(amount)));
        assert_eq!(state.last(), used().last());
        assert_eq!(state.spent(), units(10));
        assert!(matches!(
            state.phase(),
            Phase::Closing {
                why: ClosingReason::AskedByBuyer,
                since: NOW,
                effective_at_ledger: None
            }
        ));
        // Until it is done, and as long as it is not, that is the duty.
        assert!(matches!(
            state.duty(&facts(), &policy(), NOW),
            Duty::Close {
                before_ledger: LEDGER
            }
        ));
        assert_eq!(pay(50, 10, 3).refused(&state, &facts()), Refusal::Closing);
    }
}

#[test]
fn below_what_was_spent_nothing_is_closed() {
    assert_eq!(
        pay(9, 10, 2).close_refused(&used(), &facts()),
        Refusal::BelowSpent { spent: units(10) }
    );
}

#[test]
fn below_what_was_withdrawn_nothing_is_closed() {
    let settled = used().observe(&withdrawn(30));
    for facts in [facts(), withdrawn(30)] {
        assert_eq!(
            pay(20, 10, 2).close_refused(&settled, &facts),
            Refusal::BelowWithdrawn {
                withdrawn: units(30)
            }
        );
    }
    // Not seen yet by the state, but by the facts.
    assert!(matches!(
        pay(20, 10, 2).close_refused(&used(), &withdrawn(30)),
        Refusal::BelowWithdrawn { .. }
    ));
    // At it, the buyer gets the rest back.
    let state = closed_with(pay(30, 10, 2).close(&settled, &facts()));
    assert!(state.exposure().is_zero());
    assert!(matches!(
        state.duty(&withdrawn(30), &policy(), NOW),
        Duty::Close { .. }
    ));
}

#[test]
fn an_unused_channel_closes_with_nothing() {
    let state = closed_with(pay(0, 10, 1).close(&first(), &facts()));
    assert_eq!(state.voucher_to_take(), Some(&voucher(0)));
}

#[test]
fn above_the_highest_the_request_is_served_too() {
    let Ok(CloseJudgement::ServeAndClose(state)) = pay(40, 10, 2).close(&used(), &facts()) else {
        unreachable!("it covers the price")
    };
    assert_eq!((state.spent(), state.cumulative()), (units(20), units(40)));
    assert_eq!(state.voucher_to_take(), Some(&voucher(40)));
    assert!(matches!(state.phase(), Phase::Closing { .. }));
    // Again: it is being served, then anew, then answered.
    let again = pay(40, 10, 2);
    assert_eq!(
        again.close(&state, &facts()),
        Err(Denied::Busy { retry_after: 30 })
    );
    let Ok(CloseJudgement::Resume(resumed)) =
        again.by(THEM).at(NOW + LEASE).close(&state, &facts())
    else {
        unreachable!("the lease has lapsed")
    };
    assert_eq!(resumed.spent(), units(20));
    let answered = state.answered(units(40), US).unwrap();
    assert_eq!(again.close(&answered, &facts()), Ok(CloseJudgement::Again));
    // Another request, which it has not paid for, has it closed.
    let other = pay(40, 10, 3);
    assert_eq!(closed_with(other.close(&answered, &facts())), answered);
    let closed = answered.observe(&ChannelFacts {
        instance: coinslot_channel_commitment::ChannelInstance {
            withdrawn: units(40),
            ..effective_now().instance
        },
        ..effective_now()
    });
    assert_eq!(again.close(&closed, &facts()), Ok(CloseJudgement::Again));
    assert_eq!(other.close(&closed, &facts()), Ok(CloseJudgement::Closed));
}

/// The voucher had paid for the request before: closing with it is another matter.
#[test]
fn a_close_for_a_request_that_was_served_before_serves_nothing() {
    let state = closed_with(pay(20, 10, 1).close(&used(), &facts()));
    assert_eq!(state.last().map(Accepted::closes), Some(false));
    let again = pay(20, 10, 1);
    assert_eq!(closed_with(again.close(&state, &facts())), state);
    let closed = state.observe(&ChannelFacts {
        instance: coinslot_channel_commitment::ChannelInstance {
            withdrawn: units(30),
            ..effective_now().instance
        },
        ..effective_now()
    });
    assert_eq!(again.close(&closed, &facts()), Ok(CloseJudgement::Closed));
}

/// Whatever is checked of a voucher is checked of one that closes.
#[test]
fn every_branch_of_a_close_checks_everything() {
    assert!(matches!(
        pay(39, 30, 2).close_refused(&used(), &facts()),
        Refusal::BelowPrice { .. }
    ));
    assert!(matches!(
        pay(40, 0, 2).close_refused(&used(), &facts()),
        Refusal::NoPrice
    ));
    assert!(matches!(
        pay(DEPOSIT + 1, 10, 2).close_refused(&used(), &facts()),
        Refusal::ExceedsDeposit { .. }
    ));
    let emptied = ChannelFacts {
        balance: units(20),
        ..facts()
    };
    assert!(matches!(
        pay(25, 10, 2).close_refused(&used(), &emptied),
        Refusal::ExceedsDeposit { .. }
    ));
    for amount in [10, 30, 40] {
        let late = pay(amount, 10, 2).at(NOW + 301_000);
        assert_eq!(late.close(&used(), &facts()), Err(Denied::Stale));
    }
    for amount in [10, 30, 40] {
        for facts in [closing_at(LEDGER + 5), closing_at(u32::MAX)] {
            assert_eq!(
                pay(amount, 10, 2).close_refused(&used(), &facts),
                Refusal::Closing
            );
        }
    }
    assert_eq!(
        pay(30, 10, 2).close_refused(&used(), &effective_now()),
        Refusal::Closed
    );
}

#[test]
fn the_same_close_comes_out_again_until_it_is_done() {
    let state = closed_with(pay(20, 10, 2).close(&used(), &facts()));
    let again = closed_with(pay(20, 10, 2).close(&state, &facts()));
    assert_eq!(again, state);
    let highest = closed_with(pay(30, 10, 2).close(&used(), &facts()));
    let again = closed_with(pay(30, 10, 2).close(&highest, &facts()));
    assert_eq!(again, highest);
    // Another one does not.
    assert_eq!(
        pay(30, 10, 2).close_refused(&state, &facts()),
        Refusal::Closing
    );
    // The funder was faster.
    assert_eq!(
        pay(20, 10, 2).close_refused(&state, &effective_now()),
        Refusal::Closed
    );
}

/// The voucher that paid for a request closes the channel too: it pays nothing more, and nothing is served.
#[test]
fn the_last_voucher_closes_without_being_served_again() {
    let state = pay(10, 10, 1).accepted(&first());
    let closing = closed_with(pay(10, 10, 1).close(&state, &facts()));
    assert_eq!(closing.spent(), units(10));
    // What it has paid for before is still answered.
    let answered = closing.answered(units(10), US).unwrap();
    assert_eq!(
        pay(10, 10, 1).judge(&answered, &facts()),
        Ok(Judgement::Again)
    );
}
