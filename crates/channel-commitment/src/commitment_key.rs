//! The secret key that signs for one channel.

use core::{fmt, str::FromStr};

use coinslot_caip2_network::NetworkId;
use coinslot_stellar_address::ContractId;
use coinslot_usdc_amount::BaseUnits;
use ed25519_dalek::{Signer as _, SigningKey};

use crate::{
    ChannelProof, Commitment, CommitmentPublicKey, CommitmentTemplate, ParseKeyError, Voucher,
    channel_proof,
    parse_key_error::{Belongs, read_key},
};

/// A commitment key: an ed25519 secret that signs vouchers of one channel, and nothing else.
///
/// It is not a Stellar account's key, and is not written like one: its text form is the seed, 64
/// hexadecimal digits, read in either case. Its `Debug` shows the public key only; its memory is
/// overwritten when it is dropped.
///
/// ```
/// use coinslot_channel_commitment::CommitmentKey;
///
/// let error = "SDIXEZIFXXLIF42VRGM4NWUUAID4VV5TVGHJTDNA7TLTSW6QZAC3WRZZ".parse::<CommitmentKey>().unwrap_err();
/// assert!(error.to_string().starts_with("this is a Stellar secret key (S…)"));
/// ```
#[derive(Clone)]
pub struct CommitmentKey(SigningKey);

impl CommitmentKey {
    /// The key with this seed: 32 bytes from a source of randomness that is fit for keys.
    #[must_use]
    pub fn from_seed(seed: [u8; 32]) -> Self {
        Self(SigningKey::from_bytes(&seed))
    }

    /// The public key, which the channel is opened with.
    #[must_use]
    pub fn public_key(&self) -> CommitmentPublicKey {
        CommitmentPublicKey::from_bytes(self.0.verifying_key().to_bytes())
    }

    /// Signs a commitment: from here on its amount is the recipient's to take.
    #[must_use]
    pub fn sign(&self, commitment: &Commitment) -> Voucher {
        Voucher::new(
            commitment.amount,
            self.0.sign(&commitment.encode()).to_bytes(),
        )
    }

    /// Signs the commitment to this amount of the template's channel.
    #[must_use]
    pub fn sign_amount(&self, template: &CommitmentTemplate, amount: BaseUnits) -> Voucher {
        Voucher::new(
            amount,
            self.0.sign(&template.with_amount(amount)).to_bytes(),
        )
    }

    /// Proves to hold the key of a channel, at a time in Unix seconds. It pays nothing.
    #[must_use]
    pub fn prove(&self, network: &NetworkId, channel: &ContractId, at: u64) -> ChannelProof {
        let message = channel_proof::message(network, channel, at);
        ChannelProof::new(at, self.0.sign(&message).to_bytes())
    }

    /// The text form, for the one place where it must be kept. Never log it.
    #[must_use]
    pub fn expose_secret(&self) -> String {
        hex::encode(self.0.as_bytes())
    }
}

impl FromStr for CommitmentKey {
    type Err = ParseKeyError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        read_key(text, Belongs::SecretKey).map(Self::from_seed)
    }
}

impl fmt::Debug for CommitmentKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CommitmentKey({}, secret not shown)", self.public_key())
    }
}
