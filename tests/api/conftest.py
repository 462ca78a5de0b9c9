# SPDX-License-Identifier: Apache-2.0
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.api.hosting import Hosted, hosted, released_place


@pytest.fixture(autouse=True)
def _nobody_around(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing of ours is around."""
    monkeypatch.setenv("HOME", str(tmp_path / "nobody"))
    for name in ("INTERLOCK_HOME", "INTERLOCK_URL", "INTERLOCK_TOKEN", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hosted]:
    """A server that a file's tests share: each says only what no other minds."""
    with hosted(released_place(tmp_path_factory.mktemp("shop"))) as server:
        yield server
