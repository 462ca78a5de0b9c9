# SPDX-License-Identifier: Apache-2.0
"""Versions of which a scenario says how they fare, and which never are in it.

What is written down of such a version would come to nothing, and the scenario would pass without having tried anything.
Whether a version is there before or after something is said of it makes no difference.
"""

from collections.abc import Iterable, Iterator

from interlock.packs.nearest import advice
from interlock.packs.problem import Problem
from interlock.packs.shape import problem_at
from interlock.packs.yaml_tree import Document
from interlock.testing.acts import Release
from interlock.testing.happenings import CheckCounts, CheckSays, DeploymentComesTo, RequestsGo
from interlock.testing.moves import Adopt
from interlock.testing.stage import NOTHING_YET
from interlock.testing.surprises import Drifts, HeadMoves


def strangers(document: Document, live: str, steps: Iterable[object]) -> Iterator[Problem]:
    """What is said of a version that these steps never bring; `live` runs before the first of them."""
    told = tuple(steps)
    known = dict.fromkeys(one for one in (live, *map(_brought, told)) if one != NOTHING_YET)
    for number, step in enumerate(told):
        key, version = _spoken_of(step)
        if version != NOTHING_YET and version not in known:
            sentence = f"there is no version '{version}' in this scenario"
            at = ("steps", number, key)
            yield problem_at(document, at, "pack.unknown_version", sentence, advice(version, known))


def _brought(step: object) -> str:
    match step:
        case Release(release=version) | HeadMoves(head=version) | Adopt(version=version) | Drifts(to=version):
            return version
        case _:
            return NOTHING_YET


def _spoken_of(step: object) -> tuple[str, str]:
    """Under which key it says of which version how that one fares; of the newest: of none by name."""
    match step:
        case CheckSays(of=version) | CheckCounts(of=version):
            return "of", version
        case DeploymentComesTo(deployment=version):
            return "deployment", version
        case RequestsGo(requests=version):
            return "requests", version
        case _:
            return "", NOTHING_YET
