-- Accounts. Every thing is kept whole as JSON in `data`; the other columns are what it is looked up
-- by, what must be unique, or what SQL itself has to compare. `sequence` is the order of creation.

CREATE TABLE projects (
    sequence    INTEGER PRIMARY KEY AUTOINCREMENT,
    id          TEXT NOT NULL UNIQUE,
    data        TEXT NOT NULL
) STRICT;

CREATE TABLE keys (
    sequence    INTEGER PRIMARY KEY AUTOINCREMENT,
    project     TEXT NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
    id          TEXT NOT NULL,
    secret_hash TEXT NOT NULL,
    data        TEXT NOT NULL,
    UNIQUE (project, id),
    UNIQUE (project, secret_hash)
) STRICT;

CREATE TABLE platforms (
    sequence    INTEGER PRIMARY KEY AUTOINCREMENT,
    project     TEXT NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
    id          TEXT NOT NULL,
    data        TEXT NOT NULL,
    UNIQUE (project, id)
) STRICT;

CREATE TABLE users (
    sequence    INTEGER PRIMARY KEY AUTOINCREMENT,
    project     TEXT NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
    id          TEXT NOT NULL,
    email       TEXT NOT NULL,
    phone       TEXT NOT NULL,
    data        TEXT NOT NULL,
    UNIQUE (project, id)
) STRICT;

-- An empty text means none, and any number of users may have none.
CREATE UNIQUE INDEX users_by_email ON users (project, email) WHERE email <> '';
CREATE UNIQUE INDEX users_by_phone ON users (project, phone) WHERE phone <> '';
-- Gives lists in the order of creation without sorting: a row's sequence ends every index entry.
CREATE INDEX users_in_order ON users (project);

CREATE TABLE sessions (
    sequence    INTEGER PRIMARY KEY AUTOINCREMENT,
    project     TEXT NOT NULL,
    user        TEXT NOT NULL,
    id          TEXT NOT NULL,
    secret_hash TEXT NOT NULL,
    expire      INTEGER NOT NULL,   -- milliseconds since 1970, UTC
    data        TEXT NOT NULL,
    UNIQUE (project, id),
    UNIQUE (project, user, secret_hash),
    FOREIGN KEY (project, user) REFERENCES users (project, id) ON DELETE CASCADE
) STRICT;

CREATE INDEX sessions_by_end ON sessions (expire);

CREATE TABLE tokens (
    sequence    INTEGER PRIMARY KEY AUTOINCREMENT,
    project     TEXT NOT NULL,
    user        TEXT NOT NULL,
    id          TEXT NOT NULL,
    secret_hash TEXT NOT NULL,
    expire      INTEGER NOT NULL,   -- milliseconds since 1970, UTC
    data        TEXT NOT NULL,
    UNIQUE (project, id),
    UNIQUE (project, user, secret_hash),
    FOREIGN KEY (project, user) REFERENCES users (project, id) ON DELETE CASCADE
) STRICT;

CREATE INDEX tokens_by_end ON tokens (expire);

CREATE TABLE teams (
    sequence    INTEGER PRIMARY KEY AUTOINCREMENT,
    project     TEXT NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
    id          TEXT NOT NULL,
    data        TEXT NOT NULL,
    UNIQUE (project, id)
) STRICT;

CREATE TABLE memberships (
    sequence    INTEGER PRIMARY KEY AUTOINCREMENT,
    project     TEXT NOT NULL,
    team        TEXT NOT NULL,
    user        TEXT NOT NULL,
    id          TEXT NOT NULL,
    confirmed   INTEGER NOT NULL CHECK (confirmed IN (0, 1)),
    data        TEXT NOT NULL,
    UNIQUE (project, id),
    UNIQUE (project, team, user),
    FOREIGN KEY (project, team) REFERENCES teams (project, id) ON DELETE CASCADE,
    FOREIGN KEY (project, user) REFERENCES users (project, id) ON DELETE CASCADE
) STRICT;

CREATE INDEX memberships_by_user ON memberships (project, user);
-- A team's total is counted whenever the team is read, from this index alone, so it cannot drift.
CREATE INDEX memberships_confirmed ON memberships (project, team) WHERE confirmed = 1;
