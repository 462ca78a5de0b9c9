# SPDX-License-Identifier: Apache-2.0
"""Is the work queue worked? Not too deep, not too old, little failed, and a pulse within the time that is allowed.

    python3 checks/queue_health.py --url http://127.0.0.1:8000 [--depth 200] [--oldest 5] [--failed 0]

The service puts a pulse into its queue every second. One that was worked since the check began shows more than an
empty queue does: a queue that nobody fills is empty too.
"""

import argparse
import sys

import calling
from calling import Outreach, held, until


def check(options: argparse.Namespace) -> str:
    """Look at the queue; gives the sentence that says it passed."""
    service = Outreach(options.url)
    first = service.get("/queue")
    for _ in until(options.oldest):
        now = service.get("/queue")
        if now["pulses"] > first["pulses"]:
            break
    held(f"a pulse was worked within {options.oldest:g} s", now["pulses"] > first["pulses"])
    for name, lane in {**now["lanes"], "all": now}.items():
        depth, oldest, failed = lane["depth"], lane["oldest_seconds"], lane["failed"]
        held(f"{name}: {depth} jobs wait, at most {options.depth}", depth <= options.depth)
        held(f"{name}: the oldest for {oldest:.1f} s, at most {options.oldest:g} s", oldest <= options.oldest)
        held(f"{name}: {failed} failed lately, at most {options.failed}", failed <= options.failed)
    return f"{now['depth']} jobs wait, none for long"


if __name__ == "__main__":
    asked = calling.parser(__doc__)
    asked.add_argument("--depth", type=int, default=200, metavar="JOBS")
    asked.add_argument("--oldest", type=float, default=5.0, metavar="SECONDS")
    asked.add_argument("--failed", type=int, default=0, metavar="JOBS")
    sys.exit(calling.conclude(check, asked.parse_args()))
