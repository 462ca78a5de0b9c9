# SPDX-License-Identifier: Apache-2.0
"""Is what users were promised kept? Quick answers, a queue that is worked, fresh figures: three checks, one answer.

    python3 procedures/octoacme/service_levels.py --url http://127.0.0.1:8000

Every check is run, whatever the others said. It ends with 1 when any of them failed, else with 2 when any could not
judge, else with 0.
"""

import argparse
import subprocess
import sys
from pathlib import Path

CHECKS = Path(__file__).resolve().parents[2] / "checks"
LEVELS = (
    ("latency.py", "--bound", "0.45"),
    ("queue_health.py", "--oldest", "3"),
    ("freshness.py", "--newer-than", "60"),
)
HELD, FAILED, UNKNOWN = 0, 1, 2


def worst(codes: list[int]) -> int:
    """What they come to together; a code that means nothing is no good news."""
    if FAILED in codes:
        return FAILED
    return HELD if not any(codes) else UNKNOWN


def main(arguments: list[str]) -> int:
    """Run every check; gives the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--url", required=True, help="where the service answers")
    options = parser.parse_args(arguments)
    codes = []
    for name, *bound in LEVELS:
        print(f"{name} {' '.join(bound)}", flush=True)
        ended = subprocess.run([sys.executable, str(CHECKS / name), "--url", options.url, *bound], check=False)
        codes.append(ended.returncode)
    return worst(codes)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
