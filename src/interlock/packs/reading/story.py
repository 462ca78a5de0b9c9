# SPDX-License-Identifier: Apache-2.0
"""The first story of a draft: a release for which everything is done that the draft asks for, and which arrives."""

import json
from collections.abc import Iterator
from datetime import timedelta

from interlock.packs.coverage import Kind
from interlock.packs.reading.assembling import bake_of, how_many, sections
from interlock.packs.reading.layout import Element, Layout
from interlock.packs.reading.lengths import in_short

AUTHOR = "the-author"
_MARGIN = timedelta(minutes=15)


def good_release(layout: Layout) -> Iterator[str]:
    """The lines of the scenario."""
    yield "scenario: A release for which all is done that the procedure asks for arrives in production"
    yield "given:"
    yield "  people:"
    yield f"    {AUTHOR}: [{layout.usual}]"
    yield from (f"    {role}-{letter}: [{role}]" for role in layout.roles() for letter in "ab")
    yield "steps:"
    yield f"  - {{release: v2, by: {AUTHOR}}}"
    yield "  - {wait: rest}"
    if layout.has_staging:
        yield f"  - {{promote: staging, by: {AUTHOR}}}"
        yield "  - {wait: rest}"
        yield "  - expect: {promotion: {staging: completed}}"
    for one in layout.people:
        yield from _done(one)
    waited = sum((one.span for one in layout.people if one.kind is Kind.HOLD), bake_of(layout, "staging"))
    pause = layout.opening.wait_after(waited)
    if pause:
        yield f"  - {{wait: {in_short(pause)}}}"
    yield f"  - {{promote: production, by: {AUTHOR}}}"
    yield f"  - {{wait: {in_short(bake_of(layout) + _MARGIN)}}}"
    yield "  - expect: {promotion: {production: completed}, live: {production: v2}}"


def _done(one: Element) -> Iterator[str]:
    match one.kind:
        case Kind.RECORD:
            told = ", ".join(f"{json.dumps(title, ensure_ascii=False)}: Done." for title in sections(one))
            yield f"  - {{write: {one.name}, before: production, by: {one.roles[0]}-a, sections: {{{told}}}}}"
        case Kind.HOLD:
            yield f"  - {{wait: {in_short(one.span)}}}"
        case Kind.APPROVAL:
            who = (
                [f"{role}-a" for role in one.roles]
                if how_many(one) == 0
                else [f"{one.roles[0]}-a", f"{one.roles[0]}-b"][: how_many(one)]
            )
            yield from (f"  - {{approve: production, as: {one.name}, by: {person}}}" for person in who)
        case _:
            yield f"  - {{sign: {one.name}, before: production, by: {one.roles[0]}-a}}"
