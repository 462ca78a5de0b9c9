CREATE TABLE campaigns (
    id INTEGER PRIMARY KEY,
    tenant_id INTEGER NOT NULL REFERENCES tenants (id),
    name TEXT NOT NULL,
    subject TEXT NOT NULL,
    body TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('draft', 'sending', 'sent')),
    created_by TEXT NOT NULL,
    created_at TEXT NOT NULL,
    UNIQUE (tenant_id, name)
) STRICT;

-- One message for each recipient, from the day the campaign is made.
CREATE TABLE messages (
    id INTEGER PRIMARY KEY,
    tenant_id INTEGER NOT NULL REFERENCES tenants (id),
    campaign_id INTEGER NOT NULL REFERENCES campaigns (id) ON DELETE CASCADE,
    contact_id INTEGER NOT NULL REFERENCES contacts (id) ON DELETE CASCADE,
    state TEXT NOT NULL CHECK (state IN ('waiting', 'queued', 'sent', 'failed')),
    sent_at TEXT,
    UNIQUE (campaign_id, contact_id)
) STRICT;
CREATE INDEX messages_by_contact ON messages (contact_id);

-- What was counted, and when: pages show these instead of counting anew.
CREATE TABLE figures (
    campaign_id INTEGER PRIMARY KEY REFERENCES campaigns (id) ON DELETE CASCADE,
    tenant_id INTEGER NOT NULL REFERENCES tenants (id),
    recipients INTEGER NOT NULL,
    sent INTEGER NOT NULL,
    failed INTEGER NOT NULL,
    refreshed_at TEXT NOT NULL
) STRICT;
