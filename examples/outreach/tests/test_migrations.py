# SPDX-License-Identifier: Apache-2.0
import sqlite3
import tempfile
from pathlib import Path

from outreach import database
from outreach.database import Database, MigrationError
from tests.world import NOW, WorldTest

LATEST = len(database.known_migrations())


class MigrationTest(WorldTest):
    def fresh(self) -> Database:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        return Database(Path(folder.name))

    def schema(self, data: Database) -> list[str]:
        with data.reading() as connection:
            rows = connection.execute("SELECT sql FROM sqlite_master WHERE name <> 'schema_migrations' ORDER BY name")
            return [row["sql"] for row in rows]

    def test_a_second_time_nothing_is_applied(self) -> None:
        self.assertEqual(database.migrate(self.data, NOW), [])

    def test_every_migration_can_be_taken_back(self) -> None:
        database.roll_back(self.data, 0)
        self.assertEqual(self.schema(self.data), [])

    def test_going_back_and_forth_leads_to_the_same_schema(self) -> None:
        before = self.schema(self.data)
        for number in range(LATEST):
            database.roll_back(self.data, number)
            database.migrate(self.data, NOW)
        self.assertEqual(self.schema(self.data), before)

    def test_rows_survive_the_last_migration_both_ways(self) -> None:
        with self.data.writing() as connection:
            connection.execute(
                "INSERT INTO contacts (id, email, name, interest, registered_at) VALUES (1, 'a@b.cd', 'A', '', '')"
            )
            connection.execute("INSERT INTO tasks (contact_id, title, state, created_at) VALUES (1, 'T', 'open', '')")
        database.roll_back(self.data, LATEST - 1)
        database.migrate(self.data, NOW)
        self.assertEqual(self.count("tasks"), 1)

    def test_a_schema_can_be_brought_part_of_the_way(self) -> None:
        fresh = self.fresh()
        database.migrate(fresh, NOW, 2)
        with fresh.reading() as connection:
            self.assertEqual(database.applied_numbers(connection), {1, 2})

    def test_without_tenants_only_the_first_ones_rows_are_left(self) -> None:
        north = self.add_tenant("north")
        self.add_contact("Ann")
        self.add_contact("Ann", north)
        database.roll_back(self.data, 1)
        self.assertEqual(self.count("contacts"), 1)

    def test_a_schema_that_is_ahead_is_well(self) -> None:
        with self.data.writing() as connection:
            connection.execute("INSERT INTO schema_migrations VALUES (9000, 'later', 'x', '')")
        with self.data.reading() as connection:
            self.assertEqual(database.pending(connection), [])

    def test_a_later_migration_is_not_taken_back_blindly(self) -> None:
        with self.data.writing() as connection:
            connection.execute("INSERT INTO schema_migrations VALUES (9000, 'later', 'x', '')")
        with self.assertRaises(MigrationError):
            database.roll_back(self.data, 0)

    def test_a_migration_that_was_changed_is_refused(self) -> None:
        with self.data.writing() as connection:
            connection.execute("UPDATE schema_migrations SET checksum = 'other' WHERE number = 1")
        with self.assertRaises(MigrationError):
            database.migrate(self.data, NOW)

    def test_a_failing_change_leaves_nothing_behind(self) -> None:
        with self.assertRaises(sqlite3.OperationalError), self.data.writing() as connection:
            connection.execute("CREATE TABLE half (x)")
            connection.execute("CREATE TABLE half (x)")
        self.assertNotIn("CREATE TABLE half (x)", self.schema(self.data))

    def test_an_unmigrated_schema_is_not_well(self) -> None:
        with self.fresh().reading() as connection:
            self.assertEqual(len(database.pending(connection)), LATEST)

    def test_a_backup_holds_what_the_data_holds(self) -> None:
        elsewhere = self.fresh()
        self.data.backup(elsewhere.file)
        self.assertEqual(self.schema(elsewhere), self.schema(self.data))
