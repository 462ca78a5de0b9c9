# SPDX-License-Identifier: Apache-2.0
"""Two more commits on main: one with a secret, a shell and a broken contract, and one that takes it back."""

from typing import Final

from procedures.lsos_cast import ANN, BEN, CARELESS, CAT, DAN, EVE, FILTER, GUS, MENDED, PATIENCE
from procedures.lsos_release import reviewers_hear, through, write_up
from procedures.moves import approve, ask, passed, promote, release, write
from procedures.stage import Stage

_TOKEN: Final = "ghp_" + "q7Rk2vXz9LmW4tYb8NcD" + "1sFg6hJp3aQe5uTi"
"""Looks like a token, and is none; in two parts, so that it is found in the story and not here."""
_EXPORT: Final = f'''\
# SPDX-License-Identifier: Apache-2.0
"""The accountant's export."""

import subprocess

TOKEN = "{_TOKEN}"


def send(name: str) -> str:
    return subprocess.getoutput(f"curl --header 'Authorization: {{TOKEN}}' https://books.example/{{name}}")
'''
_WIDE, _NARROW = '"interest": {"type": "string", "maxLength": 2000}', '"interest": {"type": "string", "maxLength": 200}'
WHY_NOW: Final = {
    "What is wrong": "Main is red, and a token is out.",
    "Why it cannot wait": "Whoever reads it may use it.",
}
STOPPED_BY: Final = ("secret-scan", "security-scan", "api-contract", "ci")


def careless(stage: Stage) -> None:
    """It is the head of main and goes nowhere by itself; four checks name what is wrong with it."""
    stage.say("Ben is in a hurry, and has run no test. What is not green goes nowhere, though it is main's head.")
    (stage.repository / "outreach" / "export.py").write_text(_EXPORT, encoding="utf-8")
    _change(stage, "openapi.json", _WIDE, _NARROW)
    _number(stage, FILTER, CARELESS)
    stage.quietly(BEN, "git", "add", "--all", "outreach", "openapi.json", "VERSION")
    stage.do(BEN, "git commit --quiet --message 'Export for the accountant'")
    stage.do(BEN, f"git tag {CARELESS}")
    stage.do(BEN, "interlock change open CR-2 --title 'Export for the accountant'")
    made = release(stage, BEN, CARELESS, "--change CR-2")
    for check in STOPPED_BY:
        stage.wait("EvidenceRecorded", since=made.index, within=PATIENCE, check=check, verdict="fail")
    stage.refused(BEN, f"interlock promote {CARELESS} staging", "evidence.fail")
    stage.refused(BEN, f"interlock promote {CARELESS} production", "evidence.fail")
    stage.do(GUS, f"interlock release withdraw {CARELESS} --reason 'a secret, a shell, and a broken contract'")


def emergency(stage: Stage) -> None:
    """Two people of any role, at once; then somebody else reviews it, and until then it is chased."""
    stage.say("Main is red, and a token is out. Ann takes it all back, and this cannot wait: an emergency.")
    stage.quietly(ANN, "git", "revert", "--no-commit", "HEAD")
    _number(stage, FILTER, MENDED)
    stage.do(ANN, "git commit --quiet --all --message 'Take the export back'")
    stage.do(ANN, f"git tag {MENDED}")
    stage.do(ANN, "interlock change open CR-3 --kind emergency --title 'Take the export back'")
    made = release(stage, ANN, MENDED, "--change CR-3")
    write_up(stage, ANN, MENDED, "Takes the export back.")
    write(stage, ANN, MENDED, "reason-for-emergency", WHY_NOW)
    passed(stage, made, "ci", within=PATIENCE)
    promote(stage, ANN, MENDED, "staging", within=PATIENCE)
    stage.wait("EvidenceRecorded", since=made.index, within=PATIENCE, check="slo-guardrails", verdict="pass")
    approve(stage, EVE, MENDED)
    stage.refused(ANN, f"interlock promote {MENDED} production", "approval.missing")
    approve(stage, CAT, MENDED)
    began = ask(stage, ANN, MENDED, "production")
    through(stage, GUS, began)
    reviewers_hear(stage, MENDED, "review")
    stage.do(GUS, "interlock status")
    stage.refused(CAT, "interlock change review CR-3 --outcome 'fine'", "review.own_change")
    stage.do(DAN, "interlock change review CR-3 --outcome 'it was worth the hurry; the token is withdrawn'")
    reviewed = stage.wait("ReviewCompleted", since=began)
    stage.tally.show(reviewed, "LS-22")


def _number(stage: Stage, before: str, after: str) -> None:
    for name in ("VERSION", "openapi.json"):
        _change(stage, name, before.removeprefix("v"), after.removeprefix("v"))


def _change(stage: Stage, name: str, before: str, after: str) -> None:
    file = stage.repository / name
    file.write_text(file.read_text("utf-8").replace(before, after, 1), encoding="utf-8")
