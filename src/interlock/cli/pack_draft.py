# SPDX-License-Identifier: Apache-2.0
"""`interlock pack draft`: a written procedure read, and a pack drafted from it that loads and can be played at once.

What is written is text of yours: nothing governs before you made the pack `active` and adopted it. A folder that holds
a pack already is left alone unless you say otherwise.
"""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from interlock.cli.output import Json, Report
from interlock.cli.procedures import drafted_pack, name_from, read_document, write_draft
from interlock.cli.text import BLANK, Block, Line, Rows, good, para, quiet, step, strong, warn

if TYPE_CHECKING:
    from interlock.packs.reading.drafting import Drafted
    from interlock.packs.reading.numbering import Numbered
    from interlock.packs.reading.reading import Reading

_SHOWN = 12
_FOLDER = "packs"


def draft(
    documents: Annotated[
        tuple[str, ...],
        Parameter(name="DOCUMENT", help="Markdown or plain text: RELEASE.md, a runbook, several of them."),
    ],
    /,
    *,
    name: Annotated[str, Parameter(name="--name", help="What the pack is called; else by the first document.")] = "",
    into: Annotated[str, Parameter(name="--into", help="The folder it is written to; else packs/NAME.")] = "",
    replace: Annotated[bool, Parameter(name="--replace", help="Write over the draft that is there.")] = False,
    only_read: Annotated[bool, Parameter(name="--only-read", help="Tell what was read, and write nothing.")] = False,
    review: Annotated[bool, Parameter(name="--review", help="Walk through it, statement by statement.")] = False,
    answers: Annotated[str, Parameter(name="--answers", help="With --review: a file that holds the answers.")] = "",
) -> Report:
    """Read a written release procedure and draft a pack from it.

    Every line that asks for something becomes a numbered statement with its line; what was not understood is listed.
    The draft has status draft: it loads, it can be looked at and played, and it governs nothing. With --review you
    accept, change, merge, drop, bind or let somebody sign for each statement; it can be left at any time and goes on
    where you were. Nothing that was accepted and that no element carries stands in a pack that is made active.
    """
    if review or answers:
        from interlock.cli.pack_review import Asked
        from interlock.cli.pack_review import review as walk

        return walk(Asked(documents, name, into, answers), replace=replace)
    readings = tuple(read_document(one) for one in documents)
    made = drafted_pack(name or name_from(documents[0]), readings)
    folder = Path(into or f"{_FOLDER}/{made.name}")
    if not only_read:
        write_draft(folder, made, replace=replace)
    written = [] if only_read else [str(folder / file) for file, _ in made.files]
    blocks = (*_blocks(made, readings), *(_next_steps(made, folder, documents) if written else _NOTHING))
    return Report(_data(made, readings, written), blocks)


_NOTHING = (para(quiet("nothing was written")),)


def _blocks(made: "Drafted", readings: "tuple[Reading, ...]") -> Iterator[Block]:
    for one in readings:
        yield para(good("✓ "), strong(one.name), f": {len(one.asked)} statements in {len(one.lines)} lines")
    yield Rows(tuple(_kinds(made)), 2)
    yield BLANK
    yield from _questions(made)
    yield from _open(made, readings)


def _next_steps(made: "Drafted", folder: Path, documents: tuple[str, ...]) -> Iterator[Block]:
    yield para(good("✓ "), strong(str(folder)), f" holds the draft of '{made.name}'")
    for document in documents:
        yield step(f"read it beside the document: `interlock pack trace {folder} {document}`")
    yield step(f"see it work: `interlock simulate {folder}`")
    named = f" --name {made.name}" if made.name != name_from(documents[0]) else ""
    into = f" --into {folder}" if folder != Path(_FOLDER, made.name) else ""
    yield step(f"decide on it line by line: `interlock pack draft {' '.join(documents)} --review{named}{into}`")


def _kinds(made: "Drafted") -> Iterator[Line]:
    from interlock.packs.coverage import Kind

    counts = Counter(one.asked.kind for one in made.statements)
    left = Counter(one.asked.kind for one in made.layout.left)
    for kind in Kind:
        if counts[kind]:
            note = f"{left[kind]} not carried yet" if left[kind] else ""
            yield (f"{counts[kind]:>4}", kind.value, quiet(note))


def questions_of(made: "Drafted") -> list[str]:
    """What the document does not say and a person has to."""
    layout = made.layout
    asked = [f"who holds the role {role}?" for role in made.roles]
    if not layout.bakes["production"]:
        asked.append("how long is production watched before a release counts as done?")
    if not layout.gates:
        asked.append("which check shows that a release is fit to go anywhere?")
    asked.append("who may make an exception, and for how long?")
    asked.append("who may agree to a change of these rules?")
    return asked


def _questions(made: "Drafted") -> Iterator[Block]:
    yield para("The document leaves these to you:")
    for question in questions_of(made):
        yield para(warn("  ? "), question, hang=4)
    yield BLANK


def _open(made: "Drafted", readings: "tuple[Reading, ...]") -> Iterator[Block]:
    unread = [(f"{one.name}:{line.line}", line.text) for one in readings for line in one.unmapped]
    left = [(one.at, one.asked.text) for one in made.layout.left]
    struck = [(f"{one.name}:{line.line}", line.text) for one in readings for line in one.withdrawn]
    for title, lines in (
        ("could not be understood", unread),
        ("no element carries yet", left),
        ("struck out: withdrawn, and no statement", struck),
    ):
        if lines:
            yield para(warn("! "), f"{len(lines)} {'line' if len(lines) == 1 else 'lines'} {title}")
            yield Rows(tuple((quiet(at), text) for at, text in lines[:_SHOWN]), 4)
            if len(lines) > _SHOWN:
                yield para(quiet(f"    and {len(lines) - _SHOWN} more, listed in the draft"))
            yield BLANK


def _data(made: "Drafted", readings: "tuple[Reading, ...]", written: list[str]) -> dict[str, Json]:
    unmapped: list[Json] = [
        {"source": one.name, "line": line.line, "text": line.text, "section": list(line.section)}
        for one in readings
        for line in one.unmapped
    ]
    withdrawn: list[Json] = [
        {"source": one.name, "line": line.line, "text": line.text} for one in readings for line in one.withdrawn
    ]
    left = {one.id for one in made.layout.left}
    sources: list[Json] = [
        {"name": one.name, "lines": len(one.lines), "statements": len(one.asked), "unmapped": len(one.unmapped)}
        for one in readings
    ]
    return {
        "pack": made.name,
        "files": list[Json](written),
        "sources": sources,
        "kinds": dict(Counter(one.asked.kind.value for one in made.statements)),
        "roles": list[Json](made.roles),
        "questions": list[Json](questions_of(made)),
        "requirements": [requirement_data(one, is_carried=one.id not in left) for one in made.statements],
        "unmapped": unmapped,
        "withdrawn": withdrawn,
    }


def requirement_data(one: "Numbered", *, is_carried: bool) -> dict[str, Json]:
    """A statement as an object; times in seconds, confidence from 0 to 1."""
    asked = one.asked
    deadline: Json = None
    if asked.deadline:
        deadline = {
            "relation": asked.deadline.relation.value,
            "least": asked.deadline.least.total_seconds(),
            "most": asked.deadline.most.total_seconds(),
            "words": asked.deadline.words,
        }
    return {
        "id": one.id,
        "source": one.source,
        "line": asked.line,
        "lines": list(asked.lines),
        "section": list(asked.section),
        "text": asked.text,
        "kind": asked.kind.value,
        "roles": list(asked.roles),
        "stage": asked.phase.value,
        "deadline": deadline,
        "prohibition": asked.prohibits,
        "condition": asked.condition,
        "check": asked.check,
        "fields": list(asked.fields),
        "confidence": asked.confidence / 100,
        "carried": is_carried,
    }
