# SPDX-License-Identifier: Apache-2.0
"""What the first page shows is read as soon as the server is up: of a large ledger that takes seconds.

It only fills what is remembered between two looks (`service/remembering.py`). Who comes meanwhile waits for the rest of
it, as they would have waited for all of it; what cannot be read is told to whoever asks for it.
"""

import threading
from contextlib import suppress
from typing import Final

from interlock.bootstrap.houses import House
from interlock.ledger.codec import Undecodable
from interlock.ports.failure import PortFailure
from interlock.service.gather import Ungoverned
from interlock.web.fleet import fleet
from interlock.web.look import look_at

THREAD: Final = "reading-ahead"


def read_ahead(house: House) -> None:
    """Read it, beside everything else."""
    threading.Thread(target=_read, args=(house,), name=THREAD, daemon=True).start()


def _read(house: House) -> None:
    with suppress(PortFailure, Ungoverned, Undecodable):
        fleet(look_at(house, house.clock.now()))
