# SPDX-License-Identifier: Apache-2.0
"""Who is at the other end of a request, how that was shown, and what they may ask for.

Scopes and places narrow what a caller may ask for; they never give what the ledger's roles do not.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Final, NewType, TypeAlias

from interlock.domain.ids import EnvironmentName, PersonId, ServiceName
from interlock.domain.moment import NEVER
from interlock.ledger.codec import Command

SessionId = NewType("SessionId", str)
"""The beginning of a session's digest: enough to name it in the audit, worth nothing at the door."""


class How(StrEnum):
    """How a caller showed who they are."""

    PASSWORD = "password"  # noqa: S105  # a word for the way in
    OIDC = "oidc"
    TOKEN = "token"  # noqa: S105  # as above
    CI = "ci"
    PASSKEY = "passkey"


class Scope(StrEnum):
    """What a caller may ask for, as far as it is for scopes to say."""

    READ = "read"
    """Look at everything the ledger tells."""
    ASK = "ask"
    """Open changes, make releases, ask for promotions, waivers and checks."""
    ATTACH = "attach"
    """Bring evidence and documents."""
    DECIDE = "decide"
    """Sign off, approve, waive, lift, agree, and act in incidents."""
    STOP = "stop"
    """Take exposure away: pause, abort, roll back, recall, freeze."""
    MANAGE = "manage"
    """Change rules and the registry of people."""


EVERY_SCOPE: Final = frozenset(Scope)


@dataclass(frozen=True, slots=True)
class NoSession:
    """There is no session to end: a token, or a CI job."""


@dataclass(frozen=True, slots=True)
class Nobody:
    """Nobody signed in. `csrf` is what a form must bring to sign in."""

    csrf: str = ""


@dataclass(frozen=True, slots=True)
class Caller:
    """A person of the ledger, let in. Empty `services` and `environments` mean every one.

    `method` is `how` with what tells it apart (`token build`), as the record of a command keeps it.
    """

    person: PersonId
    how: How
    scopes: frozenset[Scope]
    session: SessionId | NoSession
    csrf: str
    method: str
    services: frozenset[ServiceName] = frozenset()
    environments: frozenset[EnvironmentName] = frozenset()
    until: datetime = field(default=NEVER, compare=False)
    """For how long they are known again without being asked about, as long as nothing is changed; NEVER: not at all."""

    def may(self, scope: Scope) -> bool:
        """Whether their scopes have this one."""
        return scope in self.scopes

    def reaches(self, service: ServiceName) -> bool:
        """Whether they are not narrowed to other services."""
        return not self.services or service in self.services


Visitor: TypeAlias = Caller | Nobody


def bound_to(caller: Caller, services: frozenset[ServiceName]) -> Visitor:
    """The same, with no reach beyond these services (empty: every one). Whose reach has none of them is nobody."""
    if not services:
        return caller
    kept = caller.services & services if caller.services else services
    return replace(caller, services=kept) if kept else Nobody()


_COMMANDS: Final = {
    Scope.ASK: "OpenChange CloseChange CreateRelease RepinGovernance RevisePlans WithdrawRelease RequestWaiver "
    "RequestEvidence RequestPromotion RetryMessage RetryRecords DeclareAway DeclareBack ProposeGovernance",
    Scope.ATTACH: "RecordEvidence WriteRecord WriteReport",
    Scope.DECIDE: "SignOff Approve GrantWaiver LiftFreeze LiftRecall ResumeRollout AgreeToStep OpenIncident "
    "LabelIncident SendNotice ScheduleReview CloseIncident GiveAnswer EscalateIncident AttestDuty AnswerQuestion "
    "NameGap DoStepByHand RetryStep ReportRestored ReportArrived ReportStuck CompleteReview",
    Scope.STOP: "RevokeWaiver DeclareFreeze RecallArtifact AbortPromotion BeginRollback PauseRollout",
    Scope.MANAGE: "AddPerson AddKey RevokeKey AdoptGovernance ApproveGovernance AdoptRunning EraseText",
}
_SCOPE_OF: Final[Mapping[str, Scope]] = MappingProxyType(
    {name: scope for scope, names in _COMMANDS.items() for name in names.split()}
)


def scope_of(command: Command) -> Scope:
    """The scope a command takes. What is not listed is nobody's to say at a server, and takes the rarest one."""
    return _SCOPE_OF.get(type(command).__name__, Scope.MANAGE)
