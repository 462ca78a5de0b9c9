-- One row or more for every table, as the newest schema has them: what checks/migrations.py takes back and forth.
INSERT INTO users (name, role, password) VALUES ('dana', 'lead', 'scrypt$16384$8$00$00');
INSERT INTO tenants (id, name, created_at) VALUES (2, 'north', '2026-03-02T09:00:00+00:00');
INSERT INTO users (name, role, password, tenant_id) VALUES ('nora', 'lead', 'scrypt$16384$8$00$00', 2);
INSERT INTO sessions (token_hash, user_name, expires_at) VALUES ('00', 'dana', '2026-03-02T21:00:00+00:00');
INSERT INTO failed_logins (user_name, at) VALUES ('dana', '2026-03-02T09:00:00+00:00');
INSERT INTO contacts (id, email, name, interest, registered_at) VALUES
    (1, 'ann@example.org', 'Ann', 'a newsletter', '2026-03-02T09:00:00+00:00'),
    (2, 'bob@example.org', 'Bob', '', '2026-03-02T09:01:00+00:00');
INSERT INTO contacts (id, email, name, interest, registered_at, tenant_id) VALUES
    (3, 'ANN@example.org', 'Ann', 'the same person, known to somebody else', '2026-03-02T09:02:00+00:00', 2);
INSERT INTO tasks (id, contact_id, title, state, created_at, done_by, done_at) VALUES
    (1, 1, 'Call Ann', 'open', '2026-03-02T09:00:00+00:00', NULL, NULL),
    (2, 2, 'Call Bob', 'done', '2026-03-02T09:01:00+00:00', 'dana', '2026-03-02T09:02:00+00:00');
INSERT INTO campaigns (id, tenant_id, name, subject, body, state, created_by, created_at) VALUES
    (1, 1, 'Spring', 'News', 'It is spring.', 'sending', 'dana', '2026-03-02T09:00:00+00:00');
INSERT INTO messages (id, tenant_id, campaign_id, contact_id, state, sent_at) VALUES
    (1, 1, 1, 1, 'sent', '2026-03-02T09:03:00+00:00'),
    (2, 1, 1, 2, 'queued', NULL);
INSERT INTO figures (campaign_id, tenant_id, recipients, sent, failed, refreshed_at) VALUES
    (1, 1, 2, 1, 0, '2026-03-02T09:04:00+00:00');
INSERT INTO jobs (tenant_id, lane, kind, payload, state, queued_at) VALUES
    (1, 'messages', 'send-message', '{"message": 2}', 'queued', '2026-03-02T09:03:00+00:00');
INSERT INTO reports (tenant_id, campaign_id, state, asked_at) VALUES (1, 1, 'asked', '2026-03-02T09:04:00+00:00');
INSERT INTO feature_flags (name, state, changed_at) VALUES ('personal-greeting', 'on', '2026-03-02T09:00:00+00:00');
