# SPDX-License-Identifier: Apache-2.0
"""`interlock pack trace`: the written procedure beside the pack, line by line, and what of it nothing carries."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from interlock.cli.naming import file_content
from interlock.cli.output import Exit, Fault, Json, Report
from interlock.cli.pack import Named, PackArg, named_pack
from interlock.cli.text import BLANK, Block, Line, Rows, Span, bad, good, para, quiet, step, strong, typed

if TYPE_CHECKING:
    from interlock.packs.coverage import Carried
    from interlock.packs.reading.notes import NotesFile
    from interlock.packs.reading.tracing import Trace, Tracing

_SHOWN = 72


def trace(
    pack: PackArg,
    source: Annotated[str, Parameter(name="SOURCE", help="The document: Markdown or plain text.")],
    /,
    *,
    html: Annotated[str, Parameter(name="--html", help="Write the whole comparison as a page to this file.")] = "",
) -> Report:
    """The written procedure beside the pack: what is enforced, attested, dropped with a reason, and unmapped.

    Exit code 0: no line is unmapped; 1: some are. Put it into your own tests: then a change of the document
    that the pack does not follow fails them.
    """
    from interlock.packs.reading.tracing import unmapped

    named = named_pack(pack)
    found = _traced(named, source)
    if html:
        _write(html, found, named)
    missing = unmapped(found.traces)
    data: dict[str, Json] = {
        "pack": named.name,
        "source": found.source,
        "counts": {state: found.count(state) for state in _states()},
        "lines": [_row_data(one) for one in found.traces],
        "gone": [{"id": one.id, "at": one.at, "text": one.text} for one in found.gone],
        "page": html,
    }
    return Report(data, tuple(_blocks(found, missing, html)), Exit.REFUSED if missing else Exit.DONE)


def _states() -> "tuple[State, ...]":
    from interlock.packs.reading.tracing import State

    return tuple(State)


if TYPE_CHECKING:
    from interlock.packs.reading.tracing import State


def _traced(named: Named, source: str) -> "Tracing":
    from interlock.packs.reading.reading import read_procedure
    from interlock.packs.reading.tracing import traced
    from interlock.packs.reading.written import LARGEST, Illegible

    reading = read_procedure(Path(source).name, file_content(source, LARGEST))
    if isinstance(reading, Illegible):
        raise Fault(reading.code, reading.sentence, reading.next_step)
    return traced(reading, _carried(named), _notes(named))


def _carried(named: Named) -> "Carried":
    from interlock.packs.coverage import REQUIREMENTS_FILE, carried, load_requirements
    from interlock.packs.problem import Problems

    place = named.folder.joinpath(REQUIREMENTS_FILE)
    if not place.is_file():
        raise Fault(
            "pack.no_requirements",
            f"'{named.name}' has no numbered statements of its procedure, so nothing can be compared",
            f"write them: {place}",
        )
    statements = load_requirements(REQUIREMENTS_FILE, place.read_bytes())
    found = statements if isinstance(statements, Problems) else carried(named.name, named.content, statements)
    if isinstance(found, Problems):
        raise Fault("pack.unfit", found.render(), f"mend {found.source}", Exit.REFUSED)
    return found


def _notes(named: Named) -> "NotesFile":
    from interlock.packs.problem import Problems
    from interlock.packs.reading.notes import NOTES_FILE, NOTHING_DROPPED, load_notes

    place = named.folder.joinpath(NOTES_FILE)
    found = load_notes(NOTES_FILE, place.read_bytes()) if place.is_file() else NOTHING_DROPPED
    if isinstance(found, Problems):
        raise Fault("pack.unfit", found.render(), f"mend {place}", Exit.REFUSED)
    return found


def _write(file: str, found: "Tracing", named: Named) -> None:
    from interlock.packs.reading.page import page

    try:
        Path(file).expanduser().write_text(page(found, named.name), encoding="utf-8")
    except OSError as fault:
        sentence = f"{file} cannot be written: {fault.strerror or fault}"
        raise Fault("file.unwritable", sentence, "name a file that you may write") from fault


def _blocks(found: "Tracing", missing: "tuple[Trace, ...]", html: str) -> Iterator[Block]:
    head = bad("✗ ") if missing else good("✓ ")
    counts = ", ".join(f"{found.count(state)} {state.value}" for state in _states())
    yield para(head, strong(found.source), f": {counts}")
    yield BLANK
    yield Rows(tuple(_line(one) for one in found.traces), 2)
    if found.gone:
        yield BLANK
        yield para("No longer in the document:")
        yield Rows(tuple((quiet(one.at), one.id, one.text) for one in found.gone), 2)
    if html:
        yield para(good("✓ "), strong(html), " holds the page")
    if missing:
        yield BLANK
        yield step("let an element of the pack cite it, or say in reading.yaml why it is dropped", 0)


def _line(one: "Trace") -> Line:
    from interlock.packs.reading.page import why_in_words

    marks: dict[str, Span] = {
        "enforced": good("✓ enforced"),
        "attested": typed("✓ attested"),
        "unmapped": bad("✗ unmapped"),
        "dropped": quiet("· dropped"),
    }
    text = one.text if len(one.text) <= _SHOWN else one.text[: _SHOWN - 1] + "…"
    return (quiet(f"{one.line:>4}"), marks[one.state.value], text, quiet(why_in_words(one)))


def _row_data(one: "Trace") -> Json:
    return {
        "line": one.line,
        "lines": list(one.lines),
        "text": one.text,
        "kind": one.kind,
        "state": one.state.value,
        "why": one.why.value,
        "statement": one.statement,
        "carried_by": list(one.carriers),
        "in_other_words": one.is_alike,
        "reason": one.reason,
    }
