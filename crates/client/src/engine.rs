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
use crate::channel::{ByChannel, Channels, standing};
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
use crate::terms::Protocol;
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
    pub(crate) channels: Channels,
}

/// The answer to a request without a payment.
pub(crate) enum Asked {
    /// It is not priced, or not any more.
    Free(Response),
    Priced(Box<Challenge>),
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
        let mut payable = match self.payable(&request, key) {
            Ok(payable) => payable,
            Err(why) => return self.pass_on(request, why, &mut courier).await,
        };
        drop(request);
        let open = self.journal.find(&payable.id).await?.is_some();
        let mut turn = match open || !payable.channels.is_empty() {
            true => Some(self.turns.wait(&payable.id).await),
            false => None,
        };
        let (mut asked, mut without) = (None, None);
        if !open && !payable.channels.is_empty() {
            match self.by_channel(&mut payable, &mut courier).await? {
                ByChannel::Answered(response) => return Ok(response),
                ByChannel::Streams(begun) => return Ok(begun.response),
                ByChannel::Otherwise { challenge, why } => {
                    self.emit(|| PaymentEvent::NotFromChannel {
                        request: payable.id.clone(),
                        why: why.as_ref().and_then(PaymentError::channel).cloned(),
                    });
                    (asked, without) = (challenge, why);
                }
            }
        }
        loop {
            if turn.is_some()
                && let Some(entry) = self.journal.find(&payable.id).await?
                && let Resumed::Answered(response) =
                    self.resume(entry, &payable, &mut courier).await?
            {
                return Ok(response);
            }
            let challenge = match asked.take() {
                Some(challenge) => *challenge,
                None => match self.ask(&payable, None, &mut courier).await {
                    Ok(Asked::Free(response)) => return Ok(response),
                    Ok(Asked::Priced(challenge)) => *challenge,
                    // Why no channel pays says more than that nothing else is asked for.
                    Err(PaymentError::Challenge(error)) => {
                        return Err(without.unwrap_or(PaymentError::Challenge(error)));
                    }
                    Err(error) => return Err(error),
                },
            };
            if turn.is_none() {
                turn = self.turns.try_take(&payable.id);
            }
            if turn.is_none() {
                // Another task pays for an equal request. Afterwards these terms may be over: ask again.
                turn = Some(self.turns.wait(&payable.id).await);
                continue;
            }
            if self.journal.find(&payable.id).await?.is_some() {
                continue;
            }
            match self.buy(&challenge, &payable, &mut courier).await {
                Ok(Bought::Answered(response)) => return Ok(response),
                Ok(Bought::Overtaken) => {}
                Err(PaymentError::NoAcceptableOffer(none)) => {
                    return Err(without.unwrap_or(PaymentError::NoAcceptableOffer(none)));
                }
                Err(error) => return Err(error),
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
            channels: Vec::new(),
            channel: None,
            reserve: None,
        };
        if !payable.has_authorization() {
            if self.policy.answers(Protocol::Mpp) {
                payable.channels = self.channels.paying(payable.request.url());
            }
            let from_channel = !payable.channels.is_empty();
            if let Some(payments) = self.policy.accept_payment(from_channel) {
                payable.accept(payments);
            }
        }
        Ok(payable)
    }

    /// Sends the request without a payment, naming the channel that it is to be paid from, if there is one, with a proof
    /// of its key if a time is given.
    pub(crate) async fn ask(
        &self,
        payable: &Payable,
        proof_at: Option<u64>,
        courier: &mut Courier<'_>,
    ) -> Result<Asked, PaymentError> {
        let mut request = payable
            .request
            .try_clone()
            .ok_or(NotPayable::BodyNotReplayable)?;
        if let Some(channel) = &payable.channel {
            standing::name(channel, proof_at, request.headers_mut());
        }
        let response = courier.send(request, self.destinations).await?;
        if response.status() != StatusCode::PAYMENT_REQUIRED {
            return Ok(Asked::Free(response));
        }
        if !same_origin(response.url(), payable.request.url()) {
            return Err(PaymentError::RedirectedToSeller);
        }
        let now = self.clock.now();
        let challenge = match &payable.channel {
            Some(_) => Challenge::read_naming(response, now).await?,
            None => Challenge::read(response, now).await?,
        };
        self.emit(|| PaymentEvent::Challenge {
            request: payable.id.clone(),
            host: payable.host.clone(),
            offers: challenge.offers(),
        });
        Ok(Asked::Priced(Box::new(challenge)))
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
pub(crate) fn carries_payment(headers: &HeaderMap) -> bool {
    let x402 = [header::PAYMENT_SIGNATURE, header::X_PAYMENT];
    let is_payment = |value: &HeaderValue| {
        let scheme = value.as_bytes().get(..SCHEME.len());
        scheme.is_some_and(|scheme| scheme.eq_ignore_ascii_case(SCHEME.as_bytes()))
    };
    x402.iter().any(|name| headers.contains_key(*name))
        || headers.get_all(AUTHORIZATION).iter().any(is_payment)
}
