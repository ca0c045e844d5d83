//! Lists that have to look at all records of a project: on threads of their own, a few at a time, and not for ever.
//!
//! Source: queries, section 5 ("storage timeout").

use std::{sync::Arc, time::Duration};

use herenow_core::{
    time::Clock,
    tracker::{ListError, Page, Scan},
};
use herenow_wire::ErrorType;
use tokio::sync::{Semaphore, oneshot};

use crate::failure::Failure;

/// How long a list may wait and look.
const LIMIT: Duration = Duration::from_secs(15);

/// How many scans may run at once: half of the processors, so that the rest goes on.
pub struct Scans(Arc<Semaphore>);

impl Default for Scans {
    fn default() -> Self {
        let processors = std::thread::available_parallelism().map_or(1, usize::from);
        Self(Arc::new(Semaphore::new((processors / 2).max(1))))
    }
}

impl Scans {
    /// Makes the page of a scan. Where nobody waits for it any more, the look ends soon.
    ///
    /// # Errors
    /// 408 `database_timeout` where it takes longer than [`LIMIT`]; the order's own.
    pub async fn run(&self, clock: &Arc<dyn Clock>, scan: Scan) -> Result<Page, Failure> {
        let end = clock.now().plus(LIMIT);
        let place = tokio::time::timeout(LIMIT, self.0.clone().acquire_owned()).await;
        let place = place.map_err(|_| ErrorType::DatabaseTimeout)?.map_err(Failure::internal)?;
        let (made, page) = oneshot::channel();
        let clock = clock.clone();
        tokio::task::spawn_blocking(move || {
            let _place = place;
            let page = scan.run(|| clock.now() < end && !made.is_closed());
            // Who no longer waits has gone away.
            drop(made.send(page));
        });
        match page.await.map_err(Failure::internal)? {
            Err(ListError::Abandoned(_)) => Err(ErrorType::DatabaseTimeout.into()),
            page => Ok(page?),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicI64, Ordering};

    use herenow_core::{
        PresenceId, Source, Timestamp, UserId, Viewer,
        query::{ListQuery, Schema},
        tracker::{Command, Count, Decision, HolderKey, ListOptions, Listing, Tracker, Upsert},
    };

    use super::*;

    /// Moves on at every look by so many milliseconds.
    struct Moving(AtomicI64, i64);

    impl Clock for Moving {
        fn now(&self) -> Timestamp {
            Timestamp::from_millis(self.0.fetch_add(self.1, Ordering::Relaxed))
        }
    }

    /// A list in an order that no index has, of more records than are looked at under a lock.
    fn scan() -> Scan {
        let (mut tracker, now) = (Tracker::new(0), Timestamp::from_millis(0));
        for number in 0..5_000 {
            let upsert = Upsert {
                id: PresenceId::parse(&format!("p{number}")).expect("an id"),
                user: UserId::parse(&format!("u{number}")).expect("an id"),
                holder: HolderKey::Rest,
                session: None,
                status: "online".into(),
                metadata: None,
                permissions: None,
                expires_at: None,
                default_expiry: Duration::from_secs(900),
                source: Source::Rest,
            };
            if let Ok(Decision::Change(change)) = tracker.decide(&Command::Upsert(upsert), now) {
                tracker.fold(&change);
            }
        }
        let queries = [r#"{"method":"orderAsc","attribute":"status"}"#.to_owned()];
        let query = ListQuery::parse(&queries, &Schema::PRESENCES).expect("valid");
        let options = ListOptions { count: Count::All, seed: 0 };
        match tracker.begin_list(&query, &Viewer::Privileged, now, options) {
            Ok(Listing::Scan(scan)) => scan,
            other => panic!("{other:?}"),
        }
    }

    #[tokio::test]
    async fn a_scan_gives_its_page_and_frees_its_place() {
        let scans = Scans(Arc::new(Semaphore::new(1)));
        let clock: Arc<dyn Clock> = Arc::new(Moving(AtomicI64::new(0), 0));
        for _ in 0..2 {
            let page = scans.run(&clock, scan()).await.expect("a page");
            assert_eq!((page.total, page.presences.len()), (5_000, 25));
        }
    }

    #[tokio::test]
    async fn a_scan_that_takes_too_long_is_given_up() {
        let clock: Arc<dyn Clock> = Arc::new(Moving(AtomicI64::new(0), 6_000));
        let failure = Scans::default().run(&clock, scan()).await.expect_err("too long");
        assert_eq!(failure.kind, ErrorType::DatabaseTimeout);
    }

    #[tokio::test(start_paused = true)]
    async fn a_scan_that_finds_no_place_in_time_is_given_up() {
        let scans = Scans(Arc::new(Semaphore::new(0)));
        let clock: Arc<dyn Clock> = Arc::new(Moving(AtomicI64::new(0), 0));
        let failure = scans.run(&clock, scan()).await.expect_err("no place");
        assert_eq!(failure.kind, ErrorType::DatabaseTimeout);
    }
}
