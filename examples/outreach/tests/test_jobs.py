# SPDX-License-Identifier: Apache-2.0
import json
from pathlib import Path

from outreach import faults, jobs, outbox
from outreach.duties import DUTIES
from outreach.faults import Faults
from outreach.jobs import LANES, Job, QueueState
from outreach.permissions import Role
from outreach.worker import Worker
from tests.world import Browser, WorldTest

SCHEMAS = Path(__file__).resolve().parents[1] / "schemas"


class QueueTest(WorldTest):
    def put(self, kind: str = "pulse", **payload: int) -> int:
        with self.data.writing() as connection:
            return jobs.put(connection, kind, payload, self.now)

    def take(self, *lanes: str) -> list[Job]:
        with self.data.writing() as connection:
            return jobs.take(connection, lanes or sorted(set(LANES.values())), self.now)

    def fail_job(self, job: Job) -> bool:
        with self.data.writing() as connection:
            return jobs.fail(connection, job, "broken", self.now)

    def state(self) -> QueueState:
        with self.data.reading() as connection:
            return jobs.state(connection, self.now)

    def test_the_first_job_is_taken_first(self) -> None:
        first, second = self.put(), self.put()
        self.assertEqual([job.id for _ in range(3) for job in self.take()], [first, second])

    def test_a_job_is_taken_once(self) -> None:
        self.put()
        self.assertEqual([len(self.take()), len(self.take())], [1, 0])

    def test_a_job_whose_worker_died_is_taken_again(self) -> None:
        self.put()
        self.take()
        self.later(seconds=31)
        self.assertEqual([job.tries for job in self.take()], [2])

    def test_lanes_do_not_wait_for_each_other(self) -> None:
        self.put("send-message", message=1)
        self.put("make-report", report=1)
        self.assertEqual([job.kind for job in self.take("figures")], ["make-report"])

    def test_a_failed_job_is_tried_three_times(self) -> None:
        self.put()
        outcomes = [self.fail_job(job) for _ in range(4) for job in self.take()]
        self.assertEqual(outcomes, [False, False, True])

    def test_depth_age_and_failures_are_told(self) -> None:
        self.put("make-report", report=1)
        self.later(seconds=9)
        self.put("send-message", message=1)
        whole = self.state().whole
        self.assertEqual((whole.depth, whole.oldest_seconds, whole.failed), (2, 9.0, 0))

    def test_failures_are_told_for_an_hour(self) -> None:
        self.put()
        for _ in range(3):
            self.fail_job(self.take()[0])
        lately = self.state().whole.failed
        self.later(hours=2)
        self.assertEqual((lately, self.state().whole.failed), (1, 0))

    def test_an_empty_queue_has_no_age(self) -> None:
        self.assertEqual(self.state().whole.oldest_seconds, 0.0)

    def test_every_kind_of_job_has_a_duty_a_lane_and_a_schema(self) -> None:
        schemas = {path.stem for path in SCHEMAS.glob("*.json")}
        self.assertEqual((set(DUTIES), schemas), (set(LANES), set(LANES)))


class PayloadTest(WorldTest):
    def test_what_is_queued_is_as_its_schema_says(self) -> None:
        number = self.add_campaign("Spring", self.add_contact("Ann"))
        program = self.program(Role.LEAD)
        program.post(f"/api/campaigns/{number}/send")
        program.post(f"/api/campaigns/{number}/reports")
        self.later(minutes=1)
        self.worker.turn()
        with self.data.reading() as connection:
            queued = [(row["kind"], json.loads(row["payload"])) for row in connection.execute("SELECT * FROM jobs")]
        wrong = [(kind, payload) for kind, payload in queued if not self.fits(kind, payload)]
        self.assertEqual(({kind for kind, _ in queued}, wrong), (set(LANES), []))

    def fits(self, kind: str, payload: dict[str, int]) -> bool:
        schema = json.loads((SCHEMAS / f"{kind}.json").read_text("utf-8"))
        self.assertEqual((schema["title"], schema["additionalProperties"]), (kind, False))
        known = set(schema["properties"]) == set(schema["required"]) == set(payload)
        return known and all(type(value) is int and value >= 1 for value in payload.values())


class WorkerTest(WorldTest):
    def setUp(self) -> None:
        super().setUp()
        self.number = self.add_campaign("Spring", self.add_contact("Ann"))

    def pulses(self) -> int:
        with self.data.reading() as connection:
            return jobs.state(connection, self.now).pulses

    def test_a_pulse_is_worked_every_second(self) -> None:
        seen = set()
        for _ in range(5):
            self.later(seconds=1)
            self.work()
            seen.add(self.pulses())
        self.assertEqual(len(seen), 5)

    def test_old_pulses_are_forgotten(self) -> None:
        for _ in range(20):
            self.later(seconds=1)
            self.work()
        self.assertLess(self.count("jobs"), 6)

    def test_a_job_that_cannot_be_done_is_logged_and_given_up(self) -> None:
        outbox.place(self.data.folder).parent.write_text("in the way")
        self.program(Role.LEAD).post(f"/api/campaigns/{self.number}/send")
        self.work()
        told = self.program(Role.ADMIN).get(f"/api/campaigns/{self.number}")
        self.assertEqual((len(self.logged), told["state"], told["figures"]["failed"]), (3, "sent", 1))

    def test_a_worker_that_keeps_jobs_gives_them_back_in_the_end(self) -> None:
        faults.switch_on(self.data.folder, "stalled-queue", "")
        self.program(Role.LEAD).post(f"/api/campaigns/{self.number}/send")
        self.work()
        kept = self.told_state()
        faults.switch_off(self.data, "stalled-queue")
        self.work()
        self.assertEqual((kept, self.told_state()), ("sending", "sent"))

    def test_one_worker_that_keeps_jobs_is_seen_beside_one_that_does_not(self) -> None:
        faults.switch_on(self.data.folder, "stalled-queue", "bad")
        keeping = Faults(self.data.folder, "bad", is_allowed=True)
        other = Worker(self.data, keeping, lambda: self.now, self.fail)
        before = self.pulses()
        self.later(seconds=2)
        other.turn()
        self.work()
        self.assertEqual(self.pulses(), before)

    def told_state(self) -> str:
        return str(self.program(Role.ADMIN).get(f"/api/campaigns/{self.number}")["state"])

    def test_the_queue_is_told_to_anybody(self) -> None:
        self.program(Role.LEAD).post(f"/api/campaigns/{self.number}/reports")
        self.later(seconds=3)
        told = json.loads(Browser(self).page("/queue"))
        self.assertEqual((told["depth"], told["oldest_seconds"], told["lanes"]["figures"]["depth"]), (1, 3.0, 1))

    def test_the_queue_is_in_the_metrics(self) -> None:
        self.program(Role.LEAD).post(f"/api/campaigns/{self.number}/reports")
        self.later(seconds=3)
        text = Browser(self).page("/metrics")
        wanted = ('depth{lane="figures"} 1\n', 'oldest_seconds{lane="figures"} 3\n', 'failed{lane="figures"} 0\n')
        self.assertEqual([f"outreach_queue_{line}" in text for line in wanted], [True] * 3)
