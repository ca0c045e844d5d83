//! What a list of 25 costs among few and among many records, and what its exact total costs.
//!
//! `cargo run --release -p herenow-core --example list_cost [RECORDS]`

use std::time::{Duration, Instant};

use herenow_core::{
    Permissions, PresenceId, Role, Source, Timestamp, UserId, Viewer,
    query::{ListQuery, Schema},
    tracker::{Command, Count, Decision, HolderKey, ListOptions, Listing, Tracker, Upsert},
};

const FEW: usize = 1_000;
const NOW: Timestamp = Timestamp::from_millis(1_785_578_400_000);
const ROUNDS: usize = 401;
const STATUSES: [&str; 4] = ["online", "away", "busy", "typing"];

fn main() {
    let many = std::env::args().nth(1).map_or(1_000_000, |text| text.parse().expect("a number of records"));
    let (few, many) = (filled(FEW), filled(many));
    let viewer = viewer();
    println!("{:<44} {:>10} {:>10} {:>8}", "list of 25", few.len(), many.len(), "ratio");
    let middle = format!(r#"{{"method":"cursorAfter","values":["p{}"]}}"#, FEW / 2);
    let status = r#"{"method":"equal","attribute":"status","values":["away"]}"#;
    let cases: [(&str, &[&str], Count); 8] = [
        ("by status", &[status], Count::Nothing),
        ("by userId", &[r#"{"method":"equal","attribute":"userId","values":["u7","u8"]}"#], Count::Nothing),
        ("in the order of expiresAt", &[r#"{"method":"orderDesc","attribute":"expiresAt"}"#], Count::Nothing),
        ("in the order of $updatedAt", &[r#"{"method":"orderDesc","attribute":"$updatedAt"}"#], Count::Nothing),
        ("unfiltered, behind a cursor", &[&middle], Count::Nothing),
        ("of one's team, with total", &[r#"{"method":"equal","attribute":"source","values":["rest"]}"#], Count::All),
        ("by status, with total", &[status], Count::All),
        (
            "in the order of status, which no index has",
            &[r#"{"method":"orderDesc","attribute":"status"}"#],
            Count::Nothing,
        ),
    ];
    for (name, texts, count) in cases {
        let texts: Vec<String> = texts.iter().map(|text| (*text).to_owned()).collect();
        let query = ListQuery::parse(&texts, &Schema::PRESENCES).expect("a query");
        let viewer = if name.contains("team") { member() } else { viewer.clone() };
        let [one, other] = [&few, &many].map(|tracker| cost(tracker, &query, &viewer, count));
        let ratio = other.0.as_secs_f64() / one.0.as_secs_f64();
        println!("{name:<44} {:>10.1?} {:>10.1?} {ratio:>7.2}x{}", one.0, other.0, other.1);
    }
}

/// The median, and how much of it needs the lock where it is a scan.
fn cost(tracker: &Tracker, query: &ListQuery, viewer: &Viewer, count: Count) -> (Duration, String) {
    let mut times = Vec::new();
    let mut note = String::new();
    for round in 0..ROUNDS {
        let start = now();
        let listing = tracker.begin_list(query, viewer, NOW, ListOptions { count, seed: 0 }).expect("a list");
        let begun = now().duration_since(start);
        match listing {
            Listing::Page(page) => drop(std::hint::black_box(page)),
            Listing::Scan(scan) => {
                drop(std::hint::black_box(scan.run(|| true)));
                note = format!("  a scan, {begun:.1?} of it under the lock");
            }
        }
        times.push(now().duration_since(start));
        if round == 8 && times[8] > Duration::from_millis(10) {
            break;
        }
    }
    times.sort_unstable();
    (times[times.len() / 2], note)
}

#[expect(clippy::disallowed_methods, reason = "it measures; no rule depends on it")]
fn now() -> Instant {
    Instant::now()
}

/// A user with ten roles.
fn viewer() -> Viewer {
    let teams = (0..7).map(|team| format!("team:t{team}"));
    let roles = ["any".to_owned(), "users".to_owned(), "user:u1".to_owned()].into_iter().chain(teams);
    Viewer::User {
        id: UserId::parse("u1").expect("an id"),
        roles: roles.filter_map(|role| Role::parse(&role)).collect(),
    }
}

/// A user who may read what one team of fifty may.
fn member() -> Viewer {
    let roles = Role::parse("team:few").into_iter().collect();
    Viewer::User { id: UserId::parse("nobody").expect("an id"), roles }
}

fn filled(records: usize) -> Tracker {
    let mut tracker = Tracker::new(0);
    let all = Permissions::parse(["read(\"users\")"]).expect("permissions");
    let team = Permissions::parse(["read(\"users\")", "read(\"team:few\")"]).expect("permissions");
    for number in 0..records {
        let upsert = Upsert {
            id: PresenceId::parse(&format!("p{number}")).expect("an id"),
            user: UserId::parse(&format!("u{number}")).expect("an id"),
            holder: HolderKey::Rest,
            session: None,
            status: STATUSES[number % STATUSES.len()].into(),
            metadata: None,
            permissions: Some(if number % (records / 50) == 0 { team.clone() } else { all.clone() }),
            expires_at: Some(NOW.plus(Duration::from_secs(60 + (number as u64).wrapping_mul(0x9e37_79b9) % 5_000))),
            default_expiry: Duration::from_secs(900),
            source: Source::Rest,
        };
        if let Ok(Decision::Change(change)) = tracker.decide(&Command::Upsert(upsert), NOW) {
            tracker.fold(&change);
        }
    }
    tracker
}
