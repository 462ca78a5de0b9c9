# SPDX-License-Identifier: Apache-2.0
"""`interlock pack`: protocol packs as people read them, and the checks of a pack's author."""

from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import App, Parameter

from interlock.cli.naming import file_content
from interlock.cli.output import Exit, Fault, Json, Report
from interlock.cli.text import Block, Line, Rows, Verbatim, Words, bad, good, para, quiet, step, strong, warn
from interlock.domain.moment import span_in_words
from interlock.domain.requirement import UNCONDITIONAL, Requirement
from interlock.service.wording import asked_in_words

if TYPE_CHECKING:
    from interlock.domain.procedure import Procedure, Stage
    from interlock.packs.load import Pack
    from interlock.service.compose import Declared

app = App(name="pack", help="Protocol packs: show, check and test a written procedure.")

PackArg = Annotated[
    str, Parameter(name="PACK", help="A pack of the library, a folder with pack.yaml, or a pack's file.")
]

app.command("interlock.cli.coverage:coverage", name="coverage", help="What of the written procedure it carries.")
app.command("interlock.cli.pack_draft:draft", name="draft", help="Draft a pack from a written procedure.")
app.command("interlock.cli.pack_trace:trace", name="trace", help="The written procedure beside the pack, line by line.")


@dataclass(frozen=True, slots=True)
class Named:
    """The pack that was named: its text, and the folder it stands in. `name` is the file's in messages."""

    name: str
    content: bytes
    folder: Traversable


@app.command
def show(pack: PackArg = "", /) -> Report:
    """A pack, stage by stage; without a name, the packs there are."""
    from interlock.packs.shelf import Shelf

    if pack:
        loaded = _loaded(named_pack(pack))
        return Report(_data(loaded), tuple(_blocks(loaded)))
    names = Shelf().names()
    rows: list[Line] = []
    for name in names:
        loaded = _loaded(named_pack(name))
        rows.append((strong(name), loaded.procedure.version, loaded.about))
    return Report({"packs": list(names)}, (Rows(tuple(rows)), step("`interlock pack show NAME`", 0)))


@app.command
def lint(pack: PackArg, /) -> Report:
    """Whether a pack loads, and what in it would hurt."""
    named = named_pack(pack)
    loaded = _loaded(named)
    refuse_untimely(named.name, named.content)
    notes = tuple(_notes(loaded))
    if notes:
        data: list[Json] = [{"code": code, "sentence": sentence, "next_step": then} for code, sentence, then in notes]
        blocks: list[Block] = []
        for code, sentence, then in notes:
            blocks += [para(warn("! "), sentence, quiet(f"  [{code}]"), hang=2), step(then)]
        return Report({"loads": True, "advice": data}, tuple(blocks), Exit.REFUSED)
    procedure = loaded.procedure
    asked = sum(len(stage.requires) for stage in procedure.stages)
    return Report(
        {"loads": True, "advice": []},
        (para(good("✓ "), strong(procedure.pack), f" {procedure.version} loads; {asked} requirements, no advice"),),
    )


@app.command
def test(pack: PackArg, /) -> Report:
    """Run a pack's own scenarios, which stand in scenarios/ beside it."""
    from interlock.testing.scenario import SCENARIOS, Failed, run_scenarios

    named = named_pack(pack)
    _loaded(named)
    report = run_scenarios(named.folder, named.content)
    if not report.outcomes:
        place = named.folder.joinpath(SCENARIOS)
        raise Fault(
            "pack.no_scenarios", f"'{pack}' has no scenarios, so nothing was tested", f"write one: {place}/NAME.yaml"
        )
    blocks: list[Block] = []
    data: list[Json] = []
    for one in report.outcomes:
        failed = one.text if isinstance(one, Failed) else ""
        blocks.append(para(bad("✗ ") if failed else good("✓ "), one.sentence, quiet(f"  {one.source}"), hang=2))
        blocks.append(Verbatim(failed, 4))
        data.append({"scenario": one.source, "shows": one.sentence, "failure": failed})
    return Report({"scenarios": data}, tuple(blocks), Exit.REFUSED if report.failed else Exit.DONE)


def named_pack(named: str) -> Named:
    """The pack of the library, the one in the person's folder, or their file; the library comes first."""
    from interlock.packs.nearest import advice
    from interlock.packs.shelf import PACK_FILE, Shelf

    shelf = Shelf()
    folder, content = shelf.folder(named), shelf.pack(named)
    if folder is not None and content is not None:
        return Named(named, content, folder)
    file = Path(named, PACK_FILE) if Path(named).is_dir() else Path(named)
    if file.is_file():
        return Named(str(file), file_content(str(file)), file.parent)
    known = advice(named, shelf.names())
    raise Fault(
        "pack.unknown",
        f"there is no pack '{named}'",
        f"{known}, or name a folder with pack.yaml in it, or a pack's file",
    )


def _loaded(named: Named) -> "Pack":
    from interlock.packs.load import load_pack
    from interlock.packs.problem import Problems

    loaded = load_pack(named.name, named.content)
    if isinstance(loaded, Problems):
        raise Fault("pack.unfit", loaded.render(), f"mend {named.name}", Exit.REFUSED)
    return loaded


def refuse_untimely(name: str, content: bytes) -> None:
    """A pack that expired, or with a window that opens no more: refused with the place, before it governs anything."""
    from interlock.bootstrap.outsiders import outsider
    from interlock.packs.problem import Problems
    from interlock.packs.timely import untimely

    means = outsider()
    found = untimely(name, content, means.calendar, means.clock.now())
    if isinstance(found, Problems):
        raise Fault("pack.unfit", found.render(), f"mend {name}", Exit.REFUSED)


def refuse_unusable(declared: "Declared") -> None:
    """Rules that are past, or that ask for what nobody is bound to do: refused with the place."""
    from interlock.packs.problem import Problems
    from interlock.packs.staffing import unstaffed

    bindings = declared.rules.bindings
    refuse_untimely(bindings.pack, declared.pack)
    found = unstaffed("interlock.yaml", declared.bindings, bindings, declared.rules.governance.procedure)
    if isinstance(found, Problems):
        raise Fault("bindings.unfit", found.render(), "mend interlock.yaml, commit it, try again", Exit.REFUSED)


def _notes(loaded: "Pack") -> Iterator[tuple[str, str, str]]:
    from interlock.packs.lint import lint_pack

    for one in lint_pack(loaded.procedure):
        yield one.code, f"{one.where}: {one.sentence}", one.next_step


def _blocks(loaded: "Pack") -> Iterator[Block]:
    procedure = loaded.procedure
    yield para(strong(procedure.pack), f" {procedure.version} ({loaded.phase})")
    if loaded.about:
        yield para(loaded.about)
    yield Rows(
        (
            (quiet("roles"), ", ".join(procedure.roles)),
            (quiet("may change these rules"), ", ".join(procedure.governors)),
            (
                quiet("may grant waivers"),
                f"{', '.join(procedure.waivers.authority)}, for at most {span_in_words(procedure.waivers.longest)}",
            ),
        ),
        2,
    )
    for path in procedure.paths:
        kinds = " and ".join(kind.value for kind in path.kinds)
        review = f"; reviewed within {span_in_words(path.review_within)}" if path.review_within else ""
        yield para(strong(f"path {path.name}"), f": {kinds} changes{review}")
        for name in path.stages:
            yield from _stage(procedure.stage(name))


def _stage(stage: "Stage") -> Iterator[Block]:
    into = f" → {stage.environment}" if stage.environment else ""
    yield para(f"  {stage.name}", strong(into))
    rows: list[Line] = [_row(one) for one in stage.requires]
    rows += [(quiet("window"), f"{one.begins}-{one.ends} {one.zone} {one.recurrence}") for one in stage.windows]
    if stage.verification.checks:
        rows.append((quiet("then verified by"), ", ".join(stage.verification.checks)))
    if stage.bake.duration:
        rows.append((quiet("then watched"), f"{span_in_words(stage.bake.duration)} by {', '.join(stage.bake.checks)}"))
    yield Rows(tuple(rows), 4)


def _row(one: Requirement) -> tuple[Words, ...]:
    condition = "" if one.condition == UNCONDITIONAL else f" when {one.condition}"
    cites = f"  [{', '.join(one.cites)}]" if one.cites else ""
    return (one.id, f"{asked_in_words(one)}{condition}{cites}")


def _data(loaded: "Pack") -> dict[str, Json]:
    procedure = loaded.procedure
    return {
        "pack": procedure.pack,
        "version": procedure.version,
        "status": loaded.phase.value,
        "about": loaded.about,
        "roles": list(procedure.roles),
        "governors": list(procedure.governors),
        "environments": [one.name for one in procedure.environments],
        "paths": [_path(procedure, path.name) for path in procedure.paths],
    }


def _path(procedure: "Procedure", name: str) -> Json:
    path = next(one for one in procedure.paths if one.name == name)
    stages: list[Json] = []
    for stage in path.stages:
        one = procedure.stage(stage)
        requires: list[Json] = [
            {"id": asked.id, "asks": asked_in_words(asked), "cites": list(asked.cites)} for asked in one.requires
        ]
        stages.append({"stage": one.name, "environment": one.environment, "requires": requires})
    return {"path": name, "for": [kind.value for kind in path.kinds], "stages": stages}
