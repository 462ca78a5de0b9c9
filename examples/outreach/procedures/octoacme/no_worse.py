# SPDX-License-Identifier: Apache-2.0
"""Are errors and latency at most half above what they usually are? Two checks, one answer.

    python3 procedures/octoacme/no_worse.py --url http://127.0.0.1:8000 --seconds 0.3 --percent 1 [--more 50]

`--seconds` and `--percent` are the usual figures: within how long 95 of 100 answers come, how many of 100 requests fail.
They are given and not looked up: once all of the traffic is there, nothing runs beside it that could be compared. It
ends as the worse of both checks does. Latency comes first, so that no other check's own errors are counted.
"""

import argparse
import subprocess
import sys
from pathlib import Path

CHECKS = Path(__file__).resolve().parents[2] / "checks"
HELD, FAILED, UNKNOWN = 0, 1, 2


def bounds(seconds: float, percent: float, more: float) -> tuple[tuple[str, ...], ...]:
    """Each check, and what it is asked to hold to; `more` is in percent of what is usual."""
    grown = 1 + more / 100
    return ("latency.py", "--bound", f"{seconds * grown:g}"), ("error_rate.py", "--at-most", f"{percent * grown:g}")


def worst(codes: list[int]) -> int:
    """What they come to together; a code that means nothing is no good news."""
    if FAILED in codes:
        return FAILED
    return HELD if not any(codes) else UNKNOWN


def main(arguments: list[str]) -> int:
    """Run both; gives the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--url", required=True, help="where the service answers")
    parser.add_argument("--seconds", type=float, required=True)
    parser.add_argument("--percent", type=float, required=True)
    parser.add_argument("--more", type=float, default=50.0)
    options = parser.parse_args(arguments)
    codes = []
    for name, *bound in bounds(options.seconds, options.percent, options.more):
        print(f"{name} {' '.join(bound)}", flush=True)
        ended = subprocess.run([sys.executable, str(CHECKS / name), "--url", options.url, *bound], check=False)
        codes.append(ended.returncode)
    return worst(codes)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
