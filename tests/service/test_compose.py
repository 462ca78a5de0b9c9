# SPDX-License-Identifier: Apache-2.0
"""From the repository to commands: which governance a commit declares, and who its authors are."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.cli.workplace import Workplace, open_workplace

from interlock.adapters.source.memory import MemoryRepository, ScriptedCommit, ScriptedFile
from interlock.cli.session import reading
from interlock.domain.ids import ChangeId, Digest, ServiceName, TextRef
from interlock.ledger.record import SaltedText
from interlock.packs.shelf import Shelf
from interlock.ports.source import Commit
from interlock.ports.store import LedgerStore
from interlock.service.compose import Composer, Draft, Unfit, Wanted, authors_of, draft_release, release_id

SHA = "a" * 40
NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
COMMIT = Commit(SHA, SHA, "One", "Ann", "ann@shop.example", "Ann", "ann@shop.example", NOON, ())
BINDINGS = """
service: shop
pack: starter
environments:
  staging: {deploy: {command: [deploy.sh]}}
  production: {deploy: {command: [deploy.sh]}}
checks: {tests: {command: ["true"]}, smoke: {command: ["true"]}}
roles: {developer: [ann], reviewer: [ben], release-manager: [ben]}
governed: [deploy.sh]
"""
FILES = {"interlock.yaml": BINDINGS, "deploy.sh": "one"}


def composer(files: dict[str, str]) -> Composer:
    tree = {path: ScriptedFile(text.encode()) for path, text in files.items()}
    return Composer(MemoryRepository((ScriptedCommit(COMMIT, (), tree),)), Shelf())


def digest(files: dict[str, str]) -> Digest:
    return composer(files).declared("HEAD").ref.digest


def test_the_same_files_declare_the_same_governance() -> None:
    assert digest(FILES) == digest({**FILES, "README": "not governed"})


@pytest.mark.parametrize("path", ["interlock.yaml", "deploy.sh"])
def test_one_other_byte_in_a_governed_file_is_another_governance(path: str) -> None:
    assert digest({**FILES, path: f"{FILES[path]}\n"}) != digest(FILES)


@pytest.mark.parametrize("named", ["rules/ours.yaml", "./rules/ours.yaml"])
def test_a_pack_of_the_repository_is_read_from_the_commit(named: str) -> None:
    pack = (Shelf().pack("starter") or b"").decode()
    bindings = BINDINGS.replace("pack: starter", f"pack: {named}")
    own = {**FILES, "interlock.yaml": bindings, "rules/ours.yaml": pack}
    assert composer(own).declared("HEAD").pack == pack.encode()


@pytest.mark.parametrize(
    ("files", "code"),
    [
        ({}, "governance.missing_file"),
        ({"interlock.yaml": BINDINGS}, "governance.missing_file"),
        ({**FILES, "interlock.yaml": BINDINGS.replace("pack: starter", "pack: gone")}, "governance.missing_file"),
        ({**FILES, "interlock.yaml": BINDINGS.replace("checks:", "chekcs:")}, "bindings.unfit"),
        ({**FILES, "interlock.yaml": BINDINGS.replace("tests:", "test:")}, "bindings.unfit"),
    ],
)
def test_what_cannot_be_used_is_unfit_with_a_code(files: dict[str, str], code: str) -> None:
    with pytest.raises(Unfit) as unfit:
        composer(files).declared("HEAD")
    assert unfit.value.code == code
    assert unfit.value.next_step


def test_a_missing_governed_file_is_named_with_where_it_is_missed() -> None:
    with pytest.raises(Unfit, match=r"'deploy\.sh' at HEAD"):
        composer({"interlock.yaml": BINDINGS}).declared("HEAD")


def test_a_candidate_without_bindings_declares_what_is_in_force() -> None:
    in_force = composer(FILES).declared("HEAD").ref
    assert composer({"deploy.sh": "one"}).declared_digest("HEAD", in_force) == in_force.digest


@pytest.mark.parametrize("files", [{}, {"deploy.sh": "two"}])
def test_a_candidate_without_bindings_that_changes_a_governed_file_declares_nothing(files: dict[str, str]) -> None:
    in_force = composer(FILES).declared("HEAD").ref
    assert composer(files).declared_digest("HEAD", in_force) == ""


def test_a_candidate_whose_bindings_do_not_load_declares_nothing() -> None:
    in_force = composer(FILES).declared("HEAD").ref
    assert composer({**FILES, "interlock.yaml": "nonsense"}).declared_digest("HEAD", in_force) == ""


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workplace:
    folder = tmp_path / "app"
    folder.mkdir()
    monkeypatch.chdir(folder)
    monkeypatch.delenv("INTERLOCK_HOME", raising=False)
    return open_workplace(folder, tmp_path / "keys")


@pytest.mark.usefixtures("place")
def test_author_committer_and_co_authors_all_count_once_whatever_the_case() -> None:
    commit = replace(
        COMMIT,
        author_email="DAN@example.com",
        committer_email="c@shop.example",
        co_author_emails=("Ben@Example.com", "d@shop.example"),
    )
    with reading() as session:
        found = authors_of((commit, commit), session.gatherer, session.house.store, ())
    assert found.known == ("dan", "ben")
    assert found.unknown == ("c@shop.example", "d@shop.example")


@pytest.mark.usefixtures("place")
def test_external_authors_are_neither_known_nor_missed() -> None:
    commit = replace(COMMIT, author_email="Bot@ci.example", committer_email="bot@ci.example")
    with reading() as session:
        found = authors_of((commit,), session.gatherer, session.house.store, ("bot@CI.example",))
    assert (found.known, found.unknown) == ((), ())


def test_an_address_whose_words_were_erased_is_nobody_s(place: Workplace) -> None:
    with reading() as session:
        store = session.house.store
        refs = [ref for ref in session.gatherer.view.people().emails if words(store, ref) == "dan@example.com"]
    place.done("ann", "ledger", "erase", str(refs[0]), "--reason", "asked to")
    with reading() as session:
        dans = replace(COMMIT, author_email="dan@example.com", committer_email="dan@example.com")
        found = authors_of((dans,), session.gatherer, session.house.store, ())
    assert found.unknown == ("dan@example.com",)


def words(store: LedgerStore, ref: TextRef) -> str:
    found = store.text(ref)
    assert isinstance(found, SaltedText)
    return found.words


def drafted(version: str) -> Draft:
    with reading() as session:
        state = session.gatherer.view.service(ServiceName("app"))
        wanted = Wanted(state.name, version, "HEAD", ChangeId("CR-1"), session.rules(state.in_force))
        house = session.house
        return draft_release(house.composer(), house.workshop().artifacts(), session.gatherer, house.store, wanted)


def test_a_draft_holds_all_that_is_new_since_what_was_good(place: Workplace) -> None:
    first, second = place.commit("app.txt", "two\n"), place.commit("app.txt", "three\n")
    draft = drafted("v2")
    assert {commit.sha for commit in draft.commits} == {first, second}
    assert draft.command.commit == second
    assert draft.command.authors == ("dan",)


def test_a_commit_that_does_not_descend_from_what_was_good_has_no_base(place: Workplace) -> None:
    place.git("checkout", "-q", "--orphan", "elsewhere")
    place.commit("app.txt", "two\n")
    with pytest.raises(Unfit) as unfit:
        drafted("v2")
    assert unfit.value.code == "release.no_base"


def test_a_release_is_named_by_service_and_version() -> None:
    assert release_id(ServiceName("shop"), "v2") == "shop:v2"
