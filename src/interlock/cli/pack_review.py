# SPDX-License-Identifier: Apache-2.0
"""`interlock pack draft --review`: a person walks through a draft, statement by statement, at a terminal or in a file.

1. Each answer is on disk before the next question: who leaves, or is cut off, goes on where they were.
2. A pack that somebody changed by hand since is left alone unless they say otherwise.
3. Without a terminal and without a file of answers nothing is decided.
"""

import hashlib
import json
import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final

from interlock.cli.output import Fault, Json, Report, ask, somebody_is_there, tell
from interlock.cli.procedures import drafted_pack, name_from, read_document, write_draft
from interlock.cli.text import BLANK, Block, Rows, good, para, quiet, step, strong, typed, warn
from interlock.packs.model import PackPhase
from interlock.packs.reading.answers import Answer, load_answers
from interlock.packs.reading.reviewing import Decided, Item, Verdict, items_of, reviewed, wrong_with

if TYPE_CHECKING:
    from interlock.packs.reading.reading import Reading
    from interlock.packs.reading.reviewing import Reviewed

LOG: Final = "review.jsonl"
"""The answers beside the pack, one per line, the last about a statement counting."""
_KEYS: Final = {
    "": Verdict.ACCEPT,
    "a": Verdict.ACCEPT,
    "k": Verdict.KIND,
    "m": Verdict.MERGE,
    "d": Verdict.DROP,
    "b": Verdict.CHECK,
    "l": Verdict.LEAVE,
}
_HELP: Final = (
    ("Enter", "accept it as it stands"),
    ("k", "it is of another kind"),
    ("m", "merge it with the one before: whatever carries that carries this"),
    ("d", "drop it, with a reason that `interlock pack trace` shows"),
    ("b", "bind it to a check"),
    ("l", "decide later"),
    ("u", "back to the one before"),
    ("q", "leave; run the same command to go on"),
)
_LARGEST: Final = 4_000_000


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked for: the documents, and how the pack is called and where it stands."""

    documents: tuple[str, ...]
    name: str
    into: str
    answers: str


def review(asked: Asked, *, replace: bool) -> Report:
    """Walk through the draft of these documents, and write the pack that the answers make of it."""
    readings = tuple(read_document(one) for one in asked.documents)
    name = asked.name or name_from(asked.documents[0])
    fresh = drafted_pack(name, readings)
    folder = Path(asked.into or f"packs/{fresh.name}")
    log = _Log(folder / LOG)
    if not replace:
        _require_own(folder, log, dict(fresh.files)["pack.yaml"].encode())
    items = items_of(readings)
    phase = _answered(log, items, asked.answers) if asked.answers else _walked(log, readings, items, asked.documents)
    return _written(name, folder, log, reviewed(readings, log.decisions), phase)


@dataclass(slots=True)
class _Log:
    """The answers so far. A line that was cut off in the writing is no answer."""

    path: Path
    decisions: list[Decided] = field(default_factory=list)
    wrote: str = ""
    """The digest of the pack that was written last; empty: none was."""

    def __post_init__(self) -> None:
        if self.path.exists():
            for line in self.path.read_text(encoding="utf-8", errors="replace").splitlines():
                self._take(line)

    def _take(self, line: str) -> None:
        try:
            found = json.loads(line)
            if "wrote" in found:
                self.wrote = str(found["wrote"])
                return
            source, text, kind = (str(one) for one in found["words"])
            verdict = Verdict(found["do"])
        except (ValueError, KeyError, TypeError):
            return
        told = (str(found.get(key, "")) for key in ("kind", "check", "reason"))
        self.decisions.append(Decided((source, text, kind), verdict, *told))

    def add(self, one: Decided) -> None:
        """Remember a decision, durably."""
        told = {"kind": one.kind, "check": one.check, "reason": one.reason}
        self._append({"words": list(one.words), "do": one.verdict.value, **{k: v for k, v in told.items() if v}})
        self.decisions.append(one)

    def keep(self, content: bytes) -> None:
        """Remember which pack was written."""
        self.wrote = hashlib.sha256(content).hexdigest()
        self._append({"wrote": self.wrote})

    def _append(self, entry: dict[str, Json]) -> None:
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with self.path.open("ab") as file:
                is_torn = file.tell() > 0 and not self.path.read_bytes().endswith(b"\n")
                file.write(b"\n" * is_torn + json.dumps(entry, ensure_ascii=False).encode() + b"\n")
                file.flush()
                os.fsync(file.fileno())
        except OSError as fault:
            sentence = f"{self.path} cannot be written: {fault.strerror or fault}"
            raise Fault("file.unwritable", sentence, "name a folder that you may write with --into") from fault


def _require_own(folder: Path, log: _Log, fresh: bytes) -> None:
    """Raise `Fault` where the pack that is there is neither the draft of the documents nor what a review left."""
    pack = folder / "pack.yaml"
    content = pack.read_bytes() if pack.exists() else fresh
    if content == fresh or hashlib.sha256(content).hexdigest() == log.wrote:
        return
    sentence = f"{pack} is not what was drafted or reviewed last: somebody changed it, or it is another pack"
    raise Fault("pack.exists", sentence, "give another folder with --into, or --replace to write over it")


def _answered(log: _Log, items: tuple[Item, ...], file: str) -> PackPhase:
    """Take the answers from a file, all or none of them: those that name a line, then the rest."""
    from interlock.cli.naming import file_content
    from interlock.packs.problem import Problems

    found = load_answers(file, file_content(file, _LARGEST))
    if isinstance(found, Problems):
        raise Fault("review.answer", found.render(), f"mend {file}; nothing was written")
    decisions = {one.words: one for answer in found.answers for one in _taken(answer, items, file)}
    if found.rest is Verdict.ACCEPT:
        known = {*decisions, *(one.words for one in log.decisions)}
        rest = (item for item in items if item.is_read and item.words not in known)
        decisions |= {item.words: Decided(item.words, Verdict.ACCEPT) for item in rest}
    last = {one.words: one for one in log.decisions}
    for decided in decisions.values():
        if last.get(decided.words) != decided:
            log.add(decided)
    return found.status


def _taken(answer: Answer, items: tuple[Item, ...], file: str) -> Iterator[Decided]:
    for item in _meant(answer, items):
        check = answer.check or (item.check if answer.verdict is Verdict.CHECK else "")
        decided = Decided(item.words, answer.verdict, answer.kind, check, answer.reason)
        wrong = wrong_with(item, decided)
        if wrong:
            raise Fault("review.answer", f"{answer.at}: {wrong}", f"mend {file}; nothing was written")
        yield decided


def _meant(one: Answer, items: tuple[Item, ...]) -> tuple[Item, ...]:
    found = tuple(
        item for item in items if item.at == one.at and (not one.text or item.text.startswith(one.text.strip()))
    )
    if not found:
        near = ", ".join(dict.fromkeys(item.at for item in items if item.source == one.at.partition(":")[0]))
        raise Fault("review.unknown_line", f"nothing was read at {one.at}", f"there is: {near or 'another document'}")
    return found


def _walked(
    log: _Log, readings: "tuple[Reading, ...]", items: tuple[Item, ...], documents: tuple[str, ...]
) -> PackPhase:
    if not somebody_is_there():
        raise Fault(
            "review.nobody",
            "nobody is there to answer, and nothing was written",
            f"give the answers in a file: `interlock pack draft {' '.join(documents)} --review --answers FILE`",
        )
    lines = {one.name: one.lines for one in readings}
    left = {item.words for item in reviewed(readings, log.decisions).left}
    if len(left) < len(items):
        tell(para(f"{len(items) - len(left)} of {len(items)} are decided; it goes on where you left."))
    try:
        place = _next(items, left, 0)
        while place < len(items):
            decided = _decided(items, place, lines)
            if isinstance(decided, Decided):
                log.add(decided)
                left.discard(decided.words)
            place = _next(items, left, place + 1) if isinstance(decided, Decided) else decided
    except (KeyboardInterrupt, EOFError):
        tell(BLANK, para(quiet("what you answered is kept")))
        return PackPhase.DRAFT
    is_done = not reviewed(readings, log.decisions).left
    question = "Everything is decided. Make the pack active? It governs nothing before it is adopted."
    return PackPhase.ACTIVE if is_done and ask(question) else PackPhase.DRAFT


def _next(items: tuple[Item, ...], left: set[tuple[str, str, str]], since: int) -> int:
    """The place of the next item that nobody decided; that behind the last: there is none."""
    return next((place for place in range(since, len(items)) if items[place].words in left), len(items))


def _decided(items: tuple[Item, ...], place: int, lines: dict[str, tuple[str, ...]]) -> "Decided | int":
    """The decision about an item, or the place to go to instead. Raises `EOFError` when the person leaves."""
    item = items[place]
    tell(*_shown(item, place, len(items), lines[item.source]))
    while True:
        key = _line("  Enter accept, k kind, m merge, d drop, b check, l later, u back, q leave, ? help > ").casefold()
        if key in ("q", "quit"):
            raise EOFError
        if key in ("u", "up", "back"):
            return max(place - 1, 0)
        verdict = _KEYS.get(key[:1] if key else "")
        if verdict is None:
            tell(Rows(tuple((typed(name), words) for name, words in _HELP), 4))
            continue
        decided = _detailed(item, verdict)
        wrong = wrong_with(item, decided)
        if not wrong:
            return decided
        tell(para(warn("○ "), wrong))


def _detailed(item: Item, verdict: Verdict) -> Decided:
    match verdict:
        case Verdict.KIND:
            return Decided(item.words, verdict, kind=_kind())
        case Verdict.DROP:
            return Decided(item.words, verdict, reason=_line("  Why does the pack not carry it? > "))
        case Verdict.CHECK:
            prompt = f"  Which check decides it? [{item.check}] > " if item.check else "  Which check decides it? > "
            kind = "" if item.is_read else "gate"
            return Decided(item.words, verdict, kind=kind, check=_check(_line(prompt) or item.check))
        case _:
            return Decided(item.words, verdict)


def _kind() -> str:
    from interlock.packs.coverage import Kind

    told = _line(f"  Of which kind is it? {', '.join(Kind)} > ").casefold()
    meant = [kind.value for kind in Kind if kind.value == told] or [
        kind.value for kind in Kind if told and kind.value.startswith(told)
    ]
    return meant[0] if len(meant) == 1 else told


def _check(told: str) -> str:
    from interlock.domain.ids import parse_name

    try:
        return parse_name(told)
    except ValueError:
        return ""


def _line(prompt: str) -> str:
    sys.stderr.write(prompt)
    sys.stderr.flush()
    line = sys.stdin.readline()
    if not line:
        raise EOFError
    return line.strip()


def _shown(item: Item, place: int, of: int, lines: tuple[str, ...]) -> Iterator[Block]:
    read = f"{item.kind}, {item.confidence} % sure" if item.is_read else "not understood"
    yield BLANK
    yield para(strong(f"{place + 1} of {of}"), quiet(f"  {item.at}  "), typed(read))
    yield para("  ", lines[item.line - 1].strip() or item.text, hang=4)
    words = item.text if item.text not in lines[item.line - 1] else ""
    told = (
        ("read", words),
        ("under", " / ".join(item.section[-2:])),
        ("who", ", ".join(item.roles)),
        ("check", item.check),
    )
    yield Rows(tuple((quiet(name), value) for name, value in told if value), 4)


def _written(name: str, folder: Path, log: _Log, made: "Reviewed", phase: PackPhase) -> Report:
    from interlock.packs.lint import lint_pack
    from interlock.packs.load import Pack, load_pack

    is_active = phase is PackPhase.ACTIVE and not made.left
    pack = drafted_pack(name, made.readings, made.dropped, PackPhase.ACTIVE if is_active else PackPhase.DRAFT)
    write_draft(folder, pack, replace=True)
    content = dict(pack.files)["pack.yaml"].encode()
    log.keep(content)
    loaded = load_pack("pack.yaml", content)
    advice = lint_pack(loaded.procedure) if isinstance(loaded, Pack) else ()
    of = len(items_of(made.readings)) + len(made.dropped)
    data: dict[str, Json] = {
        "pack": name,
        "files": [str(folder / file) for file, _ in pack.files],
        "decided": of - len(made.left),
        "of": of,
        "left": [{"at": one.at, "kind": one.kind, "text": one.text} for one in made.left],
        "dropped": [{"text": one.text, "reason": one.reason} for one in made.dropped],
        "status": "active" if is_active else "draft",
        "advice": [one.code for one in advice],
    }
    return Report(data, tuple(_blocks(folder, made, of, is_active=is_active)))


def _blocks(folder: Path, made: "Reviewed", of: int, *, is_active: bool) -> Iterator[Block]:
    head = warn("○ ") if made.left else good("✓ ")
    yield para(head, f"{of - len(made.left)} of {of} decided, {len(made.dropped)} dropped with a reason")
    status = "active" if is_active else "a draft"
    yield para(good("✓ "), strong(str(folder)), f" holds the pack; it is {status}")
    if made.left:
        yield step("go on: the same command again")
    documents = dict.fromkeys(one.name for one in made.readings)
    yield step(f"read it beside the document: `interlock pack trace {folder} {next(iter(documents))}`")
    yield step(f"see it work: `interlock simulate {folder}`")
