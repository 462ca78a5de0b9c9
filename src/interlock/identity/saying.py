# SPDX-License-Identifier: Apache-2.0
"""A caller saying one thing to the ledger: whether their scopes let them, what is vouched for, and how it is handed in.

1. Scopes and places are looked at before the desk is asked; what they keep back is noted at the door, not in the
   ledger. Everything else is for the rules to say, and theirs to record.
2. The server vouches for the person of the caller and for nobody else; it never vouches for who has no role in the
   service concerned, so that somebody without roles can look only.
3. What a person signed themself is handed in as it is, for that person alone: whoever carries it adds nothing to it.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final, TypeAlias

from litestar.di import NamedDependency
from litestar.params import SkipValidation

from interlock.bootstrap.houses import OpenHouse
from interlock.bootstrap.keys import fresh_bytes
from interlock.domain.decision import Reason
from interlock.domain.ids import EVERYWHERE, CommandId, ServiceName
from interlock.identity.caller import Caller, NoSession, scope_of
from interlock.identity.places import Place, place_of
from interlock.identity.porter import Porter
from interlock.ledger.codec import Command, Undecodable, decode_command
from interlock.ledger.command import CommandBody, SshSignature, Vouched
from interlock.ports.accounts import Happening
from interlock.service.gather import staffed
from interlock.service.handle import Declined, Outcome, Submission
from interlock.service.speak import Speaker, Unsigned
from interlock.service.view import View
from interlock.workflows.controller import services


@dataclass(frozen=True, slots=True)
class Said:
    """How a command may be named, so that saying it again is no second one; empty: it gets a name of its own."""

    name: str = ""


ONCE: Final = Said()


@dataclass(slots=True)
class Saying:
    """One caller at one server. `by` is the server's public address; `wake` tells the driver of it."""

    house: OpenHouse
    caller: Caller
    porter: Porter
    by: str
    address: str
    wake: Callable[[], None]

    def speaker(self) -> Speaker:
        """Takes the caller's words and attachments; what it composed is said with `say`, or signed first."""
        return Speaker(self.caller.person, Unsigned(), self.house.store.origin, fresh_bytes)

    def say(self, command: Command, speaker: Speaker, said: Said = ONCE) -> Outcome:
        """Say it for the caller: the record says that they were let in, and how."""
        return self.vouched(self.composed(command, speaker, said))

    def composed(self, command: Command, speaker: Speaker, said: Said = ONCE) -> Submission:
        """The command as it will be recorded, signed by nobody: what a passkey signs."""
        submission = speaker.submission(command, self.house.clock.now())
        if not said.name:
            return submission
        named = CommandId(f"{self.caller.person}:{said.name}")
        return replace(submission, body=replace(submission.body, id=named))

    def kept_back(self, submission: Submission) -> tuple[Reason, ...]:
        """Why the caller's scopes or places would not let them say this; nothing when they would."""
        return self._kept_back(submission.body)

    def vouched(self, submission: Submission) -> Outcome:
        """Hand in what was composed here, vouched for."""
        kept_back = self._kept_back(submission.body) or self._roleless(submission.body)
        if kept_back:
            return self._refuse(submission, kept_back)
        caller = self.caller
        session = "" if isinstance(caller.session, NoSession) else caller.session
        vouched = replace(submission, signature=Vouched(self.by, caller.method, session))
        return self._woken(self.house.desk.vouch(vouched, self.house.clock.now()))

    def signed(self, submission: Submission) -> Outcome:
        """Hand in what the caller signed with a key of their own."""
        kept_back = self._kept_back(submission.body)
        if not kept_back and not isinstance(submission.signature, SshSignature):
            kept_back = (_UNSIGNED,)
        if kept_back:
            return self._refuse(submission, kept_back)
        return self._woken(self.house.desk.submit(submission, self.house.clock.now()))

    def _woken(self, outcome: Outcome) -> Outcome:
        self.wake()
        return outcome

    def _refuse(self, submission: Submission, reasons: tuple[Reason, ...]) -> Declined:
        detail = f"{submission.body.command}: {reasons[0].code}"
        caller = self.caller
        self.porter.note(Happening.REQUEST_REFUSED, caller.person, caller.method, self.address, detail)
        return Declined(submission.body.id, reasons)

    def _kept_back(self, body: CommandBody) -> tuple[Reason, ...]:
        """Why the caller's scopes or places do not let them say this."""
        if body.actor != f"person:{self.caller.person}":
            return (_OTHER_PERSON,)
        command = _read(body)
        if command is None:
            return ()  # the desk says what is wrong with it, and records that
        scope = scope_of(command)
        if not self.caller.may(scope):
            sentence = f"that takes the scope '{scope}', and what you signed in with has not got it"
            return (Reason("access.scope", sentence, "sign in at the server, or use a token with that scope"),)
        place = place_of(command, self.house.view(), services(self.house.store))
        return () if _is_within(self.caller, place) else (_ELSEWHERE,)

    def _roleless(self, body: CommandBody) -> tuple[Reason, ...]:
        """Why the server does not vouch for who has nothing to say about this service."""
        command = _read(body)
        if command is None:
            return ()
        view = self.house.view()
        known = services(self.house.store)
        place = place_of(command, view, known)
        concerned = place.services or known
        if any(self._has_role(service, place, view) for service in concerned):
            return ()
        return (_NO_ROLE,)

    def _has_role(self, service: ServiceName, place: Place, view: View) -> bool:
        """Whether the caller holds any role there: in each of its environments; in any where it is about none."""
        state = view.service(service)
        if not state.is_governed:
            return False
        governance = staffed(self.house.library.governance(view, state.in_force), view, self.house.clock.now())
        roles = governance.procedure.roles
        named = frozenset((EVERYWHERE,)) if place.everywhere else place.environments - {EVERYWHERE}
        asked = named or {EVERYWHERE, *governance.posts}
        held = [governance.there(one).holds_any(self.caller.person, roles) for one in asked]
        return all(held) if named else any(held)


Mouth: TypeAlias = NamedDependency[SkipValidation[Saying]]
"""How a route asks for it: `saying: Mouth`. Who is not signed in is led to where one does."""


def _read(body: CommandBody) -> Command | None:
    try:
        return decode_command(body.command, body.version, body.payload)
    except Undecodable:
        return None


def _is_within(caller: Caller, place: Place) -> bool:
    """Whether a narrowed caller's places hold all that the command is about. What is about no place is outside them."""
    if caller.services and not (place.services and caller.services.issuperset(place.services)):
        return False
    return not (caller.environments and not (place.environments and caller.environments.issuperset(place.environments)))


_OTHER_PERSON: Final = Reason(
    "access.other_person", "that command is of somebody else than who is signed in", "say it as yourself"
)
_UNSIGNED: Final = Reason(
    "access.unsigned", "that command carries no signature of a person", "sign it, or say it as a plain command"
)
_ELSEWHERE: Final = Reason(
    "access.elsewhere",
    "what you signed in with is for other services or environments",
    "use a token for this service and environment",
)
_NO_ROLE: Final = Reason(
    "access.no_role",
    "you have no role in this service, or none in this environment, so you can look only",
    "ask for a role in the bindings of the service, or sign the command with your own key",
)
