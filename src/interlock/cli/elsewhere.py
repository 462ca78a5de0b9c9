# SPDX-License-Identifier: Apache-2.0
"""Which server keeps the ledger a command is about, where one was named on its line. Costs nothing to import."""

from contextvars import ContextVar
from typing import Final

NAMED: Final[ContextVar[str]] = ContextVar("server", default="")
"""The address that was named; empty: whatever the environment says."""
