//! Random lives: who listens as whom to what, and what happens to presences meanwhile.

use std::time::Duration;

use herenow_core::{
    ConnectionId, Permissions, PresenceId, Role, Source, UserId, Viewer,
    permission::Grants,
    query::RealtimeQueries,
    tracker::{Command, HolderKey, SocketEnd, Update, Upsert},
};
use herenow_wire::realtime::SubscribeRow;
use proptest::prelude::*;

use super::world::{Appetite, World};

const ROLES: [&str; 9] =
    ["any", "users", "guests", "user:u0", "user:u1", "team:t", "team:t/owner", "label:vip", "users/verified"];
/// Of those, what a user may hold beside what every user does.
const HELD: [&str; 4] = ["team:t", "team:t/owner", "label:vip", "users/verified"];
const CHANNELS: [&str; 11] = [
    "presences",
    "snapshot.presences",
    "presences.p0",
    "presences.p1",
    "presences.upsert",
    "presences.update",
    "presences.delete",
    "presences.p0.upsert",
    "presences.p1.delete",
    "account",
    "documents",
];
const QUERIES: [&str; 5] = [
    r#"{"method":"equal","attribute":"status","values":["s0"]}"#,
    r#"{"method":"notEqual","attribute":"userId","values":["u1"]}"#,
    r#"{"method":"or","values":[{"method":"equal","attribute":"status","values":["s1"]},{"method":"equal","attribute":"userId","values":["u0"]}]}"#,
    r#"{"method":"equal","attribute":"source","values":["realtime"]}"#,
    r#"{"method":"select","values":["*"]}"#,
];

#[derive(Debug, Clone)]
pub(super) enum Step {
    Connect { listener: u64, who: Who },
    Leave { listener: u64 },
    Subscribe { listener: u64, rows: Vec<RowPlan> },
    Unsubscribe { listener: u64, id: u8 },
    Become { listener: u64, who: Who },
    Write { user: u8, socket: Option<u8>, id: u8, status: u8, grant: Option<Vec<&'static str>>, seconds: Option<u16> },
    Patch { id: u8, status: Option<u8>, grant: Option<Vec<&'static str>>, to: Option<u8> },
    Delete { id: u8 },
    Close { user: u8, socket: u8, grace: Option<u16> },
    EndUser { user: u8 },
    Pass { seconds: u32 },
}

#[derive(Debug, Clone)]
pub(super) enum Who {
    Key,
    Guest,
    User(u8, Vec<&'static str>),
}

#[derive(Debug, Clone)]
pub(super) struct RowPlan {
    id: u8,
    channels: Vec<&'static str>,
    queries: Vec<&'static str>,
    /// How many changes its client has missed, where it says so.
    missed: Option<u8>,
}

fn who() -> impl Strategy<Value = Who> {
    prop_oneof![
        1 => Just(Who::Key),
        2 => Just(Who::Guest),
        7 => (0..3_u8, prop::sample::subsequence(&HELD[..], 0..=4)).prop_map(|(user, held)| Who::User(user, held)),
    ]
}

fn row() -> impl Strategy<Value = RowPlan> {
    let channels = prop_oneof![
        3 => Just(vec!["presences"]),
        1 => Just(vec!["snapshot.presences"]),
        4 => prop::sample::subsequence(&CHANNELS[..], 1..=3),
    ];
    let queries = prop_oneof![
        3 => Just(Vec::new()),
        2 => prop::sample::subsequence(&QUERIES[..], 1..=2),
    ];
    (0..4_u8, channels, queries, prop::option::weighted(0.2, 0..20_u8))
        .prop_map(|(id, channels, queries, missed)| RowPlan { id, channels, queries, missed })
}

fn write() -> impl Strategy<Value = Step> {
    let (socket, seconds) = (prop::option::of(0..2_u8), prop::option::of(1..300_u16));
    (0..3_u8, socket, 0..4_u8, 0..3_u8, grant(), seconds)
        .prop_map(|(user, socket, id, status, grant, seconds)| Step::Write { user, socket, id, status, grant, seconds })
}

fn grant() -> impl Strategy<Value = Option<Vec<&'static str>>> {
    prop::option::weighted(0.8, prop::sample::subsequence(&ROLES[..], 0..=3))
}

pub(super) fn steps() -> impl Strategy<Value = Vec<Step>> {
    let listener = 0..4_u64;
    let step = prop_oneof![
        3 => (listener.clone(), who()).prop_map(|(listener, who)| Step::Connect { listener, who }),
        1 => listener.clone().prop_map(|listener| Step::Leave { listener }),
        5 => (listener.clone(), prop::collection::vec(row(), 1..=3))
            .prop_map(|(listener, rows)| Step::Subscribe { listener, rows }),
        2 => (listener.clone(), 0..4_u8).prop_map(|(listener, id)| Step::Unsubscribe { listener, id }),
        3 => (listener, who()).prop_map(|(listener, who)| Step::Become { listener, who }),
        8 => write(),
        4 => (0..4_u8, prop::option::of(0..3_u8), grant(), prop::option::weighted(0.2, 0..3_u8))
            .prop_map(|(id, status, grant, to)| Step::Patch { id, status, grant, to }),
        1 => (0..4_u8).prop_map(|id| Step::Delete { id }),
        2 => (0..3_u8, 0..2_u8, prop::option::of(1..60_u16))
            .prop_map(|(user, socket, grace)| Step::Close { user, socket, grace }),
        1 => (0..3_u8).prop_map(|user| Step::EndUser { user }),
        2 => prop_oneof![1..60_u32, 100..1000_u32, 1_400_000..1_600_000_u32]
            .prop_map(|seconds| Step::Pass { seconds }),
    ];
    prop::collection::vec(step, 1..60)
}

fn user(number: u8) -> UserId {
    UserId::parse(&format!("u{number}")).expect("an id")
}

fn presence_id(number: u8) -> PresenceId {
    PresenceId::parse(&format!("p{number}")).expect("an id")
}

fn role(text: &str) -> Role {
    Role::parse(text).expect("a role")
}

pub(super) fn viewer(who: &Who) -> Viewer {
    match who {
        Who::Key => Viewer::Privileged,
        Who::Guest => Viewer::guest(),
        Who::User(number, held) => {
            let id = user(*number);
            let own = [Role::any(), Role::users(), Role::user(&id)];
            Viewer::User { roles: own.into_iter().chain(held.iter().map(|text| role(text))).collect(), id }
        }
    }
}

fn permissions(grant: &[&str]) -> Permissions {
    let texts: Vec<String> = grant.iter().map(|role| format!("read(\"{role}\")")).collect();
    Permissions::parse(texts.iter().map(String::as_str)).expect("valid")
}

fn subscribe_row(plan: &RowPlan) -> SubscribeRow {
    let texts = |texts: &[&str]| texts.iter().map(|&text| text.to_owned()).collect::<Vec<_>>();
    SubscribeRow {
        id: Some(format!("s{}", plan.id)),
        channels: texts(&plan.channels),
        queries: RealtimeQueries::parse(&texts(&plan.queries)).expect("valid"),
        since: None,
    }
}

impl World {
    pub(super) fn step(&mut self, step: &Step, appetite: Appetite) {
        match step {
            Step::Connect { listener, who } => self.connect(*listener, viewer(who), appetite),
            Step::Leave { listener } => self.leave(*listener),
            Step::Subscribe { listener, rows } => {
                let known = |row: &RowPlan| row.missed.map(|missed| self.changes().saturating_sub(missed.into()));
                let from: Vec<_> = rows.iter().map(known).collect();
                self.subscribe(*listener, rows.iter().map(subscribe_row).collect(), &from);
            }
            Step::Unsubscribe { listener, id } => self.unsubscribe(*listener, &format!("s{id}")),
            Step::Become { listener, who } => self.become_viewer(*listener, viewer(who)),
            Step::Pass { seconds } => self.pass(Duration::from_secs((*seconds).into())),
            other => {
                if let Some(command) = self.as_command(other) {
                    self.command(&command);
                }
            }
        }
    }

    fn as_command(&self, step: &Step) -> Option<Command> {
        Some(match step {
            Step::Write { user: number, socket, id, status, grant, seconds } => Command::Upsert(Upsert {
                id: presence_id(*id),
                user: user(*number),
                holder: socket.map_or(HolderKey::Rest, |socket| HolderKey::Socket(connection(*number, socket))),
                session: None,
                status: format!("s{status}").into(),
                metadata: None,
                permissions: grant.as_deref().map(permissions),
                expires_at: seconds.map(|seconds| self.now.plus(Duration::from_secs(seconds.into()))),
                default_expiry: Duration::from_secs(900),
                source: if socket.is_some() { Source::Realtime } else { Source::Rest },
            }),
            Step::Patch { id, status, grant, to } => Command::Update(Update {
                id: presence_id(*id),
                viewer: Viewer::Privileged,
                grants: Grants::ReadToAnyone,
                user: to.map(user),
                status: status.map(|status| format!("s{status}").into()),
                metadata: None,
                permissions: grant.as_deref().map(permissions),
                expires_at: None,
            }),
            Step::Delete { id } => Command::Delete { id: presence_id(*id), viewer: Viewer::Privileged },
            Step::Close { user, socket, grace } => {
                let until = grace.map(|seconds| self.now.plus(Duration::from_secs(seconds.into())));
                let end = until.map_or(SocketEnd::Now, SocketEnd::Grace);
                Command::EndSocket { connection: connection(*user, *socket), end }
            }
            Step::EndUser { user: number } => Command::EndUser { user: user(*number) },
            _ => return None,
        })
    }
}

/// The sockets that hold presences are no listeners here: another range of numbers.
fn connection(user: u8, socket: u8) -> ConnectionId {
    ConnectionId(100 + u64::from(user * 2 + socket))
}
