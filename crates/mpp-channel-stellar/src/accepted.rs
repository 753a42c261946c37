//! The highest voucher that was accepted, what it paid for, and who serves that.

use core::fmt;

use coinslot_channel_commitment::VerifiedVoucher;
use coinslot_usdc_amount::BaseUnits;

/// Which request a voucher pays for: 32 bytes that are the same for the same request, a hash of what makes it up.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct RequestFingerprint([u8; 32]);

/// Which process serves a request: 16 random bytes that it chose when it started.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Owner([u8; 16]);

/// What a request costs, in base units.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Price {
    /// So much for its answer.
    Once(BaseUnits),
    /// So much for each unit of an answer that is streamed. The voucher reserves what it covers.
    PerUnit(BaseUnits),
}

/// The highest voucher that was accepted, and what became of its request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Accepted {
    pub(crate) voucher: VerifiedVoucher,
    pub(crate) request: RequestFingerprint,
    pub(crate) paid: BaseUnits,
    pub(crate) is_metered: bool,
    pub(crate) closes: bool,
    pub(crate) serving: Serving,
}

/// Who serves a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Serving {
    /// It is answered.
    Answered,
    /// A process serves it, until its lease lapses.
    Leased {
        /// The process.
        owner: Owner,
        /// Until when, in milliseconds since 1970.
        until: u64,
    },
}

impl RequestFingerprint {
    /// The fingerprint with these bytes.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl Owner {
    /// The process with this id.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// The bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }
}

impl Price {
    /// The least that a voucher must add.
    #[must_use]
    pub const fn least(&self) -> BaseUnits {
        match self {
            Self::Once(price) | Self::PerUnit(price) => *price,
        }
    }
}

impl Accepted {
    /// The voucher.
    #[must_use]
    pub const fn voucher(&self) -> &VerifiedVoucher {
        &self.voucher
    }

    /// Its cumulative amount.
    #[must_use]
    pub const fn amount(&self) -> BaseUnits {
        self.voucher.amount()
    }

    /// The request that it paid for.
    #[must_use]
    pub const fn request(&self) -> RequestFingerprint {
        self.request
    }

    /// What the request was paid: its price, or all that was reserved for its stream.
    #[must_use]
    pub const fn paid(&self) -> BaseUnits {
        self.paid
    }

    /// Whether the answer is paid for as it is produced.
    #[must_use]
    pub const fn is_metered(&self) -> bool {
        self.is_metered
    }

    /// Whether it closes the channel too.
    #[must_use]
    pub const fn closes(&self) -> bool {
        self.closes
    }

    /// Who serves the request.
    #[must_use]
    pub const fn serving(&self) -> Serving {
        self.serving
    }
}

impl Serving {
    /// How many milliseconds the lease still lasts; none when it has lapsed or the request is answered.
    pub(crate) fn left(&self, now: u64) -> Option<u64> {
        match self {
            Self::Answered => None,
            Self::Leased { until, .. } => until.checked_sub(now).filter(|left| *left > 0),
        }
    }

    /// Whether this process has it.
    pub(crate) fn is_by(&self, asking: Owner) -> bool {
        matches!(self, Self::Leased { owner, .. } if *owner == asking)
    }
}

impl fmt::Debug for RequestFingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RequestFingerprint({})", hex::encode(self.0))
    }
}

impl fmt::Debug for Owner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Owner({})", hex::encode(self.0))
    }
}
