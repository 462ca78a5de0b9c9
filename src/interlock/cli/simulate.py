# SPDX-License-Identifier: Apache-2.0
"""`interlock simulate`: scenarios of a pack played in a simulated world, told as a timeline.

People, faults and time are the scenario's; whatever decides is the program itself. Nothing of it touches a ledger or
a service of yours.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from interlock.cli.naming import file_content
from interlock.cli.narrate import Narrator
from interlock.cli.output import Exit, Fault, Json, Report, somebody_is_there, tell
from interlock.cli.pack import Named, PackArg, named_pack
from interlock.cli.text import BLANK, Block, Line, Para, Rows, Span, Verbatim, bad, good, para, quiet, strong, warn
from interlock.cli.waiting import whom_in_words

if TYPE_CHECKING:
    from interlock.packs.load import Pack
    from interlock.testing.scenario import Loaded, Outcome
    from interlock.testing.timeline import Entry, Said, Timeline, Told, Waits

_COLUMN = 26
"""Where the words of an entry begin: where they go on when they are wrapped."""


@dataclass(frozen=True, slots=True)
class Played:
    """One scenario: what it is called, how it came out, and what happened."""

    loaded: "Loaded"
    outcome: "Outcome"
    timeline: "Timeline"
    began: datetime
    ended: datetime

    @property
    def failure(self) -> str:
        """What was not as told; empty: all of it was."""
        return str(getattr(self.outcome, "text", ""))


def simulate(
    pack: PackArg,
    scenarios: Annotated[
        tuple[str, ...],
        Parameter(name="SCENARIO", help="A scenario beside the pack, by name, or a file; none: all of the pack's."),
    ] = (),
    /,
) -> Report:
    """Play scenarios of a pack with scripted people, faults and a clock of their own, and tell what happens.

    Exit code 0: everything came as the scenarios tell; 1: something did not.
    """
    named = named_pack(pack)
    rules = _rules(named)
    plays = [_play(one, named, rules) for one in _loaded(named, scenarios)]
    failed = [one for one in plays if one.failure]
    data: dict[str, Json] = {
        "pack": rules.procedure.pack,
        "version": rules.procedure.version,
        "scenarios": [_data(one) for one in plays],
    }
    blocks = [block for one in plays for block in _blocks(one)]
    return Report(data, tuple(blocks), Exit.REFUSED if failed else Exit.DONE)


def _rules(named: Named) -> "Pack":
    from interlock.packs.load import load_pack
    from interlock.packs.problem import Problems

    rules = load_pack(named.name, named.content)
    if isinstance(rules, Problems):
        raise Fault("pack.unfit", rules.render(), f"mend {named.name}", Exit.REFUSED)
    return rules


def _loaded(named: Named, scenarios: tuple[str, ...]) -> "Iterator[Loaded]":
    from interlock.packs.problem import Problems
    from interlock.testing.scenario import load_scenario

    for source, content in _sources(named, scenarios):
        loaded = load_scenario(source, content)
        if isinstance(loaded, Problems):
            raise Fault("scenario.unfit", loaded.render(), f"mend {source}")
        yield loaded


def _sources(named: Named, scenarios: tuple[str, ...]) -> Iterator[tuple[str, bytes]]:
    from interlock.packs.nearest import advice
    from interlock.testing.scenario import SCENARIOS, scenario_files

    beside = {one.name.removesuffix(".yaml"): one for one in scenario_files(named.folder)}
    if not (scenarios or beside):
        place = named.folder.joinpath(SCENARIOS)
        raise Fault("pack.no_scenarios", "there are no scenarios to play", f"write one: {place}/NAME.yaml")
    for one in scenarios or beside:
        name = one.removesuffix(".yaml")
        if name in beside:
            yield f"{SCENARIOS}/{name}.yaml", beside[name].read_bytes()
        elif Path(one).is_file():
            yield one, file_content(one)
        else:
            raise Fault("scenario.unknown", f"there is no scenario '{one}'", advice(name, beside))


def _play(loaded: "Loaded", named: Named, rules: "Pack") -> Played:
    from interlock.testing.scenario import perform
    from interlock.testing.timeline import Timeline
    from interlock.testing.world import World

    world, progress = World(), _Progress(loaded.source, len(loaded.scenario.steps))
    timeline = Timeline(progress.hear if somebody_is_there() else progress.ignore)
    began = world.moments.now()
    outcome = perform(loaded, named.content, rules, world, world, timeline)
    return Played(loaded, outcome, timeline, began, world.moments.now())


@dataclass(slots=True)
class _Progress:
    """Tells a person at the terminal that it goes on: once for each simulated day."""

    source: str
    steps: int
    done: int = 0
    day: date = date.min

    def hear(self, entries: "tuple[Entry, ...]") -> None:
        self.done += 1
        today = max((one.at.date() for one in entries), default=self.day)
        if today > self.day:
            self.day = today
            tell(para(quiet(f"{self.source}: step {self.done} of {self.steps}, {today:%A %d %B %Y}")))

    def ignore(self, _: "tuple[Entry, ...]") -> None:
        """Nobody is there."""


def _blocks(one: Played) -> Iterator[Block]:
    yield para(strong(one.loaded.scenario.scenario), quiet(f"  {one.loaded.source}"))
    narrator, day = Narrator(), date.min
    for entry in one.timeline.entries:
        for line in _lines(entry, narrator):
            if entry.at.date() != day:
                day = entry.at.date()
                yield para(quiet(f"  {day:%A} {day.day} {day:%B %Y}"))
            yield Para((quiet(f"  {entry.at:%H:%M:%S}  "), *line), _COLUMN)
    waits = one.timeline.still(one.ended)
    if waits:
        yield para(quiet("  still waiting"))
        yield Rows(tuple(_still(wait) for wait in waits), 4)
    if one.failure:
        yield para(bad("  ✗ "), "it did not come as told:")
        yield Verbatim(one.failure, 4)
    else:
        spent = _span(one.ended - one.began)
        yield para(good("  ✓ "), f"as told: {len(one.loaded.scenario.steps)} steps in {spent} of simulated time")
    yield BLANK


def _lines(entry: "Entry", narrator: Narrator) -> Iterator[Line]:
    from interlock.testing.timeline import Checked, Said, Told, Waited, Waits

    match entry:
        case Said():
            yield from _said(entry, narrator)
        case Told():
            yield _told(entry)
        case Waits(place=place, wait=wait):
            yield (_who(""), warn("○ "), f"{place}: {wait.finding.subject} waits ", whom_in_words(wait.whom))
        case Waited(place=place, about=about, lasted=lasted):
            yield (_who(""), quiet("· "), f"{place}: {about} waited {_span(lasted)}")
        case Checked(found=found):
            for one in found:
                yield (_who(""), bad("✗ "), one)


def _said(entry: "Said", narrator: Narrator) -> Iterator[Line]:
    if entry.is_robot and entry.reasons:
        return
    for reason in entry.reasons:
        yield (_who(entry.who), bad("✗ "), f"{entry.command}: {reason.sentence}", quiet(f"  [{reason.code}]"))
    told = [line for record in entry.records for line in narrator.told(record)]
    for mark, words in told:
        yield (_who(entry.who), mark, words)
    if not (told or entry.is_robot or entry.reasons):
        yield (_who(entry.who), quiet("· "), entry.command)


def _told(entry: "Told") -> Line:
    to, arrived = entry.to or "everybody", entry.came.value == "delivered"
    mark = good("→ ") if arrived else warn("○ ")
    came = "" if arrived else f" ({entry.came.value})"
    return (_who(""), mark, f"to {to}: {entry.title}{came}")


def _still(wait: "Waits") -> Line:
    lasted = _span(wait.at - wait.since)
    return (wait.place, wait.wait.finding.subject, whom_in_words(wait.wait.whom), f"so far {lasted}")


def _span(span: timedelta) -> str:
    """A length of time in its two largest units: `1 d 2 h`, `13 s`."""
    minutes, seconds = divmod(round(span.total_seconds()), 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    parts = [
        f"{count} {unit}" for count, unit in ((days, "d"), (hours, "h"), (minutes, "min"), (seconds, "s")) if count
    ]
    return " ".join(parts[:2]) or "no time"


def _who(name: str) -> Span:
    return strong(f"{name:<11} ") if name != "controller" else quiet(f"{name:<11} ")


def _data(one: Played) -> Json:
    narrator = Narrator()
    events: list[Json] = [event for entry in one.timeline.entries for event in _events(entry, narrator)]
    return {
        "scenario": one.loaded.source,
        "shows": one.loaded.scenario.scenario,
        "failure": one.failure,
        "began": one.began.isoformat(),
        "simulated_seconds": round((one.ended - one.began).total_seconds(), 3),
        "events": events,
        "waiting": [_waits(wait) for wait in one.timeline.still(one.ended)],
    }


def _events(entry: "Entry", narrator: Narrator) -> Iterator[dict[str, Json]]:
    from interlock.testing.timeline import Checked, Said, Told, Waited, Waits

    at = entry.at.isoformat()
    match entry:
        case Said(who=who, command=command, reasons=reasons, records=records):
            refused: list[Json] = [{"code": one.code, "sentence": one.sentence} for one in reasons]
            events: list[Json] = [record.event for record in records]
            texts: list[Json] = [words for record in records for _, words in narrator.told(record)]
            yield {
                "at": at, "kind": "said", "who": who, "command": command,
                "refused": refused, "events": events, "text": texts,
            }  # fmt: skip
        case Told(to=to, title=title, came=came):
            yield {"at": at, "kind": "told", "to": to, "title": title, "came": came.value}
        case Waits():
            yield {"at": at, "kind": "waits", **_waits(entry)}
        case Waited(place=place, about=about, lasted=lasted):
            yield {"at": at, "kind": "waited", "where": place, "about": about, "seconds": lasted.total_seconds()}
        case Checked(found=found):
            yield {"at": at, "kind": "expected", "differs": list(found)}


def _waits(wait: "Waits") -> dict[str, Json]:
    return {
        "where": wait.place,
        "about": wait.wait.finding.subject,
        "code": wait.wait.finding.code,
        "roles": list(wait.wait.whom.roles),
        "people": list(wait.wait.whom.people),
        "for": wait.wait.whom.other,
        "seconds": (wait.at - wait.since).total_seconds(),
    }
