# SPDX-License-Identifier: Apache-2.0
"""What a person's decisions make of a reading, and of the pack that is drafted from it."""

import pytest

from interlock.packs.coverage import Carried, Kind, carried, load_requirements
from interlock.packs.problem import Problems
from interlock.packs.reading.drafting import drafted
from interlock.packs.reading.notes import Dropped
from interlock.packs.reading.reading import Reading, read_procedure
from interlock.packs.reading.reviewing import Decided, Item, Reviewed, Verdict, items_of, reviewed, wrong_with

DOCUMENT = """\
# Releases

## Before
- [ ] All tests pass
- [ ] QA Lead signs off the build
- [ ] There is no ongoing change freeze
- [ ] No open blockers

## Staging
1. Error rate is below 1 %
2. Latency is below 1 s

## Deployment
1. Deploy to production
2. Deploy to production twice
3. Monitor the error rate for 30 minutes
4. Tell the customers in #bread
5. Releases only on Tuesdays

## Rollback: when
- the oven stays cold

## Elsewhere
One shout is enough.
"""


def read() -> Reading:
    reading = read_procedure("RELEASE.md", DOCUMENT.encode())
    assert isinstance(reading, Reading)
    return reading


def item(begin: str) -> Item:
    return next(one for one in items_of([read()]) if one.text.startswith(begin))


def after(*decisions: Decided) -> Reviewed:
    return reviewed([read()], decisions)


def kinds(made: Reviewed) -> dict[str, Kind]:
    return {one.text: one.kind for one in made.readings[0].asked}


def test_what_nobody_decided_is_left_as_it_was_read() -> None:
    made = after()
    assert made.readings == (read(),)
    assert len(made.left) == len(items_of([read()]))


def test_what_is_accepted_is_certain() -> None:
    made = after(Decided(item("All tests").words, Verdict.ACCEPT))
    assert next(one for one in made.readings[0].asked if one.text == "All tests pass").confidence == 100


def test_another_kind_is_taken() -> None:
    made = after(Decided(item("All tests").words, Verdict.KIND, kind="signoff"))
    assert kinds(made)["All tests pass"] is Kind.SIGNOFF


def test_the_last_decision_counts() -> None:
    words = item("All tests").words
    made = after(Decided(words, Verdict.DROP, reason="No."), Decided(words, Verdict.LEAVE))
    assert made.dropped == ()
    assert words in {one.words for one in made.left}


def test_what_is_dropped_is_gone_and_told() -> None:
    made = after(Decided(item("All tests").words, Verdict.DROP, reason="The pipeline sees to it."))
    assert made.dropped == (Dropped("All tests pass", "The pipeline sees to it.", "Before"),)
    assert "All tests pass" not in kinds(made)


@pytest.mark.parametrize(
    ("begin", "kind", "made"),
    [
        ("Deploy to production twice", "", Kind.GATE),
        ("QA Lead", "signoff", Kind.SIGNOFF),
        ("QA Lead", "gate+signoff", Kind.BOTH),
    ],
)
def test_what_a_check_decides_is_a_gate_unless_a_person_signs_too(begin: str, kind: str, made: Kind) -> None:
    one = item(begin)
    assert kinds(after(Decided(one.words, Verdict.CHECK, kind=kind, check="twice")))[one.text] is made


def test_what_was_not_understood_may_be_said_to_be_something() -> None:
    unread = next(one for one in items_of([read_("# Scope", "", "1. entropy budget")]) if not one.is_read)
    made = reviewed([read_("# Scope", "", "1. entropy budget")], [Decided(unread.words, Verdict.KIND, kind="rule")])
    assert (kinds(made), made.readings[0].unmapped) == ({unread.text: Kind.RULE}, ())


def read_(*lines: str) -> Reading:
    reading = read_procedure("a.md", "\n".join(lines).encode())
    assert isinstance(reading, Reading)
    return reading


def test_what_was_not_understood_may_be_dropped_or_left() -> None:
    reading = read_("# Scope", "", "1. entropy budget")
    words = items_of([reading])[0].words
    assert reviewed([reading], [Decided(words, Verdict.DROP, reason="Talk.")]).readings[0].unmapped == ()
    assert reviewed([reading], [Decided(words, Verdict.LEAVE)]).readings == (reading,)


def test_merging_with_what_was_dropped_keeps_it_apart() -> None:
    made = after(
        Decided(item("All tests").words, Verdict.DROP, reason="No."), Decided(item("QA Lead").words, Verdict.MERGE)
    )
    assert not made.readings[0].asked[0].is_joined


@pytest.mark.parametrize(
    ("begin", "head"),
    [
        ("QA Lead", "All tests"),
        ("There is no", "QA Lead"),
        ("No open", "There is no"),
        ("Latency", "Error rate"),
        ("Deploy to production twice", "Deploy to production"),
        ("Monitor", "Deploy to production twice"),
        ("Tell", "Monitor"),
        ("Releases only", "Tell"),
        ("the oven", "Releases only"),
    ],
)
def test_what_is_merged_is_carried_by_what_carries_the_one_before(begin: str, head: str) -> None:
    made = after(Decided(item(begin).words, Verdict.MERGE))
    files = dict(drafted("release", made.readings).files)
    statements = load_requirements("requirements.yaml", files["requirements.yaml"].encode())
    assert not isinstance(statements, Problems), statements.render()
    pack = carried("pack.yaml", files["pack.yaml"].encode(), statements)
    assert isinstance(pack, Carried), pack.render()
    ids = {one.text: one.id for one in pack.statements}
    told = {name: next(ids[text] for text in ids if text.startswith(name)) for name in (begin, head)}
    carriers = {name: {one.name for one in pack.elements_for(id_)} for name, id_ in told.items()}
    codes = {name: [one.codes for one in pack.engine_for(id_)] for name, id_ in told.items()}
    assert (carriers[begin], codes[begin]) == (carriers[head], codes[head])


@pytest.mark.parametrize(
    ("begin", "decided"),
    [
        ("All tests", ("merge", "", "", "")),
        ("All tests", ("drop", "", "", " ")),
        ("All tests", ("kind", "prayer", "", "")),
        ("All tests", ("check", "", "", "")),
    ],
    ids=["merge", "drop", "kind", "check"],
)
def test_a_decision_that_cannot_be_taken_is_told(begin: str, decided: tuple[str, str, str, str]) -> None:
    one = item(begin)
    verdict, kind, check, reason = decided
    assert wrong_with(one, Decided(one.words, Verdict(verdict), kind, check, reason))


def test_what_was_not_understood_cannot_be_accepted_as_it_stands() -> None:
    one = items_of([read_("# Scope", "", "1. entropy budget")])[0]
    assert wrong_with(one, Decided(one.words, Verdict.ACCEPT))
    assert not wrong_with(one, Decided(one.words, Verdict.CHECK, kind="gate", check="shout"))


def test_an_item_says_where_it_stands() -> None:
    assert item("All tests").at == "RELEASE.md:4"
