CREATE TABLE tenants (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE COLLATE NOCASE,
    created_at TEXT NOT NULL
) STRICT;
INSERT INTO tenants (id, name, created_at) VALUES (1, 'default', '');

-- Whatever was there before belongs to the first tenant. SQLite adds no column that both refers and has a default;
-- that every tenant_id is somebody's is looked after by `outreach.tenancy` and checked by `outreach.integrity`.
ALTER TABLE users ADD COLUMN tenant_id INTEGER NOT NULL DEFAULT 1;
ALTER TABLE contacts ADD COLUMN tenant_id INTEGER NOT NULL DEFAULT 1;
ALTER TABLE tasks ADD COLUMN tenant_id INTEGER NOT NULL DEFAULT 1;

-- The same person may be known to two tenants.
DROP INDEX contacts_by_email;
CREATE UNIQUE INDEX contacts_by_tenant ON contacts (tenant_id, email);
CREATE INDEX tasks_by_tenant ON tasks (tenant_id, state);
