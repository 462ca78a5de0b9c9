# SPDX-License-Identifier: Apache-2.0
"""How well written procedures are read: annotated documents in many styles, and the reading held against them.

A line that asks for something ends in ⟦kind|or another @role,role relation:span⟧; ⟦?⟧ may be read either way. A role
that ends in `?` is not counted. `corpus` was written before the rules and tuned on; the others were read blind
first, one after the other, and tuned on afterwards.
"""

import json
import re
import sys
import time
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Final

from interlock.packs.reading.deadlines import in_short
from interlock.packs.reading.reading import IN_ORDER, Asked, Reading, read_procedure

HERE: Final = Path(__file__).parents[1]
DOCUMENTS: Final = HERE / "tests" / "packs" / "reading"
GROUPS: Final = ("corpus", "held", "fresh", "unseen")
RESULT: Final = HERE / "build" / "reading.json"
LINES: Final = 2_000
TARGETS: Final = {"recall": 0.97, "precision": 0.90, "kind": 0.80, "roles": 0.90, "deadlines": 0.90}
_MARK: Final = re.compile(r"\s*⟦([^⟧]*)⟧")
_EITHER: Final = "?"


@dataclass(frozen=True, slots=True)
class Expected:
    """What a line asks for, as a person annotated it."""

    kinds: tuple[str, ...]
    roles: frozenset[str] = frozenset()
    times: tuple[str, ...] = ()


@dataclass(slots=True)
class Score:
    """What was counted; `misses` say where the reading and the annotation differ."""

    normative: int = 0
    found: int = 0
    too_many: int = 0
    kinds: int = 0
    kinds_right: int = 0
    roles: int = 0
    roles_right: int = 0
    deadlines: int = 0
    deadlines_right: int = 0
    unmapped: int = 0
    misses: list[str] = field(default_factory=list)

    def rates(self) -> dict[str, float]:
        """From 0 to 1, by what is measured."""
        return {
            "recall": _rate(self.found, self.normative),
            "precision": _rate(self.found, self.found + self.too_many),
            "kind": _rate(self.kinds_right, self.kinds),
            "roles": _rate(self.roles_right, self.roles),
            "deadlines": _rate(self.deadlines_right, self.deadlines),
        }


def documents(group: str) -> tuple[Path, ...]:
    """The annotated documents of a group."""
    return tuple(sorted(DOCUMENTS.joinpath(group).iterdir()))


def annotated(path: Path) -> tuple[bytes, dict[int, Expected]]:
    """A document without its annotations, and what they say of its lines."""
    expected: dict[int, Expected] = {}
    plain: list[str] = []
    for number, line in enumerate(path.read_text(encoding="utf-8").split("\n"), start=1):
        marks = _MARK.findall(line)
        if marks:
            expected[number] = _expected(marks[0])
        plain.append(_MARK.sub("", line))
    return "\n".join(plain).encode(), expected


def _expected(mark: str) -> Expected:
    kinds, *rest = mark.split()
    roles = [word.removeprefix("@").split(",") for word in rest if word.startswith("@") and not word.endswith(_EITHER)]
    times = tuple(word for word in rest if ":" in word)
    return Expected(tuple(kinds.split("|")), frozenset(name for names in roles for name in names), times)


def measured(paths: Iterable[Path]) -> Score:
    """The reading of these documents held against their annotations."""
    score = Score()
    for path in paths:
        content, expected = annotated(path)
        reading = read_procedure(path.name, content)
        if not isinstance(reading, Reading):
            raise TypeError(reading.sentence)
        _compare(score, reading, expected)
    return score


def _compare(score: Score, reading: Reading, expected: dict[int, Expected]) -> None:
    score.unmapped += len(reading.unmapped)
    by_line: dict[int, list[Asked]] = {}
    for one in reading.asked:
        if not one.text.startswith(IN_ORDER):
            for line in one.lines:
                by_line.setdefault(line, []).append(one)
    for line, wanted in expected.items():
        where = f"{reading.name}:{line}"
        if _EITHER not in wanted.kinds:
            score.misses += [f"{where} {miss}" for miss in _line(score, by_line.get(line, []), wanted)]
    for line, found in by_line.items():
        if line not in expected and any(one.line == line for one in found):
            score.too_many += 1
            score.misses.append(f"{reading.name}:{line} asks for nothing, read as {found[0].kind}")


def _line(score: Score, found: list[Asked], wanted: Expected) -> Iterator[str]:
    score.normative += 1
    if not found:
        yield "not found"
        return
    score.found += 1
    kinds, roles = {one.kind.value for one in found}, {role for one in found for role in one.roles}
    times = {f"{one.deadline.relation}:{in_short(one.deadline.least)}" for one in found if one.deadline}
    score.kinds += 1
    if kinds & {*wanted.kinds}:
        score.kinds_right += 1
    else:
        yield f"kind {', '.join(sorted(kinds))}, not {'|'.join(wanted.kinds)}"
    if wanted.roles:
        score.roles += 1
        score.roles_right += roles == wanted.roles
        if roles != wanted.roles:
            yield f"roles {', '.join(sorted(roles)) or 'none'}, not {', '.join(sorted(wanted.roles))}"
    for time_ in wanted.times:
        score.deadlines += 1
        score.deadlines_right += time_ in times
        if time_ not in times:
            yield f"deadline {', '.join(sorted(times)) or 'none'}, not {time_}"


def _rate(part: int, whole: int) -> float:
    return round(part / whole, 4) if whole else 1.0


def seconds_for(lines: int) -> float:
    """How long a document of so many lines takes, in seconds of this process."""
    texts = [line for group in GROUPS for path in documents(group) for line in annotated(path)[0].decode().split("\n")]
    long = [f"{line} {number}" if line.strip() and line[0] not in "|-=#" else line for number, line in enumerate(texts)]
    content = "\n".join((long * (lines // len(long) + 1))[:lines]).encode()
    begin = time.process_time()
    read_procedure("long.md", content)
    return time.process_time() - begin


def main() -> int:
    """Measure everything, write it under build/, and say what misses its target."""
    scores = {group: measured(documents(group)) for group in GROUPS}
    scores["all"] = measured(path for group in GROUPS for path in documents(group))
    took = seconds_for(LINES)
    result = {
        "documents": {group: len(documents(group)) for group in GROUPS},
        "rates": {name: score.rates() for name, score in scores.items()},
        "counts": {name: {**asdict(score), "misses": len(score.misses)} for name, score in scores.items()},
        "misses": scores["all"].misses,
        "seconds_for_2000_lines": round(took, 3),
    }
    RESULT.parent.mkdir(exist_ok=True)
    RESULT.write_text(json.dumps(result, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    print(json.dumps({key: result[key] for key in ("documents", "rates", "seconds_for_2000_lines")}, indent=2))
    missed = [name for name, target in TARGETS.items() if scores["all"].rates()[name] < target]
    return 1 if missed or took > 1 else 0


if __name__ == "__main__":
    sys.exit(main())
