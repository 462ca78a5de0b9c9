# SPDX-License-Identifier: Apache-2.0
import json
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from tests.adapters.loopback import Page, serving
from tests.api.hosting import Hosted, hosted, released_place

from interlock.adapters.far_ledger.server import FarServer, check_address
from interlock.bootstrap.keys import fresh_bytes, person_signer
from interlock.domain.freeze import DeclareFreeze
from interlock.domain.ids import FreezeId, PersonId, TextRef, digest_of
from interlock.ledger.keyring import EraseText
from interlock.ports.failure import PortFailure, Rejected, Unavailable
from interlock.ports.store import LedgerStore
from interlock.service.handle import Submission
from interlock.service.speak import Speaker
from interlock.testing.contracts.far_ledger import FarLedgerContract
from interlock.workflows.wire import encode_submission


@dataclass
class ServerRig:
    hosted: Hosted

    @property
    def store(self) -> LedgerStore:
        return self.hosted.house.store

    @property
    def far(self) -> FarServer:
        return FarServer(self.hosted.url, self.hosted.token("cat"))

    def submission(self) -> bytes:
        now = self.hosted.house.clock.now()
        speaker = self.speaker()
        name = FreezeId(f"f{self.store.head().size}")
        command = DeclareFreeze(name, (), (), now, now.replace(year=now.year + 1), speaker.words("why"), ())
        return encode_submission(speaker.submission(command, now))

    def erase_something(self) -> None:
        """Somebody's words are taken out of the ledger."""
        kept = self.store.records()
        ref = next(TextRef(str(one.payload["title"])) for one in kept if one.event == "ChangeOpened")
        speaker = self.speaker()
        submission: Submission = speaker.submission(EraseText(ref, "asked"), self.hosted.house.clock.now())
        self.hosted.house.desk.submit(submission, self.hosted.house.clock.now())

    def speaker(self) -> Speaker:
        signer = person_signer(self.hosted.place.key("cat"))
        return Speaker(PersonId("cat"), signer, self.store.origin, fresh_bytes)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerRig]:
    with hosted(released_place(tmp_path_factory.mktemp("far"))) as server:
        rig = ServerRig(server)
        rig.erase_something()
        yield rig


class TestFarServer(FarLedgerContract):
    @pytest.fixture
    def rig(self, world: ServerRig) -> ServerRig:
        return world


def problem(code: str) -> bytes:
    return json.dumps({"code": code, "detail": "it is so", "next_step": "wait"}).encode()


TOLD = {"Content-Type": "application/problem+json"}


@pytest.mark.parametrize(
    ("page", "kind", "code"),
    [
        (Page(b"", status=401), Rejected, "server.unauthorised"),
        (Page(b"", status=403), Rejected, "server.forbidden"),
        (Page(problem("access.scope"), status=403, headers=TOLD), Rejected, "access.scope"),
        (Page(b"", status=429), Unavailable, "server.busy"),
        (Page(b"", status=500), Unavailable, "server.broken"),
        (Page(problem("store.locked"), status=503, headers=TOLD), Unavailable, "store.locked"),
        (Page(problem("request.invalid"), status=400, headers=TOLD), Rejected, "request.invalid"),
        (Page(b"{", status=400, headers=TOLD), Rejected, "server.not_interlock"),
        (Page(b"moved", status=302), Rejected, "server.not_interlock"),
        (Page(b"<html>"), Rejected, "server.not_interlock"),
        (Page(b'{"origin": 7}'), Rejected, "server.not_interlock"),
    ],
    ids=(
        "unauthorised forbidden forbidden-in-words busy broken broken-in-words refused "
        "no-problem moved no-json other-json"
    ).split(),
)
def test_what_is_declined_is_told_in_the_servers_own_words(page: Page, kind: type[PortFailure], code: str) -> None:
    with serving({"/v1/ledger/head": page}) as site, pytest.raises(kind) as caught:
        FarServer(site.url, "token").head()
    assert caught.value.code == code


def test_words_whose_salt_is_none_are_not_believed() -> None:
    ref = TextRef("text:" + "0" * 64)
    body = json.dumps({"ref": ref, "salt": "a", "words": "x"}).encode()
    with serving({f"/v1/ledger/texts/{ref}": Page(body)}) as site, pytest.raises(Rejected) as caught:
        FarServer(site.url, "token").text(ref)
    assert caught.value.code == "server.not_interlock"


def test_an_answer_without_end_is_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("interlock.adapters.far_ledger.server.LARGEST", 10)
    digest = digest_of(b"x" * 11)
    with serving({f"/v1/ledger/blobs/{digest}": Page(b"x" * 11)}) as site, pytest.raises(Rejected) as caught:
        FarServer(site.url, "token").blob(digest)
    assert caught.value.code == "server.not_interlock"


@pytest.mark.parametrize("address", ["https://interlock.example.com/", "http://localhost:8470", "http://[::1]:8470"])
def test_addresses_that_keep_a_token_private(address: str) -> None:
    assert check_address(address) == address.rstrip("/")
