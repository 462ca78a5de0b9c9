# SPDX-License-Identifier: Apache-2.0
"""What a caller may say through the server, at a real ledger: ann and dan develop, ben reviews, eve has no role."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path

import pytest
from tests.cli.workplace import Workplace, make_key
from tests.server.premises import a_place

from interlock.adapters.accounts.memory import MemoryAccounts
from interlock.adapters.signer.ssh import SshKeySigner
from interlock.bootstrap.houses import OpenHouse, open_house
from interlock.bootstrap.keys import fresh_bytes
from interlock.config import find_home
from interlock.domain.actor import Assurance
from interlock.domain.artifact import RecallArtifact
from interlock.domain.change import ChangeKind, OpenChange
from interlock.domain.evidence import RequestEvidence, subject_by_name
from interlock.domain.freeze import DeclareFreeze
from interlock.domain.ids import (
    UNSAID,
    ChangeId,
    CheckId,
    CommandId,
    Digest,
    EnvironmentName,
    FreezeId,
    IncidentId,
    PersonId,
    PromotionId,
    ReleaseId,
    ServiceName,
    TextRef,
    WaiverId,
    digest_of,
)
from interlock.domain.incident import CloseIncident, OpenIncident, Severity
from interlock.domain.moment import NEVER
from interlock.domain.promotion import AbortPromotion
from interlock.domain.waiver import GrantWaiver
from interlock.identity.caller import EVERY_SCOPE, Caller, How, NoSession, Scope, SessionId, scope_of
from interlock.identity.places import Place, place_of
from interlock.identity.porter import Porter
from interlock.identity.saying import Said, Saying
from interlock.ledger.codec import COMMANDS, Command
from interlock.ledger.command import CommandRecord, SshSignature, Vouched
from interlock.service.handle import Declined, Done, Outcome
from interlock.workflows.controller import services

HOUR = timedelta(hours=1)


@dataclass
class Desk:
    """Where callers come to, and how often the driver was woken."""

    house: OpenHouse
    accounts: MemoryAccounts = field(default_factory=MemoryAccounts)
    woken: int = 0

    def wake(self) -> None:
        self.woken += 1

    def saying(self, caller: Caller) -> Saying:
        porter = Porter(
            self.accounts, self.house.clock, fresh_bytes, lambda: self.house.view().people(), lambda _noted: None
        )
        return Saying(self.house, caller, porter, "http://localhost:8470", "192.0.2.1", self.wake)

    def freeze(self, caller: Caller, service: str = "app", environment: str = "", name: str = "") -> Outcome:
        """Somebody declares a freeze."""
        saying = self.saying(caller)
        speaker, now = saying.speaker(), self.house.clock.now()
        places = (EnvironmentName(environment),) if environment else ()
        services = (ServiceName(service),) if service else ()
        freeze = FreezeId(f"peak-{self.house.store.head().size}")  # none that a test before has declared
        command = DeclareFreeze(freeze, services, places, now, now + HOUR, speaker.words("peak"), ())
        return saying.say(command, speaker, Said(name))

    def trail(self) -> list[str]:
        return [one.noted.detail for one in self.accounts.trail(100)]


def _caller(person: str, scopes: frozenset[Scope] = EVERY_SCOPE) -> Caller:
    return Caller(PersonId(person), How.PASSWORD, scopes, SessionId("0123456789ab"), "csrf", "password")


def _codes(outcome: Outcome) -> list[str]:
    return [reason.code for reason in outcome.reasons] if isinstance(outcome, Declined) else []


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workplace]:
    with a_place(Path(tmp_path_factory.mktemp("home"))) as place:
        make_key(place.key("eve"))
        place.done("ann", "people", "add", "eve", "--key", f"{place.key('eve')}.pub")
        yield place


@pytest.fixture
def desk(place: Workplace) -> Iterator[Desk]:
    house = open_house(find_home(place.folder))
    with closing(house.store):
        yield Desk(house)


def test_what_a_caller_says_is_recorded_with_who_let_them_in_and_how(desk: Desk) -> None:
    outcome = desk.freeze(_caller("ann"))
    record = desk.house.store.stream(f"command/{outcome.id}")[0]  # type: ignore[arg-type]  # a stream's name
    assert record.assurance in {Assurance.AUTHENTICATED, Assurance.ASSERTED}
    signature = CommandRecord.from_record(record).signature
    assert signature == Vouched("http://localhost:8470", "password", "0123456789ab")
    assert desk.woken == 1


def test_a_token_has_no_session_to_tell(desk: Desk) -> None:
    caller = replace(_caller("ann"), how=How.TOKEN, session=NoSession(), method="token ci")
    outcome = desk.freeze(caller)
    record = desk.house.store.stream(f"command/{outcome.id}")[0]  # type: ignore[arg-type]  # a stream's name
    assert CommandRecord.from_record(record).signature == Vouched("http://localhost:8470", "token ci", "")


def test_without_the_scope_nothing_is_said_and_the_trail_has_it(desk: Desk) -> None:
    size = desk.house.store.head().size
    outcome = desk.freeze(_caller("ann", frozenset({Scope.READ, Scope.DECIDE})))
    assert _codes(outcome) == ["access.scope"]
    assert desk.house.store.head().size == size
    assert desk.trail() == ["DeclareFreeze: access.scope"]


def test_who_has_no_role_can_look_only(desk: Desk) -> None:
    assert _codes(desk.freeze(_caller("eve"))) == ["access.no_role"]
    assert _codes(desk.freeze(_caller("eve"), service="")) == ["access.no_role"]


def test_a_service_that_is_not_governed_gives_nobody_a_role(desk: Desk) -> None:
    assert _codes(desk.freeze(_caller("ann"), service="unknown")) == ["access.no_role"]


@pytest.mark.parametrize(
    ("service", "environment", "code"),
    [
        ("app", "staging", ""),
        ("app", "production", "elsewhere"),
        ("app", "", "elsewhere"),
        ("", "staging", "elsewhere"),
    ],
)
def test_a_narrowed_caller_speaks_about_its_places_only(desk: Desk, service: str, environment: str, code: str) -> None:
    narrowed = replace(
        _caller("ann"),
        services=frozenset({ServiceName("app")}),
        environments=frozenset({EnvironmentName("staging")}),
    )
    told = _codes(desk.freeze(narrowed, service, environment))
    assert (told == ["access.elsewhere"]) == bool(code)


def test_said_twice_under_one_name_it_is_said_once_and_names_of_others_are_apart(desk: Desk) -> None:
    saying = desk.saying(_caller("ann"))
    speaker = saying.speaker()
    command = OpenChange(ChangeId("CR-9"), ServiceName("app"), ChangeKind.NORMAL, speaker.words("once"))
    first = saying.say(command, speaker, Said("key-1"))
    assert first.id == CommandId("ann:key-1")
    assert saying.say(command, speaker, Said("key-1")) == first
    other = desk.saying(_caller("dan"))
    assert other.composed(command, other.speaker(), Said("key-1")).body.id == CommandId("dan:key-1")


def test_what_cannot_be_read_is_left_to_the_desk_to_refuse(desk: Desk) -> None:
    saying = desk.saying(_caller("ann"))
    good = saying.composed(RecallArtifact(digest_of(b"x"), saying.speaker().words("bad")), saying.speaker())
    bad = replace(good, body=replace(good.body, command="Nonsense"))
    assert _codes(saying.vouched(bad)) == ["command.undecodable"]


def _signed(desk: Desk, place: Workplace, person: str, by: str) -> Outcome:
    saying = desk.saying(_caller(by))
    speaker = desk.saying(_caller(person)).speaker()
    command = RecallArtifact(Digest("sha256:" + "ab" * 32), speaker.words("bad"))
    submission = desk.saying(_caller(person)).composed(command, speaker)
    signer = SshKeySigner.load(place.key(person), {"PATH": "/usr/bin:/bin"})
    signature = SshSignature(signer.public_key, signer.sign(submission.body.message))
    return saying.signed(replace(submission, signature=signature))


def test_what_a_person_signed_themself_counts_as_signed_and_needs_no_role(desk: Desk, place: Workplace) -> None:
    outcome = _signed(desk, place, "eve", "eve")
    assert isinstance(outcome, Done)
    assert outcome.records[0].assurance is Assurance.SIGNED


def test_nobody_hands_in_what_somebody_else_signed(desk: Desk, place: Workplace) -> None:
    assert _codes(_signed(desk, place, "eve", "ann")) == ["access.other_person"]


def test_what_nobody_signed_is_not_handed_in_as_signed(desk: Desk) -> None:
    saying = desk.saying(_caller("ann"))
    speaker = saying.speaker()
    submission = saying.composed(RecallArtifact(digest_of(b"x"), speaker.words("bad")), speaker)
    assert _codes(saying.signed(submission)) == ["access.unsigned"]
    vouched = replace(submission, signature=Vouched("http://localhost:8470", "password", ""))
    assert _codes(saying.signed(vouched)) == ["access.unsigned"]


def test_every_command_a_person_can_give_has_its_scope() -> None:
    robots = set(
        "BeginDeployment ConcludeDeployment ConcludeProof ConcludeReturn ConcludeRollbackProof AuthoriseExposure "
        "ConcludeExposure ReportProxies RecordMeasurement ReportBlindness ReportLoss BeginSettling ConcludeSettling "
        "MissClock ConcludeStep SeeHead DeliverHead ReportObstacle ReportRunning RecordDelivery ReportCommitted "
        "ReportProposed ReportSetback AskPeople ChaseReview OpenLedger RotateLedgerKey "
        "RecordGroups PromoteHead BeginBaseline ConcludeBaseline EndBaseline".split()
    )
    managed = {"AddPerson", "AddKey", "RevokeKey", "AdoptGovernance", "ApproveGovernance", "AdoptRunning", "EraseText"}
    taking_manage = {name for (name, _), kind in COMMANDS.items() if scope_of(object.__new__(kind)) is Scope.MANAGE}
    assert taking_manage == robots | managed


def _places() -> list[tuple[Command, Place]]:
    app, staging = frozenset({ServiceName("app")}), frozenset({EnvironmentName("staging")})
    return [
        (AbortPromotion(PromotionId("app:v1/staging/1")), Place(app, staging)),
        (
            DeclareFreeze(FreezeId("x"), (ServiceName("app"),), (), NEVER, NEVER, UNSAID, ()),
            Place(app, frozenset(), everywhere=True),
        ),
        (OpenChange(ChangeId("CR-1"), ServiceName("app"), ChangeKind.NORMAL, digest_of(b"")), Place(app)),  # type: ignore[arg-type]  # a reference
        (RecallArtifact(digest_of(b"x"), digest_of(b"")), Place()),  # type: ignore[arg-type]  # as above
    ]


def test_evidence_belongs_to_the_service_whose_open_release_it_is_about(desk: Desk, place: Workplace) -> None:
    place.commit("app.txt", "two\n", tag="v1.1.0")
    place.done("dan", "change", "open", "CR-20", "--title", "Say two")
    place.done("dan", "release", "create", "v1.1.0", "--change", "CR-20")
    release = desk.house.view().release(ReleaseId("app:v1.1.0"))
    staging = EnvironmentName("staging")
    for subject, found in (
        (release.digest, frozenset({ServiceName("app")})),
        (subject_by_name(release.id, release.digest), frozenset({ServiceName("app")})),
        (digest_of(b"something else"), frozenset()),
    ):
        command = RequestEvidence(subject, CheckId("tests"), staging)
        told = place_of(command, desk.house.view(), services(desk.house.store))
        assert told == Place(found, frozenset({staging}))


def test_an_incident_and_an_exception_are_where_they_were_asked_for(desk: Desk, place: Workplace) -> None:
    app, production = frozenset({ServiceName("app")}), frozenset({EnvironmentName("production")})
    place.done("ann", "incident", "open", "INC-7", "--environment", "production", "--summary", "It burns")
    place.commit("app.txt", "three\n", tag="v1.2.0")
    place.done("dan", "change", "open", "CR-21", "--title", "Say three")
    place.done("dan", "release", "create", "v1.2.0", "--change", "CR-21")
    words = ("--reason", "late", "--mitigation", "by hand", "--expires", "4h")
    place.done("dan", "waive", "request", "v1.2.0", "rollback-plan", "--for", "production", *words)
    release = ReleaseId("app:v1.2.0")
    (waiver,) = desk.house.view().waivers(release).asked
    known = services(desk.house.store)
    told = [
        place_of(command, desk.house.view(), known)
        for command in (
            CloseIncident(IncidentId("INC-7"), TextRef("text:x")),
            GrantWaiver(waiver, release),
            GrantWaiver(WaiverId("none"), release),
        )
    ]
    assert told == [Place(app, production), Place(app, production), Place(app)]


@pytest.mark.parametrize(("command", "found"), _places(), ids=["promotion", "everywhere", "change", "digest"])
def test_where_a_command_belongs_is_told_by_its_names(desk: Desk, command: Command, found: Place) -> None:
    assert place_of(command, desk.house.view(), services(desk.house.store)) == found


def test_what_is_opened_under_a_name_of_another_service_is_of_that_one_too(desk: Desk, place: Workplace) -> None:
    place.done("dan", "change", "open", "CR-30", "--title", "Say four")
    place.done("ann", "incident", "open", "INC-30", "--environment", "production", "--summary", "It burns")
    other, production = ServiceName("other"), EnvironmentName("production")
    both, words = frozenset({ServiceName("app"), other}), TextRef("text:x")
    opened = OpenChange(ChangeId("CR-30"), other, ChangeKind.NORMAL, words)
    raised = OpenIncident(IncidentId("INC-30"), other, production, ReleaseId(""), Severity.MAJOR, words)
    view, known = desk.house.view(), services(desk.house.store)
    assert place_of(opened, view, known).services == both
    assert place_of(raised, view, known).services == both
    narrowed = desk.saying(replace(_caller("ann"), services=frozenset({other})))
    assert _codes(narrowed.say(opened, narrowed.speaker())) == ["access.elsewhere"]


@pytest.mark.parametrize(("named", "afterwards"), [("summer", "declared"), ("winter", "lifted")])
def test_what_is_frozen_under_a_name_of_another_service_is_of_that_one_too(
    desk: Desk, place: Workplace, named: str, afterwards: str
) -> None:
    place.done("ann", "freeze", "declare", named, "--service", "app", "--until", "2d", "--reason", "feast")
    if afterwards == "lifted":
        place.done("cat", "freeze", "lift", named, "--reason", "over")
    other, now = ServiceName("other"), desk.house.clock.now()
    declared = DeclareFreeze(FreezeId(named), (other,), (), now, now + HOUR, TextRef("text:x"), ())
    known = services(desk.house.store)
    assert place_of(declared, desk.house.view(), known) == Place(
        frozenset({ServiceName("app"), other}), everywhere=True
    )
    everything = place_of(replace(declared, services=()), desk.house.view(), known)
    assert everything == Place(everywhere=True)
    narrowed = desk.saying(replace(_caller("ann"), services=frozenset({other})))
    assert _codes(narrowed.say(declared, narrowed.speaker())) == ["access.elsewhere"]
