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

from interlock.cli.naming import file_content
from interlock.cli.output import Exit, Fault, Json, Report
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
) -> Report:
    """Read a written release procedure and draft a pack from it.

    Every line that asks for something becomes a numbered statement with its line; what was not understood is listed.
    The draft has status draft: it loads, it can be looked at and played, and it governs nothing.
    """
    readings = tuple(_read(one) for one in documents)
    made = _drafted(name or _name_from(documents[0]), readings)
    folder = Path(into or f"{_FOLDER}/{made.name}")
    if not only_read:
        _write(folder, made, replace=replace)
    written = [] if only_read else [str(folder / file) for file, _ in made.files]
    return Report(_data(made, readings, written), tuple(_blocks(made, readings, folder, is_written=not only_read)))


def _read(path: str) -> "Reading":
    from interlock.packs.reading.reading import read_procedure
    from interlock.packs.reading.written import LARGEST, Illegible

    found = read_procedure(Path(path).name, file_content(path, LARGEST))
    if isinstance(found, Illegible):
        raise Fault(found.code, found.sentence, found.next_step)
    return found


def _drafted(name: str, readings: "tuple[Reading, ...]") -> "Drafted":
    from interlock.domain.ids import parse_name
    from interlock.packs.load import load_pack
    from interlock.packs.problem import Problems
    from interlock.packs.reading.drafting import drafted

    try:
        parse_name(name)
    except ValueError as fault:
        raise Fault("procedure.name", str(fault), "give it another with --name") from fault
    if not any(one.asked for one in readings):
        known = ", ".join(one.name for one in readings)
        raise Fault(
            "procedure.asks_nothing",
            f"nothing in {known} was understood as a requirement",
            "name the document that says how releases are made; lists and sentences with 'must' are read best",
        )
    made = drafted(name, readings)
    loaded = load_pack("pack.yaml", dict(made.files)["pack.yaml"].encode())
    if isinstance(loaded, Problems):
        raise Fault("pack.unfit", loaded.render(), "nothing was written; report the document to us", Exit.BUG)
    return made


def _name_from(path: str) -> str:
    from interlock.service.discover import as_name

    return as_name(Path(path).stem.lower()) or "procedure"


def _write(folder: Path, made: "Drafted", *, replace: bool) -> None:
    there = [file for file, _ in made.files if (folder / file).exists()]
    if there and not replace:
        raise Fault(
            "pack.exists",
            f"{folder / there[0]} is there already, and nothing was written",
            "give another folder with --into, or --replace to write over it",
        )
    try:
        for file, text in made.files:
            (folder / file).parent.mkdir(parents=True, exist_ok=True)
            (folder / file).write_text(text, encoding="utf-8")
    except OSError as fault:
        sentence = f"{folder} cannot be written: {fault.strerror or fault}"
        raise Fault("file.unwritable", sentence, "name a folder that you may write with --into") from fault


def _blocks(made: "Drafted", readings: "tuple[Reading, ...]", folder: Path, *, is_written: bool) -> Iterator[Block]:
    for one in readings:
        yield para(good("✓ "), strong(one.name), f": {len(one.asked)} statements in {len(one.lines)} lines")
    yield Rows(tuple(_kinds(made)), 2)
    yield BLANK
    yield from _questions(made)
    yield from _open(made, readings)
    if not is_written:
        yield para(quiet("nothing was written"))
        return
    yield para(good("✓ "), strong(str(folder)), f" holds the draft of '{made.name}'")
    yield step(f"read it beside the document: `interlock pack trace {folder} {readings[0].name}`")
    yield step(f"see it work: `interlock simulate {folder}`")


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
    asked = [f"who holds the role {role}?" for role in layout.roles()]
    if not layout.bake:
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
    for title, lines in (("could not be understood", unread), ("no element carries yet", left)):
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
        "roles": list[Json](made.layout.roles()),
        "questions": list[Json](questions_of(made)),
        "requirements": [requirement_data(one, is_carried=one.id not in left) for one in made.statements],
        "unmapped": unmapped,
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
