# SPDX-License-Identifier: Apache-2.0
"""Where on its way a release is when something is asked, by the titles that it stands under."""

from enum import StrEnum
from typing import Final

from interlock.packs.reading.passages import TOP, Heading, Passage
from interlock.packs.reading.seeking import sought
from interlock.packs.reading.topics import Topic, topic_of


class Phase(StrEnum):
    """Where on its way a release is when something is asked."""

    ANY = "any"
    DEVELOPMENT = "development"
    REVIEW = "review"
    PREPARATION = "preparation"
    STAGING = "staging"
    PRODUCTION = "production"
    AFTER = "after-release"
    ROLLBACK = "rollback"
    INCIDENT = "incident"
    EMERGENCY = "emergency"


_PHASES: Final = {
    Topic.LOCAL: Phase.DEVELOPMENT,
    Topic.REVIEW: Phase.REVIEW,
    Topic.BEFORE: Phase.PREPARATION,
    Topic.APPROVAL: Phase.PREPARATION,
    Topic.HANDOFF: Phase.PREPARATION,
    Topic.TESTING: Phase.PREPARATION,
    Topic.STAGING: Phase.STAGING,
    Topic.PRODUCTION: Phase.PRODUCTION,
    Topic.AFTER: Phase.AFTER,
    Topic.ROLLBACK: Phase.ROLLBACK,
    Topic.TRIGGER: Phase.ROLLBACK,
    Topic.AUTHORITY: Phase.ROLLBACK,
    Topic.INCIDENT: Phase.INCIDENT,
    Topic.AFTER_INCIDENT: Phase.INCIDENT,
    Topic.HOTFIX: Phase.EMERGENCY,
}

_BROAD: Final = frozenset({Topic.STAGING, Topic.PRODUCTION, Topic.AFTER})
"""What a procedure may be called as a whole."""
_AFTERWARDS: Final = sought(r"(?i:\bpost-?|\bafter)")


def _is_of_all(heading: Heading) -> bool:
    """Whether a title names what the whole document is about; a word alone names its part."""
    is_name = heading.ahead < TOP and len(heading.text.split()) > 1
    return is_name and not _AFTERWARDS.search(heading.text)


def phase_of(passage: Passage) -> Phase:
    """Where on its way a release is when this is asked, by the titles.

    What stands over all of a document names what it is about: `Deploying the till` begins long before anything is.
    """
    found = [
        _PHASES[topic]
        for heading in reversed(passage.headings)
        if (topic := topic_of(heading.text)) in _PHASES and not (topic in _BROAD and _is_of_all(heading))
    ]
    if Phase.EMERGENCY in found and found[0] is not Phase.ROLLBACK:
        return Phase.EMERGENCY
    return found[0] if found else Phase.ANY
