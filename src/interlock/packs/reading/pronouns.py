# SPDX-License-Identifier: Apache-2.0
"""Whom `he` and `she` are: whoever was named last as the one who acts, where that was one, close by.

`They` may be things, and is left to what stands in the sentence itself.
"""

import re
from dataclasses import dataclass
from typing import Final

from interlock.packs.reading.lexicon import THIRD
from interlock.packs.reading.little import DUTY
from interlock.packs.reading.passages import Form, Heading, Passage
from interlock.packs.reading.predicates import words_of

_AGAIN: Final = re.compile(
    r"^(?:(?:and|then|also|afterwards|meanwhile|finally|next|every|each|within|during|at|on|in|for)\b[^.;:]{0,60}?[ ,]"
    r"|(?:if|when|once|before|after|until|unless|while)\b[^.;:]{1,60}?, ?"
    r"|(?:before|after) (?!he |she )[^.;:]{1,60}? )?(?:he|she) (?:(?:then|also|always|first|only"
    r"|never|alone|immediately) )*"
    r"(?P<verb>[a-z-]+)",
    re.IGNORECASE,
)
_FAR: Final = 8
"""So many lines further on nobody knows any more who it was."""
_SAYS_NOTHING: Final = frozenset(("is", "was", "had", "did", "could", "would", "might"))


@dataclass(slots=True)
class LastNamed:
    """Who acted last in a document that is read from its beginning."""

    roles: tuple[str, ...] = ()
    line: int = 0
    title: Heading | None = None

    def of(self, passage: Passage) -> tuple[str, ...]:
        """Whom a pronoun stands for that this passage begins with; nobody: there is none, or it could be several."""
        again = _AGAIN.match(passage.text) if passage.form is not Form.ROW else None
        is_near = passage.line - self.line <= _FAR and self.title == _title(passage)
        return self.roles if again and is_near and len(self.roles) == 1 and _acts(again["verb"].lower()) else ()

    def note(self, passage: Passage, own: tuple[str, ...]) -> None:
        """Whoever this passage names is who the next one may speak of."""
        if own:
            self.roles, self.line, self.title = own, passage.line, _title(passage)


def _acts(verb: str) -> bool:
    if verb in _SAYS_NOTHING:
        return False
    return verb in THIRD or verb in DUTY or words_of(f"{verb} the").verb(0, is_plural=False) is not None


def _title(passage: Passage) -> Heading | None:
    return passage.headings[-1] if passage.headings else None
