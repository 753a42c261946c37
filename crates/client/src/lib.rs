#![doc = include_str!("../README.md")]

mod address_guard;
mod amount;
mod answers;
mod authorize;
mod bounded_body;
mod budget;
mod buy;
mod cannot_pay;
mod challenge;
mod channel;
mod courier;
mod damaged;
mod deadline;
mod destination;
mod engine;
mod error;
mod event;
mod identity;
mod journal;
mod logical_request;
mod middleware;
mod offer;
mod open_payment;
mod outcome;
mod patience;
mod pay;
mod payable;
mod paying_client;
mod policy;
mod preference;
mod preview;
mod push;
mod receipt;
mod refusal;
mod refused;
mod resume;
mod server_text;
mod spending;
mod standing;
mod terms;
mod transact;
mod turns;

pub use address_guard::{AddressRefused, Destinations};
pub use amount::{Amount, Unit};
pub use budget::{
    Any, AssetCaps, Budget, HostRule, IntoHosts, NeedsDay, NeedsHostDay, NeedsHosts,
    ParseHostError, ParseHostErrorKind, PinError,
};
pub use cannot_pay::CannotPay;
pub use challenge::{ChallengeError, Spoken};
pub use channel::{
    ChannelError, ChannelErrorKind, ChannelFunds, ChannelFundsError, ChannelUsage, ClosedChannel,
    NeedsChannelCap, NeedsChannelHosts, NeedsRequestCap, PaidEvents, StreamDoubt, StreamError,
    StreamEvent, StreamReceipt, UnfairDemand,
};
pub use coinslot_mpp_channel_stellar::client::{BuyerRefusal, Caps};
pub use coinslot_mpp_charge_stellar::Mode;
pub use damaged::DamagedRecord;
pub use deadline::Deadline;
pub use error::{LastAnswer, NotTaken, OutcomeUnknown, PaymentError, Refused};
pub use event::PaymentEvent;
pub use identity::PaymentIdentity;
pub use logical_request::{IdempotencyKey, RequestId};
pub use middleware::PaymentMiddleware;
pub use open_payment::OpenPayment;
pub use outcome::NothingPaid;
pub use patience::Patience;
pub use paying_client::{
    BuildClientError, NeedsBudget, NeedsStore, PayingClient, PayingClientBuilder,
};
pub use policy::PolicyError;
pub use preference::ChannelUse;
pub use preview::{PaymentPreview, Preview, PreviewedOffer, WouldPay};
pub use receipt::{PaymentReceipt, ReceiptDoubt, ReceiptSummary, Settlement};
pub use refusal::{NoAcceptableOffer, NotPayable, OfferRefusal};
pub use refused::RefusalReason;
pub use server_text::ServerText;
pub use spending::{Cap, OverCap, Spent, Used};
pub use standing::Standing;
pub use terms::{PaymentTerms, Protocol};
