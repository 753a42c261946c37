//! The buyer's state as it is stored: sealed JSON, read back to the very same state or not at all. No signature is in it.

use coinslot_caip2_network::NetworkId;
use coinslot_stellar_address::ContractId;
use coinslot_strict_json::Rules;
use coinslot_usdc_amount::{BaseUnits, serde_string};
use serde::{Deserialize, Serialize};

use super::{BuyerState, Pending};
use crate::sealed_json::{self, digits};
use crate::{ReadStateError, RequestFingerprint};

impl BuyerState {
    /// The stored form.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        sealed_json::write(&Stored::of(self))
    }

    /// Reads the stored form of this channel.
    ///
    /// # Errors
    ///
    /// [`ReadStateError`] for whatever [`to_bytes`](Self::to_bytes) has not written for this channel.
    pub fn from_bytes(
        bytes: &[u8],
        network: &NetworkId,
        channel: &ContractId,
    ) -> Result<Self, ReadStateError> {
        let stored: Stored = RULES.decode(bytes).map_err(ReadStateError::Json)?;
        if stored.buyer_version != VERSION {
            return Err(ReadStateError::Version {
                found: stored.buyer_version,
            });
        }
        if stored.network != *network.as_bytes() || stored.channel != channel.to_string() {
            return Err(ReadStateError::AnotherChannel);
        }
        let state = stored.into_state(*network, *channel);
        if !state.is_consistent() {
            return Err(ReadStateError::Contradiction);
        }
        if state.to_bytes() != bytes {
            return Err(ReadStateError::Altered);
        }
        Ok(state)
    }

    /// What is true of every state.
    fn is_consistent(&self) -> bool {
        let pending_was_signed = self
            .pending
            .as_ref()
            .is_none_or(|pending| pending.amount <= self.signed && !pending.price.is_zero());
        self.stream <= self.spent
            && self.spent <= self.acknowledged
            && self.acknowledged <= self.signed
            && pending_was_signed
    }
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Stored {
    buyer_version: u32,
    #[serde(with = "digits")]
    network: [u8; 32],
    channel: String,
    #[serde(with = "serde_string")]
    acknowledged: BaseUnits,
    #[serde(with = "serde_string")]
    spent: BaseUnits,
    #[serde(with = "serde_string")]
    stream: BaseUnits,
    #[serde(with = "serde_string")]
    signed: BaseUnits,
    #[serde(default, with = "serde_string::option")]
    deposited: Option<BaseUnits>,
    pending: Option<StoredPending>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct StoredPending {
    #[serde(with = "serde_string")]
    amount: BaseUnits,
    #[serde(with = "serde_string")]
    covers: BaseUnits,
    #[serde(with = "serde_string")]
    price: BaseUnits,
    #[serde(with = "digits")]
    request: [u8; 32],
    host: String,
    is_metered: bool,
    is_taken: bool,
}

impl Stored {
    fn of(state: &BuyerState) -> Self {
        Self {
            buyer_version: VERSION,
            network: *state.network.as_bytes(),
            channel: state.channel.to_string(),
            acknowledged: state.acknowledged,
            spent: state.spent,
            stream: state.stream,
            signed: state.signed,
            deposited: state.deposited,
            pending: state.pending.as_ref().map(|pending| StoredPending {
                amount: pending.amount,
                covers: pending.covers,
                price: pending.price,
                request: *pending.request.as_bytes(),
                host: pending.host.clone(),
                is_metered: pending.is_metered,
                is_taken: pending.is_taken,
            }),
        }
    }

    fn into_state(self, network: NetworkId, channel: ContractId) -> BuyerState {
        BuyerState {
            network,
            channel,
            acknowledged: self.acknowledged,
            spent: self.spent,
            stream: self.stream,
            signed: self.signed,
            deposited: self.deposited,
            pending: self.pending.map(|pending| Pending {
                amount: pending.amount,
                covers: pending.covers,
                price: pending.price,
                request: RequestFingerprint::from_bytes(pending.request),
                host: pending.host,
                is_metered: pending.is_metered,
                is_taken: pending.is_taken,
            }),
        }
    }
}

const VERSION: u32 = 1;

/// A state has some 700 bytes, and a host of at most 253.
const RULES: Rules = Rules::new(4_096, 3, NAMES);

const NAMES: &[&str] = &[
    "acknowledged",
    "amount",
    "buyerVersion",
    "channel",
    "covers",
    "deposited",
    "host",
    "isMetered",
    "isTaken",
    "network",
    "pending",
    "price",
    "request",
    "signed",
    "spent",
    "stream",
];
