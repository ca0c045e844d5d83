-- Presences as they were when last written, and how far each project's sequence numbers had come.

CREATE TABLE runs (
    project     TEXT PRIMARY KEY,
    epoch       TEXT NOT NULL,
    seq         INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE presences (
    project     TEXT NOT NULL,
    id          TEXT NOT NULL,
    creation    INTEGER NOT NULL,
    seq         INTEGER NOT NULL,
    data        TEXT NOT NULL,      -- the record with its holders, as JSON
    PRIMARY KEY (project, id)
) STRICT, WITHOUT ROWID;
