-- Schema 1 of the embedded backend's database. Moments are seconds since 1970; NULL stands for never.
CREATE TABLE users (
    id      INTEGER PRIMARY KEY,
    name    TEXT    NOT NULL UNIQUE,
    created INTEGER NOT NULL,
    removed INTEGER
) STRICT;

CREATE TABLE tokens (
    seq            INTEGER PRIMARY KEY AUTOINCREMENT,
    id             TEXT    NOT NULL UNIQUE,
    mac            BLOB    NOT NULL CHECK (length(mac) = 32),
    pepper         INTEGER NOT NULL,
    kind           INTEGER NOT NULL CHECK (kind IN (0, 1)),
    scope          INTEGER NOT NULL CHECK (scope IN (0, 1)),
    owner          INTEGER NOT NULL REFERENCES users (id),
    creator        TEXT    NOT NULL,
    roles          INTEGER NOT NULL CHECK (roles BETWEEN 1 AND 7),
    last4          TEXT    NOT NULL,
    label          TEXT    NOT NULL,
    description    TEXT    NOT NULL,
    created        INTEGER NOT NULL,
    last_used      INTEGER,
    last_used_from TEXT,
    use_count      INTEGER NOT NULL DEFAULT 0,
    expires        INTEGER,
    disabled       INTEGER,
    revoked        INTEGER,
    parent         TEXT REFERENCES tokens (id),
    version        INTEGER NOT NULL DEFAULT 1
) STRICT;
CREATE INDEX tokens_by_owner ON tokens (owner);
CREATE INDEX tokens_by_parent ON tokens (parent) WHERE parent IS NOT NULL;

CREATE TABLE replays (
    user        INTEGER NOT NULL REFERENCES users (id),
    key         TEXT    NOT NULL,
    fingerprint BLOB    NOT NULL,
    token       TEXT    NOT NULL,
    at          INTEGER NOT NULL,
    PRIMARY KEY (user, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX replays_by_age ON replays (at);

CREATE TABLE notices (
    seq    INTEGER PRIMARY KEY AUTOINCREMENT,
    at     INTEGER NOT NULL,
    action TEXT    NOT NULL,
    actor  TEXT    NOT NULL,
    token  TEXT    NOT NULL,
    label  TEXT    NOT NULL,
    masked TEXT    NOT NULL
) STRICT;

CREATE TABLE events (
    seq         INTEGER PRIMARY KEY,
    at          INTEGER NOT NULL,
    action      TEXT    NOT NULL,
    actor       TEXT    NOT NULL,
    actor_token TEXT,
    address     TEXT,
    token       TEXT,
    owner       TEXT,
    label       TEXT,
    masked      TEXT,
    detail      TEXT    NOT NULL,
    mac         BLOB    NOT NULL
) STRICT;
CREATE TRIGGER events_are_not_changed BEFORE UPDATE ON events
    BEGIN SELECT RAISE(ABORT, 'audit events are not changed'); END;
CREATE TRIGGER events_are_not_deleted BEFORE DELETE ON events
    BEGIN SELECT RAISE(ABORT, 'audit events are not deleted'); END;
