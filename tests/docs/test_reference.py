# SPDX-License-Identifier: Apache-2.0
"""The generated reference pages say what the code does, and every code people can meet is on them."""

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
COMMANDS = ROOT / "src" / "interlock" / "cli"
IN_ORDER = frozenset(
    """
    authors.known
    clock.forward
    condition.not_met
    contract.announced
    contract.kept
    duty.done
    emergency.two_people
    evidence.pass
    evidence.within_limit
    freeze.admits
    freeze.none
    governance.unchanged
    hold.over
    incident.settled
    ledger.text_erased
    order.reached
    promotion.completed
    promotion.not_proven_yet
    proof.deployed
    record.written
    release.open
    review.none_overdue
    review.overdue_beside
    rollback.completed
    rollback.not_proven_yet
    rollout.baking
    rollout.becoming_stable
    rollout.confirming
    rollout.due
    rollout.going_back
    rollout.ill
    rollout.lost
    rollout.not_begun
    rollout.observing
    rollout.suspicious
    rollout.too_few
    rollout.undecided
    sarif.clear
    sarif.counted
    scan.agrees
    secrets.clear
    secrets.counted
    semver.greater
    solo.declared
    window.open
    """.split()
)
"""Codes of what is well, or goes on by itself: nobody has to do anything."""


def test_the_reference_pages_are_those_the_code_gives() -> None:
    checked = subprocess.run(
        [sys.executable, "scripts/reference.py", "--check"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert checked.returncode == 0, checked.stderr


def test_every_entry_of_the_codes_says_something() -> None:
    lines = (ROOT / "docs" / "reference" / "refusals.md").read_text().splitlines()
    entries = [at for at, line in enumerate(lines) if line.startswith("### ")]
    assert len(entries) > 200
    assert [lines[at] for at in entries if len(lines[at + 2]) < 5] == []


def test_every_refusal_says_what_to_do_next() -> None:
    entries = (ROOT / "docs" / "reference" / "refusals.md").read_text().split("\n### ")[1:]
    assert {entry.split("\n")[0] for entry in entries if "\nNext: " not in entry} == IN_ORDER


def test_codes_without_a_family_have_an_entry_too() -> None:
    source = "".join(path.read_text() for path in COMMANDS.glob("*.py"))
    alone = set(re.findall(r'\b(?:Fault|Trouble)\(\s*(?:"", )?"([a-z_]+)"', source))
    page = (ROOT / "docs" / "reference" / "refusals.md").read_text()
    assert alone >= {"usage", "bug"}
    assert [code for code in sorted(alone) if f"\n### {code}\n" not in page] == []
