# SPDX-License-Identifier: Apache-2.0
"""Reading: what would change in the rules of a service, and what release notes would say.

Both look into the repository beside the server, as they do on the command line.
"""

from enum import StrEnum
from typing import Annotated, Final

import msgspec
from litestar import get
from litestar.params import FromPath, QueryParameter

from interlock.api.answers import MOVING
from interlock.api.refusals import absent, problems
from interlock.api.scene import Look, Looking
from interlock.domain.governance import Service
from interlock.domain.ids import Digest, RequirementId
from interlock.service.notes import SECTIONS, draft, empty_sections
from interlock.service.rules_diff import changes, recorded, standing
from interlock.service.story import asked_of, kept_words, quoted_words, story_in

NOTES: Final = "notes"
COMMIT: Final = "^([A-Za-z0-9][A-Za-z0-9._/@^~+-]*)?$"


class Words(StrEnum):
    """What becomes of people's own words: what is written as a record stays for ever."""

    NAMED = "named"
    QUOTED = "quoted"


class RulesChanged(msgspec.Struct, frozen=True):
    """By part of the rules (`pack`, `interlock.yaml`, each governed file) the lines that differ."""

    changed: dict[str, list[str]]


class NotesShown(msgspec.Struct, frozen=True):
    """A draft. `empty` are the sections that a person has to write."""

    release: str
    record: str
    sections: list[str]
    empty: list[str]
    text: str


@get(
    "/services/{service:str}/rules/diff",
    sync_to_thread=True,
    responses=problems(400, 401, 403, 404, 422, 503),
    tags=("rules",),
    operation_id="governance-diff",
    opt={MOVING: True},
)
def diff(
    look: Looking,
    service: FromPath[str],
    proposal: Annotated[
        str, QueryParameter(pattern="^(sha256:[0-9a-f]{64})?$", description="A proposal, by its whole digest.")
    ] = "",
    at: Annotated[
        str, QueryParameter(pattern=COMMIT, max_length=200, description="Without a proposal: what stands at a commit.")
    ] = "HEAD",
) -> RulesChanged:
    """What would change in the rules in force."""
    state = look.service(service)
    look.governance(state)
    other = _proposed(look, state, proposal) if proposal else _at(look, state, at or "HEAD")
    before = recorded(state.in_force, look.store.blob)
    return RulesChanged({name: list(lines) for name, lines in changes(before, other).items()})


def _proposed(look: Look, state: Service, proposal: str) -> dict[str, str]:
    found = state.proposals.get(Digest(proposal))
    if found is None:
        raise absent("governance.unknown", f"no proposal '{proposal[:19]}' waits", f"see /v1/packs/{state.name}")
    return dict(recorded(found.governance, look.store.blob))


def _at(look: Look, state: Service, at: str) -> dict[str, str]:
    return dict(standing(look.declared(state.name, at)))


@get(
    "/releases/{release:str}/notes",
    sync_to_thread=True,
    responses=problems(400, 401, 403, 404, 422, 503),
    tags=("releases",),
    operation_id="notes",
)
def notes(
    look: Looking,
    release: FromPath[str],
    record: Annotated[str, QueryParameter(max_length=80, description="The record whose sections they get.")] = NOTES,
    words: Annotated[Words, QueryParameter(description="What becomes of people's own words.")] = Words.NAMED,
) -> NotesShown:
    """Release notes, composed from the commits and from what was decided."""
    one = look.release(release)
    asked = asked_of(look.gatherer, one).get(RequirementId(record))
    if asked is None and record != NOTES:
        sentence = f"no record '{record}' is asked for on the path of {one.id}"
        raise absent("record.unknown", sentence, f"see /v1/releases/{one.id}/records")
    teller = quoted_words(look.store.text) if words is Words.QUOTED else kept_words
    story = story_in(look.gatherer, one, look.house.repository, look.house.library, teller)
    sections = asked.sections if asked else SECTIONS
    empty = empty_sections(story, sections)
    return NotesShown(one.id, record, list(sections), list(empty), draft(story, sections))


HANDLERS: Final = (diff, notes)
