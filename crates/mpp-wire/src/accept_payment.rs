//! `Accept-Payment`: which payments a client can make (core draft, "Client Payment Preferences").
//!
//! ```text
//! Accept-Payment = #payment-range
//! payment-range  = ( payment-method-id / "*" ) "/" ( intent / "*" ) [ OWS ";" OWS "q=" qvalue ]
//! ```
//!
//! Example: `stellar/*, tempo/charge;q=0.5, */session;q=0`.
//!
//! # Errors
//!
//! [`AcceptPaymentError`]. A server may go on as though a malformed header were absent.

use alloc::vec::Vec;
use core::cmp::Reverse;
use core::fmt;
use core::str::FromStr;

use crate::limits::{MAX_ACCEPT_PAYMENT_BYTES, MAX_RANGES};
use crate::names::{IntentName, MethodName};

mod quality;
mod range;

pub use quality::Quality;
pub use range::PaymentRange;

/// Which payments a client can make, and which of them it prefers.
///
/// ```
/// use coinslot_mpp_wire::{AcceptPayment, IntentName, MethodName};
/// let accept: AcceptPayment = "stellar/*, stellar/charge;q=0.5".parse()?;
/// let offers = [(MethodName::stellar(), IntentName::charge()), (MethodName::stellar(), IntentName::channel())];
/// let ranked = accept.rank(&offers, |(method, intent)| (method, intent));
/// assert_eq!(ranked, [&offers[1], &offers[0]]);
/// # Ok::<(), coinslot_mpp_wire::AcceptPaymentError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AcceptPayment {
    ranges: Vec<PaymentRange>,
}

/// Why a header's value is no list of payment ranges.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AcceptPaymentError {
    kind: AcceptPaymentErrorKind,
    position: usize,
}

/// What is wrong with an `Accept-Payment` header.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum AcceptPaymentErrorKind {
    /// No range at all.
    Empty,
    /// More than [`MAX_ACCEPT_PAYMENT_BYTES`], or more ranges than [`MAX_RANGES`].
    TooLong,
    /// Not a method and an intent with `/` between them.
    Range,
    /// A parameter that is not a name and a value, or a second `q`.
    Parameter,
    /// A `q` that is not a number from 0 to 1 with up to three decimals.
    Quality,
}

impl AcceptPayment {
    /// A header of these ranges.
    ///
    /// # Errors
    ///
    /// [`AcceptPaymentError`] when there are none, or more than [`MAX_RANGES`].
    pub fn new(ranges: Vec<PaymentRange>) -> Result<Self, AcceptPaymentError> {
        if ranges.is_empty() {
            return Err(AcceptPaymentError::new(AcceptPaymentErrorKind::Empty, 0));
        }
        if ranges.len() > MAX_RANGES {
            return Err(AcceptPaymentError::new(AcceptPaymentErrorKind::TooLong, 0));
        }
        Ok(Self { ranges })
    }

    /// The ranges, in their order.
    #[must_use]
    pub fn ranges(&self) -> &[PaymentRange] {
        &self.ranges
    }

    /// How much the client likes a method and intent: what the most specific range that matches says; not at all when none does.
    #[must_use]
    pub fn quality(&self, method: &MethodName, intent: &IntentName) -> Quality {
        self.ranges
            .iter()
            .filter(|range| range.matches(method, intent))
            .max_by_key(|range| (range.specificity(), range.quality))
            .map_or(Quality::ZERO, |range| range.quality)
    }

    /// The offers that the client can pay, those that it likes best first, otherwise in their order.
    pub fn rank<T>(
        &self,
        offers: impl IntoIterator<Item = T>,
        names: impl Fn(&T) -> (&MethodName, &IntentName),
    ) -> Vec<T> {
        let mut ranked: Vec<(Quality, T)> = offers
            .into_iter()
            .map(|offer| {
                let (method, intent) = names(&offer);
                (self.quality(method, intent), offer)
            })
            .filter(|(quality, _)| *quality > Quality::ZERO)
            .collect();
        ranked.sort_by_key(|(quality, _)| Reverse(*quality));
        ranked.into_iter().map(|(_, offer)| offer).collect()
    }
}

impl AcceptPaymentError {
    pub(crate) const fn new(kind: AcceptPaymentErrorKind, position: usize) -> Self {
        Self { kind, position }
    }

    pub(crate) const fn at(self, start: usize) -> Self {
        Self {
            position: self.position.saturating_add(start),
            ..self
        }
    }

    /// What is wrong.
    #[must_use]
    pub const fn kind(&self) -> AcceptPaymentErrorKind {
        self.kind
    }

    /// The byte at which it was noticed, counted from 0.
    #[must_use]
    pub const fn position(&self) -> usize {
        self.position
    }
}

impl FromStr for AcceptPayment {
    type Err = AcceptPaymentError;

    fn from_str(value: &str) -> Result<Self, Self::Err> {
        if value.len() > MAX_ACCEPT_PAYMENT_BYTES {
            let kind = AcceptPaymentErrorKind::TooLong;
            return Err(AcceptPaymentError::new(kind, MAX_ACCEPT_PAYMENT_BYTES));
        }
        let mut start = 0_usize;
        let mut ranges = Vec::new();
        for element in value.split(',') {
            let text = element.trim_matches(OWS);
            // Elements of a list may be empty (RFC 9110 §5.6.1.2).
            if !text.is_empty() {
                if ranges.len() >= MAX_RANGES {
                    let kind = AcceptPaymentErrorKind::TooLong;
                    return Err(AcceptPaymentError::new(kind, start));
                }
                ranges.push(PaymentRange::from_text(text).map_err(|error| error.at(start))?);
            }
            start = start.saturating_add(element.len()).saturating_add(1);
        }
        Self::new(ranges)
    }
}

impl fmt::Display for AcceptPayment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let separators = core::iter::once("").chain(core::iter::repeat(", "));
        self.ranges
            .iter()
            .zip(separators)
            .try_for_each(|(range, separator)| write!(f, "{separator}{range}"))
    }
}

impl fmt::Display for AcceptPaymentError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let position = self.position;
        match self.kind {
            AcceptPaymentErrorKind::Empty => f.write_str("the header names no payment"),
            AcceptPaymentErrorKind::TooLong => write!(
                f,
                "the header is longer than {MAX_ACCEPT_PAYMENT_BYTES} bytes or {MAX_RANGES} ranges"
            ),
            AcceptPaymentErrorKind::Range => write!(
                f,
                "a range is a method and an intent, such as stellar/charge: not so at byte {position}"
            ),
            AcceptPaymentErrorKind::Parameter => write!(
                f,
                "a parameter is a name and a value, q at most once: not so at byte {position}"
            ),
            AcceptPaymentErrorKind::Quality => {
                write!(
                    f,
                    "q is 0 to 1 with up to three decimals: not so at byte {position}"
                )
            }
        }
    }
}

impl core::error::Error for AcceptPaymentError {}

/// Optional whitespace (RFC 9110 §5.6.3).
const OWS: [char; 2] = [' ', '\t'];

/// The name of the header.
pub const ACCEPT_PAYMENT: &str = "accept-payment";
