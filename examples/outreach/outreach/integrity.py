# SPDX-License-Identifier: Apache-2.0
"""Does the data agree with itself? Counts, references and tenants, as questions whose right answer is always 0."""

import sqlite3

QUESTIONS = {
    "users of no tenant": "SELECT count(*) FROM users WHERE tenant_id NOT IN (SELECT id FROM tenants)",
    "contacts of no tenant": "SELECT count(*) FROM contacts WHERE tenant_id NOT IN (SELECT id FROM tenants)",
    "tasks without a contact of their tenant": (
        "SELECT count(*) FROM tasks LEFT JOIN contacts ON contacts.id = contact_id"
        " AND contacts.tenant_id = tasks.tenant_id WHERE contacts.id IS NULL"
    ),
    "messages without a campaign of their tenant": (
        "SELECT count(*) FROM messages LEFT JOIN campaigns ON campaigns.id = campaign_id"
        " AND campaigns.tenant_id = messages.tenant_id WHERE campaigns.id IS NULL"
    ),
    "messages without a contact of their tenant": (
        "SELECT count(*) FROM messages LEFT JOIN contacts ON contacts.id = contact_id"
        " AND contacts.tenant_id = messages.tenant_id WHERE contacts.id IS NULL"
    ),
    "campaigns without figures of their tenant": (
        "SELECT count(*) FROM campaigns LEFT JOIN figures ON figures.campaign_id = campaigns.id"
        " AND figures.tenant_id = campaigns.tenant_id WHERE figures.campaign_id IS NULL"
    ),
    "campaigns counted with other recipients than they have": (
        "SELECT count(*) FROM figures WHERE recipients <>"
        " (SELECT count(*) FROM messages WHERE messages.campaign_id = figures.campaign_id)"
    ),
    "campaigns that are sent while messages are not": (
        "SELECT count(*) FROM campaigns WHERE state = 'sent' AND EXISTS (SELECT 1 FROM messages"
        " WHERE messages.campaign_id = campaigns.id AND messages.state IN ('waiting', 'queued'))"
    ),
    "messages that are sent at no time, or not sent at one": (
        "SELECT count(*) FROM messages WHERE (state = 'sent') <> (sent_at IS NOT NULL)"
    ),
    "reports without a campaign of their tenant": (
        "SELECT count(*) FROM reports LEFT JOIN campaigns ON campaigns.id = campaign_id"
        " AND campaigns.tenant_id = reports.tenant_id WHERE campaigns.id IS NULL"
    ),
    "reports that sent more than there were recipients": (
        "SELECT count(*) FROM reports WHERE sent + failed > recipients"
    ),
}


def wrong(connection: sqlite3.Connection) -> dict[str, int]:
    """How many rows answer each question; SQLite's own two are asked with ours."""
    with_ours = {question: int(connection.execute(sql).fetchone()[0]) for question, sql in QUESTIONS.items()}
    references = len(connection.execute("PRAGMA foreign_key_check").fetchall())
    pages = connection.execute("PRAGMA quick_check(100)").fetchall()
    damaged = 0 if [row[0] for row in pages] == ["ok"] else len(pages)
    return {**with_ours, "references to nothing": references, "damaged pages": damaged}
