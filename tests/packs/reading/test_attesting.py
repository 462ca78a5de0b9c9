# SPDX-License-Identifier: Apache-2.0
"""What a person lets somebody attest by hand: where the pack asks for it, and in which words."""

import pytest

from interlock.packs.coverage import Kind
from interlock.packs.load import Pack, load_pack
from interlock.packs.reading.drafting import Drafted, drafted
from interlock.packs.reading.layout import Element
from interlock.packs.reading.reading import Reading, read_procedure
from interlock.packs.reading.reviewing import Decided, Item, Verdict, items_of, reviewed, wrong_with

DOCUMENT = """\
# Releases

## Before
- [ ] All tests pass
- [ ] QA Lead signs off the build

## Deployment
1. Deploy to production
2. Releases only on Tuesdays

## Prohibited
- touch the price list
- Never touch the oven

## After the release
- [ ] Dashboards load

## Rollback: when
- the oven stays cold

## Hotfix
- The fix is small

## Elsewhere
One shout is enough.
"""


def read() -> Reading:
    reading = read_procedure("RELEASE.md", DOCUMENT.encode())
    assert isinstance(reading, Reading)
    return reading


def item(begin: str) -> Item:
    return next(one for one in items_of([read()]) if one.text.startswith(begin))


def attested(begin: str, role: str = "") -> Drafted:
    """The draft in which somebody attests this line."""
    made = drafted("mill", reviewed([read()], [Decided(item(begin).words, Verdict.ATTEST, role=role)]).readings)
    assert isinstance(load_pack("pack.yaml", dict(made.files)["pack.yaml"].encode()), Pack)
    return made


def carrying(group: list[Element], begin: str) -> Element:
    return next(one for one in group if one.first.asked.text.startswith(begin))


@pytest.mark.parametrize("begin", ["touch the price", "Releases only", "One shout"])
def test_it_is_a_sign_off_before_a_release_goes_on(begin: str) -> None:
    assert carrying(attested(begin).layout.people, begin).kind is Kind.SIGNOFF


def test_of_a_rollback_it_is_attested_before_the_incident_is_closed() -> None:
    assert carrying(attested("the oven stays").layout.closing, "the oven stays").kind is Kind.SIGNOFF


def test_of_an_emergency_it_is_asked_for_on_the_way_of_emergencies() -> None:
    assert carrying(attested("The fix is").layout.urgent, "The fix is").kind is Kind.SIGNOFF


def test_the_role_that_was_told_attests_it() -> None:
    assert carrying(attested("touch the price", "baker").layout.people, "touch").roles == ("baker",)


def test_who_was_read_attests_it_where_no_role_was_told() -> None:
    assert carrying(attested("QA Lead").layout.people, "QA Lead").roles == ("qa-lead",)


def test_it_stays_of_the_kind_it_was_read_as() -> None:
    made = attested("Releases only")
    assert next(one for one in made.statements if one.asked.text == "Releases only on Tuesdays").asked.kind is Kind.RULE


def test_no_machine_sees_to_what_somebody_attests() -> None:
    assert attested("Releases only").layout.opening.carries == ()


@pytest.mark.parametrize(
    ("begin", "statement"),
    [
        ("touch the price", "Prohibited: touch the price list"),
        ("Never touch", "Never touch the oven"),
        ("One shout", "One shout is enough"),
    ],
)
def test_what_is_signed_says_what_is_not_done(begin: str, statement: str) -> None:
    assert f'statement: "{statement}"' in dict(attested(begin).files)["pack.yaml"]


def test_after_a_release_nobody_is_asked() -> None:
    wrong = wrong_with(item("Dashboards load"), Decided(item("Dashboards load").words, Verdict.ATTEST))
    assert wrong.startswith("nobody is asked once a release is out")


@pytest.mark.parametrize(("role", "is_wrong"), [("", False), ("qa-lead", False), ("QA Lead", True)])
def test_a_role_has_the_name_of_a_role(role: str, is_wrong: bool) -> None:  # noqa: FBT001  # a row of a table
    decided = Decided(item("touch the price").words, Verdict.ATTEST, role=role)
    assert bool(wrong_with(item("touch the price"), decided)) is is_wrong
