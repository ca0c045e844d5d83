//! What a command should do.

use herenow_core::{
    Permissions, PresenceId, SessionId, State, Timestamp, UserId, Viewer,
    tracker::{Announcement, Command, HolderKey, Rejection, SocketEnd, Update, Upsert},
};

use super::{Answer, Being, Hold, Model, Seen, Step, holder::SOCKET_LIFE, sight::may};

impl Model {
    /// Does what `command` should do at `now`.
    pub(crate) fn command(&mut self, command: &Command, now: Timestamp) -> (Vec<Step>, Result<Answer, Rejection>) {
        let mut steps = Vec::new();
        for id in self.concerned(command) {
            steps.extend(self.end_due(&id, now));
        }
        let result = match command {
            Command::Upsert(upsert) => self.upsert(upsert, now).map(Some),
            Command::Update(update) => match self.update(update) {
                Ok(None) => return (steps, Ok(Answer::Unchanged)),
                other => other,
            },
            Command::Delete { id, viewer } => self.delete(id, viewer).map(Some),
            Command::EndSocket { connection, end } => Ok(self.end_socket(HolderKey::Socket(*connection), *end)),
            Command::EndSession { user, session } => Ok(self.end_session(user, session)),
            Command::EndUser { user } => Ok(self.id_of(user).map(|id| self.put(&id, None, Some(Announcement::Delete)))),
            Command::EndDue { id } => Ok(self.end_due(id, now)),
        };
        let answer = result.map(|step| {
            let answer = if step.is_some() { Answer::Changed } else { Answer::Nothing };
            steps.extend(step);
            answer
        });
        (steps, answer)
    }

    /// The records that a command looks at: what is due of them ends first.
    fn concerned(&self, command: &Command) -> Vec<PresenceId> {
        let mut ids = match command {
            Command::Upsert(upsert) => vec![self.id_of(&upsert.user), Some(upsert.id.clone())],
            Command::Update(update) => {
                vec![Some(update.id.clone()), update.user.as_ref().and_then(|user| self.id_of(user))]
            }
            Command::Delete { id, .. } => vec![Some(id.clone())],
            Command::EndSocket { connection, .. } => vec![self.id_held_by(HolderKey::Socket(*connection))],
            Command::EndSession { user, .. } | Command::EndUser { user } => vec![self.id_of(user)],
            Command::EndDue { .. } => vec![],
        };
        ids.dedup();
        ids.into_iter().flatten().collect()
    }

    /// Ends what is due of a record, and pushes on what an open socket holds.
    pub(crate) fn end_due(&mut self, id: &PresenceId, now: Timestamp) -> Option<Step> {
        let being = self.beings.get(id).filter(|being| being.due_at() <= now)?;
        let left = being.settled(now);
        Some(self.leave(id, left))
    }

    /// What is left of a record after some of its holders have ended.
    fn leave(&mut self, id: &PresenceId, left: Option<Being>) -> Step {
        let told = match (&left, self.beings.get(id)) {
            (None, _) => Some(Announcement::Delete),
            (Some(left), Some(before)) => {
                let (now, then) = (left.shown(), before.shown());
                // Another holder's state shows; nobody is told where it is the same.
                (now.key != then.key && now.state != then.state).then_some(Announcement::Update)
            }
            (Some(_), None) => None,
        };
        self.put(id, left, told)
    }

    fn upsert(&mut self, upsert: &Upsert, now: Timestamp) -> Result<Step, Rejection> {
        let own = self.id_of(&upsert.user);
        if own.is_none() && self.beings.contains_key(&upsert.id) {
            return Err(Rejection::Exists);
        }
        let id = own.unwrap_or_else(|| upsert.id.clone());
        let seq = self.seq + 1;
        let before = self.beings.get(&id);
        let socket = upsert.holder != HolderKey::Rest;
        let shown = before.map(|being| being.shown().state.metadata.clone()).filter(|_| socket);
        let lease_end = upsert.expires_at.unwrap_or_else(|| now.plus(upsert.default_expiry));
        let state = State {
            status: upsert.status.clone(),
            metadata: upsert.metadata.clone().or(shown).unwrap_or_default(),
            permissions: upsert.permissions.clone().unwrap_or_else(|| Permissions::default_for(&upsert.user)),
            expires_at: if socket { now.plus(SOCKET_LIFE) } else { lease_end },
            source: upsert.source,
        };
        let hold = Hold {
            key: upsert.holder,
            session: upsert.session.clone(),
            state,
            renews: socket,
            grace: None,
            written: seq,
        };
        let mut being = before.cloned().unwrap_or_else(|| Being {
            user: upsert.user.clone(),
            created_at: now,
            creation: seq,
            holds: Vec::new(),
        });
        let back = |old: &Hold| socket && old.grace.is_some() && old.session.is_some() && old.session == upsert.session;
        being.holds.retain(|old| old.key != upsert.holder && !back(old));
        being.holds.push(hold);
        Ok(self.put(&id, Some(being), Some(Announcement::Upsert)))
    }

    /// None where nothing would change.
    fn update(&mut self, update: &Update) -> Result<Option<Step>, Rejection> {
        let being = self.visible(&update.id, &update.viewer)?;
        if let Some(permissions) = &update.permissions {
            check_grants(&update.viewer, permissions)?;
        }
        let mover = update.user.as_ref().filter(|user| **user != being.user);
        let mut after = being.clone();
        let newest = being.shown().written;
        let shown = after.holds.iter_mut().find(|hold| hold.written == newest).expect("it shows");
        shown.state.status = update.status.clone().unwrap_or_else(|| shown.state.status.clone());
        shown.state.metadata = update.metadata.clone().unwrap_or_else(|| shown.state.metadata.clone());
        if let Some(expires_at) = update.expires_at {
            shown.state.expires_at = expires_at;
            shown.renews = false;
        }
        if let Some(permissions) = update.permissions.clone().or_else(|| mover.map(Permissions::default_for)) {
            for hold in &mut after.holds {
                hold.state.permissions = permissions.clone();
            }
        }
        if mover.is_none() && after == being {
            return Ok(None);
        }
        if !allowed(&being, "update", &update.viewer) {
            return Err(Rejection::Unauthorized);
        }
        if let Some(user) = mover {
            if self.id_of(user).is_some() {
                return Err(Rejection::Exists);
            }
            after.user = user.clone();
            after.holds.retain(|hold| hold.written == newest);
            let lease = &mut after.holds[0];
            (lease.key, lease.session, lease.renews, lease.grace) = (HolderKey::Rest, None, false, None);
        }
        let same = Seen::of(&update.id, &after) == Seen::of(&update.id, &being);
        Ok(Some(self.put(&update.id, Some(after), (!same).then_some(Announcement::Update))))
    }

    fn delete(&mut self, id: &PresenceId, viewer: &Viewer) -> Result<Step, Rejection> {
        let being = self.visible(id, viewer)?;
        if !allowed(&being, "delete", viewer) {
            return Err(Rejection::Unauthorized);
        }
        Ok(self.put(id, None, Some(Announcement::Delete)))
    }

    fn end_socket(&mut self, key: HolderKey, end: SocketEnd) -> Option<Step> {
        let id = self.id_held_by(key)?;
        let mut left = self.beings[&id].clone();
        match end {
            SocketEnd::Now => left.holds.retain(|hold| hold.key != key),
            SocketEnd::Grace(until) => {
                for hold in left.holds.iter_mut().filter(|hold| hold.key == key) {
                    hold.grace = Some(hold.grace.map_or(until, |grace| grace.min(until)));
                    hold.renews = false;
                }
            }
        }
        let left = (!left.holds.is_empty()).then_some(left);
        Some(self.leave(&id, left))
    }

    fn end_session(&mut self, user: &UserId, session: &SessionId) -> Option<Step> {
        let id = self.id_of(user)?;
        let mut left = self.beings[&id].clone();
        left.holds.retain(|hold| hold.key == HolderKey::Rest || hold.session.as_ref() != Some(session));
        if left.holds.len() == self.beings[&id].holds.len() {
            return None;
        }
        let left = (!left.holds.is_empty()).then_some(left);
        Some(self.leave(&id, left))
    }

    fn visible(&self, id: &PresenceId, viewer: &Viewer) -> Result<Being, Rejection> {
        let being = self.beings.get(id).filter(|being| allowed(being, "read", viewer));
        being.cloned().ok_or(Rejection::NotFound)
    }
}

fn allowed(being: &Being, action: &str, viewer: &Viewer) -> bool {
    let permissions: Vec<String> = being.shown().state.permissions.iter().map(|granted| granted.to_string()).collect();
    may(viewer, action, being.user.as_str(), &permissions)
}

/// Read may be granted to anybody, the rest only to roles that the granter holds.
pub(crate) fn check_grants(viewer: &Viewer, permissions: &Permissions) -> Result<(), Rejection> {
    let holds = |role: &str| viewer.is_privileged() || viewer.roles().iter().any(|own| own.as_str() == role);
    let wrong = permissions.iter().find(|entry| entry.action.as_str() != "read" && !holds(entry.role.as_str()));
    wrong.map_or(Ok(()), |entry| Err(Rejection::NotGrantable(entry.to_string())))
}
