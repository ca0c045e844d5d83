//! What happens to open sockets when sessions end, users go or roles change.

use std::rc::Rc;

use herenow_broker::Broker;
use herenow_core::{SessionId, UserId, tracker::Command};
use herenow_wire::close::CloseCode;

use super::{Known, Server};

impl Server {
    pub(crate) async fn session_ended(self: Rc<Self>, user: UserId, session: SessionId) {
        self.gone_sessions.borrow_mut().insert(session.clone());
        self.close_where(|known| known.session.as_ref() == Some(&session));
        drop(self.apply(Command::EndSession { user, session }).await);
    }

    /// A user was deleted or blocked.
    pub(crate) async fn user_gone(self: Rc<Self>, user: UserId) {
        self.gone_users.borrow_mut().insert(user.clone());
        self.close_where(|known| known.user.as_ref() == Some(&user));
        drop(self.apply(Command::EndUser { user }).await);
    }

    pub(crate) fn user_is_back(&self, user: &UserId) {
        self.gone_users.borrow_mut().remove(user);
    }

    /// A user's labels or teams are about to change: who is looked up from now on may have the new ones.
    pub(crate) fn user_changes(&self, user: &UserId) {
        self.role_changes.borrow_mut().begin(user);
        self.around.oracle.borrow_mut().roles_change(user);
    }

    /// A user's labels or teams changed.
    pub(crate) async fn user_changed(self: Rc<Self>, user: UserId) {
        let sockets: Vec<_> = self.sockets.borrow().iter().map(|(id, known)| (*id, known.clone())).collect();
        for (id, known) in sockets.into_iter().filter(|(_, known)| known.user.as_ref() == Some(&user)) {
            let mut viewer = known.viewer.lock().await;
            // Read under the lock: of two changes the later one is the last word.
            self.look_up().await;
            let now = self.around.accounts.borrow().viewer(&user);
            self.look_up().await;
            let still = self.known(id).is_some_and(|known| known.user.as_ref() == Some(&user));
            if let Some(after) = now.filter(|after| still && *after != *viewer) {
                drop(self.become_viewer(id, &mut viewer, after, None).await);
            }
        }
        let seq = self.broker.position(&self.project).map_or(u64::MAX, |(_, seq)| seq);
        self.role_changes.borrow_mut().end(&user, seq);
        self.around.oracle.borrow_mut().roles_changed(&user);
    }

    /// After a start: users may have gone whose end was not kept before a crash.
    pub(super) async fn end_gone_users(self: Rc<Self>) {
        let mut users = Vec::new();
        let mut read = |moment: herenow_broker::Moment<'_>| {
            users = moment.tracker.records().map(|record| record.presence.user.clone()).collect();
        };
        drop(self.broker.show(&self.project, &mut read).await);
        users.sort_unstable();
        for user in users {
            if !self.around.accounts.borrow().is_welcome(&user) {
                drop(self.apply(Command::EndUser { user }).await);
            }
        }
    }

    fn close_where(&self, which: impl Fn(&Known) -> bool) {
        let named: Vec<_> = self.sockets.borrow().values().filter(|known| which(known)).cloned().collect();
        for known in named {
            known.outbox.close(CloseCode::GoingAway);
        }
    }
}
