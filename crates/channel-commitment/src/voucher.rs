//! A commitment's amount with its signature: what a funder pays with.

use core::fmt;

use coinslot_stellar_address::ContractId;
use coinslot_usdc_amount::BaseUnits;

use crate::{Commitment, ParseSignatureError, hexadecimal};

/// A voucher as it was received: nobody has checked it yet.
///
/// It does not say which channel it is of;
/// [`CommitmentVerifier::verify`](crate::CommitmentVerifier::verify) asks that of one channel. Its
/// `Debug` does not show the signature.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Voucher {
    amount: BaseUnits,
    signature: [u8; 64],
}

impl Voucher {
    /// The voucher of this cumulative amount, in base units, with this signature.
    #[must_use]
    pub const fn new(amount: BaseUnits, signature: [u8; 64]) -> Self {
        Self { amount, signature }
    }

    /// The voucher with a signature as the wire has it: 128 hexadecimal digits of either case.
    ///
    /// # Errors
    ///
    /// [`ParseSignatureError`] for any other text.
    pub fn from_hex(amount: BaseUnits, signature: &str) -> Result<Self, ParseSignatureError> {
        Ok(Self::new(amount, hexadecimal::read_signature(signature)?))
    }

    /// The cumulative amount, in base units.
    #[must_use]
    pub const fn amount(&self) -> BaseUnits {
        self.amount
    }

    /// The signature, for the wire and the store. Never log it.
    #[must_use]
    pub const fn signature(&self) -> &[u8; 64] {
        &self.signature
    }

    /// The signature as the wire has it, 128 lower-case digits. Never log it.
    #[must_use]
    pub fn signature_hex(&self) -> String {
        hex::encode(self.signature)
    }
}

impl fmt::Debug for Voucher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Voucher")
            .field("amount", &self.amount)
            .finish_non_exhaustive()
    }
}

/// A voucher that the contract will accept, for the channel that it names.
///
/// There is one way to have one: [`CommitmentVerifier::verify`](crate::CommitmentVerifier::verify).
/// What comes out of a store is verified again.
///
/// ```compile_fail,E0451
/// use coinslot_channel_commitment::{Commitment, VerifiedVoucher, Voucher};
///
/// fn believe(commitment: Commitment, voucher: Voucher) -> VerifiedVoucher {
///     VerifiedVoucher { commitment, voucher }
/// }
/// ```
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct VerifiedVoucher {
    commitment: Commitment,
    voucher: Voucher,
}

impl VerifiedVoucher {
    /// Only for what was just verified.
    pub(crate) const fn new(commitment: Commitment, voucher: Voucher) -> Self {
        Self {
            commitment,
            voucher,
        }
    }

    /// What was signed.
    #[must_use]
    pub const fn commitment(&self) -> &Commitment {
        &self.commitment
    }

    /// The channel.
    #[must_use]
    pub const fn channel(&self) -> ContractId {
        self.commitment.channel
    }

    /// The cumulative amount, in base units.
    #[must_use]
    pub const fn amount(&self) -> BaseUnits {
        self.commitment.amount
    }

    /// The signature, for the contract and the store. Never log it.
    #[must_use]
    pub const fn signature(&self) -> &[u8; 64] {
        self.voucher.signature()
    }

    /// What was signed, and the voucher as it was received.
    #[must_use]
    pub const fn into_parts(self) -> (Commitment, Voucher) {
        (self.commitment, self.voucher)
    }
}

impl fmt::Debug for VerifiedVoucher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("VerifiedVoucher")
            .field("commitment", &self.commitment)
            .finish_non_exhaustive()
    }
}
