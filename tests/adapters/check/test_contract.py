# SPDX-License-Identifier: Apache-2.0
"""Contracts of two releases: the kit, and what version and migration plan must say of a change."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from tests.adapters.check.rig import answer, request

from interlock.adapters.check.contract import MOST_DOCUMENTS, ContractCheck, VersionCheck
from interlock.adapters.contract_document import MOST_BYTES
from interlock.domain.verdict import Verdict
from interlock.ledger.record import Json
from interlock.packs.examining import ContractKind, Flow
from interlock.ports.check import UNTOLD, CheckRequest, Former, NoFormer, Reading
from interlock.ports.failure import Rejected
from interlock.testing.contracts.check import CheckerContract

FORMER = "1.4.0"
COMMIT = "0123456789abcdef0123456789abcdef01234567"
PLAN = "docs/migrations/{version}.md"
LIMIT = 400_000


def task(**properties: Json) -> str:
    return json.dumps({"type": "object", "properties": {"id": {"type": "string"}, **properties}})


SAME, ADDED, BROKEN = task(), task(due={"type": "string"}), json.dumps({"type": "object"})


class ContractRig:
    """The sources of two releases in two folders; nothing is what the former one had unless it is written."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.check = ContractCheck(("contract/*.json",), ContractKind.JSONSCHEMA, Flow.BOTH, PLAN)

    def checker(self) -> ContractCheck:
        return self.check

    def asking(self, verdict: Verdict) -> CheckRequest:
        many = task(**{f"added-{number}": {} for number in range(700)})
        match verdict:
            case Verdict.PASS:
                return self.released("1.5.0", SAME, many)
            case Verdict.FAIL:
                return self.released("1.4.1", SAME, ADDED)
            case Verdict.INCONCLUSIVE:
                return replace(self.released("1.4.1", SAME, SAME), former=NoFormer("none"))
            case _:
                return self.released("1.4.1", SAME, "{")

    def released(self, version: str, old: str, new: str, plan: str = "") -> CheckRequest:
        self.write("old/contract/task.json", old)
        self.write("new/contract/task.json", new)
        if plan:
            self.write(f"new/docs/migrations/{version}.md", plan)
        return self.request(version)

    def request(self, version: str, former: str = FORMER) -> CheckRequest:
        for name in ("old", "new"):
            (self.root / name).mkdir(exist_ok=True)
        return replace(request(version, self.root / "new"), former=Former(former, COMMIT, self.root / "old"))

    def write(self, name: str, content: str) -> None:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)

    def report_limit(self) -> int:
        return LIMIT

    def wait(self) -> None:
        """Nothing takes time."""

    def read(self, asked: CheckRequest) -> Reading:
        return answer(self, self.check, asked)


@pytest.fixture
def rig(root: Path) -> ContractRig:
    return ContractRig(root)


class TestContractCheck(CheckerContract):
    @pytest.fixture
    def rig(self, root: Path) -> ContractRig:
        return ContractRig(root)


@pytest.mark.parametrize(
    ("version", "new", "plan", "code", "verdict"),
    [
        ("1.4.1", SAME, "", "contract.kept", "pass"),
        ("1.5.0", SAME, "", "contract.kept", "pass"),
        ("1.5.0", ADDED, "", "contract.announced", "pass"),
        ("2.0.0", ADDED, "", "contract.announced", "pass"),
        ("2.0.0", BROKEN, "how to move", "contract.announced", "pass"),
        ("2.0.0-rc.1", BROKEN, "how to move", "contract.announced", "pass"),
        ("1.4.1", ADDED, "", "contract.patch_adds", "fail"),
        ("1.4.1", BROKEN, "", "contract.patch_breaks", "fail"),
        ("1.4.1", BROKEN, "how to move", "contract.patch_breaks", "fail"),
        ("1.5.0", BROKEN, "how to move", "contract.minor_breaks", "fail"),
        ("2.0.0", BROKEN, "", "contract.no_plan", "fail"),
        ("2.0.0", BROKEN, " \n", "contract.no_plan", "fail"),
        ("1.4.0", SAME, "", "semver.not_greater", "fail"),
        ("1.3.9", BROKEN, "", "semver.not_greater", "fail"),
        ("1.4", SAME, "", "semver.malformed", "error"),
        ("0123456789ab", BROKEN, "", "semver.malformed", "error"),
    ],
)
def test_a_version_says_at_least_what_the_change_is(
    rig: ContractRig, version: str, new: str, plan: str, code: str, verdict: str
) -> None:
    reading = rig.read(rig.released(version, SAME, new, plan))
    assert (reading.summary.split(":")[0], reading.verdict, reading.measured["code"]) == (code, verdict, code)


def test_the_release_before_needs_a_semantic_version(rig: ContractRig) -> None:
    rig.released("1.4.1", SAME, SAME)
    reading = rig.read(rig.request("1.4.1", "spring"))
    assert (reading.measured["code"], reading.verdict) == ("semver.former_malformed", Verdict.INCONCLUSIVE)


def test_the_plan_of_the_release_before_is_no_plan(rig: ContractRig) -> None:
    rig.write("old/docs/migrations/2.0.0.md", "how to move")
    assert rig.read(rig.released("2.0.0", SAME, BROKEN, "how to move")).measured["code"] == "contract.no_plan"


def test_a_plan_that_is_a_link_is_not_followed(rig: ContractRig) -> None:
    rig.write("new/docs/other.md", "how to move")
    (rig.root / "new/docs/migrations").mkdir()
    (rig.root / "new/docs/migrations/2.0.0.md").symlink_to("../other.md")
    assert rig.read(rig.released("2.0.0", SAME, BROKEN)).measured["code"] == "contract.unreadable"


def test_a_failure_names_the_change_and_its_place(rig: ContractRig) -> None:
    assert rig.read(rig.released("1.4.1", SAME, BROKEN)).summary == (
        "contract.patch_breaks: the patch 1.4.1 after 1.4.0 breaks: "
        "property 'id' is gone at contract/task.json#/properties/id"
    )


def test_a_long_place_leaves_code_and_change_in_the_summary(rig: ContractRig) -> None:
    summary = rig.read(rig.released("1.4.1", SAME, task(**{"long" * 200: {}}))).summary
    assert summary.startswith("contract.patch_adds: the patch 1.4.1 after 1.4.0 adds: property 'long")


def test_every_difference_is_reported_and_counted(rig: ContractRig) -> None:
    reading = rig.read(rig.released("1.4.1", SAME, task(due={}, late={})))
    assert json.loads(reading.report) == {
        "former": "1.4.0",
        "version": "1.4.1",
        "change": "minor",
        "differences": [
            {"size": "minor", "at": f"contract/task.json#/properties/{name}", "what": f"property '{name}' is new"}
            for name in ("due", "late")
        ],
        "unlisted": 0,
    }
    assert reading.measured == {
        "former_version": "1.4.0", "former_commit": COMMIT, "documents": "1",
        "minor": "2", "major": "0", "change": "minor", "code": "contract.patch_adds",
    }  # fmt: skip


def test_nothing_to_compare_with_is_inconclusive(rig: ContractRig) -> None:
    rig.write("new/contract/task.json", SAME)
    reading = rig.read(rig.request("1.4.1"))
    assert (reading.measured["code"], reading.verdict) == ("contract.no_former", Verdict.INCONCLUSIVE)
    assert reading.measured["change"] == "minor"


def test_nobody_told_is_inconclusive(rig: ContractRig) -> None:
    asked = replace(rig.released("1.4.1", SAME, SAME), former=UNTOLD)
    assert rig.read(asked).summary.startswith("contract.no_former: nothing to compare with: nobody told")


def test_a_contract_that_is_not_there_any_more_is_an_error(rig: ContractRig) -> None:
    rig.write("old/contract/task.json", SAME)
    reading = rig.read(rig.request("2.0.0"))
    assert (reading.measured["code"], reading.verdict) == ("contract.missing", Verdict.ERROR)


def test_one_document_of_several_that_goes_breaks(rig: ContractRig) -> None:
    rig.write("old/contract/report.json", SAME)
    assert rig.read(rig.released("1.5.0", SAME, SAME)).measured["code"] == "contract.minor_breaks"


def test_one_document_of_several_that_comes_adds(rig: ContractRig) -> None:
    rig.write("new/contract/report.json", SAME)
    assert rig.read(rig.released("1.4.1", SAME, SAME)).measured["code"] == "contract.patch_adds"


@pytest.mark.parametrize(
    ("content", "code"),
    [
        ("{", "json.malformed"),
        ('{"a": 1, "a": 2}', "json.malformed"),
        ("", "json.empty"),
        ('{"$ref": "https://example.org/task.json"}', "contract.remote_ref"),
        (" " * (MOST_BYTES + 1), "contract.too_big"),
    ],
    ids=["cut", "twice", "empty", "remote", "big"],
)
def test_a_contract_that_cannot_be_read_is_an_error(rig: ContractRig, content: str, code: str) -> None:
    readings = rig.read(rig.released("1.4.1", SAME, content)), rig.read(rig.released("1.4.1", content, SAME))
    assert [(one.measured["code"], one.verdict) for one in readings] == [(code, Verdict.ERROR)] * 2


def test_a_contract_that_is_a_link_is_not_followed(rig: ContractRig) -> None:
    asked = rig.released("1.4.1", SAME, SAME)
    (rig.root / "new/contract/task.json").unlink()
    (rig.root / "new/contract/task.json").symlink_to(rig.root / "old/contract/task.json")
    assert rig.read(asked).measured["code"] == "contract.unreadable"


def test_a_folder_that_is_a_link_is_not_followed(rig: ContractRig) -> None:
    asked = rig.released("1.4.1", SAME, SAME)
    (rig.root / "new/contract").rename(rig.root / "elsewhere")
    (rig.root / "new/contract").symlink_to(rig.root / "elsewhere")
    assert rig.read(asked).measured["code"] == "contract.unreadable"


def test_more_documents_than_anybody_has_are_an_error(rig: ContractRig) -> None:
    for number in range(MOST_DOCUMENTS):
        rig.write(f"new/contract/{number}.json", "{}")
    assert rig.read(rig.released("1.4.1", SAME, SAME)).measured["code"] == "contract.too_many"


@pytest.mark.parametrize("path", ["/etc/passwd", "../c.yaml", "a//b", "", "contract/**/c.yaml"])
def test_a_path_out_of_the_source_is_refused_when_it_is_bound(path: str) -> None:
    with pytest.raises(Rejected) as refused:
        ContractCheck((path,))
    assert refused.value.code == "contract.path"


def test_a_plan_with_an_unknown_word_is_refused_when_it_is_bound() -> None:
    with pytest.raises(Rejected) as refused:
        ContractCheck(("c.yaml",), plan="docs/{verison}.md")
    assert refused.value.code == "placeholder.unknown"


def test_a_contract_of_an_api_is_compared_too(rig: ContractRig) -> None:
    get = {"get": {"responses": {"200": {"description": "ok"}}}}
    for name, paths in (("old", {"/a": get, "/b": get}), ("new", {"/a": get})):
        rig.write(f"{name}/api.yaml", json.dumps({"openapi": "3.1.0", "paths": paths}))
    rig.check = ContractCheck(("api.yaml",))
    assert rig.read(rig.request("1.5.0")).summary == (
        "contract.minor_breaks: the minor version 1.5.0 after 1.4.0 breaks: path '/b' is gone at api.yaml#/paths/~1b"
    )


@pytest.mark.parametrize(
    ("version", "former", "code", "verdict"),
    [
        ("1.4.1", "1.4.0", "semver.greater", "pass"),
        ("1.4.0", "1.4.0", "semver.not_greater", "fail"),
        ("1.4.0-rc.1", "1.4.0", "semver.not_greater", "fail"),
        ("v1.4.1", "1.4.0", "semver.greater", "pass"),
        ("1.4", "1.4.0", "semver.malformed", "error"),
        ("1.4.1", "spring", "semver.former_malformed", "inconclusive"),
    ],
)
def test_a_version_is_greater_than_the_one_it_follows(
    rig: ContractRig, version: str, former: str, code: str, verdict: str
) -> None:
    reading = answer(rig, VersionCheck(), rig.request(version, former))
    assert (reading.measured["code"], reading.verdict) == (code, verdict)


@pytest.mark.parametrize(
    ("version", "change"),
    [("1.4.1", "patch"), ("1.5.0", "minor"), ("2.1.0", "major"), ("1.4.0", None), ("spring", None)],
)
def test_how_much_of_a_change_a_version_says_is_measured(rig: ContractRig, version: str, change: str | None) -> None:
    reading = answer(rig, VersionCheck(), rig.request(version, "1.4.0"))
    assert reading.measured.get("change") == change


def test_a_version_that_follows_nothing_known_is_inconclusive(rig: ContractRig) -> None:
    reading = answer(rig, VersionCheck(), replace(rig.request("1.4.1"), former=NoFormer("none is live")))
    assert (reading.measured["code"], reading.verdict) == ("semver.no_former", Verdict.INCONCLUSIVE)


class VersionCheckRig:
    """Versions that are answered so."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def checker(self) -> VersionCheck:
        return VersionCheck()

    def asking(self, verdict: Verdict) -> CheckRequest:
        versions = {Verdict.PASS: ("1.0.1", "1.0.0"), Verdict.FAIL: ("1.0.0", "1.0.0"), Verdict.ERROR: ("x", "1.0.0")}
        version, former = versions.get(verdict, ("1.0.0", "x"))
        return replace(request(version, self.root), former=Former(former, COMMIT, self.root))

    def report_limit(self) -> int:
        return LIMIT

    def wait(self) -> None:
        """Nothing takes time."""


class TestVersionCheck(CheckerContract):
    @pytest.fixture
    def rig(self, root: Path) -> VersionCheckRig:
        return VersionCheckRig(root)
