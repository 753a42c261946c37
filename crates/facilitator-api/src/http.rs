//! A client of a remote facilitator over HTTP (x402 specification v2, §7).

mod answer;
mod builder;
mod exchange;
mod supported;

use std::fmt;
use std::time::Duration;

use async_trait::async_trait;
use coinslot_x402_wire::{
    FacilitatorRequest, ReasonCode, SettleResponse, SupportedResponse, VerifyResponse,
};

use self::answer::Settling;
pub use self::builder::{HttpFacilitatorBuilder, HttpFacilitatorConfigError};
use self::exchange::Remote;
use self::supported::SupportedCache;
use crate::{Facilitator, FacilitatorError, IDEMPOTENT_SETTLEMENT, Settlement};

/// How often a settlement whose answer was lost is asked for, where that is safe.
const SETTLE_ATTEMPTS: u32 = 3;

/// How long to wait before asking again; doubled each time.
const FIRST_PAUSE: Duration = Duration::from_millis(500);

/// A facilitator behind HTTP.
///
/// ```
/// use coinslot_facilitator_api::HttpFacilitator;
///
/// let facilitator = HttpFacilitator::builder("https://facilitator.example")
///     .api_key("the-key")
///     .build()?;
/// # Ok::<(), coinslot_facilitator_api::HttpFacilitatorConfigError>(())
/// ```
///
/// Its API key is bound to the origin it was built for: it goes nowhere else, because redirects
/// are not followed and every request goes below the one address.
pub struct HttpFacilitator {
    remote: Remote,
    supported: SupportedCache,
}

impl HttpFacilitator {
    /// A facilitator at this address: `https`, or `http` to a loopback address.
    pub fn builder(address: impl Into<String>) -> HttpFacilitatorBuilder {
        HttpFacilitatorBuilder::new(address.into())
    }

    /// A facilitator from what a configuration holds: its address and perhaps an API key. An empty
    /// key counts as none.
    ///
    /// # Errors
    /// [`HttpFacilitatorConfigError`].
    pub fn from_parts(
        address: &str,
        api_key: Option<&str>,
    ) -> Result<Self, HttpFacilitatorConfigError> {
        let builder = Self::builder(address);
        match api_key.filter(|key| !key.is_empty()) {
            Some(key) => builder.api_key(key).build(),
            None => builder.build(),
        }
    }

    /// The address, without a slash at its end.
    #[must_use]
    pub fn address(&self) -> &str {
        self.remote.address()
    }

    /// Whether a repeated `/settle` answers what the first one did. When the facilitator cannot be
    /// asked, and never could, it is taken for one that does not.
    async fn is_idempotent(&self) -> bool {
        let advertised = match self.supported.last().await {
            Some(supported) => Ok(supported),
            None => self.supported().await,
        };
        advertised.is_ok_and(|supported| {
            supported
                .extensions
                .iter()
                .any(|extension| extension == IDEMPOTENT_SETTLEMENT)
        })
    }

    async fn settle_once(
        &self,
        request: &FacilitatorRequest,
        body: &[u8],
    ) -> Result<Settlement, FacilitatorError> {
        let answer = self
            .remote
            .settle(body, request.idempotency_key.as_deref())
            .await?;
        match answer::settle(&answer, &request.payment_requirements)? {
            Settling::Known(settlement) => Ok(settlement),
            Settling::FailedPerhaps(doubtful) if self.is_idempotent().await => {
                Ok(Settlement::Failed(doubtful))
            }
            Settling::FailedPerhaps(doubtful) => answer::in_doubt(doubtful),
        }
    }
}

#[async_trait]
impl Facilitator for HttpFacilitator {
    async fn verify(
        &self,
        request: &FacilitatorRequest,
    ) -> Result<VerifyResponse, FacilitatorError> {
        let answer = self.remote.verify(&request.to_json()).await?;
        answer::verify(&answer)
    }

    async fn settle(&self, request: &FacilitatorRequest) -> Result<Settlement, FacilitatorError> {
        let body = request.to_json();
        let mut pause = FIRST_PAUSE;
        let mut outcome = self.settle_once(request, &body).await;
        for _ in 1..SETTLE_ATTEMPTS {
            let Err(lost) = outcome else { break };
            if !lost.may_have_settled() || !self.is_idempotent().await {
                return Err(lost);
            }
            tracing::warn!(facilitator = self.address(), error = %lost, "asking again for a settlement");
            tokio::time::sleep(pause).await;
            pause = pause.saturating_mul(2);
            outcome = match self.settle_once(request, &body).await {
                // That this try sent nothing says nothing about the one before.
                Err(error) if !error.may_have_settled() => Err(lost),
                // The one before may be what this one is a duplicate of.
                Ok(Settlement::Failed(response)) if is_duplicate(&response) => Err(lost),
                outcome => outcome,
            };
        }
        outcome
    }

    async fn supported(&self) -> Result<SupportedResponse, FacilitatorError> {
        self.supported
            .fetch(async || answer::supported(&self.remote.supported().await?))
            .await
    }
}

fn is_duplicate(response: &SettleResponse) -> bool {
    matches!(
        response.error_reason,
        Some(ReasonCode::DuplicatePayment | ReasonCode::DuplicateSettlement)
    )
}

impl fmt::Debug for HttpFacilitator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpFacilitator")
            .field("remote", &self.remote)
            .finish_non_exhaustive()
    }
}
