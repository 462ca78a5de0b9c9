# SPDX-License-Identifier: Apache-2.0
"""Looks through the tree for secrets, and writes what it finds as gitleaks does: a JSON list, without the secrets.

    python3 checks/secrets_scan.py --report build/secrets.json [--root .]

Ends with 1 when something was found, and with 2 when a file could not be read. A line that holds `gitleaks:allow` is
nobody's secret.
"""

import argparse
import json
import math
import re
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import calling
import tree
from calling import CannotJudge, CheckFailed

LEFT_OUT = {"build", "data", "__pycache__", ".git"}
ALLOWED = "gitleaks:allow"
REDACTED = "REDACTED"
LEAST_ENTROPY = 3.5
"""Bits for each character; words that people write have fewer."""
_KEYED = r"""(?i)[\w.-]{0,40}(?:api_?key|secret|token|passwd|password)[\w.-]{0,20}["']?\s*(?:=|:|:=)\s*["']"""
RULES = {
    "private-key": ("A private key", re.compile(r"(-----BEGIN[A-Z ]{0,20} PRIVATE KEY-----)")),
    "aws-access-token": ("An access key of AWS", re.compile(r"\b((?:AKIA|ASIA|ABIA|ACCA)[A-Z2-7]{16})\b")),
    "github-pat": ("A personal access token of GitHub", re.compile(r"\b(ghp_[0-9A-Za-z]{36})\b")),
    "slack-bot-token": ("A bot's token of Slack", re.compile(r"\b(xoxb-[0-9]{10,13}-[0-9]{10,13}[0-9A-Za-z-]*)")),
    "generic-api-key": ("Something that looks like a key", re.compile(_KEYED + r"""([\w./+=-]{16,120})["']""")),
}


def check(options: argparse.Namespace) -> str:
    """Read every file and write the report; gives the sentence that says it passed."""
    findings: list[dict[str, object]] = []
    unread: list[str] = []
    files = sorted(texts(options.root, options.report))
    looked_at = 0
    for file in files:
        name = file.relative_to(options.root).as_posix()
        try:
            raw = file.read_bytes()
        except OSError as fault:
            unread.append(f"{name}: {fault}")
            continue
        looked_at += len(raw)
        findings += scan(name, raw.decode("utf-8", "replace"))
    options.report.parent.mkdir(parents=True, exist_ok=True)
    options.report.write_text(json.dumps(findings, indent=1) + "\n", "utf-8")
    print(f"scanned ~{looked_at} bytes in {len(files)} files", flush=True)
    for finding in findings:
        print(f"{finding['File']}:{finding['StartLine']}: {finding['RuleID']}", flush=True)
    if unread or not files:
        raise CannotJudge(f"not everything could be read: {', '.join(unread) or 'there is no file'}")
    if findings:
        raise CheckFailed(f"{len(findings)} secrets in {len(files)} files")
    return f"no secret in {len(files)} files"


def texts(root: Path, report: Path) -> Iterator[Path]:
    """Every file of the tree but what was made in it."""
    for path in root.rglob("*"):
        parts = set(path.relative_to(root).parts)
        if path.is_file() and not LEFT_OUT & parts and path.resolve() != report.resolve():
            yield path


def scan(name: str, text: str) -> list[dict[str, object]]:
    """What one file holds."""
    return [
        finding(rule, name, number, found)
        for number, line in enumerate(text.splitlines(), 1)
        if ALLOWED not in line
        for rule, (_, pattern) in RULES.items()
        for found in pattern.finditer(line)
        if rule != "generic-api-key" or is_random(found[1])
    ]


def is_random(text: str) -> bool:
    """Whether the letters are as mixed as those of a key."""
    return bool(re.search("[0-9]", text)) and entropy(text) >= LEAST_ENTROPY


def entropy(text: str) -> float:
    """Bits for each character."""
    return -sum(many / len(text) * math.log2(many / len(text)) for many in Counter(text).values())


def finding(rule: str, name: str, number: int, found: re.Match[str]) -> dict[str, object]:
    """As gitleaks writes it with `--redact`, for a folder without history."""
    return {
        "RuleID": rule,
        "Description": RULES[rule][0],
        "StartLine": number,
        "EndLine": number,
        "StartColumn": found.start() + 1,
        "EndColumn": found.end(),
        "Match": found[0].replace(found[1], REDACTED),
        "Secret": REDACTED,
        "File": name,
        "SymlinkFile": "",
        "Commit": "",
        "Entropy": round(entropy(found[1]), 4),
        "Author": "",
        "Email": "",
        "Date": "",
        "Message": "",
        "Tags": [],
        "Fingerprint": f"{name}:{rule}:{number}",
    }


if __name__ == "__main__":
    asked = tree.add_root(calling.parser(__doc__, url=False))
    asked.add_argument("--report", type=Path, required=True, metavar="FILE")
    sys.exit(calling.conclude(check, asked.parse_args()))
