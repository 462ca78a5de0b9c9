# SPDX-License-Identifier: Apache-2.0
import csv
import io

from outreach.permissions import Role
from tests.world import WorldTest


class ReportTest(WorldTest):
    def setUp(self) -> None:
        super().setUp()
        self.number = self.add_campaign("Spring", *[self.add_contact(name) for name in ("Ann", "Bob", "=Eve")])
        self.lead = self.program(Role.LEAD)

    def ask(self) -> int:
        return int(self.lead.post(f"/api/campaigns/{self.number}/reports")["id"])

    def text(self, report: int, form: str) -> str:
        return self.lead.ask("GET", f"/api/reports/{report}/{form}").response.body.decode()

    def test_a_report_is_made_by_a_job(self) -> None:
        report = self.ask()
        before = self.lead.get(f"/api/reports/{report}")["state"]
        self.work()
        self.assertEqual((before, self.lead.get(f"/api/reports/{report}")["state"]), ("asked", "ready"))

    def test_before_it_is_ready_there_is_none_to_have(self) -> None:
        self.assertEqual(self.lead.status("GET", f"/api/reports/{self.ask()}/csv"), 409)

    def test_it_has_a_row_for_each_recipient_in_both_forms(self) -> None:
        report = self.ask()
        self.work()
        rows = list(csv.DictReader(io.StringIO(self.text(report, "csv"))))
        self.assertEqual((len(rows), self.text(report, "html").count('<tr class="recipient">')), (3, 3))

    def test_its_totals_are_those_of_its_rows(self) -> None:
        self.lead.post(f"/api/campaigns/{self.number}/send")
        self.work()
        report = self.ask()
        self.work()
        told = self.lead.get(f"/api/reports/{report}")
        sent = [row for row in csv.DictReader(io.StringIO(self.text(report, "csv"))) if row["state"] == "sent"]
        self.assertEqual((told["recipients"], told["sent"], told["failed"], len(sent)), (3, 3, 0, 3))

    def test_what_a_spreadsheet_would_run_is_quoted(self) -> None:
        report = self.ask()
        self.work()
        self.assertIn("'=Eve", self.text(report, "csv"))

    def test_people_have_it_on_the_page_of_the_campaign(self) -> None:
        browser = self.logged_in(Role.ADMIN)
        browser.send("/campaigns", f"/campaigns/{self.number}/reports")
        waiting = browser.page(f"/campaigns/{self.number}")
        self.work()
        ready = browser.page(f"/campaigns/{self.number}")
        self.assertEqual(("is being made" in waiting, "/reports/1/csv" in ready), (True, True))

    def test_the_desk_sees_no_reports(self) -> None:
        report = self.ask()
        self.assertEqual(self.program(Role.DESK).status("GET", f"/api/reports/{report}"), 403)
