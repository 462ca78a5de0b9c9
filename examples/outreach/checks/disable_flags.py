# SPDX-License-Identifier: Apache-2.0
"""Switches features off, once a release has gone back, and looks whether they are.

    python3 checks/disable_flags.py --data data [--root .] NAME...

May be run as often as need be: what is off stays off. The tree is that of the release that serves again, so it may not
know a flag which the later one brought. It ignores such a flag, but the later release would find it on when it returns:
the note of it in the data is switched as well. A flag that nobody ever switched is off. Without data there is nothing
to switch, and the check ends with 2.
"""

import argparse
import sqlite3
import sys
from contextlib import closing
from pathlib import Path

import calling
import tree
from calling import CannotJudge, held

FILE_NAME = "outreach.sqlite3"
BUSY_SECONDS = 5.0


def check(options: argparse.Namespace) -> str:
    """Switch them off; gives the sentence that says it passed."""
    data = options.data.absolute()
    if not (data / FILE_NAME).is_file():
        raise CannotJudge(f"there is no {data / FILE_NAME}")
    known = [line.partition(" ")[0] for line in tree.command(options.root, "flag", "--data", str(data), "list")]
    before = noted(data)
    for name in options.names:
        if name in known:
            tree.command(options.root, "flag", "--data", str(data), name, "off")
        else:
            switch_off_unknown(data, name)
    now = noted(data)
    for name in options.names:
        held(f"{name} was {before.get(name, 'never switched')} and is off", now.get(name, "off") == "off")
    return f"{len(options.names)} flags are off"


def noted(data: Path) -> dict[str, str]:
    """Every flag that anybody ever switched, whichever release brought it."""
    try:
        with closing(sqlite3.connect(data / FILE_NAME, timeout=BUSY_SECONDS)) as connection:
            return dict(connection.execute("SELECT name, state FROM feature_flags"))
    except sqlite3.Error as fault:
        raise CannotJudge(f"the flags cannot be read: {fault}") from fault


def switch_off_unknown(data: Path, name: str) -> None:
    """What the tree has no command for."""
    try:
        with closing(sqlite3.connect(data / FILE_NAME, timeout=BUSY_SECONDS)) as connection, connection:
            connection.execute("UPDATE feature_flags SET state = 'off' WHERE name = ?", (name,))
    except sqlite3.Error as fault:
        raise CannotJudge(f"{name} cannot be switched: {fault}") from fault


if __name__ == "__main__":
    asked = tree.add_root(calling.parser(__doc__, url=False))
    asked.add_argument("--data", type=Path, required=True)
    asked.add_argument("names", nargs="+", metavar="NAME")
    sys.exit(calling.conclude(check, asked.parse_args()))
