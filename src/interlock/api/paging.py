# SPDX-License-Identifier: Apache-2.0
"""Long lists, a page at a time. A cursor names the last thing that was told, so nothing shifts under who pages on."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, TypeAlias

from litestar.params import QueryParameter

Limit: TypeAlias = Annotated[int, QueryParameter(ge=1, le=200, description="How many at most.")]
Cursor: TypeAlias = Annotated[
    str, QueryParameter(max_length=400, pattern="^[A-Za-z0-9._:+-]*$", description="`next` of the page before.")
]


@dataclass(frozen=True, slots=True)
class Page:
    """Some names in order, and the cursor of the next ones; empty when there are no more."""

    names: tuple[str, ...]
    next: str


def page_of(names: Sequence[str], cursor: str, limit: int) -> Page:
    """The names (ascending) after the cursor."""
    first = bisect_right(names, cursor)
    found = tuple(names[first : first + limit])
    return Page(found, found[-1] if first + limit < len(names) else "")
