# SPDX-License-Identifier: Apache-2.0
"""What a gate can demand: the closed list of requirement kinds.

A requirement is data from a protocol pack. How each kind is judged stands with its noun: checks and counts in
`evidence`, sign-offs and approvals in `approval`.
"""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Final

from interlock.domain.actor import Assurance
from interlock.domain.ids import EVERYWHERE, CheckId, EnvironmentName, RequirementId, RoleName

UNCONDITIONAL: Final = ""
"""The condition of a requirement that always applies."""

FOREVER: Final = timedelta(days=36500)
"""The age limit of evidence that does not age."""


class Waivable(StrEnum):
    """Whether a waiver may stand beside a requirement."""

    YES = "yes"
    NO = "no"


class Authors(StrEnum):
    """Whether an author of the release may fill the slot."""

    EXCLUDED = "excluded"
    ADMITTED = "admitted"


@dataclass(frozen=True, slots=True)
class CheckRequirement:
    """The newest evidence of `check` is PASS, at most `max_age` old."""

    id: RequirementId
    check: CheckId
    environment: EnvironmentName = EVERYWHERE
    max_age: timedelta = FOREVER
    assurance: Assurance = Assurance.AUTHENTICATED
    waivable: Waivable = Waivable.YES
    condition: str = UNCONDITIONAL
    cites: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CountRequirement:
    """A complete count by `check` is at most `at_most`: a negative condition (I5)."""

    id: RequirementId
    check: CheckId
    at_most: int
    environment: EnvironmentName = EVERYWHERE
    max_age: timedelta = FOREVER
    assurance: Assurance = Assurance.AUTHENTICATED
    waivable: Waivable = Waivable.YES
    condition: str = UNCONDITIONAL
    cites: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SignoffRequirement:
    """Somebody who holds one of `roles` attests `statement`. Slots with equal `apart` need different people."""

    id: RequirementId
    roles: tuple[RoleName, ...]
    statement: str
    apart: str = ""
    authors: Authors = Authors.ADMITTED
    assurance: Assurance = Assurance.SIGNED
    waivable: Waivable = Waivable.YES
    condition: str = UNCONDITIONAL
    cites: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ApprovalRequirement:
    """`count` different people who hold one of `roles` authorise. Slots with equal `apart` need different people."""

    id: RequirementId
    roles: tuple[RoleName, ...]
    count: int = 1
    apart: str = "approval"
    authors: Authors = Authors.EXCLUDED
    assurance: Assurance = Assurance.SIGNED
    waivable: Waivable = Waivable.NO
    condition: str = UNCONDITIONAL
    cites: tuple[str, ...] = ()


PeopleRequirement = SignoffRequirement | ApprovalRequirement
EvidenceRequirement = CheckRequirement | CountRequirement
Requirement = CheckRequirement | CountRequirement | SignoffRequirement | ApprovalRequirement
