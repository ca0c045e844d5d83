//! Users sign in and out, change their roles, are blocked and go.

use herenow_core::{SessionId, UserId};
use serde_json::json;

use super::{World, client::Tab};

const ROLES: [&str; 2] = ["label:vip", "team:t1"];

impl World {
    fn any_user(&self) -> Option<UserId> {
        self.random().pick(&self.users).cloned()
    }

    /// A session of somebody, often one that is there already: tabs of one browser share it.
    pub(super) fn any_session(&self) -> Option<SessionId> {
        let random = self.random();
        let user = self.any_user()?;
        let mut accounts = self.around.accounts.borrow_mut();
        let known: Vec<SessionId> = accounts.users.get(&user)?.sessions.iter().cloned().collect();
        let some = random.pick(&known).cloned().filter(|_| random.chance(75));
        some.or_else(|| accounts.add_session(&user))
    }

    pub(super) fn log_in_or_out(&mut self) {
        if self.random().chance(50) { self.log_in() } else { self.log_out() }
    }

    /// A tab gets another session, and tells the server where it is connected.
    fn log_in(&mut self) {
        let Some((index, id)) = self.connected_tab() else { return };
        let Some(session) = self.any_session() else { return };
        self.say(|| format!("  {id:?} signs in with {session:?}"));
        self.tabs[index].login = Some(session.clone());
        self.around.oracle.borrow_mut().mirrors.mix(self.tabs[index].number);
        self.send(id, &json!({"type": "authentication", "data": {"session": session.as_str()}}));
    }

    fn log_out(&mut self) {
        // Often one whose tab is away: it comes back without knowing.
        let away = |tab: &&Tab| tab.link.is_none();
        let logins: Vec<SessionId> = self.tabs.iter().filter(away).filter_map(|tab| tab.login.clone()).collect();
        let login = self.random().pick(&logins).cloned().filter(|_| self.random().chance(50));
        let known = login.and_then(|login| Some((self.around.accounts.borrow().user_of(&login)?, login)));
        if let Some((user, session)) = known.or_else(|| self.any_open_session()) {
            self.end_session(user, session);
        }
    }

    fn any_open_session(&self) -> Option<(UserId, SessionId)> {
        let sessions: Vec<(UserId, SessionId)> = {
            let accounts = self.around.accounts.borrow();
            let own = accounts.users.iter().flat_map(|(user, account)| account.sessions.iter().map(move |s| (user, s)));
            own.map(|(user, session)| (user.clone(), session.clone())).collect()
        };
        self.random().pick(&sessions).cloned()
    }

    fn end_session(&self, user: UserId, session: SessionId) {
        self.say(|| format!("  {session:?} of {user:?} ends"));
        if let Some(account) = self.around.accounts.borrow_mut().users.get_mut(&user) {
            account.sessions.remove(&session);
        }
        self.around.executor.spawn("effect", self.server.clone().session_ended(user, session));
    }

    /// Somebody says something, and is signed out and cut off before it has been done.
    pub(super) fn leave_in_a_hurry(&mut self) {
        let Some((index, id)) = self.connected_tab() else { return };
        let login = self.tabs[index].login.clone();
        let known = login.and_then(|login| Some((self.around.accounts.borrow().user_of(&login)?, login)));
        let Some((user, session)) = known else { return };
        self.send(id, &json!({"type": "presence", "data": {"status": "leaving", "presenceId": "p0"}}));
        self.carry_all_up(id);
        self.poll_some();
        if self.random().chance(60) {
            self.cut_off(id);
            // Something to be sent, so that the server finds the line broken while it is at work.
            self.write_for_all();
            self.poll_some();
            self.pump_some();
            self.server.flush();
        }
        self.end_session(user, session);
        self.poll_some();
        self.cut_off(id);
    }

    fn poll_some(&mut self) {
        for _ in 0..self.random().below(8) {
            self.poll_one();
        }
    }

    /// The tab's session has ended: it is nobody's from now on.
    pub(super) fn forget_login(&mut self, index: usize) {
        self.tabs[index].login = None;
        self.tabs[index].presence = None;
    }

    pub(super) fn change_roles(&mut self) {
        let Some(user) = self.any_user() else { return };
        self.server.user_changes(&user);
        let role = (*self.random().pick(&ROLES).expect("there are some")).to_owned();
        if let Some(account) = self.around.accounts.borrow_mut().users.get_mut(&user)
            && !account.extra_roles.remove(&role)
        {
            account.extra_roles.insert(role.clone());
        }
        self.say(|| format!("  {user:?} gets or loses {role}"));
        self.around.executor.spawn("effect", self.server.clone().user_changed(user));
    }

    pub(super) fn block_or_unblock(&mut self) {
        let Some(user) = self.any_user() else { return };
        let blocked = {
            let mut accounts = self.around.accounts.borrow_mut();
            let Some(account) = accounts.users.get_mut(&user) else { return };
            account.blocked = !account.blocked;
            account.blocked
        };
        self.say(|| format!("  {user:?} is blocked: {blocked}"));
        if blocked {
            self.around.executor.spawn("effect", self.server.clone().user_gone(user));
        } else {
            self.server.user_is_back(&user);
        }
    }

    pub(super) fn delete_user(&mut self) {
        let Some(user) = self.any_user() else { return };
        self.say(|| format!("  {user:?} is deleted"));
        self.users.retain(|known| *known != user);
        let new = {
            let mut accounts = self.around.accounts.borrow_mut();
            accounts.users.remove(&user);
            accounts.add_user()
        };
        self.users.push(new);
        self.around.executor.spawn("effect", self.server.clone().user_gone(user));
    }
}
