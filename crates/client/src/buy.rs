//! Making the one payment for a request: choose, reserve, sign, simulate, write down, send.

use coinslot_x402_wire::PaymentPayload;
use reqwest::Response;
use serde_json::Map;

use crate::authorize::Signed;
use crate::challenge::Challenge;
use crate::courier::Courier;
use crate::engine::{Engine, Payable};
use crate::error::PaymentError;
use crate::event::PaymentEvent;
use crate::journal::{Payment, State};
use crate::policy::Offer;
use crate::spending::Reservation;

/// What came of buying.
pub(crate) enum Bought {
    Answered(Response),
    /// Another process wrote a payment for the same request down first: that one is sent, and this one never.
    Overtaken,
}

impl Engine {
    /// Makes the one payment for a request. The caller has the turn, and there is no earlier payment.
    pub(crate) async fn buy(
        &self,
        challenge: Challenge,
        payable: &Payable,
        courier: &mut Courier<'_>,
    ) -> Result<Bought, PaymentError> {
        let url = payable.request.url();
        let offer = self
            .policy
            .choose(&challenge, url, self.payer, self.clock.now())?;
        let reservation = self.reserve(&offer, &payable.host).await?;
        self.emit(|| PaymentEvent::Signing {
            request: payable.id.clone(),
            amount: offer.amount,
            pay_to: offer.requirements.pay_to.clone(),
        });
        let signed = match self.sign(&offer.plan).await {
            Ok(signed) => signed,
            Err(error) => {
                if let Err(error) = self.spending.release(&reservation, self.clock.now()).await {
                    tracing::warn!(%error, "what was reserved for a payment that was not signed stays reserved");
                }
                return Err(error);
            }
        };
        let draft = draft(&offer, challenge);
        let mut payment = self.payment(&signed, draft, reservation, payable.keyed);
        // From the simulation on, the signature is known outside: whatever happens, it is written down.
        let prepared = self.prepare(&offer, signed.entry, &payment.draft).await;
        payment.header = prepared.as_ref().ok().cloned();
        let entry = match self.journal.begin(payable.id.clone(), payment).await {
            Err(error) if error.is_conflict() => return Ok(Bought::Overtaken),
            entry => entry,
        };
        prepared?;
        let entry = entry?;
        self.emit(|| PaymentEvent::Signed {
            request: payable.id.clone(),
            expiration_ledger: entry.payment.expiration_ledger,
        });
        Ok(Bought::Answered(self.pay(entry, payable, courier).await?))
    }

    /// Reserves the amount; when a daily cap is in the way, frees what expired unused and tries once more.
    async fn reserve(&self, offer: &Offer, host: &str) -> Result<Reservation, PaymentError> {
        let account = self.account(&offer.asset.contract.to_string());
        let caps = &offer.asset.caps;
        let first = self
            .spending
            .reserve(&account, host, offer.amount, caps, self.clock.now())
            .await;
        match first.map_err(PaymentError::from) {
            Err(PaymentError::OverCap(over)) => match self.sweep().await {
                Ok(0) | Err(_) => Err(PaymentError::OverCap(over)),
                Ok(_) => Ok(self
                    .spending
                    .reserve(&account, host, offer.amount, caps, self.clock.now())
                    .await?),
            },
            other => other,
        }
    }

    fn payment(
        &self,
        signed: &Signed,
        draft: PaymentPayload,
        reservation: Reservation,
        keyed: bool,
    ) -> Payment {
        Payment {
            state: State::Open,
            reservation,
            draft,
            payer: self.payer.to_string(),
            nonce: signed.nonce,
            signed_at_ledger: signed.signed_at_ledger,
            expiration_ledger: signed.expiration_ledger,
            signed_at_millis: self.clock.now().as_millis(),
            entry: signed.entry.to_base64(),
            header: None,
            keyed,
        }
    }
}

/// The message without its payload: the terms as offered, the resource, and the extensions echoed as received.
fn draft(offer: &Offer, challenge: Challenge) -> PaymentPayload {
    let mut draft = PaymentPayload::new(offer.requirements.clone(), Map::new());
    draft.resource = Some(challenge.required.resource);
    draft.extensions = challenge.required.extensions;
    draft
}
