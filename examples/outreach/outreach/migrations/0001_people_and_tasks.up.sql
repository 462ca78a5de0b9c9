CREATE TABLE users (
    name TEXT PRIMARY KEY,
    role TEXT NOT NULL,
    password TEXT NOT NULL
) STRICT;

CREATE TABLE sessions (
    token_hash TEXT PRIMARY KEY,
    user_name TEXT NOT NULL REFERENCES users (name) ON DELETE CASCADE,
    expires_at TEXT NOT NULL
) STRICT;

CREATE TABLE failed_logins (
    user_name TEXT NOT NULL,
    at TEXT NOT NULL
) STRICT;
CREATE INDEX failed_logins_by_user ON failed_logins (user_name, at);

CREATE TABLE contacts (
    id INTEGER PRIMARY KEY,
    email TEXT NOT NULL COLLATE NOCASE,
    name TEXT NOT NULL,
    interest TEXT NOT NULL,
    registered_at TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX contacts_by_email ON contacts (email);

CREATE TABLE tasks (
    id INTEGER PRIMARY KEY,
    contact_id INTEGER NOT NULL REFERENCES contacts (id) ON DELETE CASCADE,
    title TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('open', 'done')),
    created_at TEXT NOT NULL,
    done_by TEXT,
    done_at TEXT
) STRICT;
CREATE INDEX tasks_by_state ON tasks (state, created_at);
