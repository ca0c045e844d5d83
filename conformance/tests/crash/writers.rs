//! Writers of every kind. Each writes its own user's presence, one write after the other, and notes what was
//! acknowledged; a write that fails ends its round.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use herenow_testkit::{Http, Server, SignedIn, Socket, SocketOptions, timestamp_after, unique_id, unix_millis};
use serde_json::json;

use crate::journal::{Journals, State};

/// Longer than a round's way to a list, so that some are seen alive after a crash and some are not.
const SHORT_LIFE: Duration = Duration::from_millis(200);

/// How somebody writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Over HTTP, again and again.
    Lease,
    /// On a socket.
    Socket,
    /// Over HTTP and on a socket in turn.
    Both,
    /// Over HTTP, deleting it in between.
    ComesAndGoes,
    /// Over HTTP, to end by itself soon.
    Expires,
    /// By a key for a new user each time, who is deleted then.
    Vanishes,
}

impl Kind {
    pub(crate) const ALL: [Self; 6] =
        [Self::Lease, Self::Socket, Self::Both, Self::ComesAndGoes, Self::Expires, Self::Vanishes];
}

/// Where the server is.
#[derive(Clone)]
pub(crate) struct Place {
    guest: Http,
    key: Http,
    options: SocketOptions,
}

impl Place {
    pub(crate) fn of(server: &Server) -> Self {
        Self { guest: server.guest(), key: server.as_key(), options: server.socket_options() }
    }
}

/// Somebody who writes.
pub(crate) struct Writer {
    kind: Kind,
    person: SignedIn,
    id: String,
    number: u64,
    socket: Option<Socket>,
    /// The users that it made and that were not acknowledged as deleted.
    made: Vec<String>,
}

impl Writer {
    pub(crate) async fn new(server: &Server, kind: Kind) -> Result<Self> {
        let person = server.new_user("Writer").await?;
        Ok(Self { kind, person, id: unique_id(), number: 0, socket: None, made: Vec::new() })
    }

    /// Writes until the server is gone.
    pub(crate) async fn write_until_interrupted(&mut self, place: &Place, journals: &Journals) {
        while self.write(place, journals).await.is_ok() {}
        self.socket = None;
    }

    async fn write(&mut self, place: &Place, journals: &Journals) -> Result<()> {
        self.number += 1;
        let number = self.number;
        match self.kind {
            Kind::Lease => self.lease(place, journals, State::Written(number)).await,
            Kind::Socket => self.say(place, journals, number).await,
            Kind::Both if number.is_multiple_of(2) => self.say(place, journals, number).await,
            Kind::Both => self.lease(place, journals, State::Written(number)).await,
            Kind::ComesAndGoes => {
                self.lease(place, journals, State::Written(number)).await?;
                self.delete(place, journals).await
            }
            Kind::Expires => {
                let end = unix_millis() + i64::try_from(SHORT_LIFE.as_millis())?;
                self.lease(place, journals, State::Until(number, end)).await
            }
            Kind::Vanishes => self.appear_and_vanish(place, journals, number).await,
        }
    }

    async fn lease(&self, place: &Place, journals: &Journals, state: State) -> Result<()> {
        let (number, expires) = match state {
            State::Written(number) => (number, timestamp_after(Duration::from_secs(3_600))),
            State::Until(number, _) => (number, timestamp_after(SHORT_LIFE)),
            State::Gone => anyhow::bail!("a lease is no end"),
        };
        let body = json!({"status": number.to_string(), "expiresAt": expires, "permissions": ["read(\"any\")"]});
        journals.ask(&self.person.user_id, state);
        self.session(place).put(&format!("/v1/presences/{}", self.id), &body).await?.expect_status(200)?;
        journals.acknowledge(&self.person.user_id);
        Ok(())
    }

    async fn delete(&self, place: &Place, journals: &Journals) -> Result<()> {
        let own = self.own(place).await?;
        journals.ask(&self.person.user_id, State::Gone);
        let path = format!("/v1/presences/{}", own.context("it was acknowledged and is not listed")?);
        self.session(place).delete(&path).await?.expect_status(204)?;
        journals.acknowledge(&self.person.user_id);
        Ok(())
    }

    /// The id of its presence, if it has one.
    async fn own(&self, place: &Place) -> Result<Option<String>> {
        let query = json!({"method": "equal", "attribute": "userId", "values": [self.person.user_id]}).to_string();
        let list = self.session(place).request(http::Method::GET, "/v1/presences").query("queries[]", &query).send();
        let list = list.await?.expect_status(200)?.json()?;
        let own = list["presences"].as_array().context("a list")?.first();
        Ok(own.and_then(|record| record["$id"].as_str()).map(str::to_owned))
    }

    fn session(&self, place: &Place) -> Http {
        place.guest.clone().with_header("X-Appwrite-Session", &self.person.token)
    }

    async fn say(&mut self, place: &Place, journals: &Journals, number: u64) -> Result<()> {
        let socket = match &mut self.socket {
            Some(socket) => socket,
            none => none.insert(connect(place, &self.person).await?),
        };
        let data = json!({"status": number.to_string(), "permissions": ["read(\"any\")"]});
        journals.ask(&self.person.user_id, State::Written(number));
        let answer = socket.request(&json!({"type": "presence", "data": data.clone()})).await?;
        ensure!(answer["presence"]["status"] == data["status"], "{answer}");
        journals.acknowledge(&self.person.user_id);
        Ok(())
    }

    async fn appear_and_vanish(&mut self, place: &Place, journals: &Journals, number: u64) -> Result<()> {
        let user = unique_id();
        self.made.push(user.clone());
        place.key.post("/v1/users", &json!({"userId": user})).await?.expect_status(201)?;
        let body = json!({"userId": user, "status": number.to_string(), "permissions": ["read(\"any\")"]});
        journals.ask(&user, State::Written(number));
        place.key.put(&format!("/v1/presences/{user}"), &body).await?.expect_status(200)?;
        journals.acknowledge(&user);
        journals.ask(&user, State::Gone);
        place.key.delete(&format!("/v1/users/{user}")).await?.expect_status(204)?;
        journals.acknowledge(&user);
        self.made.pop();
        Ok(())
    }

    /// Ends everything that it holds: its socket by a close frame, its lease by a delete.
    pub(crate) async fn leave(&mut self, place: &Place) -> Result<()> {
        if matches!(self.kind, Kind::Socket | Kind::Both) {
            // Comes back once more, so that what a crash left in grace is taken over.
            let mut socket = connect(place, &self.person).await?;
            let data = json!({"status": "0", "permissions": ["read(\"any\")"]});
            socket.request(&json!({"type": "presence", "data": data})).await?;
            socket.close(1000).await?;
        }
        for user in self.made.drain(..) {
            // One of the two is there where the crash came between them.
            for path in [format!("/v1/presences/{user}"), format!("/v1/users/{user}")] {
                let status = place.key.delete(&path).await?.status;
                ensure!(status == 204 || status == 404, "{path}: {status}");
            }
        }
        // A lease that was under the socket shows again; of the others some have one.
        if self.kind != Kind::Socket
            && let Some(id) = self.own(place).await?
        {
            let status = self.session(place).delete(&format!("/v1/presences/{id}")).await?.status;
            ensure!(status == 204 || status == 404, "{id}: {status}");
        }
        Ok(())
    }
}

async fn connect(place: &Place, person: &SignedIn) -> Result<Socket> {
    let options = place.options.clone().header("X-Appwrite-Session", &person.token);
    let mut socket = Socket::open(options).await?;
    socket.expect_connected(Duration::from_secs(10)).await?;
    Ok(socket)
}
