# SPDX-License-Identifier: Apache-2.0
"""How many requests failed lately? Looks twice at what the service counts and judges what lies between.

    python3 checks/error_rate.py --url http://127.0.0.1:8000 [--at-most 1] [--over 2] [--least 20]

A failed request is one that was answered with 5xx, whoever asked. What failed before the first look is not held against
the service, for counts only ever grow. Between the looks the check asks for pages itself, as often as `--least`, for
where nobody asks nothing fails. Counts that went down are those of another process: the check ends with 2.
"""

import argparse
import re
import sys
import time

import calling
from calling import CannotJudge, Outreach, held

PAGES = ("/health", "/login", "/register")
_COUNTED = re.compile(r'^outreach_http_requests_total\{.*status="([0-9]{3})"\} ([0-9]+)$', re.MULTILINE)


def check(options: argparse.Namespace) -> str:
    """Look twice; gives the sentence that says it passed."""
    service = Outreach(options.url)
    first, ends = look(service), time.monotonic() + options.over
    for turn in range(options.least):
        service.ask("GET", PAGES[turn % len(PAGES)])
    time.sleep(max(0.0, ends - time.monotonic()))  # others' requests count too, and they need time to come
    second = look(service)
    asked, failed = second[0] - first[0], second[1] - first[1]
    if failed < 0 or asked < options.least:
        raise CannotJudge(f"{asked} requests and {failed} failures were counted: this is not one process")
    share = 100 * failed / asked
    held(f"{failed} of {asked} requests failed: {share:.2g} %, at most {options.at_most:g} %", share <= options.at_most)
    return f"{asked} requests were looked at"


def look(service: Outreach) -> tuple[int, int]:
    """How many requests it has answered, and how many of them with 5xx."""
    answer = service.ask("GET", "/metrics")
    if answer.status != 200:
        raise CannotJudge(f"/metrics answered {answer.status}")
    counted = _COUNTED.findall(answer.body.decode("utf-8", "replace"))
    return sum(int(many) for _, many in counted), sum(int(many) for status, many in counted if status[0] == "5")


def positive(text: str) -> int:
    """A whole number above zero; raises `ValueError` for any other."""
    if (number := int(text)) < 1:
        raise ValueError(text)
    return number


if __name__ == "__main__":
    asked_for = calling.parser(__doc__)
    asked_for.add_argument("--at-most", type=float, default=1.0, metavar="PERCENT")
    asked_for.add_argument("--over", type=float, default=2.0, metavar="SECONDS")
    asked_for.add_argument("--least", type=positive, default=20, metavar="REQUESTS")
    sys.exit(calling.conclude(check, asked_for.parse_args()))
