# SPDX-License-Identifier: Apache-2.0
"""`interlock explain`: why something is as it is, as the tree of what was found; or what a refusal's code means.

A code is explained anywhere, also where there is no ledger: whoever meets one may not have come that far.
"""

import re
from collections.abc import Iterator
from typing import Annotated, Final

from cyclopts import Parameter

from interlock.cli.naming import ServiceOption, environment_of, release_of, service_of, services
from interlock.cli.output import Exit, Fault, Report
from interlock.cli.people import solo_note
from interlock.cli.session import Session, reading
from interlock.cli.text import BLANK, Block, Verbatim, para, quiet, strong
from interlock.cli.tree import LEGEND, finding_data, finding_lines
from interlock.domain.ids import ReleaseId
from interlock.domain.verdict import Verdict
from interlock.ports.failure import PortFailure
from interlock.service.codes import codes, page_of, reference
from interlock.service.explain import Explained, Explainer
from interlock.service.gather import Ungoverned
from interlock.service.views import Viewer

_CODE: Final = re.compile(r"[a-z_]+(\.[a-z_]+)+")
_WORD: Final = re.compile(r"[a-z_]+")
_NEAR: Final = 3
"""Codes that are proposed in place of a misspelt one."""
_ALIKE: Final = 0.75
_NOT_HERE: Final = frozenset({"home.none", "explain.unknown", "service.unnamed"})
"""What is said of a name that may as well be a misspelt code."""


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
    page = page_of(named)
    if page:
        filled = (BLANK, para(quiet("words in braces are filled in"))) if "{" in page else ()
        return Report({"code": named, "page": page}, (Verbatim(page), *filled))
    try:
        with reading() as session:
            found = _found(session, named, environment, service)
    except (PortFailure, Ungoverned, Fault) as fault:
        code = fault.trouble.code if isinstance(fault, Fault) else fault.code
        if code in _NOT_HERE and (_CODE.fullmatch(named) or _near(named)):
            raise _no_page(named) from fault
        raise
    shuts = found.finding.effective in {Verdict.FAIL, Verdict.ERROR, Verdict.INCONCLUSIVE}
    return Report(
        {"kind": found.kind, "id": found.id, "solo": list(found.solo), "finding": finding_data(found.finding)},
        tuple(_blocks(found)),
        Exit.REFUSED if shuts else Exit.DONE,
    )


def _blocks(found: Explained) -> Iterator[Block]:
    yield para(strong(found.id), quiet(f"  {found.kind}"))
    yield from solo_note(found.solo, 0)
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


def _near(named: str) -> tuple[str, ...]:
    """Codes that look like what was typed, the likeliest first."""
    from difflib import get_close_matches

    known = codes()
    close = get_close_matches(named, known, n=_NEAR, cutoff=_ALIKE)
    inside = [code for code in known if named in code.split(".")] if _WORD.fullmatch(named) else []
    return tuple(dict.fromkeys((*close, *inside)))[:_NEAR]


def _no_page(code: str) -> Fault:
    if not reference():
        return Fault(
            "explain.no_reference",
            f"'{code}' looks like a refusal's code, and this installation has no reference of them",
            "the refusal itself says what to do next",
        )
    near = " or ".join(f"`interlock explain {one}`" for one in _near(code))
    if near:
        return Fault("explain.unknown_code", f"there is no code '{code}'", f"perhaps you mean {near}")
    return Fault(
        "explain.unknown_code",
        f"there is no code '{code}'",
        "look at the refusal again: its code stands in brackets behind it",
    )
