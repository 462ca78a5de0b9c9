# SPDX-License-Identifier: Apache-2.0
"""What a gate can demand: the closed list of requirement kinds.

A requirement is data from a protocol pack. How each kind is judged stands with its noun: checks and counts in
`evidence`, sign-offs and approvals in `quorum`, records in `records`, holds in `holding`.

`after` names requirements that are met first: what is said before that is refused, so handoffs keep their order.
"""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Final

from interlock.domain.actor import Assurance
from interlock.domain.ids import EVERYWHERE, CheckId, EnvironmentName, RequirementId, RoleName

_VOWELS: Final = ("a", "e", "i", "o", "u")

UNCONDITIONAL: Final = ""
"""The condition of a requirement that always applies."""

NOT_ABOUT_LIVE: Final = EnvironmentName("")
"""Where a sign-off is about the release alone."""

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


class Held(StrEnum):
    """What a condition came to."""

    YES = "yes"
    NO = "no"
    BROKEN = "broken"


class Who(StrEnum):
    """Whose approval is asked of those who hold the roles."""

    ANY = "any"
    """As many as are counted, each with any of the roles."""
    EACH = "each"
    """One of every role."""
    OWNERS = "owners"
    """One owner of every touched area; where nobody owns what is touched, one with any of the roles."""


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
    live_in: EnvironmentName = NOT_ABOUT_LIVE
    """It is about what is live there as well: evidence from before something else was is none."""


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
    live_in: EnvironmentName = NOT_ABOUT_LIVE


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
    after: tuple[RequirementId, ...] = ()
    live_in: EnvironmentName = NOT_ABOUT_LIVE
    """It is about what is live there as well, and ends when that is replaced."""


@dataclass(frozen=True, slots=True)
class ApprovalRequirement:
    """People who hold one of `roles` authorise, as `who` says. Slots with equal `apart` need different people."""

    id: RequirementId
    roles: tuple[RoleName, ...]
    count: int = 1
    apart: str = "approval"
    authors: Authors = Authors.EXCLUDED
    assurance: Assurance = Assurance.SIGNED
    waivable: Waivable = Waivable.NO
    condition: str = UNCONDITIONAL
    cites: tuple[str, ...] = ()
    after: tuple[RequirementId, ...] = ()
    who: Who = Who.ANY


@dataclass(frozen=True, slots=True)
class RecordRequirement:
    """Somebody who holds one of `roles` has written a document about the release in which no section is empty."""

    id: RequirementId
    roles: tuple[RoleName, ...]
    sections: tuple[str, ...]
    assurance: Assurance = Assurance.SIGNED
    waivable: Waivable = Waivable.YES
    condition: str = UNCONDITIONAL
    cites: tuple[str, ...] = ()
    after: tuple[RequirementId, ...] = ()


@dataclass(frozen=True, slots=True)
class HoldRequirement:
    """So long ago people had met every requirement in `since`, and nothing of it died since."""

    id: RequirementId
    since: tuple[RequirementId, ...]
    at_least: timedelta
    waivable: Waivable = Waivable.NO
    condition: str = UNCONDITIONAL
    cites: tuple[str, ...] = ()


PeopleRequirement = SignoffRequirement | ApprovalRequirement
SaidRequirement = PeopleRequirement | RecordRequirement
"""What people meet by saying or writing something, hence in an order."""
EvidenceRequirement = CheckRequirement | CountRequirement
Requirement = EvidenceRequirement | PeopleRequirement | RecordRequirement | HoldRequirement


def somebody(who: str) -> str:
    """One of them, in words: `a developer`, `an owner of accounts`."""
    return f"{'an' if who[:1] in _VOWELS else 'a'} {who}"
