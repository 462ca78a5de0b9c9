# SPDX-License-Identifier: Apache-2.0
"""What was read, laid out: each thing in the part of the pack that can carry it, and what none can is left and told."""

import pytest

from interlock.packs.coverage import Carried, Statement, carried, load_requirements
from interlock.packs.coverage import Kind as StatementKind
from interlock.packs.load import Pack, load_pack
from interlock.packs.reading.drafting import Drafted, drafted
from interlock.packs.reading.notes import NOTHING_DROPPED
from interlock.packs.reading.numbering import name_of
from interlock.packs.reading.reading import Reading, read_procedure
from interlock.packs.reading.tracing import traced
from interlock.packs.rehearsal import as_if_active
from interlock.packs.yaml_tree import Document, read


def reading(*lines: str, name: str = "RELEASE.md") -> Reading:
    found = read_procedure(name, "\n".join(lines).encode())
    assert isinstance(found, Reading)
    return found


def draft(*lines: str) -> Drafted:
    made = drafted("made", [reading(*lines)])
    pack = load_pack("pack.yaml", dict(made.files)["pack.yaml"].encode())
    assert isinstance(pack, Pack), pack.render()
    return made


def text(*lines: str) -> str:
    return dict(draft(*lines).files)["pack.yaml"]


@pytest.mark.parametrize(
    ("lines", "part"),
    [
        (("- [ ] All tests pass",), "gate: {check: tests}"),
        (("- [ ] No P1 bugs open",), "gate: {check: open-defects, at_most: 0}"),
        (("- [ ] Two maintainers approve", "- [ ] two approvals by a maintainer"), "count: 2"),
        (("- [ ] module owner and reviewer approve",), "who: each"),
        (("- [ ] module owner or reviewer approve",), "approval: {roles: [module-owner, reviewer], apart"),
        (
            ("- [ ] QA Lead sign-off confirming:", "  - [ ] No P1 bugs open"),
            'statement: "No P1',
        ),
        (("- [ ] Release notes written",), 'sections: ["Release notes written"]'),
        (("- [ ] Tag the release",), "gate: {check: tag}"),
        (("- [ ] The author must not approve a change",), "enforced:"),
        (
            ("## Handoff", "1. Developer confirms it", "2. QA Lead confirms it", "3. SRE confirms it"),
            "sequential",
        ),
        (
            ("## Steps", "1. deploy to staging", "2. check it", "3. deploy to production"),
            "{after: [RE-",
        ),
        (("## After", "- [ ] Monitor for 3 days"), "every: 1h"),
        (("## After", "- [ ] Monitor for 12 hours"), "every: 10m"),
        (("## Before", "- [ ] Announce the maintenance in #ops"), "notify: {before: ["),
        (("## After", "- [ ] Announce it"), "notify: {after: ["),
        (("## Rollback", "- Announce the rollback"), "notify: {decided: ["),
        (("## Incidents", "- Page the on-call engineer"), "on: [opened]"),
        (
            ("## Rollback", "1. Redeploy the previous tag", "2. Run the smoke tests", "3. Open the gates"),
            "is: restored",
        ),
        (
            ("## Rollback", "1. Run the smoke tests (QA Lead validates)", "2. Revert it", "3. Write it down"),
            ".signed, signoff",
        ),
        (("## Rollback", "1. Release Manager can order a rollback"), "  authority:\n    primary: release-manager"),
        (("## Rollback", "Roll back when:", "- it burns"), "goes_back_for: [release-manager]"),
        (("## Incidents", "- Assess it within 15 minutes"), "until: [decided], within: 15m"),
        (("## Incidents", "- Post-mortem within 2 days"), "until: [scheduled], within: 2d"),
        (("## Incidents", "- Fix it within 2 hours"), "until: [restored], within: 2h"),
        (("## Incidents", "- QA Lead reviews it"), "closing:"),
        (("## Hotfix", "- [ ] Two people approve it", "- [ ] Push the fix"), "for: [emergency]"),
    ],
)
def test_it_is_carried_by(lines: tuple[str, ...], part: str) -> None:
    assert part in text("- [ ] Release Manager approves it", *lines)


@pytest.mark.parametrize(
    "lines",
    [
        ("## Never", "- bake on Fridays"),
        ("## Incidents", "- Monitor it for 2 hours"),
        ("## Steps", "1. mix it", "2. knead it", "3. bake it"),
        ("## After", "- Report it within 2 days"),
        ("## Rollback", "- Monitor it for 2 hours"),
        ("## Incidents", "- Deploy the fix"),
    ],
)
def test_what_nothing_can_carry_is_left_and_told(lines: tuple[str, ...]) -> None:
    made = draft(*lines)
    assert made.layout.left
    assert "# Nothing above carries these yet." in dict(made.files)["pack.yaml"]


def test_an_order_of_going_back_without_steps_is_left() -> None:
    made = draft("## Rollback", "1. Tell the team", "2. Tell the board", "3. Tell the press")
    assert [one.asked.text[:14] for one in made.layout.left] == ["In this order:"]


def test_a_draft_without_gates_guesses_one() -> None:
    assert "a guess: a path has to ask for something" in text("- [ ] Release Manager approves it")


def test_long_words_are_cut_in_comments_and_whole_in_statements() -> None:
    words = "all tests pass " + "very " * 60 + "well"
    made = dict(draft(f"- [ ] {words}").files)
    assert "…”" in made["pack.yaml"]
    assert words in made["requirements.yaml"]


def test_statements_are_numbered_by_document() -> None:
    names = ("RELEASE.md", "release.txt", "a-b.md", "1.md", "§.md")
    made = drafted("made", [reading("- [ ] tests pass", name=name) for name in names])
    assert [one.id for one in made.statements] == ["RE-01", "RE2-01", "AB-01", "1-01", "R-01"]


def test_names_differ() -> None:
    taken: set[str] = set()
    assert [name_of(words, taken, "x") for words in ("The tests", "tests", "the")] == ["tests", "tests-2", "x"]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"pack: a\nstatus: draft # x\n", b"pack: a\nstatus: active # x\n"),
        (b"status: 'draft'\n", b"status: 'active'\n"),
        (b"status: retired\n", b"status: retired\n"),
        (b"about: |\n  status: draft\n", b"about: |\n  status: draft\n"),
    ],
)
def test_only_a_draft_is_played_as_if_it_were_active(before: bytes, after: bytes) -> None:
    assert as_if_active(before) == after


def test_of_two_likenesses_the_nearer_counts() -> None:
    document = read("pack.yaml", b"{}")
    assert isinstance(document, Document)
    statements = (
        Statement("A-1", "here", StatementKind.GATE, "The integration tests of the payment service pass."),
        Statement("A-2", "there", StatementKind.GATE, "The integration tests pass in every browser."),
    )
    tracing = traced(
        reading("- [ ] integration tests of payment service green"),
        Carried(statements, (), (), document),
        NOTHING_DROPPED,
    )
    assert [(one.statement, one.is_alike) for one in tracing.traces] == [("A-1", True)]


def test_what_a_draft_cites_is_among_its_statements() -> None:
    files = dict(draft("- [ ] All tests pass", "- [ ] QA Lead signs it off").files)
    statements = load_requirements("requirements.yaml", files["requirements.yaml"].encode())
    assert isinstance(statements, tuple)
    assert isinstance(carried("pack.yaml", files["pack.yaml"].encode(), statements), Carried)


@pytest.mark.parametrize(
    ("line", "soaked", "watched"),
    [
        ("- Wait at least 48 hours in staging before production", "2d", "30m"),
        ("- Watch production for 4 hours", "", "4h"),
    ],
)
def test_a_time_in_staging_is_kept_there(line: str, soaked: str, watched: str) -> None:
    written = text("# Release", "- Deploy to staging", line, "- Deploy to production")
    staging, production = written.split("  - name: staging")[1].split("  - name: production")
    assert ("bake: {for: " + soaked in staging) == bool(soaked)
    assert "bake: {for: " + watched in production
