# SPDX-License-Identifier: Apache-2.0
"""What was learned from crib sheets, countdowns, answers and old wiki pages, in sentences that stand in none."""

import pytest

from interlock.packs.reading.deadlines import deadlines
from interlock.packs.reading.glossing import gloss
from interlock.packs.reading.grids import GOES_ON
from interlock.packs.reading.leftovers import as_lists, as_rows
from interlock.packs.reading.lengths import in_short
from interlock.packs.reading.markups import as_markdown
from interlock.packs.reading.passages import Form, passages
from interlock.packs.reading.reading import Asked, Reading, read_procedure
from interlock.packs.reading.tidying import tidied
from interlock.packs.reading.timetables import as_items
from interlock.packs.reading.topics import Topic, topic_of
from interlock.packs.reading.written import Illegible


def read(*lines: str) -> Reading:
    reading = read_procedure("RELEASE.md", "\n".join(lines).encode())
    assert isinstance(reading, Reading)
    return reading


def one(*lines: str) -> Asked:
    """The last thing asked for in these lines, below the title of a document that introduces itself."""
    return read("# Oven controller", "", "This page says how we change it.", "", *lines).asked[-1]


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        ("- dampers to manual", "step"),
        ("- burner off (main valve)", "step"),
        ("- doors back to automatic", "step"),
        ("- spare oven: two days, then moved", "step"),
        ("- three nights, then the next bakery", "hold"),
        ("- weight: all loaves within 4 grams", "gate"),
        ("- first loaf not darker than the sample", "gate"),
        ("- cold room: second person", "rule"),
        ("- small ovens last (they are slow)", "gate"),
        ("- early mail to the bakers", "notify"),
        ("- [ ] new wording from the label editor", "record"),
        ("- [ ] thumbs up from the head baker", "approval"),
        ("- [ ] \N{THUMBS UP SIGN} from the head baker", "approval"),
        ("- [ ] 5 % → 20 % → all", "step"),
        ("There must be an entry in the oven book.", "record"),
        ("- ladders back in the shed", "step"),
        ("- photo of the loaf to the group", "record"),
        ("- signature on the sheet (shift lead)", "signoff"),
        ("- shop managers written to", "notify"),
        ("- D-2: ovens two to ten", "timer"),
        ("- wait till the dough is up (up to 90 min)", "gate"),
        ("- the shops get a mail", "notify"),
        ("The head miller grants permission.", "approval"),
        ("At least two hundred loaves, made by night, are compared.", "gate"),
        ("On Monday morning the shops check ten loaves each.", "gate"),
        ("Until then no loaf is sold.", "rule"),
        ("A loaf that nobody can explain stops the release.", "rule"),
        ("Two burnt loaves in a week lead to a review.", "rule"),
        ("I want a page about it in the folder.", "rule"),
        ("Not in the week before a feast.", "rule"),
    ],
)
def test_what_a_crib_sheet_leaves_out_goes_without_saying(line: str, kind: str) -> None:
    assert one("## Steps", "", line).kind.value == kind


@pytest.mark.parametrize(
    ("line", "kind"),
    [("- draught: no wind", "gate"), ("- [ ] label printed, oven cleaned", "gate"), ("- flags default to off", "gate")],
)
def test_what_stands_among_conditions_is_one(line: str, kind: str) -> None:
    assert one("## Before", "", line).kind.value == kind


def test_what_stands_as_done_among_what_is_done_is_a_step() -> None:
    assert one("## Going live", "", "- [ ] tag pushed, milestone closed").kind.value == "step"


def test_what_is_said_to_be_so_is_no_step() -> None:
    assert one("## Going live", "", "- Ovens are staggered").kind.value != "step"


def test_a_time_in_which_something_is_done_is_no_measure() -> None:
    assert one("## Steps", "", "- Answer no later than 30 minutes after the call").kind.value != "gate"


@pytest.mark.parametrize(
    ("question", "answer", "kind"),
    [
        ("Who can change it?", "Anybody who has baked for a year.", "rule"),
        ("Whom do I have to tell?", "The shop, before you start.", "notify"),
        ("When may I change it?", "In the small hours.", "rule"),
        ("Can I leave the trial out?", "No, not for a label.", "rule"),
        ("What do I check?", "Every oven hums.", "gate"),
        ("How long do we keep it?", "Two years.", "record"),
    ],
)
def test_an_answer_asks_for_what_its_question_is_about(question: str, answer: str, kind: str) -> None:
    assert one(f"## {question}", "", answer).kind.value == kind


def test_what_answers_no_question_about_release_asks_for_nothing() -> None:
    assert read("# Oven", "", "## Is it loud?", "", "It hums, as the old one did.").asked == ()


def test_questions_with_their_answer_ask_for_nothing() -> None:
    assert read("# Oven", "", "## Steps", "", "Questions? Ask Ann or Tom.").asked == ()


@pytest.mark.parametrize(
    "line",
    [
        "Call signs: HEAD, SHOP.",
        "Tick things off as you go.",
        "Space: Bakery | Last edited by Ann",
        "A answers for it and signs, R does it, C is asked, I is told.",
        "Keep the mail somewhere.",
        "T = first loaf.",
        "Change it by pull request.",
    ],
)
def test_what_a_sheet_says_of_itself_asks_for_nothing(line: str) -> None:
    assert read("# Oven", "", "## Steps", "", line).asked == ()


def test_whoever_has_a_call_sign_is_found_by_it() -> None:
    lines = (
        "Call signs: OVEN, SHOP and TILL.",
        "",
        "## Steps",
        "",
        "- SHOP puts up the sign",
        "- Bread counted (TILL)",
    )
    assert [asked.roles for asked in read("# Night", "", *lines).asked] == [("shop",), ("till",)]


@pytest.mark.parametrize(
    ("line", "roles"),
    [
        ("- [ ] Shift lead of every shop in the town has agreed to the date", ("shift-lead",)),
        ("- [ ] Head baker signs the sheet by the scales", ("head-baker",)),
        ("- [ ] The head miller tells the shop", ("head-miller",)),
        ("- [ ] The head count tells the shop", ()),
        ("- [ ] The operations manager opens the hall", ("operations-manager",)),
        ("- [ ] Bakery Manager leads the search", ("bakery-manager",)),
        ("- [ ] The weighing centre estimates the loss", ("weighing-centre",)),
        ("- [ ] Go or no-go: chief miller and shop operations", ("chief-miller", "shop-operations")),
        ("- [ ] Freigabe vom Backstubenleiter", ("backstubenleiter",)),
        ("- [ ] Every 15 min the shop desk reads the scales", ("shop-desk",)),
    ],
)
def test_who_acts(line: str, roles: tuple[str, ...]) -> None:
    assert one("## Steps", "", line).roles == roles


def test_whoever_gets_something_by_a_column_is_told_and_does_not_act() -> None:
    asked = one("## Steps", "", "| What | Who gets it | When |", "|---|---|---|", "| New buttons | bakers | at dawn |")
    assert (asked.kind.value, asked.roles) == ("notify", ())


def test_a_form_that_is_filled_in_is_a_record() -> None:
    asked = one("## Steps", "", "| What | Owner |", "|---|---|", "| Change form filled in, with the ovens | Baker |")
    assert asked.kind.value == "record"


def test_a_debrief_is_written_down() -> None:
    assert one("## Steps", "", "- Debrief; what was odd has a name").kind.value == "record"


def test_a_length_of_time_and_what_comes_then_lasts() -> None:
    assert [(time.relation.value, in_short(time.least)) for time in deadlines("2 nights, then the rest")] == [
        ("for", "2d")
    ]


def test_a_rhythm_outweighs_the_moment_it_begins_at() -> None:
    asked = one("## Steps", "", "- T+15m, then every 20 min: post the weight in the channel")
    assert asked.deadline is not None
    assert (asked.deadline.relation.value, in_short(asked.deadline.least)) == ("every", "20m")


@pytest.mark.parametrize(
    ("title", "topic"), [("Not", Topic.PROHIBITED), ("Nope", Topic.PROHIBITED), ("Ideas for later", Topic.BACKGROUND)]
)
def test_a_title_is_about(title: str, topic: Topic) -> None:
    assert topic_of(title) is topic


def test_lines_with_a_moment_each_are_items_of_a_timetable() -> None:
    lines = ("**T-3d** Bread counted", "T-2h: flour in", "T+5m, first loaf", "Then rest")
    assert as_items(lines) == ("- **T-3d** Bread counted", "- T-2h: flour in", "- T+5m, first loaf", "Then rest")


@pytest.mark.parametrize(
    "lines", [("T-3d: count", "T-2h: flour"), ("**T-3**", "**T-2**", "**T-1**"), ("Tea", "- T-1 x", "T1000 x", "")]
)
def test_what_only_looks_like_a_timetable_stays(lines: tuple[str, ...]) -> None:
    assert as_items(lines) == lines


def test_each_thing_said_of_a_term_is_an_item() -> None:
    assert as_markdown(("T-1", ": flour in", ": oven on", "rest")) == ("", "- T-1: flour in", "- T-1: oven on", "rest")


def test_a_table_of_html_becomes_one_of_markdown() -> None:
    lines = (
        "<table>", "<tr><th>What</th><th>Who</th></tr>", "<tr><td>a|b<br>c</td><td>d</td></tr>", "</table>", "text",
        "<tr><td>e</td><td>f</td></tr>",
    )  # fmt: skip
    assert as_rows(lines) == (
        "| What | Who |", "| --- | --- |", "| a/b, c | d |", "</table>", "text", "<tr><td>e</td><td>f</td></tr>",
    )  # fmt: skip


def test_a_row_goes_over_several_lines() -> None:
    lines = (
        "<table>", "<thead>", "<tr>", "<th>What</th>", "<th>Who</th>", "</tr>", "</thead>", "<tr>", "<td>Cut the",
        "branch</td>", "<td>QA</td>", "</tr>", "<tr><td></td><td></td></tr>", "<tr>", "<td>Tell",
        "<td>Docs", "</table>", "text",
    )  # fmt: skip
    further = f"| {GOES_ON} |"
    assert as_rows(lines) == (
        "", "", "", "| What | Who |", "| --- | --- |", "|  |", "|  |", "|  |", "| Cut the branch | QA |",
        further, further, further, "|  |", "|  |", "| Tell | Docs |", further, "</table>", "text",
    )  # fmt: skip
    assert as_rows(lines[:-2]) == as_rows(lines)[:-2]


@pytest.mark.parametrize(
    "lines",
    [
        ("<table><tr><td>a</td><td>b</td></tr>", "<tr><td>c</td><td>d</td></tr>", "</table>"),
        ("<table>", "<tr><td>a</td><td>b</td></tr><tr><td>c</td><td>d</td></tr>", "</table>"),
        ("<table>", "<tr><td>a</td><td>b</td></tr>", "</table>"),
        ("<table>", "<tr><td>a</td></tr>", "<tr><td>b</td></tr>", "</table>"),
        ("<table>", "<tr><td>a</td><td>", "- b", "</td></tr>", "<tr><td>c</td><td>d</td></tr>", "</table>"),
        (
            "<table>", "<caption>Steps</caption>", "<tr><td>a</td><td>b</td></tr>", "<tr><td>c</td><td>d</td></tr>",
            "</table>",
        ),
        ("<table>", "<tr><td>a</td><td>b</td></tr>", "Never on Fridays.", "<tr><td>c</td><td>d</td></tr>", "</table>"),
        (
            "<table>", "<tr><td>a</td><td>b</td></tr>",
            "<tr><td>", "<table><tr><td>c</td></tr></table>", "</td><td>d</td></tr>", "</table>",
        ),
    ],
    ids="no-room two-in-a-line one-row one-column a-document captioned between within".split(),
)  # fmt: skip
def test_a_table_laid_out_otherwise_stays(lines: tuple[str, ...]) -> None:
    assert as_rows(lines) == lines


def test_items_of_html_are_as_deep_and_as_counted_as_their_lists() -> None:
    lines = (
        "<ol>",
        "<li>one",
        "<ul>",
        "<li>deep</li>",
        "</ul></li>",
        "<li>two</li>",
        "</ol>",
        "</ol>",
        "<li>loose</li>",
    )
    assert as_lists(lines) == (
        "<ol>",
        "1. one",
        "<ul>",
        "   - deep",
        "</ul></li>",
        "1. two",
        "</ol>",
        "</ol>",
        "- loose",
    )


def test_lists_of_html_are_read_by_their_depth() -> None:
    lines = ("<ol>", "<li>Push to the first ovens", "<ol>", "<li>ten ovens</li>", "</ol></li>", "</ol>")
    assert [(passage.form, passage.text) for passage in passages(lines)] == [
        (Form.NUMBER, "Push to the first ovens"),
        (Form.NUMBER, "ten ovens"),
    ]
    assert len(tidied(lines)) == len(lines)


def test_a_sentence_of_signs_that_belongs_to_somebody_ends_no_reading() -> None:
    assert read("# Oven", "", "## Steps", "", "Owner: head baker", "", "Next: e.g.: {...}").name == "RELEASE.md"


@pytest.mark.parametrize(
    ("cells", "roles"),
    [
        ("| 1 | Weigh | R | A | |", ("miller", "baker")),
        ("| 2 | Bake | | A/R | |", ("baker",)),
        ("| 3 | Taste | C | I | |", ()),
        ("| 4 | Sell | | R | |", ()),
    ],
)
def test_letters_beside_a_number_and_a_task_say_who_acts(cells: str, roles: tuple[str, ...]) -> None:
    table = ("| No. | Task | Miller | Baker | Shop |", "|---|---|---|---|---|", cells)
    assert one("## Steps", "", *table, "| 9 | Deploy | C | A/R | I |").roles == ("baker",)
    assert [asked.roles for asked in read("# Oven", "", "## Steps", "", *table).asked] in ([roles], [])


@pytest.mark.parametrize(("needs", "kind"), [("board and managing director", "approval"), ("ten loaves", "step")])
def test_whom_a_row_needs_decides(needs: str, kind: str) -> None:
    row = f"| high | {needs} | Saturday |"
    assert one("## Steps", "", "| Risk | Needs | Window |", "|---|---|---|", row).kind.value == kind


def test_somebody_listed_below_tell_is_told() -> None:
    assert one("## Tell", "", "- the shops on the square").kind.value == "notify"


def test_what_a_message_has_in_it_is_told_to_nobody() -> None:
    assert one("## Tell", "", "The notice must include:", "", "- the shops on the square").kind.value == "record"


def test_a_no_at_the_end_of_a_sentence_ends_it() -> None:
    texts = [asked.text for asked in read("# Oven", "", "## Steps", "", "The lead must say no. Stop the oven.").asked]
    assert texts == ["The lead must say no.", "Stop the oven."]


@pytest.mark.parametrize(
    ("text", "relation", "least"),
    [
        ("battery: six hours with the lamp on", "for", "6h"),
        ("it rests for a weekend", "for", "2d"),
        ("a page by the end of the week", "within", "7d"),
    ],
)
def test_a_time_is_told_by_what_stands_beside_it(text: str, relation: str, least: str) -> None:
    assert [(time.relation.value, in_short(time.least)) for time in deadlines(text)] == [(relation, least)]


def test_a_german_order_before_a_comma_is_glossed_as_one() -> None:
    assert gloss("Laden anrufen, then the mill") == "call Laden, then the mill"


@pytest.mark.parametrize(("line", "is_asked"), [("- ring 2, provided it hums", False), ("- ring the mill", True)])
def test_a_ring_is_a_call_before_an_article_only(line: str, is_asked: bool) -> None:  # noqa: FBT001 - a parameter
    assert (read("# Oven", "", "## Steps", "", line).asked[0].kind.value == "notify") is is_asked


def test_whoever_is_asked_for_a_go_is_somebody_elsewhere_too() -> None:
    lines = ("## Steps", "", "- go or no-go: chief miller and flour technology", "- flour technology orders the sacks")
    assert [asked.roles for asked in read("# Oven", "", *lines).asked] == [
        ("chief-miller", "flour-technology"),
        ("flour-technology",),
    ]


def test_what_is_no_text_is_not_read() -> None:
    assert isinstance(read_procedure("RELEASE.md", b"\x00\x01\x02"), Illegible)
