# SPDX-License-Identifier: Apache-2.0
"""`interlock pack draft --review`: a person walks through a draft, statement by statement, at a terminal or in a file.

1. Each answer is on disk before the next question: who leaves, or is cut off, goes on where they were.
2. A pack that somebody changed by hand since is left alone unless they say otherwise.
3. Without a terminal and without a file of answers nothing is decided.
"""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from interlock.cli.output import Exit, Fault, Json, Report, Trouble, somebody_is_there
from interlock.cli.procedures import drafted_pack, name_from, read_document, write_draft
from interlock.cli.review_log import LOG, ReviewLog
from interlock.cli.review_walk import Place, Walked, walked
from interlock.cli.text import Block, Rows, bad, good, para, quiet, step, strong, typed, warn
from interlock.packs.model import PackPhase
from interlock.packs.reading.answers import Answer, load_answers
from interlock.packs.reading.reviewing import Decided, Item, Verdict, items_of, reviewed, wrong_with

if TYPE_CHECKING:
    from interlock.packs.reading.drafting import Drafted
    from interlock.packs.reading.numbering import Numbered
    from interlock.packs.reading.reviewing import Reviewed

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
    log = ReviewLog(folder / LOG)
    if not replace:
        _require_own(folder, log, dict(fresh.files)["pack.yaml"].encode())

    def carriers() -> Mapping[Place, str]:
        made = reviewed(readings, log.decisions)
        is_asking = any(one.asked for one in made.readings)
        return _carriers(_drafted(name, made, PackPhase.DRAFT)) if is_asking else {}

    if asked.answers:
        ended = Walked(_answered(log, items_of(readings), asked.answers), Exit.DONE)
    else:
        _require_somebody(asked.documents)
        ended = walked(log, readings, carriers)
    return _written(_Where(name, folder, asked.documents), log, reviewed(readings, log.decisions), ended)


def _require_somebody(documents: tuple[str, ...]) -> None:
    if not somebody_is_there():
        raise Fault(
            "review.nobody",
            "nobody is there to answer, and nothing was written",
            f"give the answers in a file: `interlock pack draft {' '.join(documents)} --review --answers FILE`",
        )


def _place(one: "Numbered") -> Place:
    return one.source, one.asked.line, one.asked.text


def _carriers(draft: "Drafted") -> Mapping[Place, str]:
    """What carries each statement, as a trace tells it; empty where nothing carries one of those that stand there."""
    from interlock.packs.coverage import carried, load_requirements
    from interlock.packs.problem import Problems

    files = {name: text.encode() for name, text in draft.files}
    statements = load_requirements("requirements.yaml", files["requirements.yaml"])
    found = statements if isinstance(statements, Problems) else carried("pack.yaml", files["pack.yaml"], statements)
    if isinstance(found, Problems):
        raise Fault("pack.unfit", found.render(), "nothing was written; report the document to us", Exit.BUG)
    told: dict[Place, list[str]] = {}
    for one in draft.statements:
        names = [part.name for part in found.elements_for(one.id)] or ["the engine" for _ in found.engine_for(one.id)]
        told.setdefault(_place(one), []).append(", ".join(dict.fromkeys(names)))
    return {place: ", ".join(dict.fromkeys(names)) if all(names) else "" for place, names in told.items()}


def _drafted(name: str, made: "Reviewed", phase: PackPhase) -> "Drafted":
    return drafted_pack(name, made.readings, made.dropped, phase)


def _require_own(folder: Path, log: ReviewLog, fresh: bytes) -> None:
    """Raise `Fault` where the pack that is there is neither the draft of the documents nor what a review left."""
    pack = folder / "pack.yaml"
    content = pack.read_bytes() if pack.exists() else fresh
    if content == fresh or hashlib.sha256(content).hexdigest() == log.wrote:
        return
    sentence = f"{pack} is not what was drafted or reviewed last: somebody changed it, or it is another pack"
    raise Fault("pack.exists", sentence, "give another folder with --into, or --replace to write over it")


def _answered(log: ReviewLog, items: tuple[Item, ...], file: str) -> PackPhase:
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
        decided = Decided(item.words, answer.verdict, answer.kind, check, answer.reason, answer.role)
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


@dataclass(frozen=True, slots=True)
class _Where:
    """The pack that is written, and the documents it is made of, as they were named."""

    name: str
    folder: Path
    documents: tuple[str, ...]


def _written(where: _Where, log: ReviewLog, made: "Reviewed", ended: Walked) -> Report:
    from interlock.packs.lint import lint_pack
    from interlock.packs.load import Pack, load_pack

    name, folder = where.name, where.folder
    draft = _drafted(name, made, PackPhase.DRAFT)
    open_ = {(one.source, one.line, one.text) for one in made.left}
    uncarried = tuple(one for one in draft.layout.left if _place(one) not in open_)
    is_active = ended.phase is PackPhase.ACTIVE and not made.left and not uncarried
    pack = _drafted(name, made, PackPhase.ACTIVE) if is_active else draft
    write_draft(folder, pack, replace=True)
    content = dict(pack.files)["pack.yaml"].encode()
    log.keep(content)
    loaded = load_pack("pack.yaml", content)
    advice = lint_pack(loaded.procedure) if isinstance(loaded, Pack) else ()
    of = len(items_of(made.readings)) + len(made.dropped)
    refused = tuple(_refused(made, uncarried)) if ended.phase is PackPhase.ACTIVE else ()
    data: dict[str, Json] = {
        "pack": name,
        "files": [str(folder / file) for file, _ in pack.files],
        "decided": of - len(made.left),
        "of": of,
        "left": [{"at": one.at, "kind": one.kind, "text": one.text} for one in made.left],
        "dropped": [{"text": one.text, "reason": one.reason} for one in made.dropped],
        "uncarried": [
            {"id": one.id, "at": one.at, "kind": one.asked.kind.value, "text": one.asked.text} for one in uncarried
        ],
        "status": "active" if is_active else "draft",
        "advice": [one.code for one in advice],
    }
    if refused:
        data["refused"] = [{"code": one.code, "sentence": one.sentence, "next_step": one.next_step} for one in refused]
    told = _Told(where, made, of, uncarried, refused, is_active=is_active)
    return Report(data, tuple(_blocks(told)), Exit.REFUSED if refused else ended.exit)


@dataclass(frozen=True, slots=True)
class _Told:
    """What there is to tell at the end. `uncarried` was accepted, and no element carries it."""

    where: _Where
    made: "Reviewed"
    of: int
    uncarried: "tuple[Numbered, ...]"
    refused: tuple[Trouble, ...]
    is_active: bool


def _refused(made: "Reviewed", uncarried: "tuple[Numbered, ...]") -> Iterator[Trouble]:
    """Why the pack is not made active, where that was asked for."""
    if made.left:
        yield Trouble(
            "review.undecided",
            f"{_lines(len(made.left))} nobody decided on, so the pack stays a draft",
            "answer each of them, or let `rest: accept` answer for what no answer names",
        )
    if uncarried:
        yield Trouble(
            "review.uncarried",
            f"{_lines(len(uncarried))} no element of the pack carries, so the pack stays a draft",
            _MEND,
        )


_MEND: Final = (
    "bind each to a check, let a role attest it, merge it with what is carried, or drop it with a reason: "
    "b, s, m, d in the review, or `do: check`, `attest`, `merge`, `drop` in a file of answers"
)
_SHOWN: Final = 40


def _lines(count: int) -> str:
    return "there is a line that" if count == 1 else f"there are {count} lines that"


def _blocks(told: _Told) -> Iterator[Block]:
    made = told.made
    head = warn("○ ") if made.left else good("✓ ")
    yield para(head, f"{told.of - len(made.left)} of {told.of} decided, {len(made.dropped)} dropped with a reason")
    status = "active" if told.is_active else "a draft"
    yield para(good("✓ "), strong(str(told.where.folder)), f" holds the pack; it is {status}")
    yield from _uncarried(told.uncarried)
    for one in told.refused:
        yield para(bad("✗ "), one.sentence, quiet(f"  [{one.code}]"))
        if one.next_step != _MEND:
            yield step(one.next_step)
    if made.left:
        yield step("go on: the same command again")
    for document in told.where.documents:
        yield step(f"read it beside the document: `interlock pack trace {told.where.folder} {document}`")
    yield step(f"see it work: `interlock simulate {told.where.folder}`")


def _uncarried(uncarried: "tuple[Numbered, ...]") -> Iterator[Block]:
    if not uncarried:
        return
    count = len(uncarried)
    one = "1 line is accepted, and no element of the pack carries it:"
    several = f"{count} lines are accepted, and no element of the pack carries them:"
    yield para(warn("! "), one if count == 1 else several)
    shown = uncarried[:_SHOWN]
    yield Rows(tuple((quiet(one.at), typed(one.asked.kind.value), one.asked.text) for one in shown), 4)
    if count > _SHOWN:
        yield para(quiet(f"    and {count - _SHOWN} more, with `--json`"))
    yield step(_MEND)
