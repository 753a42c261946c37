//! The proof that somebody holds a channel's commitment key, by a signature that pays nothing.
//!
//! Whoever asks how far a channel is used proves that it is theirs. What they sign has 98 bytes:
//!
//! | bytes | |
//! |---|---|
//! | 0..26 | `coinslot-channel-proof-v1`, a line feed |
//! | 26..58 | the network's id |
//! | 58..90 | the channel's id |
//! | 90..98 | the time, in Unix seconds, big endian |
//!
//! **It can never be taken for money.** A commitment has 192 bytes and begins with a zero byte; this
//! has 98 and begins with a letter. Nor is it the hash of a transaction or of an authorization, which
//! have 32 bytes.
//!
//! In a header it is written as the time in decimal digits and the signature in 128 hexadecimal
//! digits: `at=1760000000; proof=5f0c…`.

use core::fmt;

use coinslot_caip2_network::NetworkId;
use coinslot_stellar_address::ContractId;

use crate::{Commitment, ParseSignatureError, hexadecimal};

/// A proof of a channel's key as it was received: nobody has checked it yet.
///
/// Made by [`CommitmentKey::prove`](crate::CommitmentKey::prove), checked by
/// [`CommitmentVerifier::verify_proof`](crate::CommitmentVerifier::verify_proof). Its `Debug` does
/// not show the signature.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct ChannelProof {
    at: u64,
    signature: [u8; 64],
}

impl ChannelProof {
    /// The proof that was made at this time, in Unix seconds, with this signature.
    #[must_use]
    pub const fn new(at: u64, signature: [u8; 64]) -> Self {
        Self { at, signature }
    }

    /// The proof with a signature as the wire has it: 128 hexadecimal digits of either case.
    ///
    /// # Errors
    ///
    /// [`ParseSignatureError`] for any other text.
    pub fn from_hex(at: u64, signature: &str) -> Result<Self, ParseSignatureError> {
        Ok(Self::new(at, hexadecimal::read_signature(signature)?))
    }

    /// When it says that it was made, in Unix seconds.
    #[must_use]
    pub const fn at(&self) -> u64 {
        self.at
    }

    /// The signature as the wire has it, 128 lower-case digits. Never log it.
    #[must_use]
    pub fn signature_hex(&self) -> String {
        hex::encode(self.signature)
    }

    pub(crate) const fn signature(&self) -> &[u8; 64] {
        &self.signature
    }
}

impl fmt::Debug for ChannelProof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ChannelProof")
            .field("at", &self.at)
            .finish_non_exhaustive()
    }
}

/// Somebody held the key of this channel at this time.
///
/// Whether the time is near enough is for the caller to judge: within that window, whoever saw the
/// proof can present it again.
///
/// ```compile_fail,E0451
/// use coinslot_channel_commitment::VerifiedChannelProof;
/// use coinslot_stellar_address::ContractId;
///
/// fn believe(channel: ContractId, at: u64) -> VerifiedChannelProof {
///     VerifiedChannelProof { channel, at }
/// }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VerifiedChannelProof {
    channel: ContractId,
    at: u64,
}

impl VerifiedChannelProof {
    /// Only for what was just verified.
    pub(crate) const fn new(channel: ContractId, at: u64) -> Self {
        Self { channel, at }
    }

    /// The channel.
    #[must_use]
    pub const fn channel(&self) -> ContractId {
        self.channel
    }

    /// When the proof was made, in Unix seconds.
    #[must_use]
    pub const fn at(&self) -> u64 {
        self.at
    }
}

/// What is signed.
pub(crate) fn message(network: &NetworkId, channel: &ContractId, at: u64) -> [u8; LENGTH] {
    let mut message = [0; LENGTH];
    let at = at.to_be_bytes();
    let parts = DOMAIN
        .iter()
        .chain(network.as_bytes())
        .chain(channel.as_bytes())
        .chain(&at);
    for (byte, part) in message.iter_mut().zip(parts) {
        *byte = *part;
    }
    message
}

const DOMAIN: &[u8; 26] = b"coinslot-channel-proof-v1\n";
const LENGTH: usize = 98;
const _: () = assert!(DOMAIN.len() + 32 + 32 + 8 == LENGTH);
const _: () = assert!(LENGTH != Commitment::LENGTH && LENGTH != 32);
