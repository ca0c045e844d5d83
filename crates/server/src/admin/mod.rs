//! What operators do from the command line: the same requests on a running server, through a socket in its data
//! folder, and on the data of a stopped one.

mod connect;
mod keys;
mod projects;
mod request;
mod socket;
mod users;

use std::sync::Arc;

use anyhow::{Result, anyhow, ensure};

pub(crate) use self::socket::TASK;
pub use self::{
    connect::ask,
    request::{Answer, Declared, KeyRow, NewUser, ProjectRow, Request, Status, UserRow},
    socket::{Endpoint, serve},
};
use crate::{App, failure::Failure};

/// Does what a request asks for.
///
/// # Errors
/// A sentence for the operator.
pub async fn perform(app: &Arc<App>, request: Request) -> Result<Answer> {
    ensure!(app.is_ready(), "the server is stopping: try again once it has stopped");
    match request {
        Request::ProjectCreate { id, name, origins } => projects::create(app, id, name, origins).await,
        Request::ProjectList => projects::list(app).await,
        Request::ProjectDelete { id } => projects::delete(app, &id).await,
        Request::KeyCreate { project, name, scopes } => keys::create(app, &project, name, scopes).await,
        Request::KeyList { project } => keys::list(app, &project).await,
        Request::KeyDelete { project, id } => keys::delete(app, &project, &id).await,
        Request::UserCreate { project, user } => users::create(app, &project, user).await,
        Request::UserList { project } => users::list(app, &project).await,
        Request::UserDelete { project, id } => users::delete(app, &project, &id).await,
    }
}

/// A failure as a sentence; what an operator cannot act on goes to the log too.
fn sentence(failure: &Failure) -> anyhow::Error {
    match &failure.cause {
        Some(cause) => anyhow!("{}: {cause:#}", failure.text().trim_end_matches('.')),
        None => anyhow!("{}", failure.text()),
    }
}
