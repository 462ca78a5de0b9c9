# SPDX-License-Identifier: Apache-2.0
"""Documents traced for whoever asks a server, each in a process of its own."""

from dataclasses import dataclass, field

import msgspec

from interlock.adapters.apart import Apart
from interlock.domain.ids import PersonId
from interlock.service.tracing_apart import MODULE, Answer, Question, answer_in


@dataclass(frozen=True, slots=True)
class Tracers:
    """As many as may work at once in one server."""

    apart: Apart = field(default_factory=lambda: Apart(MODULE))

    def answer(self, who: PersonId, question: Question) -> Answer:
        """Somebody's question, answered. Raises `Busy`, `Rejected` (`procedure.too_long`), `Unavailable`."""
        return answer_in(self.apart.ask(who, msgspec.json.encode(question)))

    def end(self) -> None:
        """The server ends: whatever is at work ends with it."""
        self.apart.end()
