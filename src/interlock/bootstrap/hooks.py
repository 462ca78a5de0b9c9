# SPDX-License-Identifier: Apache-2.0
"""Which other systems may tell the ledger something by themselves: `hooks.json` beside it.

1. A hook speaks in the name of a registered person who answers for it, about one service, and of one kind of thing.
2. Its secret is named here and stands in the environment, never in the file. One without a secret is refused.
"""

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Final

import msgspec

from interlock.config import Home, secret
from interlock.domain.ids import PersonId, ServiceName, parse_name
from interlock.ports.failure import Rejected

FILE: Final = "hooks.json"
SHORTEST: Final = 16
"""Characters of the shortest secret that is one."""


class Takes(StrEnum):
    """What a hook tells."""

    EVIDENCE = "evidence"
    INCIDENT = "incident"


class Hook(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`secret` names the variable that holds the key of its signatures."""

    person: PersonId
    service: ServiceName
    takes: Takes
    secret: str


class Keyed(msgspec.Struct, frozen=True):
    """A hook with the key itself."""

    hook: Hook
    key: bytes


def read_hooks(home: Home, secrets: Callable[[str], str] = secret) -> Mapping[str, Keyed]:
    """The hooks of a home, by name; none where there is no such file. Raises `Rejected` for what is not whole."""
    file = home.folder / FILE
    if not file.is_file():
        return {}
    try:
        found = msgspec.json.decode(file.read_bytes(), type=dict[str, Hook])
        return {parse_name(name): Keyed(hook, _key(name, hook, secrets)) for name, hook in found.items()}
    except (OSError, ValueError) as fault:
        raise Rejected("hooks.unreadable", f"'{file}' cannot be used: {fault}", "mend it, or move it away") from fault


def _key(name: str, hook: Hook, secrets: Callable[[str], str]) -> bytes:
    value = secrets(hook.secret)
    if len(value) < SHORTEST:
        raise Rejected(
            "hooks.no_secret",
            f"the hook '{name}' has no secret of {SHORTEST} characters or more in {hook.secret}",
            f"set {hook.secret} where the server runs, such as to what `openssl rand -hex 32` gives",
        )
    return value.encode()
