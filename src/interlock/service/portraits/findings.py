# SPDX-License-Identifier: Apache-2.0
"""Findings, and what waits for whom, as data. The order of the fields is the order in which they are printed."""

from typing import TypeAlias

import msgspec

from interlock.domain.verdict import Finding, WaivedBy
from interlock.service.views import Awaited

Json: TypeAlias = "str | int | float | bool | list[Json] | dict[str, Json] | None"


class FindingShown(msgspec.Struct, frozen=True):
    """A verdict with its why, its next step and what it rests on."""

    code: str
    subject: str
    verdict: str
    effective: str
    sentence: str
    next_step: str
    waived_by: str
    cites: list[str]
    children: list["FindingShown"]


class AwaitedShown(FindingShown, frozen=True):
    """What keeps a gate shut, who can change that, and the command for it (empty: none)."""

    roles: list[str]
    people: list[str]
    other: str = msgspec.field(name="for")
    command: str


def plain(shown: msgspec.Struct) -> dict[str, Json]:
    """The same as an object that can be printed."""
    data: dict[str, Json] = msgspec.to_builtins(shown)
    return data


def finding(one: Finding) -> FindingShown:
    """A finding and all below it."""
    return FindingShown(
        code=one.code,
        subject=one.subject,
        verdict=one.verdict.value,
        effective=one.effective.value,
        sentence=one.sentence,
        next_step=one.next_step,
        waived_by=one.waiver.waiver if isinstance(one.waiver, WaivedBy) else "",
        cites=list(one.cites),
        children=[finding(child) for child in one.children],
    )


def awaited(wait: Awaited) -> AwaitedShown:
    """One thing that is waited for."""
    found = finding(wait.finding)
    return AwaitedShown(
        **{name: getattr(found, name) for name in found.__struct_fields__},
        roles=list(wait.whom.roles),
        people=list(wait.whom.people),
        other=wait.whom.other,
        command=wait.command,
    )
