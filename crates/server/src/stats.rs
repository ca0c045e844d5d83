//! What each project did in the last hour: events by the minute, with the most presences and connections that were
//! seen in it. In memory, bounded; knows nothing of who asks.

use std::collections::{HashMap, VecDeque};

use herenow_core::{ProjectId, Timestamp};
use parking_lot::Mutex;

/// So many minutes are remembered.
pub const MINUTES: usize = 60;
/// Over so many whole seconds the rate of events is taken.
pub const RATE_SECONDS: i64 = 10;
/// At most so many projects are remembered; those without anything are not.
const MAX_PROJECTS: usize = 4_096;
const MINUTE_MS: i64 = 60_000;

/// One minute of a project.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Minute {
    /// Which, counted from 1970.
    pub number: i64,
    /// The most presences that were seen.
    pub presences: usize,
    /// The most connections that were seen.
    pub connections: usize,
    /// The events.
    pub events: u64,
}

impl Minute {
    /// When it began.
    #[must_use]
    pub fn began(&self) -> Timestamp {
        Timestamp::from_millis(self.number * MINUTE_MS)
    }
}

#[derive(Debug, Default)]
struct Ring {
    minutes: VecDeque<Minute>,
    /// Second and events, of the last few.
    seconds: VecDeque<(i64, u64)>,
}

/// The last hour of all projects.
#[derive(Debug, Default)]
pub struct Stats(Mutex<HashMap<ProjectId, Ring>>);

impl Ring {
    fn minute(&mut self, now: Timestamp) -> &mut Minute {
        let number = now.millis().div_euclid(MINUTE_MS);
        let last = self.minutes.back().map_or(i64::MIN, |minute| minute.number);
        if last < number {
            if self.minutes.len() == MINUTES {
                self.minutes.pop_front();
            }
            self.minutes.push_back(Minute { number, ..Minute::default() });
        }
        self.minutes.back_mut().expect("one was put where there was none")
    }

    fn event(&mut self, now: Timestamp) {
        self.minute(now).events += 1;
        let second = now.millis().div_euclid(1_000);
        match self.seconds.back_mut() {
            Some((last, events)) if *last >= second => *events += 1,
            _ => self.seconds.push_back((second, 1)),
        }
        while self.seconds.front().is_some_and(|(at, _)| *at < second - RATE_SECONDS) {
            self.seconds.pop_front();
        }
    }
}

impl Stats {
    /// Counts an event.
    pub fn event(&self, project: &ProjectId, now: Timestamp) {
        let mut rings = self.0.lock();
        if let Some(ring) = rings.get_mut(project) {
            ring.event(now);
        } else if rings.len() < MAX_PROJECTS {
            rings.entry(project.clone()).or_default().event(now);
        }
    }

    /// Notes how many there are now; a project that had nothing for an hour is forgotten.
    pub fn sample(&self, project: &ProjectId, presences: usize, connections: usize, now: Timestamp) {
        let mut rings = self.0.lock();
        let idle = presences == 0 && connections == 0;
        if !rings.contains_key(project) && (idle || rings.len() >= MAX_PROJECTS) {
            return;
        }
        let ring = rings.entry(project.clone()).or_default();
        let minute = ring.minute(now);
        minute.presences = minute.presences.max(presences);
        minute.connections = minute.connections.max(connections);
        let blank = |minute: &Minute| minute.presences == 0 && minute.connections == 0 && minute.events == 0;
        if ring.minutes.iter().all(blank) {
            rings.remove(project);
        }
    }

    /// Forgets the projects that `keep` does not name.
    pub fn retain(&self, keep: impl Fn(&ProjectId) -> bool) {
        self.0.lock().retain(|project, _| keep(project));
    }

    /// The last hour, the oldest minute first and none left out, and the events per second.
    #[must_use]
    pub fn hour(&self, project: &ProjectId, now: Timestamp) -> (Vec<Minute>, f64) {
        let this = now.millis().div_euclid(MINUTE_MS);
        let minutes = i64::try_from(MINUTES).expect("60 fits");
        let blank = |number| Minute { number, ..Minute::default() };
        let mut hour: Vec<Minute> = (this - minutes + 1..=this).map(blank).collect();
        let rings = self.0.lock();
        let Some(ring) = rings.get(project) else { return (hour, 0.0) };
        for minute in &ring.minutes {
            if let Ok(place) = usize::try_from(minute.number - (this - minutes + 1))
                && let Some(slot) = hour.get_mut(place)
            {
                *slot = *minute;
            }
        }
        let second = now.millis().div_euclid(1_000);
        // The present second is not whole yet.
        let whole = second - RATE_SECONDS..second;
        let events: u64 = ring.seconds.iter().filter(|(at, _)| whole.contains(at)).map(|(_, events)| events).sum();
        (hour, u32::try_from(events).map_or(f64::MAX, f64::from) / 10.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_millis(seconds * 1_000)
    }

    fn project() -> ProjectId {
        ProjectId::parse("chat").expect("an id")
    }

    #[test]
    fn an_hour_has_every_minute_and_the_most_that_was_seen_in_each() {
        let stats = Stats::default();
        stats.sample(&project(), 3, 1, at(60));
        stats.sample(&project(), 2, 2, at(70));
        stats.event(&project(), at(75));
        stats.event(&project(), at(180));
        let (hour, _) = stats.hour(&project(), at(180));
        assert_eq!(hour.len(), MINUTES);
        assert_eq!(hour[57], Minute { number: 1, presences: 3, connections: 2, events: 1 });
        assert_eq!((hour[58].number, hour[58].events), (2, 0));
        assert_eq!((hour[59].number, hour[59].events), (3, 1));
    }

    #[test]
    fn what_is_older_than_an_hour_is_forgotten() {
        let stats = Stats::default();
        for minute in 0..100 {
            stats.event(&project(), at(minute * 60));
        }
        assert_eq!(stats.0.lock()[&project()].minutes.len(), MINUTES);
        assert_eq!(stats.hour(&project(), at(99 * 60)).0[0].number, 40);
        for minute in 100..160 {
            stats.sample(&project(), 0, 0, at(minute * 60));
        }
        assert!(stats.0.lock().is_empty(), "nothing happened for an hour");
    }

    #[test]
    fn the_rate_is_of_whole_seconds() {
        let stats = Stats::default();
        for _ in 0..50 {
            stats.event(&project(), at(100));
        }
        let close = |rate: f64, expected: f64| assert!((rate - expected).abs() < 1e-9, "{rate}");
        close(stats.hour(&project(), at(100)).1, 0.0);
        close(stats.hour(&project(), at(101)).1, 5.0);
        close(stats.hour(&project(), at(110)).1, 5.0);
        close(stats.hour(&project(), at(111)).1, 0.0);
    }

    #[test]
    fn no_more_projects_are_remembered_than_the_limit() {
        let stats = Stats::default();
        for number in 0..=MAX_PROJECTS {
            stats.event(&ProjectId::parse(&format!("p{number}")).expect("an id"), at(1));
        }
        assert_eq!(stats.0.lock().len(), MAX_PROJECTS);
        stats.retain(|_| false);
        assert!(stats.0.lock().is_empty());
    }
}
