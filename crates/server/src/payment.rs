//! The payment that let a request in.

use std::fmt;

use coinslot_caip2_network::ChainId;
use coinslot_payment_store::PaymentId;
use coinslot_usdc_amount::BaseUnits;

/// The payment that let a request in; the handler finds it in the request's extensions.
///
/// ```
/// use coinslot_server::Payment;
///
/// fn thank<B>(request: &http::Request<B>) -> String {
///     match request.extensions().get::<Payment>() {
///         Some(payment) => format!("thank you, {}", payment.payer),
///         None => "this route is free".to_owned(),
///     }
/// }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Payment {
    /// What makes it this payment and no other. A handler can use it as an idempotency key.
    pub id: PaymentId,
    /// The protocol by which it came.
    pub protocol: Protocol,
    /// Who pays: `G…` or `C…`.
    pub payer: String,
    /// Who is paid.
    pub pay_to: String,
    /// How much, in base units of the asset.
    pub amount: BaseUnits,
    /// The token's contract, `C…`.
    pub asset: String,
    /// The network.
    pub network: ChainId,
    /// The hash of the transaction that moved the money; `None` on a route that settles after
    /// the handler.
    pub transaction: Option<String>,
}

/// A payment protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Protocol {
    /// x402 version 2.
    X402,
    /// The Machine Payments Protocol.
    Mpp,
}

impl Protocol {
    /// The protocol's name: `x402` or `mpp`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::X402 => "x402",
            Self::Mpp => "mpp",
        }
    }
}

impl fmt::Display for Protocol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
