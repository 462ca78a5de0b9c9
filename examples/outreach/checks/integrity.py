# SPDX-License-Identifier: Apache-2.0
"""Does the data agree with itself: do counts agree, does every reference lead somewhere, within one tenant?

    python3 checks/integrity.py --url http://127.0.0.1:8000 [--user desk] [--password demo-desk]
    python3 checks/integrity.py --data data

With `--url` the service is asked, which looks at its data itself; with `--data` the file is read, by the questions of
the tree that this check is in.
"""

import argparse
import sqlite3
import sys
from contextlib import closing
from pathlib import Path

import calling
import tree
from calling import CannotJudge, CheckFailed, Outreach


def check(options: argparse.Namespace) -> str:
    """Ask every question; gives the sentence that says it passed."""
    wrong = of_service(options) if options.url else of_file(options.data)
    if not wrong:
        raise CannotJudge("no question was asked")
    for question, rows in wrong.items():
        print(f"{'WRONG' if rows else 'ok'}: {question}: {rows}", flush=True)
    found = [question for question, rows in wrong.items() if rows]
    if found:
        raise CheckFailed(f"there are {', and '.join(found)}")
    return f"{len(wrong)} questions, and no row that should not be"


def of_service(options: argparse.Namespace) -> dict[str, int]:
    """What a running service finds."""
    desk = Outreach(options.url).logged_in(options.user, options.password)
    return {str(question): int(rows) for question, rows in desk.get("/api/integrity")["wrong"].items()}


def of_file(folder: Path) -> dict[str, int]:
    """What is found in the file; it is only read."""
    sys.path.insert(0, str(tree.ROOT))
    from outreach import integrity
    from outreach.database import FILE_NAME

    file = folder / FILE_NAME
    if not file.is_file():
        raise CannotJudge(f"there is no {file}")
    try:
        with closing(sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True, timeout=5)) as connection:
            return integrity.wrong(connection)
    except sqlite3.OperationalError as fault:
        raise CannotJudge(f"{file} cannot be read: {fault}") from fault
    except sqlite3.DatabaseError as fault:
        raise CheckFailed(f"{file} is damaged: {fault}") from fault


if __name__ == "__main__":
    asked = calling.parser(__doc__, url=False)
    where = asked.add_mutually_exclusive_group(required=True)
    where.add_argument("--url", type=calling.address)
    where.add_argument("--data", type=Path)
    asked.add_argument("--user", default=calling.USER)
    asked.add_argument("--password", default=calling.PASSWORD)
    sys.exit(calling.conclude(check, asked.parse_args()))
