# SPDX-License-Identifier: Apache-2.0
"""The first `interlock.yaml` of a repository: what was found and what a person answered, with a word on each.

The text is written for people to keep: every proposal says where it came from. It is loaded by the strict loader like
any other, so what is written here is never trusted more than what a person writes.
"""

import json
import re
import shlex
from dataclasses import dataclass
from typing import Final

from interlock.domain.ids import PersonId, ServiceName
from interlock.domain.procedure import Procedure

_PLAIN: Final = re.compile(r"[\w@%+=:,./{}-]+")


@dataclass(frozen=True, slots=True)
class Answer:
    """A value and where it comes from: a file, or a person's answer."""

    value: tuple[str, ...]
    source: str


@dataclass(frozen=True, slots=True)
class FirstBindings:
    """Everything the first bindings need. `deploy` has one entry per environment, in the pack's order."""

    service: ServiceName
    pack: str
    founder: PersonId
    others: tuple[PersonId, ...]
    is_alone: bool
    tests: Answer
    smoke: Answer
    deploy: tuple[Answer, ...]
    governed: tuple[str, ...]


def render(first: FirstBindings, procedure: Procedure) -> str:
    """The text of the file."""
    lines = [
        f"# How {first.service} is checked, deployed and released. Interlock judges by the last approved version of",
        "# this file, never by the one a release brings. To change it, commit it, then type",
        "# `interlock governance propose --reason 'WHY'`; another person approves it.",
        f"service: {first.service}",
        f"pack: {first.pack}",
        "",
        "checks:",
        f"  # {first.tests.source}",
        f"  tests: {_check(first.tests)}",
        f"  # {first.smoke.source}",
        f"  smoke: {_check(first.smoke)}",
        "",
        "environments:",
    ]
    for environment, answer in zip(procedure.environments, first.deploy, strict=True):
        lines += [
            f"  {environment.name}:",
            f"    # {answer.source}",
            f"    deploy: {{command: {_listing(answer.value)}}}",
        ]
    lines += ["", "roles:"]
    everybody = ", ".join((first.founder, *first.others))
    lines += [f"  {role}: [{everybody}]" for role in procedure.roles]
    if procedure.audiences:
        lines += [
            "",
            "# Where messages go, such as mailto://... or $NAME for an address kept in the environment. Until you say",
            "# so, they stand on pages in these folders.",
            "audiences:",
            *(f'  {audience}: ["file:.interlock/messages/{audience}"]' for audience in procedure.audiences),
        ]
    if first.is_alone:
        lines += [
            "",
            "# One person does everything here: nobody else has to agree, and every page says so.",
            f"solo: [{first.founder}]",
        ]
    if first.governed:
        lines += [
            "",
            "# Files these bindings rely on: a release that changes one is held until that is approved.",
            f"governed: {_listing(first.governed)}",
        ]
    return "\n".join(lines) + "\n"


def shown(words: tuple[str, ...]) -> str:
    """A command as a person would type it, quoted only where they would have to."""
    return " ".join(word if _PLAIN.fullmatch(word) else shlex.quote(word) for word in words)


def governed_files(answers: tuple[Answer, ...], paths: frozenset[str]) -> tuple[str, ...]:
    """The programs of the repository among these answers, and the Makefile where `make` runs one."""
    found: dict[str, None] = {}
    for answer in answers:
        for word in answer.value[:2]:
            path = word.removeprefix("./")
            if path in paths:
                found[path] = None
        if answer.value[:1] == ("make",) and "Makefile" in paths:
            found["Makefile"] = None
    return tuple(found)


def _check(answer: Answer) -> str:
    if len(answer.value) == 1 and answer.value[0].startswith(("http://", "https://")):
        return f"{{http: {_listing(answer.value)}}}"
    return f"{{command: {_listing(answer.value)}}}"


def _listing(words: tuple[str, ...]) -> str:
    return "[" + ", ".join(json.dumps(word) for word in words) + "]"
