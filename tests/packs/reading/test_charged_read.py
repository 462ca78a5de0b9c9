# SPDX-License-Identifier: Apache-2.0
"""Whom a lead, a title, a pronoun or a place in a sentence charges: sentences of trades that none of the groups has."""

import pytest

from interlock.packs.reading.reading import Asked, Reading, read_procedure


def read(*lines: str) -> Reading:
    found = read_procedure("charged.md", "\n".join(("# Orchard", "", "How we do it.", "", *lines, "")).encode())
    assert isinstance(found, Reading)
    return found


def below(title: str, *lines: str) -> tuple[Asked, ...]:
    return read(f"## {title}", "", *lines).asked


def said(sentence: str) -> tuple[str, ...]:
    """Whoever is asked in a sentence below a title."""
    return below("Steps", sentence)[-1].roles


@pytest.mark.parametrize(
    ("lines", "roles"),
    [
        (("3.1 The bell keeper shall see to it that:", "", " a) ropes are dry;", " b) it is empty."), "bell-keeper"),
        (("(2) The cellar master ensures that:", "", "  (a) casks are full;", "  (b) it is shut."), "cellar-master"),
        (("On that day the weighing office", "", "- seals the scales,", "- locks the gate."), "weighing-office"),
        (("**Verifier** (never the cooper himself):", "", "- taps every barrel", "- signs the sheet"), "verifier"),
        (("**QA** (deputy: Jo)", "", "- tastes the juice", "- shuts the press"), "qa"),
        (("For the beekeepers:", "", "* Close the hives before noon.", "* Write the weather down."), "beekeeper"),
        (("**Signaller on shift**", "", "1. Close the crossing.", "2. Ring the depot."), "signaller"),
    ],
)  # fmt: skip
def test_whoever_a_lead_names_is_asked_in_all_its_items(lines: tuple[str, ...], roles: str) -> None:
    assert {one.roles for one in below("Before the pressing", *lines)[-1:]} == {(roles,)}


def test_leads_of_one_kind_name_people_where_one_of_them_does() -> None:
    lead = ("Maple Crew (that is us):", " - mow the paths", " - oil the press", "", "Harbour IT:", " - lock the gate")
    assert [one.roles for one in below("Before", *lead)] == [("maple-crew",), ("maple-crew",), ("harbour-it",)]


@pytest.mark.parametrize(
    ("title", "role"),
    [("System Owner (SO)", "system-owner"), ("Quality Assurance (QA)", "quality-assurance")],
)
def test_what_somebody_is_called_in_short_is_no_part_of_a_name(title: str, role: str) -> None:
    lines = (
        "## Roles",
        "",
        f"### {title}",
        "",
        "- Keeps the seal.",
        "- Grants the release.",
        "",
        "### Skipper",
        "",
        "- Steers.",
    )
    assert read(*lines).asked[0].roles == (role,)


@pytest.mark.parametrize(
    ("sentences", "role"),
    [
        (("The miller opens the sluice.", "He counts the turns of the wheel."), ("miller",)),
        (("The miller opens the sluice.", "Every two hours she reads the gauge and writes it down."), ("miller",)),
        (("The miller opens the sluice.", "After closing it he rings the carter."), ("miller",)),
        (("The miller and the carter open the sluice.", "He counts the turns."), ()),
        (("The miller opens the sluice.", "If she is away, the carter counts the turns."), ("carter",)),
        (("Nothing is open.", "He counts the turns of the wheel."), ()),
    ],
)
def test_he_and_she_are_who_was_named_last(sentences: tuple[str, ...], role: tuple[str, ...]) -> None:
    assert below("Steps", *(f"{number}. {one}" for number, one in enumerate(sentences, 1)))[-1].roles == role or (
        below("Steps", *(f"- {one}" for one in sentences))[-1].roles == role
    )


@pytest.mark.parametrize(
    ("sentence", "roles"),
    [
        ("The harvest officer in Hall 7 is responsible for the weighing.", ("harvest-officer",)),
        ("The harvest officer has at least the following weighed.", ("harvest-officer",)),
        ("The head of Department 12 opens the gate in writing.", ("head-of-department-12",)),
        ("Legal has okayed the label.", ("legal",)),
        ("A diver without a tender does not go down.", ("diver",)),
        ("Two colleagues from branch support count the crates.", ("branch-support",)),
        ("The branch support updates the price list.", ("branch-support",)),
        ("Freight risk reviews the losses; the fund manager reviews the rest.", ("freight-risk", "fund-manager")),
        ("Only the dock master decides it; if he's away, the duty manager.", ("dock-master", "duty-manager")),
        ("Where the cargo touches food, grain or management, the port physician must agree.", ("port-physician",)),
        ("Agency tags (red, blue) don't change without an OK from the port safety team.", ("port-safety-team",)),
        ("For the small parcels that the vendor sends, the store keeper signs.", ("store-keeper",)),
        ("The store keeper authorises the removal of the seal from the office.", ("store-keeper",)),
        ("The consent of two members of the port board may be given by telephone.", ("port-board",)),
        ("Owners should take turns, so the knowledge stays in the house.", ("owner",)),
        ("Kiln wrangler opens the damper.", ("kiln-wrangler",)),
        ("The first responder closes the valve.", ("first-responder",)),
    ],
)  # fmt: skip
def test_who_acts_is_told_from_who_is_only_spoken_of(sentence: str, roles: tuple[str, ...]) -> None:
    assert said(f"- {sentence}") == roles


def test_letters_within_a_longer_name_stay_as_they_are_written() -> None:
    found = below(
        "Steps", "The harbour control centre (HCC) opens the lock.", "", "- The HCC shift lead rings "
        "the bell.", "- The HCC logs it."
    )  # fmt: skip
    assert [one.roles for one in found[-2:]] == [("hcc-shift-lead",), ("harbour-control-centre",)]


def test_what_sounds_like_a_machine_is_somebody_who_signs() -> None:
    found = below(
        "Steps", "1. The second printer reads the proof and initials the sheet.", "2. The printer locks the forme."
    )
    assert {one.roles for one in found if one.line == 8} == {("printer",)}


def test_both_pairs_of_eyes_are_asked() -> None:
    rows = ("| Enter the rate | Dealer | Back office |", "| Release the file | Payments clerk | Duty manager |")
    found = below("Steps", "| Step | Maker | Checker |", "| --- | --- | --- |", *rows)
    assert [one.roles for one in found] == [("dealer", "back-office"), ("payments-clerk", "duty-manager")]


@pytest.mark.parametrize(
    "item", ["One keeper from another lighthouse than the author's", "At least one pilot from the north"]
)
def test_a_box_that_names_one_of_them_is_signed_by_them(item: str) -> None:
    found = below("Signatures", f"- [ ] {item}")[-1]
    assert (found.kind.value, len(found.roles)) == ("signoff", 1)
