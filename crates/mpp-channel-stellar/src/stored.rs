//! The state of a channel as it is stored: sealed JSON, read back to the very same state or not at all.
//!
//! The signatures in it are checked again, so that a store cannot make a voucher.

use core::{error, fmt};

use coinslot_caip2_network::NetworkId;
use coinslot_channel_commitment::{
    CommitmentVerifier, InvalidSignatureError, VerifiedVoucher, Voucher,
};
use coinslot_strict_json::{Error as JsonError, Rules};
use coinslot_usdc_amount::BaseUnits;
use serde::{Deserialize, Serialize};

use crate::sealed_json::{self, digits};
use crate::{Accepted, ChannelState, Owner, Phase, RequestFingerprint, Serving};

impl ChannelState {
    /// The stored form.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        sealed_json::write(&Stored::of(self))
    }

    /// Reads the stored form of this verifier's channel.
    ///
    /// # Errors
    ///
    /// [`ReadStateError`] for whatever [`to_bytes`](Self::to_bytes) has not written for this channel and this key.
    pub fn from_bytes(bytes: &[u8], verifier: &CommitmentVerifier) -> Result<Self, ReadStateError> {
        let Version { version } = RULES.decode(bytes).map_err(ReadStateError::Json)?;
        if version != VERSION {
            return Err(ReadStateError::Version { found: version });
        }
        let stored: Stored = RULES.decode(bytes).map_err(ReadStateError::Json)?;
        let state = stored.into_state(verifier)?;
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
        let cumulative = self.cumulative();
        let is_covered = self
            .spent
            .checked_add(self.reserved)
            .is_some_and(|committed| committed <= cumulative);
        let reserve_has_a_stream =
            self.reserved.is_zero() || self.last.is_some_and(|last| last.is_metered);
        let is_paid = self
            .last
            .is_none_or(|last| !last.paid.is_zero() && last.paid <= last.amount());
        let close_is_possible = self
            .close_with
            .is_none_or(|voucher| voucher.amount() <= cumulative && self.phase != Phase::Open);
        let closes_with_itself = self
            .last
            .filter(|last| last.closes)
            .is_none_or(|last| self.close_with == Some(last.voucher));
        is_covered && reserve_has_a_stream && is_paid && close_is_possible && closes_with_itself
    }
}

/// Why stored bytes are not the state of a channel.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ReadStateError {
    /// They are not the JSON of a state.
    Json(JsonError),
    /// They are of another version.
    Version {
        /// Which one.
        found: u32,
    },
    /// They are about another channel, or another network.
    AnotherChannel,
    /// A voucher in them is not signed by the channel's key.
    Signature(InvalidSignatureError),
    /// Their amounts contradict one another.
    Contradiction,
    /// They are not the bytes that were written.
    Altered,
}

impl fmt::Display for ReadStateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Json(error) => write!(f, "the stored state cannot be read: {error}"),
            Self::Version { found } => write!(
                f,
                "the stored state has version {found}, this program reads version {VERSION}"
            ),
            Self::AnotherChannel => f.write_str("the stored state is of another channel"),
            Self::Signature(error) => write!(f, "a stored voucher does not hold: {error}"),
            Self::Contradiction => {
                f.write_str("the amounts of the stored state contradict one another")
            }
            Self::Altered => f.write_str("the stored state is not as it was written"),
        }
    }
}

impl error::Error for ReadStateError {
    fn source(&self) -> Option<&(dyn error::Error + 'static)> {
        match self {
            Self::Json(source) => Some(source),
            Self::Signature(source) => Some(source),
            _ => None,
        }
    }
}

#[derive(Deserialize)]
struct Version {
    version: u32,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Stored {
    version: u32,
    #[serde(with = "digits")]
    network: [u8; 32],
    channel: String,
    phase: Phase,
    #[serde(with = "coinslot_usdc_amount::serde_string")]
    spent: BaseUnits,
    #[serde(with = "coinslot_usdc_amount::serde_string")]
    reserved: BaseUnits,
    #[serde(with = "coinslot_usdc_amount::serde_string")]
    withdrawn: BaseUnits,
    unsettled_since: Option<u64>,
    as_of_ledger: u32,
    last: Option<StoredAccepted>,
    close_with: Option<StoredVoucher>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct StoredAccepted {
    voucher: StoredVoucher,
    #[serde(with = "digits")]
    request: [u8; 32],
    #[serde(with = "coinslot_usdc_amount::serde_string")]
    paid: BaseUnits,
    is_metered: bool,
    closes: bool,
    lease: Option<StoredLease>,
}

#[derive(Serialize, Deserialize)]
struct StoredVoucher {
    #[serde(with = "coinslot_usdc_amount::serde_string")]
    amount: BaseUnits,
    #[serde(with = "digits")]
    signature: [u8; 64],
}

#[derive(Serialize, Deserialize)]
struct StoredLease {
    #[serde(with = "digits")]
    owner: [u8; 16],
    until: u64,
}

impl Stored {
    fn of(state: &ChannelState) -> Self {
        Self {
            version: VERSION,
            network: *state.network.as_bytes(),
            channel: state.channel.to_string(),
            phase: state.phase,
            spent: state.spent,
            reserved: state.reserved,
            withdrawn: state.withdrawn,
            unsettled_since: state.unsettled_since,
            as_of_ledger: state.as_of_ledger,
            last: state.last.as_ref().map(StoredAccepted::of),
            close_with: state.close_with.as_ref().map(StoredVoucher::of),
        }
    }

    fn into_state(self, verifier: &CommitmentVerifier) -> Result<ChannelState, ReadStateError> {
        let ours = verifier.template().commitment(BaseUnits::ZERO);
        let network = NetworkId::from_bytes(self.network);
        if network != ours.network || self.channel != ours.channel.to_string() {
            return Err(ReadStateError::AnotherChannel);
        }
        Ok(ChannelState {
            network,
            channel: ours.channel,
            phase: self.phase,
            last: self.last.map(|last| last.verify(verifier)).transpose()?,
            spent: self.spent,
            reserved: self.reserved,
            withdrawn: self.withdrawn,
            unsettled_since: self.unsettled_since,
            close_with: self
                .close_with
                .map(|voucher| voucher.verify(verifier))
                .transpose()?,
            as_of_ledger: self.as_of_ledger,
        })
    }
}

impl StoredAccepted {
    fn of(accepted: &Accepted) -> Self {
        Self {
            voucher: StoredVoucher::of(&accepted.voucher),
            request: *accepted.request.as_bytes(),
            paid: accepted.paid,
            is_metered: accepted.is_metered,
            closes: accepted.closes,
            lease: match accepted.serving {
                Serving::Answered => None,
                Serving::Leased { owner, until } => Some(StoredLease {
                    owner: *owner.as_bytes(),
                    until,
                }),
            },
        }
    }

    fn verify(self, verifier: &CommitmentVerifier) -> Result<Accepted, ReadStateError> {
        Ok(Accepted {
            voucher: self.voucher.verify(verifier)?,
            request: RequestFingerprint::from_bytes(self.request),
            paid: self.paid,
            is_metered: self.is_metered,
            closes: self.closes,
            serving: self
                .lease
                .map_or(Serving::Answered, |lease| Serving::Leased {
                    owner: Owner::from_bytes(lease.owner),
                    until: lease.until,
                }),
        })
    }
}

impl StoredVoucher {
    fn of(voucher: &VerifiedVoucher) -> Self {
        Self {
            amount: voucher.amount(),
            signature: *voucher.signature(),
        }
    }

    fn verify(self, verifier: &CommitmentVerifier) -> Result<VerifiedVoucher, ReadStateError> {
        verifier
            .verify(Voucher::new(self.amount, self.signature))
            .map_err(ReadStateError::Signature)
    }
}

const VERSION: u32 = 1;

/// A state has some 1,200 bytes.
const RULES: Rules = Rules::new(4_096, 4, NAMES);

const NAMES: &[&str] = &[
    "amount",
    "asOfLedger",
    "channel",
    "closeWith",
    "closes",
    "isMetered",
    "last",
    "lease",
    "network",
    "owner",
    "paid",
    "phase",
    "request",
    "reserved",
    "signature",
    "spent",
    "unsettledSince",
    "until",
    "version",
    "voucher",
    "withdrawn",
];
