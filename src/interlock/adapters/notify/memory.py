# SPDX-License-Identifier: Apache-2.0
"""Messages that go nowhere: a test, a demo or a simulation reads them from the outbox.

`failing` may be changed by whoever made it; that is how an address, or all of an audience, goes down and comes back.
"""

import re
from dataclasses import dataclass, field
from typing import Final

from interlock.domain.ids import EffectKey
from interlock.ports.failure import Deduplication, Rejected
from interlock.ports.notify import Message, undelivered

_ADDRESS: Final = re.compile(r"memory://[a-z0-9.-]+")


@dataclass(frozen=True, slots=True)
class Sent:
    address: str
    message: Message
    key: EffectKey


@dataclass(frozen=True, slots=True)
class MemoryNotifier:
    """Addresses look like `memory://team`; those in `failing` take nothing, nor does an audience named there."""

    addresses: tuple[str, ...] = ("memory://everyone",)
    failing: set[str] = field(default_factory=set)
    outbox: list[Sent] = field(default_factory=list)

    def __post_init__(self) -> None:
        for number, address in enumerate(self.addresses, 1):
            if not _ADDRESS.fullmatch(address):
                raise Rejected("notify.bad_address", f"address {number} is no address", "write memory://NAME")

    @property
    def deduplication(self) -> Deduplication:
        return Deduplication.NONE

    def deliver(self, message: Message, key: EffectKey, lost: tuple[str, ...] = ()) -> None:
        meant = [address for address in self.addresses if address in lost] or self.addresses
        still = tuple(address for address in meant if {address, message.to} & self.failing)
        self.outbox.extend(Sent(address, message, key) for address in meant if address not in still)
        if still:
            raise undelivered(still, len(meant), "take the address out of `failing`")
