//! Moments of the wall clock as the API writes them, tied to the benchmark's own clock.

use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::Context;

use crate::clock::Clock;

const DAY_MS: u64 = 86_400_000;

/// What the wall clock showed when the benchmark's clock showed a known moment.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Wall {
    epoch_us: u64,
    clock_us: u64,
}

impl Wall {
    /// Looks at both clocks.
    #[expect(clippy::disallowed_methods, reason = "a benchmark of expiry names moments of the wall clock")]
    pub(crate) fn read(clock: Clock) -> anyhow::Result<Self> {
        let clock_us = clock.now_us();
        let epoch = SystemTime::now().duration_since(UNIX_EPOCH).context("the wall clock stands before 1970")?;
        Ok(Self { epoch_us: u64::try_from(epoch.as_micros())?, clock_us })
    }

    /// A moment of the benchmark's clock, cut to the millisecond, as the API takes it.
    pub(crate) fn iso(self, moment_us: u64) -> String {
        iso(self.epoch_ms(moment_us))
    }

    /// The moment of the benchmark's clock that the API is told when it is told `moment_us`.
    pub(crate) fn told_us(self, moment_us: u64) -> u64 {
        (self.epoch_ms(moment_us) * 1_000 + self.clock_us).saturating_sub(self.epoch_us)
    }

    fn epoch_ms(self, moment_us: u64) -> u64 {
        (self.epoch_us + moment_us).saturating_sub(self.clock_us) / 1_000
    }
}

/// Milliseconds since 1970 in the proleptic Gregorian calendar.
fn iso(epoch_ms: u64) -> String {
    let (days, within) = (epoch_ms / DAY_MS, epoch_ms % DAY_MS);
    // Counted in years that begin in March, so that the leap day is the last of its year.
    let shifted = days + 719_468;
    let (era, of_era) = (shifted / 146_097, shifted % 146_097);
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    let year = era * 400 + year_of_era + u64::from(month <= 2);
    let (hour, minute) = (within / 3_600_000, within / 60_000 % 60);
    let (second, milli) = (within / 1_000 % 60, within % 1_000);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{milli:03}+00:00")
}

#[cfg(test)]
mod tests {
    use super::{Wall, iso};

    #[test]
    fn days_are_told_as_the_calendar_has_them() {
        assert_eq!(iso(0), "1970-01-01T00:00:00.000+00:00");
        assert_eq!(iso(951_782_400_000), "2000-02-29T00:00:00.000+00:00");
        assert_eq!(iso(1_785_578_405_678), "2026-08-01T10:00:05.678+00:00");
    }

    #[test]
    fn a_moment_is_told_cut_to_the_millisecond() {
        let wall = Wall { epoch_us: 1_000_000_500, clock_us: 700 };
        assert_eq!(wall.iso(1_700), "1970-01-01T00:16:40.001+00:00");
        assert_eq!(wall.told_us(1_700), 1_200);
    }
}
