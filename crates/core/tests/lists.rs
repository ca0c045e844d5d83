//! Lists from indexes against a naive list: every record looked at, sorted by comparison, cut.

use std::{sync::Arc, time::Duration};

use herenow_core::{
    ConnectionId, Permissions, Presence, PresenceId, Role, Source, Timestamp, UserId, Viewer,
    invariants::check_tracker,
    query::{ListQuery, Schema, page},
    tracker::{Command, Count, Decision, HolderKey, ListError, ListOptions, Listing, Page, SocketEnd, Tracker, Upsert},
};
use proptest::prelude::*;
use serde_json::{Value as Json, json};

const START: Timestamp = Timestamp::from_millis(1_785_578_400_000);
const STATUSES: [&str; 3] = ["online", "away", "a status that is too long to be kept in place"];
const GRANTS: [&[&str]; 6] = [
    &["read(\"any\")"],
    &["read(\"users\")"],
    &["read(\"team:a\")", "read(\"team:b\")"],
    &["read(\"team:b\")", "update(\"users\")"],
    &["update(\"any\")"],
    &[],
];

#[derive(Debug, Clone)]
enum Step {
    Write { user: u16, socket: bool, status: usize, grant: Option<usize>, seconds: u16 },
    Delete { user: u16 },
    Lose { user: u16, seconds: u16 },
    Pass { ms: u16 },
}

fn steps(users: u16, most: usize) -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        8 => (0..users, any::<bool>(), 0..STATUSES.len(), prop::option::of(0..GRANTS.len()), 1..30_u16)
            .prop_map(|(user, socket, status, grant, seconds)| Step::Write { user, socket, status, grant, seconds }),
        2 => (0..users).prop_map(|user| Step::Delete { user }),
        2 => (0..users, 1..30_u16).prop_map(|(user, seconds)| Step::Lose { user, seconds }),
        3 => (0..4_000_u16).prop_map(|ms| Step::Pass { ms }),
    ];
    prop::collection::vec(step, 0..most)
}

struct Run {
    tracker: Tracker,
    now: Timestamp,
}

impl Run {
    fn new() -> Self {
        Self { tracker: Tracker::new(0), now: START }
    }

    fn command(&mut self, command: &Command) {
        for id in self.tracker.due_before(command, self.now) {
            self.fold(&Command::EndDue { id });
        }
        self.fold(command);
    }

    fn fold(&mut self, command: &Command) {
        if let Ok(Decision::Change(change)) = self.tracker.decide(command, self.now) {
            self.tracker.fold(&change);
        }
    }

    fn step(&mut self, step: &Step) {
        let id = |user: &u16| PresenceId::parse(&format!("p{user}")).expect("an id");
        match step {
            Step::Write { user, socket, status, grant, seconds } => self.command(&Command::Upsert(Upsert {
                id: id(user),
                user: UserId::parse(&format!("u{user}")).expect("an id"),
                holder: if *socket { HolderKey::Socket(ConnectionId((*user).into())) } else { HolderKey::Rest },
                session: None,
                status: STATUSES[*status].into(),
                metadata: None,
                permissions: grant.map(|grant| Permissions::parse(GRANTS[grant].iter().copied()).expect("valid")),
                expires_at: Some(self.now.plus(Duration::from_secs((*seconds).into()))),
                default_expiry: Duration::from_secs(900),
                source: Source::Rest,
            })),
            Step::Delete { user } => self.command(&Command::Delete { id: id(user), viewer: Viewer::Privileged }),
            Step::Lose { user, seconds } => self.command(&Command::EndSocket {
                connection: ConnectionId((*user).into()),
                end: SocketEnd::Grace(self.now.plus(Duration::from_secs((*seconds).into()))),
            }),
            Step::Pass { ms } => self.now = self.now.plus(Duration::from_millis((*ms).into())),
        }
    }

    /// All that live and may be read, looked through for every question.
    fn naive(&self, query: &ListQuery, viewer: &Viewer, options: ListOptions) -> Result<Page, ListError> {
        let matching: Vec<Arc<Presence>> =
            self.tracker.readable(viewer, self.now).filter(|presence| query.matches(presence)).collect();
        let total = if options.count == Count::All { matching.len() } else { 0 };
        let cursor = query.cursor.as_ref().map(|cursor| PresenceId::parse(cursor.id()).expect("an id"));
        // One that has ended is remembered; the tracker's own tests hold that.
        let cursor = cursor.and_then(|id| self.tracker.get(&id, viewer, self.now));
        let presences = page(query, matching, cursor.as_ref().map(|cursor| cursor as _))?;
        Ok(Page { total, presences, seq: self.tracker.seq() })
    }

    fn check(&self, query: &ListQuery, viewer: &Viewer, count: Count) {
        let options = ListOptions { count, seed: 7 };
        let lives = |id: &str| self.tracker.get(&PresenceId::parse(id).expect("an id"), viewer, self.now).is_some();
        if query.cursor.as_ref().is_some_and(|cursor| !lives(cursor.id())) {
            return;
        }
        let made = self.tracker.list(query, viewer, self.now, options);
        if query.random {
            let made = made.expect("no cursor, no error");
            let all = self.naive(query, viewer, options).expect("no cursor, no error");
            assert_eq!((made.total, made.presences.len()), (all.total, all.presences.len()));
            return;
        }
        assert_eq!(made, self.naive(query, viewer, options), "{query:?} of {viewer:?} at {:?}", self.now);
    }
}

fn viewers() -> Vec<Viewer> {
    let user = |name: &str, roles: &[&str]| Viewer::User {
        id: UserId::parse(name).expect("an id"),
        roles: roles.iter().filter_map(|role| Role::parse(role)).collect(),
    };
    vec![
        Viewer::Privileged,
        Viewer::guest(),
        user("u1", &["any", "users", "user:u1", "team:a", "team:b"]),
        user("u2", &["any", "users", "user:u2"]),
        user("nobody", &["team:b"]),
        user("u3", &["user:u3"]),
    ]
}

fn query() -> impl Strategy<Value = Vec<Json>> {
    let attribute =
        prop::sample::select(vec!["$sequence", "$createdAt", "$updatedAt", "expiresAt", "status", "$id", ""]);
    let order = (attribute, any::<bool>()).prop_map(
        |(attribute, down)| json!({"method": if down { "orderDesc" } else { "orderAsc" }, "attribute": attribute}),
    );
    let users = prop::collection::vec(0..40_u16, 1..4).prop_map(|users| {
        json!({"method": "equal", "attribute": "userId", "values": users.iter().map(|user| format!("u{user}")).collect::<Vec<_>>()})
    });
    let statuses = prop::sample::subsequence(STATUSES.to_vec(), 1..3)
        .prop_map(|statuses| json!({"method": "equal", "attribute": "status", "values": statuses}));
    let ids = (0..40_u16).prop_map(|id| json!({"method": "equal", "attribute": "$id", "values": [format!("p{id}")]}));
    let other = Just(json!({"method": "notEqual", "attribute": "status", "values": ["away"]}));
    let filter = prop_oneof![2 => users, 4 => statuses, 1 => ids, 1 => other];
    let cursor = (0..40_u16, any::<bool>()).prop_map(|(id, after)| {
        json!({"method": if after { "cursorAfter" } else { "cursorBefore" }, "values": [format!("p{id}")]})
    });
    let paging = (1..8_usize, 0..4_usize).prop_map(|(limit, offset)| {
        vec![json!({"method": "limit", "values": [limit]}), json!({"method": "offset", "values": [offset]})]
    });
    let parts = (
        prop::collection::vec(order, 0..3),
        prop::collection::vec(filter, 0..3),
        prop::option::of(cursor),
        paging,
        prop::bool::weighted(0.05),
    );
    parts.prop_map(|(orders, filters, cursor, paging, random)| {
        let random = random.then(|| json!({"method": "orderRandom"}));
        let cursor = cursor.filter(|_| random.is_none());
        [orders, filters, paging].into_iter().flatten().chain(cursor).chain(random).collect()
    })
}

fn parse(query: &[Json]) -> ListQuery {
    let texts: Vec<String> = query.iter().map(Json::to_string).collect();
    ListQuery::parse(&texts, &Schema::PRESENCES).expect("valid")
}

proptest! {
    #[test]
    fn a_list_is_what_a_look_at_every_record_gives(
        steps in steps(40, 150), queries in prop::collection::vec(query(), 1..12),
    ) {
        let mut run = Run::new();
        steps.iter().for_each(|step| run.step(step));
        check_tracker(&run.tracker).expect("the invariants hold");
        for query in &queries {
            let query = parse(query);
            for viewer in viewers() {
                run.check(&query, &viewer, Count::All);
                run.check(&query, &viewer, Count::Nothing);
            }
        }
    }
}

/// 12,000 records: more than a list may look at under a lock.
fn crowd() -> Run {
    let mut run = Run::new();
    for user in 0..12_000_u16 {
        let (status, grant) = (usize::from(user % 3), if user % 1_000 == 0 { 2 } else { usize::from(user % 2) });
        run.step(&Step::Write { user, socket: user % 5 == 0, status, grant: Some(grant), seconds: user % 700 + 1 });
        if user % 10 == 0 {
            run.step(&Step::Pass { ms: 1 });
        }
    }
    run
}

#[test]
fn among_many_records_a_list_is_the_same() {
    let mut run = crowd();
    for ahead in [0, 3_000] {
        run.step(&Step::Pass { ms: ahead });
        let orders = ["$sequence", "$createdAt", "$updatedAt", "expiresAt", "status"];
        for (number, order) in orders.into_iter().enumerate() {
            for (method, cursor) in [
                ("orderAsc", "cursorAfter"),
                ("orderDesc", "cursorAfter"),
                ("orderAsc", "cursorBefore"),
                ("orderDesc", "cursorBefore"),
            ] {
                let order = json!({"method": method, "attribute": order});
                let cursor = json!({"method": cursor, "values": [format!("p{}", 6_000 + number)]});
                let status = json!({"method": "equal", "attribute": "status", "values": ["away"]});
                let offset = json!({"method": "offset", "values": [5_000]});
                for parts in [
                    vec![],
                    vec![cursor.clone()],
                    vec![status.clone()],
                    vec![cursor, status.clone()],
                    vec![status, offset],
                ] {
                    let query = parse(&[vec![order.clone()], parts].concat());
                    for viewer in viewers().iter().step_by(2) {
                        run.check(&query, viewer, Count::All);
                        run.check(&query, viewer, Count::Nothing);
                    }
                }
            }
        }
    }
}

#[test]
fn a_short_page_of_many_is_made_at_once_and_what_must_look_at_all_is_a_scan_of_its_moment() {
    let mut run = crowd();
    let viewers = viewers();
    let begin = |run: &Run, query: &[Json], viewer: &Viewer, count| {
        run.tracker.begin_list(&parse(query), viewer, run.now, ListOptions { count, seed: 7 }).expect("no cursor")
    };
    let status = json!({"method": "equal", "attribute": "status", "values": ["away"]});
    let by_expiry = json!({"method": "orderDesc", "attribute": "expiresAt"});
    let by_text = json!({"method": "orderDesc", "attribute": "status"});
    for query in [vec![], vec![status.clone()], vec![by_expiry], vec![status, json!({"method":"orderDesc"})]] {
        assert!(matches!(begin(&run, &query, &viewers[2], Count::Nothing), Listing::Page(_)), "{query:?}");
    }
    assert!(matches!(begin(&run, &[], &Viewer::Privileged, Count::All), Listing::Page(_)));
    // Twelve of 12,000 may be read: the index by role leads to them, with their exact number.
    let Listing::Page(few) = begin(&run, &[], &viewers[4], Count::All) else { panic!("few records have its role") };
    assert_eq!((few.total, few.presences.len()), (12, 12));
    for (query, count) in [(vec![], Count::All), (vec![by_text], Count::Nothing)] {
        let Listing::Scan(scan) = begin(&run, &query, &viewers[2], count) else { panic!("a scan: {query:?}") };
        let expected = run.naive(&parse(&query), &viewers[2], ListOptions { count, seed: 7 });
        for user in 0..3_000 {
            run.step(&Step::Delete { user });
        }
        run.step(&Step::Write { user: 4_000, socket: false, status: 0, grant: Some(5), seconds: 9 });
        assert_eq!(scan.run(|| true), expected, "what was written since is not of that moment");
    }
    let Listing::Scan(scan) = begin(&run, &[], &viewers[2], Count::All) else { panic!("a scan") };
    let mut strides = 0;
    let given_up = scan.run(|| {
        strides += 1;
        strides < 3
    });
    assert!(matches!(given_up, Err(ListError::Abandoned(_))));
}
