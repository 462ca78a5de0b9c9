# SPDX-License-Identifier: Apache-2.0
"""How many grave defects are open? Prints the number for others to judge, as one JSON object.

    python3 checks/grave_defects.py [--list defects.json]

Ends with 0 whenever it could count, and with 2 when the list proves nothing: see `defects.py`, which judges the same.
"""

import argparse
import json
import sys
from pathlib import Path

import defects
import tree
from calling import HELD, UNKNOWN, CannotJudge


def counted(file: Path) -> dict[str, object]:
    """What was asked, and how many there are."""
    grave = [one for one in defects.read(file) if one["state"] == "open" and one["severity"] in defects.GRAVE]
    return {"query": f"open defects of {' or '.join(defects.GRAVE)} in {file.name}", "count": len(grave)}


def main() -> int:
    """Count; gives the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--list", type=Path, default=tree.ROOT / "defects.json")
    try:
        print(json.dumps(counted(parser.parse_args().list)))
    except (CannotJudge, OSError, KeyError, TypeError, ValueError) as fault:
        print(f"UNKNOWN: {type(fault).__name__}: {fault}", file=sys.stderr)
        return UNKNOWN
    return HELD


if __name__ == "__main__":
    sys.exit(main())
