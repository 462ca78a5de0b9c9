# SPDX-License-Identifier: Apache-2.0
"""Passkeys made and used at a real ledger, with a passkey in software where the browser would be."""

import base64
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

import msgspec
import pytest
from tests.adapters.signer.authenticator import SoftwarePasskey, url_safe
from tests.cli.workplace import BINDINGS, Workplace
from tests.server.premises import a_place

from interlock.adapters.accounts.memory import MemoryAccounts
from interlock.adapters.clock import MemoryClock
from interlock.bootstrap.houses import OpenHouse, open_house
from interlock.bootstrap.keys import fresh_bytes
from interlock.config import find_home
from interlock.domain.actor import Assurance
from interlock.domain.freeze import DeclareFreeze, LiftFreeze
from interlock.domain.ids import FreezeId, PersonId
from interlock.identity.caller import EVERY_SCOPE, Caller, How, SessionId
from interlock.identity.passkeys import WAITS, Answer, Made, Passkeys
from interlock.identity.pending import OF_PERSON
from interlock.identity.porter import Porter
from interlock.identity.saying import Saying
from interlock.ledger.command import CommandRecord, SshSignature
from interlock.ports.failure import Rejected
from interlock.service.handle import Declined, Done, Submission

SITE, ORIGIN = "interlock.example.com", "https://interlock.example.com"
ANN, BEN = PersonId("ann"), PersonId("ben")


def _caller(person: PersonId) -> Caller:
    return Caller(person, How.PASSWORD, EVERY_SCOPE, SessionId(f"session-{person}"), "csrf", "password")


@dataclass
class Desktop:
    """Somebody at a browser with a passkey."""

    house: OpenHouse
    clock: MemoryClock
    passkeys: Passkeys
    caller: Caller
    passkey: SoftwarePasskey

    def begin(self) -> bytes:
        """The challenge for making one."""
        return _bytes(str(self.passkeys.creation(self.caller)["challenge"]))

    def made(self, challenge: bytes) -> Made:
        key = self.passkey
        return Made(
            url_safe(key.credential),
            url_safe(key.client_data(challenge, "webauthn.create")),
            url_safe(key.data()),
            url_safe(key.spki),
        )

    def finish(self, made: Made) -> str:
        return self.passkeys.made(self.caller, made, "192.0.2.1").line

    def saying(self) -> Saying:
        return Saying(self.house, self.caller, self.passkeys.porter, ORIGIN, "192.0.2.1", lambda: None)

    def lifting(self) -> Submission:
        """A command that asks for a signature: lifting a freeze."""
        saying = self.saying()
        speaker = saying.speaker()
        return saying.composed(LiftFreeze(FreezeId("peak"), speaker.words("over")), speaker)

    def asked(self, submission: Submission) -> Answer:
        """What the browser answers when it is asked to sign this."""
        request = self.passkeys.request(self.saying(), submission)
        options = request["options"]
        assert isinstance(options, dict)
        answer = self.passkey.answer(_bytes(options["challenge"]))
        parts = (answer.client_data, answer.authenticator_data, answer.signature)
        return Answer(submission.body.id, url_safe(self.passkey.credential), *(url_safe(part) for part in parts))


def _bytes(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workplace]:
    manager = BINDINGS.replace("release-manager: [cat]", "release-manager: [cat, ann]")
    with a_place(Path(tmp_path_factory.mktemp("home")), manager) as place:
        yield place


@pytest.fixture
def desktop(place: Workplace) -> Iterator[Desktop]:
    """Ann's, without a passkey yet. The clock of the door stands still; the ledger has its own."""
    house = open_house(find_home(place.folder))
    clock = MemoryClock(house.clock.now())
    porter = Porter(MemoryAccounts(), clock, fresh_bytes, lambda: house.view().people(), lambda _noted: None)
    with closing(house.store):
        yield Desktop(house, clock, Passkeys(porter, SITE, frozenset({ORIGIN})), _caller(ANN), SoftwarePasskey())


@pytest.fixture
def registered(desktop: Desktop, place: Workplace, tmp_path: Path) -> Desktop:
    """With one that the ledger has."""
    line = desktop.finish(desktop.made(desktop.begin()))
    file = tmp_path / "passkey.pub"
    file.write_text(f"{line} ann at the browser\n")
    place.done("ann", "people", "add-key", "ann", "--key", str(file), "--by", str(place.key("ann")))
    return desktop


def _freeze(desktop: Desktop) -> None:
    saying = desktop.saying()
    speaker, now = saying.speaker(), desktop.house.clock.now()
    saying.say(DeclareFreeze(FreezeId("peak"), (), (), now, now + WAITS, speaker.words("peak"), ()), speaker)


def test_a_command_is_signed_in_the_browser_and_the_record_verifies(registered: Desktop) -> None:
    _freeze(registered)
    submission = registered.lifting()
    assert isinstance(registered.saying().vouched(submission), Declined)
    submission = registered.lifting()
    outcome = registered.passkeys.signed(registered.saying(), registered.asked(submission))
    assert isinstance(outcome, Done)
    record = CommandRecord.from_record(outcome.records[0])
    assert outcome.records[0].assurance is Assurance.SIGNED
    assert isinstance(record.signature, SshSignature)
    assert record.signature.key == registered.passkey.public_key


def test_what_making_one_is_asked_of_the_browser(registered: Desktop) -> None:
    options = registered.passkeys.creation(registered.caller)
    assert options["rp"] == {"id": SITE, "name": "Interlock"}
    assert options["excludeCredentials"] == [{"type": "public-key", "id": url_safe(registered.passkey.credential)}]


def _code(desktop: Desktop, made: Made) -> str:
    with pytest.raises(Rejected) as failure:
        desktop.finish(made)
    return failure.value.code


def test_one_that_nobody_asked_for_is_not_kept(desktop: Desktop) -> None:
    assert _code(desktop, desktop.made(b"made up")) == "passkey.not_made"


def test_an_answer_counts_once(desktop: Desktop) -> None:
    made = desktop.made(desktop.begin())
    desktop.finish(made)
    assert _code(desktop, made) == "passkey.not_made"


def test_the_same_passkey_is_kept_once(desktop: Desktop) -> None:
    desktop.finish(desktop.made(desktop.begin()))
    assert _code(desktop, desktop.made(desktop.begin())) == "passkey.not_made"


def test_an_answer_to_somebody_elses_question_is_none(desktop: Desktop) -> None:
    challenge = desktop.begin()
    assert _code(replace(desktop, caller=_caller(BEN)), desktop.made(challenge)) == "passkey.not_made"


def test_an_answer_after_its_time_is_none(desktop: Desktop) -> None:
    made = desktop.made(desktop.begin())
    desktop.clock.advance(WAITS + WAITS)
    assert _code(desktop, made) == "passkey.not_made"


@pytest.mark.parametrize(
    "wrong",
    [{"origin": "https://evil.example"}, {"site": "evil.example"}, {"flags": 0x01}, {"cross": True}],
    ids=str,
)
def test_a_passkey_of_another_page_or_without_the_person_is_not_kept(desktop: Desktop, wrong: dict[str, str]) -> None:
    other = replace(desktop, passkey=replace(desktop.passkey, **wrong))  # type: ignore[arg-type]  # a table of fields
    assert _code(desktop, other.made(desktop.begin())) == "passkey.not_made"


@pytest.mark.parametrize("part", ["credential", "client_data", "authenticator_data", "public_key"])
def test_what_is_no_answer_at_all_is_not_kept(desktop: Desktop, part: str) -> None:
    made = desktop.made(desktop.begin())
    parts = {name: getattr(made, name) for name in ("credential", "client_data", "authenticator_data", "public_key")}
    assert _code(desktop, Made(**{**parts, part: "ä!"})) == "passkey.not_made"


def test_who_has_none_in_the_ledger_is_asked_nothing(desktop: Desktop) -> None:
    desktop.finish(desktop.made(desktop.begin()))
    with pytest.raises(Rejected) as failure:
        desktop.passkeys.request(desktop.saying(), desktop.lifting())
    assert failure.value.code == "passkey.none"


def _refused(desktop: Desktop, answer: Answer) -> str:
    with pytest.raises(Rejected) as failure:
        desktop.passkeys.signed(desktop.saying(), answer)
    return failure.value.code


def test_a_signature_is_used_once_and_by_its_own_caller_in_time(registered: Desktop) -> None:
    answer = registered.asked(registered.lifting())
    assert _refused(replace(registered, caller=_caller(BEN)), answer) == "passkey.nothing_waits"
    registered.passkeys.signed(registered.saying(), answer)
    assert _refused(registered, answer) == "passkey.nothing_waits"
    late = registered.asked(registered.lifting())
    registered.clock.advance(WAITS + WAITS)
    assert _refused(registered, late) == "passkey.nothing_waits"


def test_an_answer_of_another_credential_or_of_no_form_is_refused(registered: Desktop) -> None:
    answer = registered.asked(registered.lifting())
    assert _refused(registered, msgspec.structs.replace(answer, credential="other")) == "passkey.unusable"
    answer = registered.asked(registered.lifting())
    assert _refused(registered, msgspec.structs.replace(answer, client_data="ä")) == "passkey.unusable"


def test_a_signature_over_another_command_is_refused_by_the_desk(registered: Desktop) -> None:
    one, other = registered.lifting(), registered.lifting()
    answer = registered.asked(one)
    registered.asked(other)
    outcome = registered.passkeys.signed(
        registered.saying(), msgspec.structs.replace(answer, command=str(other.body.id))
    )
    assert isinstance(outcome, Declined)
    assert [reason.code for reason in outcome.reasons] == ["signature.invalid"]


def test_questions_without_end_do_not_fill_the_memory(desktop: Desktop) -> None:
    first = desktop.made(desktop.begin())
    for _ in range(OF_PERSON):
        desktop.begin()
    assert _code(desktop, first) == "passkey.not_made"
