//! The machine's clocks, for tests that measure or that name a point in time. The server's own clock lies in
//! another process and cannot be moved from here.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// The monotonic clock, to measure how long something took.
#[must_use]
#[expect(clippy::disallowed_methods, reason = "a test outside the server has no other clock; this is the one place")]
pub fn now() -> Instant {
    Instant::now()
}

/// The wall clock in milliseconds since 1970, UTC.
#[must_use]
#[expect(clippy::disallowed_methods, reason = "a test outside the server has no other clock; this is the one place")]
pub fn unix_millis() -> i64 {
    let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since_epoch.as_millis()).unwrap_or(i64::MAX)
}

/// The point in time `after` from now, as `expiresAt` takes it: `2026-08-01T10:00:00.000Z`.
#[must_use]
pub fn timestamp_after(after: Duration) -> String {
    let millis = unix_millis().saturating_add(i64::try_from(after.as_millis()).unwrap_or(i64::MAX));
    let timestamp = jiff::Timestamp::from_millisecond(millis).unwrap_or(jiff::Timestamp::MAX);
    format!("{timestamp:.3}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_timestamp_has_milliseconds_and_lies_ahead() {
        let text = timestamp_after(Duration::from_secs(60));
        let parsed: jiff::Timestamp = text.parse().expect("an ISO date");
        assert!(text.ends_with('Z') && text.len() == "2026-08-01T10:00:00.000Z".len(), "{text}");
        assert!((59_000..=60_000).contains(&(parsed.as_millisecond() - unix_millis())), "{text}");
    }
}
