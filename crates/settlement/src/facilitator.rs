//! The facilitator that settles by itself.

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use coinslot_caip2_network::{ChainPattern, StellarNetwork};
use coinslot_facilitator_api::{Facilitator, FacilitatorError, IDEMPOTENT_SETTLEMENT, Settlement};
use coinslot_payment_store::{PaymentStore, Scope, UnixMillis};
use coinslot_stellar_address::AccountId;
use coinslot_stellar_ledger::{LatestLedger, Ledger};
use coinslot_x402_exact_stellar::SCHEME;
use coinslot_x402_wire::{FacilitatorRequest, SupportedKind, SupportedResponse, VerifyResponse};

use crate::answer::{self, Told};
use crate::engine::Engine;
use crate::record::Purchase;
use crate::{ContractCalls, LocalFacilitatorBuilder, Outage, Resumed, SettlementEvent};

/// Verifies and settles payments on one Stellar network, with sponsor accounts of its own.
///
/// Cheap to clone. Its [`settle`](Facilitator::settle) is idempotent: asked again with the same
/// payment, it answers the recorded outcome. A request with an idempotency key, as coinslot's gate
/// sends, gets the success for this key only; to any other, the payment is used. Without a key,
/// whoever serves on the answer must remember which payments have been served, or ask
/// [`settle_once`](Self::settle_once).
///
/// Facilitators that settle for one payee must share one store: each takes a payment that another
/// landed after its own claim for settled.
#[derive(Clone)]
pub struct LocalFacilitator {
    engine: Arc<Engine>,
}

impl LocalFacilitator {
    /// Begins a facilitator that asks `ledger`, remembers in `store` and settles on `network`.
    pub fn builder(
        ledger: Arc<dyn Ledger>,
        store: Arc<dyn PaymentStore>,
        network: StellarNetwork,
    ) -> LocalFacilitatorBuilder {
        LocalFacilitatorBuilder::new(ledger, store, network)
    }

    pub(crate) fn new(engine: Engine) -> Self {
        Self {
            engine: Arc::new(engine),
        }
    }

    pub(crate) const fn engine(&self) -> &Arc<Engine> {
        &self.engine
    }

    /// Goes on with every settlement that an earlier run, or a process that is gone, left open.
    /// Done by [`build`](LocalFacilitatorBuilder::build); a long-running program repeats it now
    /// and then.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn resume_pending(&self) -> Result<Resumed, Outage> {
        self.engine.resume().await
    }

    /// Settles for a caller that takes each success as a new payment: one payment gets one
    /// success, however often and however concurrently it is asked for. Every further one is
    /// refused as `duplicate_payment`.
    ///
    /// # Errors
    /// As [`settle`](Facilitator::settle).
    pub async fn settle_once(
        &self,
        request: &FacilitatorRequest,
    ) -> Result<Settlement, FacilitatorError> {
        self.settle_as(request, Some(Purchase::Unnamed)).await
    }

    /// Settles for a purchase, or for whoever remembers which payments were served.
    async fn settle_as(
        &self,
        request: &FacilitatorRequest,
        purchase: Option<Purchase>,
    ) -> Result<Settlement, FacilitatorError> {
        let asked = match self.engine.check(request) {
            Ok(asked) => asked,
            Err(refusal) => {
                self.engine.observe_refusal(&refusal);
                return Ok(answer::refused(request, &refusal));
            }
        };
        let told = match purchase {
            Some(purchase) => self.engine.settle_for(&asked, purchase).await,
            None => self.engine.settle(&asked).await,
        };
        let retry_after_seconds = self.engine.retry_after_seconds();
        let told = told.map_err(|outage| answer::unavailable(outage, retry_after_seconds))?;
        if let Told::Refused(refusal) = &told {
            self.engine.observe_refusal(refusal);
        }
        Ok(answer::settlement(
            request,
            &asked.terms,
            &told,
            retry_after_seconds,
        ))
    }

    /// Calls of contracts that this facilitator's sponsors pay for, one at a time each and within its policy, total
    /// budget and timing.
    #[must_use]
    pub fn calls(&self) -> ContractCalls {
        ContractCalls::sponsored(&self.engine)
    }

    /// The accounts that sign for this facilitator: its sponsors, and the fee-bump account.
    #[must_use]
    pub fn signers(&self) -> Vec<AccountId> {
        self.engine.signers()
    }

    /// The network on which it settles.
    #[must_use]
    pub fn network(&self) -> &StellarNetwork {
        &self.engine.network
    }

    /// How many settlements are in flight.
    #[must_use]
    pub fn in_flight(&self) -> usize {
        self.engine.flights.count()
    }

    /// Waits until nothing is in flight. What does not end in time is no loss: it is recorded, and
    /// the next run goes on with it.
    pub async fn drained(&self) {
        self.engine.flights.drained().await;
    }

    /// Forgets settlements that ended before `ended_before`; answers how many. Their
    /// authorizations must have expired.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub async fn forget(&self, ended_before: UnixMillis) -> Result<u64, Outage> {
        Ok(self
            .engine
            .store
            .purge(Scope::Settlement, ended_before)
            .await?)
    }

    /// Asks everything that this facilitator depends on how it is.
    pub async fn status(&self) -> Status {
        self.engine.status().await
    }
}

#[async_trait]
impl Facilitator for LocalFacilitator {
    async fn verify(
        &self,
        request: &FacilitatorRequest,
    ) -> Result<VerifyResponse, FacilitatorError> {
        let refusal = match self.engine.check(request) {
            Err(refusal) => refusal,
            Ok(asked) => match self.engine.verify(&asked).await {
                Ok(Some(refusal)) => refusal,
                Ok(None) => {
                    self.engine.observe(&SettlementEvent::Verified);
                    return Ok(VerifyResponse::valid(asked.terms.payer()));
                }
                Err(outage) => {
                    let outage = self.engine.outage(outage);
                    let retry_after_seconds = self.engine.retry_after_seconds();
                    return Err(answer::unavailable(outage, retry_after_seconds));
                }
            },
        };
        self.engine.observe_refusal(&refusal);
        Ok(answer::invalid(&refusal))
    }

    async fn settle(&self, request: &FacilitatorRequest) -> Result<Settlement, FacilitatorError> {
        let purchase = request.idempotency_key.clone().map(Purchase::Named);
        self.settle_as(request, purchase).await
    }

    async fn supported(&self) -> Result<SupportedResponse, FacilitatorError> {
        let chain = self.engine.network.chain_id();
        let kind =
            SupportedKind::new(SCHEME, chain.to_owned()).with_extra("areFeesSponsored", true);
        let signers = self.signers().iter().map(ToString::to_string).collect();
        Ok(SupportedResponse {
            kinds: vec![kind],
            extensions: vec![IDEMPOTENT_SETTLEMENT.to_owned()],
            signers: [(ChainPattern::namespace_of(chain), signers)].into(),
        })
    }
}

impl fmt::Debug for LocalFacilitator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LocalFacilitator")
            .field("network", &self.engine.network)
            .field("sponsors", &self.engine.sponsors)
            .field("in_flight", &self.in_flight())
            .finish_non_exhaustive()
    }
}

/// How a facilitator and what it depends on are.
#[derive(Debug)]
#[non_exhaustive]
pub struct Status {
    /// The newest ledger that the RPC knows.
    pub ledger: Result<LatestLedger, Outage>,
    /// Whether the store can be written.
    pub store: Result<(), Outage>,
    /// The accounts that sign, and what they have.
    pub sponsors: Vec<SponsorStatus>,
    /// What was spent or reserved for fees in the last 24 hours, in stroops.
    pub spent_today_stroops: Option<u64>,
    /// How many settlements are in flight.
    pub in_flight: usize,
    /// How many sponsors wait for a payment.
    pub free_sponsors: usize,
}

impl Status {
    /// Whether payments can be settled: the RPC and the store answer, and an account that pays
    /// fees has XLM.
    #[must_use]
    pub fn is_healthy(&self) -> bool {
        self.ledger.is_ok()
            && self.store.is_ok()
            && self.sponsors.iter().any(|sponsor| sponsor.can_pay)
    }
}

/// What one of the accounts has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SponsorStatus {
    /// Which.
    pub account: AccountId,
    /// Its XLM in stroops; none when that is not known.
    pub balance_stroops: Option<i64>,
    /// Whether it is one that pays fees, and can pay one.
    pub can_pay: bool,
}
