# SPDX-License-Identifier: Apache-2.0
"""Chapters 5 and 6: two releases tried on the traffic of production, behind real proxies. One dies, one is bad.

What is measured is measured where visitors are: at the proxies, by the version that signed each answer.
"""

import time
from datetime import UTC, datetime, timedelta
from typing import Final

from crowd import Answer, slices, slowest
from outsider import remember
from rules import TTL
from scene import ANN, BEN, DANA, ELI, Scene, seconds_since
from shell import DemoFailed
from story import BAD, ENDS, GOOD, promote
from watch import Browser, version_at

from interlock.ledger.record import Record

EVERY: Final = 1
"""Seconds between two measurements, as the pack has it."""
LONGEST_BREACH: Final = 2 * EVERY + 1
"""Seconds from the first bad answer of a candidate to its last answer at all."""
LONGEST_ORPHAN: Final = TTL + 1
"""Seconds from the controller's death to the candidate's last answer."""
QUIET: Final = 1.0
"""Seconds without an answer of a release after which it is taken to have none any more."""
AROUND: Final = timedelta(seconds=1)
SLICE: Final = 0.5
BAR: Final = 30
FEATURE: Final = '<form class="filter"'
_MOVES: Final = frozenset({"ExposureAuthorised", "ExposureLost", "SettlingBegun", "PromotionFailed"})
"""Events with which an exposure that was confirmed is another one."""


def killed(scene: Scene) -> None:
    """v1.1.0 is tried on some of the traffic; in the middle of that the controller dies."""
    began, listen = scene.now(), scene.ports.listen
    scene.crowd.start()
    scene.say("Visitors come to production now, through three proxies. One in four shall get v1.1.0, then every other.")
    scene.do(BEN, f"interlock promote {GOOD} production")
    exposed = scene.wait("ExposureConfirmed", since=began, unless=ENDS, step=0)
    first = scene.wait("Measured", since=exposed.index, unless=ENDS)
    scene.wait("Measured", since=first.index + 1, unless=ENDS)
    scene.do(ANN, "interlock rollout show production")
    scene.say("Some of the visitors are with a release that has not proven itself yet. Now the controller dies.")
    began_to_die = datetime.now(UTC)
    number = scene.controller.kill()
    scene.screen.typed(ANN.handle, f"kill -9 {number}")
    before = scene.now()
    _falls_back(scene, began_to_die)
    scene.do(ANN, "interlock status")
    scene.screen.typed(ANN.handle, "interlock drive &")
    restarted = time.monotonic()
    scene.controller.start()
    scene.wait("ExposureLost", since=before, unless=ENDS)
    scene.say("It finds that what it held is lost and begins anew; what was seen before its death counts no more.")
    again = scene.wait("ExposureConfirmed", since=before, unless=ENDS, step=0)
    scene.wait("Measured", since=again.index, unless=ENDS)
    with scene.watching(ANN, "production"):
        scene.wait("PromotionCompleted", since=before, within=60, unless=ENDS)
    scene.measured.values["restart_to_finish_seconds"] = round(seconds_since(restarted), 2)
    scene.must(all(version_at(port) == "1.1.0" for port in listen), "every proxy serves v1.1.0 now")
    deployed = sum(record.event == "DeploymentBegun" for record in scene.chronicle.records(began))
    scene.must(deployed == 1, "it was deployed once, beside what served, and nothing was taken down for it")
    _splits(scene, GOOD, began, began_to_die)
    scene.ask(listen[0], "/version")
    desk = Browser(listen[0])
    desk.send("/login", name="desk", password="demo-desk")  # noqa: S106 - the example's own, for machines like this
    scene.must(FEATURE in desk.page("/tasks"), "the desk logs in to production and finds the new filter")
    remember(scene)


def goes_back(scene: Scene) -> None:
    """v1.2.0 passes everything but real traffic, and is taken back before most people have seen it."""
    scene.say("Eli's v1.2.0 turns robots away from the form. People agree, tests pass, staging passes.")
    scene.do(ELI, "interlock change open CR-3 --title 'Turn robots away'")
    began = scene.now()
    scene.do(ELI, f"interlock release create {BAD} --change CR-3")
    scene.do(ELI, f"interlock sign {BAD} rollback-plan --yes")
    scene.do(DANA, f"interlock approve {BAD} --yes")
    scene.wait("EvidenceRecorded", since=began, check="tests")
    promote(scene, ELI, BAD, "staging")
    began = scene.now()
    asked = datetime.now(UTC)
    scene.do(ELI, f"interlock promote {BAD} production")
    exposed = scene.wait("ExposureConfirmed", since=began, unless=ENDS, step=0)
    scene.wait("Measured", since=exposed.index, unless=ENDS)
    with scene.watching(ANN, "production"):
        failed = scene.wait("PromotionFailed", since=began, within=60, unless=("PromotionCompleted",))
        scene.wait("RollbackCompleted", since=failed.index, unless=("RollbackStranded",))
    _breach(scene, asked)
    _splits(scene, BAD, began, failed.time)
    scene.do(ANN, "interlock incident list")
    scene.do(ANN, "interlock recall list")
    scene.say("Once more, perhaps it was bad luck?")
    scene.refused(ELI, f"interlock promote {BAD} production", "recall.active")
    scene.crowd.stop()
    _count(scene)


def _falls_back(scene: Scene, died: datetime) -> None:
    last = scene.crowd.last_of("1.1.0", died, QUIET, 3 * LONGEST_ORPHAN)
    if last is None:
        raise DemoFailed("v1.1.0 goes on answering, and nobody holds it there")
    took = (last - died).total_seconds()
    scene.measured.values["kill_to_zero_seconds"] = round(took, 2)
    _timeline(scene, died, last, ("1.0.0", "1.1.0"))
    scene.must(
        took <= LONGEST_ORPHAN,
        f"{took:.1f} s after it died everybody is with v1.0.0: the proxies went back by themselves",
    )


def _breach(scene: Scene, asked: datetime) -> None:
    """From the first bad answer of the candidate to its last answer at all."""
    last = scene.crowd.last_of("1.2.0", asked, QUIET, 3 * LONGEST_BREACH)
    bad = [one.at for one in scene.crowd.of("1.2.0", asked) if one.is_bad]
    if last is None or not bad:
        raise DemoFailed("v1.2.0 goes on answering" if last is None else "v1.2.0 gave no bad answer at all")
    took = (last - bad[0]).total_seconds()
    seen = scene.crowd.between(asked, last)
    hurt = sum(one.is_bad for one in seen)
    scene.measured.values["breach_to_zero_seconds"] = round(took, 2)
    scene.measured.values["requests_hurt_by_the_bad_release"] = hurt
    _timeline(scene, bad[0], last, ("1.1.0", "1.2.0"))
    scene.must(took <= LONGEST_BREACH, f"{took:.1f} s from its first bad answer to its last answer; nobody was asked")
    kept = scene.crowd.of("1.1.0", asked)
    scene.must(kept and not any(one.is_bad for one in kept), "v1.1.0 served all the time, without one bad answer")


def _count(scene: Scene) -> None:
    """All that visitors saw, from the first to the last."""
    answers = tuple(scene.crowd.answers)
    scene.measured.values["slowest_of_a_hundred_seconds"] = round(slowest(answers, 0.99), 3)
    scene.must(
        not scene.crowd.unrouted, f"of {len(answers)} requests, every single one was answered by one of the releases"
    )


def _timeline(scene: Scene, begin: datetime, end: datetime, versions: tuple[str, str]) -> None:
    """Who answered, around what happened, as the visitors saw it."""
    stable, candidate = versions
    full, empty = ("█", "░") if scene.screen.unicode else ("#", ".")
    rows = [f"{'seconds':>8}  {f'v{stable}':>7} {f'v{candidate}':>7} {'bad':>5}"]
    answers = scene.crowd.between(begin - AROUND, end + AROUND)
    for part in slices(answers, begin, SLICE):
        old, new = part.answers[stable], part.answers[candidate]
        width = round(BAR * new / (old + new)) if old + new else 0
        rows.append(f"{part.begin:+8.1f}  {old:7} {new:7} {sum(part.bad.values()):5}  {full * width:{empty}<{BAR}}")
    scene.screen.output("\n".join(rows))


def _splits(scene: Scene, version: str, since: int, died: datetime) -> None:
    """What was exposed by the record, and the split that visitors saw meanwhile, into the report."""
    found: list[dict[str, object]] = []
    share, begin = 0.0, None
    name = f"outreach:{version}/production"
    for record in scene.chronicle.records(since):
        if name not in record.stream:
            continue
        if begin is not None and record.event in _MOVES:
            end = min(record.time, died) if record.event == "ExposureLost" else record.time
            found.append(_split(scene.crowd.between(begin, end), version.removeprefix("v"), share))
            begin = None
        if record.event == "ExposureAuthorised":
            share = _share(record)
        if record.event == "ExposureConfirmed":
            begin = record.time
    known = scene.measured.values.setdefault("split", [])
    if isinstance(known, list):
        known.extend({"release": version, **one} for one in found)


def _share(record: Record) -> float:
    exposure = record.payload["exposure"]
    share = exposure["share"] if isinstance(exposure, dict) else 0
    return share / 100 if isinstance(share, int) else 0.0


def _split(answers: tuple[Answer, ...], version: str, asked: float) -> dict[str, object]:
    got = sum(one.version == version for one in answers)
    seen = round(100 * got / len(answers), 1) if answers else 0.0
    return {"asked_percent": asked, "seen_percent": seen, "requests": len(answers)}
