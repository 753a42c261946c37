//! What the commitment key signs: 192 bytes that say how much of a channel the recipient may take.
//!
//! The contract's `Commitment` struct as it writes it itself: an XDR `ScVal::Map` with four entries,
//! sorted by key. Everything has a fixed place, so that there is exactly one encoding of a value and
//! exactly one value of an encoding.
//!
//! | bytes | entry |
//! |---|---|
//! | 0..12 | a map that is present, of 4 entries |
//! | 12..48 | `amount`: `I128`, at 32..48 |
//! | 48..104 | `channel`: `Address` of a contract, at 72..104 |
//! | 104..136 | `domain`: `Symbol("chancmmt")` |
//! | 136..192 | `network`: `Bytes` of 32, at 160..192 |

use core::{error, fmt};

use coinslot_caip2_network::NetworkId;
use coinslot_stellar_address::ContractId;
use coinslot_usdc_amount::BaseUnits;

/// How much the recipient may take from a channel in all: a cumulative amount, never a difference.
///
/// ```
/// use coinslot_caip2_network::StellarNetwork;
/// use coinslot_channel_commitment::Commitment;
///
/// let commitment = Commitment {
///     network: StellarNetwork::Testnet.network_id(),
///     channel: "CAG6RI5Q5DXW7DTDQFWEJAQUARGJMCT6X52XAIDGJ2OKT63SYYQBZB3V".parse()?,
///     amount: 140_u64.into(),
/// };
/// let bytes = commitment.encode();
/// assert_eq!(Commitment::decode(&bytes), Ok(commitment));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Commitment {
    /// The network that the channel is on.
    pub network: NetworkId,
    /// The channel.
    pub channel: ContractId,
    /// All that the recipient may have taken after this, in base units of the channel's token.
    pub amount: BaseUnits,
}

impl Commitment {
    /// How many bytes a commitment has.
    pub const LENGTH: usize = 192;

    /// The bytes that are signed, as they are: not a hash of them.
    #[must_use]
    pub fn encode(&self) -> [u8; Self::LENGTH] {
        CommitmentTemplate::new(&self.network, &self.channel).with_amount(self.amount)
    }

    /// Reads exactly what [`encode`](Self::encode) writes.
    ///
    /// # Errors
    ///
    /// [`DecodeCommitmentError`] for anything else: another order or type of the entries, more or
    /// fewer of them, another domain, bytes before or behind, a negative amount. The contract makes
    /// none of these, and a signature over them is worth nothing.
    pub fn decode(bytes: &[u8]) -> Result<Self, DecodeCommitmentError> {
        let Some(Layout {
            before_amount,
            amount,
            before_channel,
            channel,
            before_network,
            network,
        }) = Layout::of(bytes)
        else {
            let found = bytes.len();
            return Err(DecodeCommitmentError {
                kind: DecodeCommitmentErrorKind::Length { found },
                position: found.min(Self::LENGTH),
            });
        };
        for (start, found, fixed) in [
            (0, before_amount.as_slice(), BEFORE_AMOUNT.as_slice()),
            (AMOUNT_END, before_channel, BEFORE_CHANNEL),
            (CHANNEL_END, before_network, BEFORE_NETWORK),
        ] {
            if let Some(offset) = found.iter().zip(fixed).position(|(is, must)| is != must) {
                return Err(DecodeCommitmentError {
                    kind: DecodeCommitmentErrorKind::Structure,
                    position: offset.saturating_add(start),
                });
            }
        }
        let amount = BaseUnits::try_from(i128::from_be_bytes(*amount)).map_err(|_| {
            DecodeCommitmentError {
                kind: DecodeCommitmentErrorKind::NegativeAmount,
                position: BEFORE_AMOUNT.len(),
            }
        })?;
        Ok(Self {
            network: NetworkId::from_bytes(*network),
            channel: ContractId::from_bytes(*channel),
            amount,
        })
    }
}

/// The commitment bytes of one channel, in which only the amount is left to be filled in.
///
/// Made once for each channel; filling in an amount copies 192 bytes and allocates nothing.
#[derive(Clone, PartialEq, Eq)]
pub struct CommitmentTemplate([u8; Commitment::LENGTH]);

impl CommitmentTemplate {
    /// The template of this channel.
    #[must_use]
    pub fn new(network: &NetworkId, channel: &ContractId) -> Self {
        let mut bytes = [0; Commitment::LENGTH];
        let parts = BEFORE_AMOUNT
            .iter()
            .chain(&[0; 16])
            .chain(BEFORE_CHANNEL)
            .chain(channel.as_bytes())
            .chain(BEFORE_NETWORK)
            .chain(network.as_bytes());
        for (byte, part) in bytes.iter_mut().zip(parts) {
            *byte = *part;
        }
        Self(bytes)
    }

    /// The bytes of the commitment to this amount.
    #[must_use]
    pub fn with_amount(&self, amount: BaseUnits) -> [u8; Commitment::LENGTH] {
        let mut bytes = self.0;
        if let Some(place) = bytes
            .split_at_mut_checked(BEFORE_AMOUNT.len())
            .and_then(|(_, rest)| rest.first_chunk_mut())
        {
            *place = amount.to_i128().to_be_bytes();
        }
        bytes
    }

    /// The commitment to this amount.
    #[must_use]
    pub fn commitment(&self, amount: BaseUnits) -> Commitment {
        Commitment {
            network: NetworkId::from_bytes(self.last_bytes_before(Commitment::LENGTH)),
            channel: ContractId::from_bytes(self.last_bytes_before(CHANNEL_END)),
            amount,
        }
    }

    fn last_bytes_before(&self, end: usize) -> [u8; 32] {
        self.0
            .get(..end)
            .and_then(<[u8]>::last_chunk)
            .copied()
            .unwrap_or_default()
    }
}

impl fmt::Debug for CommitmentTemplate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Commitment {
            network, channel, ..
        } = self.commitment(BaseUnits::ZERO);
        f.debug_struct("CommitmentTemplate")
            .field("network", &network)
            .field("channel", &channel)
            .finish()
    }
}

/// Why bytes are not a commitment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DecodeCommitmentError {
    kind: DecodeCommitmentErrorKind,
    position: usize,
}

/// The ways in which bytes are not a commitment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum DecodeCommitmentErrorKind {
    /// Not 192 bytes.
    Length {
        /// How many there were.
        found: usize,
    },
    /// Not the contract's four entries with their types and the domain `chancmmt`.
    Structure,
    /// The amount is below zero.
    NegativeAmount,
}

impl DecodeCommitmentError {
    /// What was wrong.
    #[must_use]
    pub const fn kind(&self) -> DecodeCommitmentErrorKind {
        self.kind
    }

    /// Where: the offset of the first byte that cannot be there.
    #[must_use]
    pub const fn position(&self) -> usize {
        self.position
    }
}

impl fmt::Display for DecodeCommitmentError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let at = self.position;
        match self.kind {
            DecodeCommitmentErrorKind::Length { found } => {
                write!(f, "a commitment has 192 bytes, not {found}")
            }
            DecodeCommitmentErrorKind::Structure => {
                write!(f, "no commitment has such a byte as the one at offset {at}")
            }
            DecodeCommitmentErrorKind::NegativeAmount => {
                f.write_str("the amount of the commitment is negative")
            }
        }
    }
}

impl error::Error for DecodeCommitmentError {}

/// The bytes cut at their fixed places.
struct Layout<'a> {
    before_amount: &'a [u8; 32],
    amount: &'a [u8; 16],
    before_channel: &'a [u8],
    channel: &'a [u8; 32],
    before_network: &'a [u8],
    network: &'a [u8; 32],
}

impl<'a> Layout<'a> {
    fn of(bytes: &'a [u8]) -> Option<Self> {
        let (before_amount, rest) = bytes.split_first_chunk()?;
        let (amount, rest) = rest.split_first_chunk()?;
        let (before_channel, rest) = rest.split_at_checked(BEFORE_CHANNEL.len())?;
        let (channel, rest) = rest.split_first_chunk()?;
        let (before_network, rest) = rest.split_at_checked(BEFORE_NETWORK.len())?;
        Some(Self {
            before_amount,
            amount,
            before_channel,
            channel,
            before_network,
            network: rest.try_into().ok()?,
        })
    }
}

/// A map (17) that is present, of four entries; the symbol (15) `amount`; an `I128` (10).
const BEFORE_AMOUNT: &[u8; 32] = b"\0\0\0\x11\0\0\0\x01\0\0\0\x04\
    \0\0\0\x0f\0\0\0\x06amount\0\0\
    \0\0\0\x0a";

/// The symbol `channel`; an address (18) of a contract (1).
const BEFORE_CHANNEL: &[u8] = b"\0\0\0\x0f\0\0\0\x07channel\0\
    \0\0\0\x12\0\0\0\x01";

/// The symbol `domain`, the symbol `chancmmt`; the symbol `network`, 32 bytes (13).
const BEFORE_NETWORK: &[u8] = b"\0\0\0\x0f\0\0\0\x06domain\0\0\
    \0\0\0\x0f\0\0\0\x08chancmmt\
    \0\0\0\x0f\0\0\0\x07network\0\
    \0\0\0\x0d\0\0\0\x20";

const AMOUNT_END: usize = 48;
const CHANNEL_END: usize = 104;
const _: () = assert!(BEFORE_AMOUNT.len() + 16 == AMOUNT_END);
const _: () = assert!(AMOUNT_END + BEFORE_CHANNEL.len() + 32 == CHANNEL_END);
const _: () = assert!(CHANNEL_END + BEFORE_NETWORK.len() + 32 == Commitment::LENGTH);
