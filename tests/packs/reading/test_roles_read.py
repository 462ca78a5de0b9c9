# SPDX-License-Identifier: Apache-2.0
"""Roles that no list of words knows, named once: told by the place they stand in, whatever they are called."""

from itertools import product

import pytest

from interlock.packs.reading.labels import asked_for_word
from interlock.packs.reading.reading import Asked, Reading, read_procedure
from interlock.packs.reading.roles import slug

NAMES = {
    "the flock warden": "flock-warden",
    "the bosun": "bosun",
    "the pharmacy": "pharmacy",
    "Ewa": "ewa",
    "Małgorzata": "malgorzata",
    "Metering": "metering",
    "Line Maintenance": "line-maintenance",
    "MCC": "mcc",
}
PLACES = (
    "{X} restores the snapshot.",
    "{X} keeps the release file.",
    "{X} says yes or no.",
    "{X}, not you, talks to the press.",
    "{X} from the east wing stands next to the till.",
    "{X} makes sure that the queue is empty.",
    "{X} has ten minutes to object.",
    "{X} and nobody else unlocks the vault.",
    "{X} is on standby.",
    "The day before, {x} sends the wards a note.",
    "At 20:00 {x} opens the gates.",
    "On Monday morning {x} opens the gates.",
    "As soon as the window opens {x} stops the jobs.",
    "If anything is odd, {x} puts the old version back.",
    "The backup is copied by {x} and put on the share.",
    "Put on the share by {x}",
    "Launching of the scripts by {x}, one after another",
    "Only with the nod of {x}.",
    "{X}'s okay is needed.",
    "It is up to {x} to call it off.",
    "Nobody opens the gates except {x}.",
    "The one who presses the button is {x}.",
    "It is {x} who presses the button.",
    "Wait for {x} to say yes.",
    "Let {x} look at the figures.",
    "Get {x} to sign the sheet.",
    "Call {x}; they switch it off.",
    "The plan has to be shown to {x}, who signs it.",
    "Who decides: {x}",
    "{X} is looking at the figures.",
    "Stopping it is {x}'s call and needs no meeting.",
    "A second try: not without {x}.",
    "Statement of {x} (class 1 only).",
)
NOBODY = (
    "The pipeline builds the image.",
    "The migration locks the table for a minute.",
    "Grafana shows the error rate.",
    "The sidecar mirrors the traffic.",
    "Put the file on the share by noon.",
    "Wait for the tests to pass.",
    "Let the canary bake for an hour.",
    "Nothing goes out without a changelog.",
    "Strings translated (German)",
    "Rollback: redeploy the last tag.",
    "Two green ticks on the request.",
    "The pumps do not wait for us.",
    "The pipeline is running at noon.",
    "Never without a changelog.",
    "Draining the queue is the pipeline's job.",
    "The snapshot is in the vault until noon.",
    "Change: by the book, in session.",
)


def read(text: str) -> tuple[Asked, ...]:
    reading = read_procedure("RELEASE.md", text.encode())
    assert isinstance(reading, Reading)
    return reading.asked


def roles(text: str, line: str) -> set[str]:
    """Whom the document asks in what holds these words."""
    return {role for one in read(text) if line in one.text for role in one.roles}


def alone(sentence: str) -> set[str]:
    """Whom a sentence asks that stands between others that name nobody."""
    return {
        role for one in read(f"# Sorter\n\n## Steps\n\nTag it.\n\n{sentence}\n") if one.line > 5 for role in one.roles
    }


@pytest.mark.parametrize(("place", "name"), [*product(PLACES, NAMES)])
def test_whoever_stands_where_people_stand_is_asked_whatever_they_are_called(place: str, name: str) -> None:
    assert alone(place.format(x=name, X=name[0].upper() + name[1:])) == {NAMES[name]}


@pytest.mark.parametrize("sentence", NOBODY)
def test_a_thing_that_does_something_is_nobody(sentence: str) -> None:
    assert alone(sentence) == set()


@pytest.mark.parametrize(
    ("sentence", "named"),
    [
        ("Ewa, Tomasz and Bjarne compare the totals.", {"ewa", "tomasz", "bjarne"}),
        ("Either Ewa or Tomasz says go.", {"ewa", "tomasz"}),
        ("The bosun opens the gate and Tomasz counts the crates.", {"bosun", "tomasz"}),
        ("The bosun opens the gate and Tomasz may not touch it.", {"bosun"}),
        ("Tomasz - our rigger - copies the image.", {"tomasz"}),
        ("The metering people compare the totals.", {"metering-people"}),
        ("It is up to the metering people.", {"metering-people"}),
        ("Two people compare the totals.", set()),
        ("The bosun signs the sheet first, the stage manager second.", {"bosun", "stage-manager"}),
        ("The bosun signs the sheet first, then the pipeline second.", {"bosun"}),
        (
            "The stage manager and the dispatcher are both in the hall from six until nine.",
            {"stage-manager", "dispatcher"},
        ),
        ("The stage manager is in the list.", set()),
        ("Faults may stay open if the stage manager has justified each of them.", {"stage-manager"}),
        ("If the stage manager has justified each of them, faults are listed.", set()),
        ("Any house manager may stop the train.", {"house-manager"}),
        ("Normal change: Change Advisory Board, in session.", {"change-advisory-board"}),
        ("Emergency: The duty judge, by telephone; the record is completed within two days.", {"duty-judge"}),
    ],
)
def test_several_are_asked_who_act_in_one_sentence(sentence: str, named: set[str]) -> None:
    assert alone(sentence) == named


TABLE = "# Night\n\n| Step | {} | Until |\n|---|---|---|\n| Drain the loop | {} | 20:10 |\n| Copy it | {} | 20:30 |\n{}"


@pytest.mark.parametrize(
    ("head", "first", "second", "third", "named"),
    [
        ("Hands", "Ewa", "Tomasz", "| Open it | Ewa | 21:00 |\n", {"ewa"}),
        ("Hands", "Metering desk", "Loft crew", "", {"metering-desk"}),
        ("Wer", "Depotleitung", "Tomasz", "", {"depotleitung"}),
        ("State", "open", "shut", "", set()),
        ("X", "Ewa", "Ewa", "", set()),
        ("Who gets it", "Ewa", "Ewa", "", set()),
    ],
)
def test_a_column_is_of_owners_by_what_its_cells_are(
    head: str, first: str, second: str, third: str, named: set[str]
) -> None:
    assert roles(TABLE.format(head, first, second, third), "Drain") == named


def test_a_command_in_a_column_of_owners_names_nobody_but_who_acts_in_it() -> None:
    table = (
        "# Night\n\n| See | Do | Who |\n|---|---|---|\n| Red | back out | wake the crypt warden, who decides on it |\n"
    )
    assert roles(table, "Red") == {"crypt-warden"}


@pytest.mark.parametrize(
    ("legend", "cells", "named"),
    [
        ("R does the task, A answers for it, C is asked.", "| Bake | R | A | C |", {"miller"}),
        ("R does the task, A answers for it, C is asked.", "| Bake | C | A | I |", {"baker"}),
        ("R does the task, A answers for it and signs, C is asked.", "| Bake | R | A | C |", {"miller", "baker"}),
        ("", "| Bake | R | A | C |", {"miller", "baker"}),
    ],
)
def test_who_only_answers_for_it_by_the_legend_is_not_asked(legend: str, cells: str, named: set[str]) -> None:
    table = f"# Bread\n\n{legend}\n\n| Task | Miller | Baker | Shop |\n|---|---|---|---|\n{cells}\n"
    assert roles(table, "Bake") == named


def test_whoever_has_a_column_of_letters_is_known_from_there_on() -> None:
    table = "# Bread\n\n| Task | Lab IT | Mill |\n|---|---|---|\n| Bake | R | A |\n"
    table += "\n## Back\n\n- Lab IT restores what was\n"
    assert roles(table, "restores") == {"lab-it"}


@pytest.mark.parametrize(
    ("text", "line", "named"),
    [
        ("- Bosun: drain it\n- Bosun: open it\n- Rigging: copy it\n", "copy", "rigging"),
        ("- Loop drained (bosun)\n- Image copied (rigging)\n- Gates open (bosun)\n", "Image", "rigging"),
        ("Crew: @mira leads, @old-tim builds\n\n- @old-tim full round on the candidate\n", "full round", "old-tim"),
        ("Crew: @mira leads, @old-tim builds\n\n- @mira notes draft in the room\n", "notes", "mira"),
        ("- Loop drained - bosun\n- Image copied - rigging\n- Gates open - bosun\n", "Gates", "bosun"),
        ("- Cash balanced (Kassenwart)\n", "Cash", "kassenwart"),
        ("## What the bosun does\n\n1. Open the gates\n", "Open", "bosun"),
        ("## For the metering desk\n\n1. Compare the totals\n", "Compare", "metering-desk"),
        ("## The bosun\n\n- opens the gates\n", "opens", "bosun"),
        ("## Gates\n\nOwner: bosun\n\n1. Open the gates\n", "Open", "bosun"),
        ("## Sign-off\n\n- [ ] Flock Warden\n", "Flock", "flock-warden"),
        ("**Who opens the gates?** The bosun.\n", "The bosun", "bosun"),
        ("B = bosun, L = loft keeper\n\n- B opens the gates\n- Crates counted (L)\n", "counted", "loft-keeper"),
        ("The quality circle (QC) meets at nine.\n\n- The QC signs the sheet\n", "signs", "quality-circle"),
        ("ED = duty editor, TD = train driver\n\n- ED reads ten pages\n", "reads", "duty-editor"),
        (
            "| Item | Owner |\n|---|---|\n| Way | Service owner |\n\n- Go by the PSX service owner\n",
            "Go",
            "service-owner",
        ),
    ],
)
def test_whoever_stands_beside_or_above_what_is_to_be_done_is_asked(text: str, line: str, named: str) -> None:
    assert roles(f"# Night\n\n{text}", line) == {named}


def test_accents_make_no_other_name() -> None:
    assert slug("Małgorzata Ødegård") == "malgorzata-odegard"


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        ("- The fraud desk knows what will look different", "notify"),
        ("- The bosun wants a week to look at it", "hold"),
        ("- Ines has gone through the wording", "signoff"),
        ("- The key users run the tests and sign the protocol", "signoff"),
    ],
)
def test_what_is_asked_of_somebody_new_is_of_its_kind(line: str, kind: str) -> None:
    assert [one.kind.value for one in read(f"# Night\n\n## Steps\n\n{line}\n")] == [kind]


@pytest.mark.parametrize("line", ["Hello all,", "Dear colleagues", "Fourth, the rollout."])
def test_a_greeting_and_a_title_in_the_midst_of_a_letter_ask_for_nothing(line: str) -> None:
    assert [one for one in read(f"# Night\n\n{line}\n\n- Open the gates\n") if one.line == 3] == []


def test_who_stands_behind_the_question_whether_to_go_is_asked_it() -> None:
    assert asked_for_word("Go or no-go", "chief physician and operations") == ("chief-physician", "operations")
