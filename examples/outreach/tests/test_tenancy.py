# SPDX-License-Identifier: Apache-2.0
import json

from outreach import auth, registration, tasks, tenancy
from outreach.app import ROUTES, Route
from outreach.auth import UserError
from outreach.permissions import Action, Role
from outreach.tasks import Filter, Priority, Show
from outreach.tenancy import TenantNameError, TenantRows, UnscopedError
from tests.world import Browser, WorldTest

TENANT_TABLES = ("users", "contacts", "tasks", "campaigns", "messages", "figures", "reports")
NUMBERED = [route for route in ROUTES if "*" in route.path]
BODIES = {
    "/api/tasks": {"title": "Across", "contact": 1},
    "/api/campaigns": {"name": "Across", "subject": "S", "body": "B", "recipients": [1]},
}


class TwoTenantsTest(WorldTest):
    """The first tenant has one of everything, each with the number 1; the second has nothing."""

    def setUp(self) -> None:
        super().setUp()
        self.north = self.add_tenant("north")
        contact = self.add_contact("Ann")
        self.campaign = self.add_campaign("Spring", contact)
        with self.data.writing() as connection:
            tasks.open_task(TenantRows(connection), contact, "Call Ann", Priority.NORMAL, self.now)
        self.first = self.program(Role.ADMIN)
        self.first.post(f"/api/campaigns/{self.campaign}/reports")
        self.work()
        self.other = self.program(Role.ADMIN, self.north)

    def everything(self) -> dict[str, list[tuple[object, ...]]]:
        """All rows that belong to the first tenant."""
        with self.data.reading() as connection:
            found = {
                table: connection.execute(f"SELECT * FROM {table} WHERE tenant_id = 1 ORDER BY rowid").fetchall()
                for table in TENANT_TABLES
            }
        return {table: [tuple(row) for row in rows] for table, rows in found.items()}


class IsolationTest(TwoTenantsTest):
    def test_the_first_tenant_reaches_what_the_other_is_refused(self) -> None:
        reads = [route for route in NUMBERED if route.method == "GET" and route.path.startswith("/api/")]
        statuses = {self.first.status("GET", route.path.replace("*", "1")) for route in reads}
        self.assertEqual((statuses, len(reads)), ({200}, 4))

    def test_a_guessed_number_is_refused_to_programs_on_every_route(self) -> None:
        ours = [route for route in NUMBERED if route.path.startswith("/api/")]
        statuses = {route.path: self.other.status(route.method, route.path.replace("*", "1")) for route in ours}
        self.assertEqual({path: status for path, status in statuses.items() if status not in (404, 409)}, {})

    def test_a_guessed_number_is_refused_to_people_on_every_route(self) -> None:
        browser = self.logged_in(Role.LEAD, self.north)
        statuses = {route.path: self.asked(browser, route) for route in NUMBERED if not route.path.startswith("/api/")}
        self.assertEqual({path: status for path, status in statuses.items() if status not in (404, 409)}, {})

    def asked(self, browser: Browser, route: Route) -> int:
        path = route.path.replace("*", "1")
        answer = browser.get(path) if route.method == "GET" else browser.send("/tasks", path)
        return int(answer.response.status)

    def test_guessed_numbers_change_nothing(self) -> None:
        before = self.everything()
        browser = self.logged_in(Role.LEAD, self.north)
        for route in NUMBERED:
            if route.path.startswith("/api/"):
                self.other.status(route.method, route.path.replace("*", "1"))
            else:
                self.asked(browser, route)
        self.work()
        self.assertEqual(self.everything(), before)

    def test_nothing_can_be_built_upon_what_is_anothers(self) -> None:
        self.assertEqual([self.other.status("POST", path, body) for path, body in BODIES.items()], [422, 422])

    def test_what_is_anothers_and_what_is_nobodys_look_the_same(self) -> None:
        answers = [self.other.ask("GET", f"/api/campaigns/{number}").response for number in (1, 999)]
        self.assertEqual(*[(answer.status, answer.body.replace(b"999", b"1")) for answer in answers])

    def test_lists_hold_nothing_of_the_other_tenant(self) -> None:
        lists = [self.other.get(f"/api/{kind}") for kind in ("tasks", "contacts", "campaigns")]
        self.assertEqual(lists, [{"tasks": []}, {"contacts": []}, {"campaigns": []}])

    def test_pages_hold_nothing_of_the_other_tenant(self) -> None:
        browser = self.logged_in(Role.LEAD, self.north)
        pages = [browser.page(path) for path in ("/tasks?show=all", "/contacts", "/campaigns")]
        self.assertFalse([page for page in pages if "Ann" in page or "Spring" in page])

    def test_every_route_about_a_tenants_rows_needs_a_login(self) -> None:
        public = [route.path for route in NUMBERED if not isinstance(route.needs, Action)]
        self.assertEqual(public, [])

    def test_what_anybody_may_ask_names_nobody(self) -> None:
        told = [Browser(self).page(path) for path in ("/queue", "/freshness", "/metrics", "/health")]
        self.assertFalse([text for text in told if "Ann" in text or "Spring" in text or "north" in text])


class TenantTest(TwoTenantsTest):
    def test_the_same_person_may_be_known_to_both(self) -> None:
        self.add_contact("Ann", self.north)
        self.assertEqual(self.count("contacts"), 2)

    def test_whoever_registers_with_one_is_not_renamed_at_the_other(self) -> None:
        form = "/register?tenant=north"
        Browser(self).send(form, "/register", name="Anna", email="ann@example.org", tenant="north")
        names = [[row["name"] for row in self.contacts(tenant)] for tenant in (tenancy.DEFAULT, self.north)]
        self.assertEqual(names, [["Ann"], ["Anna"]])

    def contacts(self, tenant: int) -> list[dict[str, object]]:
        with self.data.reading() as connection:
            return [dict(row) for row in registration.contacts(TenantRows(connection, tenant))]

    def test_the_form_remembers_whose_it_is(self) -> None:
        self.assertIn('name="tenant" value="north"', Browser(self).page("/register?tenant=north"))

    def test_a_form_of_nobody_is_not_there(self) -> None:
        self.assertEqual(Browser(self).get("/register?tenant=nobody").response.status, 404)

    def test_who_logs_in_is_told_to_which_tenant(self) -> None:
        self.add_user("nora", Role.LEAD, self.north)
        answer = self.other.post("/api/login", name="nora", password="correct horse")
        self.assertEqual(answer["tenant"], "north")

    def test_a_user_is_not_moved_to_another_tenant(self) -> None:
        self.add_user("dana", Role.DESK)
        with self.assertRaises(UserError), self.data.writing() as connection:
            auth.add_user(connection, "dana", Role.ADMIN, "correct horse", self.north)

    def test_a_name_is_taken_once(self) -> None:
        with self.assertRaises(TenantNameError):
            self.add_tenant("North")

    def test_a_tenant_has_a_name(self) -> None:
        for name in ("", " x", "x" * 61, "a\nb"):
            with self.subTest(name), self.assertRaises(TenantNameError):
                self.add_tenant(name)


class ScopeTest(TwoTenantsTest):
    def test_a_statement_that_forgets_the_tenant_is_refused(self) -> None:
        wrong = (
            "SELECT * FROM tasks",
            "SELECT 1 FROM {tasks} JOIN contacts",
            "select * from TASKS",
            "UPDATE tasks SET a",
        )
        with self.data.reading() as connection:
            for statement in wrong:
                with self.subTest(statement), self.assertRaises(UnscopedError):
                    TenantRows(connection).select(statement)

    def test_a_table_that_is_no_tenants_is_refused(self) -> None:
        with self.data.reading() as connection, self.assertRaises(UnscopedError):
            TenantRows(connection).select("SELECT * FROM {sessions}")

    def test_a_change_reaches_only_ones_own(self) -> None:
        with self.data.writing() as connection:
            changed = TenantRows(connection, self.north).change("tasks", "1 = 1", to={"title": "Mine now"})
        self.assertEqual(changed, [])

    def test_or_in_a_condition_does_not_reach_further(self) -> None:
        with self.data.writing() as connection:
            changed = TenantRows(connection, self.north).change("tasks", "id = 0 OR 1 = 1", to={"title": "Mine now"})
        self.assertEqual(changed, [])

    def test_every_table_with_a_tenant_is_one_of_those_that_are_kept_apart(self) -> None:
        with self.data.reading() as connection:
            named = "SELECT name FROM sqlite_master WHERE type = 'table' AND sql LIKE '%tenant_id%'"
            tables = {row["name"] for row in connection.execute(named)}
        self.assertEqual(tables - {"jobs"}, set(tenancy.TABLES))

    def test_words_that_are_looked_for_do_not_reach_further(self) -> None:
        with self.data.reading() as connection:
            found = tasks.listed(TenantRows(connection, self.north), Filter(Show.ALL, "%' OR 1=1 --"))
        self.assertEqual(found, [])


class TokenTest(TwoTenantsTest):
    def test_a_cookie_is_no_token(self) -> None:
        browser = self.logged_in(Role.LEAD)
        self.assertEqual(browser.get("/api/tasks").response.status, 401)

    def test_a_token_is_no_cookie(self) -> None:
        self.assertEqual(self.first.status("GET", "/tasks"), 303)

    def test_a_refusal_is_json(self) -> None:
        answer = Browser(self).get("/api/tasks").response
        self.assertEqual((list(json.loads(answer.body)), answer.content_type), (["error"], "application/json"))

    def test_a_role_counts_for_programs_too(self) -> None:
        desk = self.program(Role.DESK)
        self.assertEqual([desk.status("GET", f"/api/{kind}") for kind in ("tasks", "contacts")], [200, 403])

    def test_what_is_no_json_object_is_refused(self) -> None:
        wrong: tuple[object, ...] = (None, [], "x")
        self.assertEqual([self.first.status("POST", "/api/contacts", body) for body in wrong], [400, 400, 400])

    def test_a_field_of_another_kind_is_refused(self) -> None:
        bodies = [{"contact": contact, "title": "T"} for contact in ("1", True, 1.5, 2**60, None)]
        self.assertEqual({self.first.status("POST", "/api/tasks", body) for body in bodies}, {422})

    def test_ten_guesses_are_enough_for_programs_too(self) -> None:
        statuses = [self.first.status("POST", "/api/login", {"name": "x", "password": "y"}) for _ in range(11)]
        self.assertEqual(statuses[-2:], [401, 429])
