# SPDX-License-Identifier: Apache-2.0
"""Templates: the messages that a written procedure prescribes, over a closed set of facts.

1. When a message falls due is its setting, and every setting knows its own facts; the loader refuses a template that
   speaks of another, so that no message is ever composed with a hole in it.
2. A template comes to one message for each of its audiences: a dead receiver hides no other.
3. A template with fields is sent whole or not at all: whoever sends it gives them all (`refusal_of`).
4. A fact is text, or a person's words beside the ledger (`text:...`), or a quote of a document; the latter two are
   named in the message and put in on delivery.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from interlock.domain.action import Quote
from interlock.domain.decision import Emitted, Reason
from interlock.domain.ids import AudienceName, EffectKey, NoticeId, RequirementId, ServiceName, digest_of
from interlock.domain.outbox import MessageDue, OutboxEvent, Tone, outbox_stream

FIELD: Final = "fields."
"""Before the name of what somebody gives when a message is sent."""
NOT_SAID: Final = "none"
"""In place of a fact of which there is nothing to say."""
LONGEST_KEY: Final = 200

_WORD: Final = re.compile(r"\{([^{}]*)\}")
_PERSONAL: Final = "text:"

Words = str | Quote


class Fact(StrEnum):
    """What a template may speak of, beside fields and sections of records."""

    SERVICE = "service"
    RELEASE = "release"
    VERSION = "version"
    ENVIRONMENT = "environment"
    CHANGE = "change"
    TITLE = "title"
    """What the change request is called, in its author's words."""
    BY = "by"
    SENTENCE = "sentence"
    """Why or how, in one sentence."""
    REQUIREMENT = "requirement"
    ROLES = "roles"
    ASKED = "asked"
    """What is asked of whoever holds the roles."""
    TARGET = "target"
    """The release that is returned to."""
    INCIDENT = "incident"
    SEVERITY = "severity"
    LABELS = "labels"
    STATUS = "status"
    RESPONDERS = "responders"
    OPENED = "opened"
    NEXT_UPDATE = "next_update"
    RESOLVED = "resolved"
    POST_MORTEM = "post_mortem"
    DUE = "due"
    """By when something is owed."""


class Setting(StrEnum):
    """When a message falls due."""

    BEFORE = "before"
    """A promotion was accepted; nothing is deployed yet."""
    AFTER = "after"
    """It completed."""
    CALLED_OFF = "called_off"
    """It was told before, and will not take place."""
    ASKED = "asked"
    """A requirement is the next in order."""
    DECIDED = "decided"
    """A rollback was decided."""
    RETURNED = "returned"
    """It is proven."""
    STRANDED = "stranded"
    """It is not, and its tries are used up."""
    INCIDENT = "incident"
    """In the course of an incident; when, says the incident's own part of the pack."""
    REVIEW = "review"
    """A retroactive review is owed; when, says the path of the emergency."""


_RELEASE: Final = frozenset({Fact.SERVICE, Fact.RELEASE, Fact.VERSION, Fact.ENVIRONMENT, Fact.CHANGE, Fact.TITLE})
_RETURN: Final = frozenset({Fact.SERVICE, Fact.ENVIRONMENT, Fact.RELEASE, Fact.TARGET, Fact.SENTENCE})
_OF_AN_INCIDENT: Final = frozenset(
    {Fact.INCIDENT, Fact.SEVERITY, Fact.LABELS, Fact.STATUS, Fact.RESPONDERS, Fact.OPENED, Fact.NEXT_UPDATE}
    | {Fact.RESOLVED, Fact.POST_MORTEM, Fact.SERVICE, Fact.ENVIRONMENT, Fact.RELEASE, Fact.BY, Fact.SENTENCE}
)
KNOWN: Final[Mapping[Setting, frozenset[Fact]]] = MappingProxyType(
    {
        Setting.BEFORE: _RELEASE | {Fact.BY},
        Setting.AFTER: _RELEASE | {Fact.BY, Fact.SENTENCE},
        Setting.CALLED_OFF: _RELEASE | {Fact.BY, Fact.SENTENCE},
        Setting.ASKED: _RELEASE | {Fact.BY, Fact.REQUIREMENT, Fact.ROLES, Fact.ASKED},
        Setting.DECIDED: _RETURN | {Fact.BY},
        Setting.RETURNED: _RETURN,
        Setting.STRANDED: _RETURN,
        Setting.INCIDENT: _OF_AN_INCIDENT,
        Setting.REVIEW: _RELEASE | {Fact.DUE, Fact.SENTENCE},
    }
)
"""What there is to say in each setting."""
OF_A_STAGE: Final = frozenset({Setting.BEFORE, Setting.AFTER, Setting.CALLED_OFF, Setting.ASKED})
"""Settings in the course of a release, whose records may be quoted."""
SENT_BY_SOMEBODY: Final = frozenset({Setting.INCIDENT})
"""Settings in which there is somebody to give fields."""


@dataclass(frozen=True, slots=True)
class Field:
    """What whoever sends a message must give: its name, and what it says."""

    name: str
    says: str


@dataclass(frozen=True, slots=True)
class Template:
    """One message of a pack."""

    id: NoticeId
    to: tuple[AudienceName, ...]
    title: str
    body: str
    tone: Tone = Tone.INFO
    cites: tuple[str, ...] = ()
    fields: tuple[Field, ...] = ()

    @property
    def words(self) -> tuple[str, ...]:
        """Everything that stands in braces, each once, in order."""
        return words_in(f"{self.title}\n{self.body}")


@dataclass(frozen=True, slots=True)
class AskedFor:
    """What is told when a requirement is the next in order."""

    requirement: RequirementId
    messages: tuple[Template, ...]


@dataclass(frozen=True, slots=True)
class StageMessages:
    """What falls due in the course of a stage."""

    before: tuple[Template, ...] = ()
    after: tuple[Template, ...] = ()
    called_off: tuple[Template, ...] = ()
    asked: tuple[AskedFor, ...] = ()

    def of(self, setting: Setting) -> tuple[Template, ...]:
        """What is told of a promotion."""
        told = {Setting.BEFORE: self.before, Setting.AFTER: self.after, Setting.CALLED_OFF: self.called_off}
        return told.get(setting, ())

    @property
    def every(self) -> tuple[Template, ...]:
        """All of them."""
        asked = (message for one in self.asked for message in one.messages)
        return (*self.before, *self.after, *self.called_off, *asked)


class Since(StrEnum):
    """From when on the moment is counted at which somebody is told of a review."""

    OPENED = "opened"
    """The emergency went to production."""
    OVERDUE = "overdue"
    """The deadline passed."""


@dataclass(frozen=True, slots=True)
class Chase:
    """What is told of a review as long as it is owed: so long after that moment, then `again` (zero: just once)."""

    message: Template
    since: Since = Since.OVERDUE
    after: timedelta = timedelta(0)
    again: timedelta = timedelta(0)


@dataclass(frozen=True, slots=True)
class RollbackMessages:
    """What falls due in the course of a rollback."""

    decided: tuple[Template, ...] = ()
    returned: tuple[Template, ...] = ()
    stranded: tuple[Template, ...] = ()

    def of(self, setting: Setting) -> tuple[Template, ...]:
        """What is told then."""
        told = {Setting.DECIDED: self.decided, Setting.RETURNED: self.returned, Setting.STRANDED: self.stranded}
        return told.get(setting, ())

    @property
    def every(self) -> tuple[Template, ...]:
        """All of them."""
        return (*self.decided, *self.returned, *self.stranded)


def words_in(text: str) -> tuple[str, ...]:
    """Everything that stands in braces, as it is looked up: in lower case, with hyphens for spaces."""
    return tuple(dict.fromkeys(plain(word) for word in _WORD.findall(text)))


def plain(word: str) -> str:
    """One spelling for what is the same to people: `Known Issues` and `known-issues`."""
    return "-".join(word.casefold().split())


def refusal_of(template: Template, given: Mapping[str, str]) -> tuple[Reason, ...]:
    """Why a message may not be sent with these fields; nothing when it may."""
    reasons = [
        Reason("notice.field_missing", f"'{template.id}' needs {field.name}: {field.says}", "give all its fields")
        for field in template.fields
        if not given.get(field.name, "").strip()
    ]
    names = [field.name for field in template.fields]
    reasons.extend(
        Reason("notice.unknown_field", f"'{template.id}' has no field '{name}'", f"it has: {_listed(names)}")
        for name in given
        if name not in names
    )
    return tuple(reasons)


def with_fields(facts: Mapping[str, Words], given: Mapping[str, str]) -> Mapping[str, Words]:
    """The facts together with the fields that somebody gave."""
    return {**facts, **{f"{FIELD}{name}": words for name, words in given.items()}}


def messages_due(
    service: ServiceName, key: str, templates: Iterable[Template], facts: Mapping[str, Words]
) -> tuple[Emitted[OutboxEvent], ...]:
    """The messages that these templates come to, one for each audience.

    `key` tells what they are about from everything else. A fact there is nothing to say of reads `none`.
    """
    return tuple(
        Emitted(outbox_stream(service), _message(service, key, template, audience, facts))
        for template in templates
        for audience in template.to
    )


def _message(
    service: ServiceName, key: str, template: Template, audience: AudienceName, facts: Mapping[str, Words]
) -> MessageDue:
    quotes = tuple(quote for word in template.words if (quote := _quote(word, facts.get(word, ""))) is not None)
    return MessageDue(
        service,
        _key(f"{key}/tell/{template.id}/{audience}"),
        template.tone,
        " ".join(_filled(template.title, facts).split()),
        _filled(template.body, facts),
        audience,
        quotes,
        template.id,
    )


def _filled(text: str, facts: Mapping[str, Words]) -> str:
    """Every fact that is text, in its place; what is quoted keeps its braces, spelt as its quote's name."""

    def put(found: re.Match[str]) -> str:
        word = plain(found.group(1))
        words = facts.get(word, "")
        return f"{{{word}}}" if _quote(word, words) is not None else str(words) or NOT_SAID

    return _WORD.sub(put, text)


def _quote(word: str, words: Words) -> Quote | None:
    if isinstance(words, Quote):
        return Quote(word, words.of, words.section)
    return Quote(word, words) if words.startswith(_PERSONAL) else None


def _key(text: str) -> EffectKey:
    """A key is bounded; a longer one ends in the digest of all of it."""
    if len(text) <= LONGEST_KEY:
        return EffectKey(text)
    digest = digest_of(text.encode()).removeprefix("sha256:")
    return EffectKey(f"{text[: LONGEST_KEY - len(digest) - 1]}/{digest}")


def _listed(names: Iterable[str]) -> str:
    return ", ".join(names) or "none"
