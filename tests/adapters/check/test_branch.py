# SPDX-License-Identifier: Apache-2.0
"""Whether a commit is on a branch: the kit, and real repositories of every shape."""

from dataclasses import replace
from pathlib import Path

import pytest
from tests.adapters.check.rig import request
from tests.adapters.source.telling import commit_all, git, new_repository

from interlock.adapters.check.branch import BranchCheck
from interlock.adapters.source.git import GitRepository
from interlock.domain.ids import EffectKey
from interlock.domain.verdict import Verdict
from interlock.ports.check import Checker, CheckProgress, CheckRequest, Reading
from interlock.ports.failure import Deduplication
from interlock.testing.contracts.check import KEY, CheckerContract

MAIN = "refs/heads/main"


class BranchRig:
    """The version says which commit is released; that one asks for INCONCLUSIVE whose clone is shallow."""

    def __init__(self, root: Path) -> None:
        self.place = new_repository(root / "whole")
        git(self.place, "checkout", "--quiet", "-b", "main")
        self.commits = [commit_all(self.place, f"Commit {number}") for number in range(3)]
        git(self.place, "checkout", "--quiet", "-b", "side", self.commits[0])
        self.side = commit_all(self.place, "Beside")

    def check(self, reference: str = MAIN) -> BranchCheck:
        return BranchCheck(GitRepository(self.place), reference)

    def read(self, commit: str, reference: str = MAIN) -> Reading:
        reading = self.check(reference).observe(replace(request("1.1.0"), commit=commit), KEY)
        assert isinstance(reading, Reading)
        return reading


@pytest.fixture
def rig(tmp_path: Path) -> BranchRig:
    return BranchRig(tmp_path)


class ContractRig:
    """Four repositories' worth of answers behind one check."""

    def __init__(self, rig: BranchRig) -> None:
        self.rig = rig

    def checker(self) -> Checker:
        return ByVerdict(self.rig)

    def asking(self, verdict: Verdict) -> CheckRequest:
        commits = {Verdict.PASS: self.rig.commits[0], Verdict.FAIL: self.rig.side, Verdict.ERROR: ""}
        return replace(request(verdict.value), commit=commits.get(verdict, self.rig.side))

    def report_limit(self) -> int:
        return 1000

    def wait(self) -> None:
        """It answers at once."""


class ByVerdict:
    """The check of the whole repository; what is asked of a shallow clone is asked there."""

    def __init__(self, rig: BranchRig) -> None:
        self.whole = rig.check()
        place = rig.place.parent / "shallow"
        if not place.exists():
            git(rig.place, "checkout", "--quiet", "main")
            git(rig.place, "clone", "--quiet", "--depth=1", "--branch=main", f"file://{rig.place}", str(place))
        self.shallow = BranchCheck(GitRepository(place), MAIN)
        self.start = self.whole.start
        self.cancel = self.whole.cancel

    @property
    def deduplication(self) -> Deduplication:
        return self.whole.deduplication

    def observe(self, request: CheckRequest, key: EffectKey) -> CheckProgress:
        check = self.shallow if request.version == Verdict.INCONCLUSIVE.value else self.whole
        return check.observe(request, key)


class TestBranchCheck(CheckerContract):
    @pytest.fixture
    def rig(self, tmp_path: Path) -> ContractRig:
        return ContractRig(BranchRig(tmp_path))


def test_the_head_of_the_branch_is_on_it_and_is_named(rig: BranchRig) -> None:
    reading = rig.read(rig.commits[-1])
    assert reading.verdict is Verdict.PASS
    assert dict(reading.measured) == {"branch": MAIN, "head": rig.commits[-1]}


def test_an_older_commit_says_how_far_behind_it_is(rig: BranchRig) -> None:
    reading = rig.read(rig.commits[0])
    assert reading.verdict is Verdict.PASS
    assert f"2 before its head {rig.commits[-1][:12]}" in reading.summary


def test_that_a_branch_is_protected_is_not_claimed(rig: BranchRig) -> None:
    assert "protected, git does not tell" in rig.read(rig.commits[0]).summary


def test_a_commit_of_another_branch_is_not_on_it(rig: BranchRig) -> None:
    assert rig.read(rig.side).verdict is Verdict.FAIL


def test_what_was_merged_is_on_it_as_its_merge_only(rig: BranchRig) -> None:
    git(rig.place, "checkout", "--quiet", "main")
    git(rig.place, "merge", "--quiet", "--no-ff", "-m", "Merge", "side")
    assert rig.read(rig.side).verdict is Verdict.FAIL
    assert rig.read(git(rig.place, "rev-parse", "HEAD").strip()).verdict is Verdict.PASS


def test_a_commit_that_is_nowhere_is_not_on_it(rig: BranchRig) -> None:
    assert rig.read("f" * 40).verdict is Verdict.FAIL


def test_an_unknown_branch_is_an_error(rig: BranchRig) -> None:
    assert rig.read(rig.commits[0], "refs/heads/trunk").verdict is Verdict.ERROR


def test_a_tag_of_that_name_is_no_branch(rig: BranchRig) -> None:
    git(rig.place, "tag", "trunk", rig.commits[0])
    assert rig.read(rig.commits[0], "refs/heads/trunk").verdict is Verdict.ERROR


def test_a_branch_that_was_moved_back_does_not_hold_what_it_held(rig: BranchRig) -> None:
    git(rig.place, "branch", "-f", "main", rig.commits[0])
    assert rig.read(rig.commits[2]).verdict is Verdict.FAIL


def test_a_commit_that_nobody_names_is_an_error(rig: BranchRig) -> None:
    assert rig.read("").verdict is Verdict.ERROR


def _shallow(rig: BranchRig, depth: int) -> BranchCheck:
    git(rig.place, "checkout", "--quiet", "main")
    place = rig.place.parent / f"shallow-{depth}"
    git(rig.place, "clone", "--quiet", f"--depth={depth}", f"file://{rig.place}", str(place))
    return BranchCheck(GitRepository(place), "refs/remotes/origin/main")


def _read(check: BranchCheck, commit: str) -> Reading:
    reading = check.observe(replace(request("1.1.0"), commit=commit), KEY)
    assert isinstance(reading, Reading)
    return reading


def test_what_a_shallow_clone_does_not_hold_is_not_known(rig: BranchRig) -> None:
    assert _read(_shallow(rig, 2), rig.commits[0]).verdict is Verdict.INCONCLUSIVE


def test_what_a_shallow_clone_holds_of_a_remote_branch_is_known(rig: BranchRig) -> None:
    assert _read(_shallow(rig, 2), rig.commits[1]).verdict is Verdict.PASS


def test_a_repository_that_does_not_answer_is_not_known(rig: BranchRig) -> None:
    check = BranchCheck(GitRepository(rig.place, patience=0.000001), MAIN)
    assert _read(check, rig.commits[0]).verdict is Verdict.INCONCLUSIVE
