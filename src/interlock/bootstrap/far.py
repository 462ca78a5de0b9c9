# SPDX-License-Identifier: Apache-2.0
"""A home whose ledger is kept by a server: read from a checked copy, written by handing signed commands in.

1. What is read is the copy, by the same code that reads a ledger of one's own.
2. What is signed is signed here, with the person's own key; the server is given what they signed and nothing else.
3. What belongs to the server's machine (its proxies, its key, its driver) is not done from afar, and says so.
"""

import hashlib
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from interlock.adapters.clock import monotonic
from interlock.adapters.far_ledger.server import FarAccount, FarServer, check_address
from interlock.adapters.replica import Replica
from interlock.adapters.signer.ssh import SshVerifier
from interlock.adapters.source.git import GitRepository
from interlock.bootstrap.houses import House
from interlock.bootstrap.workshop import BoundWorkshop, set_up
from interlock.config import GIT, FarHome, Server, cache_folder
from interlock.domain.decision import Reason
from interlock.domain.governance import GovernanceRef
from interlock.domain.ids import CommandId, EnvironmentName
from interlock.ledger.canonical import decode_stored
from interlock.ports.failure import Rejected, Unavailable
from interlock.ports.router import ProxyCommand, ProxyState
from interlock.service.handle import Declined, Done, Outcome, Submission
from interlock.service.view import View
from interlock.workflows.wire import encode_submission


class _Reason(msgspec.Struct, frozen=True):
    code: str
    sentence: str
    next_step: str


class _Outcome(msgspec.Struct, frozen=True):
    """What came of a command: records when it was accepted, reasons when it was not."""

    command: str
    records: list[msgspec.Raw] = []
    reasons: list[_Reason] = []


class FarWorkshop(BoundWorkshop):
    """Names artifacts and runs checks here, as for a ledger of one's own; proxies are the server's."""

    def proxies(
        self, view: View, ref: GovernanceRef, environment: EnvironmentName
    ) -> tuple[tuple[ProxyCommand, ProxyState], ...]:
        raise not_here("the files of proxies are written where the controller runs")


@dataclass(frozen=True, slots=True)
class FarHouse(House):
    """Everything of one home whose ledger is elsewhere."""

    replica: Replica = field(kw_only=True)
    far: FarServer = field(kw_only=True)

    @property
    def repository(self) -> GitRepository:
        """The checkout we stand in. Raises `Rejected` (code `server.no_repository`) outside of one."""
        if not (self.home.repository / GIT).exists():
            raise Rejected(
                "server.no_repository",
                f"this reads the service's repository, and '{self.home.repository}' is no checkout of it",
                "run it in a checkout; the ledger stays on the server",
            )
        return GitRepository(self.home.repository)

    def workshop(self) -> BoundWorkshop:
        """Builds adapters from recorded bindings."""
        made = set_up(self.home, self.repository, self.library)
        return FarWorkshop(made.home, made.repository, made.library, made.premises)

    def hand_in(self, submission: Submission) -> Outcome:
        """Give the server what was signed; raises what it declines to look at."""
        raw = self.far.hand_in(encode_submission(submission))
        self.replica.look_again()
        try:
            told = msgspec.json.decode(raw, type=_Outcome)
            if told.reasons:
                reasons = tuple(Reason(one.code, one.sentence, one.next_step) for one in told.reasons)
                return Declined(CommandId(told.command), reasons)
            return Done(CommandId(told.command), tuple(decode_stored(bytes(one)) for one in told.records))
        except ValueError as fault:
            raise Unavailable(
                "server.no_answer",
                f"{self.far.address} took the command, and its answer cannot be read",
                "run the same command again",
            ) from fault


def far_house(server: Server, repository: Path) -> FarHouse:
    """The house behind a server. Raises what its address, its token or its ledger give reason for."""
    far = FarServer(check_address(server.address), server.token)
    folder = cache_folder() / hashlib.sha256(far.address.encode()).hexdigest()[:20]
    replica = Replica.follow(folder / "ledger.db", far, SshVerifier().verify_checkpoint, monotonic)
    home = FarHome(folder, repository, lambda: replica.driven)
    return FarHouse(home, replica, replica=replica, far=far)


def accounts_at(server: Server) -> tuple[FarAccount, ...]:
    """Who may sign in at a server. Raises what its address or its token give reason for."""
    return FarServer(check_address(server.address), server.token).accounts()


def not_here(sentence: str) -> Rejected:
    """Something that is done on the server's machine alone."""
    return Rejected("server.not_here", sentence, "run it there, without INTERLOCK_URL")
