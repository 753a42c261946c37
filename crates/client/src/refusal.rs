//! Why a request or an offer is not paid, decided before anything is signed.

use coinslot_mpp_channel_stellar::client::BuyerRefusal;
use coinslot_mpp_charge_stellar::PlanError as ChargeError;
use coinslot_mpp_wire::JsonError;
use coinslot_x402_exact_stellar::PlanError;

use crate::challenge::ChallengeError;
use crate::server_text::ServerText;
use crate::spending::OverCap;
use crate::terms::Protocol;

/// Why a request is not paid, decided before it is sent for the first time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NotPayable {
    /// Plain `http` to another machine: nobody vouches for the terms.
    #[error(
        "the server asks for a payment over plain http; only https, or http to this machine, is paid"
    )]
    Insecure,
    /// The host is not on the budget's list.
    #[error("the server asks for a payment, and its host is not one that the budget allows")]
    HostNotAllowed,
    /// The body is a stream, which cannot be sent a second time with the payment.
    #[error(
        "the server asks for a payment, and the request's body is a stream that cannot be sent again; give it as bytes"
    )]
    BodyNotReplayable,
    /// A payment by MPP goes into `Authorization`, where the request has something of the caller's.
    #[error(
        "a payment by MPP goes into the Authorization header, and the request has one of its own, which is not replaced"
    )]
    AuthorizationTaken,
}

/// None of the seller's offers is taken.
#[derive(Debug, thiserror::Error)]
#[error("none of the server's {} offers can be paid: {}", .refusals.len(), Sentences(.refusals))]
pub struct NoAcceptableOffer {
    /// Why not, for each offer in the seller's order: those of x402, then those of MPP, then what cannot be read.
    pub refusals: Vec<OfferRefusal>,
}

/// Why one offer is not taken.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OfferRefusal {
    /// It cannot be read, and others can.
    #[error(transparent)]
    Unreadable(ChallengeError),
    /// A protocol that this client was told not to pay by.
    #[error("it is made in {0}, by which this client does not pay")]
    Protocol(Protocol),
    /// An offer of x402 in a scheme other than `exact`.
    #[error("its scheme is {0:?}, not \"exact\"")]
    Scheme(ServerText),
    /// A challenge of MPP with a method or intent other than `stellar/charge` and `stellar/channel`.
    #[error(
        "it is to be paid by {0:?}, and this client pays by stellar/charge and stellar/channel"
    )]
    Method(ServerText),
    /// It cannot be paid together with what the request holds.
    #[error(transparent)]
    Request(#[from] NotPayable),
    /// Another network than this client's.
    #[error("it is for the network {0}")]
    Network(ServerText),
    /// An asset without a cap in the budget.
    #[error("its asset {0} has no cap in the budget")]
    Asset(ServerText),
    /// More than one payment may cost.
    #[error(transparent)]
    OverCap(#[from] Box<OverCap>),
    /// The time in which it had to be paid is over.
    #[error("it had to be paid within {seconds} seconds, which are over; ask again")]
    Expired {
        /// The offer's `maxTimeoutSeconds`.
        seconds: u64,
    },
    /// The payee is not one of those that the budget pins for the host.
    #[error("its payee {0} is not the one that is pinned for this host")]
    Payee(ServerText),
    /// The terms are not valid for the scheme of x402.
    #[error(transparent)]
    Terms(#[from] PlanError),
    /// It is not paid from a channel, and the client was told to pay from channels only.
    #[error("it is not paid from a channel, and this client pays from channels only")]
    NotAChannel,
    /// It is to be paid from a channel that is not the one that this client wants to pay from.
    #[error(
        "it is to be paid from the channel {0}, which is not the one that this client pays this host from"
    )]
    OtherChannel(ServerText),
    /// The request of a channel's challenge cannot be read.
    #[error("what it asks of the channel cannot be read")]
    ChannelRequest(#[source] JsonError),
    /// A challenge of a channel is over.
    #[error("its challenge has expired; ask again")]
    ChallengeExpired,
    /// A challenge is for a request with another body.
    #[error("its challenge is for a request with another body")]
    OtherBody,
    /// The channel's own cap, or what is wrong with the price.
    #[error(transparent)]
    Voucher(#[from] BuyerRefusal),
    /// The challenge of MPP cannot be met: it has expired, is for another body, or asks for what cannot be done.
    #[error(transparent)]
    Charge(#[from] Box<ChargeError>),
}

/// The distinct sentences, one after the other.
struct Sentences<'a>(&'a [OfferRefusal]);

impl core::fmt::Display for Sentences<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        let mut sentences: Vec<String> = Vec::new();
        for sentence in self.0.iter().map(ToString::to_string) {
            if !sentences.contains(&sentence) && sentences.len() < MOST_SENTENCES {
                sentences.push(sentence);
            }
        }
        if sentences.is_empty() {
            return f.write_str("it made none");
        }
        f.write_str(&sentences.join("; "))
    }
}

const MOST_SENTENCES: usize = 5;
