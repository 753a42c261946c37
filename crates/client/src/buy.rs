//! Making the one payment for a request: choose, reserve, sign, simulate, write down, send.

use reqwest::Response;

use crate::amount::Amount;
use crate::budget::AssetCaps;
use crate::cannot_pay;
use crate::challenge::Challenge;
use crate::courier::Courier;
use crate::engine::Engine;
use crate::error::PaymentError;
use crate::event::PaymentEvent;
use crate::journal::{Payment, Signed, State};
use crate::offer::{Offer, Plan};
use crate::payable::Payable;
use crate::push::Pushed;
use crate::refusal::NoAcceptableOffer;
use crate::spending::Reservation;

/// What came of buying.
pub(crate) enum Bought {
    Answered(Response),
    /// Another process wrote a payment for the same request down first: that one is sent, and this one never.
    Overtaken,
}

/// A payment that was signed and not sent.
struct Made {
    payment: Payment,
    /// Why it is not to be sent now, although its signature is known outside.
    unusable: Option<PaymentError>,
}

impl Engine {
    /// Makes the one payment for a request. The caller has the turn, and there is no earlier payment.
    pub(crate) async fn buy(
        &self,
        challenge: &Challenge,
        payable: &Payable,
        courier: &mut Courier<'_>,
    ) -> Result<Bought, PaymentError> {
        let now = self.clock.now();
        let offer = self.policy.choose(challenge, payable, self.payer, now)?;
        let _one_transaction_at_a_time = match offer.plan {
            Plan::Authorize(_) | Plan::Voucher(_) => None,
            Plan::Transact(_) => Some(self.transactions.lock().await),
        };
        let account = self.account(&offer.asset.contract.to_string());
        let caps = &offer.asset.caps;
        let reservation = self
            .reserve(&account, &payable.host, offer.amount, caps)
            .await?;
        self.emit(|| PaymentEvent::Signing {
            request: payable.id.clone(),
            amount: offer.amount,
            terms: offer.terms.clone(),
        });
        let made = match self.make(&offer, reservation.clone(), payable).await {
            Ok(made) => made,
            Err(error) => {
                self.release(&reservation).await;
                return Err(error);
            }
        };
        let fee = made.payment.fee.clone();
        let entry = match self.journal.begin(payable.id.clone(), made.payment).await {
            Err(error) if error.is_conflict() => {
                // Nobody has seen a transaction of our own. An authorization was seen where it was simulated.
                if let Some(fee) = fee {
                    self.release(&fee).await;
                    self.release(&reservation).await;
                }
                return Ok(Bought::Overtaken);
            }
            entry => entry,
        };
        if let Some(error) = made.unusable {
            return Err(error);
        }
        let mut entry = entry?;
        self.emit(|| PaymentEvent::Signed {
            request: payable.id.clone(),
            until: entry.payment.deadline(),
        });
        if entry.payment.is_push() {
            entry = match self.push(entry).await? {
                Pushed::Landed(entry) => *entry,
                Pushed::Void(why) => return Err(PaymentError::NothingPaid(why)),
            };
        }
        Ok(Bought::Answered(self.pay(entry, payable, courier).await?))
    }

    /// Signs what the offer asks for. When this fails, there is no signature.
    async fn make(
        &self,
        offer: &Offer,
        reservation: Reservation,
        payable: &Payable,
    ) -> Result<Made, PaymentError> {
        self.require_network().await?;
        cannot_pay::require_funds(offer, self.payer, self.ledger.as_ref()).await?;
        match &offer.plan {
            Plan::Authorize(plan) => {
                let signed = self.authorize(plan).await?;
                let (record, at) = (signed.record(), signed.signed_at_ledger);
                let mut payment = self.payment(offer, reservation, record, at, payable);
                // From the simulation on, the signature is known outside: whatever happens, it is written down.
                let prepared = self.prepare(offer, plan, signed.entry).await;
                payment.header = prepared.as_ref().ok().cloned();
                Ok(Made {
                    payment,
                    unusable: prepared.err(),
                })
            }
            Plan::Transact(plan) => {
                let signed = self.transact(offer, plan, &payable.host).await?;
                let (record, at) = (signed.record(), signed.signed_at_ledger);
                let mut payment = self.payment(offer, reservation, record, at, payable);
                payment.header = Some(signed.header);
                payment.fee = Some(signed.fee);
                Ok(Made {
                    payment,
                    unusable: None,
                })
            }
            // No channel is named in what is bought here, so that none is chosen.
            Plan::Voucher(_) => Err(NoAcceptableOffer { refusals: vec![] }.into()),
        }
    }

    fn payment(
        &self,
        offer: &Offer,
        reservation: Reservation,
        signed: Signed,
        signed_at_ledger: u32,
        payable: &Payable,
    ) -> Payment {
        Payment {
            state: State::Open,
            reservation,
            fee: None,
            terms: offer.terms.clone(),
            draft: offer.plan.draft(),
            payer: self.payer.to_string(),
            signed,
            signed_at_ledger,
            signed_at_millis: self.clock.now().as_millis(),
            header: None,
            keyed: payable.keyed,
        }
    }

    /// Reserves an amount; when a daily cap is in the way, frees what expired unused and tries once more.
    pub(crate) async fn reserve(
        &self,
        account: &str,
        host: &str,
        amount: Amount,
        caps: &AssetCaps,
    ) -> Result<Reservation, PaymentError> {
        let first = self
            .spending
            .reserve(account, host, amount, caps, self.clock.now())
            .await;
        match first.map_err(PaymentError::from) {
            Err(PaymentError::OverCap(over)) => match self.sweep().await {
                Ok(0) | Err(_) => Err(PaymentError::OverCap(over)),
                Ok(_) => Ok(self
                    .spending
                    .reserve(account, host, amount, caps, self.clock.now())
                    .await?),
            },
            other => other,
        }
    }

    /// Puts back what was reserved for a payment that was not signed.
    pub(crate) async fn release(&self, reservation: &Reservation) {
        if let Err(error) = self.spending.release(reservation, self.clock.now()).await {
            tracing::warn!(%error, "what was reserved for a payment that was not signed stays reserved");
        }
    }
}
