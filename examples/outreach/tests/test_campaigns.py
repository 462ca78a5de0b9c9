# SPDX-License-Identifier: Apache-2.0
import json

from outreach import campaigns, flags, outbox
from outreach.campaigns import Campaign, CampaignError, Draft
from outreach.permissions import Role
from outreach.tenancy import TenantRows
from tests.world import WorldTest


class CampaignTest(WorldTest):
    def setUp(self) -> None:
        super().setUp()
        self.people = [self.add_contact(name) for name in ("Ann", "Bob")]
        self.number = self.add_campaign("Spring", *self.people)

    def campaign(self) -> Campaign:
        with self.data.reading() as connection:
            return campaigns.numbered(TenantRows(connection), self.number)[0]

    def letters(self) -> list[dict[str, str]]:
        place = outbox.place(self.data.folder)
        return [json.loads(line) for line in place.read_text("utf-8").splitlines()] if place.exists() else []

    def send(self) -> int:
        return self.logged_in(Role.LEAD).send("/campaigns", f"/campaigns/{self.number}/send").response.status

    def test_a_draft_has_a_message_for_each_recipient(self) -> None:
        figures = self.campaign().figures
        self.assertEqual((figures.recipients, figures.sent, self.count("messages")), (2, 0, 2))

    def test_a_draft_writes_to_nobody(self) -> None:
        self.work()
        self.assertEqual(self.letters(), [])

    def test_sending_queues_the_messages(self) -> None:
        self.send()
        self.assertEqual((self.campaign().state.value, self.count("jobs"), self.letters()), ("sending", 2, []))

    def test_the_worker_sends_them(self) -> None:
        self.send()
        self.work()
        self.assertEqual({letter["to"] for letter in self.letters()}, {"ann@example.org", "bob@example.org"})

    def test_what_all_got_is_sent_and_counted(self) -> None:
        self.send()
        self.work()
        campaign = self.campaign()
        self.assertEqual((campaign.state.value, campaign.figures.sent), ("sent", 2))

    def test_a_campaign_is_sent_once(self) -> None:
        browser = self.logged_in(Role.LEAD)
        statuses = [browser.send("/campaigns", f"/campaigns/{self.number}/send").response.status for _ in range(2)]
        self.work()
        self.assertEqual((statuses, len(self.letters())), ([303, 409], 2))

    def test_figures_say_when_they_were_counted(self) -> None:
        self.later(seconds=7)
        self.assertEqual(self.campaign().figures.age_seconds(self.now), 7)

    def test_figures_are_counted_anew_by_the_clock(self) -> None:
        self.later(seconds=60)
        self.work()
        self.assertEqual(self.campaign().figures.age_seconds(self.now), 0)

    def test_the_oldest_figures_are_told_to_anybody(self) -> None:
        self.later(seconds=5)
        told = self.program(Role.LEAD).get("/freshness")
        self.assertEqual((told["campaigns"], told["age_seconds"]), (1, 5.0))

    def test_without_a_campaign_nothing_is_old(self) -> None:
        with self.data.writing() as connection:
            connection.execute("DELETE FROM campaigns")
        self.assertEqual(self.program(Role.LEAD).get("/freshness")["campaigns"], 0)

    def test_a_name_is_taken_once(self) -> None:
        with self.assertRaises(CampaignError):
            self.add_campaign("Spring", *self.people)

    def test_what_is_wrong_is_said(self) -> None:
        wrong = [
            Draft("", "S", "B", (1,)),
            Draft("x" * 101, "S", "B", (1,)),
            Draft("N", "", "B", (1,)),
            Draft("N", "S", "", (1,)),
            Draft("N", "S", "B", ()),
            Draft("N", "S", "B", tuple(range(501))),
        ]
        self.assertEqual([len(campaigns.problems(draft)) for draft in wrong], [1] * len(wrong))

    def test_a_campaign_made_on_the_page_is_for_all_contacts(self) -> None:
        browser = self.logged_in(Role.LEAD)
        made = browser.send("/campaigns", "/campaigns", name="Summer", subject="News", body="It is summer.")
        self.assertIn("0 of 2 sent", browser.page(dict(made.response.headers)["Location"]))

    def test_words_cannot_become_markup(self) -> None:
        number = self.add_campaign("<b>Eve</b>", *self.people)
        browser = self.logged_in(Role.LEAD)
        self.assertFalse([path for path in ("", f"/{number}") if "<b>" in browser.page(f"/campaigns{path}")])

    def test_the_desk_sends_no_campaigns(self) -> None:
        browser = self.logged_in(Role.DESK)
        self.assertEqual(browser.send("/tasks", f"/campaigns/{self.number}/send").response.status, 403)

    def test_a_message_begins_with_a_name_while_that_feature_is_on(self) -> None:
        with self.data.writing() as connection:
            flags.switch(connection, "personal-greeting", "on", self.now)
        self.send()
        self.work()
        self.assertEqual({letter["text"].splitlines()[0] for letter in self.letters()}, {"Dear Ann,", "Dear Bob,"})

    def test_without_that_feature_it_does_not(self) -> None:
        self.send()
        self.work()
        self.assertEqual({letter["text"] for letter in self.letters()}, {"There is news."})
