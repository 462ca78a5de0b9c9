# SPDX-License-Identifier: Apache-2.0
"""How much of a change a release is by its contract, and whether its version says so.

1. A patch changes nothing that somebody relies on, a minor version only adds, a major one may break: then it needs a
   migration plan of its own.
2. A version says at least what the change is. That it says more is nobody's harm.
3. A contract is all its documents: one that goes breaks, one that comes adds.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from interlock.adapters.contract_document import Contract, Dialect
from interlock.adapters.contract_openapi import compare_openapi
from interlock.adapters.contract_schema import Comparison, Difference, gravest
from interlock.adapters.semver import Size, parse_version, step
from interlock.domain.verdict import Finding, Verdict
from interlock.packs.examining import Flow
from interlock.packs.problem import shown

MOST_LISTED: Final = 500
_PLACE: Final = 60
_SENTENCE: Final = 52
_LONGEST: Final = 300


class Plan(StrEnum):
    """What there is of a migration plan."""

    MISSING = "missing"
    EMPTY = "empty"
    OLD = "the one of the release before"
    WRITTEN = "written"


@dataclass(frozen=True, slots=True)
class Steps:
    """From which version to which."""

    former: str
    version: str


def compare(old: Mapping[str, Contract], new: Mapping[str, Contract], flow: Flow) -> tuple[Difference, ...]:
    """What differs between the documents of two releases, by name; the gravest first. Raises `Rejected`.

    Every new document is compared with itself, too: what is new in it must be understood before it can be relied on.
    """
    found = [Difference(Size.MAJOR, name, "the document is gone") for name in sorted(old.keys() - new.keys())]
    found += [Difference(Size.MINOR, name, "the document is new") for name in sorted(new.keys() - old.keys())]
    for name in sorted(new):
        _compared(new[name], new[name], flow)
        if name in old:
            found += _compared(old[name], new[name], flow)
    return tuple(sorted(found, key=lambda one: -one.size.rank))


def _compared(old: Contract, new: Contract, flow: Flow) -> tuple[Difference, ...]:
    comparison = Comparison(old, new)
    if new.dialect is Dialect.JSON_SCHEMA:
        comparison.schemas(old.root, new.root, flow)
    else:
        compare_openapi(comparison)
    return comparison.finish()


def judge_version(steps: Steps) -> Finding:
    """Whether the version is a semantic one, and greater than the one before."""
    try:
        version = parse_version(steps.version)
    except ValueError as fault:
        return Finding(
            "semver.malformed",
            "",
            Verdict.ERROR,
            f"the version cannot be read: {fault}",
            "release it under a version such as 1.4.0",
        )
    try:
        former = parse_version(steps.former)
    except ValueError as fault:
        return Finding(
            "semver.former_malformed",
            "",
            Verdict.INCONCLUSIVE,
            f"the release before has no semantic version: {fault}",
            "waive it for this one release",
        )
    if version <= former:
        return Finding(
            "semver.not_greater",
            "",
            Verdict.FAIL,
            f"{steps.version} is not greater than {steps.former}, which it follows",
            "release it under a greater version",
        )
    return Finding(
        "semver.greater", "", Verdict.PASS, f"{steps.version} is a {step(former, version)} step from {steps.former}"
    )


def said_change(steps: Steps) -> Size:
    """How much of a change the version says it is. Both versions are semantic ones: `judge_version` has passed."""
    return step(parse_version(steps.former), parse_version(steps.version))


def judge_change(found: tuple[Difference, ...], steps: Steps, plan: Plan, plan_path: str) -> Finding:
    """Whether the version says what the change is, and a breaking one has its plan."""
    judged = judge_version(steps)
    needed = gravest(found)
    if judged.verdict is not Verdict.PASS:
        return Finding(
            judged.code,
            "",
            judged.verdict,
            f"{judged.sentence}; by its contract the change is {needed}",
            judged.next_step,
        )
    said = said_change(steps)
    if needed.rank > said.rank:
        return _too_small(found[0], steps, said)
    if needed is Size.MAJOR and plan is not Plan.WRITTEN:
        return Finding(
            "contract.no_plan",
            "",
            Verdict.FAIL,
            f"{steps.version} breaks ({_told(found[0])}), and its plan {shown(plan_path)} is {plan}",
            "write the migration plan and commit it",
        )
    if not found:
        return Finding("contract.kept", "", Verdict.PASS, f"{judged.sentence} and changes nothing of the contract")
    return Finding(
        "contract.announced",
        "",
        Verdict.PASS,
        f"{judged.sentence}, and the change is {needed}: {_told(found[0])}",
    )


def listing(found: tuple[Difference, ...], steps: Steps) -> bytes:
    """All differences as JSON, the gravest first; of a great many the rest is only counted."""
    told = [{"size": one.size, "at": one.place[:_LONGEST], "what": one.sentence} for one in found[:MOST_LISTED]]
    unlisted = len(found) - len(told)
    document = {"former": steps.former, "version": steps.version, "change": gravest(found), "differences": told}
    return json.dumps({**document, "unlisted": unlisted}, indent=1).encode()


def _too_small(worst: Difference, steps: Steps, said: Size) -> Finding:
    if worst.size is Size.MINOR:
        return Finding(
            "contract.patch_adds",
            "",
            Verdict.FAIL,
            f"the patch {steps.version} after {steps.former} adds: {_told(worst)}",
            "release it as a minor version",
        )
    if said is Size.PATCH:
        return Finding(
            "contract.patch_breaks",
            "",
            Verdict.FAIL,
            f"the patch {steps.version} after {steps.former} breaks: {_told(worst)}",
            "take the change back, or release it as a major version with a migration plan",
        )
    return Finding(
        "contract.minor_breaks",
        "",
        Verdict.FAIL,
        f"the minor version {steps.version} after {steps.former} breaks: {_told(worst)}",
        "take the change back, or release it as a major version with a migration plan",
    )


def _told(one: Difference) -> str:
    place = one.place if len(one.place) <= _PLACE else f"{one.place[: _PLACE // 2]}…{one.place[-_PLACE // 2 :]}"
    sentence = one.sentence if len(one.sentence) <= _SENTENCE else f"{one.sentence[:_SENTENCE]}…"
    return f"{sentence} at {place}"
