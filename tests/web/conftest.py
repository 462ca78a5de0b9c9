# SPDX-License-Identifier: Apache-2.0
"""A home with a release before staging, and the server on it in this process."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.cli.workplace import Workplace
from tests.server.premises import Premises, a_place, premises


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workplace]:
    """One home for all routes: what one test says, another must bear."""
    with a_place(Path(tmp_path_factory.mktemp("home"))) as place:
        place.commit("app.txt", "two\n", tag="v1.1.0")
        place.done("dan", "change", "open", "CR-1", "--title", "Say two")
        place.done("dan", "release", "create", "v1.1.0")
        place.commit("app.txt", "three\n", tag="v1.2.0")
        place.done("dan", "release", "create", "v1.2.0")
        yield place


@pytest.fixture(scope="session")
def here(home: Workplace) -> Iterator[Premises]:
    with premises(home) as here:
        yield here
