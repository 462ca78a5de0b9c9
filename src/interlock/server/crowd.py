# SPDX-License-Identifier: Apache-2.0
"""How many may be connected at once: fewer than the files that this process may open, so that some are left for us.

Where there are none left asyncio can take nobody in, says so without end, and the ledger cannot be opened either.
"""

import resource
from typing import Final

AT_ONCE: Final = 128
"""Connections that are taken in before anybody looks at them."""
_KEPT_FREE: Final = 4 * AT_ONCE + 100
"""A connection that is let go has its file until the loop came round some times, and takes in others meanwhile; the
rest is for the ledger and for what the driver starts."""
_MOST: Final = 1000
_LEAST: Final = 64


def most_connections() -> int:
    """Of one server in this process."""
    files, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return _MOST if files == resource.RLIM_INFINITY else min(_MOST, max(_LEAST, files - _KEPT_FREE))
