//! What people say of themselves, and what they ask for.

use std::time::Duration;

use herenow_core::{Metadata, Permissions, PresenceId};
use serde_json::json;

use super::World;
use crate::server::requests::Request;

const STATUSES: [&str; 4] = ["online", "busy", "away", "typing"];

impl World {
    fn any_status(&self) -> &'static str {
        self.random().pick(&STATUSES).expect("there are some")
    }

    fn any_id(&self) -> PresenceId {
        let random = self.random();
        let known: Vec<PresenceId> = self.around.oracle.borrow().model.beings.keys().cloned().collect();
        let fresh = PresenceId::parse(&format!("p{}", random.below(5))).expect("an id");
        if random.chance(70) { random.pick(&known).cloned().unwrap_or(fresh) } else { fresh }
    }

    /// None in many cases: then the default list counts.
    fn any_permissions(&self) -> Option<Vec<String>> {
        let random = self.random();
        let read = |role: &str| format!("read(\"{role}\")");
        let user = random.pick(&self.users).map_or_else(|| "any".to_owned(), |user| format!("user:{user}"));
        Some(match random.below(12) {
            0..=2 => return None,
            3..=5 => vec![read("users")],
            6 => vec![read("any")],
            7 => vec![read("label:vip"), read("team:t1")],
            8 => vec![read("label:vip")],
            9 => vec![read(&user)],
            10 => vec![],
            _ => vec![read("users"), "update(\"users\")".to_owned(), "delete(\"users\")".to_owned()],
        })
    }

    pub(super) fn send_presence(&mut self) {
        let Some((index, id)) = self.connected_tab() else { return };
        let random = self.random();
        let mut data = json!({"status": self.any_status(), "presenceId": format!("p{}", random.below(5))});
        if let Some(permissions) = self.any_permissions() {
            data["permissions"] = json!(permissions);
        }
        if random.chance(40) {
            data["metadata"] = json!({"n": random.below(3)});
        }
        let message = json!({"type": "presence", "data": data});
        self.tabs[index].presence = Some(message.clone());
        self.send(id, &message);
    }

    /// A key writes what everybody may read.
    pub(super) fn write_for_all(&mut self) {
        let permissions = Some(Permissions::parse(["read(\"any\")"]).expect("valid"));
        let (user, status) = (self.random().pick(&self.users).cloned(), self.any_status().into());
        let request = Request::Put { id: self.any_id(), user, status, permissions, lasts: None };
        self.around.executor.spawn("request", self.server.clone().request(None, request));
    }

    /// A request over HTTP, by a tab's user or by a key.
    pub(super) fn request(&mut self) {
        let random = self.random();
        let session = if random.chance(70) { self.any_session() } else { None };
        let lasts = random.chance(60).then(|| Duration::from_millis(random.between(1, 40_000)));
        let parsed = |texts: Option<Vec<String>>| {
            texts.map(|texts| Permissions::parse(texts.iter().map(String::as_str)).expect("valid"))
        };
        let user = if session.is_none() { random.pick(&self.users).cloned() } else { None };
        let request = match random.below(10) {
            0..=3 => Request::Put {
                id: self.any_id(),
                user,
                status: self.any_status().into(),
                permissions: parsed(self.any_permissions()),
                lasts,
            },
            4..=6 => Request::Patch {
                id: self.any_id(),
                user: user.filter(|_| random.chance(40)),
                status: random.chance(50).then(|| self.any_status().into()),
                metadata: random.chance(20).then(|| Metadata::parse("{\"n\":9}").expect("valid")),
                permissions: if random.chance(50) { parsed(self.any_permissions()) } else { None },
                lasts: lasts.filter(|_| random.chance(40)),
            },
            7 => Request::Delete { id: self.any_id() },
            _ => Request::List,
        };
        self.say(|| format!("  {session:?} asks for {request:?}"));
        self.around.executor.spawn("request", self.server.clone().request(session, request));
    }
}
