# SPDX-License-Identifier: Apache-2.0
"""Where coverage is measured, it is measured in the detached processes too: they start bare, so they are let know."""

import os

from interlock.adapters import daemons, linux

_MEASURED = "COVERAGE_PROCESS_CONFIG"

if _MEASURED in os.environ:
    daemons.ENVIRONMENT[_MEASURED] = os.environ[_MEASURED]
    linux.BARE.clear()
