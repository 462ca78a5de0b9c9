# SPDX-License-Identifier: Apache-2.0
"""How well written procedures are read: annotated documents in many styles, and the reading held against them.

What asks for something ends in ⟦kind|or another @role,role relation:span⟧, a line or each sentence of one; ⟦?⟧ may be
read either way. A role that ends in `?` is not counted; `one|other` may be called either. Whether somebody in a role is
on duty or in charge when it is asked does not make another role of it. `corpus` and `teams` were written
before the rules and tuned on. Each other group was read blind first, one after the other, and tuned on afterwards; what
the blind readings gave stands in `BLIND`. What is sealed was read once and is not tuned on: `newcomers` after rules by
build had taken the place of further words, four groups in a row; `outsiders` before the rules learned from `settlers`,
`lodgers` and `boarders`, and again after them; `overnighters` before those learned from `tenants` (one hand wrote both,
and chance parted them), `subtenants` and `weekenders`, and again after them; `pilgrims` before those learned from
`drifters` (a third hand wrote both, and chance parted them), and again after them, each time for its figures alone;
then three defects of layout that it showed were mended, and no more of it was learned. What all of these missed was
then sorted into classes, and the reader rebuilt after the classes: so they are seen now, though none of their words was
learned. `hitchhikers` were written before that, and read once after it. Then the roles that all of these missed were
sorted into classes, too, and their finding was changed after the classes. `stowaways` were written with their keys
before anybody had read them, and read once after it; the roles and deadlines that this missed were sorted into classes
and mended by them. `gatecrashers`, by the same kind of stranger, were read once after that; then what they and all
others that were kept apart had missed was sorted into classes, and those mended first that came again from hand to
hand. `interlopers`, twelve voices of yet another, were read blind once after that; then all that they had missed was
mended by classes, lines too many first, and tried on sentences and pages of other trades. `castaways`, fourteen voices
of one more hand, were read once before that and once after it; then whom they name was sorted into classes beside what
all others still missed, and mended by these, tried on pages of other trades first. `wayfarers`, sixteen voices by a
hand that never saw the reader, were read once before that and once after it, and nothing of them was learned.
`homesteaders`, twelve voices by another such hand, were read blind once after that; then what they had missed was
mended by classes, roles first, and tried on sentences of another trade.
`pioneers`, fourteen voices by a third such hand, were read once before what `homesteaders` taught and once after it;
then whom they name and how long they wait was mended by classes. `nomads`, fourteen voices of people who talk between
what they ask for, were read blind once after that, and taught to tell what is told from what is asked, who is charged
by a lead, a column or a sign behind an item. `emigrants`, fourteen by another such hand, were read blind once before
and once after that; then what they had missed was mended by classes, too. `voyagers`, fourteen voices of one more hand,
were read blind once after that; then a few common things were mended. `pathfinders`, fourteen of yet another, and the
most talkative of all, were read blind once after that; then whom they charge, and what they only tell, was mended.
`explorers`, fifteen voices of yet another hand, were read blind once after what the former taught; `mariners` and
`trailblazers`, fourteen each by two more, were read blind once after that; then what all three had missed was mended by
classes. `drovers`, fourteen voices of one more hand, were read blind once before that and once after it; then what they
had missed was mended by classes, questions that are to be answered with yes first. `surveyors`, fifteen voices of one
more hand, were read blind once after what twelve groups of public procedures had taught; then a few of their misses
were mended with those of the twelfth. `peddlers`, twelve voices by another such hand, were read blind once after that.
"""

import json
import re
import sys
import time
from argparse import ArgumentParser
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Final

from bench import numbered

from interlock.packs.reading.lengths import in_short
from interlock.packs.reading.reading import IN_ORDER, Asked, Reading, read_procedure

HERE: Final = Path(__file__).parents[1]
DOCUMENTS: Final = HERE / "tests" / "packs" / "reading"
GROUPS: Final = (
    "corpus",
    "held",
    "fresh",
    "unseen",
    "teams",
    "blind",
    "later",
    "last",
    "final",
    "closing",
    "proof",
    "seal",
    "guests",
    "visitors",
    "callers",
    "arrivals",
    "neighbours",
    "passersby",
    "wanderers",
    "travellers",
    "settlers",
    "lodgers",
    "boarders",
    "tenants",
    "subtenants",
    "weekenders",
    "drifters",
)
SEALED: Final = (
    "strangers",
    "newcomers",
    "outsiders",
    "overnighters",
    "pilgrims",
    "hitchhikers",
    "stowaways",
    "gatecrashers",
    "interlopers",
    "castaways",
    "wayfarers",
    "homesteaders",
    "pioneers",
    "nomads",
    "emigrants",
    "voyagers",
    "pathfinders",
    "explorers",
    "mariners",
    "trailblazers",
    "drovers",
    "surveyors",
    "peddlers",
)
"""Each read blind once, and no part of what the common floors are held against."""
BLIND: Final = {
    "blind": {"recall": 0.8723, "precision": 0.9248, "kind": 0.8374, "roles": 0.80, "deadlines": 0.9091},
    "later": {"recall": 0.9388, "precision": 0.9388, "kind": 0.8261, "roles": 0.6667, "deadlines": 0.7778},
    "last": {"recall": 0.9406, "precision": 0.9896, "kind": 0.7684, "roles": 0.7143, "deadlines": 0.6154},
    "final": {"recall": 0.9558, "precision": 0.9908, "kind": 0.8241, "roles": 0.6667, "deadlines": 0.80},
    "closing": {"recall": 0.8571, "precision": 0.9730, "kind": 0.75, "roles": 0.40, "deadlines": 1.0},
    "proof": {"recall": 0.9315, "precision": 1.0, "kind": 0.8529, "roles": 0.8571, "deadlines": 1.0},
    "seal": {"recall": 0.9038, "precision": 0.9592, "kind": 0.7872, "roles": 0.75, "deadlines": 0.6667},
    "guests": {"recall": 0.9462, "precision": 0.9742, "kind": 0.7348, "roles": 0.7474, "deadlines": 0.86},
    "visitors": {"recall": 0.954, "precision": 0.9765, "kind": 0.7349, "roles": 0.8889, "deadlines": 0.88},
    "callers": {"recall": 0.8696, "precision": 1.0, "kind": 0.85, "roles": 0.9333, "deadlines": 0.75},
    "arrivals": {"recall": 0.9364, "precision": 0.9537, "kind": 0.7476, "roles": 0.6047, "deadlines": 0.8333},
    "strangers": {"recall": 0.8514, "precision": 0.9844, "kind": 0.7778, "roles": 0.70, "deadlines": 0.8333},
    "neighbours": {"recall": 0.902, "precision": 0.9787, "kind": 0.6594, "roles": 0.6038, "deadlines": 0.8696},
    "passersby": {"recall": 0.9407, "precision": 0.9823, "kind": 0.7117, "roles": 0.875, "deadlines": 0.8889},
    "wanderers": {"recall": 0.9219, "precision": 0.9672, "kind": 0.6949, "roles": 0.7143, "deadlines": 1.0},
    "travellers": {"recall": 0.9412, "precision": 0.9275, "kind": 0.7188, "roles": 0.6842, "deadlines": 1.0},
    "settlers": {"recall": 0.9375, "precision": 0.9449, "kind": 0.8667, "roles": 0.7778, "deadlines": 0.8696},
    "lodgers": {"recall": 0.9339, "precision": 0.9658, "kind": 0.7699, "roles": 0.7188, "deadlines": 0.9231},
    "boarders": {"recall": 0.9457, "precision": 0.9457, "kind": 0.8391, "roles": 0.9643, "deadlines": 0.8462},
    "outsiders": {"recall": 0.9441, "precision": 0.9806, "kind": 0.8092, "roles": 0.76, "deadlines": 0.7586},
    "tenants": {"recall": 0.832, "precision": 0.9455, "kind": 0.8173, "roles": 0.7931, "deadlines": 1.0},
    "subtenants": {"recall": 0.9469, "precision": 0.9554, "kind": 0.7477, "roles": 0.5, "deadlines": 0.8667},
    "weekenders": {"recall": 0.8841, "precision": 0.9683, "kind": 0.7705, "roles": 0.8571, "deadlines": 1.0},
    "overnighters": {"recall": 0.9024, "precision": 0.9487, "kind": 0.7748, "roles": 0.4231, "deadlines": 0.9286},
    "drifters": {"recall": 0.9167, "precision": 0.9565, "kind": 0.7727, "roles": 0.3902, "deadlines": 0.9091},
    "pilgrims": {"recall": 0.9213, "precision": 0.9011, "kind": 0.9024, "roles": 0.6552, "deadlines": 0.80},
    "hitchhikers": {"recall": 0.9799, "precision": 0.9542, "kind": 0.8356, "roles": 0.766, "deadlines": 1.0},
    "stowaways": {"recall": 0.9775, "precision": 0.9559, "kind": 0.8387, "roles": 0.8404, "deadlines": 0.875},
    "gatecrashers": {"recall": 0.9353, "precision": 0.9592, "kind": 0.8404, "roles": 0.75, "deadlines": 0.8222},
    "interlopers": {"recall": 0.9928, "precision": 0.9079, "kind": 0.8551, "roles": 0.87, "deadlines": 0.878},
    "castaways": {"recall": 0.9969, "precision": 0.9415, "kind": 0.8665, "roles": 0.8286, "deadlines": 0.9149},
    "wayfarers": {"recall": 0.9946, "precision": 0.9686, "kind": 0.8676, "roles": 0.944, "deadlines": 0.9592},
    "homesteaders": {"recall": 0.9895, "precision": 0.9627, "kind": 0.7887, "roles": 0.7744, "deadlines": 0.9184},
    "pioneers": {"recall": 0.9968, "precision": 0.9598, "kind": 0.8581, "roles": 0.8839, "deadlines": 0.8846},
    "nomads": {"recall": 0.9675, "precision": 0.875, "kind": 0.8277, "roles": 0.8584, "deadlines": 0.9286},
    "emigrants": {"recall": 0.9704, "precision": 0.866, "kind": 0.8279, "roles": 0.8533, "deadlines": 0.9885},
    "voyagers": {"recall": 0.992, "precision": 0.9173, "kind": 0.8557, "roles": 0.9261, "deadlines": 0.9157},
    "pathfinders": {"recall": 0.9884, "precision": 0.85, "kind": 0.8447, "roles": 0.8661, "deadlines": 1.0},
    "explorers": {"recall": 0.9586, "precision": 0.887, "kind": 0.8121, "roles": 0.8305, "deadlines": 0.8969},
    "mariners": {"recall": 0.9868, "precision": 0.8806, "kind": 0.8444, "roles": 0.8318, "deadlines": 0.95},
    "trailblazers": {"recall": 0.9851, "precision": 0.8958, "kind": 0.819, "roles": 0.8084, "deadlines": 0.8349},
    "drovers": {"recall": 0.9499, "precision": 0.8545, "kind": 0.8753, "roles": 0.8783, "deadlines": 0.9538},
    "surveyors": {"recall": 0.9814, "precision": 0.9314, "kind": 0.8653, "roles": 0.9167, "deadlines": 0.974},
    "peddlers": {"recall": 0.9871, "precision": 0.9274, "kind": 0.8172, "roles": 0.9308, "deadlines": 0.9744},
    "newcomers": {"recall": 0.9762, "precision": 1.0, "kind": 0.7439, "roles": 0.76, "deadlines": 0.8667},
}
"""What the groups gave when they were read for the first time: what a team that nobody has seen may expect."""
RESULT: Final = HERE / "build" / "reading.json"
LINES: Final = 2_000
TARGETS: Final = {"recall": 0.97, "precision": 0.90, "kind": 0.80, "roles": 0.90, "deadlines": 0.90}
_MARK: Final = re.compile(r"\s*⟦([^⟧]*)⟧")
_WORD: Final = re.compile(r"[a-z0-9]+")
_ON_DUTY: Final = re.compile(r"-(?:on-(?:duty|call|shift)|in-charge)$")
_TIME: Final = re.compile(r"(?<=:)(?P<count>\d+)(?P<unit>[smhdw])$")
_UNITS: Final = {
    "s": timedelta(seconds=1),
    "m": timedelta(minutes=1),
    "h": timedelta(hours=1),
    "d": timedelta(days=1),
    "w": timedelta(weeks=1),
}
_EITHER: Final = "?"
_MOSTLY: Final = 0.5


@dataclass(frozen=True, slots=True)
class Expected:
    """What a line asks for, as a person annotated it."""

    kinds: tuple[str, ...]
    roles: frozenset[str] = frozenset()
    times: tuple[str, ...] = ()
    words: frozenset[str] = frozenset()
    """What stands before the mark on its line; empty: the mark stands for the whole line."""


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


def annotated(path: Path) -> tuple[bytes, dict[int, tuple[Expected, ...]]]:
    """A document without its annotations, and what they say of its lines."""
    expected: dict[int, tuple[Expected, ...]] = {}
    plain: list[str] = []
    for number, line in enumerate(path.read_text(encoding="utf-8").split("\n"), start=1):
        texts = _MARK.split(line)
        marks = tuple(zip(texts[::2], texts[1::2], strict=False))
        if marks:
            is_whole = len(marks) == 1 and not texts[-1].strip(" |")
            expected[number] = tuple(_expected(mark, "" if is_whole else text) for text, mark in marks)
        plain.append(_MARK.sub("", line))
    return "\n".join(plain).encode(), expected


def _expected(mark: str, text: str) -> Expected:
    kinds, *rest = mark.split()
    roles = [word.removeprefix("@").split(",") for word in rest if word.startswith("@") and not word.endswith(_EITHER)]
    times = tuple(_TIME.sub(_same_length, word) for word in rest if ":" in word)
    named = frozenset(name for names in roles for name in names)
    return Expected(tuple(kinds.split("|")), named, times, frozenset(_WORD.findall(text.lower())))


def _same_length(time_: re.Match[str]) -> str:
    """Sixty minutes are an hour, whichever of them was written."""
    return in_short(int(time_["count"]) * _UNITS[time_["unit"]])


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


def _compare(score: Score, reading: Reading, expected: dict[int, tuple[Expected, ...]]) -> None:
    score.unmapped += len(reading.unmapped)
    asked = [one for one in reading.asked if not one.text.startswith(IN_ORDER)]
    by_line: dict[int, list[Asked]] = {}
    for one in asked:
        for line in one.lines:
            by_line.setdefault(line, []).append(one)
    for line, marks in expected.items():
        for wanted in (mark for mark in marks if _EITHER not in mark.kinds):
            found = [one for one in by_line.get(line, []) if _is_meant(one, wanted)]
            score.misses += [f"{reading.name}:{line} {miss}" for miss in _line(score, found, wanted)]
    for one in (one for one in asked if not expected.keys() & {*one.lines}):
        score.too_many += 1
        score.misses.append(f"{reading.name}:{one.line} asks for nothing, read as {one.kind}")


def _is_meant(one: Asked, wanted: Expected) -> bool:
    """Whether a mark in the midst of a line stands for this."""
    words = {*_WORD.findall(one.text.lower())}
    shared = len(words & wanted.words)
    return not wanted.words or shared > _MOSTLY * min(len(words), len(wanted.words))


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
        is_right = _are_same(roles, wanted.roles)
        score.roles_right += is_right
        if not is_right:
            yield f"roles {', '.join(sorted(roles)) or 'none'}, not {', '.join(sorted(wanted.roles))}"
    for time_ in wanted.times:
        score.deadlines += 1
        score.deadlines_right += time_ in times
        if time_ not in times:
            yield f"deadline {', '.join(sorted(times)) or 'none'}, not {time_}"


def _are_same(found: set[str], wanted: frozenset[str]) -> bool:
    """Whether these are the roles that were wanted, each by one of its names."""
    names = [{_ON_DUTY.sub("", name) for name in one.split("|")} for one in wanted]
    called = {_ON_DUTY.sub("", role) for role in found}
    return len(called) == len(names) and all(called & one for one in names)


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
    """Measure everything, or what the arguments name, and write it under build/."""
    parser = ArgumentParser(description="How well written procedures are read.")
    parser.add_argument("--sources", type=Path, help="a folder of procedures that somebody numbered the statements of")
    parser.add_argument("--requirements", type=Path, help="the file of these statements")
    parser.add_argument("--marked", type=Path, help="a folder of procedures of your own, marked as those here are")
    given = parser.parse_args()
    if given.marked and not given.marked.is_dir():
        parser.error(f"{given.marked} is no folder")
    if given.marked:
        return told_of(given.marked)
    if given.sources and given.requirements:
        return numbered.main(given.sources, given.requirements)
    if given.sources or given.requirements:
        parser.error("--sources and --requirements go together")
    return measure()


def told_of(folder: Path) -> int:
    """How well the marked procedures of a folder are read, and every miss; without any it is an error."""
    paths = sorted(path for path in folder.iterdir() if path.suffix in (".md", ".txt"))
    score = measured(paths)
    counts = {"roles": score.roles, "deadlines": score.deadlines, "unmapped": score.unmapped}
    print(json.dumps({"documents": len(paths), "rates": score.rates(), **counts, "misses": score.misses}, indent=2))
    return 0 if paths else 1


def measure() -> int:
    """Measure everything, and say what misses its target."""
    scores = {group: measured(documents(group)) for group in GROUPS}
    scores["all"] = measured(path for group in GROUPS for path in documents(group))
    scores |= {group: measured(documents(group)) for group in SEALED}
    took = seconds_for(LINES)
    result = {
        "documents": {group: len(documents(group)) for group in (*GROUPS, *SEALED)},
        "rates": {name: score.rates() for name, score in scores.items()},
        "read_blind": BLIND,
        "counts": {name: {**asdict(score), "misses": len(score.misses)} for name, score in scores.items()},
        "misses": scores["all"].misses,
        "seconds_for_2000_lines": round(took, 3),
    }
    RESULT.parent.mkdir(exist_ok=True)
    RESULT.write_text(json.dumps(result, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    print(
        json.dumps(
            {key: result[key] for key in ("documents", "rates", "read_blind", "seconds_for_2000_lines")}, indent=2
        )
    )
    missed = [name for name, target in TARGETS.items() if scores["all"].rates()[name] < target]
    return 1 if missed or took > 1 else 0


if __name__ == "__main__":
    sys.exit(main())
