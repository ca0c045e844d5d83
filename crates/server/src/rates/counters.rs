//! Counters of fixed windows, which begin at multiples of their length since 1970. Bounded, and holding no text of a
//! client.

use std::{collections::HashMap, time::Duration};

use herenow_core::Timestamp;
use parking_lot::Mutex;
use sha2::{Digest, Sha256};

use super::Rate;

/// At most so many buckets are counted.
pub const MAX_BUCKETS: usize = 65_536;

/// Whose calls are counted together: a digest of the rate and of what its calls have in common.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Bucket([u8; 16]);

impl Bucket {
    /// The bucket of the calls that have `parts` in common.
    #[must_use]
    pub fn of(rate: Rate, parts: &[&str]) -> Self {
        let mut digest = Sha256::new();
        digest.update([rate as u8]);
        for part in parts {
            digest.update((part.len() as u64).to_be_bytes());
            digest.update(part);
        }
        let digest: [u8; 32] = digest.finalize().into();
        let mut bucket = [0; 16];
        bucket.copy_from_slice(&digest[..16]);
        Self(bucket)
    }
}

/// Whether a call is within the limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It is.
    Within,
    /// It is one too many.
    Over,
}

/// How a bucket stands as a call comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// How many calls a window takes.
    pub limit: u32,
    /// How many more it takes after this one.
    pub remaining: u32,
    /// When the next window begins, in seconds since 1970.
    pub reset_at: i64,
    /// Whether this call is within the limit.
    pub verdict: Verdict,
}

#[derive(Debug, Clone, Copy)]
struct Window {
    ends: i64,
    used: u32,
}

/// The counters of all rates.
#[derive(Debug, Default)]
pub struct Counters(Mutex<HashMap<Bucket, Window>>);

impl Counters {
    /// Counts a call; what is over the limit is not counted.
    pub fn count(&self, bucket: Bucket, limit: u32, window: Duration, now: Timestamp) -> Standing {
        let mut windows = self.0.lock();
        let standing = standing(windows.get(&bucket), limit, window, now);
        if standing.verdict == Verdict::Within {
            if windows.len() >= MAX_BUCKETS && !windows.contains_key(&bucket) {
                make_room(&mut windows, seconds(now));
            }
            let counted = windows.entry(bucket).or_insert(Window { ends: standing.reset_at, used: 0 });
            if counted.ends != standing.reset_at {
                *counted = Window { ends: standing.reset_at, used: 0 };
            }
            counted.used += 1;
        }
        standing
    }

    /// How a bucket stands for a call that is not counted.
    #[must_use]
    pub fn look(&self, bucket: Bucket, limit: u32, window: Duration, now: Timestamp) -> Standing {
        standing(self.0.lock().get(&bucket), limit, window, now)
    }

    /// Begins a bucket anew.
    pub fn empty(&self, bucket: Bucket) {
        self.0.lock().remove(&bucket);
    }

    /// How many buckets are counted.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.lock().len()
    }

    /// Whether none is.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

fn seconds(now: Timestamp) -> i64 {
    now.millis().div_euclid(1000)
}

fn standing(counted: Option<&Window>, limit: u32, window: Duration, now: Timestamp) -> Standing {
    let (now, length) = (seconds(now), i64::try_from(window.as_secs()).unwrap_or(i64::MAX).max(1));
    let reset_at = now - now.rem_euclid(length) + length;
    let used = counted.filter(|counted| counted.ends == reset_at).map_or(0, |counted| counted.used);
    let verdict = if used < limit { Verdict::Within } else { Verdict::Over };
    Standing { limit, remaining: limit.saturating_sub(used).saturating_sub(1), reset_at, verdict }
}

/// Forgets what has ended; where that is not enough, what was counted least: who floods the table with new buckets
/// loses those, and not the ones that are nearly full.
fn make_room(windows: &mut HashMap<Bucket, Window>, now: i64) {
    windows.retain(|_, window| window.ends > now);
    let mut least = 1;
    while windows.len() > MAX_BUCKETS / 4 * 3 {
        windows.retain(|_, window| window.used > least);
        least = least.saturating_mul(2);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: Duration = Duration::from_secs(3600);

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_millis(seconds * 1000)
    }

    fn bucket(name: &str) -> Bucket {
        Bucket::of(Rate::SignUp, &[name])
    }

    #[test]
    fn a_window_takes_so_many_calls_and_the_next_begins_at_a_multiple_of_its_length() {
        let counters = Counters::default();
        let count = |now| counters.count(bucket("a"), 2, HOUR, at(now));
        let within = |remaining, reset_at| Standing { limit: 2, remaining, reset_at, verdict: Verdict::Within };
        assert_eq!(count(3599), within(1, 3600));
        assert_eq!(count(3600), within(1, 7200), "a new window");
        assert_eq!(count(7199), within(0, 7200));
        assert_eq!(count(7199), Standing { verdict: Verdict::Over, ..within(0, 7200) });
        assert_eq!(count(7200), within(1, 10_800));
    }

    #[test]
    fn buckets_are_apart_and_who_only_looks_is_not_counted() {
        let counters = Counters::default();
        let remaining = |standing: Standing| standing.remaining;
        assert_eq!(remaining(counters.count(bucket("a"), 5, HOUR, at(0))), 4);
        assert_eq!(remaining(counters.count(bucket("b"), 5, HOUR, at(0))), 4);
        for _ in 0..9 {
            assert_eq!(remaining(counters.look(bucket("a"), 5, HOUR, at(0))), 3);
        }
        assert_ne!(Bucket::of(Rate::SignUp, &["ab", "c"]), Bucket::of(Rate::SignUp, &["a", "bc"]));
        assert_ne!(Bucket::of(Rate::SignUp, &["a"]), Bucket::of(Rate::Jwt, &["a"]));
    }

    #[test]
    fn an_emptied_bucket_begins_anew() {
        let counters = Counters::default();
        let count = || counters.count(bucket("a"), 1, HOUR, at(0)).verdict;
        assert_eq!((count(), count()), (Verdict::Within, Verdict::Over));
        counters.empty(bucket("a"));
        assert_eq!(count(), Verdict::Within);
    }

    #[test]
    fn a_flood_of_new_buckets_stays_within_the_bound_and_does_not_wash_away_a_full_one() {
        let counters = Counters::default();
        for _ in 0..10 {
            counters.count(bucket("guessed at"), 10, HOUR, at(0));
        }
        for number in 0..MAX_BUCKETS + 1000 {
            counters.count(bucket(&number.to_string()), 10, HOUR, at(0));
            assert!(counters.len() <= MAX_BUCKETS);
        }
        assert_eq!(counters.look(bucket("guessed at"), 10, HOUR, at(0)).verdict, Verdict::Over);
    }

    #[test]
    fn at_the_bound_what_has_ended_goes_first() {
        let counters = Counters::default();
        for number in 0..MAX_BUCKETS {
            counters.count(bucket(&number.to_string()), 10, HOUR, at(0));
        }
        counters.count(bucket("late"), 10, HOUR, at(3600));
        assert_eq!(counters.len(), 1);
    }
}
