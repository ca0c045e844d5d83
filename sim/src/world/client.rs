//! Tabs of browsers: what they send, what they read, how they go and come back.

use herenow_core::{ConnectionId, SessionId};
use herenow_hub::frame::{Decoder, Event, encode};
use serde_json::{Value, json};

use super::{Line, World};
use crate::{oracle::State, pipe::Pipe, server::Opening};

/// One tab, as long as its page stays.
pub(super) struct Tab {
    pub(super) number: u64,
    /// The session in its cookie jar.
    pub(super) login: Option<SessionId>,
    pub(super) link: Option<Link>,
    pub(super) subscriptions: Vec<Wanted>,
    /// What it last said of its user; said again after a reconnect.
    pub(super) presence: Option<Value>,
}

/// Its open connection.
pub(super) struct Link {
    pub(super) id: ConnectionId,
    pub(super) paused: bool,
    decoder: Decoder,
    closed: Option<u16>,
}

/// One of its subscriptions.
pub(super) struct Wanted {
    pub(super) id: String,
    pub(super) channels: Vec<String>,
    pub(super) status: Option<String>,
    /// Whether the client asks for what it missed by itself.
    pub(super) names_since: bool,
}

fn text_frame(message: &Value) -> Vec<u8> {
    let mut frame = Vec::new();
    encode::write_text(&mut frame, &[message.to_string().as_bytes()]);
    frame
}

impl World {
    pub(super) fn add_tab(&mut self) {
        let number = self.next_tab;
        self.next_tab += 1;
        let login = if self.random().chance(85) { self.any_session() } else { None };
        self.tabs.push(Tab { number, login, link: None, subscriptions: Vec::new(), presence: None });
    }

    fn line(&self, id: ConnectionId) -> Option<&Line> {
        self.lines.iter().find(|line| line.id == id)
    }

    /// The place of a random tab that is connected, and its connection.
    pub(super) fn connected_tab(&self) -> Option<(usize, ConnectionId)> {
        let connected = |(index, tab): (usize, &Tab)| {
            tab.link.as_ref().filter(|link| link.closed.is_none()).map(|link| (index, link.id))
        };
        let all: Vec<_> = self.tabs.iter().enumerate().filter_map(connected).collect();
        self.random().pick(&all).copied()
    }

    pub(super) fn send(&self, id: ConnectionId, message: &Value) {
        self.say(|| format!("  {id:?} <- {message}"));
        if let Some(line) = self.line(id) {
            line.pipe.send(&text_frame(message));
        }
    }

    /// A tab without a connection opens one, and says everything again.
    pub(super) fn reconnect(&mut self) {
        let random = self.random();
        let idle: Vec<usize> = (0..self.tabs.len()).filter(|index| self.tabs[*index].link.is_none()).collect();
        let Some(&index) = random.pick(&idle) else { return };
        let id = ConnectionId(self.next_connection);
        self.next_connection += 1;
        let pipe = Pipe::new(self.window, self.now());
        let (tab, login) = (self.tabs[index].number, self.tabs[index].login.clone());
        self.say(|| format!("  tab {tab} opens {id:?} with {login:?}"));
        // Mobile SDKs prove their session by a message, browsers by a cookie.
        let by_message = login.is_some() && random.chance(25);
        let session = login.clone().filter(|_| !by_message);
        let opening = Opening { id, tab, pipe: pipe.clone(), session };
        self.around.executor.spawn("socket", self.server.clone().open(opening));
        self.lines.push(Line { id, pipe, tab: Some(tab) });
        self.tabs[index].link = Some(Link { id, paused: false, decoder: Decoder::new(1 << 20), closed: None });
        if by_message && let Some(session) = &login {
            self.send(id, &json!({"type": "authentication", "data": {"session": session.as_str()}}));
        }
        let rows: Vec<Value> = (0..self.tabs[index].subscriptions.len()).map(|place| self.row(index, place)).collect();
        if !rows.is_empty() {
            self.send(id, &json!({"type": "subscribe", "data": rows}));
        }
        if let Some(presence) = self.tabs[index].presence.clone() {
            self.send(id, &presence);
        }
    }

    fn row(&self, index: usize, place: usize) -> Value {
        let tab = &self.tabs[index];
        let wanted = &tab.subscriptions[place];
        let mut row = json!({"subscriptionId": wanted.id, "channels": wanted.channels});
        if let Some(status) = &wanted.status {
            let query = json!({"method": "equal", "attribute": "status", "values": [status]}).to_string();
            row["queries"] = json!([query]);
        }
        let oracle = self.around.oracle.borrow();
        let mirror = oracle.mirrors.get(tab.number, &wanted.id).filter(|mirror| mirror.state == State::Whole);
        let accounts = self.around.accounts.borrow();
        let user = tab.login.as_ref().and_then(|login| accounts.owner(login));
        // What was learned as somebody else is of no use.
        if let Some(mirror) = mirror.filter(|mirror| wanted.names_since && mirror.is_learned_as(user)) {
            row["since"] = json!({"epoch": format!("run{}", mirror.run), "seq": mirror.seq});
        }
        row
    }

    pub(super) fn send_subscribe(&mut self) {
        let Some((index, id)) = self.connected_tab() else { return };
        let random = self.random();
        if self.tabs[index].subscriptions.len() >= 3 {
            return;
        }
        let name = format!("s{}", self.next_subscription);
        self.next_subscription += 1;
        let channels = match random.below(10) {
            0..=4 => vec!["presences".to_owned()],
            5..=7 => vec!["snapshot.presences".to_owned()],
            8 => vec![format!("presences.p{}", random.below(4))],
            _ => vec!["presences.delete".to_owned(), "presences".to_owned()],
        };
        let snapshot = channels[0].starts_with("snapshot");
        let status = random.chance(15).then(|| "busy".to_owned());
        let names_since = status.is_none() && snapshot && random.chance(70);
        self.tabs[index].subscriptions.push(Wanted { id: name, channels, status, names_since });
        let place = self.tabs[index].subscriptions.len() - 1;
        let row = self.row(index, place);
        self.send(id, &json!({"type": "subscribe", "data": [row]}));
    }

    pub(super) fn send_unsubscribe(&mut self) {
        let Some((index, id)) = self.connected_tab() else { return };
        let subscriptions = &mut self.tabs[index].subscriptions;
        if subscriptions.is_empty() {
            return;
        }
        let gone = subscriptions.remove(self.around.random.below(subscriptions.len()));
        self.send(id, &json!({"type": "unsubscribe", "data": [{"subscriptionId": gone.id}]}));
    }

    pub(super) fn send_ping(&mut self) {
        if let Some((_, id)) = self.connected_tab() {
            self.send(id, &json!({"type": "ping"}));
        }
    }

    /// The page is closed or loaded anew: a close frame, and new ids from then on.
    pub(super) fn close_cleanly(&mut self) {
        let Some((index, id)) = self.connected_tab() else { return };
        self.say(|| format!("  {id:?} closes"));
        let mut frame = Vec::new();
        encode::write_close_reply(&mut frame, herenow_hub::frame::CloseCode::new(1000));
        if let Some(line) = self.line(id) {
            line.pipe.send(&frame);
        }
        let tab = &mut self.tabs[index];
        (tab.link, tab.presence) = (None, None);
        tab.subscriptions.clear();
        self.let_go(id);
    }

    /// Nobody reads this connection any more.
    pub(super) fn let_go(&mut self, id: ConnectionId) {
        self.around.oracle.borrow_mut().deaf(id);
        for line in self.lines.iter_mut().filter(|line| line.id == id) {
            line.tab = None;
        }
    }

    /// A client finds its connection broken.
    pub(super) fn drop_broken_links(&mut self) {
        let broken: Vec<ConnectionId> =
            self.lines.iter().filter(|line| line.tab.is_some() && !line.pipe.is_whole()).map(|line| line.id).collect();
        for id in broken {
            for tab in &mut self.tabs {
                tab.link.take_if(|link| link.id == id);
            }
            self.let_go(id);
        }
    }

    pub(super) fn carry_up(&mut self) {
        let random = self.random();
        let waiting: Vec<_> = self.lines.iter().filter(|line| line.pipe.has_up()).collect();
        if let Some(line) = random.pick(&waiting) {
            line.pipe.carry_up(if random.chance(70) { usize::MAX } else { 1 + random.below(60) });
        }
    }

    pub(super) fn carry_all_up(&self, id: ConnectionId) {
        if let Some(line) = self.line(id) {
            line.pipe.carry_up(usize::MAX);
        }
    }

    pub(super) fn carry_down(&mut self) {
        let random = self.random();
        let readable: Vec<usize> = (0..self.lines.len()).filter(|place| self.may_read(*place)).collect();
        if let Some(&place) = random.pick(&readable) {
            self.read(place, if random.chance(60) { usize::MAX } else { 1 + random.below(600) });
        }
    }

    fn may_read(&self, place: usize) -> bool {
        let line = &self.lines[place];
        let own = self.tabs.iter().find(|tab| Some(tab.number) == line.tab).and_then(|tab| tab.link.as_ref());
        let paused = own.is_some_and(|link| link.id == line.id && link.paused);
        line.pipe.has_down() && !paused
    }

    /// Carries all that is on the lines; whether there was anything.
    pub(super) fn carry_everything(&mut self) -> bool {
        let mut any = false;
        for line in self.lines.iter().filter(|line| line.pipe.has_up()) {
            line.pipe.carry_up(usize::MAX);
            any = true;
        }
        let mut place = 0;
        while place < self.lines.len() {
            if self.may_read(place) {
                any = true;
                if !self.read(place, usize::MAX) {
                    continue;
                }
            }
            place += 1;
        }
        any
    }

    /// Bytes arrive at a client; false where the line has come to its end.
    fn read(&mut self, place: usize, limit: usize) -> bool {
        let Line { id, pipe, tab } = &self.lines[place];
        let (id, pipe, tab) = (*id, pipe.clone(), *tab);
        let (mut bytes, last) = pipe.receive(limit);
        if let Some(index) = tab.and_then(|number| self.tabs.iter().position(|tab| tab.number == number)) {
            self.understand(index, id, &mut bytes, &pipe);
        }
        if last {
            pipe.hang_up();
            for tab in &mut self.tabs {
                tab.link.take_if(|link| link.id == id);
            }
            self.let_go(id);
            self.lines.remove(place);
        }
        !last
    }

    fn understand(&mut self, index: usize, id: ConnectionId, bytes: &mut [u8], pipe: &Pipe) {
        let random = self.random();
        let Some(link) = self.tabs[index].link.as_mut().filter(|link| link.id == id) else { return };
        let mut input = bytes;
        let mut code = None;
        loop {
            match link.decoder.decode(&mut input) {
                Ok(Some(Event::Text(text))) => match serde_json::from_str(&text) {
                    Ok(message) => {
                        if self.trace == super::Trace::On {
                            eprintln!("  {id:?} -> {text}");
                        }
                        self.around.oracle.borrow_mut().heard(id, &message);
                    }
                    Err(error) => self.around.oracle.borrow_mut().fail(format!("{error} in {text}")),
                },
                Ok(Some(Event::Ping(payload))) if random.chance(70) => {
                    let mut pong = Vec::new();
                    encode::write_pong(&mut pong, &payload);
                    pipe.send(&pong);
                }
                Ok(Some(Event::Close(closing))) => code = Some(closing.map_or(1005, |closing| closing.code.get())),
                Ok(Some(_)) => {}
                Ok(None) => break,
                Err(error) => {
                    self.around.oracle.borrow_mut().fail(format!("{id:?} read no frame: {error}"));
                    break;
                }
            }
        }
        if let Some(code) = code {
            link.closed = Some(code);
            // The answer to the server's close; some clients just hang up.
            if random.chance(70) {
                let mut reply = Vec::new();
                encode::write_close_reply(&mut reply, herenow_hub::frame::CloseCode::new(code));
                pipe.send(&reply);
            } else {
                pipe.hang_up();
            }
            self.say(|| format!("  {id:?} was closed with {code}"));
            if code == 1001 {
                self.forget_login(index);
            }
        }
    }
}
