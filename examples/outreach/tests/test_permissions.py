# SPDX-License-Identifier: Apache-2.0
from outreach.app import ROUTES
from outreach.permissions import Action, Role, may
from tests.world import PASSWORD, Browser, WorldTest

PUBLIC_ROUTES = {
    "GET /",
    "GET /style.css",
    "GET /health",
    "GET /version",
    "GET /metrics",
    "GET /queue",
    "GET /freshness",
    "GET /openapi.json",
    "GET /login",
    "POST /login",
    "POST /logout",
    "GET /register",
    "POST /register",
    "GET /registered",
    "POST /api/login",
}


class PermissionTest(WorldTest):
    def test_the_desk_works_on_tasks_and_sees_no_contacts(self) -> None:
        allowed = {action for action in Action if may(Role.DESK, action)}
        self.assertEqual(allowed, {Action.SEE_TASKS, Action.COMPLETE_TASK})

    def test_whatever_the_desk_may_a_lead_may(self) -> None:
        self.assertTrue(all(may(Role.LEAD, action) for action in Action if may(Role.DESK, action)))

    def test_an_admin_may_everything(self) -> None:
        self.assertTrue(all(may(Role.ADMIN, action) for action in Action))

    def test_exactly_these_routes_are_public(self) -> None:
        public = {f"{route.method} {route.path}" for route in ROUTES if not isinstance(route.needs, Action)}
        self.assertEqual(public, PUBLIC_ROUTES)

    def test_a_stranger_is_sent_to_the_login(self) -> None:
        answer = Browser(self).get("/tasks")
        self.assertIn(("Location", "/login"), answer.response.headers)

    def test_the_desk_is_refused_the_contacts(self) -> None:
        self.assertEqual(self.logged_in(Role.DESK).get("/contacts").response.status, 403)

    def test_a_lead_sees_the_contacts(self) -> None:
        self.assertEqual(self.logged_in(Role.LEAD).get("/contacts").response.status, 200)

    def test_the_desk_may_not_reopen(self) -> None:
        browser = self.logged_in(Role.DESK)
        self.assertEqual(browser.send("/tasks", "/tasks/1/reopen").response.status, 403)


class LoginTest(WorldTest):
    def test_the_right_password_opens_the_tasks(self) -> None:
        self.assertEqual(self.logged_in(Role.DESK).get("/tasks").response.status, 200)

    def test_a_wrong_password_is_refused(self) -> None:
        self.add_user("dana", Role.DESK)
        answer = Browser(self).send("/login", "/login", name="dana", password="guess")
        self.assertEqual(answer.response.status, 401)

    def test_an_unknown_name_is_refused_in_the_same_words(self) -> None:
        self.add_user("dana", Role.DESK)
        pages = {
            Browser(self).send("/login", "/login", name=name, password="guess").response.body.count(b"is wrong")
            for name in ("dana", "nobody")
        }
        self.assertEqual(pages, {1})

    def test_ten_guesses_are_enough(self) -> None:
        self.add_user("dana", Role.DESK)
        browser = Browser(self)
        for _ in range(10):
            browser.send("/login", "/login", name="dana", password="guess")
        self.assertEqual(browser.send("/login", "/login", name="dana", password=PASSWORD).response.status, 429)

    def test_guesses_are_forgotten_after_a_while(self) -> None:
        self.add_user("dana", Role.DESK)
        browser = Browser(self)
        for _ in range(10):
            browser.send("/login", "/login", name="dana", password="guess")
        self.later(minutes=16)
        self.assertEqual(browser.send("/login", "/login", name="dana", password=PASSWORD).response.status, 303)

    def test_logging_in_changes_the_token(self) -> None:
        self.add_user("dana", Role.DESK)
        browser = Browser(self)
        browser.get("/login")
        before = browser.cookie
        browser.send("/login", "/login", name="dana", password=PASSWORD)
        self.assertNotEqual(browser.cookie, before)

    def test_a_session_ends(self) -> None:
        browser = self.logged_in(Role.DESK)
        self.later(hours=13)
        self.assertEqual(browser.get("/tasks").response.status, 303)

    def test_logging_out_ends_the_session_everywhere(self) -> None:
        browser = self.logged_in(Role.DESK)
        stolen = browser.cookie
        browser.send("/tasks", "/logout")
        browser.cookie = stolen
        self.assertEqual(browser.get("/tasks").response.status, 303)

    def test_no_password_and_no_token_is_kept_as_it_is(self) -> None:
        browser = self.logged_in(Role.DESK)
        kept = b"".join(path.read_bytes() for path in self.data.folder.iterdir())
        self.assertFalse(PASSWORD.encode() in kept or browser.cookie.encode() in kept)


class FormTokenTest(WorldTest):
    def test_a_form_without_a_token_changes_nothing(self) -> None:
        browser = Browser(self)
        browser.get("/register")
        status = browser.post("/register", name="Ann", email="ann@example.org").response.status
        self.assertEqual((status, self.count("contacts")), (403, 0))

    def test_the_token_of_another_visitor_is_worth_nothing(self) -> None:
        other = Browser(self)
        token = other.page("/register").split('name="form_token" value="')[1].split('"')[0]
        browser = Browser(self)
        browser.get("/register")
        answer = browser.post("/register", form_token=token, name="Ann", email="ann@example.org")
        self.assertEqual(answer.response.status, 403)
