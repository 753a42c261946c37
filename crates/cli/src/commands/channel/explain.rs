//! Why a call came to nothing, in words, and whose turn it is.

use coinslot_settlement::{CallError, CallRefusal, Outage};
use coinslot_soroban_authorization::TransactionHash;
use coinslot_stellar_address::AccountId;

use super::money::xlm;
use crate::exit::{Failure, Kind, sentence_of};

/// A call that was not confirmed; `payer` was to pay for it.
pub(super) fn call(error: &CallError, payer: &AccountId) -> Failure {
    match error {
        CallError::Refused(refused) => refusal(refused),
        CallError::Unavailable(down) => outage(down, payer),
        CallError::Unknown { transaction, .. } => unknown(transaction),
        error => Failure::unexpected(error),
    }
}

/// What a call needs did not answer; `payer` was to pay for it.
pub(crate) fn outage(outage: &Outage, payer: &AccountId) -> Failure {
    match outage {
        Outage::Call(refused) => refusal(refused),
        Outage::CallUnknown(transaction) => unknown(transaction),
        Outage::Ledger(_) => Failure::new(
            Kind::Unreachable,
            format!("the Stellar RPC did not answer: {}", sentence_of(outage)),
        ),
        Outage::SponsorsEmpty => Failure::configuration(format!(
            "{payer} is to pay the network's fees and has not enough XLM, or does not exist: send it XLM, or let another account pay with COINSLOT_FEE_PAYER_KEY"
        )),
        Outage::SequenceContended => Failure::configuration(format!(
            "another program uses {payer}, which is to pay the network's fees: stop one of them, or let another account pay with COINSLOT_FEE_PAYER_KEY"
        )),
        Outage::NoVoucher => Failure::new(Kind::Refused, sentence_of(outage)),
        _ => Failure::unexpected(outage),
    }
}

fn unknown(transaction: &TransactionHash) -> Failure {
    Failure::new(
        Kind::Unknown,
        format!(
            "transaction {transaction} was sent, and it is not known yet whether it landed: look at the channel with `coinslot channel state` before you run this again"
        ),
    )
}

fn refusal(refusal: &CallRefusal) -> Failure {
    match refusal {
        CallRefusal::WouldFail {
            contract_error,
            message,
        } => {
            let words = contract_error.and_then(in_words);
            let sentence = words.map_or_else(
                || format!("the contract would refuse this, so nothing was sent: {message}"),
                |words| format!("the contract would refuse this, so nothing was sent: {words}"),
            );
            Failure::new(Kind::Refused, sentence)
        }
        CallRefusal::FeeTooHigh {
            needed_stroops,
            max_fee_stroops,
        } => Failure::new(
            Kind::Policy,
            format!(
                "the network's fee is {} or more, and --max-fee allows {}; nothing was sent",
                xlm(*needed_stroops),
                xlm(*max_fee_stroops)
            ),
        ),
        CallRefusal::NoSigner(_) | CallRefusal::NotSigned(_) => {
            Failure::configuration(format!("{refusal}; nothing was sent"))
        }
        _ => Failure::unexpected(refusal),
    }
}

/// The errors of the channel's contract, and of the token below it.
fn in_words(contract_error: u32) -> Option<&'static str> {
    Some(match contract_error {
        1 => "the amount is negative (NegativeAmount)",
        2 => {
            "nobody has begun to close the channel: first comes `coinslot channel close-start` (NotClosed)"
        }
        3 => "the waiting period after `close-start` is not over (RefundWaitingPeriodNotElapsed)",
        4 => "the channel is closed already (AlreadyClosed)",
        10 => "there is not enough of the token for it",
        11 => "the token's issuer does not let one of the accounts hold it",
        13 => "one of the accounts has no trustline to the token",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_contract_error_has_its_words_and_exit_code() {
        let refused = |number: u32| {
            refusal(&CallRefusal::WouldFail {
                contract_error: Some(number),
                message: format!("HostError: Error(Contract, #{number})"),
            })
        };
        for (number, words) in [
            (1, "NegativeAmount"),
            (2, "NotClosed"),
            (3, "RefundWaitingPeriodNotElapsed"),
            (4, "AlreadyClosed"),
            (10, "not enough"),
            (13, "no trustline"),
            (77, "Error(Contract, #77)"),
        ] {
            let failure = refused(number);
            assert!(failure.to_string().contains(words), "{failure}");
            assert_eq!(failure.code(), 5);
        }
    }

    #[test]
    fn whose_turn_it_is_follows_from_the_exit_code() {
        let payer = AccountId::ALL_ZEROS;
        let too_dear = CallRefusal::FeeTooHigh {
            needed_stroops: 15_000_000,
            max_fee_stroops: 5_000_000,
        };
        let failure = call(&too_dear.into(), &payer);
        assert_eq!(failure.code(), 4);
        assert!(failure.to_string().contains("1.5 XLM"), "{failure}");
        let sent = CallError::Unknown {
            transaction: TransactionHash::from_bytes([7; 32]),
            max_time: 9,
        };
        assert_eq!(call(&sent, &payer).code(), 6);
        assert_eq!(outage(&Outage::SponsorsEmpty, &payer).code(), 3);
        assert_eq!(outage(&Outage::NoVoucher, &payer).code(), 5);
    }
}
