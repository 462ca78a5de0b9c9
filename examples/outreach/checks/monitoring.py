# SPDX-License-Identifier: Apache-2.0
"""Is the service watched? Alert rules exist for what must not go unseen, and what they name is exported.

    python3 checks/monitoring.py [--root .] [--url http://127.0.0.1:8000]

Reads the rules in `alerts/*.json`, which Prometheus reads as they are, for JSON is YAML. Without `--url` the service of
the tree is started for a moment with fresh data.
"""

import argparse
import json
import re
import sys
import tempfile
from pathlib import Path
from typing import Any

import calling
import tree
from calling import CannotJudge, CheckFailed, Outreach, held

MUST_BE_WATCHED = {
    "errors": "outreach_http_requests_total",
    "latency": "outreach_http_request_seconds_bucket",
    "the queue": "outreach_queue_oldest_seconds",
    "failed jobs": "outreach_queue_failed",
    "fresh figures": "outreach_figures_age_seconds",
}
NEEDED = {"alert", "expr", "for", "labels", "annotations"}
_NAME = re.compile(r"\boutreach_[a-z0-9_]+")


def check(options: argparse.Namespace) -> str:
    """Read the rules and ask for the metrics; gives the sentence that says it passed."""
    rules = read_rules(options.root / "alerts")
    exported = metrics(options)
    for rule in rules:
        names = set(_NAME.findall(rule["expr"]))
        missing = sorted(names - exported)
        held(f"{rule['alert']} watches what is exported {missing}", names and not missing)
    watched = {name for rule in rules for name in _NAME.findall(rule["expr"])}
    for what, name in MUST_BE_WATCHED.items():
        held(f"there is an alert for {what}", name in watched)
    return f"{len(rules)} alert rules, and every metric they name is exported"


def read_rules(folder: Path) -> list[dict[str, Any]]:
    """Every alert, each with what somebody who is woken needs to know."""
    found = []
    for file in sorted(folder.glob("*.json")):
        try:
            groups = json.loads(file.read_text("utf-8"))["groups"]
        except (ValueError, KeyError, TypeError) as fault:
            raise CheckFailed(f"{file.name} holds no alert rules: {fault}") from fault
        found += [rule for group in groups for rule in group["rules"]]
    for rule in found:
        if not rule.keys() >= NEEDED or not rule["annotations"].get("summary"):
            raise CheckFailed(f"the rule {rule.get('alert', '?')} lacks its expression, its time or its summary")
    if not found:
        raise CheckFailed(f"there are no alert rules in {folder}")
    return found


def metrics(options: argparse.Namespace) -> set[str]:
    """The names a service exports."""
    if options.url:
        return names(options.url)
    with tempfile.TemporaryDirectory() as data, tree.served(options.root, Path(data)) as url:
        return names(url)


def names(url: str) -> set[str]:
    """The names of every sample, after one request that can be counted."""
    service = Outreach(url)
    service.ask("GET", "/health")
    answer = service.ask("GET", "/metrics")
    if answer.status != 200:
        raise CannotJudge(f"/metrics answered {answer.status}")
    return set(re.findall(r"^([a-z0-9_]+)[{ ]", answer.body.decode(), re.MULTILINE))


if __name__ == "__main__":
    asked = tree.add_root(calling.parser(__doc__, url=False))
    asked.add_argument("--url", type=calling.address, help="a running service to ask for its metrics")
    sys.exit(calling.conclude(check, asked.parse_args()))
