# SPDX-License-Identifier: Apache-2.0
"""What a person says beside a command: words that must be given, and words that may be left out."""

import pytest

from interlock.domain.ids import UNSAID, PersonId, commit_to
from interlock.ports.failure import Rejected
from interlock.service.speak import Speaker, Unsigned

EMPTY = ("", " ", " \t\n", "\N{NO-BREAK SPACE}", "\N{ZERO WIDTH SPACE}")


@pytest.fixture
def speaker() -> Speaker:
    return Speaker(PersonId("ann"), Unsigned(), "test", lambda count: b"s" * count)


@pytest.mark.parametrize("words", EMPTY)
def test_words_that_must_be_given_are_not_empty(speaker: Speaker, words: str) -> None:
    with pytest.raises(Rejected, match="the title is empty") as told:
        speaker.words(words, "the title")
    assert (told.value.code, speaker.texts) == ("reason.empty", [])


@pytest.mark.parametrize("words", EMPTY)
def test_what_must_not_wait_for_a_sentence_needs_none(speaker: Speaker, words: str) -> None:
    assert (speaker.words_if(words), speaker.texts) == (UNSAID, [])


def test_a_sentence_that_was_said_is_kept(speaker: Speaker) -> None:
    assert speaker.words_if("it is slow") != UNSAID
    assert [text.words for text in speaker.texts] == ["it is slow"]


def test_words_that_may_be_left_out_are_left_out(speaker: Speaker) -> None:
    speaker.aside("")
    assert [text.words for text in speaker.texts] == [""]


def test_words_in_another_encoding_are_committed_to_as_they_are_sent(speaker: Speaker) -> None:
    ref = speaker.words(b"caf\xe9".decode("utf-8", "surrogateescape"))
    (text,) = speaker.texts
    assert (text.words, commit_to(text.words, text.salt)) == ("caf?", ref)
