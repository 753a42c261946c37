//! Until when a payment that was signed can be taken.

use core::fmt;

use coinslot_mpp_wire::Timestamp;

/// The last moment at which a signed payment can be taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deadline {
    /// The last ledger in which its authorization is valid.
    Ledger(u32),
    /// The time bound of its transaction, in seconds since 1970.
    Time(u64),
    /// The close of its channel.
    ChannelClose,
}

impl fmt::Display for Deadline {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ledger(sequence) => write!(f, "ledger {sequence}"),
            Self::ChannelClose => f.write_str("the channel is closed"),
            Self::Time(seconds) => match Timestamp::from_unix_seconds(*seconds) {
                Ok(time) => f.write_str(time.as_str()),
                Err(_) => write!(f, "{seconds} seconds after 1970"),
            },
        }
    }
}
