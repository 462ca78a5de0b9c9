# SPDX-License-Identifier: Apache-2.0
"""`interlock pack coverage`: which statements of the written procedure a pack carries, and how that is known."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from interlock.cli.output import Exit, Fault, Json, Report
from interlock.cli.pack import PackArg, named_pack
from interlock.cli.text import BLANK, Block, Line, Rows, Span, bad, good, para, quiet, step, strong
from interlock.packs.coverage import REQUIREMENTS_FILE
from interlock.packs.problem import Problems
from interlock.packs.yaml_tree import path_text

if TYPE_CHECKING:
    from interlock.testing.coverage import Coverage, Played, Row
    from interlock.testing.mutation import Fate, Mutated


def coverage(
    pack: PackArg,
    /,
    *,
    mutate: Annotated[
        bool, Parameter(help="Take away what carries each statement, and see that its scenario notices.")
    ] = False,
) -> Report:
    """What of the written procedure a pack carries: by what, broken in which scenario, kept in which.

    Exit code 0: every statement is carried, broken in a scenario and kept in one; 1: something is missing.
    """
    found = _read(pack)
    fates = _mutated(found) if mutate else {}
    missing = [row for row in found.rows if row.lacks or _survives(row, fates)]
    data: dict[str, Json] = {
        "pack": found.pack.procedure.pack,
        "version": found.pack.procedure.version,
        "statements": len(found.rows),
        "covered": len(found.rows) - len(missing),
        "requirements": [_row_data(row, fates) for row in found.rows],
    }
    return Report(data, tuple(_blocks(found, missing, fates)), Exit.REFUSED if missing else Exit.DONE)


def _read(pack: str) -> "Coverage":
    from interlock.testing.coverage import Unnumbered, read_coverage

    named = named_pack(pack)
    found = read_coverage(named.folder, named.name, named.content)
    if isinstance(found, Problems):
        raise Fault("pack.unfit", found.render(), f"mend {found.source}", Exit.REFUSED)
    if isinstance(found, Unnumbered):
        place = named.folder.joinpath(REQUIREMENTS_FILE)
        raise Fault(
            "pack.no_requirements",
            f"'{pack}' has no numbered statements of its procedure, so nothing can be compared",
            f"write them: {place}",
        )
    return found


def _mutated(found: "Coverage") -> "Mapping[str, Mutated]":
    from interlock.testing.mutation import mutate

    return {one.statement: one for one in mutate(found)}


def _survives(row: "Row", fates: "Mapping[str, Mutated]") -> bool:
    return row.statement.id in fates and bool(fates[row.statement.id].survivors or fates[row.statement.id].redundant)


def _blocks(found: "Coverage", missing: "list[Row]", fates: "Mapping[str, Mutated]") -> Iterator[Block]:
    procedure = found.pack.procedure
    there, wanted = len(found.rows) - len(missing), len(found.rows)
    head = good("✓ ") if not missing else bad("✗ ")
    noticed = ", and each is missed when it is taken away" if fates and not missing else ""
    yield para(
        head, strong(f"{procedure.pack} {procedure.version}"), f" carries {there} of {wanted} statements{noticed}"
    )
    yield BLANK
    titles: Line = tuple(
        quiet(word) for word in (" ", "statement", "kind", "carried by", "shown by", "broken in", "kept in")
    )
    yield Rows((titles, *(_line(row, row in missing) for row in found.rows)), 2)
    for row in missing:
        yield BLANK
        yield para(
            bad("✗ "), strong(row.statement.id), f" {row.statement.text}", quiet(f"  ({row.statement.at})"), hang=2
        )
        yield from _lacks(row, fates)
        for one in row.violated + row.satisfied:
            if not one.passed:
                yield para("    ", *_failure(one), hang=4)


def _lacks(row: "Row", fates: "Mapping[str, Mutated]") -> Iterator[Block]:
    for lack in row.lacks:
        yield para(f"  {lack.sentence}", quiet(f"  [{lack.code}]"), hang=4)
        yield step(lack.next_step, 4)
    if _survives(row, fates):
        for one in fates[row.statement.id].survivors:
            yield para(f"  without {one.without}: {one.sentence}", quiet("  [coverage.survivor]"), hang=4)
            yield step("let the scenario show at one step what only this element brings about", 4)
        for spare in fates[row.statement.id].redundant:
            yield para(f"  without {spare.without}: {spare.sentence}", quiet("  [coverage.redundant]"), hang=4)
            yield step(f"write a scenario that violates {row.statement.id} where only this helps, or do not cite it", 4)


def _failure(one: "Played") -> Iterator[str]:
    text = getattr(one.outcome, "text", "")
    yield " ".join(str(text).split())


def _line(row: "Row", is_missing: bool) -> Line:  # noqa: FBT001  # a mark beside the row
    mark: Span = bad("✗") if is_missing else good("✓")
    carriers = [one.name for one in row.elements] + ["the engine" for _ in row.engine]
    shown = list(row.codes) or ["an expectation"] * bool(row.violated)
    return (
        mark,
        strong(row.statement.id),
        row.statement.kind.value,
        _first(carriers),
        _first(shown),
        _first([_short(one.source) for one in row.violated]),
        _first([_short(one.source) for one in row.satisfied]),
    )


def _first(names: list[str]) -> str | Span:
    """The first, and how many more; `--json` has them all."""
    if not names:
        return bad("nothing")
    return names[0] + (f" +{len(names) - 1}" if len(names) > 1 else "")


def _short(source: str) -> str:
    return source.rpartition("/")[2].removesuffix(".yaml")


def _row_data(row: "Row", fates: "Mapping[str, Mutated]") -> Json:
    statement = row.statement
    data: dict[str, Json] = {
        "id": statement.id,
        "at": statement.at,
        "kind": statement.kind.value,
        "text": statement.text,
        "elements": [
            {
                "name": one.name,
                "path": path_text(one.at),
                "line": one.line,
                "counts_as": list[Json](sorted(kind.value for kind in one.counts)),
            }
            for one in row.elements
        ],
        "engine": [code for one in row.engine for code in one.codes],
        "codes": list(row.codes),
        "violated_by": [one.source for one in row.violated],
        "satisfied_by": [one.source for one in row.satisfied],
        "missing": [{"code": one.code, "sentence": one.sentence, "next_step": one.next_step} for one in row.lacks],
    }
    if statement.id in fates:
        data["without_it"] = [_fate(one) for one in fates[statement.id].fates]
    return data


def _fate(fate: "Fate") -> Json:
    from interlock.testing.mutation import Noticed, Redundant, Survived, Unloadable

    match fate:
        case Noticed(without, source, text, also):
            return {"without": without, "fate": "noticed", "by": source, "text": text, "also_without": list(also)}
        case Unloadable(without, sentence):
            return {"without": without, "fate": "refused", "text": sentence}
        case Survived(without, sentence):
            return {"without": without, "fate": "survived", "text": sentence}
        case Redundant(without, sentence):
            return {"without": without, "fate": "redundant", "text": sentence}
