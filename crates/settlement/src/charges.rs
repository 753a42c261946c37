//! MPP charges: a server settles them itself, without a facilitator.
//!
//! A sponsored charge goes the way of every payment by an authorization entry, through the engine.
//! An unsponsored one is a whole transaction of the payer's: it is submitted as it came, and found
//! again by its hash, so nothing about it needs to be stored here. A pushed one is looked up.

use std::fmt;
use std::sync::Arc;

use coinslot_caip2_network::StellarNetwork;
use coinslot_mpp_charge_stellar::{
    CheckedCharge, Identity, Rules, VerifiedPush, VerifiedUnsponsored,
};
use coinslot_mpp_wire::ProblemKind;
use coinslot_payment_store::{Clock, SystemClock};
use coinslot_soroban_authorization::TransactionHash;
use coinslot_stellar_ledger::{Ledger, LedgerError};
use coinslot_x402_exact_stellar::Refusal;

use crate::answer::Told;
use crate::engine::Engine;
use crate::record::{Outcome, Purchase};
use crate::{LocalFacilitator, Outage, Timing};

mod push;
mod unsponsored;

/// Verifies and settles MPP charges on one Stellar network.
///
/// Cheap to clone.
#[derive(Clone)]
pub struct Charges {
    pub(crate) ledger: Arc<dyn Ledger>,
    network: StellarNetwork,
    rules: Rules,
    sponsor: Option<Arc<Engine>>,
    timing: Timing,
    clock: Arc<dyn Clock>,
}

/// A charge that is good, and can be settled. It comes from [`Charges::verify`] only.
#[derive(Clone, Debug)]
pub struct VerifiedCharge(Verified);

impl VerifiedCharge {
    /// What is known of a pushed payment now that it was looked up: who authorized it with which
    /// nonce, and both its hashes. `None` for a pull, of which everything was known before.
    #[must_use]
    pub fn looked_up(&self) -> Option<&Identity> {
        match &self.0 {
            Verified::Push(push) => Some(push.identity()),
            Verified::Sponsored | Verified::Unsponsored(_) => None,
        }
    }
}

#[derive(Clone, Debug)]
enum Verified {
    Sponsored,
    Unsponsored(Box<VerifiedUnsponsored>),
    Push(Box<VerifiedPush>),
}

/// Why a charge is not good.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChargeRefusal {
    /// What it is called on the wire.
    pub kind: ProblemKind,
    /// Why, as part of a sentence: no capital at its start, no full stop at its end.
    pub why: String,
}

/// A charge was not verified.
#[derive(Debug)]
pub enum ChargeError {
    /// It is not good.
    Refused(ChargeRefusal),
    /// It could not be judged. Nobody who pays is to blame.
    Unavailable(Outage),
}

/// What came of a charge.
#[derive(Clone, Debug)]
pub enum ChargeSettlement {
    /// The money moved.
    Confirmed {
        /// The transaction that moved it.
        transaction: TransactionHash,
        /// What else is known of the payment now: it is consumed with it.
        identity: Identity,
    },
    /// The money did not move, and will not by this payment.
    Failed {
        /// Why.
        refusal: ChargeRefusal,
        /// The transaction, if one was broadcast.
        transaction: Option<TransactionHash>,
    },
    /// What becomes of it is not known yet. Ask again with the same charge.
    Pending {
        /// Under which hash it may be found.
        transaction: Option<TransactionHash>,
        /// When to ask again.
        retry_after_seconds: u32,
    },
}

impl Charges {
    /// Charges for which buyers pay the network's fees: pull with a whole transaction, and push.
    pub fn unsponsored(ledger: Arc<dyn Ledger>, network: StellarNetwork) -> Self {
        Self {
            ledger,
            network,
            rules: Rules::new(Vec::new(), 0),
            sponsor: None,
            timing: Timing::default(),
            clock: Arc::new(SystemClock),
        }
    }

    pub(crate) fn sponsored_by(engine: &Arc<Engine>) -> Self {
        let rules = Rules::new(engine.rules.sponsors.clone(), engine.rules.max_fee_stroops);
        Self {
            ledger: Arc::clone(&engine.ledger),
            network: engine.network.clone(),
            rules: Rules {
                expiration_tolerance_ledgers: engine.rules.expiration_tolerance_ledgers,
                ..rules
            },
            sponsor: Some(Arc::clone(engine)),
            timing: engine.timing,
            clock: Arc::clone(&engine.clock),
        }
    }

    /// How long things may take.
    #[must_use]
    pub const fn timing(mut self, timing: Timing) -> Self {
        self.timing = timing;
        self
    }

    /// Where time comes from. The computer's clock unless set.
    #[must_use]
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }

    /// The network on which they are settled.
    #[must_use]
    pub const fn network(&self) -> &StellarNetwork {
        &self.network
    }

    /// Whether they can be sponsored: whether there is somebody to pay the network's fees.
    #[must_use]
    pub const fn sponsors(&self) -> bool {
        self.sponsor.is_some()
    }

    /// What is accepted.
    #[must_use]
    pub const fn rules(&self) -> &Rules {
        &self.rules
    }

    /// The time, in seconds since 1970.
    #[must_use]
    pub fn now(&self) -> u64 {
        self.clock.now().as_seconds()
    }

    /// Asks the network whether a charge is good. Nothing is claimed and nothing is submitted.
    ///
    /// # Errors
    /// [`ChargeError`].
    pub async fn verify(&self, charge: &CheckedCharge) -> Result<VerifiedCharge, ChargeError> {
        match charge {
            CheckedCharge::Sponsored(charge) => {
                let engine = self.sponsor.as_ref().ok_or_else(no_sponsor)?;
                let asked = engine.ask(charge);
                match engine.verify(&asked).await {
                    Ok(None) => Ok(VerifiedCharge(Verified::Sponsored)),
                    Ok(Some(refusal)) => {
                        engine.observe_refusal(&refusal);
                        Err(ChargeError::Refused(refusal.into()))
                    }
                    Err(outage) => Err(ChargeError::Unavailable(engine.outage(outage))),
                }
            }
            CheckedCharge::Unsponsored(charge) => self
                .verify_unsponsored(charge)
                .await
                .map(|verified| VerifiedCharge(Verified::Unsponsored(Box::new(verified)))),
            CheckedCharge::Push(charge) => self
                .look_up(charge)
                .await
                .map(|verified| VerifiedCharge(Verified::Push(Box::new(verified)))),
        }
    }

    /// Settles a charge that its caller has claimed, or finds out what came of it.
    ///
    /// Give what [`verify`](Self::verify) gave just now; without it, the charge is one that was
    /// verified and claimed in an earlier run, which may have submitted it. `purchase` is what the
    /// caller calls its claim: a success is told to one purchase only.
    ///
    /// # Errors
    /// [`Outage`] when nothing was submitted, now or before.
    pub async fn settle(
        &self,
        charge: &CheckedCharge,
        verified: Option<VerifiedCharge>,
        purchase: &str,
    ) -> Result<ChargeSettlement, Outage> {
        match (charge, verified.map(|verified| verified.0)) {
            (CheckedCharge::Sponsored(charge), _) => {
                let Some(engine) = &self.sponsor else {
                    return Err(Outage::SponsorsEmpty);
                };
                let purchase = Purchase::Named(purchase.to_owned());
                let told = engine.settle_for(&engine.ask(charge), purchase).await?;
                if let Told::Refused(refusal) = &told {
                    engine.observe_refusal(refusal);
                }
                Ok(self.told(told, charge.identity()))
            }
            (CheckedCharge::Unsponsored(charge), Some(Verified::Unsponsored(verified))) => {
                self.settle_unsponsored(charge, Some(&verified)).await
            }
            (CheckedCharge::Unsponsored(charge), _) => self.settle_unsponsored(charge, None).await,
            (CheckedCharge::Push(_), Some(Verified::Push(verified))) => Ok(paid(&verified)),
            // It was verified before it was claimed: a node that sees it otherwise lags, or forgets.
            (CheckedCharge::Push(charge), _) => match self.look_up(charge).await {
                Ok(verified) => Ok(paid(&verified)),
                Err(_) => Ok(self.pending(Some(charge.hash()))),
            },
        }
    }

    fn told(&self, told: Told, identity: Identity) -> ChargeSettlement {
        match told {
            Told::Outcome(Outcome::Confirmed { transaction, .. }) => ChargeSettlement::Confirmed {
                transaction,
                identity,
            },
            Told::Outcome(Outcome::Failed {
                message,
                transaction,
                ..
            }) => ChargeSettlement::Failed {
                refusal: ChargeRefusal::settlement_failed(message),
                transaction,
            },
            Told::Refused(refusal) => ChargeSettlement::Failed {
                refusal: refusal.into(),
                transaction: None,
            },
            Told::Pending { transaction } => self.pending(transaction),
        }
    }

    fn pending(&self, transaction: Option<TransactionHash>) -> ChargeSettlement {
        let seconds = self.timing.retry_after.as_secs();
        ChargeSettlement::Pending {
            transaction,
            retry_after_seconds: u32::try_from(seconds).unwrap_or(u32::MAX).max(1),
        }
    }
}

impl ChargeRefusal {
    fn settlement_failed(why: impl Into<String>) -> Self {
        Self {
            kind: ProblemKind::SettlementFailed,
            why: why.into(),
        }
    }

    fn verification_failed(why: impl Into<String>) -> Self {
        Self {
            kind: ProblemKind::VerificationFailed,
            why: why.into(),
        }
    }
}

impl From<coinslot_mpp_charge_stellar::Refusal> for ChargeRefusal {
    fn from(refusal: coinslot_mpp_charge_stellar::Refusal) -> Self {
        Self {
            kind: refusal.kind(),
            why: refusal.fault().to_string(),
        }
    }
}

impl From<Refusal> for ChargeRefusal {
    fn from(refusal: Refusal) -> Self {
        Self::verification_failed(refusal.detail.to_string())
    }
}

impl From<coinslot_mpp_charge_stellar::Refusal> for ChargeError {
    fn from(refusal: coinslot_mpp_charge_stellar::Refusal) -> Self {
        Self::Refused(refusal.into())
    }
}

impl From<LedgerError> for ChargeError {
    fn from(error: LedgerError) -> Self {
        Self::Unavailable(error.into())
    }
}

impl LocalFacilitator {
    /// Settles MPP charges too, with the same sponsors, budget and claims.
    #[must_use]
    pub fn charges(&self) -> Charges {
        Charges::sponsored_by(self.engine())
    }
}

impl fmt::Debug for Charges {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Charges")
            .field("network", &self.network)
            .field("sponsors", &self.sponsors())
            .finish_non_exhaustive()
    }
}

fn paid(verified: &VerifiedPush) -> ChargeSettlement {
    ChargeSettlement::Confirmed {
        transaction: verified.reference(),
        identity: verified.identity().clone(),
    }
}

fn no_sponsor() -> ChargeError {
    ChargeError::Refused(ChargeRefusal::verification_failed(
        "this server does not pay the network's fees",
    ))
}
