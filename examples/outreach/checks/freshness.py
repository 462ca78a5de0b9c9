# SPDX-License-Identifier: Apache-2.0
"""Are the figures of every campaign fresh?

    python3 checks/freshness.py --url http://127.0.0.1:8000 [--newer-than 60]

Without a campaign there is nothing to judge, and the check ends with 2.
"""

import argparse
import sys

import calling
from calling import CannotJudge, Outreach, held


def check(options: argparse.Namespace) -> str:
    """Ask for the oldest figures; gives the sentence that says it passed."""
    found = Outreach(options.url).get("/freshness")
    if found["campaigns"] < 1:
        raise CannotJudge("there is no campaign whose figures could be fresh")
    age = float(found["age_seconds"])
    held(f"the oldest figures are {age:.1f} s old, at most {options.newer_than:g} s", age <= options.newer_than)
    return f"the figures of {found['campaigns']} campaigns are fresh"


if __name__ == "__main__":
    asked = calling.parser(__doc__)
    asked.add_argument("--newer-than", type=float, default=60.0, metavar="SECONDS")
    sys.exit(calling.conclude(check, asked.parse_args()))
