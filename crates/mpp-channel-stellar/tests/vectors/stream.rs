//! Answers that are paid for as they are produced.

use coinslot_mpp_channel_stellar::{
    ChannelFacts, ChannelState, CloseJudgement, Denied, Duty, Judgement, Meter, NeedVoucher,
    Refusal,
};
use coinslot_usdc_amount::BaseUnits;

use crate::channel::*;

/// 25 are reserved at 10 a unit, after 100 that were spent.
fn begun() -> (ChannelState, Meter) {
    let state = pay(100, 100, 1).accepted(&first());
    let state = stream(125, 10, 2).accepted(&state);
    let meter = state.meter(US, units(10)).unwrap();
    (state, meter)
}

fn topped_up(judged: Result<Option<ChannelState>, Denied>) -> ChannelState {
    match judged {
        Ok(Some(next)) => next,
        other => unreachable!("not accepted: {other:?}"),
    }
}

#[test]
fn a_voucher_reserves_what_it_covers() {
    let (state, meter) = begun();
    assert_eq!(
        (state.spent(), state.reserved(), meter.reserve()),
        (units(100), units(25), units(25))
    );
    assert!(state.last().unwrap().is_metered());
    assert_eq!(state.last().unwrap().paid(), units(25));
    // Nobody else serves it, and nothing else is served as a stream.
    assert_eq!(state.meter(THEM, units(10)), None);
    let plain = pay(100, 100, 1).accepted(&first());
    assert_eq!(plain.meter(US, units(10)), None);
    assert!(matches!(
        stream(109, 10, 2).refused(&plain, &facts()),
        Refusal::BelowPrice { .. }
    ));
}

#[test]
fn units_are_charged_up_to_the_reserve() {
    let (_, mut meter) = begun();
    assert_eq!(meter.charge(1, units(DEPOSIT)), Ok(()));
    assert_eq!(meter.charge(0, units(DEPOSIT)), Ok(()));
    assert_eq!(meter.charge(1, units(DEPOSIT)), Ok(()));
    let need = NeedVoucher {
        required: units(130),
        accepted: units(125),
        deposited: units(DEPOSIT),
    };
    assert_eq!(meter.charge(1, units(DEPOSIT)), Err(need));
    assert_eq!(meter.used(), units(20));
    assert_eq!(
        meter.charge(u64::MAX, units(DEPOSIT)).unwrap_err().accepted,
        units(125)
    );
    let (state, _) = begun();
    let mut dear = state.meter(US, BaseUnits::MAX).unwrap();
    assert_eq!(
        dear.charge(2, units(DEPOSIT)).unwrap_err().required,
        BaseUnits::MAX
    );
}

#[test]
fn exactly_what_is_required_tops_up() {
    let (state, mut meter) = begun();
    meter.charge(2, units(DEPOSIT)).unwrap();
    assert_eq!(
        stream(129, 10, 2).top_up(&state, &facts()),
        Err(Denied::Refuse(Refusal::BelowPrice {
            required: units(130),
            price: units(10)
        }))
    );
    let state = topped_up(stream(130, 10, 2).by(THEM).top_up(&state, &facts()));
    assert_eq!(
        (
            state.spent(),
            state.reserved(),
            state.last().unwrap().paid()
        ),
        (units(100), units(30), units(30))
    );
    // It came through another process, and the stream stays with this one.
    assert!(meter.top_up(&state));
    assert_eq!(meter.charge(1, units(DEPOSIT)), Ok(()));
    assert!(meter.charge(1, units(DEPOSIT)).is_err());
    // The same again is good again, and adds nothing.
    assert_eq!(stream(130, 10, 2).top_up(&state, &facts()), Ok(None));
}

#[test]
fn a_top_up_is_checked_like_any_voucher() {
    let (state, _) = begun();
    let refused = |judged| match judged {
        Err(Denied::Refuse(refusal)) => refusal,
        other => unreachable!("not refused: {other:?}"),
    };
    let judge = |tried: Try, facts: ChannelFacts| refused(tried.top_up(&state, &facts));
    assert!(matches!(
        judge(stream(124, 10, 2), facts()),
        Refusal::NotRising { .. }
    ));
    assert!(matches!(
        judge(stream(DEPOSIT + 1, 10, 2), facts()),
        Refusal::ExceedsDeposit { .. }
    ));
    assert_eq!(
        judge(stream(200, 10, 2), closing_at(LEDGER + 9)),
        Refusal::Closing
    );
    assert_eq!(judge(stream(200, 10, 3), facts()), Refusal::NoStream);
    assert_eq!(
        judge(stream(200, 10, 2).at(NOW + LEASE), facts()),
        Refusal::NoStream
    );
    assert_eq!(
        refused(stream(200, 10, 1).top_up(&first(), &facts())),
        Refusal::NoStream
    );
    assert_eq!(
        stream(200, 10, 2).at(NOW + 5).top_up(
            &state,
            &ChannelFacts {
                read_at: NOW - 300_000,
                ..facts()
            }
        ),
        Err(Denied::Stale)
    );
}

#[test]
fn what_was_reserved_and_not_used_stays_the_buyers() {
    let (state, mut meter) = begun();
    meter.charge(1, units(DEPOSIT)).unwrap();
    let state = state.finish(&meter).unwrap();
    assert_eq!(
        (state.spent(), state.reserved()),
        (units(110), BaseUnits::ZERO)
    );
    assert_eq!(
        stream(125, 10, 2).judge(&state, &facts()),
        Ok(Judgement::Again)
    );
    assert_eq!(state.finish(&meter), None);
    assert_eq!(state.unsettled(NOW), units(110));
    // The next voucher need not cover it again, nor the close.
    assert_eq!(pay(126, 16, 3).accepted(&state).spent(), units(126));
    assert!(matches!(
        pay(110, 1, 4).close(&state, &facts()),
        Ok(CloseJudgement::Close(_))
    ));
}

#[test]
fn while_a_stream_is_paid_for_other_vouchers_wait() {
    let (state, _) = begun();
    for tried in [pay(200, 10, 3), stream(200, 10, 2), stream(200, 10, 3)] {
        assert_eq!(
            tried.judge(&state, &facts()),
            Err(Denied::Busy { retry_after: 30 })
        );
    }
    assert_eq!(
        pay(200, 10, 3).close(&state, &facts()),
        Err(Denied::Busy { retry_after: 30 })
    );
    // A close has to cover the reserve until the stream has ended.
    assert!(matches!(
        pay(124, 10, 3).close(&state, &facts()),
        Err(Denied::Refuse(Refusal::BelowSpent { .. }))
    ));
    assert!(matches!(
        pay(125, 10, 3).close(&state, &facts()),
        Ok(CloseJudgement::Close(_))
    ));
}

#[test]
fn after_a_crash_what_was_reserved_is_spent() {
    let (state, meter) = begun();
    let later = NOW + LEASE;
    assert_eq!(state.unsettled(NOW), units(100));
    assert_eq!(state.unsettled(later), units(125));
    assert_eq!(
        pay(134, 10, 3).at(later).refused(&state, &facts()),
        Refusal::BelowPrice {
            required: units(135),
            price: units(10)
        }
    );
    let next = pay(135, 10, 3).at(later).accepted(&state);
    assert_eq!(
        (next.spent(), next.reserved()),
        (units(135), BaseUnits::ZERO)
    );
    // Whoever had it comes back too late.
    assert_eq!(next.finish(&meter), None);
    let mut meter = meter;
    assert!(!meter.top_up(&next));
}

#[test]
fn after_a_crash_the_same_voucher_gets_its_stream_again() {
    let (state, mut old) = begun();
    let state = topped_up(stream(145, 10, 2).top_up(&state, &facts()));
    let again = stream(145, 10, 2).by(THEM).at(NOW + LEASE);
    let Ok(Judgement::Resume(resumed)) = again.judge(&state, &facts()) else {
        unreachable!("the lease has lapsed")
    };
    assert_eq!(
        (resumed.spent(), resumed.reserved()),
        (units(100), units(45))
    );
    let meter = resumed.meter(THEM, units(10)).unwrap();
    assert_eq!((meter.reserve(), meter.used()), (units(45), units(0)));
    assert!(!old.top_up(&resumed));
    assert_eq!(resumed.finish(&old), None);
}

#[test]
fn a_reserve_is_not_settled_for_but_never_lost() {
    let mut policy = policy();
    policy.settle_amount = units(101);
    let (state, _) = begun();
    assert_eq!(state.duty(&facts(), &policy, NOW), Duty::Nothing);
    assert_eq!(state.duty(&facts(), &policy, NOW + LEASE), Duty::Settle);
    assert!(matches!(
        state.duty(&closing_at(u32::MAX), &policy, NOW),
        Duty::Close { .. }
    ));
}

/// Somebody else has taken more than any voucher that we know of: nothing that is ours is left of the reserve.
#[test]
fn a_reserve_that_was_withdrawn_elsewhere_is_gone() {
    let (state, meter) = begun();
    let state = state.observe(&withdrawn(300));
    assert_eq!(
        (state.spent(), state.reserved()),
        (units(300), BaseUnits::ZERO)
    );
    assert_eq!(
        ChannelState::from_bytes(&state.to_bytes(), &verifier()),
        Ok(state.clone())
    );
    let mut meter = meter;
    meter.charge(2, units(DEPOSIT)).unwrap();
    assert_eq!(state.finish(&meter).unwrap().spent(), units(300));
}

#[test]
fn a_stream_that_was_left_is_spent_before_the_next_one_reserves() {
    let (state, old) = begun();
    let next = stream(160, 10, 3).at(NOW + LEASE).accepted(&state);
    assert_eq!((next.spent(), next.reserved()), (units(125), units(35)));
    // The same process has it, and it is another stream.
    assert_eq!(next.finish(&old), None);
    let meter = next.meter(US, units(10)).unwrap();
    assert_eq!(next.finish(&meter).unwrap().spent(), units(125));
}

#[test]
fn a_voucher_of_another_channel_tops_up_nothing() {
    let (state, _) = begun();
    let elsewhere = voucher_of(&other_channel(), 200);
    let judged = stream(200, 10, 2).with(|presented| {
        let presented = coinslot_mpp_channel_stellar::Presented {
            voucher: &elsewhere,
            ..*presented
        };
        state.judge_top_up(&presented, &facts(), &policy())
    });
    assert_eq!(judged, Err(Denied::Refuse(Refusal::AnotherChannel)));
}

#[test]
fn what_begins_a_stream_does_not_close_the_channel() {
    let (state, meter) = begun();
    let state = state.finish(&meter).unwrap();
    let refusal = stream(200, 10, 3).close_refused(&state, &facts());
    assert_eq!(refusal, Refusal::ClosesWithStream);
    // With what was spent it closes also where answers are streamed.
    assert!(matches!(
        stream(100, 10, 3).close(&state, &facts()),
        Ok(CloseJudgement::Close(_))
    ));
}
