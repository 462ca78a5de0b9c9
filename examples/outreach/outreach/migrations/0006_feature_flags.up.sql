CREATE TABLE feature_flags (
    name TEXT PRIMARY KEY,
    state TEXT NOT NULL CHECK (state IN ('on', 'off')),
    changed_at TEXT NOT NULL
) STRICT;
