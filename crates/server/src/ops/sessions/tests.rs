use std::net::{IpAddr, Ipv4Addr};

use herenow_core::{ConnectionId, PresenceId, Timestamp, account::User};

use super::*;
use crate::{
    Config, boot,
    ops::presences::{self, SocketUpsert},
};

fn nowhere() -> Client {
    Client { ip: IpAddr::V4(Ipv4Addr::LOCALHOST), user_agent: String::new() }
}

/// A session of the user, and the presence that a socket of it holds.
async fn present(app: &Arc<App>, project: &KnownProject, name: &str) -> (Session, PresenceId) {
    let now = app.clock.now();
    let user = User::new(UserId::parse(name).expect("an id"), now);
    app.accounts.create_user(&project.project.id, &user).await.expect("kept");
    let session = begin(app, project, &user.id, Way::Server, &nowhere()).await.expect("begun").session;
    let signed_in = app.sign_ins.user(&project.project.id, &user.id).await.expect("an answer").expect("it is there");
    let identity = Identity::Session(Arc::new((session.clone(), Arc::new(signed_in))));
    let caller = Caller { project: project.project.id.clone(), identity };
    let write = SocketUpsert {
        connection: ConnectionId(random_u64()),
        id: Some(name.to_owned()),
        status: "online".to_owned(),
        permissions: None,
        metadata: None,
    };
    let presence = presences::upsert_by_socket(app, project, &caller, write).await.expect("written");
    (session, presence.id.clone())
}

#[tokio::test]
async fn a_sweep_ends_the_sessions_whose_time_has_come_with_what_their_sockets_held() {
    let flags = [("listen", "127.0.0.1:0".to_owned()), ("data", ":memory:".to_owned())];
    let config = Config::load(&flags.into_iter().collect(), &|_| None).expect("a configuration");
    let running = boot::start(config).await.expect("a server");
    let app = running.app().clone();
    let project = app.projects.get("demo").expect("the project for a first try");
    let id = &project.project.id;
    let (over, gone) = present(&app, &project, "over").await;
    let (lasting, here) = present(&app, &project, "lasting").await;
    let over = Session { expire: Timestamp::from_millis(1), ..over };
    app.accounts.update_session(id, &over).await.expect("kept");

    sweep(&app).await.expect("swept");

    assert!(app.accounts.sessions(id, &over.user).await.expect("a list").is_empty());
    assert_eq!(app.accounts.sessions(id, &lasting.user).await.expect("a list"), [lasting]);
    let key = Caller {
        project: id.clone(),
        identity: Identity::Key(crate::auth::key::KeyInUse { id: None, scopes: [].into(), expire: None }),
    };
    assert!(presences::get(&app, &key, &gone).await.is_err());
    assert!(presences::get(&app, &key, &here).await.is_ok());
    running.stop().await;
}
