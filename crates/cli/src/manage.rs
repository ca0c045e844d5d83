//! What an operator may ask for: `herenow project`, `key` and `user`.

use clap::{Args, Subcommand};
use herenow_server::{
    admin::{NewUser, Request},
    config::Flags,
};

const DEFAULT_SCOPES: &str = "presences.read,presences.write,users.read,users.write,sessions.read,sessions.write,\
                              teams.read,teams.write";

/// Where the data is, and how the answer is wanted.
#[derive(Debug, Args)]
pub(crate) struct Place {
    /// The configuration file [default: ./herenow.toml where it exists].
    #[arg(long, value_name = "FILE")]
    config: Option<String>,
    /// The server's data folder [default: ./herenow-data].
    #[arg(long, value_name = "FOLDER")]
    data: Option<String>,
    /// Where accounts live, such as sqlite://PATH [default: in the data folder].
    #[arg(long, value_name = "URL")]
    database: Option<String>,
    /// Answer with JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

impl Place {
    /// What was given, by the names of the file's keys.
    pub(crate) fn flags(&self) -> Flags {
        let given = [("config", &self.config), ("data", &self.data), ("database", &self.database)];
        given.into_iter().filter_map(|(key, value)| Some((key, value.clone()?))).collect()
    }
}

/// A project, and where it is.
#[derive(Debug, Args)]
pub(crate) struct InProject {
    /// The project.
    #[arg(long, value_name = "ID")]
    project: String,
    #[command(flatten)]
    place: Place,
}

/// What to do with projects.
#[derive(Debug, Subcommand)]
pub(crate) enum ProjectCommand {
    /// Make a project.
    Create {
        /// Its id: 1 to 36 of a-z, 0-9 and -.
        id: String,
        /// A name for people [default: the id].
        #[arg(long)]
        name: Option<String>,
        /// A host name that a browser may call from, such as localhost or *.example.com; may be given again.
        #[arg(long = "origin", value_name = "HOST")]
        origins: Vec<String>,
        #[command(flatten)]
        place: Place,
    },
    /// Show all projects.
    List {
        #[command(flatten)]
        place: Place,
    },
    /// Delete a project with its users, keys, teams and presences.
    Delete {
        /// Its id.
        id: String,
        #[command(flatten)]
        place: Place,
    },
}

/// What to do with keys.
#[derive(Debug, Subcommand)]
pub(crate) enum KeyCommand {
    /// Make a key and print its secret, once.
    Create {
        /// A name for people.
        #[arg(long, default_value = "key")]
        name: String,
        /// What it may do.
        #[arg(long, value_delimiter = ',', default_value = DEFAULT_SCOPES)]
        scopes: Vec<String>,
        #[command(flatten)]
        of: InProject,
    },
    /// Show the keys of a project.
    List {
        #[command(flatten)]
        of: InProject,
    },
    /// Revoke a key.
    Delete {
        /// Its id.
        id: String,
        #[command(flatten)]
        of: InProject,
    },
}

/// What to do with users.
#[derive(Debug, Subcommand)]
pub(crate) enum UserCommand {
    /// Make a user and print the id.
    Create {
        /// The id [default: a fresh one].
        #[arg(long)]
        id: Option<String>,
        /// A name for people.
        #[arg(long)]
        name: Option<String>,
        /// The email.
        #[arg(long)]
        email: Option<String>,
        /// The phone, with its +.
        #[arg(long)]
        phone: Option<String>,
        /// Read a password from the first line of standard input.
        #[arg(long)]
        password_stdin: bool,
        #[command(flatten)]
        of: InProject,
    },
    /// Show the users of a project.
    List {
        #[command(flatten)]
        of: InProject,
    },
    /// Delete a user with their sessions, memberships and presence.
    Delete {
        /// The id.
        id: String,
        #[command(flatten)]
        of: InProject,
    },
}

/// A request, and where it goes.
pub(crate) type Addressed = (Request, Place);

impl ProjectCommand {
    pub(crate) fn request(self) -> Addressed {
        match self {
            Self::Create { id, name, origins, place } => (Request::ProjectCreate { id, name, origins }, place),
            Self::List { place } => (Request::ProjectList, place),
            Self::Delete { id, place } => (Request::ProjectDelete { id }, place),
        }
    }
}

impl KeyCommand {
    pub(crate) fn request(self) -> Addressed {
        match self {
            Self::Create { name, scopes, of: InProject { project, place } } => {
                (Request::KeyCreate { project, name, scopes }, place)
            }
            Self::List { of: InProject { project, place } } => (Request::KeyList { project }, place),
            Self::Delete { id, of: InProject { project, place } } => (Request::KeyDelete { project, id }, place),
        }
    }
}

impl UserCommand {
    /// `password` reads a password where one is to be read: on the command line everybody on the machine sees it.
    pub(crate) fn request(self, password: impl FnOnce() -> anyhow::Result<String>) -> anyhow::Result<Addressed> {
        Ok(match self {
            Self::Create { id, name, email, phone, password_stdin, of: InProject { project, place } } => {
                let password = password_stdin.then(password).transpose()?;
                (Request::UserCreate { project, user: NewUser { id, name, email, phone, password } }, place)
            }
            Self::List { of: InProject { project, place } } => (Request::UserList { project }, place),
            Self::Delete { id, of: InProject { project, place } } => (Request::UserDelete { project, id }, place),
        })
    }
}
