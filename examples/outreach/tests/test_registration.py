# SPDX-License-Identifier: Apache-2.0
from outreach import registration, tasks
from outreach.permissions import Role
from outreach.registration import Registration
from outreach.tasks import Filter, Priority
from outreach.tenancy import TenantRows
from tests.world import Browser, WorldTest

ANN = Registration("Ann", "ann@example.org", "a newsletter")


class RegistrationTest(WorldTest):
    def register(self, wanted: Registration) -> None:
        with self.data.writing() as connection:
            registration.register(TenantRows(connection), wanted, self.now)

    def open_titles(self) -> list[str]:
        with self.data.reading() as connection:
            return [task.title for task in tasks.listed(TenantRows(connection), Filter())]

    def test_a_registration_opens_a_follow_up_task(self) -> None:
        self.register(ANN)
        self.assertEqual(self.open_titles(), ["Follow up with Ann"])

    def test_whoever_registers_again_is_followed_up_again(self) -> None:
        self.register(ANN)
        self.later(days=1)
        self.register(Registration("Ann", "ANN@example.org", "still waiting"))
        self.assertEqual((self.count("contacts"), len(self.open_titles())), (1, 2))

    def test_pressing_words_make_a_pressing_task(self) -> None:
        found = [registration.priority_of(Registration("A", "a@b.cd", words)) for words in ("It is URGENT", "urgently")]
        self.assertEqual(found, [Priority.HIGH, Priority.NORMAL])

    def test_words_are_tidied(self) -> None:
        read = registration.read({"name": "  Ann \n Lee ", "email": " ann@example.org ", "interest": "\n x "})
        self.assertEqual(read, Registration("Ann Lee", "ann@example.org", "x"))

    def test_what_is_wrong_is_said(self) -> None:
        wrong = [
            Registration("", "ann@example.org", ""),
            Registration("x" * 101, "ann@example.org", ""),
            Registration("Ann", "ann", ""),
            Registration("Ann", "ann@example", ""),
            Registration("Ann", "ann@example.org, eve@example.org", ""),
            Registration("Ann", "ann@example.org", "x" * 2001),
        ]
        self.assertEqual([len(registration.problems(item)) for item in wrong], [1] * len(wrong))

    def test_a_good_registration_has_no_problems(self) -> None:
        self.assertEqual(registration.problems(ANN), [])

    def test_the_public_form_needs_no_login(self) -> None:
        answer = Browser(self).send("/register", "/register", name="Ann", email="ann@example.org", interest="x")
        self.assertIn(("Location", "/registered"), answer.response.headers)

    def test_a_bad_form_keeps_what_was_typed(self) -> None:
        answer = Browser(self).send("/register", "/register", name="Ann & Bob", email="nowhere", interest="x")
        self.assertEqual((int(answer.response.status), b"Ann &amp; Bob" in answer.response.body), (422, True))

    def test_what_was_typed_cannot_become_markup(self) -> None:
        self.register(Registration("<b>Eve</b>", "eve@example.org", "<script>alert(1)</script>"))
        page = self.logged_in(Role.LEAD).page("/contacts")
        self.assertEqual(("<script" in page, "<b>" in page), (False, False))
