# SPDX-License-Identifier: Apache-2.0
"""What somebody does, as a command to them: below `Incident commander:`, `opens the bridge` is `open the bridge`."""

from dataclasses import replace
from typing import Final

from interlock.packs.reading.inflecting import third
from interlock.packs.reading.lexicon import OPENERS, THIRD_PERSON
from interlock.packs.reading.passages import Form, Passage

_COMMANDS: Final = {does: verb for verb in sorted(OPENERS) for does in third((verb,))}
_LISTED: Final = (Form.ITEM, Form.NUMBER, Form.BOX)
_BEHIND: Final = frozenset(
    "the a an all any every each both its their our it them that whether this these those with in on up down out for to"
    " over back".split()
)
"""Behind these, what might be a thing is done: `checks the seals`, and not `checks pass`."""


def commanded(passage: Passage) -> Passage:
    """An item that goes on with what somebody above it does, as a command; any other as it is."""
    first, _, rest = passage.text.partition(" ")
    verb = _COMMANDS.get(first.lower(), "") if passage.form in _LISTED and rest else ""
    is_done = (
        first.lower() in THIRD_PERSON
        or rest.split(" ", 1)[0].lower() in _BEHIND
        or rest.startswith(('"', "`", "\u201c"))
    )
    return replace(passage, text=f"{verb} {rest}") if verb and is_done else passage
