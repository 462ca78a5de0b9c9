# SPDX-License-Identifier: Apache-2.0
"""What was learned of legends, names ahead of tasks, odd subjects, retention and kinds, in other trades."""

from itertools import product

import pytest

from interlock.packs.reading.reading import Asked, Reading, read_procedure


def read(*lines: str) -> tuple[Asked, ...]:
    reading = read_procedure("RELEASE.md", "\n".join(lines).encode())
    assert isinstance(reading, Reading)
    return reading.asked


def below(title: str, *lines: str) -> tuple[Asked, ...]:
    """What these lines ask for, below the title of a part."""
    return read("# Lock keeping", "", "This page says how we open the locks.", "", f"## {title}", "", *lines)


LEGENDS = (
    (
        "| Role | Abbreviation | Responsible for |",
        "|---|---|---|",
        "| Water Bailiff | WB | The level |",
        "| Canal Works | CW | Gates |",
    ),
    ("| Short | Role |", "|---|---|", "| WB | Water Bailiff |", "| CW | Canal Works |"),
    ("| Acronym | Meaning |", "|---|---|", "| WB | Water Bailiff |", "| CW | Canal Works |"),
    ("- WB - Water Bailiff", "- CW - Canal Works"),
    ("- **WB**: Water Bailiff", "- **CW**: Canal Works"),
    ("- WB stands for the Water Bailiff", "- CW stands for Canal Works"),
    ("- `WB` is short for Water Bailiff", "- `CW` is short for Canal Works"),
    ("The Water Bailiff (WB) keeps the level.", "Canal Works (CW) keeps the gates."),
    ('The Water Bailiff (the "WB") keeps the level.', "Canal Works (hereinafter CW) keeps the gates."),
    ("The WB (Water Bailiff) keeps the level.", "The CW (Canal Works) keeps the gates."),
)


@pytest.mark.parametrize("legend", LEGENDS)
def test_a_legend_says_who_is_meant_by_letters_whatever_form_it_has(legend: tuple[str, ...]) -> None:
    asked = below("Roles", *legend, "", "## Steps", "", "1. The WB signs the sheet.", "2. CW opens the upper gate.")
    assert [one.roles for one in asked[-2:]] == [("water-bailiff",), ("canal-works",)]


@pytest.mark.parametrize("legend", LEGENDS[:6])
def test_a_legend_asks_for_nothing(legend: tuple[str, ...]) -> None:
    assert below("Roles", *legend) == ()


def test_a_row_of_a_legend_that_tells_what_somebody_does_is_asked_for() -> None:
    table = ("| Role | Abbreviation | Task |", "|---|---|---|", "| Water Bailiff | WB | Approves the level |")
    assert [one.roles for one in below("Roles", *table)] == [("water-bailiff",)]


def test_letters_beside_a_thing_name_nobody() -> None:
    table = ("| Term | Acronym |", "|---|---|", "| Water level mark | WLM |")
    asked = below("Terms", *table, "", "## Steps", "", "1. Paint the WLM white.")
    assert [one.roles for one in asked[-1:]] == [()]


AHEAD = ("({}) Open the gate", "[{}] Open the gate", "{}: open the gate")


@pytest.mark.parametrize(("shape", "who"), tuple(product(AHEAD, ("lead", "mate"))))
def test_a_name_ahead_of_a_task_is_who_does_it(shape: str, who: str) -> None:
    tasks = [f"- [ ] {shape.format(who)} {number}" for number in range(4)]
    assert {(one.kind.value, one.roles) for one in below("Steps", *tasks)} == {("step", (who,))}


def test_the_lead_ahead_of_a_task_is_the_one_whom_the_document_knows() -> None:
    asked = below("Steps", "The lock lead signs the sheet.", "", "- (lead) Open gate 1", "- (lead) Open gate 2")
    assert {one.roles for one in asked} == {("lock-lead",)}


SUBJECTS = (
    ("- Only after the bell does the lock pilot open the gate.", ("lock-pilot",)),
    ("- Not until the level is right may the Water Bailiff lift the bar.", ("water-bailiff",)),
    ("- Only then does the sluice open.", ()),
    ("- [ ] Legal is OK with the toll sheet", ("legal",)),
    ("- [ ] Finance is fine with the toll sheet", ("finance",)),
    ("- The person on watch rings the bell.", ("on-watch",)),
    ("- Somebody on standby rings the bell.", ("on-standby",)),
    ("- The lock master and one member of the harbour board sign the sheet.", ("lock-master", "harbour-board")),
    ("- The bar is lifted by two gate keepers acting together.", ("gate-keeper",)),
    ("- [ ] Two reviewers from the rota have read the sheet", ("reviewer",)),
    ("- Reviewers from the rota shall be told.", ()),
    ("- Toll management must agree to the day.", ("toll-management",)),
    ("- Request the charts from the data keepers.", ()),
    (
        "- If the level falls, the Person Responsible for Water Safety closes the gate.",
        ("person-responsible-for-water-safety",),
    ),
)


@pytest.mark.parametrize(("line", "roles"), SUBJECTS)
def test_somebody_acts_wherever_their_clause_puts_them(line: str, roles: tuple[str, ...]) -> None:
    assert below("Steps", line)[-1].roles == roles


KEPT = (
    ("Lock sheets are retained for ten years.", 3650),
    ("The register is archived by the harbour office for 15 years after the last passage.", 5475),
    ("Tolls and approvals are kept for at least 400 days.", 400),
    ("Retain the sheets for 18 months.", 540),
    ("The log must be stored for a period of six weeks.", 42),
    ("The charts are kept for the pilots.", 0),
    ("The charts are kept for several years.", 0),
)


@pytest.mark.parametrize(("line", "days"), KEPT)
def test_how_long_something_is_kept_is_read(line: str, days: int) -> None:
    found = below("Records", line)[-1].deadline
    assert (found.relation.value, found.least.days) == ("for", days) if found else days == 0


def test_a_gate_that_is_held_is_no_record_that_is_kept() -> None:
    asked = below("Steps", "1. Keep the upper gate shut for two days.")
    assert [(one.kind.value, one.deadline.words) for one in asked if one.deadline] == [("hold", "two days")]


KINDS = (
    ("1. Run the conversion pipeline on the new charts.", "step"),
    ("1. Run the validation pipeline on the new charts.", "gate"),
    ("1. If verification has not succeeded by noon, the pilot executes the back-out plan.", "step"),
    ("1. Add the tests for the upper gate.", "gate"),
    ("1. The lock master has the whole passage executed on three gates.", "step"),
    ("1. The bar is lifted and signed with the harbour key by two gate keepers.", "step"),
    ("- If another barge is still in it, wait your turn.", "hold"),
    ("1. Update `CHANGES.md`.", "record"),
    ("1. Update the opening hours in `hours.toml` and the docs.", "step"),
    ("1. Sign the packages for the barges (@ewald).", "step"),
    ("Lock records and approvals are kept for at least 400 days.", "record"),
    ("The lock pilot watches the approval rate.", "gate"),
    ("The lock pilot tries the agreed gate cases.", "signoff"),
    ("The harbour board meets on Tuesdays and approves the list.", "approval"),
    ("The decision to go back up is taken by the lock pilot.", "approval"),
    ("- [ ] Legal is OK with the toll texts", "approval"),
    ("Anything that broke is noted in the logbook.", "record"),
    ("Readings that were lost are re-entered by the lock pilot.", "step"),
    ("- Lock pilot: if the bar sticks, lift the bar back.", "step"),
    ("Decide on the number of the passage.", "step"),
    ("Once the water is still, the lock pilot switches the board to read-only.", "step"),
    ("From then on the sheet is read-only.", "rule"),
    ("Two days beforehand the lock pilot writes to all front offices.", "notify"),
)


@pytest.mark.parametrize(("line", "kind"), KINDS)
def test_what_is_asked_is_told_by_how_the_line_is_built(line: str, kind: str) -> None:
    assert below("Steps", line)[-1].kind.value == kind


def test_whoever_does_something_below_a_title_that_tells_people_does_it() -> None:
    asked = below("Tell people", "- @ewald updates the board on the quay.")
    assert [(one.kind.value, one.roles) for one in asked] == [("step", ("ewald",))]


def test_a_cell_that_says_what_happens_in_a_phase_is_what_is_asked() -> None:
    table = ("| Phase | What happens | Owner | When |", "|---|---|---|---|")
    asked = below("Phases", *table, "| Sheets | Finish the tide tables | Lock lead | 3 days before opening |")
    assert [(one.kind.value, one.roles) for one in asked] == [("step", ("lock-lead",))]


def test_one_each_for_some_parts_says_who_somebody_is() -> None:
    assert below("People", "* **Gate keepers** \u2013 one each for the upper, middle and lower gate.") == ()


def test_keep_it_short_is_asked_and_keep_it_at_hand_is_not() -> None:
    assert [one.text for one in below("Reports", "Keep it blameless.", "", "Keep it at hand.")] == [
        "Keep it blameless."
    ]
