//! Spans of time, and numbers of ledgers.

use std::str::FromStr;
use std::time::Duration;

/// A span of time: a number with `s`, `m`, `h` or `d` behind it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Span(Duration);

/// A number of ledgers, given as such or as the [`Span`] in which so many close.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Ledgers(u32);

impl Span {
    pub(crate) const fn as_duration(self) -> Duration {
        self.0
    }
}

impl Ledgers {
    pub(crate) const fn count(self) -> u32 {
        self.0
    }
}

impl FromStr for Span {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let units = [("s", 1), ("m", 60), ("h", 3_600), ("d", 86_400)];
        let (digits, seconds) = units
            .into_iter()
            .find_map(|(unit, seconds)| Some((text.strip_suffix(unit)?, seconds)))
            .ok_or(NO_SPAN)?;
        let count: u64 = whole_number(digits).ok_or(NO_SPAN)?;
        let seconds = count.checked_mul(seconds).filter(|seconds| *seconds > 0);
        seconds.map(Duration::from_secs).map(Self).ok_or(NO_SPAN)
    }
}

impl FromStr for Ledgers {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let count = match whole_number(text) {
            Some(count) => count,
            None => {
                let span: Span = text.parse().map_err(|_| NO_LEDGERS)?;
                span.0.as_secs().div_ceil(LEDGER_SECONDS)
            }
        };
        match u32::try_from(count) {
            Ok(count @ 1..=LEDGERS_OF_A_YEAR) => Ok(Self(count)),
            _ => Err(NO_LEDGERS),
        }
    }
}

fn whole_number(text: &str) -> Option<u64> {
    text.bytes()
        .all(|byte| byte.is_ascii_digit())
        .then(|| text.parse().ok())
        .flatten()
}

/// How long a ledger takes on the public networks.
const LEDGER_SECONDS: u64 = 5;
const LEDGERS_OF_A_YEAR: u32 = 6_307_200;
const NO_SPAN: &str = "give a number with s, m, h or d behind it, such as 30s, 90m, 12h or 2d";
const NO_LEDGERS: &str =
    "give a number of ledgers such as 17280, or a time such as 90m, 12h or 2d, at most a year";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_have_a_unit_and_ledgers_need_none() {
        for (text, seconds) in [
            ("30s", 30),
            ("90m", 5_400),
            ("12h", 43_200),
            ("2d", 172_800),
        ] {
            let span: Span = text.parse().unwrap();
            assert_eq!(span.as_duration().as_secs(), seconds, "{text}");
        }
        for (text, count) in [
            ("1", 1),
            ("17280", 17_280),
            ("1d", 17_280),
            ("1s", 1),
            ("6s", 2),
            ("365d", 6_307_200),
        ] {
            let ledgers: Ledgers = text.parse().unwrap();
            assert_eq!(ledgers.count(), count, "{text}");
        }
        for text in [
            "",
            "d",
            "1",
            "1w",
            "-1d",
            "+1d",
            "1.5d",
            "0d",
            " 1d",
            "99999999999999999999d",
            "300000000000000d",
        ] {
            assert!(text.parse::<Span>().is_err(), "{text}");
        }
        for text in ["", "0", "0d", "+1", "6307201", "366d", "1,000", "1e3"] {
            assert!(text.parse::<Ledgers>().is_err(), "{text}");
        }
    }
}
