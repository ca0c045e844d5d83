//! What a project does now and did in the last hour, for operators.

use herenow_core::{ProjectId, Timestamp};
use herenow_hub::Tally;

use crate::{App, stats::Minute};

/// The counters of a project.
pub struct Counters {
    /// Live presences.
    pub presences: usize,
    /// Who listens.
    pub tally: Tally,
    /// Events per second, over the last whole seconds.
    pub events_per_second: f64,
    /// The last hour, the oldest minute first.
    pub minutes: Vec<Minute>,
}

/// Reads the counters of a project.
#[must_use]
pub fn read(app: &App, project: &ProjectId, now: Timestamp) -> Counters {
    let (presences, tally) = (app.broker.records_of(project), app.hub.tally(project));
    app.stats.sample(project, presences, tally.connections, now);
    let (minutes, events_per_second) = app.stats.hour(project, now);
    Counters { presences, tally, events_per_second, minutes }
}

/// Notes how many there are in every project.
pub fn sample(app: &App) {
    let now = app.clock.now();
    let projects = app.projects.ids();
    for project in &projects {
        let connections = app.hub.tally(project).connections;
        app.stats.sample(project, app.broker.records_of(project), connections, now);
    }
    app.stats.retain(|project| app.projects.get(project.as_str()).is_some());
}
