//! Points in time: milliseconds since 1970 in UTC, as text `2026-08-01T10:00:00.000+00:00`.
//!
//! Source: auth-and-permissions, section 8 ("Datetimes").

use std::{fmt, time::Duration};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A point in time in milliseconds since 1970, UTC.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Timestamp(i64);

/// Why a text is no point in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("Value must be a valid date, such as 2026-08-01T10:00:00.000+00:00")]
pub struct InvalidTimestamp;

impl Timestamp {
    /// Later than every deadline.
    pub const MAX: Self = Self(i64::MAX);

    /// From milliseconds since 1970.
    #[must_use]
    pub const fn from_millis(millis: i64) -> Self {
        Self(millis)
    }

    /// Milliseconds since 1970.
    #[must_use]
    pub const fn millis(self) -> i64 {
        self.0
    }

    /// This point and `duration` more.
    #[must_use]
    pub fn plus(self, duration: Duration) -> Self {
        Self(self.0.saturating_add(i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)))
    }

    /// How long until `later`; zero where that has passed.
    #[must_use]
    pub fn until(self, later: Self) -> Duration {
        Duration::from_millis(later.0.saturating_sub(self.0).max(0).unsigned_abs())
    }

    /// Parses RFC 3339, the same with a space, without a zone (UTC), and a bare date (midnight).
    ///
    /// Fractions finer than a millisecond are cut off. A day up to 31 that its month does not have counts on
    /// into the next one: 30 February is 2 March, or 1 March in a leap year.
    ///
    /// # Errors
    /// [`InvalidTimestamp`] for anything else, among it relative dates and numbers.
    pub fn parse(text: &str) -> Result<Self, InvalidTimestamp> {
        let bytes = text.as_bytes();
        let dated = bytes.len() >= 10 && bytes[..4].iter().all(u8::is_ascii_digit) && bytes[4] == b'-';
        if !dated {
            return Err(InvalidTimestamp);
        }
        if let Some((text, days)) = within_month(text) {
            return Self::parse(&text).map(|time| time.plus(Duration::from_hours(24) * days));
        }
        if let Ok(instant) = text.parse::<jiff::Timestamp>() {
            return Ok(Self(instant.as_nanosecond().div_euclid(1_000_000) as i64));
        }
        let civil: jiff::civil::DateTime = text.parse().map_err(|_| InvalidTimestamp)?;
        let instant = jiff::tz::TimeZone::UTC.to_timestamp(civil).map_err(|_| InvalidTimestamp)?;
        Ok(Self(instant.as_nanosecond().div_euclid(1_000_000) as i64))
    }
}

/// The date with the last day that its month has, and how many days are left over; none where none are.
fn within_month(text: &str) -> Option<(String, u32)> {
    let day = text.get(8..10)?.parse::<u32>().ok().filter(|day| *day <= 31)?;
    let (year, month) = (text.get(..4)?.parse().ok()?, text.get(5..7)?.parse().ok()?);
    let last = u32::from(jiff::civil::Date::new(year, month, 1).ok()?.days_in_month().unsigned_abs());
    let over = day.checked_sub(last).filter(|over| *over > 0)?;
    Some((format!("{}{last:02}{}", &text[..8], &text[10..]), over))
}

/// Where the time comes from: the monotonic clock of the server, or a test's hand.
///
/// It never goes back and never jumps, whatever the wall clock does.
pub trait Clock: Send + Sync + 'static {
    /// The time.
    fn now(&self) -> Timestamp;
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.write(f)
    }
}

impl Timestamp {
    /// Writes the text, as `Display` does, without the cost of formatting.
    ///
    /// # Errors
    /// Those of `out`.
    pub fn write(self, out: &mut impl fmt::Write) -> fmt::Result {
        let (days, ms) = (self.0.div_euclid(86_400_000), self.0.rem_euclid(86_400_000));
        let (year, month, day) = civil_from_days(days);
        let (hour, minute, second, milli) = (ms / 3_600_000, ms / 60_000 % 60, ms / 1000 % 60, ms % 1000);
        if !(0..10_000).contains(&year) {
            return write!(out, "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{milli:03}+00:00");
        }
        // Every event prints four of these: the general formatter took more than half of its encoding.
        let mut text = *b"0000-00-00T00:00:00.000+00:00";
        for (range, number) in [
            (0..4, year),
            (5..7, month),
            (8..10, day),
            (11..13, hour),
            (14..16, minute),
            (17..19, second),
            (20..23, milli),
        ] {
            let mut rest = number;
            for digit in text[range].iter_mut().rev() {
                *digit = b'0' + (rest % 10) as u8;
                rest /= 10;
            }
        }
        out.write_str(std::str::from_utf8(&text).map_err(|_| fmt::Error)?)
    }
}

impl fmt::Debug for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}ms", self.0)
    }
}

/// As text for people, as a number for machines.
impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, output: S) -> Result<S::Ok, S::Error> {
        if output.is_human_readable() { output.collect_str(self) } else { output.serialize_i64(self.millis()) }
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        if !input.is_human_readable() {
            return i64::deserialize(input).map(Self::from_millis);
        }
        Self::parse(&String::deserialize(input)?).map_err(serde::de::Error::custom)
    }
}

/// The proleptic Gregorian date of a day counted from 1970-01-01: every event prints several, so this
/// is arithmetic on 400-year eras counted from 1 March instead of a general formatter.
fn civil_from_days(days: i64) -> (i64, i64, i64) {
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    (year_of_era + era * 400 + i64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn text_and_number_are_two_forms_of_one_time(millis in 0_i64..253_402_300_799_999) {
            let time = Timestamp::from_millis(millis);
            prop_assert_eq!(Timestamp::parse(&time.to_string()), Ok(time));
        }
    }

    #[test]
    fn years_of_more_than_four_digits_are_written_whole() {
        let time = Timestamp::from_millis(253_402_300_799_999);
        assert_eq!(time.to_string(), "9999-12-31T23:59:59.999+00:00");
        assert_eq!(time.plus(Duration::from_millis(1)).to_string(), "10000-01-01T00:00:00.000+00:00");
    }

    #[test]
    fn a_day_that_its_month_does_not_have_counts_on() {
        for (text, expected) in [
            ("2026-02-30T00:00:00Z", "2026-03-02T00:00:00.000+00:00"),
            ("2028-02-30 01:02:03", "2028-03-01T01:02:03.000+00:00"),
            ("2026-04-31", "2026-05-01T00:00:00.000+00:00"),
        ] {
            assert_eq!(Timestamp::parse(text).map(|time| time.to_string()), Ok(expected.to_owned()), "{text}");
        }
    }

    #[test]
    fn what_no_clock_shows_is_refused() {
        for text in ["", "tomorrow", "+1 hour", "@1785578400", "2026-08-32", "2026-13-01", "1785578400", "10:15"] {
            assert_eq!(Timestamp::parse(text), Err(InvalidTimestamp), "{text}");
        }
    }
}
