//! For which channel a request's challenge is minted: the one that the buyer names, or the route's
//! default one.

use coinslot_channel_commitment::{ChannelProof, Voucher};
use coinslot_mpp_channel_stellar::Refusal;
use coinslot_mpp_wire::stellar::{ChannelStanding, NamedChannel, PAYMENT_CHANNEL};
use coinslot_settlement::{Channel, ChannelError, Channels};
use coinslot_stellar_address::ContractId;
use http::{HeaderMap, HeaderName, HeaderValue};

use super::offer::ResolvedChannel;
use crate::event::{Dependency, Event};
use crate::mpp::credential::reason;
use crate::reason::Reason;
use crate::shared::Shared;

/// The channel of a request's challenge.
#[derive(Clone, Debug)]
pub(crate) struct Chosen {
    pub(crate) channel: ContractId,
    /// Its highest voucher, for a caller who proved its key.
    pub(crate) highest: Option<Voucher>,
    /// Whether everyone is told how far it is used.
    pub(crate) announced: Option<Voucher>,
}

/// What came of choosing.
pub(crate) enum Choice {
    /// No channel is named, and the route has no default one.
    Nobody,
    Channel(Box<Chosen>),
    /// The header cannot be read: status 400.
    Unreadable(String),
    /// The channel that is named is not taken.
    NotTaken(Reason),
    /// Nobody can say: status 503.
    Unavailable,
}

/// Takes the buyer's header out of a request.
pub(crate) fn take_header(headers: &mut HeaderMap) -> Option<HeaderValue> {
    headers.remove(NAME)
}

/// Chooses the channel, and looks it up.
pub(crate) async fn choose(
    shared: &Shared,
    channels: &Channels,
    offer: &ResolvedChannel,
    header: Option<&HeaderValue>,
) -> Choice {
    let named = match header.map(read) {
        None => None,
        Some(Ok(named)) => Some(named),
        Some(Err(cause)) => {
            return Choice::Unreadable(format!(
                "The Payment-Channel header cannot be read: {cause}."
            ));
        }
    };
    let (id, proof) = match (named, offer.default_channel) {
        (Some((id, proof)), _) => (id, proof),
        (None, Some(id)) => (id, None),
        (None, None) => return Choice::Nobody,
    };
    let channel = match channels.channel(&id).await {
        Ok(channel) => channel,
        Err(ChannelError::Refused(refusal)) => {
            let problem = refusal.kind.because(&refusal.why);
            return Choice::NotTaken(reason(refusal.kind, problem));
        }
        Err(ChannelError::Unavailable(outage)) => {
            tracing::warn!(error = %outage, channel = %id, "a channel could not be looked up");
            shared.emit(&Event::Unavailable {
                what: Dependency::Ledger,
            });
            return Choice::Unavailable;
        }
    };
    if channel.is_closed().await {
        let refusal = Refusal::Closed;
        let problem = refusal.kind().because(&refusal);
        return Choice::NotTaken(reason(refusal.kind(), problem));
    }
    let announced = offer.announce_cumulative && offer.default_channel == Some(id);
    let proven = proof.is_some_and(|proof| proves(&channel, &proof, shared));
    let highest = match proven || announced {
        false => None,
        true => match channel.highest().await {
            Ok(highest) => highest,
            Err(outage) => {
                tracing::warn!(error = %outage, channel = %id, "a channel could not be read");
                shared.emit(&Event::Unavailable {
                    what: Dependency::Store,
                });
                return Choice::Unavailable;
            }
        },
    };
    Choice::Channel(Box::new(Chosen {
        channel: id,
        highest: highest.filter(|_| proven),
        announced: highest.filter(|_| announced),
    }))
}

/// A proof is fresh for a minute, and shows the buyer nothing but its own vouchers.
fn proves(channel: &Channel, proof: &ChannelProof, shared: &Shared) -> bool {
    let now = shared.clock.now().as_seconds();
    now.abs_diff(proof.at()) <= PROOF_SECONDS && channel.proves(proof)
}

fn read(header: &HeaderValue) -> Result<(ContractId, Option<ChannelProof>), String> {
    let text = header.to_str().map_err(|error| error.to_string())?;
    let named: NamedChannel = text
        .parse()
        .map_err(|error: coinslot_mpp_wire::stellar::PaymentChannelError| error.to_string())?;
    let channel = named
        .channel
        .parse()
        .map_err(|error: coinslot_stellar_address::ParseAddressError| error.to_string())?;
    let proof = named
        .proof
        .map(|proof| ChannelProof::new(proof.at, proof.signature));
    Ok((channel, proof))
}

impl Chosen {
    /// The channel of a voucher that was refused.
    pub(crate) const fn only(channel: ContractId) -> Self {
        Self {
            channel,
            highest: None,
            announced: None,
        }
    }

    /// Tells the highest voucher to whoever proved the channel's key.
    pub(crate) fn write(&self, headers: &mut HeaderMap) {
        let Some(highest) = &self.highest else {
            return;
        };
        let standing = ChannelStanding {
            channel: self.channel.to_string(),
            cumulative: highest.amount(),
            signature: *highest.signature(),
        };
        // Digits and letters are always a header value.
        if let Ok(mut value) = HeaderValue::try_from(standing.to_string()) {
            value.set_sensitive(true);
            headers.insert(NAME, value);
        }
    }

    /// What its challenge says of how far it is used.
    pub(crate) fn cumulative(&self) -> Option<coinslot_usdc_amount::BaseUnits> {
        let told = self.highest.as_ref().or(self.announced.as_ref());
        told.map(Voucher::amount)
    }
}

const NAME: HeaderName = HeaderName::from_static(PAYMENT_CHANNEL);
const PROOF_SECONDS: u64 = 60;
