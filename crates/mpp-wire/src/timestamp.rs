//! Points in time: date and time with their offset (RFC 3339 §5.6), kept as received.
//!
//! ```text
//! date-time = 4DIGIT "-" 2DIGIT "-" 2DIGIT "T" 2DIGIT ":" 2DIGIT ":" 2DIGIT [ "." 1*DIGIT ] ( "Z" / ( "+" / "-" ) 2DIGIT ":" 2DIGIT )
//! ```
//!
//! Example: `2026-01-06T12:00:00.123Z`. The text is part of what a challenge's id binds, so it stays as it came.
//!
//! # Errors
//!
//! Days that a month does not have, hours from 24, minutes from 60 and seconds from 61 are refused, as are lower-case `t` and `z`, which
//! the RFC allows and no program of this protocol writes.

use alloc::format;
use alloc::string::String;
use core::fmt;
use core::str::FromStr;

use crate::serde_text::text_form;

/// A point in time, with the text that names it.
///
/// ```
/// use coinslot_mpp_wire::Timestamp;
/// let expires: Timestamp = "2026-01-06T14:05:00.123+02:00".parse()?;
/// assert_eq!(expires.as_str(), "2026-01-06T14:05:00.123+02:00");
/// assert_eq!(expires.unix_seconds(), Timestamp::from_unix_seconds(1_767_701_100)?.unix_seconds());
/// assert!(!expires.has_passed(1_767_701_099) && expires.has_passed(1_767_701_100));
/// # Ok::<(), coinslot_mpp_wire::TimestampError>(())
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Timestamp {
    text: String,
    unix_seconds: i64,
}

/// Text that is no date and time, or seconds that are beyond the year 9999.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TimestampError;

impl Timestamp {
    /// The point this many seconds after 1970-01-01T00:00:00Z, leap seconds not counted.
    ///
    /// # Errors
    ///
    /// [`TimestampError`] from the year 10000 on.
    pub fn from_unix_seconds(seconds: u64) -> Result<Self, TimestampError> {
        let unix_seconds = i64::try_from(seconds).map_err(|_| TimestampError)?;
        let (days, second) = (
            unix_seconds.div_euclid(SECONDS_OF_DAY),
            unix_seconds.rem_euclid(SECONDS_OF_DAY),
        );
        let (year, month, day) = date_of(days).ok_or(TimestampError)?;
        let (hour, minute) = (
            second.div_euclid(3_600),
            second.div_euclid(60).rem_euclid(60),
        );
        let second = second.rem_euclid(60);
        Ok(Self {
            text: format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z"),
            unix_seconds,
        })
    }

    pub(crate) fn from_text(text: String) -> Result<Self, TimestampError> {
        let unix_seconds = read(text.as_bytes()).ok_or(TimestampError)?;
        Ok(Self { text, unix_seconds })
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Seconds after 1970-01-01T00:00:00Z, without the fraction.
    #[must_use]
    pub const fn unix_seconds(&self) -> i64 {
        self.unix_seconds
    }

    /// Whether this point is no longer ahead at `now`, in seconds after 1970-01-01T00:00:00Z.
    #[must_use]
    pub fn has_passed(&self, now: u64) -> bool {
        i128::from(self.unix_seconds) <= i128::from(now)
    }
}

impl FromStr for Timestamp {
    type Err = TimestampError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::from_text(text.into())
    }
}

text_form!(Timestamp, "a date and time such as 2026-01-06T12:00:00Z");

impl fmt::Display for TimestampError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a point in time is written as 2026-01-06T12:00:00Z (RFC 3339)")
    }
}

impl core::error::Error for TimestampError {}

/// The seconds that a text names.
fn read(text: &[u8]) -> Option<i64> {
    let (date_time, rest) = text.split_at_checked("2026-01-06T12:00:00".len())?;
    let [
        y0,
        y1,
        y2,
        y3,
        b'-',
        mo0,
        mo1,
        b'-',
        d0,
        d1,
        b'T',
        h0,
        h1,
        b':',
        mi0,
        mi1,
        b':',
        s0,
        s1,
    ] = date_time
    else {
        return None;
    };
    let year = number(&[*y0, *y1, *y2, *y3])?;
    let (month, day) = (number(&[*mo0, *mo1])?, number(&[*d0, *d1])?);
    let (hour, minute, second) = (
        number(&[*h0, *h1])?,
        number(&[*mi0, *mi1])?,
        number(&[*s0, *s1])?,
    );
    if hour > 23 || minute > 59 || second > 60 {
        return None;
    }
    let days = days_before(year, month, day)?;
    days.checked_mul(SECONDS_OF_DAY)?
        .checked_add(hour.checked_mul(3_600)?)?
        .checked_add(minute.checked_mul(60)?)?
        .checked_add(second)?
        .checked_sub(offset(fraction(rest)?)?)
}

/// What follows the fraction, which may be missing.
fn fraction(rest: &[u8]) -> Option<&[u8]> {
    let Some(digits) = rest.strip_prefix(b".") else {
        return Some(rest);
    };
    let length = digits
        .iter()
        .take_while(|byte| byte.is_ascii_digit())
        .count();
    (length > 0).then(|| digits.get(length..))?
}

/// The seconds by which local time is ahead of UTC.
fn offset(text: &[u8]) -> Option<i64> {
    let [sign @ (b'+' | b'-'), h0, h1, b':', m0, m1] = text else {
        return (text == b"Z").then_some(0);
    };
    let (hours, minutes) = (number(&[*h0, *h1])?, number(&[*m0, *m1])?);
    if hours > 23 || minutes > 59 {
        return None;
    }
    let seconds = hours
        .checked_mul(3_600)?
        .checked_add(minutes.checked_mul(60)?)?;
    if *sign == b'-' {
        seconds.checked_neg()
    } else {
        Some(seconds)
    }
}

fn number(digits: &[u8]) -> Option<i64> {
    digits.iter().try_fold(0_i64, |number, digit| {
        let digit = digit.checked_sub(b'0').filter(|digit| *digit <= 9)?;
        number.checked_mul(10)?.checked_add(i64::from(digit))
    })
}

/// Days between 1970-01-01 and a date, which may be before it. Years count from March, so that the leap day is a year's last.
fn days_before(year: i64, month: i64, day: i64) -> Option<i64> {
    let leap = year.rem_euclid(4) == 0 && (year.rem_euclid(100) != 0 || year.rem_euclid(400) == 0);
    let last = match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if leap => 29,
        2 => 28,
        _ => return None,
    };
    if !(1..=last).contains(&day) {
        return None;
    }
    let year = if month > 2 {
        year
    } else {
        year.checked_sub(1)?
    };
    let months = month.checked_add(9)?.rem_euclid(12);
    let day_of_year = months
        .checked_mul(153)?
        .checked_add(2)?
        .div_euclid(5)
        .checked_add(day)?
        .checked_sub(1)?;
    year.checked_mul(365)?
        .checked_add(year.div_euclid(4))?
        .checked_sub(year.div_euclid(100))?
        .checked_add(year.div_euclid(400))?
        .checked_add(day_of_year)?
        .checked_sub(DAYS_BEFORE_1970)
}

/// The date this many days after 1970-01-01, up to the year 9999.
fn date_of(days: i64) -> Option<(i64, i64, i64)> {
    let days = days.checked_add(DAYS_BEFORE_1970)?;
    let (era, day_of_era) = (days.div_euclid(DAYS_OF_ERA), days.rem_euclid(DAYS_OF_ERA));
    let year_of_era = day_of_era
        .checked_sub(day_of_era.div_euclid(1_460))?
        .checked_add(day_of_era.div_euclid(36_524))?
        .checked_sub(day_of_era.div_euclid(146_096))?
        .div_euclid(365);
    let day_of_year = day_of_era.checked_sub(
        year_of_era
            .checked_mul(365)?
            .checked_add(year_of_era.div_euclid(4))?
            .checked_sub(year_of_era.div_euclid(100))?,
    )?;
    let months = day_of_year.checked_mul(5)?.checked_add(2)?.div_euclid(153);
    let day = day_of_year
        .checked_sub(months.checked_mul(153)?.checked_add(2)?.div_euclid(5))?
        .checked_add(1)?;
    let month = months.checked_add(2)?.rem_euclid(12).checked_add(1)?;
    let year = era
        .checked_mul(400)?
        .checked_add(year_of_era)?
        .checked_add(i64::from(month <= 2))?;
    (year <= 9_999).then_some((year, month, day))
}

const SECONDS_OF_DAY: i64 = 86_400;
/// Days from 0000-03-01 to 1970-01-01.
const DAYS_BEFORE_1970: i64 = 719_468;
/// Days of 400 years.
const DAYS_OF_ERA: i64 = 146_097;
