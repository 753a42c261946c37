//! Checking vouchers of one channel exactly as the contract does.

use core::{error, fmt};

use coinslot_caip2_network::NetworkId;
use coinslot_stellar_address::ContractId;
use coinslot_usdc_amount::BaseUnits;
use ed25519_dalek::{Signature, VerifyingKey};

use crate::{
    ChannelProof, CommitmentPublicKey, CommitmentTemplate, VerifiedChannelProof, VerifiedVoucher,
    Voucher, channel_proof,
};

/// Checks the vouchers of one channel. Prepared once; a check is one ed25519 verification, asks
/// nobody, and allocates nothing for a voucher that it accepts.
///
/// It accepts exactly what the contract accepts, that is the strict check of the Soroban host. A
/// laxer one would give service for vouchers that the contract then refuses: signatures with a nonce
/// of small order, or with torsion, or with a scalar above the group's order.
///
/// ```
/// use coinslot_caip2_network::StellarNetwork;
/// use coinslot_channel_commitment::{CommitmentKey, CommitmentTemplate, CommitmentVerifier};
///
/// let network = StellarNetwork::Testnet.network_id();
/// let channel = "CAG6RI5Q5DXW7DTDQFWEJAQUARGJMCT6X52XAIDGJ2OKT63SYYQBZB3V".parse()?;
/// let key = CommitmentKey::from_seed([7; 32]);
/// let voucher = key.sign_amount(&CommitmentTemplate::new(&network, &channel), 140_u64.into());
///
/// let verifier = CommitmentVerifier::new(&network, &channel, &key.public_key())?;
/// let verified = verifier.verify(voucher)?;
/// assert_eq!((verified.channel(), verified.amount()), (channel, 140_u64.into()));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct CommitmentVerifier {
    template: CommitmentTemplate,
    key: VerifyingKey,
}

impl CommitmentVerifier {
    /// The verifier of this channel, which was opened with this key.
    ///
    /// # Errors
    ///
    /// [`UnusableKeyError`] when the contract refuses every signature by this key.
    pub fn new(
        network: &NetworkId,
        channel: &ContractId,
        key: &CommitmentPublicKey,
    ) -> Result<Self, UnusableKeyError> {
        let key =
            VerifyingKey::from_bytes(key.as_bytes()).map_err(|_| UnusableKeyError::NotAPoint)?;
        if key.is_weak() {
            return Err(UnusableKeyError::SmallOrder);
        }
        Ok(Self {
            template: CommitmentTemplate::new(network, channel),
            key,
        })
    }

    /// Checks that the channel's key signed the commitment to the voucher's amount.
    ///
    /// Whether the channel holds as much is not asked here.
    ///
    /// # Errors
    ///
    /// [`InvalidSignatureError`] when the contract would refuse it.
    pub fn verify(&self, voucher: Voucher) -> Result<VerifiedVoucher, InvalidSignatureError> {
        let message = self.template.with_amount(voucher.amount());
        self.check(&message, voucher.signature())?;
        Ok(VerifiedVoucher::new(
            self.template.commitment(voucher.amount()),
            voucher,
        ))
    }

    /// Checks that the channel's key signed the proof. When, is for the caller to judge.
    ///
    /// # Errors
    ///
    /// [`InvalidSignatureError`] when it did not.
    pub fn verify_proof(
        &self,
        proof: ChannelProof,
    ) -> Result<VerifiedChannelProof, InvalidSignatureError> {
        let of = self.template.commitment(BaseUnits::ZERO);
        let message = channel_proof::message(&of.network, &of.channel, proof.at());
        self.check(&message, proof.signature())?;
        Ok(VerifiedChannelProof::new(of.channel, proof.at()))
    }

    /// The template of the channel.
    #[must_use]
    pub const fn template(&self) -> &CommitmentTemplate {
        &self.template
    }

    /// The channel's key.
    #[must_use]
    pub fn public_key(&self) -> CommitmentPublicKey {
        CommitmentPublicKey::from_bytes(self.key.to_bytes())
    }

    fn check(&self, message: &[u8], signature: &[u8; 64]) -> Result<(), InvalidSignatureError> {
        self.key
            .verify_strict(message, &Signature::from_bytes(signature))
            .map_err(|_| InvalidSignatureError)
    }
}

impl fmt::Debug for CommitmentVerifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CommitmentVerifier")
            .field("template", &self.template)
            .field("key", &self.public_key())
            .finish()
    }
}

/// Why no signature by a commitment key will ever be accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum UnusableKeyError {
    /// The bytes are not a point of the curve.
    NotAPoint,
    /// The point is of small order: everybody could sign for it, and the contract refuses it.
    SmallOrder,
}

impl fmt::Display for UnusableKeyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotAPoint => "the commitment key is not an ed25519 public key",
            Self::SmallOrder => "the commitment key is of small order, nobody can hold it alone",
        })
    }
}

impl error::Error for UnusableKeyError {}

/// The channel's key did not sign this, or not in the form that the contract accepts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvalidSignatureError;

impl fmt::Display for InvalidSignatureError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the signature is not by the channel's commitment key over this amount, channel and network")
    }
}

impl error::Error for InvalidSignatureError {}
