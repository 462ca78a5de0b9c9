# SPDX-License-Identifier: Apache-2.0
"""v1.1.0 under the strict policy: from a commit on main to the traffic of production."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from rules import SERVICE
from shell import Person

from interlock.ledger.record import Record
from procedures import setting
from procedures.faults import Fault
from procedures.lsos_cast import (
    ANN,
    BEN,
    CAT,
    EVE,
    FAY,
    FILTER,
    GOOD,
    GUS,
    LIVE,
    PATIENCE,
    REVIEWERS,
    STAKEHOLDERS,
    TRIED,
)
from procedures.moves import ENDS, approve, ask, passed, promote, release
from procedures.stage import Stage

BRANCHES: Final = (("filter", "v1.1.0"), ("robots", "v1.2.0"))
"""What is not on main yet, by the tag that the example's history gives it."""
PREPARED: Final = (
    "version",
    "api-contract",
    "task-contract",
    "migrations-forward",
    "migrations-back",
    "security-scan",
    "secret-scan",
)
AT_ONCE: Final = 2
_TO_WRITE: Final = re.compile(r"<!--[^>]*-->")


def people(stage: Stage) -> None:
    """The repository as it was before v1.1.0, with work that waits on branches."""
    setting.people(stage)
    for branch, tag in BRANCHES:
        stage.quietly(GUS, "git", "branch", branch, tag)
        stage.quietly(GUS, "git", "tag", "--delete", tag)
    stage.quietly(GUS, "git", "reset", "--quiet", "--hard", setting.TODAY)
    stage.do(GUS, "git log --oneline --decorate --all")


def today(stage: Stage) -> None:
    """Ann has put her work on main; v1.0.0 is what runs."""
    stage.say("Ann's filter is finished, and she puts it on main. What runs is still v1.0.0.")
    stage.do(ANN, "git cherry-pick filter")
    setting.today(stage)


def delivered(stage: Stage) -> None:
    """The head of main became a release and goes to staging; it goes no further by itself."""
    stage.say("Nobody asks for anything. Main has a new head, so it is tested, and goes to staging once it is green.")
    made = stage.wait("ReleaseCreated", since=0)
    name = str(made.payload["release"])
    passed(stage, made, "from-main", "ci", within=PATIENCE)
    there = stage.wait("PromotionCompleted", since=made.index, promotion=f"{name}/staging/1", within=PATIENCE)
    stage.tally.show(there, "LS-02")
    stage.do(ANN, "interlock status")
    stage.say("Could it not go on to production like that? Nothing does, whoever asks.")
    since = stage.now()
    stage.refused(GUS, f"interlock promote {name.removeprefix(f'{SERVICE}:')} production", "gate.no_path")
    stage.tally.show(stage.wait("CommandRefused", since=since), "LS-03")


def prepared(stage: Stage) -> None:
    """People make a release of the same commit; notes and runbook; objectives are missed and kept again."""
    stage.say("For production people make a release of the same commit, and say what it is.")
    stage.quietly(ANN, "git", "tag", GOOD)
    stage.do(ANN, "interlock change open CR-1 --title 'The desk filters its tasks'")
    made = release(stage, ANN, GOOD, "--change CR-1")
    promote(stage, ANN, GOOD, "staging", within=PATIENCE)
    slow = Fault("slow-answers", FILTER, staging_data(stage))
    stage.say("The machine looks after code, contracts, migrations, scans. Meanwhile staging becomes slow.")
    slow.on(stage, FAY)
    broken = datetime.now(UTC)
    missed = _look_again(stage, "fail")
    found = {"fault": slow.name, "found_by": "slo-guardrails", "cause": "gate"}
    stage.faults.append({**found, "seconds": round((missed.time - broken).total_seconds(), 1)})
    stage.refused(ANN, f"interlock promote {GOOD} production", "evidence.fail")
    slow.off(stage, FAY)
    seen = _look_again(stage, "pass")
    stage.screen.fact(f"staging keeps its objectives again: record {seen.index}")
    passed(stage, made, *PREPARED, within=PATIENCE)
    write_up(stage, ANN, GOOD, "The desk narrows its tasks by state and words; pressing ones come first.")


def agreed(stage: Stage) -> None:
    """It touches who may do what and a migration: an owner and somebody of security agree, nobody else will do."""
    stage.say("It touches permissions and brings a migration, which is high risk. Who has to agree, and who may not?")
    stage.refused(ANN, f"interlock approve {GOOD} --yes", "approval.author")
    approve(stage, BEN, GOOD)
    stage.say("Ben owns it. A second owner who reviews is not enough here:")
    stage.do(CAT, f"interlock approve {GOOD} --yes")
    stage.refused(ANN, f"interlock promote {GOOD} production", "approval.missing")
    approve(stage, EVE, GOOD)
    stage.do(GUS, f"interlock explain {GOOD} --for production")
    _more(stage)


def live(stage: Stage) -> None:
    """Step by step on the traffic of production, proven, watched, announced, written up."""
    stage.say(f"Every fault is taken back. The very same commit once more, as {LIVE}:")
    began = ask(stage, ANN, LIVE, "production")
    through(stage, GUS, began)
    told = stage.receivers.wait(STAKEHOLDERS, f"{LIVE} is live in production")
    stage.screen.fact(f"a mail to the stakeholders: {told.text.splitlines()[0]}")
    stage.wait("RecordsCommitted", since=began)
    stage.do(GUS, f"git log --oneline --stat -1 interlock/records/{LIVE}")


def through(stage: Stage, who: Person, began: int) -> None:
    """See a promotion into production through to its end, and count what it shows."""
    verified = stage.wait("PromotionVerified", since=began, unless=ENDS, within=PATIENCE)
    stage.tally.show(verified, "LS-25", "LS-26", "LS-27", "LS-28")
    exposed = stage.wait("ExposureConfirmed", since=began, unless=ENDS, step=0, within=PATIENCE)
    stage.tally.show(exposed, "LS-13")
    measured = stage.wait("Measured", since=exposed.index, unless=ENDS, within=PATIENCE)
    stage.tally.show(measured, "LS-14")
    with stage.watching(who, "production"):
        stage.wait("PromotionCompleted", since=began, unless=ENDS, within=PATIENCE)


def write_up(stage: Stage, who: Person, version: str, summary: str) -> None:
    """Have both records drafted from what is known, say what only a person knows, and hand them in."""
    folder = stage.root / "papers"
    folder.mkdir(exist_ok=True)
    for record in ("release-notes", "runbook-deltas"):
        draft = f"../papers/{version}-{record}.md"
        stage.do(who, f"interlock record draft {version} {record} --into {draft}")
        paper = folder / f"{version}-{record}.md"
        paper.write_text(_TO_WRITE.sub(summary, paper.read_text("utf-8")), encoding="utf-8")
        stage.do(who, f"interlock record write {version} {record} {draft}")


def staging_data(stage: Stage) -> Path:
    """Staging's data is where the supervisor keeps it."""
    return stage.repository / ".interlock" / "deployments" / "places" / SERVICE / "staging" / "data"


def reviewers_hear(stage: Stage, *words: str) -> None:
    """A message came to the reviewers' chat."""
    told = stage.receivers.wait(REVIEWERS, *words)
    stage.screen.fact(f"in the reviewers' chat: {told.text.splitlines()[0]}")


def _more(stage: Stage) -> None:
    """More releases of the same commit, out of sight: what went back once is not promoted again."""
    since = stage.now()
    others = (*TRIED[1:], LIVE)
    with ThreadPoolExecutor(AT_ONCE) as hands:
        for done in hands.map(lambda one: _agree(stage, one), others):
            stage.screen.fact(f"{done}, the same commit: written down, on its way to staging, agreed to by ben and eve")
    for one in others:
        stage.wait("PromotionCompleted", since=since, within=PATIENCE, promotion=f"{SERVICE}:{one}/staging/1")


def _agree(stage: Stage, version: str) -> str:
    stage.quietly(ANN, "interlock", "release", "create", version, "--at", GOOD, "--change", "CR-1")
    stage.quietly(ANN, "interlock", "promote", version, "staging")
    for record in ("release-notes", "runbook-deltas"):
        stage.quietly(ANN, "interlock", "record", "write", version, record, f"../papers/{GOOD}-{record}.md")
    for person in (BEN, EVE):
        stage.quietly(person, "interlock", "approve", version, "--for", "production", "--yes")
    return version


def _look_again(stage: Stage, verdict: str) -> Record:
    """Have staging measured again; gives what was found."""
    since = stage.now()
    stage.do(FAY, f"interlock evidence refresh {GOOD} slo-guardrails")
    return stage.wait("EvidenceRecorded", since=since, within=PATIENCE, check="slo-guardrails", verdict=verdict)
