# SPDX-License-Identifier: Apache-2.0
"""Where coverage is measured, it is measured in the detached processes too: they start bare, so they are let know.

Envoy's world is imported where it is asked for: its protocol costs more to import than most tests to run.
"""

import os
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from interlock.adapters import daemons, linux

if TYPE_CHECKING:
    from tests.adapters.envoy_world import Fleet

_MEASURED = "COVERAGE_PROCESS_CONFIG"

if _MEASURED in os.environ:
    daemons.ENVIRONMENT[_MEASURED] = os.environ[_MEASURED]
    linux.BARE.clear()


@pytest.fixture(scope="module")
def envoys(tmp_path_factory: pytest.TempPathFactory) -> "Iterator[Fleet]":
    from tests.adapters.envoy_world import fleet  # noqa: PLC0415 - see above

    with fleet(tmp_path_factory.mktemp("fleet"), "north", "south") as one:
        yield one
