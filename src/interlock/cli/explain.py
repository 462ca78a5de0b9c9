# SPDX-License-Identifier: Apache-2.0
"""`interlock explain`: why something is as it is, as the tree of what was found; or what a refusal's code means."""

import re
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Final

from cyclopts import Parameter

from interlock.cli.naming import ServiceOption, environment_of, release_of, service_of, services
from interlock.cli.output import Exit, Fault, Report
from interlock.cli.session import Session, reading
from interlock.cli.text import BLANK, Block, Verbatim, para, quiet, strong
from interlock.cli.tree import LEGEND, finding_data, finding_lines
from interlock.domain.ids import ReleaseId
from interlock.domain.verdict import Verdict
from interlock.service.explain import Explained, Explainer
from interlock.service.gather import Ungoverned
from interlock.service.views import Viewer

_CODE: Final = re.compile(r"[a-z_]+(\.[a-z_]+)+")
_REFUSALS: Final = "refusals.md"


def explain(
    named: Annotated[
        str,
        Parameter(
            name="ID", help="A release, promotion, rollback, incident, waiver, requirement, or a refusal's code."
        ),
    ],
    /,
    *,
    environment: Annotated[str, Parameter(name="--for", help="Of a release: the gate of this environment.")] = "",
    service: ServiceOption = "",
) -> Report:
    """Why something is as it is. Exit code 0: nothing stands in the way; 1: something does."""
    page = _page_of(named) if _CODE.fullmatch(named) else ""
    if page:
        return Report({"code": named, "page": page}, (Verbatim(page),))
    with reading() as session:
        found = _found(session, named, environment, service)
    shuts = found.finding.effective in {Verdict.FAIL, Verdict.ERROR, Verdict.INCONCLUSIVE}
    return Report(
        {"kind": found.kind, "id": found.id, "finding": finding_data(found.finding)},
        tuple(_blocks(found)),
        Exit.REFUSED if shuts else Exit.DONE,
    )


def _blocks(found: Explained) -> Iterator[Block]:
    yield para(strong(found.id), quiet(f"  {found.kind}"))
    yield from finding_lines(found.finding)
    yield BLANK
    yield para(quiet(LEGEND))


def _found(session: Session, named: str, environment: str, service: str) -> Explained:
    viewer = Viewer(session.gatherer, session.house.store, session.house.library)
    releases = tuple(
        release for name in services(session) for release in session.gatherer.view.service(name).open_releases
    )
    explainer = Explainer(viewer, environment)
    required = explainer.requirement(named, releases)
    if required is not None:
        return required
    try:
        return explainer.explain(named)
    except Ungoverned:
        whole = _whole(session, named, service)
    if not whole and _CODE.fullmatch(named):
        raise _no_page(named)
    if whole and environment and "/" not in whole:
        environment_of(session.gatherer.pinned(session.gatherer.release(whole)), environment)
    return explainer.explain(whole or named)


def _whole(session: Session, named: str, service: str) -> ReleaseId:
    """The whole id of a release that was named by its version alone; empty when it was none."""
    if ":" in named:
        return ReleaseId("")
    if "/" in named:
        return ReleaseId(f"{service_of(session, service).name}:{named}")
    try:
        return release_of(session, named, service).id
    except Fault as fault:
        if fault.trouble.code == "service.unnamed":
            raise
        return ReleaseId("")


def _page_of(code: str) -> str:
    """What the reference says about a refusal's code: its section, up to the next heading of that level or above."""
    text = _refusals()
    heading = re.search(rf"^(#+) +`?{re.escape(code)}`? *$", text, re.MULTILINE)
    if not heading:
        return ""
    rest = text[heading.end() :]
    following = re.search(rf"^#{{1,{len(heading[1])}}} ", rest, re.MULTILINE)
    return f"{code}\n{rest[: following.start()] if following else rest}".rstrip()


def _refusals() -> str:
    """The reference of refusals, where this installation has it."""
    packaged = Path(str(files("interlock"))) / "docs" / _REFUSALS
    checkout = Path(str(files("interlock"))).parents[1] / "docs" / "reference" / _REFUSALS
    return next((place.read_text("utf-8") for place in (packaged, checkout) if place.is_file()), "")


def _no_page(code: str) -> Fault:
    if not _refusals():
        return Fault(
            "explain.no_reference",
            f"'{code}' looks like a refusal's code, and this installation has no reference of them",
            "the refusal itself says what to do next",
        )
    return Fault("explain.unknown_code", f"the reference knows no code '{code}'", "check its spelling")
