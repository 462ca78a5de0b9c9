CREATE TABLE reports (
    id INTEGER PRIMARY KEY,
    tenant_id INTEGER NOT NULL REFERENCES tenants (id),
    campaign_id INTEGER NOT NULL REFERENCES campaigns (id) ON DELETE CASCADE,
    state TEXT NOT NULL CHECK (state IN ('asked', 'ready')),
    asked_at TEXT NOT NULL,
    ready_at TEXT,
    recipients INTEGER NOT NULL DEFAULT 0,
    sent INTEGER NOT NULL DEFAULT 0,
    failed INTEGER NOT NULL DEFAULT 0,
    csv TEXT NOT NULL DEFAULT '',
    html TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX reports_by_campaign ON reports (campaign_id, id);
