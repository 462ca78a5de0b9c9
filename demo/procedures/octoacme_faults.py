# SPDX-License-Identifier: Apache-2.0
"""v1.1.1 to v1.1.6: one good commit, tried while the running service is broken in one way after the other.

Each is a release of its own, taken to staging by the guide's way for emergencies. What breaks is broken by the
example's own faults, in the candidate alone; what finds it are the checks that the procedure binds.
"""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from rules import SERVICE
from shell import DemoFailed

from interlock.ledger.record import Record
from procedures.faults import Fault
from procedures.moves import ENDS, ask, goes_back, paper, passed, promote, returned
from procedures.octoacme_cast import BEN, CAT, DAN, EVE, GOOD, GUS, READY
from procedures.stage import Stage

CHANGE: Final = "CR-2"
VERSION: Final = "1.1.1"
"""What the commit says of itself, whatever its releases are called."""
FIRST: Final = f"v{VERSION}"
AT_ONCE: Final = 2
NOTES: Final = {
    "Release": "v1.1.x",
    "Date": "Tuesday",
    "Summary": "A version that says so.",
    "Notable changes": "None.",
    "Migration steps": "None.",
    "Known issues": "None that we know of.",
}
REASON: Final = {
    "What is wrong": "Nobody can tell which version runs.",
    "Why it cannot wait": "Faults are searched blindly.",
}
PLAN: Final = {"How it goes back": "By itself to v1.1.0.", "What softens it meanwhile": "Nobody gets it who waits."}


@dataclass(frozen=True, slots=True)
class Trial:
    """One release, what breaks in it, which check or comparison has to find it, and what that shows.

    `late`: it breaks once everybody gets it; else it is broken before anybody does.
    """

    release: str
    fault: str
    found_by: str
    cause: str
    shows: str
    late: bool


TRIALS: Final = (
    Trial("v1.1.1", "broken-flow", "core-flows", "proof", "OA-32", late=True),
    Trial("v1.1.2", "leaked-tenant", "security-threats", "proof", "OA-34", late=True),
    Trial("v1.1.3", "corrupt-data", "data-integrity", "proof", "OA-33", late=True),
    Trial("v1.1.4", "slow-answers", "latency", "analysis", "OA-35", late=False),
    Trial("v1.1.5", "stalled-queue", "service-levels", "proof", "OA-36", late=False),
    Trial("v1.1.6", "stale-data", "service-levels", "proof", "OA-36", late=False),
)
HEALTHY: Final = "v1.1.7"


def commit(stage: Stage) -> None:
    """Ben's commit, and its first release, so that its evidence can be gathered."""
    git = ("git", "-c", "advice.detachedHead=false")
    stage.quietly(BEN, *git, "switch", "--quiet", "--create", "hotfix", GOOD)
    for name in ("VERSION", "openapi.json"):
        file = stage.repository / name
        file.write_text(file.read_text("utf-8").replace(GOOD.removeprefix("v"), VERSION, 1), encoding="utf-8")
    stage.quietly(BEN, *git, "commit", "--quiet", "--all", "--message", "Say which version this is")
    stage.quietly(BEN, *git, "tag", FIRST)
    stage.quietly(BEN, *git, "switch", "--quiet", "main")
    stage.do(BEN, f"interlock change open {CHANGE} --kind emergency --title 'Say which version this is'")
    stage.do(BEN, f"interlock release create {FIRST} --change {CHANGE}")


def prepare(stage: Stage) -> None:
    """Every candidate goes to staging, and two agree to it who did not write it."""
    stage.say(
        f"A hotfix cannot wait a day. Ben's {FIRST} takes the guide's other way: two agree who did not write it, and "
        f"it is reviewed afterwards. Seven releases of one good commit, for there is something to be tried with each."
    )
    others = (*(one.release for one in TRIALS[1:]), HEALTHY)
    made = stage.wait("ReleaseCreated", since=0, release=f"{SERVICE}:{FIRST}")
    passed(stage, made, *READY, "backup")
    began = stage.now()
    for release in others:
        stage.quietly(BEN, "interlock", "release", "create", release, "--at", FIRST, "--change", CHANGE)
    with ThreadPoolExecutor(AT_ONCE) as hands:
        for done in hands.map(lambda one: _agree(stage, one), (FIRST, *others)):
            stage.screen.fact(f"{done}: written down, on its way to staging, agreed to by eve and cat")
    for release in (FIRST, *others):
        stage.wait("PromotionCompleted", since=began, promotion=f"{SERVICE}:{release}/staging/1", within=180)


def tried(stage: Stage) -> None:
    """Each fault is found in the running service, and sends the release back."""
    stage.say("Now the running service is broken. Each time the machine has to find it, and nobody is asked anything.")
    for number, trial in enumerate(TRIALS):
        if number == 1:
            stage.refused(BEN, f"interlock promote {trial.release} production", "recall.active")
        if number:
            stage.do(EVE, f"interlock recall lift {FIRST} --reason 'the fault was in the service, not in the release'")
        _try(stage, trial)


def healthy(stage: Stage) -> None:
    """The same commit with every fault taken back."""
    stage.do(EVE, f"interlock recall lift {FIRST} --reason 'the fault was in the service, not in the release'")
    stage.say("Every fault is taken back. The very same commit, once more:")
    promote(stage, BEN, HEALTHY, "production", within=240)
    stage.screen.fact(f"{HEALTHY} passed every gate that stopped it while the service was broken")
    stage.do(GUS, f"interlock change review {CHANGE} --outcome 'it was worth the hurry'")


def _try(stage: Stage, trial: Trial) -> None:
    fault = Fault(trial.fault, VERSION, stage.data)
    with _broken_from_the_start(stage, fault, trial):
        began = ask(stage, BEN, trial.release, "production")
        if trial.late:
            stage.wait("PromotionExposed", since=began, unless=ENDS, within=180)
            fault.on(stage, BEN)
        broken = datetime.now(UTC)
        failed = goes_back(stage, began)
    _must_be_found(trial, failed)
    stage.tally.show(failed, trial.shows)
    returned(stage, failed)
    found = {"fault": trial.fault, "found_by": trial.found_by, "cause": trial.cause}
    stage.faults.append({**found, "seconds": round((failed.time - broken).total_seconds(), 1)})
    opened = stage.wait("IncidentOpened", since=failed.index)
    stage.tally.show(opened, "OA-61")
    if trial.fault == "leaked-tenant":
        incident = str(opened.payload["incident"])
        stage.do(DAN, f"interlock incident label {incident} security")
        stage.receivers.wait("PAGER_SECURITY", incident)
        stage.screen.fact(f"the security lead was paged about {incident}")


@contextmanager
def _broken_from_the_start(stage: Stage, fault: Fault, trial: Trial) -> Iterator[None]:
    """Broken before anybody gets it, unless it breaks later; whatever comes of it, it is taken back."""
    if not trial.late:
        fault.on(stage, BEN)
    try:
        yield
    finally:
        fault.off(stage, BEN)


def _must_be_found(trial: Trial, failed: Record) -> None:
    said = f"{failed.payload['cause']}: {failed.payload['sentence']}"
    if failed.payload["cause"] != trial.cause or trial.found_by not in said:
        raise DemoFailed(f"{trial.fault} was to be found by {trial.found_by} ({trial.cause}), and was by: {said}")


def _agree(stage: Stage, release: str) -> str:
    """What people do for one of them, out of sight."""
    for record, sections in (("release-notes", NOTES), ("rollback-plan", PLAN), ("reason-for-emergency", REASON)):
        stage.quietly(
            BEN, "interlock", "record", "write", release, record, paper(stage, f"{release}-{record}", sections)
        )
    stage.quietly(BEN, "interlock", "promote", release, "staging")
    for person in (EVE, CAT):
        stage.quietly(person, "interlock", "approve", release, "--for", "production", "--as", "two-agree", "--yes")
    return release
