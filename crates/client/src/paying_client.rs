//! The facade: a client that pays.

use core::fmt;
use std::num::NonZeroU32;
use std::sync::Arc;

use coinslot_soroban_authorization::Signer;
use coinslot_stellar_address::{AccountId, ContractId};
use reqwest::{IntoUrl, Method, Request};
use reqwest_middleware::{ClientWithMiddleware, RequestBuilder};

use crate::channel::{ChannelUsage, ClosedChannel, PaidEvents, StreamError};
use crate::courier::Courier;
use crate::error::PaymentError;
use crate::logical_request::{IdempotencyKey, RequestId};
use crate::middleware::PaymentMiddleware;
use crate::open_payment::OpenPayment;
use crate::preview::Preview;
use crate::spending::Spent;

pub use self::build_error::BuildClientError;
pub use self::builder::{NeedsBudget, NeedsStore, PayingClientBuilder};

mod build_error;
mod builder;

/// A `reqwest` client that answers 402 by paying inside a budget.
///
/// It follows no redirects: a redirect is an answer like any other, and whoever wants to go there asks again.
#[derive(Clone)]
pub struct PayingClient {
    client: ClientWithMiddleware,
    bare: reqwest::Client,
    middleware: PaymentMiddleware,
    reserve_units: NonZeroU32,
}

impl PayingClient {
    /// Begins with the key that pays; budget and store must follow.
    pub fn builder(signer: impl Signer + 'static) -> NeedsBudget {
        NeedsBudget::new(Arc::new(signer))
    }

    /// Begins with a signer that is shared with others; budget and store must follow.
    pub fn builder_with_shared(signer: Arc<dyn Signer>) -> NeedsBudget {
        NeedsBudget::new(signer)
    }

    /// A `GET` request.
    pub fn get(&self, url: impl IntoUrl) -> RequestBuilder {
        self.client.get(url)
    }

    /// A `POST` request.
    pub fn post(&self, url: impl IntoUrl) -> RequestBuilder {
        self.client.post(url)
    }

    /// A request with any method.
    pub fn request(&self, method: Method, url: impl IntoUrl) -> RequestBuilder {
        self.client.request(method, url)
    }

    /// Sends a request that was built elsewhere.
    ///
    /// # Errors
    /// Those of the HTTP client; a [`PaymentError`] is found with [`PaymentError::from_middleware`].
    pub async fn execute(&self, request: Request) -> reqwest_middleware::Result<reqwest::Response> {
        self.client.execute(request).await
    }

    /// Listens to an answer that is paid for as it is produced, from a channel: asks by `GET`, signs as the answer goes on,
    /// and gives out the seller's own events. See [`PaidEvents`].
    ///
    /// # Errors
    /// [`StreamError`]; an answer that is no such stream is in [`StreamError::NotMetered`].
    pub async fn events(&self, url: impl IntoUrl) -> Result<PaidEvents, StreamError> {
        let url = url
            .into_url()
            .map_err(|error| PaymentError::Http(error.into()))?;
        self.events_of(Request::new(Method::GET, url)).await
    }

    /// The same for any request whose body is in memory.
    ///
    /// # Errors
    /// As [`events`](Self::events).
    pub async fn events_of(&self, request: Request) -> Result<PaidEvents, StreamError> {
        let (engine, client) = (&self.middleware.engine, &self.bare);
        Box::pin(engine.listen(request, self.reserve_units, client)).await
    }

    /// The client underneath, to add middleware of one's own in front.
    #[must_use]
    pub fn as_client(&self) -> &ClientWithMiddleware {
        &self.client
    }

    /// The account that pays.
    #[must_use]
    pub fn payer(&self) -> AccountId {
        self.middleware.engine.payer
    }

    /// Sends the request without a payment and says what would be paid for it. Nothing is reserved or signed.
    ///
    /// # Errors
    /// [`PaymentError`] when the request fails, or when the seller's terms cannot be read.
    pub async fn dry_run(&self, request: &Request) -> Result<Preview, PaymentError> {
        self.dry_run_as(request, None).await
    }

    /// The same for a request with a key of the caller's.
    ///
    /// # Errors
    /// As [`dry_run`](Self::dry_run).
    pub async fn dry_run_as(
        &self,
        request: &Request,
        key: Option<&IdempotencyKey>,
    ) -> Result<Preview, PaymentError> {
        self.middleware
            .engine
            .preview(request, key, Courier::Client(&self.bare))
            .await
    }

    /// What was spent on USDC in the last rolling day, in total and at one host (as in a URL, without a port).
    ///
    /// # Errors
    /// [`PaymentError`] when the store does not answer.
    pub async fn spent(&self, host: &str) -> Result<Spent, PaymentError> {
        let engine = &self.middleware.engine;
        let account = engine.account(&engine.policy.usdc().to_string());
        Ok(engine
            .spending
            .spent(&account, host, engine.clock.now())
            .await?)
    }

    /// How far the channels are used.
    ///
    /// # Errors
    /// [`PaymentError`] when the store does not answer.
    pub async fn channels(&self) -> Result<Vec<ChannelUsage>, PaymentError> {
        self.middleware.engine.channel_usage().await
    }

    /// Has a channel closed by its seller, with what was really spent, so that the rest goes back to its funder without
    /// waiting. `url` is one that is paid from the channel; it is asked by `GET`, and nothing is bought. From now on nothing
    /// is paid from the channel, unless the seller refuses.
    ///
    /// # Errors
    /// [`PaymentError`]; when the outcome is not known, the same call asks for the same close again.
    pub async fn close_channel(
        &self,
        channel: ContractId,
        url: impl IntoUrl,
    ) -> Result<ClosedChannel, PaymentError> {
        let url = url
            .into_url()
            .map_err(|error| PaymentError::Http(error.into()))?;
        let mut courier = Courier::Client(&self.bare);
        let engine = &self.middleware.engine;
        engine.close_channel(channel, url, &mut courier).await
    }

    /// The payments that were sent and whose answer is not had.
    ///
    /// # Errors
    /// [`PaymentError`] when the store does not answer.
    pub async fn open_payments(&self) -> Result<Vec<OpenPayment>, PaymentError> {
        self.middleware.engine.open_payments().await
    }

    /// Asks the ledger about the open payments whose authorizations expired, and frees what was never taken.
    /// Answers how many that were.
    ///
    /// # Errors
    /// [`PaymentError`] when the store does not answer.
    pub async fn resolve_open_payments(&self) -> Result<usize, PaymentError> {
        self.middleware.engine.sweep().await
    }

    /// Gives an open payment up: its amount counts as spent, and its request is paid anew when it is sent again.
    /// Answers whether there was one.
    ///
    /// # Errors
    /// [`PaymentError`] when the store does not answer.
    pub async fn write_off(&self, request: &RequestId) -> Result<bool, PaymentError> {
        self.middleware.engine.write_off(request).await
    }
}

/// Names the payer; keys and budget are not shown.
impl fmt::Debug for PayingClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PayingClient")
            .field("middleware", &self.middleware)
            .finish_non_exhaustive()
    }
}
