//! The trait: verify, settle, supported.

use async_trait::async_trait;
use coinslot_x402_wire::{FacilitatorRequest, SupportedResponse, VerifyResponse};

use crate::{FacilitatorError, Settlement};

/// Whoever verifies payments and brings them to the chain (x402 specification v2, §7).
#[async_trait]
pub trait Facilitator: Send + Sync + 'static {
    /// Whether a payment is good for its requirements. Nothing is broadcast.
    ///
    /// # Errors
    /// [`FacilitatorError`]. A bad payment is not an error: its answer is not valid.
    async fn verify(
        &self,
        request: &FacilitatorRequest,
    ) -> Result<VerifyResponse, FacilitatorError>;

    /// Brings a payment to the chain.
    ///
    /// # Errors
    /// [`FacilitatorError`]. A payment that does not settle is not an error: it is
    /// [`Settlement::Failed`]. After an error that
    /// [`may_have_settled`](FacilitatorError::may_have_settled) the payment is pending: nobody may
    /// ask its payer for another.
    async fn settle(&self, request: &FacilitatorRequest) -> Result<Settlement, FacilitatorError>;

    /// The kinds of payment that this facilitator takes, its extensions and its signers.
    ///
    /// # Errors
    /// [`FacilitatorError`].
    async fn supported(&self) -> Result<SupportedResponse, FacilitatorError>;
}
