//! The payments that are open, for whoever watches over the wallet.

use coinslot_payment_store::UnixMillis;

use crate::amount::Amount;
use crate::engine::Engine;
use crate::error::PaymentError;
use crate::journal::State;
use crate::logical_request::RequestId;
use crate::resume::standing;
use crate::standing::Standing;

/// A payment that was sent and whose answer is not had.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenPayment {
    /// The request that it is for.
    pub request: RequestId,
    /// The seller's host.
    pub host: String,
    /// What was authorized.
    pub amount: Amount,
    /// To whom.
    pub pay_to: String,
    /// When it was signed.
    pub signed_at: UnixMillis,
    /// What is known about the money.
    pub standing: Standing,
}

impl Engine {
    pub(crate) async fn open_payments(&self) -> Result<Vec<OpenPayment>, PaymentError> {
        let entries = self.journal.all().await?;
        let open = entries
            .into_iter()
            .filter(|entry| entry.payment.state != State::Answered);
        let mut open: Vec<OpenPayment> = open
            .map(|entry| OpenPayment {
                host: entry.payment.reservation.host.clone(),
                amount: self.amount(&entry),
                pay_to: entry.payment.terms.pay_to.clone(),
                signed_at: entry.payment.signed_at(),
                standing: standing(&entry.payment),
                request: entry.id,
            })
            .collect();
        open.extend(self.open_vouchers().await?);
        Ok(open)
    }

    pub(crate) async fn write_off(&self, request: &RequestId) -> Result<bool, PaymentError> {
        let _turn = self.turns.wait(request).await;
        match self.journal.find(request).await? {
            None => self.write_off_voucher(request).await,
            Some(entry) => {
                self.journal.remove(&entry).await?;
                Ok(true)
            }
        }
    }
}
