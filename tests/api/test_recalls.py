# SPDX-License-Identifier: Apache-2.0
"""What is recalled, as far as somebody may see."""

from collections.abc import Iterator
from contextlib import chdir
from typing import Final

import pytest
from tests.api.hosting import EVERY, Hosted, hosted, released_place

from interlock.domain.ids import ReleaseId

NOBODYS: Final = "sha256:" + "0" * 64
"""Content of no release that there is."""


@pytest.fixture(scope="module")
def recalled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hosted]:
    """A server where a release is recalled, the one thing in another, and something that is in none."""
    place = released_place(tmp_path_factory.mktemp("recalled"))
    with hosted(place) as server, chdir(place.folder):
        for digest in (*_content(server), NOBODYS):
            place.done("cat", "recall", "add", digest, "--reason", "it burns")
        yield server


def _content(server: Hosted) -> tuple[str, str]:
    first, second = (server.house.view().release(ReleaseId(f"app:{one}")) for one in ("v1.0.0", "v1.1.0"))
    return first.digest, second.artifacts[0].digest


def told(server: Hosted, *services: str) -> set[str]:
    answer = server.send("GET", "/v1/recalls", server.token("ann", EVERY, services))
    assert answer.status == 200
    return {one["digest"] for one in answer.json["recalls"]}


def test_who_is_not_narrowed_is_told_of_everything(recalled: Hosted) -> None:
    assert told(recalled) == {*_content(recalled), NOBODYS}


def test_who_is_narrowed_is_told_of_what_their_releases_hold(recalled: Hosted) -> None:
    assert told(recalled, "app") == {*_content(recalled)}


def test_who_is_narrowed_to_another_service_is_told_of_nothing(recalled: Hosted) -> None:
    assert told(recalled, "other") == set()
