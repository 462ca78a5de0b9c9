# SPDX-License-Identifier: Apache-2.0
"""Contracts, versions and scans as a service binds them: a release is compared with the one it follows."""

import json
from contextlib import closing
from pathlib import Path

import pytest
from tests.cli.workplace import BINDINGS, Workplace, open_workplace

from interlock.bootstrap.houses import read_house
from interlock.config import find_home
from interlock.domain.evidence import EvidenceRecorded
from interlock.domain.ids import EVERYWHERE, CheckId, ReleaseId
from interlock.domain.verdict import Verdict
from interlock.ledger.record import Json

SCAN = """
import json, pathlib, sys
clean = 'secret' not in pathlib.Path('app.txt').read_text()
pathlib.Path('leaks.json').write_text(json.dumps([] if clean else [
    {'RuleID': 'word', 'File': 'app.txt', 'StartLine': 1, 'Match': 'secret-thing', 'Secret': 'secret-thing'}]))
pathlib.Path('scan.sarif').write_text(json.dumps({'version': '2.1.0', 'runs': [
    {'tool': {'driver': {'name': 'scan'}}, 'invocations': [{'executionSuccessful': True}], 'results': []}]}))
print('scanned ~4 bytes')
sys.exit(0 if clean else 1)
"""
FORMS = {
    "contract": "{contract: [contract.json], kind: jsonschema, plan: 'moving-{version}.md'}",
    "astray": "{contract: [../contract.json]}",
    "version": "{version: semver}",
    "secrets": "{secrets: [python3, scan.py], report: leaks.json}",
    "sarif": "{sarif: [python3, scan.py], report: scan.sarif, tool: scan, found_codes: [1]}",
}
OLD = {"properties": {"id": {"type": "string"}}}
ADDED = {"properties": {**OLD["properties"], "due": {"type": "string"}}}


@pytest.fixture
def keys(tmp_path: Path) -> Path:
    return tmp_path / "keys"


def bound(folder: Path, keys: Path, form: str) -> Workplace:
    """v1.0.0 is live; `tests` is what a release must pass."""
    (folder / "scan.py").write_text(SCAN)
    (folder / "contract.json").write_text(json.dumps(OLD))
    return open_workplace(folder, keys, BINDINGS.replace('tests: {command: ["true"]}', f"tests: {FORMS[form]}"))


def evidence(place: Workplace, version: str) -> EvidenceRecorded:
    """What is recorded of `tests` once the release was made and the controller has looked."""
    place.git("tag", version)
    place.done("dan", "change", "open", "CR-1", "--title", "More")
    place.done("dan", "release", "create", version)
    place.drive()
    return newest(place, version)


def newest(place: Workplace, version: str) -> EvidenceRecorded:
    """What `tests` said last about a release."""
    house = read_house(find_home(place.folder))
    with closing(house.store):
        view = house.view()
        release = view.release(ReleaseId(f"app:{version}"))
        return view.evidence_of(release.id, release.digest).series[CheckId("tests"), EVERYWHERE].newest


@pytest.mark.parametrize(
    ("version", "contract", "code"),
    [
        ("v1.0.1", OLD, "contract.kept"),
        ("v1.1.0", ADDED, "contract.announced"),
        ("v1.0.1", ADDED, "contract.patch_adds"),
        ("v1.1.0", {}, "contract.minor_breaks"),
        ("v2.0.0", {}, "contract.no_plan"),
    ],
)
def test_a_release_is_compared_with_the_one_it_follows(
    folder: Path, keys: Path, version: str, contract: Json, code: str
) -> None:
    place = bound(folder, keys, "contract")
    place.commit("app.txt", "two\n")
    base = place.git("rev-parse", "v1.0.0")
    place.commit("contract.json", json.dumps(contract, indent=1))
    measured = dict(evidence(place, version).measured)
    assert (measured["code"], measured["former_version"], measured["former_commit"]) == (code, "v1.0.0", base)


def test_a_release_that_breaks_goes_with_its_plan(folder: Path, keys: Path) -> None:
    place = bound(folder, keys, "contract")
    place.commit("contract.json", "{}")
    place.commit("moving-v2.0.0.md", "how to move")
    assert evidence(place, "v2.0.0").verdict is Verdict.PASS


@pytest.mark.parametrize(("version", "code"), [("v1.0.1", "semver.greater"), ("v0.9.0", "semver.not_greater")])
def test_a_version_is_compared_with_the_one_it_follows(folder: Path, keys: Path, version: str, code: str) -> None:
    place = bound(folder, keys, "version")
    place.commit("app.txt", "two\n")
    assert dict(evidence(place, version).measured)["code"] == code


@pytest.mark.parametrize("form", ["version", "contract"])
def test_no_release_borrows_what_another_of_the_same_content_was_told_about_its_name(
    folder: Path, keys: Path, form: str
) -> None:
    place = bound(folder, keys, form)
    place.commit("contract.json", json.dumps(ADDED, indent=1))
    assert evidence(place, "v1.1.0").verdict is Verdict.PASS
    place.git("tag", "v0.9.0")
    place.done("dan", "release", "create", "v0.9.0", "--change", "CR-1")
    place.drive()
    answers = [newest(place, version).verdict for version in ("v1.1.0", "v0.9.0")]
    assert answers == [Verdict.PASS, Verdict.FAIL]


def test_what_is_asked_again_is_asked_of_the_release_it_was_about(folder: Path, keys: Path) -> None:
    place = bound(folder, keys, "version")
    place.commit("app.txt", "two\n")
    assert evidence(place, "v1.0.1").number == 1
    place.done("dan", "evidence", "refresh", "v1.0.1", "tests")
    place.drive()
    place.drive()
    assert newest(place, "v1.0.1").number == len(("at first", "again"))


@pytest.mark.parametrize(
    ("form", "content", "code"),
    [
        ("secrets", "two\n", "secrets.clear"),
        ("secrets", "secret-thing\n", "secrets.found"),
        ("sarif", "two\n", "sarif.clear"),
        ("sarif", "secret-thing\n", "scan.contradicts"),
    ],
)
def test_scans_are_done_as_they_are_bound(folder: Path, keys: Path, form: str, content: str, code: str) -> None:
    place = bound(folder, keys, form)
    place.commit("app.txt", content)
    assert dict(evidence(place, "v1.0.1").measured)["code"] == code


def test_no_secret_is_anywhere_in_the_ledger(folder: Path, keys: Path) -> None:
    place = bound(folder, keys, "secrets")
    place.commit("app.txt", "secret-thing\n")
    assert evidence(place, "v1.0.1").verdict is Verdict.FAIL
    assert b"secret-thing" not in find_home(place.folder).ledger.read_bytes()


def test_the_same_comparison_is_made_before_a_release(folder: Path, keys: Path) -> None:
    place = bound(folder, keys, "contract")
    place.commit("contract.json", "{}")
    (blocking,) = place.ask("dan", "check", "--run")["blocking"]
    assert blocking["code"] == "evidence.error"
    assert "semver.malformed" in blocking["sentence"]


def test_a_contract_that_lies_elsewhere_is_refused_when_it_is_bound(folder: Path, keys: Path) -> None:
    with pytest.raises(AssertionError, match=r"contract\.path"):
        bound(folder, keys, "astray")
