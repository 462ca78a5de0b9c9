# SPDX-License-Identifier: Apache-2.0
"""A new password, asked for at the terminal: twice, and not shown while it is typed."""

from interlock.cli.output import Fault, somebody_is_there

TRIES = 3


def new_password(person: str) -> str:
    """What a person typed twice alike. Raises `Fault` (`account.no_terminal`, `account.unlike`)."""
    import getpass

    if not somebody_is_there():
        raise Fault(
            "account.no_terminal",
            "a password is typed at a terminal, and there is none",
            "run this command at a terminal of the server's machine",
        )
    for _ in range(TRIES):
        first = getpass.getpass(f"New password for {person} (12 characters at least): ")
        if first == getpass.getpass("The same again: "):
            return first
    raise Fault("account.unlike", "the two were not alike", "run the same command again")
