# SPDX-License-Identifier: Apache-2.0
"""How a user is given a turn: by a hash of who they are, salted by where the traffic is split.

The salt is the service's and the environment's. So the users who meet a candidate first are others in each service, and
the same from one rollout of a service to the next: nothing has to be remembered for somebody to stay where they are.
"""

import hashlib
from collections.abc import Mapping
from typing import assert_never

from interlock.domain.ids import EnvironmentName, ServiceName
from interlock.domain.traffic import WHOLE
from interlock.ports.router import Carrier, UserKey


def salt(service: ServiceName, environment: EnvironmentName) -> int:
    """32 bits to begin the hash of a user with."""
    return int.from_bytes(hashlib.sha256(f"{service}/{environment}".encode()).digest()[:4])


def turn(user: str, seed: int) -> int:
    """The user's turn, from 0 to one less than `WHOLE`, for a router that has no hash of its own."""
    return int.from_bytes(hashlib.sha256(f"{seed}/{user}".encode()).digest()[:8]) % WHOLE


def carried(headers: Mapping[str, str], key: UserKey) -> str:
    """What a request with these headers (their names in lower case) carries under the key; empty: nothing."""
    match key.carrier:
        case Carrier.HEADER:
            return headers.get(key.name.lower(), "")
        case Carrier.COOKIE:
            pairs = (part.strip().partition("=") for part in headers.get("cookie", "").split(";"))
            return next((value for name, _, value in pairs if name == key.name and value), "")
        case _:
            assert_never(key.carrier)
