#![doc = include_str!("../README.md")]

mod address_guard;
mod amount;
mod authorize;
mod budget;
mod buy;
mod cannot_pay;
mod challenge;
mod courier;
mod damaged;
mod destination;
mod engine;
mod error;
mod event;
mod journal;
mod logical_request;
mod middleware;
mod open_payment;
mod outcome;
mod patience;
mod pay;
mod paying_client;
mod policy;
mod preview;
mod receipt;
mod resume;
mod server_text;
mod spending;
mod turns;

pub use address_guard::{AddressRefused, Destinations};
pub use amount::{Amount, Unit};
pub use budget::{
    Any, AssetCaps, Budget, HostRule, IntoHosts, NeedsDay, NeedsHostDay, NeedsHosts,
    ParseHostError, ParseHostErrorKind, PinError,
};
pub use cannot_pay::CannotPay;
pub use challenge::{ChallengeError, Spoken};
pub use damaged::DamagedRecord;
pub use error::{LastAnswer, OutcomeUnknown, PaymentError, Refused, Standing};
pub use event::PaymentEvent;
pub use logical_request::{IdempotencyKey, RequestId};
pub use middleware::PaymentMiddleware;
pub use open_payment::OpenPayment;
pub use patience::Patience;
pub use paying_client::{
    BuildClientError, NeedsBudget, NeedsStore, PayingClient, PayingClientBuilder,
};
pub use policy::{NoAcceptableOffer, NotPayable, OfferRefusal, PolicyError};
pub use preview::{PaymentPreview, Preview, WouldPay};
pub use receipt::{PaymentReceipt, ReceiptDoubt, ReceiptSummary, Settlement};
pub use server_text::ServerText;
pub use spending::{Cap, OverCap, Spent, Used};
