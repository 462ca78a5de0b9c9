# SPDX-License-Identifier: Apache-2.0
"""Semantic versions (SemVer 2.0.0): which is greater, and how much of a change a step from one to another announces.

1. A step counts by its first number that differs. A step between pre-releases of one version, or from one of them to
   the version itself, counts as a patch: whoever runs the pre-release relies on it.
2. Versions below 1.0.0 are held to the same rules: what runs in production has users.
3. Metadata after `+` makes no difference: a version that differs in nothing else is not greater.
4. A `v` in front belongs to the tag that the version is named after, and not to the version.
"""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from interlock.packs.problem import shown

_NUMBER: Final = r"(0|[1-9]\d{0,17})"
_IDENTIFIER: Final = r"(?:0|[1-9]\d{0,17}|\d*[A-Za-z-][0-9A-Za-z-]*)"
_VERSION: Final = re.compile(
    rf"{_NUMBER}\.{_NUMBER}\.{_NUMBER}(?:-({_IDENTIFIER}(?:\.{_IDENTIFIER})*))?(?:\+[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?",
    re.ASCII,
)
_MOST_LETTERS: Final = 128

Identifier = tuple[int, int, str]
"""Of a pre-release: numbers come before words, and are compared as numbers."""


class Size(StrEnum):
    """How much of a change, the least first."""

    PATCH = "patch"
    MINOR = "minor"
    MAJOR = "major"

    @property
    def rank(self) -> int:
        """Sizes are compared by it."""
        return tuple(Size).index(self)


@dataclass(frozen=True, slots=True, order=True)
class Version:
    """Ordered by precedence. `is_final` stands before `pre_release`: a version comes after its pre-releases."""

    major: int
    minor: int
    patch: int
    is_final: bool
    pre_release: tuple[Identifier, ...]


def parse_version(text: str) -> Version:
    """Raises `ValueError` with a sentence for a person."""
    matched = _VERSION.fullmatch(text.removeprefix("v")) if len(text) <= _MOST_LETTERS else None
    if matched is None:
        raise ValueError(f"{shown(text)} is no semantic version such as 1.4.0 or 2.0.0-rc.1")
    major, minor, patch, pre_release = matched.groups()
    identifiers = tuple(_identifier(word) for word in pre_release.split(".")) if pre_release else ()
    return Version(int(major), int(minor), int(patch), not identifiers, identifiers)


def step(former: Version, version: Version) -> Size:
    """How much of a change is announced by going from `former` to the greater `version`."""
    if former.major != version.major:
        return Size.MAJOR
    return Size.MINOR if former.minor != version.minor else Size.PATCH


def _identifier(word: str) -> Identifier:
    return (0, int(word), "") if word.isdecimal() else (1, 0, word)
