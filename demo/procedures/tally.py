# SPDX-License-Identifier: Apache-2.0
"""Which statements of a written procedure were seen at work, each with what shows it.

1. Nothing counts because the story says so. A statement counts by a requirement that was met at a gate that opened, by
   a message that was recorded as delivered, or by a record of the ledger that is named with it.
2. What was not seen is told as well.
"""

from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from shell import DemoFailed

from interlock.bootstrap.houses import read_house
from interlock.config import find_home
from interlock.domain.gate import evaluate
from interlock.domain.ids import EnvironmentName, ReleaseId
from interlock.domain.verdict import Finding, NotWaived, Verdict
from interlock.ledger.record import Record
from interlock.packs.coverage import REQUIREMENTS_FILE, Carried, Element, Statement, carried, load_requirements
from interlock.packs.problem import Problems
from interlock.packs.yaml_tree import Listing, Scalar, Table, Tree, find
from interlock.service.facts import Gathered
from interlock.service.gather import Gatherer

_DONE: Final = ("ReportWritten", "DutyAttested", "QuestionAnswered", "GapNamed", "StepConcluded")
_OWED: Final = (("rollback", "sequence"), ("incident", "closing"))
_WINDOWS: Final = 2
"""The step at which the way to a window says that it is one: stages, number, windows, number."""
_NOTIFY: Final = 2
"""The step at which the way to what a stage tells says so: stages, number, notify."""
_IN_WINDOW: Final = "window.open"
_ASKED: Final = "gate.requirements"


@dataclass(slots=True)
class Tally:
    """The statements of a procedure, and how each was seen; `carried` is the pack that cites them."""

    statements: tuple[Statement, ...]
    carried: Carried
    seen: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, folder: Path) -> "Tally":
        """Of the pack in that folder."""
        statements = load_requirements(REQUIREMENTS_FILE, (folder / REQUIREMENTS_FILE).read_bytes())
        if isinstance(statements, Problems):
            raise DemoFailed(f"{folder / REQUIREMENTS_FILE} cannot be read: {statements}")
        pack = carried("pack.yaml", (folder / "pack.yaml").read_bytes(), statements)
        if isinstance(pack, Problems):
            raise DemoFailed(f"{folder / 'pack.yaml'} cannot be read: {pack}")
        return cls(statements, pack)

    def gate(self, repository: Path, release: str, environment: str) -> Finding:
        """Look at a gate; where it opens, every requirement counts that is met by what it asks for."""
        house = read_house(find_home(repository, {}))
        with closing(house.store) as store:
            now = house.clock.now()
            gatherer = Gatherer(house.view(), house.library, Gathered(store.head().latest, house.calendar), now)
            found = evaluate(gatherer.situation(ReleaseId(release), EnvironmentName(environment)), now)
        where = f"at the gate of {environment} for {release}"
        for asked in _met(found):
            for element in self.carried.elements:
                if element.requirement and element.requirement == asked.removesuffix(".evidence"):
                    self._note(element.ids, f"'{asked}' was met {where}")
        if any(leaf.code == _IN_WINDOW for leaf in _leaves(found)):
            for element in self.carried.elements:
                if element.at[_WINDOWS : _WINDOWS + 1] == ("windows",):
                    self._note(element.ids, f"the window was open {where}")
        return found

    def show(self, record: Record, *ids: str) -> None:
        """These are shown by that record."""
        self._note(ids, f"{record.event} is record {record.index}, in {record.stream}")

    def incidents(self, records: Iterable[Record]) -> None:
        """Everything an incident owed that was done, and every clock that was missed, counts."""
        for record in records:
            duty = str(record.payload.get("duty", "")) if record.event in _DONE else ""
            clock = str(record.payload["clock"]) if record.event == "ClockMissed" else ""
            if record.payload.get("outcome", "done") != "done":
                continue
            for element in self.carried.elements:
                is_duty = duty and element.at[:2] in _OWED and element.name == duty
                if is_duty or (clock and element.at[:3] == ("incident", "clocks", clock)):
                    self.show(record, *element.ids)

    def messages(self, records: Iterable[Record]) -> None:
        """Every message of the pack that was delivered counts."""
        due = {}
        for record in records:
            if record.event == "MessageDue" and record.payload.get("notice"):
                due[record.payload["key"]] = str(record.payload["notice"])
            if record.event == "MessageTried" and record.payload["outcome"] == "delivered":
                notice = due.get(record.payload["key"], "")
                for element in self.carried.elements:
                    if element.at[:2] == ("messages", notice) or notice in self._announced(element):
                        self._note(element.ids, f"'{notice}' was delivered: record {record.index}")

    @property
    def missing(self) -> tuple[Statement, ...]:
        """What was not seen."""
        return tuple(one for one in self.statements if one.id not in self.seen)

    def told(self) -> dict[str, object]:
        """For the report."""
        return {
            "all": len(self.statements),
            "seen": dict(sorted(self.seen.items())),
            "unseen": {one.id: one.text for one in self.missing},
        }

    def _announced(self, element: Element) -> frozenset[str]:
        """The messages with which a stage tells of its promotions, where the element is that it does."""
        if element.at[_NOTIFY:] != ("notify",):
            return frozenset()
        return frozenset(_words(find(self.carried.document.root, *element.at)))

    def _note(self, ids: Iterable[str], why: str) -> None:
        known = {one.id for one in self.statements}
        for name in ids:
            if name not in known:
                raise DemoFailed(f"{name} is no statement of the procedure")
            self.seen.setdefault(name, why)


def _words(tree: Tree) -> Iterator[str]:
    match tree:
        case Scalar(text=text):
            yield text
        case Listing(items=items):
            for item in items:
                yield from _words(item)
        case Table(entries=entries):
            for entry in entries:
                yield from _words(entry.value)


def _leaves(finding: Finding) -> Iterator[Finding]:
    if not finding.children:
        yield finding
    for child in finding.children:
        yield from _leaves(child)


def _met(gate: Finding) -> Iterable[str]:
    groups = gate.children if gate.opens else ()
    return (
        one.subject
        for group in groups
        if group.code == _ASKED
        for one in group.children
        if one.verdict is Verdict.PASS and isinstance(one.waiver, NotWaived)
    )
