//! How often the projects were pinged, counted in memory: a request without credentials must not cost a write each.
//! Knows no store; `ops::pings` keeps what is counted.

use std::collections::HashMap;

use herenow_core::{
    ProjectId, Timestamp,
    account::{Pings, Project},
};
use parking_lot::Mutex;

/// The counters of all projects that were pinged since the start: as many at most as there are projects.
#[derive(Debug, Default)]
pub struct PingCounts(Mutex<HashMap<ProjectId, Counter>>);

#[derive(Debug, Clone, Copy)]
struct Counter {
    /// Tells a project from a later one of the same id.
    made_at: Timestamp,
    pings: Pings,
    kept: u64,
}

/// Whether a ping was the first that the project ever had.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Turn {
    /// It was.
    First,
    /// It was not.
    Later,
}

impl PingCounts {
    /// Counts a ping.
    pub fn note(&self, project: &Project, now: Timestamp) -> Turn {
        let fresh = Counter { made_at: project.created_at, pings: project.pings, kept: project.pings.count };
        let mut counters = self.0.lock();
        let counter = counters.entry(project.id.clone()).or_insert(fresh);
        if counter.made_at != project.created_at {
            *counter = fresh;
        }
        counter.pings.count = counter.pings.count.saturating_add(1);
        counter.pings.last = Some(now);
        if counter.pings.count == 1 { Turn::First } else { Turn::Later }
    }

    /// The pings of a project, also those that are not kept yet.
    #[must_use]
    pub fn of(&self, project: &Project) -> Pings {
        let counters = self.0.lock();
        let counter = counters.get(&project.id).filter(|counter| counter.made_at == project.created_at);
        counter.map_or(project.pings, |counter| counter.pings)
    }

    /// What is still to be kept.
    #[must_use]
    pub fn unkept(&self) -> Vec<(ProjectId, Timestamp, Pings)> {
        let counters = self.0.lock();
        let unkept = counters.iter().filter(|(_, counter)| counter.pings.count > counter.kept);
        unkept.map(|(id, counter)| (id.clone(), counter.made_at, counter.pings)).collect()
    }

    /// So many were kept.
    pub fn kept(&self, project: &ProjectId, made_at: Timestamp, count: u64) {
        if let Some(counter) = self.0.lock().get_mut(project).filter(|counter| counter.made_at == made_at) {
            counter.kept = counter.kept.max(count);
        }
    }

    /// Forgets projects that are gone.
    pub fn retain(&self, there: impl Fn(&ProjectId) -> bool) {
        self.0.lock().retain(|project, _| there(project));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(millis: i64) -> Timestamp {
        Timestamp::from_millis(millis)
    }

    fn project(made_at: i64) -> Project {
        Project::new(ProjectId::parse("chat").expect("an id"), "Chat", at(made_at))
    }

    #[test]
    fn one_ping_is_the_first_and_what_was_kept_counts_on() {
        let (counts, mut chat) = (PingCounts::default(), project(0));
        assert_eq!([counts.note(&chat, at(1)), counts.note(&chat, at(2))], [Turn::First, Turn::Later]);
        assert_eq!(counts.of(&chat), Pings { count: 2, last: Some(at(2)) });
        chat.pings = counts.of(&chat);
        let restarted = PingCounts::default();
        assert_eq!((restarted.note(&chat, at(3)), restarted.of(&chat).count), (Turn::Later, 3));
    }

    #[test]
    fn what_is_kept_is_not_kept_again_and_what_comes_meanwhile_is() {
        let (counts, chat) = (PingCounts::default(), project(0));
        assert!(counts.unkept().is_empty());
        counts.note(&chat, at(1));
        let (id, made_at, pings) = counts.unkept().pop().expect("one");
        counts.note(&chat, at(2));
        counts.kept(&id, made_at, pings.count);
        assert_eq!(counts.unkept(), [(id.clone(), made_at, Pings { count: 2, last: Some(at(2)) })]);
        counts.kept(&id, made_at, 2);
        assert!(counts.unkept().is_empty());
    }

    #[test]
    fn a_project_of_the_same_id_begins_anew() {
        let (counts, former, next) = (PingCounts::default(), project(0), project(9));
        counts.note(&former, at(1));
        assert_eq!(counts.of(&next), Pings::default());
        assert_eq!(counts.note(&next, at(10)), Turn::First);
        counts.kept(&former.id, former.created_at, 1);
        assert_eq!(counts.unkept().len(), 1, "what was kept was the former's");
        counts.retain(|_| false);
        assert_eq!((counts.unkept(), counts.of(&former)), (vec![], Pings::default()));
    }
}
