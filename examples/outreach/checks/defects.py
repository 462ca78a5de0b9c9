# SPDX-License-Identifier: Apache-2.0
"""Is no grave defect open? Counts the open ones of the severities P0 and P1 in a list.

    python3 checks/defects.py [--list defects.json]

The list must say how many defects it holds and that these are all: one that was cut short proves nothing, and the
check ends with 2. So it does for a severity or a state that it does not know.
"""

import argparse
import json
import sys
from pathlib import Path

import calling
import tree
from calling import CannotJudge, CheckFailed

GRAVE = ("P0", "P1")
SEVERITIES = (*GRAVE, "P2", "P3", "P4")
STATES = ("open", "closed")


def check(options: argparse.Namespace) -> str:
    """Count; gives the sentence that says it passed."""
    defects = read(options.list)
    opened = [defect for defect in defects if defect["state"] == "open"]
    grave = [defect for defect in opened if defect["severity"] in GRAVE]
    print(f"{len(defects)} defects, {len(opened)} open", flush=True)
    for defect in grave:
        print(f"{defect['id']} {defect['severity']}: {defect['title']}", flush=True)
    if grave:
        raise CheckFailed(f"{len(grave)} open defects are {' or '.join(GRAVE)}")
    return f"none of {len(opened)} open defects is {' or '.join(GRAVE)}"


def read(file: Path) -> list[dict[str, str]]:
    """The defects, when the list is whole and every word of it is known."""
    document = json.loads(file.read_text("utf-8"))
    defects = document["defects"]
    if document["complete"] is not True or document["total"] != len(defects):
        raise CannotJudge(f"the list is not whole: {len(defects)} of {document['total']}")
    for defect in defects:
        if defect["severity"] not in SEVERITIES or defect["state"] not in STATES:
            raise CannotJudge(f"{defect['id']} is {defect['severity']} and {defect['state']}, which nobody knows")
    if len({defect["id"] for defect in defects}) != len(defects):
        raise CannotJudge("a defect is listed twice")
    return list(defects)


if __name__ == "__main__":
    asked = calling.parser(__doc__, url=False)
    asked.add_argument("--list", type=Path, default=tree.ROOT / "defects.json")
    sys.exit(calling.conclude(check, asked.parse_args()))
