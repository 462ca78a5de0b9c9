# SPDX-License-Identifier: Apache-2.0
"""One command's dealings with one ledger: open it, know who speaks, hand in what they say.

1. Reading touches no key. Writing goes to the live driver where there is one, else straight to the ledger; where a
   server keeps the ledger, a checked copy is read and the server is given what was signed.
2. Who speaks is known by the key they sign with, never by what they claim.
3. What is signed was composed from the ledger as it is; when that has changed meanwhile, the rules say so.
"""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

from cyclopts import Parameter

from interlock.cli.elsewhere import NAMED
from interlock.cli.output import Fault, Refusal, Trouble
from interlock.config import FarHome, Home, checkout_of, find_home, find_server, key_candidates
from interlock.domain.ids import PersonId
from interlock.service.facts import Gathered
from interlock.service.gather import Gatherer

if TYPE_CHECKING:
    from interlock.bootstrap.houses import House
    from interlock.domain.governance import GovernanceRef
    from interlock.ledger.codec import Command
    from interlock.ports.signing import PersonSigner
    from interlock.service.handle import Done
    from interlock.service.library import Rules
    from interlock.service.speak import Speaker


@Parameter(name="*")
@dataclass(frozen=True, slots=True)
class Me:
    """Who speaks."""

    key: Annotated[
        str, Parameter(help="The SSH key you sign with, private or .pub; else INTERLOCK_KEY, else ~/.ssh.")
    ] = ""


@Parameter(name="*")
@dataclass(frozen=True, slots=True)
class Sure:
    """Whether to ask before signing."""

    yes: Annotated[bool, Parameter(help="Sign without being asked.")] = False


ME: Final = Me()
_IDLE: Final = frozenset("TtZXx")
"""States of a process in which it does nothing: stopped, traced, dead (proc(5))."""
ASKED: Final = Sure()


@dataclass(slots=True)
class Session:
    """A ledger opened for reading, looked at at one moment."""

    house: "House"
    gatherer: Gatherer

    @property
    def now(self) -> datetime:
        """When the command was given."""
        return self.gatherer.now

    @property
    def home(self) -> Home:
        """Where the ledger is."""
        return self.house.home

    def rules(self, ref: "GovernanceRef") -> "Rules":
        """The rules of a recorded governance."""
        return self.house.library.rules(self.gatherer.view, ref)

    def speak(self, me: Me) -> "Voice":
        """The person whose key this is, ready to say one thing."""
        person, signer = self._person(me)
        return self.voice(person, signer)

    def voice(self, person: PersonId, signer: "PersonSigner") -> "Voice":
        """Somebody known by other means, such as the first person of a ledger."""
        from interlock.bootstrap.keys import fresh_bytes
        from interlock.service.speak import Speaker

        return Voice(self, Speaker(person, signer, self.house.store.origin, fresh_bytes))

    def _person(self, me: Me) -> tuple[PersonId, "PersonSigner"]:
        from interlock.bootstrap.keys import person_signer

        people = self.gatherer.view.people()
        seen: list[Path] = []
        for path in candidates(me):
            signer = person_signer(path)
            if signer.public_key in people.keys:
                return people.keys[signer.public_key], signer
            seen.append(path)
        if not seen:
            raise Fault(
                "signing.no_key",
                "there is no SSH key to sign with",
                "name one with --key or INTERLOCK_KEY, or make one: `ssh-keygen -t ed25519`",
            )
        names = ", ".join(str(path) for path in seen)
        raise Fault(
            "signing.unregistered_key",
            f"nobody is registered with this key ({names})",
            "ask a registered person for `interlock people add HANDLE --key KEY.pub`, or name another key with --key",
        )


@dataclass(slots=True)
class Voice:
    """A person saying one thing."""

    session: Session
    speaker: "Speaker"

    @property
    def person(self) -> PersonId:
        """Who speaks."""
        return self.speaker.person

    def say(self, command: "Command", title: str) -> "Done":
        """Sign the command and hand it in. Raises `Refusal` when a rule declines it."""
        from interlock.service.handle import Declined

        house = self.session.house
        outcome = house.hand_in(self.speaker.submission(command, house.clock.now()))
        if isinstance(outcome, Declined):
            raise Refusal(
                title, tuple(Trouble(one.code, one.sentence, one.next_step) for one in outcome.reasons), outcome.id
            )
        return outcome


@contextmanager
def reading() -> Iterator[Session]:
    """The ledger that belongs to the folder we are in, or the one of the server that was named, for reading."""
    house = _house()
    with closing(house.store):
        yield looked_at(house)


def require_here(what: str) -> None:
    """Refuse what is done beside the ledger itself, where a server that keeps it was named."""
    address = find_server(NAMED.get()).address
    if address:
        sentence = f"{what} where the ledger is kept, and '{address}' keeps it"
        raise Fault("server.only_there", sentence, "do it on that machine, without --server and INTERLOCK_URL")


def _house() -> "House":
    server = find_server(NAMED.get())
    if server.address:
        from interlock.bootstrap.far import far_house

        return far_house(server, checkout_of(Path.cwd()))
    from interlock.bootstrap.houses import read_house

    return read_house(find_home(Path.cwd()))


def looked_at(house: "House") -> Session:
    """A ledger that is open, looked at now."""
    facts = Gathered(house.store.head().latest, house.calendar)
    return Session(house, Gatherer(house.view(), house.library, facts, house.clock.now()))


def has_driver(home: Home) -> bool:
    """Whether a driver seems to be at work: the process that last took the driver's lock lives. For telling only.

    One that was stopped, or was killed and not yet waited for, is still there and does nothing. Of a driver elsewhere
    its server told.
    """
    if isinstance(home, FarHome):
        return home.driven()
    try:
        holder = int(home.lock.read_text() or "0")
        told = Path(f"/proc/{holder}/stat").read_text()
    except (OSError, ValueError):
        return False
    return home.socket.exists() and told.rpartition(") ")[2][:1] not in _IDLE


def candidates(me: Me) -> Iterator[Path]:
    """The keys that may be meant, best first; only those that are there, private or `.pub`, unless one was named."""
    if me.key:
        yield Path(me.key).expanduser()
        return
    for path in key_candidates():
        if path.exists():
            yield path
        elif path.with_name(f"{path.name}.pub").exists():
            yield path.with_name(f"{path.name}.pub")
