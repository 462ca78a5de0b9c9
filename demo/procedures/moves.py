# SPDX-License-Identifier: Apache-2.0
"""What people do again and again under any procedure: write, sign, approve, promote, and see it go back."""

import json
import time
from collections.abc import Mapping
from typing import Final

from rules import SERVICE
from shell import DemoFailed, Person

from interlock.ledger.record import Record
from procedures.stage import Stage

LOOK: Final = 0.1
"""Seconds between looks at the status page."""
ENDS: Final = ("PromotionFailed", "PromotionTurnedAway", "RollbackBegun")


def release(stage: Stage, who: Person, version: str, *more: str) -> Record:
    """Make a release; its record."""
    since = stage.now()
    stage.do(who, " ".join((f"interlock release create {version}", *more)))
    return stage.wait("ReleaseCreated", since=since)


def write(stage: Stage, who: Person, version: str, record: str, sections: Mapping[str, str]) -> None:
    """Write a record of a release."""
    stage.do(who, f"interlock record write {version} {record} {paper(stage, f'{version}-{record}', sections)}")


def sign(stage: Stage, who: Person, version: str, *requirements: str) -> None:
    """Sign each of these."""
    for one in requirements:
        stage.do(who, f"interlock sign {version} {one} --yes")


def approve(stage: Stage, who: Person, version: str, requirement: str = "") -> None:
    """Approve; named, it is meant for that approval alone."""
    stage.do(who, f"interlock approve {version}{f' --as {requirement}' if requirement else ''} --yes")


def passed(stage: Stage, created: Record, *checks: str, within: float = 300) -> None:
    """Wait until each of these checks has passed since a release was created; its evidence comes by itself."""
    for check in checks:
        stage.wait("EvidenceRecorded", since=created.index, within=within, check=check, verdict="pass")


def promote(stage: Stage, who: Person, version: str, environment: str, *, within: float = 180) -> Record:
    """Ask for it and wait until it is done. The gate is looked at for the tally."""
    began = ask(stage, who, version, environment)
    asked = stage.wait("PromotionRequested", since=began, release=f"{SERVICE}:{version}", environment=environment)
    promotion = str(asked.payload["promotion"])
    return stage.wait("PromotionCompleted", since=began, unless=ENDS, within=within, promotion=promotion)


def ask(stage: Stage, who: Person, version: str, environment: str) -> int:
    """Ask for it; gives where the record stood before."""
    stage.tally.gate(stage.repository, f"{SERVICE}:{version}", environment)
    began = stage.now()
    stage.do(who, f"interlock promote {version} {environment}")
    return began


def goes_back(stage: Stage, began: int, *, within: float = 180) -> Record:
    """Wait until it failed, and say why it did."""
    failed = stage.wait("PromotionFailed", since=began, unless=("PromotionCompleted",), within=within)
    stage.screen.fact(f"{failed.payload['cause']}: {failed.payload['sentence']}", is_good=False)
    return failed


def returned(stage: Stage, failed: Record, *, within: float = 180) -> Record:
    """Wait until what served before is proven again."""
    return stage.wait("RollbackCompleted", since=failed.index, unless=("RollbackStranded",), within=within)


def on_page(stage: Stage, words: str, *, within: float = 60) -> str:
    """The title of a message on the status page that holds these words, once there is one."""
    deadline = time.monotonic() + within
    file = stage.root / "status" / "status.json"
    while time.monotonic() < deadline:
        messages = json.loads(file.read_text("utf-8"))["messages"] if file.exists() else []
        for one in messages:
            if words in one["title"]:
                return str(one["title"])
        time.sleep(LOOK)
    raise DemoFailed(f"'{words}' does not stand on the status page")


def paper(stage: Stage, name: str, sections: Mapping[str, str]) -> str:
    """Put a document with these sections beside the repository; its path from there."""
    folder = stage.root / "papers"
    folder.mkdir(exist_ok=True)
    text = "\n".join(f"## {heading}\n\n{words}\n" for heading, words in sections.items())
    (folder / f"{name}.md").write_text(text, encoding="utf-8")
    return f"../papers/{name}.md"
