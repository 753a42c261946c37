//! Unsponsored pull: the payer's own transaction, submitted without modification.
//!
//! The same envelope may be submitted as often as need be: the network takes it once. Whether it
//! has landed is asked by its hash, and it cannot land after its `maxTime`.

use coinslot_mpp_charge_stellar::{CheckedUnsponsored, Facts, VerifiedUnsponsored};
use coinslot_soroban_authorization::TransactionHash;
use coinslot_stellar_ledger::{LedgerError, Submission, TransactionStatus};
use tokio::time::{Instant, sleep};

use super::{ChargeError, ChargeRefusal, ChargeSettlement, Charges};
use crate::Outage;
use crate::engine::{charge_simulation, moved};

/// What is seen of a payer's transaction.
enum Sight {
    Nothing,
    Landed(ChargeSettlement),
    /// It can no longer land.
    Expired,
}

impl Charges {
    pub(super) async fn verify_unsponsored(
        &self,
        charge: &CheckedUnsponsored,
    ) -> Result<VerifiedUnsponsored, ChargeError> {
        // What landed before it was presented is public, and pays for nothing.
        for hash in charge.identity().hashes {
            if !matches!(
                self.ledger.transaction(&hash).await?,
                TransactionStatus::NotFound
            ) {
                return Err(ChargeError::Refused(ChargeRefusal::verification_failed(
                    LANDED_BEFORE,
                )));
            }
        }
        self.confirm(charge).await
    }

    async fn confirm(
        &self,
        charge: &CheckedUnsponsored,
    ) -> Result<VerifiedUnsponsored, ChargeError> {
        let (simulation, latest) = tokio::try_join!(
            self.ledger.simulate(charge.simulation_envelope()),
            self.ledger.latest_ledger(),
        )?;
        let facts = Facts {
            now: self.now(),
            latest_ledger: latest.sequence,
            inclusion_fee_stroops: 0,
            simulation: charge_simulation(simulation),
        };
        Ok(charge.clone().verify(&facts)?)
    }

    /// Submits the transaction and waits for its end. Without a verified charge it may have been
    /// submitted before, and is only found out about, or submitted again if it is still good.
    pub(super) async fn settle_unsponsored(
        &self,
        charge: &CheckedUnsponsored,
        verified: Option<&VerifiedUnsponsored>,
    ) -> Result<ChargeSettlement, Outage> {
        let hash = charge.identity().hashes.first().copied();
        let retried = verified.is_none();
        let again;
        let verified = match verified {
            Some(verified) => verified,
            None => match self.look_back(charge).await {
                Ok(Sight::Landed(settlement)) => return Ok(settlement),
                Ok(Sight::Expired) => return Ok(expired(hash)),
                Ok(Sight::Nothing) => match self.confirm(charge).await {
                    Ok(verified) => {
                        again = verified;
                        &again
                    }
                    Err(_) => return Ok(self.pending(hash)),
                },
                Err(_) => return Ok(self.pending(hash)),
            },
        };
        let mut turned_away = false;
        match self.ledger.submit(verified.envelope()).await {
            // Whether the network has it is not known: it may land.
            Err(error) if error.is_outage() => {}
            Err(error) if retried => {
                tracing::warn!(%error, "a charge that was submitted before is refused now");
            }
            Err(error) => return Err(error.into()),
            // Somebody else has submitted it: it is public, and perhaps pays for something of theirs.
            Ok(Submission::Duplicate { .. }) if !retried => return Ok(failed(SUBMITTED_BEFORE)),
            Ok(Submission::Refused { code }) if !retried => {
                return Ok(failed(&format!(
                    "the network refuses the transaction: {code}"
                )));
            }
            Ok(Submission::TryAgainLater) => turned_away = true,
            Ok(_) => {}
        }
        let deadline = Instant::now() + self.timing.answer_within;
        let mut pause = FIRST_PAUSE.min(self.timing.poll_every);
        while Instant::now() < deadline {
            sleep(pause).await;
            pause = (pause * 2).min(self.timing.poll_every);
            if turned_away {
                match self.ledger.submit(verified.envelope()).await {
                    Ok(Submission::TryAgainLater) => {}
                    Ok(Submission::Duplicate { .. }) if !retried => {
                        return Ok(failed(SUBMITTED_BEFORE));
                    }
                    // An answer that was lost too: from here on the network may have it.
                    Ok(_) | Err(_) => turned_away = false,
                }
            }
            match self.look_back(charge).await {
                Ok(Sight::Landed(settlement)) => return Ok(settlement),
                Ok(Sight::Expired) => return Ok(expired(hash)),
                Ok(Sight::Nothing) | Err(_) => {}
            }
        }
        if turned_away && !retried {
            return Err(Outage::NotIncluded);
        }
        Ok(self.pending(hash))
    }

    async fn look_back(&self, charge: &CheckedUnsponsored) -> Result<Sight, LedgerError> {
        // The time is asked first: what has not landed by then and cannot land after it, never will.
        let latest = self.ledger.latest_ledger().await?;
        for hash in charge.identity().hashes {
            match self.ledger.transaction(&hash).await? {
                TransactionStatus::NotFound => {}
                TransactionStatus::Succeeded { events, .. } => {
                    return Ok(Sight::Landed(landed(
                        charge,
                        hash,
                        moved(&events, charge.transfer()),
                    )));
                }
                TransactionStatus::Failed { code, .. } => {
                    return Ok(Sight::Landed(ChargeSettlement::Failed {
                        refusal: ChargeRefusal::settlement_failed(format!(
                            "the transaction failed: {code}"
                        )),
                        transaction: Some(hash),
                    }));
                }
            }
        }
        let time = latest.close_time.unwrap_or_else(|| self.now());
        Ok(if time > charge.max_time().saturating_add(GRACE_SECONDS) {
            Sight::Expired
        } else {
            Sight::Nothing
        })
    }
}

/// Nothing was submitted by us.
fn failed(why: &str) -> ChargeSettlement {
    ChargeSettlement::Failed {
        refusal: ChargeRefusal::settlement_failed(why),
        transaction: None,
    }
}

fn landed(
    charge: &CheckedUnsponsored,
    transaction: TransactionHash,
    moved: bool,
) -> ChargeSettlement {
    if moved {
        return ChargeSettlement::Confirmed {
            transaction,
            identity: charge.identity(),
        };
    }
    ChargeSettlement::Failed {
        refusal: ChargeRefusal::settlement_failed(MOVED_NOTHING),
        transaction: Some(transaction),
    }
}

fn expired(transaction: Option<TransactionHash>) -> ChargeSettlement {
    ChargeSettlement::Failed {
        refusal: ChargeRefusal::settlement_failed(NOT_INCLUDED),
        transaction,
    }
}

const FIRST_PAUSE: std::time::Duration = std::time::Duration::from_millis(50);
/// How long after its last moment a transaction is still looked for, in seconds: nodes do not all
/// know of a ledger at once.
const GRACE_SECONDS: u64 = 10;
const SUBMITTED_BEFORE: &str = "the transaction was submitted by somebody else before; \
                                present it by push, with your signature";
const LANDED_BEFORE: &str = "the transaction was on the chain before it was presented; \
                             present it by push, with your signature";
const MOVED_NOTHING: &str = "the transaction succeeded, but the token did not move the payment";
const NOT_INCLUDED: &str = "no ledger took the transaction before its time was over";
