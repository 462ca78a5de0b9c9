# SPDX-License-Identifier: Apache-2.0
from outreach import tasks
from outreach.permissions import Role
from outreach.tasks import Filter, Priority, Show
from outreach.tenancy import TenantRows
from tests.world import WorldTest


class TaskTest(WorldTest):
    def setUp(self) -> None:
        super().setUp()
        with self.data.writing() as connection:
            connection.execute(
                "INSERT INTO contacts (id, email, name, interest, registered_at) VALUES"
                " (1, 'ann@example.org', 'Ann', '', '2026-03-01'), (2, 'bob_x@example.org', 'Bob', '', '2026-03-01')"
            )
            self.first = tasks.open_task(TenantRows(connection), 1, "Call Ann", Priority.NORMAL, self.now)
            self.later(minutes=1)
            self.pressing = tasks.open_task(TenantRows(connection), 2, "Write to Bob", Priority.HIGH, self.now)

    def titles(self, wanted: Filter) -> list[str]:
        with self.data.reading() as connection:
            return [task.title for task in tasks.listed(TenantRows(connection), wanted)]

    def complete(self, number: int) -> bool:
        with self.data.writing() as connection:
            return tasks.complete(TenantRows(connection), number, "dana", self.now)

    def test_pressing_tasks_come_first(self) -> None:
        self.assertEqual(self.titles(Filter()), ["Write to Bob", "Call Ann"])

    def test_a_completed_task_leaves_the_open_ones(self) -> None:
        self.complete(self.first)
        self.assertEqual(self.titles(Filter()), ["Write to Bob"])

    def test_completed_tasks_can_be_shown(self) -> None:
        self.complete(self.first)
        self.assertEqual(self.titles(Filter(Show.DONE)), ["Call Ann"])

    def test_all_tasks_can_be_shown(self) -> None:
        self.complete(self.first)
        self.assertEqual(self.titles(Filter(Show.ALL)), ["Write to Bob", "Call Ann"])

    def test_words_are_found_in_titles_and_addresses(self) -> None:
        found = [self.titles(Filter(words=words)) for words in ("call", "BOB_X@", "nothing")]
        self.assertEqual(found, [["Call Ann"], ["Write to Bob"], []])

    def test_signs_with_a_meaning_are_taken_as_they_are(self) -> None:
        found = [self.titles(Filter(words=words)) for words in ("%", "_", "\\", "' OR 1=1 --")]
        self.assertEqual(found, [[], ["Write to Bob"], [], []])

    def test_a_filter_that_nobody_knows_shows_open_tasks(self) -> None:
        self.assertEqual(tasks.read_filter({"show": "everything", "q": " Ann "}), Filter(Show.OPEN, "Ann"))

    def test_a_task_is_completed_once(self) -> None:
        self.assertEqual([self.complete(self.first), self.complete(self.first)], [True, False])

    def test_a_completed_task_can_be_opened_again(self) -> None:
        self.complete(self.first)
        with self.data.writing() as connection:
            rows = TenantRows(connection)
            reopened = [tasks.reopen(rows, self.first), tasks.reopen(rows, self.first)]
        self.assertEqual((reopened, len(self.titles(Filter()))), ([True, False], 2))

    def test_tasks_are_counted_by_state(self) -> None:
        self.complete(self.first)
        with self.data.reading() as connection:
            self.assertEqual(tasks.counts(connection), {"open": 1, "done": 1})

    def test_the_desk_completes_a_task_on_the_page(self) -> None:
        browser = self.logged_in(Role.DESK)
        browser.send("/tasks", f"/tasks/{self.first}/complete")
        self.assertEqual(self.titles(Filter()), ["Write to Bob"])

    def test_a_task_that_is_gone_is_told(self) -> None:
        browser = self.logged_in(Role.DESK)
        self.assertEqual(browser.send("/tasks", "/tasks/999/complete").response.status, 409)

    def test_the_page_filters(self) -> None:
        page = self.logged_in(Role.DESK).page("/tasks?show=open&q=call")
        self.assertEqual(("Call Ann" in page, "Write to Bob" in page), (True, False))
