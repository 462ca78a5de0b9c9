# SPDX-License-Identifier: Apache-2.0
"""Asking a person before they sign: nobody signs what they were not shown, unless they say --yes."""

from collections.abc import Iterable

from interlock.cli.output import Fault, ask, somebody_is_there, tell
from interlock.cli.session import Sure
from interlock.cli.text import BLANK, Block, para, strong


def consent(matter: Iterable[Block], question: str, sure: Sure, look: str) -> None:
    """Show the matter and ask. `look` is the command that shows it too. Raises `Fault` when the answer is not yes."""
    if sure.yes:
        return
    if not somebody_is_there():
        raise Fault(
            "sign.nobody_asked",
            "nobody is there to be asked whether to sign",
            f"look at it with `{look}`, then give --yes",
        )
    tell(*matter, BLANK, para(strong(question), hang=2))
    if not ask("Sign this?"):
        raise Fault("sign.declined", "nothing was signed", f"look closer with `{look}`, then decide again")
