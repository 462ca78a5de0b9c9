# SPDX-License-Identifier: Apache-2.0
"""What a message says when it is delivered: quotes put in, and how the service stands."""

from typing import Final

import pytest
from tests.service.shop import ANN, CAT, STAGING, a_stage, act, done

from interlock.domain.action import Quote, Tell
from interlock.domain.artifact import RecallArtifact
from interlock.domain.ids import EffectKey, TextRef, commit_to, digest_of
from interlock.ledger.keyring import EraseText
from interlock.ledger.record import SaltedText
from interlock.ports.notify import Message, Place, Urgency
from interlock.service.document import section_of
from interlock.service.handle import Submission
from interlock.service.letters import ERASED, LONGEST_TITLE, NOT_KEPT, UNREADABLE, UNWRITTEN, letter, places_of
from interlock.testing.acts import Release
from interlock.testing.moves import Promote, RollBack
from interlock.testing.stage import SERVICE, Stage

SALT: Final = b"0123456789abcdef"
WORDS: Final = commit_to("It is late.", SALT)
NOTES: Final = b"# Notes\n\n## Summary\nFaster.\n\n## Known issues\n\n- slow\n"


def kept() -> Stage:
    """A ledger that keeps words and a document."""
    stage = a_stage()
    command = RecallArtifact(stage.digest("v9"), WORDS)
    said = stage.world.signed("cat", command, blobs=(NOTES, b"\xff"))
    texts = (SaltedText(WORDS, SALT, "It is late."),)
    done(stage.world.hand_in(Submission(said.body, said.signature, texts, said.blobs)))
    return stage


def worded(stage: Stage, body: str, *quotes: Quote) -> str:
    """The text as it is delivered."""
    return letter(stage.world.store, Tell(EffectKey("k"), "info", "t", body, quotes=quotes), SERVICE, ()).body


def test_a_persons_words_stand_where_they_are_quoted() -> None:
    assert worded(kept(), "Why: {title} ({other})", Quote("title", WORDS)) == "Why: It is late. ({other})"


def test_words_that_were_erased_leave_a_gap() -> None:
    stage = kept()
    done(stage.world.say("ann", EraseText(WORDS, "asked for")))
    assert worded(stage, "Why: {title}", Quote("title", WORDS)) == f"Why: {ERASED}"


def test_words_that_nobody_kept_leave_a_gap() -> None:
    assert worded(kept(), "{title}", Quote("title", TextRef("text:unsaid"))) == NOT_KEPT


def test_a_section_of_a_document_stands_where_it_is_quoted() -> None:
    quote = Quote("notes.known-issues", digest_of(NOTES), "known issues")
    assert worded(kept(), "Known:\n{notes.known-issues}", quote) == "Known:\n- slow"


@pytest.mark.parametrize(
    ("content", "gap"), [(NOTES, UNWRITTEN), (b"\xff", UNREADABLE), (b"never handed in", NOT_KEPT)]
)
def test_a_section_that_cannot_be_had_leaves_a_gap(content: bytes, gap: str) -> None:
    assert worded(kept(), "{notes.thanks}", Quote("notes.thanks", digest_of(content), "Thanks")) == gap


def test_a_title_is_one_short_line_also_with_what_it_quotes() -> None:
    stage = kept()
    tell = Tell(EffectKey("k"), "warning", "{title}\n" + "x" * 300, "b", quotes=(Quote("title", WORDS),))
    message = letter(stage.world.store, tell, SERVICE, ())
    assert (message.title[:14], len(message.title), message.urgency) == (
        "It is late. xx",
        LONGEST_TITLE,
        Urgency.WARNING,
    )


def test_what_is_put_in_is_not_looked_at_again() -> None:
    stage = a_stage()
    words = commit_to("{other}", SALT)
    command = RecallArtifact(stage.digest("v9"), words)
    said = stage.world.signed("cat", command)
    done(stage.world.hand_in(Submission(said.body, said.signature, (SaltedText(words, SALT, "{other}"),))))
    assert worded(stage, "{title}", Quote("title", words), Quote("other", WORDS)) == "{other}"


def test_a_message_says_of_which_service_it_is_and_for_whom() -> None:
    message = letter(kept().world.store, Tell(EffectKey("k"), "info", "t", "b"), SERVICE, (Place("s", "", "", ""),))
    assert message == Message("t", "b", Urgency.INFO, SERVICE, "", (Place("s", "", "", ""),))


def places(stage: Stage) -> list[tuple[str, str, str, str]]:
    """How the service stands."""
    gatherer = stage.gatherer()
    governance = gatherer.in_force(SERVICE)
    assert governance is not None
    found = places_of(gatherer.view, governance)
    return [(one.environment, one.version, one.standing, one.under_way) for one in found]


def test_a_place_says_what_runs_there_and_how_surely() -> None:
    assert places(a_stage())[0] == (STAGING, "v1", "adopted", "")


def test_a_place_says_what_is_under_way_there() -> None:
    stage = a_stage()
    done(act(stage, Release(release="v2", by=ANN)))
    stage.world.settle()
    done(act(stage, Promote(promote=STAGING, by=ANN)))
    assert places(stage)[0] == (STAGING, "v1", "adopted", "v2 waiting")
    stage.world.settle()
    assert places(stage)[0] == (STAGING, "v2", "verified", "")
    done(act(stage, RollBack(rollback=STAGING, by=CAT)))
    assert places(stage)[0] == (STAGING, "v1", "adopted", "rolling back, returning")


DOCUMENT: Final = b"""\
# Release

## Summary
First line.

<!-- a comment -->
Second line.

### Detail
More.

## Empty
<!-- nothing -->

## Empty
Said here.

Known issues
------------
- slow
"""


@pytest.mark.parametrize(
    ("heading", "text"),
    [
        ("summary", "First line.\n\nSecond line.\n\n### Detail\nMore."),
        ("Detail", "More."),
        ("Empty", "Said here."),
        ("Known issues", "- slow"),
        ("Thanks", ""),
    ],
)
def test_a_section_is_what_stands_below_its_heading(heading: str, text: str) -> None:
    assert section_of(DOCUMENT, heading) == text


def test_a_document_that_ends_with_a_heading_has_nothing_there() -> None:
    assert section_of(b"# A\n\nx\n\n# B\n", "B") == ""
