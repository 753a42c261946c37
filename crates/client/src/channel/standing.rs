//! Learning from a server how far a channel is used: by a voucher that our own key has signed, or not at all.

use coinslot_channel_commitment::{VerifiedVoucher, Voucher};
use coinslot_mpp_channel_stellar::client::BuyerState;
use coinslot_mpp_wire::stellar::{ChannelStanding, NamedChannel, PAYMENT_CHANNEL};
use coinslot_usdc_amount::BaseUnits;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};

use super::error::{ChannelError, ChannelErrorKind};
use super::own::OwnChannel;
use crate::server_text::ServerText;

/// What a server says of a channel.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Said {
    /// The highest voucher, which our key has signed.
    pub(crate) highest: Option<VerifiedVoucher>,
    /// What the challenge claims. Nothing is signed on its word.
    pub(crate) claimed: Option<BaseUnits>,
}

/// Names the channel in a request, with a proof of its key or without.
pub(crate) fn name(channel: &OwnChannel, proof_at: Option<u64>, headers: &mut HeaderMap) {
    let proof = proof_at.map(|at| channel.prove(at));
    let named = NamedChannel {
        channel: channel.id.to_string(),
        proof,
    };
    // Letters and digits are always a header value.
    if let Ok(mut value) = HeaderValue::try_from(named.to_string()) {
        value.set_sensitive(proof.is_some());
        headers.insert(HeaderName::from_static(PAYMENT_CHANNEL), value);
    }
}

/// The voucher in an answer, if there is one.
pub(crate) fn read(
    told: Option<&HeaderValue>,
    channel: &OwnChannel,
) -> Result<Option<VerifiedVoucher>, ChannelError> {
    let Some(value) = told else {
        return Ok(None);
    };
    let text = String::from_utf8_lossy(value.as_bytes());
    let standing: ChannelStanding = text
        .parse()
        .map_err(|error| ChannelErrorKind::Unreadable(error).of(channel.id))?;
    if standing.channel.parse() != Ok(channel.id) {
        let other = ServerText::new(&standing.channel);
        return Err(ChannelErrorKind::AnotherChannel(other).of(channel.id));
    }
    let claimed = standing.cumulative;
    let voucher = Voucher::new(claimed, standing.signature);
    match channel.verifier.verify(voucher) {
        Ok(voucher) => Ok(Some(voucher)),
        Err(source) => Err(ChannelErrorKind::Forged { claimed, source }.of(channel.id)),
    }
}

impl Said {
    /// The state after this was said in answer to a proof. `is_new`: when nothing was known of the channel before.
    pub(crate) fn reconcile(
        &self,
        state: &BuyerState,
        is_new: bool,
    ) -> Result<BuyerState, ChannelErrorKind> {
        if let Some(voucher) = &self.highest {
            return Ok(state.reconcile(Some(voucher))?);
        }
        let claimed = self.claimed.unwrap_or(BaseUnits::ZERO);
        if is_new && !claimed.is_zero() {
            return Err(ChannelErrorKind::Unproved { claimed });
        }
        if self.has_pending(state) {
            Ok(state.give_up())
        } else {
            Ok(state.reconcile(None)?)
        }
    }

    /// Whether the pending voucher has to be counted as taken although the server shows none.
    pub(crate) fn has_pending(&self, state: &BuyerState) -> bool {
        let Some(pending) = state.pending() else {
            return false;
        };
        // A server that shows no voucher at all may have none, or may not know how to show it.
        self.highest.is_none()
            && match self.claimed {
                Some(claimed) => claimed >= pending.amount(),
                None => !state.acknowledged().is_zero(),
            }
    }
}
