# SPDX-License-Identifier: Apache-2.0
"""The small words everything is said in: identities, assurance, verdicts, spans of time, answers."""

from datetime import timedelta

import pytest
from tests.domain.shop import BOB, START

from interlock.domain.actor import CONTROLLER, Assurance, Person
from interlock.domain.decision import refuse, refuse_by
from interlock.domain.ids import WaiverId, commit_to, digest_of, parse_branch, parse_digest, parse_name, parse_version
from interlock.domain.moment import NEVER, in_words, span_in_words
from interlock.domain.requirement import somebody
from interlock.domain.trunk import branch_reference
from interlock.domain.verdict import Finding, Verdict, WaivedBy, group, worst

RED = Finding("x.red", "x", Verdict.FAIL, "it is red", "mend it")
GREEN = Finding("y.green", "y", Verdict.PASS, "it is green")
NEITHER = Finding("z.neither", "z", Verdict.NOT_APPLICABLE, "it does not apply")


@pytest.mark.parametrize("text", ["shop", "a", "0", "a.b_c-d", "x" * 63])
def test_a_name_is_what_it_was(text: str) -> None:
    assert parse_name(text) == text


@pytest.mark.parametrize("text", ["", "Shop", "-a", ".a", "a/b", "a b", "x" * 64, "a\n", "../a", "ä"])
def test_a_name_that_is_not_safe_everywhere_is_declined(text: str) -> None:
    with pytest.raises(ValueError, match="is not a name"):
        parse_name(text)


@pytest.mark.parametrize("text", ["1.2.0", "v2.0.0-rc.1", "2026.03+build"])
def test_a_version_is_what_it_was(text: str) -> None:
    assert parse_version(text) == text


@pytest.mark.parametrize("text", ["", "v 1", "-1", "1/2", "1\n", "x" * 64])
def test_a_version_that_is_not_safe_in_a_path_is_declined(text: str) -> None:
    with pytest.raises(ValueError, match="is not a version"):
        parse_version(text)


def test_the_digest_of_content_is_a_digest() -> None:
    assert parse_digest(digest_of(b"a")) == digest_of(b"a")


@pytest.mark.parametrize("text", ["", "sha256:", "sha256:" + "A" * 64, "md5:" + "a" * 64, "sha256:" + "a" * 64 + "\n"])
def test_a_digest_in_any_other_form_is_declined(text: str) -> None:
    with pytest.raises(ValueError, match="is not a digest"):
        parse_digest(text)


def test_a_commitment_depends_on_its_words_and_on_its_salt() -> None:
    assert len({commit_to("a", b"1"), commit_to("a", b"2"), commit_to("b", b"1")}) == 3


@pytest.mark.parametrize(
    ("one", "minimum", "reaches"),
    [
        (Assurance.ASSERTED, Assurance.ASSERTED, True),
        (Assurance.ASSERTED, Assurance.AUTHENTICATED, False),
        (Assurance.AUTHENTICATED, Assurance.ASSERTED, True),
        (Assurance.AUTHENTICATED, Assurance.SIGNED, False),
        (Assurance.SIGNED, Assurance.AUTHENTICATED, True),
    ],
)
def test_assurance_is_ordered(one: Assurance, minimum: Assurance, *, reaches: bool) -> None:
    assert one.reaches(minimum) is reaches


def test_an_actor_is_written_with_what_it_is() -> None:
    assert (str(Person(BOB, Assurance.SIGNED)), str(CONTROLLER)) == ("person:bob", "robot:controller")


@pytest.mark.parametrize(
    ("verdicts", "expected"),
    [
        ((), Verdict.FAIL),
        ((Verdict.NOT_APPLICABLE,), Verdict.FAIL),
        ((Verdict.PASS, Verdict.NOT_APPLICABLE), Verdict.PASS),
        ((Verdict.PASS, Verdict.INCONCLUSIVE), Verdict.INCONCLUSIVE),
        ((Verdict.FAIL, Verdict.INCONCLUSIVE), Verdict.FAIL),
        ((Verdict.FAIL, Verdict.ERROR, Verdict.PASS), Verdict.ERROR),
    ],
)
def test_a_group_is_as_bad_as_its_worst_and_nothing_applicable_is_a_denial(
    verdicts: tuple[Verdict, ...], expected: Verdict
) -> None:
    assert worst(verdicts) is expected


def test_a_waiver_beside_a_finding_opens_it_without_changing_its_verdict() -> None:
    waived = Finding("x.red", "x", Verdict.FAIL, "it is red", waiver=WaivedBy(WaiverId("w")))
    whole = group("g", "g", "all", (waived, GREEN))
    assert (whole.verdict, whole.effective, whole.opens) == (Verdict.FAIL, Verdict.PASS, True)


def test_a_waiver_beside_what_does_not_apply_does_not_make_it_pass() -> None:
    beside = Finding("z", "z", Verdict.NOT_APPLICABLE, "no", waiver=WaivedBy(WaiverId("w")))
    assert not group("g", "g", "all", (beside,)).opens


def test_the_leaves_that_hold_a_gate_are_told_and_no_others() -> None:
    whole = group("g", "g", "all", (GREEN, NEITHER, group("h", "h", "inner", (RED, GREEN))))
    assert [leaf.code for leaf in whole.blockers()] == ["x.red"]
    assert whole.why() == "x: it is red"


def test_a_refusal_by_a_finding_gives_each_reason_with_its_next_step() -> None:
    refused = refuse_by(group("g", "g", "all", (RED, GREEN)))
    assert refused == refuse("x.red", "x: it is red", "mend it")


def test_an_open_finding_has_no_blockers() -> None:
    assert list(GREEN.blockers()) == []


@pytest.mark.parametrize(
    ("span", "words"),
    [
        (timedelta(days=2), "2 d"),
        (timedelta(hours=36), "36 h"),
        (timedelta(minutes=5), "5 min"),
        (timedelta(seconds=90), "90 s"),
        (timedelta(0), "0 s"),
    ],
)
def test_a_span_is_said_in_its_largest_whole_unit(span: timedelta, words: str) -> None:
    assert span_in_words(span) == words


def test_a_moment_is_said_to_the_minute_and_never_is_before_it() -> None:
    assert in_words(START) == "2026-03-02 10:00 UTC"
    assert NEVER < START


@pytest.mark.parametrize(
    ("who", "said"),
    [("developer", "a developer"), ("owner of accounts", "an owner of accounts"), ("on-call", "an on-call")],
)
def test_somebody_is_spoken_of_as_people_do(who: str, said: str) -> None:
    assert somebody(who) == said


def test_a_branch_is_looked_up_here_or_as_it_was_fetched() -> None:
    assert branch_reference("main", "") == "refs/heads/main"
    assert branch_reference("main", "origin") == "refs/remotes/origin/main"


@pytest.mark.parametrize("text", ["main", "release/1.x", "records/0.0.0-main.1+1775943da4ef", "feature/#12"])
def test_a_branch_is_what_it_was(text: str) -> None:
    assert parse_branch(text) == text


@pytest.mark.parametrize(
    "text",
    ["", "-x", "a..b", "a//b", "a/", "/a", "a/.b", "a.lock", "a.lock/b", "a.", "refs/heads/a", "HEAD", "a b", "a~1"],
)
def test_what_git_takes_for_no_branch_is_declined(text: str) -> None:
    with pytest.raises(ValueError, match="is not a branch"):
        parse_branch(text)
