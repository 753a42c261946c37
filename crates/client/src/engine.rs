//! The state machine of one paid request. Design: "an unknown outcome never asks for a second payment".
//!
//! ask → challenge → choose → reserve → sign → simulate → write down → send, and again, until the answer is had.

use std::sync::Arc;

use coinslot_caip2_network::NetworkId;
use coinslot_mpp_wire::SCHEME;
use coinslot_payment_store::Clock;
use coinslot_soroban_authorization::Signer;
use coinslot_stellar_address::AccountId;
use coinslot_stellar_ledger::Ledger;
use coinslot_x402_wire::header;
use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderValue};
use reqwest::{Request, Response, StatusCode};
use tokio::sync::{Mutex, OnceCell};

use crate::address_guard::Destinations;
use crate::amount::Amount;
use crate::buy::Bought;
use crate::challenge::Challenge;
use crate::courier::{Courier, same_origin};
use crate::destination::host_of;
use crate::error::PaymentError;
use crate::event::{EventHook, PaymentEvent};
use crate::journal::{Entry, Journal};
use crate::logical_request::{IdempotencyKey, RequestId};
use crate::patience::Patience;
use crate::payable::Payable;
use crate::policy::Policy;
use crate::refusal::NotPayable;
use crate::resume::Resumed;
use crate::spending::Spending;
use crate::turns::Turns;

/// Everything that paying needs.
pub(crate) struct Engine {
    pub(crate) signer: Arc<dyn Signer>,
    pub(crate) payer: AccountId,
    pub(crate) policy: Policy,
    pub(crate) ledger: Arc<dyn Ledger>,
    pub(crate) rpc_network: OnceCell<NetworkId>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) spending: Spending,
    pub(crate) journal: Journal,
    pub(crate) turns: Turns,
    /// Held while a transaction of the payer's own is under way: an account has one after the other.
    pub(crate) transactions: Mutex<()>,
    pub(crate) patience: Patience,
    pub(crate) destinations: Destinations,
    pub(crate) hook: Option<Box<EventHook>>,
}

/// The answer to a request without a payment.
pub(crate) enum Asked {
    /// It is not priced, or not any more.
    Free(Response),
    Priced(Challenge),
}

impl Engine {
    /// Answers a request, paying for it if that is asked for and allowed.
    pub(crate) async fn answer(
        &self,
        request: Request,
        key: Option<&IdempotencyKey>,
        mut courier: Courier<'_>,
    ) -> Result<Response, PaymentError> {
        if carries_payment(request.headers()) {
            return Err(PaymentError::OwnPaymentHeader);
        }
        let payable = match self.payable(&request, key) {
            Ok(payable) => payable,
            Err(why) => return self.pass_on(request, why, &mut courier).await,
        };
        drop(request);
        let mut turn = match self.journal.find(&payable.id).await? {
            Some(_) => Some(self.turns.wait(&payable.id).await),
            None => None,
        };
        loop {
            if turn.is_some()
                && let Some(entry) = self.journal.find(&payable.id).await?
                && let Resumed::Answered(response) =
                    self.resume(entry, &payable, &mut courier).await?
            {
                return Ok(response);
            }
            let challenge = match self.ask(&payable, &mut courier).await? {
                Asked::Free(response) => return Ok(response),
                Asked::Priced(challenge) => challenge,
            };
            self.emit(|| PaymentEvent::Challenge {
                request: payable.id.clone(),
                host: payable.host.clone(),
                offers: challenge.offers(),
            });
            if turn.is_none() {
                turn = self.turns.try_take(&payable.id);
            }
            if turn.is_none() {
                // Another task pays for an equal request. Afterwards these terms may be over: ask again.
                turn = Some(self.turns.wait(&payable.id).await);
                continue;
            }
            if self.journal.find(&payable.id).await?.is_none()
                && let Bought::Answered(response) =
                    self.buy(&challenge, &payable, &mut courier).await?
            {
                return Ok(response);
            }
        }
    }

    /// Decides before the first send whether the request may be paid.
    pub(crate) fn payable(
        &self,
        request: &Request,
        key: Option<&IdempotencyKey>,
    ) -> Result<Payable, NotPayable> {
        self.policy.permit(request.url())?;
        let host = host_of(request.url()).ok_or(NotPayable::Insecure)?;
        let id = RequestId::of(request, &self.network_id(), &self.payer, key)
            .ok_or(NotPayable::BodyNotReplayable)?;
        let request = request.try_clone().ok_or(NotPayable::BodyNotReplayable)?;
        let mut payable = Payable {
            id,
            host,
            request,
            keyed: key.is_some(),
        };
        if let Some(payments) = self.policy.accept_payment()
            && !payable.has_authorization()
        {
            payable.accept(payments);
        }
        Ok(payable)
    }

    /// Sends the request without a payment.
    pub(crate) async fn ask(
        &self,
        payable: &Payable,
        courier: &mut Courier<'_>,
    ) -> Result<Asked, PaymentError> {
        let request = payable
            .request
            .try_clone()
            .ok_or(NotPayable::BodyNotReplayable)?;
        let response = courier.send(request, self.destinations).await?;
        if response.status() != StatusCode::PAYMENT_REQUIRED {
            return Ok(Asked::Free(response));
        }
        if !same_origin(response.url(), payable.request.url()) {
            return Err(PaymentError::RedirectedToSeller);
        }
        Ok(Asked::Priced(
            Challenge::read(response, self.clock.now()).await?,
        ))
    }

    /// Sends a request that is not paid; a 402 is then an error that says why.
    async fn pass_on(
        &self,
        request: Request,
        why: NotPayable,
        to: &mut Courier<'_>,
    ) -> Result<Response, PaymentError> {
        let response = to.send(request, self.destinations).await?;
        match response.status() {
            StatusCode::PAYMENT_REQUIRED => Err(why.into()),
            _ => Ok(response),
        }
    }

    /// The key of the record that counts what is spent of an asset.
    pub(crate) fn account(&self, asset: &str) -> String {
        format!("{}:{}:{asset}", self.network_id(), self.payer)
    }

    /// What a payment costs, for a sentence.
    pub(crate) fn amount(&self, entry: &Entry) -> Amount {
        self.policy
            .unit(entry.parties.token)
            .amount(entry.payment.terms.amount)
    }

    pub(crate) fn network_id(&self) -> NetworkId {
        self.policy.network.network_id()
    }

    pub(crate) fn emit(&self, event: impl FnOnce() -> PaymentEvent) {
        if let Some(hook) = &self.hook {
            hook(&event());
        }
    }
}

/// Whether the caller pays already: by either protocol's header.
fn carries_payment(headers: &HeaderMap) -> bool {
    let x402 = [header::PAYMENT_SIGNATURE, header::X_PAYMENT];
    let is_payment = |value: &HeaderValue| {
        let scheme = value.as_bytes().get(..SCHEME.len());
        scheme.is_some_and(|scheme| scheme.eq_ignore_ascii_case(SCHEME.as_bytes()))
    };
    x402.iter().any(|name| headers.contains_key(*name))
        || headers.get_all(AUTHORIZATION).iter().any(is_payment)
}
