# SPDX-License-Identifier: Apache-2.0
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.ledger.small import SmallLedger, opened, whole


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[SmallLedger]:
    """A ledger just opened, to go on writing in."""
    ledger = opened(tmp_path / "ledger.sqlite")
    yield ledger
    ledger.store.close()


@pytest.fixture(scope="session")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SmallLedger]:
    """A ledger with one of everything, for tests that only read."""
    ledger = whole(tmp_path_factory.mktemp("whole") / "ledger.sqlite")
    yield ledger
    ledger.store.close()
