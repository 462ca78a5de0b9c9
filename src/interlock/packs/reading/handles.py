# SPDX-License-Identifier: Apache-2.0
"""People and teams that a document calls by their handle: `@maria`, `@acme/release-team`, and then `maria`."""

import re
from collections.abc import Iterable
from typing import Final

from interlock.packs.reading.passages import Passage
from interlock.packs.reading.roles import named_in, slug

_HANDLE: Final = re.compile(
    r"(?<![\w@/.:=-])@(?P<who>[A-Za-z][\w-]*)(?:/(?P<team>[A-Za-z][\w-]*))?(?![\w-])(?![/.@(]\w|\()"
)
_NOBODY: Final = frozenset("here channel everyone all team group next latest beta alpha canary stable param".split())
"""Whom a sign calls that is nobody's own, and what is named so in commands."""


def handles_of(found: Iterable[Passage]) -> frozenset[str]:
    """Everybody whom the document calls so; of `@this/that` only what names people, for packages are called so too."""
    texts = (text for one in found for text in (one.text, *(cell for _, cell in one.cells)) if "@" in text)
    return frozenset(
        slug(match["team"] or f"@{match['who']}")
        for text in texts
        for match in _HANDLE.finditer(text)
        if match["who"].lower() not in _NOBODY and (match["team"] is None or named_in(match["team"].replace("-", " ")))
    )
