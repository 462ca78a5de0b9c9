# SPDX-License-Identifier: Apache-2.0
"""One commit is sent to production while the running service is broken: by the example's own faults, in it alone.

What finds them are the checks that the policy binds. Nothing is wrong with the commit, so once the faults are taken
back the very same one may pass; as a release of another name, because what went back once is over.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from rules import SERVICE, python
from shell import DemoFailed

from interlock.ledger.record import Record
from procedures.faults import Fault
from procedures.lsos_cast import ANN, EVE, FAY, FILTER, GUS, OPERATORS, PATIENCE, STAKEHOLDERS, TRIED
from procedures.moves import ENDS, ask, goes_back, returned
from procedures.stage import Stage

FLAG: Final = "personal-greeting"
VISITORS: Final = 150
"""Requests a second: half of them are too many for one release of two processes that takes visitors for robots."""


@dataclass(frozen=True, slots=True)
class Trial:
    """One release, what breaks in it, which check has to find that, and which statement sends it back.

    `late`: it breaks once everybody gets it; else it is broken before anybody does.
    """

    release: str
    fault: str
    found_by: str
    shows: tuple[str, ...]
    late: bool


BEFORE: Final = (
    Trial(TRIED[0], "broken-flow", "core-flows", (), late=False),
    Trial(TRIED[1], "stale-data", "data-freshness", (), late=False),
)
AFTER: Final = (
    Trial(TRIED[2], "leaked-tenant", "tenant-isolation", ("LS-17",), late=True),
    Trial(TRIED[3], "stalled-queue", "queue-health", ("LS-18",), late=True),
)


def verified(stage: Stage) -> None:
    """A broken flow, then stale figures: found where the candidate stands, before it gets any traffic."""
    stage.say(
        "Visitors come to production. The candidate stands beside what serves them, and is broken from the start."
    )
    stage.crowd.rate = VISITORS
    stage.crowd.start()
    for trial in BEFORE:
        failed = _tried(stage, trial)
        _put_right(stage, trial, failed)
    soon = stage.receivers.wait(STAKEHOLDERS, f"{TRIED[0]} goes to production")
    stage.screen.fact(f"a mail told the stakeholders before: {soon.text.splitlines()[0]}")


def watched(stage: Stage) -> None:
    """Rows of another tenant, then a queue that stands still: found while everybody gets it, and the whole way back."""
    stage.say("Now it breaks when everybody has it already, and somebody has switched a new feature on.")
    leak, stall = AFTER
    stage.do(FAY, f"{python()} -m outreach flag --data {stage.data} {FLAG} on")
    failed = _tried(stage, leak)
    stage.refused(ANN, f"interlock promote {stall.release} production", "recall.active")
    _put_right(stage, leak, failed)
    flags = stage.quietly(FAY, python(), "-m", "outreach", "flag", "--data", str(stage.data), "list")
    stage.must(f"{FLAG} off" in " ".join(flags.split()), f"the feature {FLAG} was switched off on the way back")
    _put_right(stage, stall, _tried(stage, stall))


def whole_way(stage: Stage, failed: Record, outcome: str) -> None:
    """Everything that the policy asks for on the way back, in its order, until the incident is closed."""
    opened = stage.wait("IncidentOpened", since=failed.index, within=PATIENCE)
    incident = str(opened.payload["incident"])
    stage.tally.show(returned(stage, failed, within=PATIENCE), "LS-29", "LS-30")
    if "security" in opened.payload["labels"]:
        _looked_at(stage, incident)
    after_the_return(stage, failed.index, incident, outcome)


def _looked_at(stage: Stage, incident: str) -> None:
    """What the check found is about security: it is told, and somebody of security looks at it."""
    page = stage.receivers.wait(OPERATORS, f"the security of {SERVICE} in production")
    stage.screen.fact(f"the operators were paged: {page.text.splitlines()[0]}")
    stage.refused(FAY, f"interlock incident sign {incident} security-looked", "incident.role")
    stage.do(EVE, f"interlock incident sign {incident} security-looked")


def after_the_return(stage: Stage, since: int, incident: str, outcome: str) -> None:
    """What is due once something else serves again: flags off, a word about the data, and then it may be closed."""
    step = stage.wait("StepConcluded", since=since, within=PATIENCE, incident=incident, duty="flags", outcome="done")
    stage.tally.show(step, "LS-31")
    if "LS-19" not in stage.tally.seen:
        page = stage.receivers.wait(OPERATORS, f"{SERVICE} production goes back")
        stage.screen.fact(f"the operators were paged: {page.text.splitlines()[0]}")
        stage.refused(GUS, f"interlock incident close {incident} --outcome 'done'", "duty.unanswered")
    stage.do(FAY, f"interlock incident answer {incident} data keep --reason 'the older release reads the newer schema'")
    answer = stage.wait("QuestionAnswered", since=since, incident=incident)
    stage.tally.show(answer, "LS-32", "LS-19")
    stage.do(GUS, f"interlock incident close {incident} --outcome '{outcome}'")


def _tried(stage: Stage, trial: Trial) -> Record:
    """Promote it, broken: the right check has to send it back."""
    fault = Fault(trial.fault, FILTER, stage.data)
    if not trial.late:
        fault.on(stage, FAY)
    began = ask(stage, ANN, trial.release, "production")
    if trial.late:
        stage.wait("PromotionExposed", since=began, unless=ENDS, within=PATIENCE)
        fault.on(stage, FAY)
    broken = datetime.now(UTC)
    failed = goes_back(stage, began, within=PATIENCE)
    said = str(failed.payload["sentence"])
    if failed.payload["cause"] != "proof" or f"{trial.found_by}: ended with exit code 1" not in said:
        raise DemoFailed(f"{trial.fault} was not found by {trial.found_by}: {said}")
    stage.tally.show(failed, *trial.shows)
    found = {"fault": trial.fault, "found_by": trial.found_by, "cause": "proof"}
    stage.faults.append({**found, "seconds": round((failed.time - broken).total_seconds(), 1)})
    return failed


def _put_right(stage: Stage, trial: Trial, failed: Record) -> None:
    """Take the fault back, go the whole way back, and let the commit come again."""
    Fault(trial.fault, FILTER, stage.data).off(stage, FAY)
    whole_way(stage, failed, "the fault was taken back")
    stage.do(EVE, f"interlock recall lift {trial.release} --reason 'the fault was in the service, not in the release'")
