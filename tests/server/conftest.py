# SPDX-License-Identifier: Apache-2.0
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.cli.workplace import Workplace
from tests.server.premises import Premises, a_place, premises


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workplace]:
    """One home for a whole file."""
    with a_place(Path(tmp_path_factory.mktemp("home"))) as place:
        yield place


@pytest.fixture
def here(place: Workplace) -> Iterator[Premises]:
    with premises(place) as here:
        yield here
