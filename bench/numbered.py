# SPDX-License-Identifier: Apache-2.0
"""Procedures held against the statements that a person numbered in them: `python -m bench.reading --sources DIR ...`.

The file of requirements has a table for each document, under how the document's name begins: rows with `id`, `at` (the
section), `kind` and `text`, and where the person wrote them down `lines`, `roles` and `times` (`15m`, `24h`).

1. A row is found when the reading makes a statement of one of its lines. Where `lines` are not given they are the line
   of the document, under the section it names, that shares the most telling words with the row; the reading has no say
   in it, and which line it was stands in the result. A row of which no line is known is not found.
2. A kind is right by `ADMITS`; how many are the very same is told beside it.
3. Roles and times that are not given are those that the row itself names: `QA Lead: ...`, `... (QA Lead)`, `The QA Lead
   validates ...`; a number of minutes, hours or days. A role is right when a statement of the row's lines asks it.
"""

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

import yaml

from interlock.packs.reading.reading import Asked, Reading, read_procedure

ADMITS: Final = {
    "gate": ("gate", "gate+signoff"),
    "signoff": ("signoff", "gate+signoff"),
    "gate+signoff": ("gate+signoff",),
    "approval": ("approval",),
    "step": ("step",),
    "rule": ("rule",),
    "timer": ("timer",),
    "hold": ("hold",),
    "record": ("record",),
    "notify": ("notify",),
    "advisory": ("advisory",),
}
"""Which kinds of the reader's are right for a row's: what asks more than the row does is not less than it."""
RESULT: Final = Path(__file__).parents[1] / "build" / "numbered.json"
_WORD: Final = re.compile(r"[a-z0-9]+")
_ENDING: Final = re.compile(r"(?:ations?|ments?|ings?|ied|ies|ed|es|s|al|ly|e|y)$")
_DULL: Final = frozenset(
    "a an the of to in on for and or is are be been with by at as it its that this all any each every must shall "
    "should no not from into if when than then what who which has have had do does so only before after".split()
)
_LEAST: Final = 0.25
"""A line that shares less of the row's words is not taken for its line."""
_UNDER: Final = 0.35
"""What it is worth that a line stands in the section that the row names."""
_OFFICE: Final = (
    r"(?:[A-Z][\w-]* ){0,2}"
    r"(?:[Ll]ead|[Mm]anager|[Oo]wner|[Rr]eviewer|[Dd]eveloper|[Ss]takeholder|[Ee]ngineer|[Dd]irector)"
)
_NAMED: Final = re.compile(
    rf"^(?P<first>{_OFFICE}): |\((?P<last>{_OFFICE})\)\.?$|^The (?P<subject>{_OFFICE}) [a-z]+s\b"
)
_SPAN: Final = re.compile(r"(?P<count>\d+)(?: to \d+|-\d+)? (?P<unit>minute|hour|day|week)s?\b")
_SHORT: Final = re.compile(r"(?P<count>\d+)(?P<unit>[mhdw])")
_UNITS: Final = {
    "m": timedelta(minutes=1),
    "h": timedelta(hours=1),
    "d": timedelta(days=1),
    "w": timedelta(weeks=1),
}


@dataclass(frozen=True, slots=True)
class Row:
    """One statement, as the person numbered it."""

    id: str
    at: str
    kind: str
    text: str
    lines: tuple[int, ...]
    roles: tuple[str, ...]
    times: tuple[timedelta, ...]


@dataclass(slots=True)
class Held:
    """What was counted of a document; `misses` are by the number of the row."""

    rows: int = 0
    found: int = 0
    kinds_right: int = 0
    kinds_same: int = 0
    roles: int = 0
    roles_right: int = 0
    times: int = 0
    times_right: int = 0
    misses: list[str] = field(default_factory=list)
    lines: dict[str, list[int]] = field(default_factory=dict)

    def rates(self) -> dict[str, float]:
        """From 0 to 1; kinds and roles of what was found, deadlines of all that there are."""
        return {
            "recall": _rate(self.found, self.rows),
            "kind": _rate(self.kinds_right, self.found),
            "same kind": _rate(self.kinds_same, self.found),
            "roles": _rate(self.roles_right, self.roles),
            "deadlines": _rate(self.times_right, self.times),
        }


def _rate(part: int, whole: int) -> float:
    return round(part / whole, 4) if whole else 1.0


def held(sources: Path, requirements: Path) -> dict[str, Held]:
    """Every document that the file of requirements names, held against its rows."""
    tables = yaml.safe_load(requirements.read_text(encoding="utf-8"))
    return {path.name: held_against(path.name, path.read_bytes(), rows) for path, rows in _matched(sources, tables)}


def _matched(sources: Path, tables: Mapping[str, list[dict[str, Any]]]) -> Iterator[tuple[Path, list[dict[str, Any]]]]:
    for key, rows in tables.items():
        found = sorted(path for path in sources.iterdir() if path.name.startswith(key))
        if len(found) != 1:
            raise SystemExit(f"{key}: {len(found)} documents in {sources} have a name that begins so")
        yield found[0], rows


def held_against(name: str, content: bytes, rows: Iterable[Mapping[str, Any]]) -> Held:
    """One document held against its rows."""
    reading = read_procedure(name, content)
    if not isinstance(reading, Reading):
        raise SystemExit(reading.sentence)
    places = _Places(content.decode(errors="replace").splitlines())
    result = Held()
    for row in map(_row, rows):
        lines = row.lines or places.of(row)
        result.rows += 1
        result.lines[row.id] = list(lines)
        found = [one for one in reading.asked if {*one.lines} & {*lines}]
        result.misses += [f"{row.id} {miss}" for miss in _missed(result, row, lines, found)]
    return result


def _row(told: Mapping[str, Any]) -> Row:
    text = str(told["text"])
    return Row(
        str(told["id"]),
        str(told["at"]),
        str(told["kind"]),
        text,
        tuple(told.get("lines", ())),
        tuple(told["roles"]) if "roles" in told else tuple(_roles(text)),
        tuple(_times(_SHORT, " ".join(told["times"])) if "times" in told else _times(_SPAN, text)),
    )


def _roles(text: str) -> Iterator[str]:
    for found in _NAMED.finditer(text):
        yield "-".join((found["first"] or found["last"] or found["subject"]).lower().split())


def _times(pattern: re.Pattern[str], text: str) -> Iterator[timedelta]:
    for found in pattern.finditer(text):
        yield int(found["count"]) * _UNITS[found["unit"][0]]


def _missed(result: Held, row: Row, lines: tuple[int, ...], found: list[Asked]) -> Iterator[str]:
    """What of a row is missing or wrong, counting all that is right."""
    where = f"line {', '.join(map(str, lines))}" if lines else "no line"
    asked = {role for one in found for role in one.roles}
    spans = {span for one in found if one.deadline for span in (one.deadline.least, one.deadline.most)}
    kinds = {one.kind.value for one in found}
    result.times += len(row.times)
    result.times_right += sum(span in spans for span in row.times)
    yield from (f"deadline {span} not read ({where})" for span in row.times if span not in spans)
    if not found:
        yield f"not found ({where})"
        return
    result.found += 1
    result.kinds_same += row.kind in kinds
    is_right = bool(kinds & {*ADMITS[row.kind]})
    result.kinds_right += is_right
    if not is_right:
        yield f"kind {', '.join(sorted(kinds))}, not {row.kind} ({where})"
    if row.roles:
        result.roles += 1
        is_asked = {*row.roles} <= asked
        result.roles_right += is_asked
        if not is_asked:
            yield f"roles {', '.join(sorted(asked)) or 'none'}, not {', '.join(row.roles)} ({where})"


class _Places:
    """Finds the line of a document that a row speaks of, by the words of both and the title above it."""

    def __init__(self, lines: list[str]) -> None:
        self._lines: list[tuple[int, frozenset[str], str]] = []
        titles: list[str] = []
        for number, line in enumerate(lines, start=1):
            if line.startswith("#"):
                depth = len(line) - len(line.lstrip("#"))
                titles = [*titles[: depth - 1], line.lstrip("# ")]
                continue
            self._lines.append((number, _stems(line), " / ".join(titles).lower()))
        every = Counter(word for _, words, _ in self._lines for word in words)
        self._tells = {word: 1 / count for word, count in every.items()}

    def of(self, row: Row) -> tuple[int, ...]:
        """The line; none, where no line is like it."""
        wanted, section = _stems(row.text), row.at.lower()
        worth = {number: self._worth(wanted, section, words, under) for number, words, under in self._lines if words}
        best = max(worth, key=lambda number: worth[number], default=0)
        return (best,) if best and worth[best] >= _LEAST else ()

    def _worth(self, wanted: frozenset[str], section: str, words: frozenset[str], under: str) -> float:
        shared = self._weight(wanted & words)
        names = _WORD.findall(section)
        is_under = bool(names) and all(re.search(rf"\b{re.escape(name)}", under) for name in names)
        return shared / max(min(self._weight(wanted), self._weight(words)), 0.5) + _UNDER * is_under * bool(shared)

    def _weight(self, words: frozenset[str]) -> float:
        return sum(self._tells.get(word, 0.5) for word in words)


def _stems(text: str) -> frozenset[str]:
    words = (word for word in _WORD.findall(text.lower()) if word not in _DULL)
    return frozenset(_ENDING.sub("", word) or word for word in words)


def main(sources: Path, requirements: Path) -> int:
    """Hold the documents against their rows, write the result under build/, and print it."""
    results = held(sources, requirements)
    together = Held()
    for one in results.values():
        for name in ("rows", "found", "kinds_right", "kinds_same", "roles", "roles_right", "times", "times_right"):
            setattr(together, name, getattr(together, name) + getattr(one, name))
    RESULT.parent.mkdir(exist_ok=True)
    told = {
        name: {"rates": one.rates(), "rows": one.rows, "misses": one.misses, "lines": one.lines}
        for name, one in {**results, "all": together}.items()
    }
    RESULT.write_text(json.dumps(told, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    print(f"{'':44}  rows  found   kind   same  roles  deadlines")
    for name, one in {**results, "all": together}.items():
        parts = (
            f"{one.found:>6}",
            f"{one.rates()['kind']:>7.1%}",
            f"{one.rates()['same kind']:>7.1%}",
            f"{one.roles_right:>3}/{one.roles:<3}",
            f"{one.times_right:>5}/{one.times:<3}",
        )
        print(f"{name[:44]:44}{one.rows:>6} {''.join(parts)}")
    for miss in (miss for one in results.values() for miss in one.misses):
        print(miss)
    return 0 if together.found == together.rows else 1
