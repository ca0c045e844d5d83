-- Where events are to be sent.

CREATE TABLE webhooks (
    sequence    INTEGER PRIMARY KEY AUTOINCREMENT,
    project     TEXT NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
    id          TEXT NOT NULL,
    data        TEXT NOT NULL,
    UNIQUE (project, id)
) STRICT;
