//! Why the network would refuse a payment, with what to do about it.
//!
//! The simulation's text names the error of the Stellar Asset Contract as `Error(Contract, #13)` (CAP-46-6).

use coinslot_stellar_address::{AccountId, Address};
use coinslot_stellar_ledger::{Ledger, LedgerError};
use coinslot_usdc_amount::BaseUnits;

use crate::amount::Amount;
use crate::error::PaymentError;
use crate::offer::Offer;
use crate::server_text::ServerText;

/// The network would not make the payment, so that it is not sent.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CannotPay {
    /// The payer's account is not on the network.
    #[error(
        "the payer's account {payer} does not exist on this network; fund it, for example with friendbot on a test network"
    )]
    NoAccount {
        /// The payer.
        payer: AccountId,
    },
    /// The payer holds no trustline.
    #[error(
        "the payer {payer} has no trustline for the asset; add one (changeTrust), then get {amount} or more"
    )]
    NoTrustline {
        /// The payer.
        payer: AccountId,
        /// What is asked for.
        amount: Amount,
    },
    /// The payee cannot receive the asset.
    #[error(
        "the payee {payee} cannot receive the asset (no account or no trustline); only the seller can repair that"
    )]
    PayeeCannotReceive {
        /// The payee.
        payee: Address,
    },
    /// The payer has too little.
    #[error("the payer {payer} has too little: {amount} are needed{}", Balance(.balance))]
    BalanceTooLow {
        /// The payer.
        payer: AccountId,
        /// What is asked for.
        amount: Amount,
        /// What the payer has, if that is known.
        balance: Option<Amount>,
    },
    /// The issuer froze the payer's or the payee's trustline.
    #[error("the issuer does not allow the payer or the payee to hold the asset")]
    Frozen,
    /// A ledger entry is archived.
    #[error("a ledger entry that the transfer needs is archived; it must be restored first")]
    Archived,
    /// Anything else, in the network's words.
    #[error("the network refuses the transfer: {0}")]
    Other(ServerText),
}

struct Balance<'a>(&'a Option<Amount>);

impl core::fmt::Display for Balance<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        self.0
            .map_or(Ok(()), |balance| write!(f, ", the account has {balance}"))
    }
}

/// Whether the payer has what it is about to sign away, as far as its trustline tells. A payment that is sure to fail
/// is not signed, so that nothing of it stays reserved.
pub(crate) async fn require_funds(
    offer: &Offer,
    payer: AccountId,
    ledger: &dyn Ledger,
) -> Result<(), PaymentError> {
    let Some(asset) = &offer.asset.classic else {
        return Ok(());
    };
    let amount = offer.amount;
    let why = match ledger.trustline(&payer, asset).await? {
        None if ledger.account(&payer).await?.is_none() => CannotPay::NoAccount { payer },
        None => CannotPay::NoTrustline { payer, amount },
        Some(line) if !line.authorized => CannotPay::Frozen,
        Some(line) => {
            let units = BaseUnits::from_u64(u64::try_from(line.balance).unwrap_or(0));
            if units >= amount.units {
                return Ok(());
            }
            CannotPay::BalanceTooLow {
                payer,
                amount,
                balance: Some(amount.unit.amount(units)),
            }
        }
    };
    Err(PaymentError::CannotPay(Box::new(why)))
}

/// Says in words why a transfer failed; asks the ledger whose fault it is where the text leaves that open.
pub(crate) async fn explain(
    message: &str,
    offer: &Offer,
    payer: AccountId,
    ledger: &dyn Ledger,
) -> Result<CannotPay, LedgerError> {
    let Some(code) = contract_error(message) else {
        return Ok(CannotPay::Other(ServerText::new(message)));
    };
    let amount = offer.amount;
    let trustline = match &offer.asset.classic {
        Some(asset) => Some(ledger.trustline(&payer, asset).await?),
        None => None,
    };
    let payee = || match offer.terms.pay_to.parse() {
        Ok(payee) => CannotPay::PayeeCannotReceive { payee },
        Err(_) => CannotPay::Other(ServerText::new(message)),
    };
    Ok(match code {
        ACCOUNT_MISSING if ledger.account(&payer).await?.is_none() => {
            CannotPay::NoAccount { payer }
        }
        ACCOUNT_MISSING => payee(),
        TRUSTLINE_MISSING => match trustline {
            Some(Some(_)) => payee(),
            Some(None) if ledger.account(&payer).await?.is_none() => CannotPay::NoAccount { payer },
            Some(None) | None => CannotPay::NoTrustline { payer, amount },
        },
        BALANCE => {
            let units = trustline
                .flatten()
                .and_then(|line| u64::try_from(line.balance).ok());
            let balance = units.map(|units| amount.unit.amount(BaseUnits::from_u64(units)));
            match balance {
                Some(balance) if balance.units >= amount.units => payee(),
                _ => CannotPay::BalanceTooLow {
                    payer,
                    amount,
                    balance,
                },
            }
        }
        BALANCE_DEAUTHORIZED => CannotPay::Frozen,
        _ => CannotPay::Other(ServerText::new(message)),
    })
}

/// The number in the first `Error(Contract, #N)`.
fn contract_error(message: &str) -> Option<u32> {
    let (_, rest) = message.split_once("Error(Contract, #")?;
    let (digits, _) = rest.split_once(')')?;
    digits.parse().ok()
}

const ACCOUNT_MISSING: u32 = 6;
const BALANCE: u32 = 10;
const BALANCE_DEAUTHORIZED: u32 = 11;
const TRUSTLINE_MISSING: u32 = 13;

#[cfg(test)]
mod tests {
    use super::contract_error;

    #[test]
    fn the_error_number_is_read_from_the_hosts_text() {
        let text = "HostError: Error(Contract, #13)\n\nEvent log (newest first):\n   0: [Diagnostic Event] …";
        assert_eq!(contract_error(text), Some(13));
        assert_eq!(contract_error("HostError: Error(Contract, #10)"), Some(10));
        for other in [
            "HostError: Error(Auth, InvalidAction)",
            "Error(Contract, #)",
            "Error(Contract, #x1)",
            "",
        ] {
            assert_eq!(contract_error(other), None, "{other}");
        }
    }
}
