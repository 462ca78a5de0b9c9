# SPDX-License-Identifier: Apache-2.0
"""Are the pages that people wait for quick? Asks for each a number of times and looks at the 95th percentile.

    python3 checks/latency.py --url http://127.0.0.1:8000 [--bound 0.3] [--times 8]

One request at a time, so that it measures the service and not the queue before it.
"""

import argparse
import math
import sys
import time
import urllib.parse
import urllib.request
from http.cookiejar import CookieJar

import calling
from calling import CheckFailed, held

PUBLIC = ("/register", "/login")
INSIDE = ("/tasks", "/campaigns")


def check(options: argparse.Namespace) -> str:
    """Measure; gives the sentence that says it passed."""
    cookies = urllib.request.HTTPCookieProcessor(CookieJar())
    browser = urllib.request.build_opener(urllib.request.ProxyHandler({}), cookies)
    log_in(browser, options)
    taken = []
    for path in (*PUBLIC, *INSIDE):
        ours = [seconds(browser, options.url + path) for _ in range(options.times)]
        print(f"{path}: {1000 * percentile(ours):.0f} ms", flush=True)
        taken += ours
    worst = percentile(taken)
    words = f"{1000 * worst:.0f} ms, at most {1000 * options.bound:.0f} ms"
    held(f"95 of 100 answers come within {words}", worst <= options.bound)
    return f"{len(taken)} answers were quick"


def log_in(browser: urllib.request.OpenerDirector, options: argparse.Namespace) -> None:
    """As a person does, because it is people's pages that are measured."""
    with browser.open(options.url + "/login", timeout=calling.TIMEOUT_SECONDS) as response:
        _, _, rest = response.read().decode().partition('name="form_token" value="')
    fields = {"name": options.user, "password": options.password, "form_token": rest.partition('"')[0]}
    body = urllib.parse.urlencode(fields).encode()
    with browser.open(options.url + "/login", data=body, timeout=calling.TIMEOUT_SECONDS) as response:
        if not response.url.endswith("/tasks"):
            raise CheckFailed("the desk could not log in")


def seconds(browser: urllib.request.OpenerDirector, address: str) -> float:
    """How long one whole answer takes."""
    began = time.perf_counter()
    with browser.open(address, timeout=calling.TIMEOUT_SECONDS) as response:
        response.read()
    if response.url != address:
        raise CheckFailed(f"{address} led to {response.url}")
    return time.perf_counter() - began


def percentile(values: list[float], share: float = 0.95) -> float:
    """The smallest value that so many are not above."""
    return sorted(values)[math.ceil(share * len(values)) - 1]


if __name__ == "__main__":
    asked = calling.parser(__doc__)
    asked.add_argument("--bound", type=float, default=0.3, metavar="SECONDS")
    asked.add_argument("--times", type=int, default=8)
    sys.exit(calling.conclude(check, asked.parse_args()))
