# SPDX-License-Identifier: Apache-2.0
"""What a person answers for, and what only sounds so: a look, a try, a name of a paper, an approval in passing."""

import pytest

from interlock.packs.reading.reading import Reading, read_procedure


def kinds(*lines: str) -> list[str]:
    """The kinds of what is asked in a section of a document."""
    text = "\n".join(("# Ferry timetable", "", "## Sailing", "", *lines))
    reading = read_procedure("RELEASE.md", text.encode())
    assert isinstance(reading, Reading)
    return [one.kind.value for one in reading.asked]


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        ("- [ ] Mooring lists reviewed", "signoff"),
        ("- [ ] scope complete", "signoff"),
        ("- [ ] Security review: ropes are fine", "signoff"),
        ("- Review the ropes that were mended last week.", "gate"),
        ("- Make sure the right people join the call.", "gate"),
        ("The purser's report must summarise the outcome of all reviews.", "rule"),
        ("The quartermaster tests the ropes.", "gate"),
        ("The quartermaster tries the ropes.", "signoff"),
        ("The quartermaster confirms the ropes.", "signoff"),
        ("Harbour physics confirms that the compass is right.", "signoff"),
        ("Every chart shall be plotted and compared by two persons independently.", "signoff"),
        ("- The owner of the quay provides the ropes for everybody.", "step"),
        ("- [ ] Run the smoke tests again (QA Lead validates)", "gate+signoff"),
        ("- [ ] QA Lead runs the smoke tests", "gate"),
    ],
)
def test_what_somebody_answers_for(line: str, kind: str) -> None:
    assert kinds(line)[-1:] == [kind]


@pytest.mark.parametrize(
    "line",
    [
        "- For each sailing, a new sign-off checklist must be created as an issue.",
        "- Publish the timetables together with their signature files.",
        "- Bring it up at one of the sign-off meetings.",
    ],
)
def test_what_is_called_after_a_signature_is_none(line: str) -> None:
    assert kinds(line)[-1] != "signoff"


@pytest.mark.parametrize(
    ("lead", "kind"),
    [
        ("Harbour master sign-off confirming:", "signoff"),
        ("Harbour master confirms:", "signoff"),
        ("Harbour master verification:", "signoff"),
        ("Confirm that of the following all is true:", "gate"),
    ],
)
def test_what_stands_below_a_sign_off_is_signed(lead: str, kind: str) -> None:
    assert kinds(lead, "", "- the deck is clean")[-1] == kind


@pytest.mark.parametrize(
    "line",
    [
        "- Implementation of approved changes is only done by authorized personnel.",
        "- Once the request has been approved by the board, the mate paints the new line.",
        "- Once approved: 10 % of the passengers",
    ],
)
def test_what_was_approved_before_is_not_approved_here(line: str) -> None:
    assert kinds(line)[-1] != "approval"


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        ("- [ ] Update the documentation", "step"),
        ("- Update the documentation if the berth changes", "gate"),
        ("- [ ] The documentation is updated", "gate"),
    ],
)
def test_what_is_done_now_and_what_has_been(line: str, kind: str) -> None:
    assert kinds(line)[-1:] == [kind]


def test_a_box_in_bold_that_is_ticked_itself_is_no_title_of_what_stands_below_it() -> None:
    lines = (
        "- [ ] **Harbour master sign-off**",
        "  - Status: not begun",
        "- [ ] **Change approval obtained**",
        "  - Date: -",
    )
    assert kinds(*lines) == ["signoff", "approval"]
    assert kinds("- [ ] **Ropes**", "  - [ ] Print the list") == ["step"]


def test_whom_a_table_says_to_contact_and_when_is_told() -> None:
    rows = ("| Who to contact | When to contact |", "|---|---|", "| Ferry newsletter | In the week before |")
    assert kinds(*rows) == ["notify"]


def test_an_empty_sheet_of_signatures_is_signed_by_whom_it_names() -> None:
    table = ("| Part | Name | Signature | Date |", "|---|---|---|---|", "| Rope clerk: names and knots | | | |")
    text = "\n".join(("# Ferry timetable", "", "## Sheet", "", *table, "| Proprietor: may sail | Ann | A. | 4.5. |"))
    reading = read_procedure("RELEASE.md", text.encode())
    assert isinstance(reading, Reading)
    assert [(one.kind.value, one.roles) for one in reading.asked][:1] == [("signoff", ("rope-clerk",))]


def test_each_line_is_one_of_its_own_for_who_writes_small_and_ends_nothing() -> None:
    lines = (
        "check the mooring every 20 min",
        "the pilot stays on the bridge for 3 hours",
        "tell the harbour it is over",
    )
    assert len(kinds(*lines)) == 3
    assert len(kinds("check the mooring every 20 min,", *lines[1:])) < 3


def test_whoever_signs_says_so_and_who_it_is_stands_behind_it() -> None:
    table = ("| Statement | Name | Signature | Date |", "|---|---|---|---|", "| {} | | | |")
    said = "I accept the remaining risk. (Chief risk officer)"
    text = "\n".join(("# Ferry timetable", "", "## Sheet", "", *table)).format(said)
    reading = read_procedure("RELEASE.md", text.encode())
    assert isinstance(reading, Reading)
    assert [(one.kind.value, one.roles) for one in reading.asked] == [("signoff", ("chief-risk-officer",))]


def test_what_is_written_in_other_letters_is_listed_and_never_lost() -> None:
    text = "# Ferry\n\n## Checks\n\n- [ ] print the list\n- [ ] проверить тесты\n- [ ] 全部测试通过\n\n***\n"
    reading = read_procedure("RELEASE.md", text.encode())
    assert isinstance(reading, Reading)
    assert [(one.line, one.text) for one in reading.unmapped] == [(6, "проверить тесты"), (7, "全部测试通过")]


@pytest.mark.parametrize("line", ["- ❌ Deploying while it sails", "- ✗ restarts during a storm", "- 🚫 the old quay"])
def test_what_is_crossed_out_is_forbidden_wherever_it_stands(line: str) -> None:
    reading = read_procedure("RELEASE.md", f"# Ferry\n\n## Steps\n\n{line}\n".encode())
    assert isinstance(reading, Reading)
    assert [one.prohibits for one in reading.asked] == [True]


def test_a_condition_goes_on_behind_a_decimal_point() -> None:
    reading = read_procedure("RELEASE.md", b"# Ferry\n\n## Steps\n\n- Page the lead if p99 exceeds 2.5 s.\n")
    assert isinstance(reading, Reading)
    assert reading.asked[0].condition == "if p99 exceeds 2.5 s"


def test_letters_that_come_again_and_again_are_read_at_once() -> None:
    assert len(kinds(f"- {'a - ' * 40}a; x", "- [ ] Print the list")) == 2


@pytest.mark.parametrize(
    ("above", "line"),
    [
        ("## Background", "You are expected to stay on the bridge until the ferry is moored."),
        ("## Background", "It isn't OK to sail in a storm."),
        ("## Background", "The quay is closed from Thursday noon on."),
        ("## Sheet", "Signature: ____ Date: ____"),
        ("## Background", "list > 1 %: stop the ferry"),
    ],
)
def test_what_might_ask_for_something_is_shown(above: str, line: str) -> None:
    reading = read_procedure("RELEASE.md", f"# Ferry\n\n{above}\n\n{line}\n\n## Steps\n\n- sail\n".encode())
    assert isinstance(reading, Reading)
    assert 5 in {*(one.line for one in reading.unmapped), *(one.line for one in reading.asked)}


def test_a_row_of_a_matrix_with_a_yes_is_shown() -> None:
    rows = (
        "| Item | Usual | Storm |",
        "|---|---|---|",
        "| Second pilot | yes | no |",
        "| Colour of the hull | - | - |",
    )
    text = "\n".join(("# Ferry", "", "## Background", "", *rows))
    reading = read_procedure("RELEASE.md", text.encode())
    assert isinstance(reading, Reading)
    assert [one.line for one in reading.unmapped] == [7]
