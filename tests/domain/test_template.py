# SPDX-License-Identifier: Apache-2.0
"""StageMessages: what a procedure prescribes to be told, composed from facts, one message for each audience."""

from typing import Final

import pytest
from tests.domain.shop import SHOP

from interlock.domain.action import Quote
from interlock.domain.ids import AudienceName, NoticeId
from interlock.domain.outbox import MessageDue, Tone
from interlock.domain.template import (
    KNOWN,
    LONGEST_KEY,
    Fact,
    Field,
    Setting,
    Template,
    Words,
    messages_due,
    plain,
    refusal_of,
    with_fields,
    words_in,
)

SUPPORT, STAFF = AudienceName("support"), AudienceName("staff")
NEWS: Final = Template(
    NoticeId("news"), (SUPPORT, STAFF), "{version} is live", "In {environment}, by {by}.", Tone.SUCCESS
)
FACTS: Final[dict[str, Words]] = {Fact.VERSION: "1.2.0", Fact.ENVIRONMENT: "production", Fact.BY: "ann"}


def composed(template: Template, facts: dict[str, Words], key: str = "p1") -> list[MessageDue]:
    """The messages that fall due."""
    events = [emitted.event for emitted in messages_due(SHOP, key, (template,), facts)]
    return [event for event in events if isinstance(event, MessageDue)]


def only(title: str, body: str, facts: dict[str, Words]) -> MessageDue:
    """The one message of a template."""
    return composed(Template(NoticeId("one"), (SUPPORT,), title, body), facts)[0]


def test_every_audience_gets_a_message_of_its_own() -> None:
    messages = composed(NEWS, FACTS)
    assert [(one.to, one.key) for one in messages] == [
        (SUPPORT, "p1/tell/news/support"),
        (STAFF, "p1/tell/news/staff"),
    ]


def test_facts_stand_in_title_and_text() -> None:
    first = composed(NEWS, FACTS)[0]
    assert (first.title, first.body) == ("1.2.0 is live", "In production, by ann.")


def test_a_message_says_of_which_template_it_is_and_how_it_is_meant() -> None:
    first = composed(NEWS, FACTS)[0]
    assert (first.notice, first.tone, first.quotes) == ("news", Tone.SUCCESS, ())


def test_of_what_there_is_nothing_to_say_it_says_so() -> None:
    assert only("x", "Change: {change}.", {}).body == "Change: none."


def test_a_title_is_one_line_whatever_is_put_into_it() -> None:
    assert only("Why: {sentence}", "x", {"sentence": "first\nsecond"}).title == "Why: first second"


def test_the_words_of_a_person_are_named_and_not_copied() -> None:
    message = only("{title}", "{Title} it is", {"title": "text:abc"})
    assert (message.title, message.body) == ("{title}", "{title} it is")
    assert message.quotes == (Quote("title", "text:abc"),)


def test_a_section_of_a_record_is_named_and_not_copied() -> None:
    section = Quote("", "sha256:0", "Known issues")
    message = only("x", "{release-notes.Known Issues}", {"release-notes.known-issues": section})
    assert message.body == "{release-notes.known-issues}"
    assert message.quotes == (Quote("release-notes.known-issues", "sha256:0", "Known issues"),)


def test_what_is_put_in_is_not_looked_at_again() -> None:
    assert only("x", "{sentence}", {"sentence": "{version}", "version": "1.2.0"}).body == "{version}"


def test_words_are_found_once_each_in_one_spelling() -> None:
    assert words_in("{service} and {Service}, {notes.Known  Issues}") == ("service", "notes.known-issues")
    assert plain(" Known Issues ") == "known-issues"


ALERT: Final = Template(
    NoticeId("alert"),
    (SUPPORT,),
    "{incident}",
    "Impact: {fields.impact}",
    fields=(Field("impact", "what users feel"), Field("status", "what is done")),
)


@pytest.mark.parametrize("given", [{}, {"impact": "", "status": "looking"}, {"impact": "  ", "status": "looking"}])
def test_a_message_with_a_field_that_is_not_given_is_not_sent(given: dict[str, str]) -> None:
    reasons = refusal_of(ALERT, given)
    assert {reason.code for reason in reasons} == {"notice.field_missing"}
    assert "what users feel" in reasons[0].sentence


def test_a_field_that_the_message_does_not_have_is_refused() -> None:
    reasons = refusal_of(ALERT, {"impact": "slow", "status": "looking", "colour": "red"})
    assert [(reason.code, reason.next_step) for reason in reasons] == [
        ("notice.unknown_field", "it has: impact, status")
    ]


def test_a_message_without_fields_says_so_when_one_is_given() -> None:
    assert [reason.next_step for reason in refusal_of(NEWS, {"colour": "red"})] == ["it has: none"]


def test_a_message_whose_fields_are_all_given_is_sent_with_them() -> None:
    given = {"impact": "slow", "status": "looking"}
    assert refusal_of(ALERT, given) == ()
    assert composed(ALERT, dict(with_fields({"incident": "i1"}, given)))[0].body == "Impact: slow"


def test_a_key_that_would_be_too_long_ends_in_its_digest() -> None:
    long, other = (composed(NEWS, FACTS, key=f"{'p' * 300}{end}")[0].key for end in "ab")
    assert (len(long), long[:100]) == (LONGEST_KEY, "p" * 100)
    assert long != other


@pytest.mark.parametrize("setting", Setting)
def test_every_setting_knows_the_service_and_where_it_is(setting: Setting) -> None:
    assert {Fact.SERVICE, Fact.ENVIRONMENT} <= KNOWN[setting]
