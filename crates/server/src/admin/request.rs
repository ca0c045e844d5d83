//! What the command line may ask for, and what it is answered. Travels as one line of JSON each way.

use herenow_core::account::Origin;
use serde::{Deserialize, Serialize};

/// What is asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case")]
pub enum Request {
    /// Make a project.
    ProjectCreate {
        /// Its id.
        id: String,
        /// For people; none: the id.
        name: Option<String>,
        /// Host names that a browser may call from.
        origins: Vec<String>,
    },
    /// Show all projects.
    ProjectList,
    /// Delete a project with everything that belongs to it.
    ProjectDelete {
        /// Its id.
        id: String,
    },
    /// Make a key.
    KeyCreate {
        /// Of which project.
        project: String,
        /// For people.
        name: String,
        /// What it may do.
        scopes: Vec<String>,
    },
    /// Show a project's keys.
    KeyList {
        /// Of which project.
        project: String,
    },
    /// Revoke a key.
    KeyDelete {
        /// Of which project.
        project: String,
        /// Its id.
        id: String,
    },
    /// Make a user.
    UserCreate {
        /// Of which project.
        project: String,
        /// Who.
        user: NewUser,
    },
    /// Show a project's users.
    UserList {
        /// Of which project.
        project: String,
    },
    /// Delete a user with everything that is theirs.
    UserDelete {
        /// Of which project.
        project: String,
        /// The id.
        id: String,
    },
}

/// A user to be made.
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct NewUser {
    /// The id; none: a fresh one.
    pub id: Option<String>,
    /// For people.
    pub name: Option<String>,
    /// The email.
    pub email: Option<String>,
    /// The phone, with its `+`.
    pub phone: Option<String>,
    /// The password, in the clear.
    pub password: Option<String>,
}

impl std::fmt::Debug for NewUser {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NewUser").field("id", &self.id).field("email", &self.email).finish_non_exhaustive()
    }
}

/// What became of it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// A project that was made.
    Project(ProjectRow),
    /// All projects.
    Projects(Vec<ProjectRow>),
    /// A key that was made, with its secret, known this once.
    Key {
        /// The key.
        key: KeyRow,
        /// The whole secret.
        secret: String,
    },
    /// The keys of a project.
    Keys(Vec<KeyRow>),
    /// A user who was made.
    User(UserRow),
    /// The users of a project.
    Users(Vec<UserRow>),
    /// Done, and nothing to show.
    Done,
}

/// A project, as lists show it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProjectRow {
    /// Its id.
    pub id: String,
    /// For people.
    pub name: String,
    /// When it was made.
    pub created: String,
    /// Host names that a browser may call from.
    pub origins: Vec<String>,
    /// Where it was declared.
    pub declared: Declared,
}

/// A key, as lists show it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyRow {
    /// Its id.
    pub id: String,
    /// For people.
    pub name: String,
    /// When it was made.
    pub created: String,
    /// When it ends, if ever.
    pub expires: Option<String>,
    /// When it was last used, to the day.
    pub used: Option<String>,
    /// What it may do.
    pub scopes: Vec<String>,
    /// Where it was declared.
    pub declared: Declared,
}

/// A user, as lists show them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserRow {
    /// The id.
    pub id: String,
    /// For people.
    pub name: String,
    /// The email; empty: none.
    pub email: String,
    /// The phone; empty: none.
    pub phone: String,
    /// When the account was made.
    pub created: String,
    /// Whether they may call.
    pub status: Status,
}

/// Whether a thing is the configuration file's, and so read-only.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Declared {
    /// It is.
    InTheFile,
    /// It was made through the API or the command line.
    Nowhere,
}

impl From<Origin> for Declared {
    fn from(origin: Origin) -> Self {
        match origin {
            Origin::File => Self::InTheFile,
            Origin::Api => Self::Nowhere,
        }
    }
}

/// Whether a user may call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// They may.
    Active,
    /// They may not.
    Blocked,
}
