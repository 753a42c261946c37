//! Vouchers: what a channel pays with.

use coinslot_caip2_network::StellarNetwork;
use coinslot_channel_commitment::{Commitment, CommitmentTemplate};
use coinslot_mpp_wire::stellar::{ChannelAction, ChannelPayload};
use coinslot_stellar_address::ContractId;
use coinslot_usdc_amount::BaseUnits;

use super::payload::ExplainedPayload;
use super::request::ExplainedChannel;

/// A voucher, and where it is not what the challenge asks for.
pub(super) fn explain(
    payload: &ChannelPayload,
    channel: &ExplainedChannel,
) -> (ExplainedPayload, Vec<String>) {
    let explained = ExplainedPayload::Voucher {
        action: match payload.action {
            ChannelAction::Voucher => "voucher",
            ChannelAction::Close => "close",
        },
        amount: payload.amount.to_string(),
        commitment: commitment(payload, channel).map(hex::encode),
    };
    let problems = match payload.action {
        ChannelAction::Voucher => problems_of(payload.amount, channel),
        ChannelAction::Close => Vec::new(),
    };
    (explained, problems)
}

/// The bytes that its signature is over, where the challenge says of which channel, and where.
fn commitment(
    payload: &ChannelPayload,
    channel: &ExplainedChannel,
) -> Option<[u8; Commitment::LENGTH]> {
    let id: ContractId = channel.channel.parse().ok()?;
    let network: StellarNetwork = channel.network.as_deref()?.parse().ok()?;
    Some(CommitmentTemplate::new(&network.network_id(), &id).with_amount(payload.amount))
}

fn problems_of(amount: BaseUnits, channel: &ExplainedChannel) -> Vec<String> {
    let price = channel.price;
    let least = channel
        .cumulative
        .and_then(|before| before.checked_add(price));
    match least {
        Some(least) if amount < least => vec![format!(
            "its amount is below the last voucher's and the price together, {least} base units"
        )],
        None if amount < price => {
            vec!["its amount is below the price: an amount is of all payments together".to_owned()]
        }
        _ => Vec::new(),
    }
}
