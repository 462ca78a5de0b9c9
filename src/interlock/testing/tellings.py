# SPDX-License-Identifier: Apache-2.0
"""What people do about messages in a scenario. Verbs like those of `acts`."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TypeAlias

from interlock.domain.ids import AudienceName, EffectKey, NoticeId
from interlock.domain.outbox import RetryMessage
from interlock.ledger.codec import Command
from interlock.packs.shape import key
from interlock.testing.acts import Act
from interlock.testing.stage import SERVICE, Stage


@dataclass(frozen=True, slots=True, kw_only=True)
class Retry(Act):
    """Have a message tried anew whose delivery failed."""

    retry: NoticeId = field(metadata=key(doc="The message of the pack."))
    to: AudienceName = field(metadata=key(doc="The audience."))

    def commands(self, stage: Stage) -> Iterator[Command]:
        outbox = stage.gatherer().view.outbox(SERVICE)
        for name, waiting in {**outbox.waiting, **outbox.given_up}.items():
            if (waiting.due.notice, waiting.due.to) == (self.retry, self.to):
                yield RetryMessage(SERVICE, name)
                return
        yield RetryMessage(SERVICE, EffectKey(f"{self.retry}/{self.to}"))


ATelling: TypeAlias = Retry
