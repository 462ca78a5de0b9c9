# SPDX-License-Identifier: Apache-2.0
"""Messages through Apprise (2.2 or newer): mail, chat, pagers, webhooks, one address each.

1. An address is an Apprise URL (https://appriseit.com) and mostly a secret, host and path included. None of it stands
   in an error, a log or a `repr`: an address is named by its place in the list and its scheme, `address 2 (slack)`.
2. Every address is tried, whatever became of the others, and each answers for itself. Apprise's own `optional=yes`
   does not make a lost message a delivered one.
3. The key is the last line of the message. Nothing tells us what an earlier attempt delivered, so deduplication is
   NONE: a receiver who sees the same key twice has seen a repeat.
"""

import logging
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from interlock.domain.ids import EffectKey
from interlock.ports.failure import Deduplication, Rejected
from interlock.ports.notify import Message, undelivered

if TYPE_CHECKING:
    from apprise import Apprise

_LOADS_EVERY_PLUGIN: Final = "json://127.0.0.1"
_ADDRESS: Final = "write one Apprise address per line, such as mailto://host?from=...&to=... or json://host/path"


@dataclass(frozen=True, slots=True)
class AppriseNotifier:
    """Delivers to every one of `addresses`; `patience` bounds each delivery, in seconds."""

    addresses: tuple[str, ...] = field(repr=False)
    patience: float = 30.0

    def __post_init__(self) -> None:
        if not self.addresses:
            raise Rejected("notify.no_address", "there is no address to deliver to", _ADDRESS)
        for _ in self._targets():
            pass

    @property
    def deduplication(self) -> Deduplication:
        return Deduplication.NONE

    def deliver(self, message: Message, key: EffectKey, lost: tuple[str, ...] = ()) -> None:
        targets = dict(self._targets())
        meant = [name for name in targets if name in lost] or list(targets)
        still = tuple(name for name in meant if not self._took(targets[name], message, key))
        if still:
            step = "look whether the receiver can be reached and the address is still valid"
            raise undelivered(still, len(meant), step)

    def _targets(self) -> Iterator[tuple[str, "Apprise"]]:
        """Every address with the name it may be called by. `Rejected` at the first one that is malformed."""
        for number, address in enumerate(self.addresses, 1):
            target = _empty_target()
            if not target.add(address) or len(target) != 1:
                raise Rejected("notify.bad_address", f"address {number} is no address, or more than one", _ADDRESS)
            yield f"address {number} ({address.partition('://')[0].strip().lower()})", target

    def _took(self, target: "Apprise", message: Message, key: EffectKey) -> bool:
        result = target.notify(
            body=f"{message.body}\n\n-- \n{key}",
            title=message.title,
            notify_type=message.urgency.value,
            body_format="text",
            timeout=self.patience,
        )
        services = list(result)
        return bool(services) and all(service.attempts and service.attempts[-1] for service in services)


def _empty_target() -> "Apprise":
    _keep_addresses_out_of_logs()
    # Apprise takes 0.3 s to import, which only those pay who send messages; its plugins still try modules that Python
    # has deprecated, which is not our warning to give.
    with warnings.catch_warnings(action="ignore", category=DeprecationWarning):
        import apprise  # noqa: PLC0415 - as above

        # Without a picture, which receivers would fetch from somebody else's server.
        sender = apprise.AppriseAsset(
            storage_mode="memory", app_id="Interlock", app_desc="Interlock", app_url="", image_url_mask=""
        )
        target = apprise.Apprise(asset=sender)
        target.add(_LOADS_EVERY_PLUGIN)
        target.clear()
    return target


def _keep_addresses_out_of_logs() -> None:
    """Apprise logs addresses as it goes, and urllib3 the path of every request; both hold tokens."""
    logging.getLogger("apprise").disabled = True
    logging.getLogger("urllib3.connectionpool").setLevel(logging.INFO)
