//! The challenges of a 402, and knowing them again.
//!
//! Each has random bytes of its own, and tells for which request it was minted, and when, in its
//! `opaque`; its id binds all of it.

use std::fmt;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use coinslot_mpp_wire::{
    BodyDigest, BoundChallenge, ChallengeSecrets, Issuer, OpaqueData, Problem, ProblemKind,
    Timestamp,
};
use coinslot_settlement::{Channels, Charges};
use http::{HeaderValue, StatusCode};

use crate::fingerprint::Fingerprint;
use crate::reason::Reason;
use crate::terms::{LONGEST_TIMEOUT_SECONDS, OfferError};

/// What the MPP offers of a gate have in common.
#[derive(Debug)]
pub(crate) struct Minting {
    pub(crate) secrets: ChallengeSecrets,
    pub(crate) realm: String,
    pub(crate) description: Option<String>,
    pub(crate) charges: Option<Charges>,
    pub(crate) channels: Option<Channels>,
    pub(crate) random: Random,
}

/// Random bytes, asked of the operating system for many challenges at once.
pub(crate) struct Random(Mutex<(Box<[u8; RANDOM_STOCK]>, usize)>);

impl Random {
    pub(crate) fn new() -> Self {
        Self(Mutex::new((Box::new([0; RANDOM_STOCK]), RANDOM_STOCK)))
    }

    /// Bytes that nobody has had; `None` when the operating system gives none.
    pub(crate) fn take(&self) -> Option<[u8; RANDOM_BYTES]> {
        let mut stock = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (bytes, used) = &mut *stock;
        if *used >= RANDOM_STOCK {
            getrandom::fill(bytes.as_mut_slice()).ok()?;
            *used = 0;
        }
        let taken = bytes.get(*used..)?.first_chunk()?;
        *used += RANDOM_BYTES;
        Some(*taken)
    }
}

impl fmt::Debug for Random {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Random")
    }
}

/// A new challenge as the value of `WWW-Authenticate`; `None` when there are no random bytes or the
/// time is beyond what can be written.
pub(crate) fn mint(
    minting: &Minting,
    issuer: &Issuer,
    expiry: &Expiry,
    scope: Fingerprint,
    digest: Option<BodyDigest>,
    now: u64,
) -> Option<HeaderValue> {
    let mut nonce = [0; NONCE_BYTES];
    let (random, purpose) = nonce.split_at_mut(RANDOM_BYTES);
    random.copy_from_slice(&minting.random.take()?);
    purpose.copy_from_slice(&Purpose::new(scope, now)?.0);
    let challenge = issuer.mint(expiry.from(now)?, &OpaqueData::new(nonce), digest);
    HeaderValue::try_from(challenge.to_header()).ok()
}

/// When a challenge was minted, in seconds since 1970, if it was for requests of this scope.
pub(crate) fn minted_for(challenge: &BoundChallenge, scope: Fingerprint) -> Option<u64> {
    let entries = challenge.challenge().opaque()?.entries().ok()?;
    let nonce = URL_SAFE_NO_PAD.decode(entries.get("nonce")?).ok()?;
    let purpose = nonce.get(RANDOM_BYTES..)?;
    let minted_at = u32::from_be_bytes(*purpose.first_chunk()?).into();
    (Purpose::new(scope, minted_at)?.0 == purpose).then_some(minted_at)
}

/// When a challenge was minted, and for which requests: it stands behind the random bytes of the
/// nonce, in few bytes because all of them are authenticated at every request.
struct Purpose([u8; NONCE_BYTES - RANDOM_BYTES]);

impl Purpose {
    fn new(scope: Fingerprint, now: u64) -> Option<Self> {
        let mut bytes = [0; NONCE_BYTES - RANDOM_BYTES];
        let (minted_at, rest) = bytes.split_first_chunk_mut()?;
        *minted_at = u32::try_from(now).ok()?.to_be_bytes();
        rest.copy_from_slice(scope.short());
        Some(Self(bytes))
    }
}

/// The body of a 402 as a problem (RFC 9457), of the kind that the reason's code names. It is 402 also where a draft
/// has another status for the kind: the offers beside it stand.
pub(crate) fn problem(reason: &Reason) -> String {
    let named = ProblemKind::ALL
        .iter()
        .find(|kind| kind.code() == reason.code);
    let problem = Problem {
        detail: Some(reason.sentence.clone().into_owned()),
        status: Some(StatusCode::PAYMENT_REQUIRED.as_u16()),
        ..named.unwrap_or(&ProblemKind::PaymentRequired).problem()
    };
    // JSON is always UTF-8.
    String::from_utf8(problem.to_json()).unwrap_or_default()
}

/// When an offer's challenges expire. The time as it is written is kept for as long as it is the
/// same: a second.
#[derive(Debug)]
pub(crate) struct Expiry {
    after_seconds: u64,
    written: Mutex<Option<(u64, Timestamp)>>,
}

impl Expiry {
    pub(crate) fn after(time: Duration) -> Result<Self, OfferError> {
        let after_seconds = time.as_secs();
        if !(1..=LONGEST_TIMEOUT_SECONDS).contains(&after_seconds) {
            return Err(OfferError::MaxTimeout);
        }
        Ok(Self {
            after_seconds,
            written: Mutex::default(),
        })
    }

    fn from(&self, now: u64) -> Option<Timestamp> {
        let seconds = now.saturating_add(self.after_seconds);
        let mut lately = self.written.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((at, written)) = &*lately
            && *at == seconds
        {
            return Some(written.clone());
        }
        let written = Timestamp::from_unix_seconds(seconds).ok()?;
        *lately = Some((seconds, written.clone()));
        Some(written)
    }
}

const RANDOM_BYTES: usize = 16;
const RANDOM_STOCK: usize = 64 * RANDOM_BYTES;
const NONCE_BYTES: usize = RANDOM_BYTES + 4 + Fingerprint::SHORT_BYTES;
