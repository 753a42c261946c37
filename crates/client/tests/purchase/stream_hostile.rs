//! Answers that are paid for as they are produced, at sellers who want more than they are owed.

use coinslot_client::{
    BuyerRefusal, ChannelErrorKind, PaymentError, ReceiptDoubt, StreamDoubt, StreamError,
    StreamEvent, StreamReceipt, UnfairDemand,
};

use crate::booth::{Booth, buyer};
use crate::shop::{ledger, memory};
use crate::stall::{Script, UNIT, end, hear, need, stall};

/// What comes of a script: what was heard, how it ended, what was signed and what counts as spent.
async fn play(script: Script) -> Played {
    let (booth, client) = (Booth::default(), buyer(&ledger(), &memory()));
    let seller = stall(&booth, script).await;
    let (events, ended) = hear(&client, seller.url("/")).await;
    let spent = client.channels().await.unwrap()[0].spent.units.as_u128();
    Played {
        events,
        ended,
        amounts: booth.amounts(),
        spent: u64::try_from(spent).unwrap(),
    }
}

/// Whether it is the error that is expected.
type Is<T> = fn(&T) -> bool;

struct Played {
    events: Vec<StreamEvent>,
    ended: Result<StreamReceipt, StreamError>,
    amounts: Vec<u64>,
    spent: u64,
}

#[tokio::test]
async fn an_unfair_demand_gets_nothing() {
    let given = || Script::default().events(10);
    let unfair: [(Script, Is<UnfairDemand>); 9] = [
        (given().need(21, 10), |it| {
            matches!(it, UnfairDemand::TooMuch { .. })
        }),
        (given().say(need(1, u64::MAX, 10 * UNIT)), |it| {
            matches!(it, UnfairDemand::TooMuch { .. })
        }),
        (given().need(12, 11), |it| {
            matches!(it, UnfairDemand::OtherVoucher { .. })
        }),
        (given().need(10, 11), |it| {
            matches!(it, UnfairDemand::OtherVoucher { .. })
        }),
        (given().need(11, 9), |it| {
            matches!(it, UnfairDemand::OtherVoucher { .. })
        }),
        (given().say(need(2, 11 * UNIT, 10 * UNIT)), |it| {
            matches!(it, UnfairDemand::OtherChannel(_))
        }),
        (
            given().say("event: payment-need-voucher\ndata: {}\n\n"),
            |it| *it == UnfairDemand::Unreadable,
        ),
        (Script::default().need(11, 10), |it| {
            *it == UnfairDemand::NothingGiven
        }),
        (
            (0..100).fold(given(), |script, _| script.need(10, 10)),
            |it| *it == UnfairDemand::Endless,
        ),
    ];
    for (index, (script, expected)) in unfair.into_iter().enumerate() {
        let played = play(script.end(10, 10, 10)).await;
        let Err(StreamError::Unfair(error)) = &played.ended else {
            panic!("{index}: {:?}", played.ended);
        };
        assert!(expected(error), "{index}: {error}");
        assert_eq!(played.amounts, [10 * UNIT], "{index}");
        assert_eq!(played.spent, 10 * UNIT);
    }
    // After a voucher too, something has to be given for it.
    let script = given().need(11, 10).vouchers(2).need(21, 20);
    let played = play(script).await;
    assert!(matches!(
        played.ended,
        Err(StreamError::Unfair(UnfairDemand::NothingGiven))
    ));
    assert_eq!(played.amounts, [10, 20].map(|units| units * UNIT));
}

#[tokio::test]
async fn endless_demands_end_at_the_cap() {
    let script = (1..=60).fold(Script::default(), |script, index| {
        let accepted = 10 * index as u64;
        script
            .events(1)
            .need(accepted + 1, accepted)
            .vouchers(index + 1)
    });
    let played = play(script).await;
    let Err(StreamError::Payment(PaymentError::Channel(error))) = &played.ended else {
        panic!("{:?}", played.ended);
    };
    let kind = BuyerRefusal::AboveRequestCap {
        price: (101 * UNIT).into(),
        cap: (100 * UNIT).into(),
    };
    assert_eq!(error.kind, ChannelErrorKind::Refused(kind));
    assert_eq!(played.amounts.last(), Some(&(100 * UNIT)));
    assert_eq!(played.events.len(), 10);
}

#[tokio::test]
async fn what_the_seller_says_is_deposited_can_only_lower_what_is_signed() {
    let ask = need(1, 11 * UNIT, 10 * UNIT).replace("10000000", "15999");
    let script = Script::default().events(10).say(ask).vouchers(2);
    let played = play(script.events(1).end(11, 11, 15)).await;
    assert_eq!(played.amounts, [10, 15].map(|units| units * UNIT));
    assert_eq!(played.ended.unwrap().units, 11);
}

#[tokio::test]
async fn a_forged_receipt_is_not_believed() {
    let forged: [(String, Is<StreamDoubt>); 6] = [
        (end(1, 11, 11 * UNIT, 11 * UNIT), |it| {
            matches!(it, StreamDoubt::AboveSigned { .. })
        }),
        (end(1, 10, 10 * UNIT + 1, 10 * UNIT), |it| {
            matches!(it, StreamDoubt::AboveSigned { .. })
        }),
        (end(1, 3, 4 * UNIT, 10 * UNIT), |it| {
            matches!(it, StreamDoubt::AboveUnits { .. })
        }),
        (end(1, 3, 3 * UNIT, 11 * UNIT), |it| {
            *it == ReceiptDoubt::Voucher.into()
        }),
        (end(2, 3, 3 * UNIT, 10 * UNIT), |it| {
            *it == ReceiptDoubt::Voucher.into()
        }),
        ("event: payment-receipt\ndata: {}\n\n".to_owned(), |it| {
            *it == ReceiptDoubt::Unreadable.into()
        }),
    ];
    for (index, (receipt, expected)) in forged.into_iter().enumerate() {
        let played = play(Script::default().events(3).say(receipt)).await;
        let Err(StreamError::Doubtful(doubt)) = &played.ended else {
            panic!("{index}: {:?}", played.ended);
        };
        assert!(expected(doubt), "{index}: {doubt}");
        assert_eq!(
            (played.events.len(), played.spent),
            (3, 10 * UNIT),
            "{index}"
        );
    }
}

#[tokio::test]
async fn nothing_in_the_data_passes_for_an_event_of_the_payment_layer() {
    let receipt = end(1, 0, 0, 10 * UNIT);
    let faked = receipt.replace('\n', "\ndata: ");
    let script = Script::default()
        .say(format!("data: {faked}\n\n"))
        .say("event: payment-other\ndata: 1\n\nevent: Payment-Receipt\ndata: 2\n\n")
        .say("id: payment-receipt\ndata: 3\n\n: event: payment-receipt\ndata: 4\n\n");
    let played = play(script.events(1).end(4, 4, 10)).await;
    let data: Vec<_> = played
        .events
        .iter()
        .map(|event| event.data.as_str())
        .collect();
    assert_eq!(data[0], receipt);
    assert_eq!(data[1..], ["3", "4", "0"]);
    assert_eq!(played.ended.unwrap().units, 4);
    assert_eq!(played.spent, 4 * UNIT);
}

#[tokio::test]
async fn a_line_without_end_is_not_read_on() {
    let pieces = (0..64).fold(Script::default().say("data: "), |script, _| {
        script.say("x".repeat(1 << 16))
    });
    let played = play(pieces.say("\n\n").end(1, 1, 10)).await;
    assert!(
        matches!(played.ended, Err(StreamError::TooLong)),
        "{:?}",
        played.ended
    );
    assert!(played.events.is_empty());
}
