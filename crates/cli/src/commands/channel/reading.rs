//! What the ledger says of a channel.

use coinslot_caip2_network::StellarNetwork;
use coinslot_channel_commitment::{ChannelInstance, ONE_WAY_CHANNEL_CODE, TokenBalance};
use coinslot_mpp_channel_stellar::ChannelFacts;
use coinslot_payment_store::{Clock as _, SystemClock};
use coinslot_soroban_authorization::LedgerKey;
use coinslot_stellar_address::ContractId;
use coinslot_stellar_ledger::{Ledger, LedgerEntries, LedgerError};
use coinslot_usdc_amount::BaseUnits;

use super::money::usdc_contract;
use crate::exit::{Failure, Kind, sentence_of};
use crate::network::Selected;

/// Reads a channel that there must be.
pub(super) async fn channel(
    selected: &Selected,
    channel: &ContractId,
) -> Result<ChannelFacts, Failure> {
    find(selected, channel).await?.ok_or_else(|| {
        Failure::configuration(format!(
            "there is no contract {channel} on {}: is it on another network, or not open yet?",
            selected.network
        ))
    })
}

/// Reads a channel, if there is such a contract. A channel of the network's USDC with the code that comes with this program is read in one
/// call, any other in two: where its money and its code are, stands in it.
pub(super) async fn find(
    selected: &Selected,
    channel: &ContractId,
) -> Result<Option<ChannelFacts>, Failure> {
    let ledger = selected.ledger.as_ref();
    let usual = (
        usual_token(&selected.network, channel),
        ONE_WAY_CHANNEL_CODE,
    );
    let (entries, instance) = read(ledger, channel, usual).await?;
    let Some(found) = instance else {
        return Ok(None);
    };
    let own = (found.token, found.wasm_hash);
    if own == usual {
        return facts(found, &entries).map(Some);
    }
    let (entries, instance) = read(ledger, channel, own).await?;
    match instance {
        Some(instance) => facts(instance, &entries).map(Some),
        None => Ok(None),
    }
}

async fn read(
    ledger: &dyn Ledger,
    channel: &ContractId,
    (token, code): (ContractId, [u8; 32]),
) -> Result<(LedgerEntries, Option<ChannelInstance>), Failure> {
    let keys = [
        LedgerKey::contract_instance(channel),
        LedgerKey::from_xdr(&TokenBalance::key(&token, channel))
            .map_err(|error| Failure::unexpected(&error))?,
        LedgerKey::contract_code(&code),
    ];
    let entries = ledger
        .entries(&keys)
        .await
        .map_err(|error| unanswered(&error))?;
    let instance = match entries.found.first() {
        Some(Some(entry)) => Some(ChannelInstance::from_xdr(&entry.data).map_err(|error| {
            Failure::configuration(format!("{channel} is no channel: {error}"))
        })?),
        _ => None,
    };
    Ok((entries, instance))
}

fn facts(instance: ChannelInstance, entries: &LedgerEntries) -> Result<ChannelFacts, Failure> {
    let balance = match entries.found.get(1) {
        Some(Some(entry)) => {
            TokenBalance::from_xdr(&entry.data)
                .map_err(|error| {
                    Failure::configuration(format!(
                        "what the channel holds of its token {} cannot be read: {error}",
                        instance.token
                    ))
                })?
                .amount
        }
        _ => BaseUnits::ZERO,
    };
    let ends = entries.found.iter().flatten();
    Ok(ChannelFacts {
        instance,
        balance,
        live_until_ledger: ends
            .filter_map(|entry| entry.live_until_ledger)
            .min()
            .unwrap_or(0),
        ledger: entries.latest_ledger,
        read_at: u64::try_from(SystemClock.now().as_millis()).unwrap_or(0),
    })
}

/// The node did not say.
pub(super) fn unanswered(error: &LedgerError) -> Failure {
    Failure::new(
        Kind::Unreachable,
        format!("the Stellar RPC did not answer: {}", sentence_of(error)),
    )
}

/// The network's USDC; where none is known, any contract will do as a first guess.
fn usual_token(network: &StellarNetwork, channel: &ContractId) -> ContractId {
    usdc_contract(network).unwrap_or(*channel)
}
