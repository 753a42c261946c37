//! The header `Payment-Channel`: which channel a buyer wants to pay from, and how far it is used.
//!
//! The official SDK knows one channel for a server, named in its challenges. With this header a buyer names its own, so that one route
//! serves many; whoever does not know the header ignores it.
//!
//! ```text
//! request  = channel [ "; at=" digits "; proof=" 128hex ]
//! response = channel "; cumulative=" digits "; signature=" 128hex
//! ```
//!
//! Example: `CA3D5KRYM6CB7OWQ6TWYRR3Z4T7GNZLKERYNZGGA5SOAOPIFY6YQGAXE; at=1767700800; proof=1c39…`. The proof is the commitment key's signature
//! over a text that is no commitment; only who gives one is told how far the channel is used, by the highest voucher itself.
//!
//! # Errors
//!
//! [`PaymentChannelError`] for whatever is not written exactly so.

use alloc::string::String;
use core::fmt;
use core::str::FromStr;

use coinslot_usdc_amount::BaseUnits;

use super::hex_bytes;

/// The name of the header.
pub const PAYMENT_CHANNEL: &str = "payment-channel";

/// What a buyer says in the header: the channel from which it wants to pay.
///
/// ```
/// use coinslot_mpp_wire::stellar::NamedChannel;
///
/// let named: NamedChannel = "CA3D5KRYM6CB7OWQ6TWYRR3Z4T7GNZLKERYNZGGA5SOAOPIFY6YQGAXE".parse()?;
/// assert!(named.proof.is_none());
/// # Ok::<(), coinslot_mpp_wire::stellar::PaymentChannelError>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct NamedChannel {
    /// The channel's contract, `C…`.
    pub channel: String,
    /// That the buyer holds the channel's commitment key.
    pub proof: Option<KeyProof>,
}

/// A signature of a channel's commitment key over a text that is no commitment. `Debug` does not print it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct KeyProof {
    /// When it was made, in seconds since 1970.
    pub at: u64,
    /// The signature.
    pub signature: [u8; 64],
}

/// What a server says in the header to whoever proved the key: the highest voucher that it has.
#[derive(Clone, PartialEq, Eq)]
pub struct ChannelStanding {
    /// The channel's contract, `C…`.
    pub channel: String,
    /// How much it is for in all, in base units.
    pub cumulative: BaseUnits,
    /// The commitment key's signature.
    pub signature: [u8; 64],
}

impl FromStr for NamedChannel {
    type Err = PaymentChannelError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut parts = text.split("; ");
        let channel = channel(&mut parts)?;
        let proof = match parts.next() {
            None => None,
            Some(at) => Some(KeyProof {
                at: at
                    .strip_prefix("at=")
                    .filter(|digits| is_plain_number(digits))
                    .and_then(|digits| digits.parse().ok())
                    .ok_or(PaymentChannelError("`at` is no number of seconds"))?,
                signature: signature(&mut parts, "proof=")?,
            }),
        };
        end(&mut parts)?;
        Ok(Self { channel, proof })
    }
}

impl FromStr for ChannelStanding {
    type Err = PaymentChannelError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut parts = text.split("; ");
        let channel = channel(&mut parts)?;
        let cumulative = parts
            .next()
            .and_then(|part| part.strip_prefix("cumulative="))
            .and_then(|digits| digits.parse().ok())
            .ok_or(PaymentChannelError("`cumulative` is no amount"))?;
        let signature = signature(&mut parts, "signature=")?;
        end(&mut parts)?;
        Ok(Self {
            channel,
            cumulative,
            signature,
        })
    }
}

impl fmt::Display for NamedChannel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.channel)?;
        match &self.proof {
            Some(KeyProof { at, signature }) => {
                write!(f, "; at={at}; proof={}", hex_bytes::to_text(signature))
            }
            None => Ok(()),
        }
    }
}

impl fmt::Display for ChannelStanding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (channel, signature) = (&self.channel, hex_bytes::to_text(&self.signature));
        write!(
            f,
            "{channel}; cumulative={}; signature={signature}",
            self.cumulative
        )
    }
}

impl fmt::Debug for NamedChannel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NamedChannel")
            .field("channel", &self.channel)
            .field("proof", &self.proof)
            .finish()
    }
}

impl fmt::Debug for KeyProof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeyProof")
            .field("at", &self.at)
            .field("signature", &format_args!("[redacted]"))
            .finish()
    }
}

impl fmt::Debug for ChannelStanding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ChannelStanding")
            .field("channel", &self.channel)
            .field("cumulative", &self.cumulative)
            .field("signature", &format_args!("[redacted]"))
            .finish()
    }
}

/// Why a text is not the value of a `Payment-Channel` header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PaymentChannelError(&'static str);

impl fmt::Display for PaymentChannelError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl core::error::Error for PaymentChannelError {}

fn channel<'t>(parts: &mut impl Iterator<Item = &'t str>) -> Result<String, PaymentChannelError> {
    let looks_so = |text: &&str| {
        text.len() == CHANNEL_LENGTH
            && text.starts_with('C')
            && text
                .bytes()
                .all(|byte| matches!(byte, b'A'..=b'Z' | b'2'..=b'7'))
    };
    parts
        .next()
        .filter(looks_so)
        .map(String::from)
        .ok_or(PaymentChannelError(
            "it does not begin with the address of a contract, C…",
        ))
}

fn signature<'t>(
    parts: &mut impl Iterator<Item = &'t str>,
    name: &str,
) -> Result<[u8; 64], PaymentChannelError> {
    parts
        .next()
        .and_then(|part| part.strip_prefix(name))
        .filter(|digits| !digits.bytes().any(|byte| byte.is_ascii_uppercase()))
        .and_then(hex_bytes::from_text)
        .ok_or(PaymentChannelError(
            "the signature is not 128 hexadecimal digits in lower case",
        ))
}

fn end<'t>(parts: &mut impl Iterator<Item = &'t str>) -> Result<(), PaymentChannelError> {
    match parts.next() {
        None => Ok(()),
        Some(_) => Err(PaymentChannelError("there is more than belongs there")),
    }
}

/// Digits without a zero before them.
fn is_plain_number(digits: &str) -> bool {
    digits.bytes().all(|byte| byte.is_ascii_digit()) && (digits == "0" || !digits.starts_with('0'))
}

const CHANNEL_LENGTH: usize = 56;

#[cfg(test)]
mod tests {
    use alloc::string::ToString;

    use super::*;

    const CHANNEL: &str = "CA3D5KRYM6CB7OWQ6TWYRR3Z4T7GNZLKERYNZGGA5SOAOPIFY6YQGAXE";

    #[test]
    fn what_is_written_is_read_again() {
        let proof = KeyProof {
            at: 1_767_700_800,
            signature: [0xab; 64],
        };
        for proof in [None, Some(proof)] {
            let named = NamedChannel {
                channel: CHANNEL.into(),
                proof,
            };
            assert_eq!(named.to_string().parse(), Ok(named));
        }
        let standing = ChannelStanding {
            channel: CHANNEL.into(),
            cumulative: BaseUnits::from_u64(7),
            signature: [1; 64],
        };
        assert_eq!(standing.to_string().parse(), Ok(standing));
    }

    #[test]
    fn nothing_else_is_read() {
        let hex = "ab".repeat(64);
        for text in [
            "".to_string(),
            "GA".to_string(),
            alloc::format!(" {CHANNEL}"),
            alloc::format!("{CHANNEL};at=1; proof={hex}"),
            alloc::format!("{CHANNEL}; at=01; proof={hex}"),
            alloc::format!("{CHANNEL}; at=+1; proof={hex}"),
            alloc::format!("{CHANNEL}; at=1"),
            alloc::format!("{CHANNEL}; at=1; proof={}", hex.to_uppercase()),
            alloc::format!("{CHANNEL}; at=1; proof={hex}; more"),
            alloc::format!("{CHANNEL}; at=1; proof={}", &hex[1..]),
        ] {
            assert!(text.parse::<NamedChannel>().is_err(), "{text}");
        }
        for text in [
            CHANNEL.to_string(),
            alloc::format!("{CHANNEL}; cumulative=01; signature={hex}"),
            alloc::format!("{CHANNEL}; cumulative=1"),
        ] {
            assert!(text.parse::<ChannelStanding>().is_err(), "{text}");
        }
    }

    #[test]
    fn no_signature_is_printed() {
        let named: NamedChannel = alloc::format!("{CHANNEL}; at=1; proof={}", "ab".repeat(64))
            .parse()
            .unwrap();
        assert!(!alloc::format!("{named:?}").contains("abab"));
    }
}
