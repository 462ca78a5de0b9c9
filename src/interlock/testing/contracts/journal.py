# SPDX-License-Identifier: Apache-2.0
"""The conformance kit of the journal port: one or more tests per numbered clause of `interlock.ports.journal`.

Subclass `JournalContract` in your test suite and give it a fixture named `rig` whose repository has one commit on
branch `main`, with the files in `STOCK`, and no branch that is checked out.
"""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from typing import Final, Protocol

import pytest

from interlock.domain.ids import EffectKey
from interlock.ports.failure import Rejected, Unavailable
from interlock.ports.journal import (
    Author,
    Entry,
    Journal,
    NotProposed,
    ProposalFailed,
    ProposalProgress,
    Proposed,
    Proposing,
)

STOCK: Final = {"app.py": b"print('one')\n", "interlock.yaml": b"service: app\n", "docs/guide.md": b"guide\n"}
BRANCH: Final = "interlock/records"
INSTEAD: Final = "interlock/entry/v2"
NOTES: Final = "docs/releases/v2.md"


class JournalRig(Protocol):
    """What the kit needs of the adapter's world."""

    @property
    def base(self) -> str:
        """The one commit of `main`."""
        ...

    def journal(self) -> Journal:
        """A journal, as a process just started would have it."""
        ...

    def another(self) -> "JournalRig":
        """A repository of its own with the very same commit."""
        ...

    def files(self, branch: str) -> Mapping[str, bytes]:
        """Every file on a branch; none when it is not there."""
        ...

    def history(self, branch: str) -> Sequence[str]:
        """Every commit of a branch, newest first, `base` included."""
        ...

    def check_out(self, branch: str) -> None:
        """Somebody works on the branch, which is made where `main` is if it is not there."""
        ...

    def make_link(self, branch: str) -> None:
        """The branch stands for `main`."""
        ...

    def make_read_only(self) -> None:
        """Nothing can be written any more."""
        ...

    def refuse(self, branch: str) -> None:
        """The program that asks for the branch to be taken in will fail."""
        ...

    def wait(self) -> None:
        """Give the program a moment."""
        ...


def an_entry(base: str, number: int = 2, branch: str = BRANCH) -> Entry:
    """The records of version `number`."""
    files = {f"docs/releases/v{number}.md": f"notes of {number}\n".encode(), f"docs/decisions/{number}.md": b"log\n"}
    return Entry(
        EffectKey(f"release/app:v{number}/records"),
        branch,
        INSTEAD,
        base,
        files,
        f"Record release v{number}",
        Author("Interlock", "interlock@outreach.example"),
        datetime(2026, 3, 2, 9, number, tzinfo=UTC),
        frozenset({"interlock.yaml"}),
    )


def settled(rig: JournalRig, key: EffectKey) -> ProposalProgress:
    """What a request comes to."""
    while isinstance(progress := rig.journal().proposal(key), Proposing):
        rig.wait()
    return progress


class JournalContract:
    """The clauses of `Journal`, as tests."""

    def test_1_a_branch_that_is_not_there_begins_at_the_base(self, rig: JournalRig) -> None:
        entry = an_entry(rig.base)
        written = rig.journal().write(entry)
        assert (written.branch, tuple(rig.history(BRANCH))) == (BRANCH, (written.commit, rig.base))

    def test_1_just_these_files_are_put_beside_the_others(self, rig: JournalRig) -> None:
        entry = an_entry(rig.base)
        rig.journal().write(entry)
        assert rig.files(BRANCH) == {**STOCK, **entry.files}

    def test_1_the_next_entry_stands_on_the_one_before(self, rig: JournalRig) -> None:
        first = rig.journal().write(an_entry(rig.base))
        second = rig.journal().write(an_entry(rig.base, 3))
        assert tuple(rig.history(BRANCH)) == (second.commit, first.commit, rig.base)

    def test_1_other_branches_stay_where_they_are(self, rig: JournalRig) -> None:
        rig.journal().write(an_entry(rig.base))
        assert tuple(rig.history("main")) == (rig.base,)

    def test_1_a_file_that_is_there_already_is_replaced(self, rig: JournalRig) -> None:
        rig.journal().write(replace(an_entry(rig.base), files={"docs/guide.md": b"a better guide\n"}))
        assert rig.files(BRANCH)["docs/guide.md"] == b"a better guide\n"

    def test_2_the_same_key_is_written_once(self, rig: JournalRig) -> None:
        first = rig.journal().write(an_entry(rig.base))
        assert (rig.journal().write(an_entry(rig.base)), len(rig.history(BRANCH))) == (first, 2)

    def test_2_it_is_found_below_what_came_after_it(self, rig: JournalRig) -> None:
        first = rig.journal().write(an_entry(rig.base))
        rig.journal().write(an_entry(rig.base, 3))
        assert rig.journal().write(an_entry(rig.base)) == first

    def test_2_it_is_found_though_it_would_read_otherwise_now(self, rig: JournalRig) -> None:
        first = rig.journal().write(an_entry(rig.base))
        assert rig.journal().write(replace(an_entry(rig.base), files={NOTES: b"(erased)\n"})) == first

    def test_2_a_key_that_only_begins_alike_is_another(self, rig: JournalRig) -> None:
        first = rig.journal().write(replace(an_entry(rig.base), key=EffectKey("release/app:v2/records/more")))
        assert rig.journal().write(an_entry(rig.base)) != first

    def test_3_the_same_entry_on_the_same_tip_is_the_same_commit(self, rig: JournalRig) -> None:
        other = rig.another()
        assert rig.journal().write(an_entry(rig.base)) == other.journal().write(an_entry(other.base))

    def test_4_a_branch_somebody_works_on_is_not_moved(self, rig: JournalRig) -> None:
        rig.check_out("main")
        written = rig.journal().write(an_entry(rig.base, branch="main"))
        assert (written.branch, tuple(rig.history("main"))) == (INSTEAD, (rig.base,))

    def test_4_what_was_written_elsewhere_instead_is_found_there(self, rig: JournalRig) -> None:
        rig.check_out(BRANCH)
        first = rig.journal().write(an_entry(rig.base))
        assert rig.journal().write(an_entry(rig.base)) == first

    def test_4_with_both_branches_worked_on_nothing_is_written(self, rig: JournalRig) -> None:
        rig.check_out(INSTEAD)
        with pytest.raises(Unavailable) as failure:
            rig.journal().write(an_entry(rig.base, branch=INSTEAD))
        assert (failure.value.code, len(rig.history(INSTEAD))) == ("journal.checked_out", 1)

    def test_5_entries_written_at_once_are_all_there(self, rig: JournalRig) -> None:
        entries = [an_entry(rig.base, number) for number in range(2, 8)]
        with ThreadPoolExecutor(max_workers=3) as together:
            written = list(together.map(lambda entry: rig.journal().write(entry), entries))
        assert {one.commit for one in written} == set(rig.history(BRANCH)[:-1])

    @pytest.mark.parametrize("path", ["interlock.yaml", "INTERLOCK.yaml"])
    def test_6_a_governed_file_is_never_written(self, rig: JournalRig, path: str) -> None:
        files = {NOTES: b"notes\n", path: b"roles: {}\n"}
        self._refused(rig, replace(an_entry(rig.base), files=files), "governed_path")

    @pytest.mark.parametrize(
        "path", ["../notes.md", "/notes.md", "docs/../../x", ".git/config", "docs//x", "", "docs/", "a\nb", ".GIT/x"]
    )
    def test_6_a_path_that_leads_elsewhere_is_refused(self, rig: JournalRig, path: str) -> None:
        self._refused(rig, replace(an_entry(rig.base), files={path: b"x"}), "bad_path")

    @pytest.mark.parametrize("path", ["app.py/notes.md", "docs"])
    def test_6_a_file_is_put_neither_below_a_file_nor_in_place_of_a_folder(self, rig: JournalRig, path: str) -> None:
        self._refused(rig, replace(an_entry(rig.base), files={path: b"x"}), "blocked_path")

    @pytest.mark.parametrize("branch", ["", "-x", "a..b", "a b", "refs/heads/x", "HEAD", "a//b", "x.lock", "a/.b"])
    def test_6_what_cannot_be_a_branch_is_refused(self, rig: JournalRig, branch: str) -> None:
        self._refused(rig, replace(an_entry(rig.base), branch=branch), "bad_branch")

    def test_6_a_branch_that_stands_for_another_is_refused(self, rig: JournalRig) -> None:
        rig.make_link(BRANCH)
        with pytest.raises(Rejected) as refusal:
            rig.journal().write(an_entry(rig.base))
        assert (refusal.value.code, tuple(rig.history("main"))) == ("journal.bad_branch", (rig.base,))

    def test_7_nobody_was_asked_under_a_key_that_nobody_used(self, rig: JournalRig) -> None:
        assert rig.journal().proposal(EffectKey("request/1")) == NotProposed()

    def test_7_a_request_is_made_and_can_be_looked_at(self, rig: JournalRig) -> None:
        rig.journal().write(an_entry(rig.base))
        rig.journal().propose(BRANCH, EffectKey("request/1"))
        assert isinstance(settled(rig, EffectKey("request/1")), Proposed)

    def test_7_a_request_that_fails_says_so(self, rig: JournalRig) -> None:
        rig.refuse(BRANCH)
        rig.journal().propose(BRANCH, EffectKey("request/1"))
        assert isinstance(settled(rig, EffectKey("request/1")), ProposalFailed)

    def test_7_the_same_key_is_the_same_request(self, rig: JournalRig) -> None:
        rig.journal().propose(BRANCH, EffectKey("request/1"))
        first = settled(rig, EffectKey("request/1"))
        rig.refuse(BRANCH)
        rig.journal().propose(BRANCH, EffectKey("request/1"))
        assert type(settled(rig, EffectKey("request/1"))) is type(first)

    def test_8_a_repository_that_cannot_be_written_says_so(self, rig: JournalRig) -> None:
        rig.make_read_only()
        with pytest.raises(Unavailable) as failure:
            rig.journal().write(an_entry(rig.base))
        assert (failure.value.code, tuple(rig.history(BRANCH))) == ("journal.read_only", ())

    def _refused(self, rig: JournalRig, entry: Entry, code: str) -> None:
        with pytest.raises(Rejected) as refusal:
            rig.journal().write(entry)
        assert (refusal.value.code, tuple(rig.history(BRANCH))) == (f"journal.{code}", ())
