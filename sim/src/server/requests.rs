//! Requests over HTTP: writes, changes, deletes and lists, by users and by keys.

use std::{rc::Rc, time::Duration};

use herenow_broker::{Broker, Moment};
use herenow_core::{
    Metadata, Permissions, PresenceId, SessionId, Source, Status, UserId,
    permission::Grants,
    tracker::{Command, HolderKey, Update, Upsert},
};

use super::{LEASE, Server, identity::Caller};
use crate::model::{Seen, check_grants, reads};

/// What is asked for.
#[derive(Debug, Clone)]
pub(crate) enum Request {
    Put {
        id: PresenceId,
        /// Keys say whose it is.
        user: Option<UserId>,
        status: Status,
        permissions: Option<Permissions>,
        lasts: Option<Duration>,
    },
    Patch {
        id: PresenceId,
        user: Option<UserId>,
        status: Option<Status>,
        metadata: Option<Metadata>,
        permissions: Option<Permissions>,
        lasts: Option<Duration>,
    },
    Delete {
        id: PresenceId,
    },
    List,
}

impl Server {
    /// Answers a request; `session` is none where a key asks.
    pub(crate) async fn request(self: Rc<Self>, session: Option<SessionId>, request: Request) {
        let caller = match &session {
            Some(session) => self.identify(session).await,
            None => Some(Caller::key()),
        };
        let Some(caller) = caller else { return };
        match request {
            Request::Put { id, user, status, permissions, lasts } => {
                let Some(user) = caller.user.clone().or(user) else { return };
                self.look_up().await;
                if !self.around.accounts.borrow().is_welcome(&user) {
                    return;
                }
                self.look_up().await;
                if permissions.as_ref().is_some_and(|list| check_grants(&caller.viewer, list).is_err()) {
                    return;
                }
                let upsert = Upsert {
                    id,
                    user,
                    holder: HolderKey::Rest,
                    session: None,
                    status,
                    metadata: None,
                    permissions,
                    expires_at: lasts.map(|lasts| self.now().plus(lasts)),
                    default_expiry: LEASE,
                    source: Source::Rest,
                };
                drop(self.write(upsert).await);
            }
            Request::Patch { id, user, status, metadata, permissions, lasts } => {
                let user = user.filter(|_| session.is_none());
                self.look_up().await;
                if user.as_ref().is_some_and(|user| !self.around.accounts.borrow().is_welcome(user)) {
                    return;
                }
                self.look_up().await;
                let update = Update {
                    id,
                    viewer: caller.viewer,
                    grants: Grants::ReadToAnyone,
                    user: user.clone(),
                    status,
                    metadata,
                    permissions,
                    expires_at: lasts.map(|lasts| self.now().plus(lasts)),
                };
                drop(self.apply(Command::Update(update)).await);
                if let Some(user) = user.filter(|user| self.gone_users.borrow().contains(user)) {
                    // The record may have moved to who went meanwhile.
                    drop(self.apply(Command::EndUser { user }).await);
                }
            }
            Request::Delete { id } => drop(self.apply(Command::Delete { id, viewer: caller.viewer }).await),
            Request::List => self.list(&caller).await,
        }
    }

    /// A list is what lives and may be read at one moment.
    async fn list(&self, caller: &Caller) {
        let mut found = Vec::new();
        let mut read = |moment: Moment<'_>| {
            found =
                moment.tracker.readable(&caller.viewer, moment.now).map(|presence| Seen::presence(&presence)).collect();
        };
        drop(self.broker.show(&self.project, &mut read).await);
        let mut oracle = self.around.oracle.borrow_mut();
        let all = oracle.model.list(self.now()).into_iter().map(|(_, seen)| seen);
        let own: Vec<Seen> = all.filter(|seen| reads(&caller.viewer, seen)).collect();
        if found != own {
            oracle.fail(format!("{caller:?} listed {found:#?} and may see {own:#?}"));
        }
    }
}
