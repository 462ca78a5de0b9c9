# SPDX-License-Identifier: Apache-2.0
"""What single passages are read as: one sentence, one fact."""

import pytest

from interlock.packs.coverage import Kind
from interlock.packs.load import Pack, load_pack
from interlock.packs.reading.deadlines import deadlines
from interlock.packs.reading.drafting import drafted
from interlock.packs.reading.fields import is_field
from interlock.packs.reading.lengths import in_short
from interlock.packs.reading.passages import Form, Passage, passages, plain
from interlock.packs.reading.phases import Phase
from interlock.packs.reading.reading import Asked, Reading, read_procedure
from interlock.packs.reading.relations import Relation
from interlock.packs.reading.roles import slug


def read(*lines: str) -> Reading:
    reading = read_procedure("RELEASE.md", "\n".join(lines).encode())
    assert isinstance(reading, Reading)
    return reading


def one(*lines: str) -> Asked:
    """The last thing asked for in these lines."""
    return read(*lines).asked[-1]


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        ("- [ ] All tests pass", "gate"),
        ("- [ ] No P1 bugs open", "gate"),
        ("- [ ] Rollback plan documented and tested", "gate"),
        ("- [ ] QA Lead signs off the build", "signoff"),
        ("- [ ] Tests run locally", "signoff"),
        ("- [ ] Go/no-go by the Release Manager", "approval"),
        ("- [ ] Deploy to staging", "step"),
        ("- [ ] Execute the rollback", "step"),
        ("- [ ] Never deploy on Fridays", "rule"),
        ("- [ ] Not a Friday", "rule"),
        ("- [ ] zero crashes", "gate"),
        ("- [ ] Abort if more than two pods restart", "rule"),
        ("- [ ] Respond within 15 minutes", "timer"),
        ("- [ ] Wait 24 hours", "hold"),
        ("- [ ] Kept under observation", "hold"),
        ("- [ ] Write the release notes", "record"),
        ("- [ ] Deviations are justified in writing", "record"),
        ("- [ ] Assess the impact", "step"),
        ("- [ ] Notify the support team", "notify"),
        ("- [ ] The Release Manager requests approval from the board", "notify"),
        ("- [ ] Send 10 test orders and confirm fills", "gate"),
        ("- [ ] A changelog entry is recommended", "advisory"),
        ("- [ ] Wait for the pipeline", "gate"),
        ("- [ ] Check out the tag", "step"),
        ("- [ ] A second person checks the totals", "signoff"),
        ("- [ ] Release Manager calls the rollback", "approval"),
        ("- [ ] Both stacks must succeed", "gate"),
        ("- [ ] Unblock the batch jobs", "step"),
        ("- [ ] Backup (if applicable)", "step"),
        ("- [ ] quux", "rule"),
        ("- [ ] Security review: inputs are fine", "signoff"),
        ("- [ ] Implement the feature", "signoff"),
        ("- [ ] Add tests for the change", "gate"),
        ("- [ ] QA Lead runs the smoke tests", "gate"),
        ("- [ ] Run the smoke tests again (QA Lead validates)", "gate+signoff"),
        ("If a deployment fails, follow this procedure:", "rule"),
    ],
)
def test_a_box_is_read_as(line: str, kind: str) -> None:
    assert one(line).kind.value == kind


@pytest.mark.parametrize(
    ("lines", "roles"),
    [
        (("- [ ] Tests reviewed (QA Lead)",), ("qa-lead",)),
        (("- [ ] Tests reviewed (see page 3)",), ()),
        (("- [ ] QA Lead sign-off confirming:", "  - [ ] plans executed"), ("qa-lead",)),
        (("- [ ] Security Lead: confirms the scan",), ("security-lead",)),
        (("- [ ] QA → Security: QA Lead confirms the tests",), ("qa-lead",)),
        (("- [ ] module owner + reviewer approval",), ("module-owner", "reviewer")),
        (("- [ ] Approved by the Head of Retail IT",), ("head-of-retail-it",)),
        (("- [ ] Approved by Quality Management before it starts",), ("quality-management",)),
        (("- [ ] Approved by Friday",), ()),
        (("- [ ] The DBA decides together with the service owner",), ("dba", "service-owner")),
        (("- [ ] Notify the Release Manager",), ()),
        (("- [ ] In the absence of the Release Manager nobody deploys",), ()),
        (("- [ ] Security scans completed",), ()),
        (("# R", "## Notes for the Release Manager", "- [ ] plan documented"), ()),
        (("- [ ] plan documented (QA Lead in the room)",), ()),
        (("- [ ] \u0130 and the Release Manager approves it",), ("release-manager",)),
        (("- [ ] Safety manager has signed the statement",), ("safety-manager",)),
        (("**Owner: Data Engineer**", "", "- [ ] plan documented"), ("data-engineer",)),
        (("# R", "## QA Lead", "- [ ] plan documented"), ("qa-lead",)),
        (("# R", "## Steps (DBA)", "- [ ] plan documented"), ("dba",)),
        (("## Roles", "- Skipper: steers", "", "## Steps", "1. Skipper: deploys it"), ("skipper",)),
        (("- [ ] Developer, reviewer: agree on the plan",), ("developer", "reviewer")),
    ],
)
def test_who_is_asked(lines: tuple[str, ...], roles: tuple[str, ...]) -> None:
    assert one(*lines).roles == roles


@pytest.mark.parametrize(
    ("rows", "roles"),
    [
        (("| Step | Owner |", "|---|---|", "| Deploy | DBA, Ops Lead |"), ("dba", "ops-lead")),
        (("| Step | Owner |", "|---|---|", "| Deploy | none |"), ()),
        (("| Step | Dev | QA |", "|---|---|---|", "| Test it | R | A |"), ("dev", "qa")),
        (("| Role | Duty |", "|---|---|", "| Tech Lead | must check it |"), ("tech-lead",)),
        (
            ("| Step | By whom |", "|---|---|", "| Test | the one person who is the Release Manager today |"),
            ("release-manager",),
        ),
        (("| Step | Note |", "|---|---|", "| Test | Release Manager approves |"), ("release-manager",)),
    ],
)
def test_who_is_asked_in_a_row(rows: tuple[str, ...], roles: tuple[str, ...]) -> None:
    assert one("## Deployment", "", *rows).roles == roles


@pytest.mark.parametrize(
    ("text", "relation", "least", "most"),
    [
        ("within 15 minutes", Relation.WITHIN, "15m", "15m"),
        ("30–60 min after", Relation.AFTER, "30m", "60m"),  # noqa: RUF001 - as people write it
        ("for 30 to 60 minutes", Relation.FOR, "30m", "60m"),
        ("24 hours before deployment", Relation.BEFORE, "1d", "1d"),
        ("every two weeks", Relation.EVERY, "14d", "14d"),
        ("T-5 days", Relation.BEFORE, "5d", "5d"),
        ("T+2h", Relation.AFTER, "2h", "2h"),
        ("half an hour at the latest", Relation.WITHIN, "30m", "30m"),
        ("within 90 seconds", Relation.WITHIN, "90s", "90s"),
        ("at least 1,5 h apart", Relation.FOR, "90m", "90m"),
        ("the trial lasts for two full working weeks", Relation.FOR, "14d", "14d"),
        ("Second site: a full day.", Relation.FOR, "1d", "1d"),
        ("give them three evenings", Relation.FOR, "3d", "3d"),
        ("wait for the import (about 20 minutes)", Relation.FOR, "20m", "20m"),
    ],
)
def test_a_length_of_time_counts(text: str, relation: Relation, least: str, most: str) -> None:
    (found,) = deadlines(text)
    long = {"60m": "1h", "14d": "14d"}.get(most, most)
    assert (found.relation, in_short(found.least), in_short(found.most)) == (relation, least, long)


@pytest.mark.parametrize(
    "text", ["tests", "5 days", "no rollback in the last 24 hours", "T-0", "kept for 30 days", "within a s"]
)
def test_what_is_no_deadline(text: str) -> None:
    assert deadlines(text) == ()


@pytest.mark.parametrize(
    "line",
    [
        "See the handbook.",
        "This document describes how we release.",
        "We used to release from main.",
        "https://example.org/handbook.md",
        "Why do we do this?",
        "Copy this into the channel.",
    ],
)
def test_what_explains_asks_for_nothing(line: str) -> None:
    assert read("# Releases", "", line).asked == ()


def test_what_could_ask_and_is_not_understood_is_listed() -> None:
    reading = read("# Scope", "", "1. entropy budget")
    assert [line.text for line in reading.unmapped] == ["entropy budget"]


def test_a_go_no_go_ahead_of_time_is_an_approval_and_a_hold() -> None:
    assert [asked.kind.value for asked in read("- [ ] Go/no-go 24 hours before deployment").asked] == [
        "approval",
        "hold",
    ]


@pytest.mark.parametrize(
    "line",
    [
        "- [ ] Deployed with approval of the Release Manager and checked within 2 days",
        "- [ ] The Release Manager approves it within 2 hours",
    ],
)
def test_an_approval_that_is_followed_up_in_time_is_both(line: str) -> None:
    assert {asked.kind.value for asked in read(line).asked} == {"timer", "approval"}


def test_fields_of_a_template_are_one_requirement() -> None:
    asked = one("## Release notes template", "- Summary:", "- Date: [day]")
    assert (asked.kind.value, asked.fields, asked.lines) == ("record", ("Summary", "Date"), (2, 3))


@pytest.mark.parametrize(
    ("lines", "kinds"),
    [
        (
            (
                "## Incident template",
                "**First alert** (within 5 minutes):",
                "- Impact: [what]",
                "- Next update: [time]",
            ),
            ["timer", "timer"],
        ),
        (("## Message template", "**Resolved**", "- Cause: [what]", "- Contact: [who]"), ["notify"]),
        (("- Summary:", "- Date:"), ["rule"]),
        (("## Inputs (fill in)", "- Summary:", "- Date:"), ["rule"]),
    ],
)
def test_a_template_is_told_written_or_given(lines: tuple[str, ...], kinds: list[str]) -> None:
    assert [asked.kind.value for asked in read(*lines).asked] == kinds


def test_a_numbered_list_keeps_its_order() -> None:
    asked = read("## Release steps", "1. merge it", "2. deploy it", "3. tag it").asked
    assert [one.text for one in asked if one.text.startswith("In this order:")] == [
        "In this order: merge it; deploy it; tag it"
    ]


@pytest.mark.parametrize(
    ("title", "phase"),
    [
        ("Rollback", Phase.ROLLBACK),
        ("Hotfix", Phase.EMERGENCY),
        ("Staging", Phase.STAGING),
        ("Anything", Phase.ANY),
    ],
)
def test_the_title_says_where_on_its_way_a_release_is(title: str, phase: Phase) -> None:
    assert one(f"## {title}", "- [ ] deploy it").phase is phase


@pytest.mark.parametrize(
    ("title", "phase"),
    [
        ("Deploying the till", Phase.ANY),
        ("New software for tills and validators", Phase.ANY),
        ("Release verification of the kiosk", Phase.ANY),
        ("Post-release checklist", Phase.AFTER),
        ("After the launch", Phase.AFTER),
        ("Rollback of the kiosk", Phase.ROLLBACK),
    ],
)
def test_a_title_over_everything_does_not_put_everything_last(title: str, phase: Phase) -> None:
    assert one(f"# {title}", "", "- [ ] check the drawers").phase is phase


@pytest.mark.parametrize("aside", ["[Bosun]", "(Bosun)", "[Cargo officer]"])
def test_who_stands_behind_a_sentence_in_brackets_does_what_it_says(aside: str) -> None:
    asked = read("## Loading", "1. Close the hatch. " + aside, "2. Weigh the crates. " + aside).asked
    assert [one.roles for one in asked] == [(aside[1:-1].lower().replace(" ", "-"),)] * 2


def test_a_sentence_in_brackets_is_a_sentence() -> None:
    assert [one.text for one in read("## Loading", "- Deploy it. (Never on Fridays)").asked] == [
        "Deploy it.",
        "(Never on Fridays)",
    ]


@pytest.mark.parametrize(
    ("lines", "last"),
    [
        (("1. open it", "", "   Check it twice."), "Check it twice."),
        (("```", "- [ ] boxed", "```"), "boxed"),
        (("```sh", "- [ ] no list", "```", "", "end"), "end"),
        (("> quoted words",), "quoted words"),
        (("**Bold title**", "text below"), "text below"),
        (("Owner: a", "Status: b"), "Status: b"),
        (("one. Two e.g. Three", "goes on"), "Two e.g. Three goes on"),
        (("| a |", "|---|", "| |", "", "end"), "end"),
        (("If it fails:", "Call somebody."), "Call somebody."),
    ],
)
def test_a_passage_is_the_smallest_thing_that_can_ask(lines: tuple[str, ...], last: str) -> None:
    assert passages(lines)[-1].text == last


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("**a** _b_ `c` [d](e) [f][g] 🚀", "a b c d f"),
        ("snake_case stays", "snake_case stays"),
        ("🚀 go", "go"),
    ],
)
def test_markup_is_no_word(text: str, words: str) -> None:
    assert plain(text) == words


def test_a_name_of_a_role_is_one_of_a_pack() -> None:
    assert [slug(words) for words in ("QA Leads", "the Ops", "Head of Operations")] == [
        "qa-lead",
        "ops",
        "head-of-operations",
    ]


def test_a_field_has_a_short_name() -> None:
    long = "a b c d e f g h i:"
    assert (is_field(Passage(1, 1, Form.ITEM, "Date:")), is_field(Passage(1, 1, Form.ITEM, long))) == ("Date", "")


LIST = ("## Before the ferry leaves", "")


@pytest.mark.parametrize("dash", [" — {}", " - {}", " [{}]", " ({})", " → {}"])
def test_who_stands_behind_most_items_stands_behind_all_of_them(dash: str) -> None:
    """What nobody would take for people alone is, where people stand behind the other items."""
    names = ("Security", "Release Manager", "QA", "Docs", "Tide Tables")
    tasks = ("Hatches are shut", "Ramp is up", "Horn was heard", "Board is lit", "Times are right")
    lines = (f"- [ ] {task}{dash.format(name)}" for task, name in zip(tasks, names, strict=True))
    asked = read(*LIST, *lines).asked
    assert [one.roles for one in asked] == [(name.lower().replace(" ", "-"),) for name in names]


def test_a_word_behind_one_item_is_nobody() -> None:
    asked = read(*LIST, "- [ ] Hatches are shut — Fore and Aft", "- [ ] Ramp is up", "- [ ] Horn was heard").asked
    assert [one.roles for one in asked] == [(), (), ()]


def test_initials_behind_an_item_are_spelled_out() -> None:
    lines = ("BO = boatswain", "HM = harbour master", "TS = tide surveyor")
    tasks = ("- Shut the hatches (BO)", "- Raise the ramp (BO)", "- Sound the horn (HM)", "- Light the board (TS)")
    asked = read("# Ferry", "", "Who is who:", *lines, "", "## Leaving", "", *tasks).asked
    assert [one.roles for one in asked][-4:] == [
        ("boatswain",),
        ("boatswain",),
        ("harbour-master",),
        ("tide-surveyor",),
    ]


@pytest.mark.parametrize(
    ("sentence", "time"),
    [
        ("The halt must not exceed 20 minutes.", "within:20m"),
        ("A drill may not take longer than 2 hours.", "within:2h"),
        ("If the leak is not found in two hours, turn back.", "after:2h"),
        ("If the crew cannot steer for more than five minutes, drop the anchor.", "after:5m"),
        ("The embargo is 90 days.", "for:90d"),
        ("We write to them and give them two weeks before casting off.", "for:14d"),
        ("Passengers get three days' notice.", "before:3d"),
    ],
)
def test_how_a_time_counts_is_told_by_what_stands_beside_it(sentence: str, time: str) -> None:
    (found,) = deadlines(sentence)
    assert f"{found.relation}:{in_short(found.least)}" == time


@pytest.mark.parametrize(
    ("sentence", "roles"),
    [
        ("Sailing at night requires a yes from three harbour pilots.", ("harbour-pilots",)),
        (
            "Exceptions need the approval of the harbour master and of one further member of the safety team.",
            ("harbour-master", "safety-team"),
        ),
        ("If the harbour master is content, they say so on channel 12.", ("harbour-master",)),
        ("When the tide officer is ready, she opens the lock.", ("tide-officer",)),
        ("If the harbour master finds a leak, they are told to stay ashore.", ()),
    ],
)
def test_whose_word_is_asked_is_found(sentence: str, roles: tuple[str, ...]) -> None:
    assert one("## Casting off", "", sentence).roles == roles


@pytest.mark.parametrize(
    "sentence",
    [
        "The logbook is a thick book with a red cover.",
        "It has its own drawer and a lamp.",
        "We used to have a bell for that.",
        "So far we have turned back twice, both times because of fog.",
        "The eastern ramp joined the list after the storm of last year.",
        "Some are deliberately small.",
        "This instruction supersedes Instruction 17.",
        "The 3.2 sailing slipped by three weeks thanks to one rope.",
    ],
)
def test_what_only_tells_how_things_are_asks_for_nothing(sentence: str) -> None:
    asked = read("# Ferry", "", "## Casting off", "", "Close the ramp.", "", sentence).asked
    assert [one.text for one in asked] == ["Close the ramp."]


@pytest.mark.parametrize(
    "sentence",
    [
        "The logbook is a paper that must be kept.",
        "The logbook is kept for ten years.",
        "It has to be signed.",
        "The ramp is closed until the horn is heard.",
        "The mate closes the ramp.",
    ],
)
def test_what_is_told_and_done_still_asks(sentence: str) -> None:
    asked = read("# Ferry", "", "## Casting off", "", "Close the ramp.", "", sentence).asked
    assert [one.text for one in asked] == ["Close the ramp.", sentence]


@pytest.mark.parametrize("line", ["Watch it for 500 days.", "Wait 60 weeks before you sail again."])
def test_what_lasts_longer_than_a_pack_can_wait_is_left_and_said(line: str) -> None:
    made = drafted("ferry", [read("## Casting off", "", "Close the ramp.", line)])
    files = dict(made.files)
    assert isinstance(load_pack("pack.yaml", files["pack.yaml"].encode()), Pack)
    assert line in [one.asked.text for one in made.layout.left]


def test_what_is_kept_on_file_is_no_time_to_wait_for() -> None:
    asked = one("## Afterwards", "", "Logbooks are retained for 400 days.")
    assert asked.kind in (Kind.RECORD, Kind.RULE)
    assert asked.deadline is not None
    assert in_short(asked.deadline.least) == "400d"


def test_a_column_for_everybody_asks_each_of_them() -> None:
    asked = read(
        "## Casting off", "", "| When | Harbour master | Deck lead |", "|---|---|---|",
        "| Before | opens the lock | - |", "| Then | calls the tug | loosens the ropes |",
    ).asked  # fmt: skip
    assert [(one.line, one.roles, one.text) for one in asked] == [
        (5, ("harbour-master",), "Before | opens the lock"),
        (6, ("harbour-master",), "Then | calls the tug"),
        (6, ("deck-lead",), "Then | loosens the ropes"),
    ]


@pytest.mark.parametrize(
    ("lead", "role"),
    [
        ("Rope people, your part:", "rope-people"),
        ("The harbour master will:", "harbour-master"),
        ("Our friends at the Northern Sailors will:", "northern-sailor"),
        ("The harbour master executes:", "harbour-master"),
        ("Ropes are:", ""),
    ],
)
def test_whom_a_lead_charges_does_all_that_hangs_on_it(lead: str, role: str) -> None:
    asked = read("## Casting off", "", lead, "", "1. Loosen the ropes.", "2. Stow the fenders.").asked
    assert [one.roles for one in asked if one.line > 4 and not one.text.startswith("In this order")] == [
        (role,) if role else ()
    ] * 2


def test_a_table_hangs_on_the_lead_above_it() -> None:
    table = ("| No. | Test |", "|---|---|", "| 1 | Sound the horn twice |")
    assert read("## Casting off", "", "The harbour master executes:", "", *table).asked[-1].roles == ("harbour-master",)


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        ("opens the lock", Kind.STEP),
        ("tells the ferry office", Kind.NOTIFY),
        ("writes the time into the log", Kind.RECORD),
        ('runs "bilge --dry"', Kind.STEP),
    ],
)
def test_what_somebody_does_is_of_the_kind_of_the_command(line: str, kind: Kind) -> None:
    asked = read("## Casting off", "", "Harbour master:", "", f"- {line}", "- opens the bridge").asked[0]
    assert (asked.kind, asked.roles) == (kind, ("harbour-master",))


@pytest.mark.parametrize(
    ("sentence", "role"),
    [
        ("Tomasz: please lock the bridge tonight.", "tomasz"),
        ("Yuki, you sign the list yourself.", "yuki"),
        ("Deck leads don't leave the bridge during a lock.", "deck-lead"),
        ("The lock is opened by two keepers together.", "keeper"),
    ],
)
def test_who_is_spoken_to_or_may_not_is_asked(sentence: str, role: str) -> None:
    assert one("## Casting off", "", sentence).roles == (role,)


def test_what_a_program_reads_of_a_document_stands_ahead_of_it() -> None:
    """Behind front matter, too, what stands between the title and the first part only introduces."""
    front = ("---", "title: Ferry", "owner: Deck", "reviewed: 2024", "---", "")
    text = ("# Ferry", "", "The ferry sails between two towns.", "", "## Casting off", "", "Close the ramp.")
    assert [one.text for one in read(*front, *text).asked] == ["Close the ramp."]


def test_whose_crew_it_is_stays_in_the_name() -> None:
    assert slug("Tomasz's crew") == "tomaszs-crew"
