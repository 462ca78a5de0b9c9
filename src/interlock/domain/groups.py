# SPDX-License-Identifier: Apache-2.0
"""Groups: what an identity provider says of who belongs where, as far as bindings give such a group a role.

1. A group stands in bindings among the holders of a role, as `group:releasers`; no person can be called so.
2. Who is in it was said by a provider that our server trusts, when they signed in there. That is recorded with the
   provider's address, and only for groups that some rules in force name: what it says of others is nobody's business.
3. Being in a group lasts for hours, not for ever: a provider tells nobody of whom it took out. What is said newer
   takes the place of what was said before, and who is in no group any more is in none.
4. Who stood in a role when they said something stood in it: what somebody said is counted as of when they said it.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from interlock.domain.actor import Actor, Robot
from interlock.domain.decision import Accepted, Decision, Emitted, refuse
from interlock.domain.ids import PersonId, StreamId, parse_name

STREAM: Final = StreamId("groups")
LASTS: Final = timedelta(hours=12)
"""How long somebody is in a group after the provider said so."""
PREFIX: Final = "group:"
_GROUP: Final = re.compile(r"[A-Za-z0-9/][A-Za-z0-9 ._/@:+-]{0,126}")


@dataclass(frozen=True, slots=True)
class RecordGroups:
    """A provider has said just now that the person is in these groups, of those that are asked for."""

    person: PersonId
    issuer: str
    groups: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class GroupsRecorded:
    person: PersonId
    issuer: str
    groups: tuple[str, ...]
    at: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class Groups:
    """What was said of each person, oldest first."""

    said: Mapping[PersonId, tuple[GroupsRecorded, ...]] = field(default_factory=dict)

    def of(self, person: PersonId, moment: datetime) -> tuple[str, ...]:
        """In which groups somebody was then."""
        before = (one for one in reversed(self.said.get(person, ())) if one.at <= moment)
        newest = next(before, None)
        return newest.groups if newest is not None and moment < newest.until else ()

    def members(self, group: str, moment: datetime) -> tuple[PersonId, ...]:
        """Who was in a group then, by name."""
        return tuple(sorted(person for person in self.said if group in self.of(person, moment)))


def parse_holder(text: str) -> PersonId:
    """Who holds a role: the handle of a person, or `group:` and the name of a group. Raises `ValueError`."""
    if not text.startswith(PREFIX):
        return PersonId(parse_name(text))
    if not _GROUP.fullmatch(text.removeprefix(PREFIX)) or text.endswith(" "):
        raise ValueError(f"'{text}' names no group: write group: and 1-127 of A-Z a-z 0-9 . _ / @ : + - and spaces")
    return PersonId(text)


def is_group(holder: PersonId) -> bool:
    """Whether this is a group where a person could stand."""
    return holder.startswith(PREFIX)


def people_of(holders: Iterable[PersonId], groups: Groups, moment: datetime) -> tuple[PersonId, ...]:
    """The people among them, and those who were then in the groups among them."""
    people: dict[PersonId, None] = {}
    for holder in holders:
        one = groups.members(holder.removeprefix(PREFIX), moment) if is_group(holder) else (holder,)
        people.update(dict.fromkeys(one))
    return tuple(people)


def decide(state: Groups, command: RecordGroups, actor: Actor, now: datetime) -> Decision[GroupsRecorded]:
    """Whether it may be recorded. Who was in none before and is in none now has nothing recorded."""
    if not isinstance(actor, Robot):
        return refuse(
            "groups.robot_only",
            "who is in which group is said by the identity provider, through the server that let them in",
            "sign in there by your provider",
        )
    if not command.groups and not state.of(command.person, now):
        return refuse("groups.none", f"'{command.person}' is in no group that has a role", "nothing needs doing")
    recorded = GroupsRecorded(command.person, command.issuer, command.groups, now, now + LASTS)
    return Accepted((Emitted(STREAM, recorded),))


def evolve(state: Groups, event: GroupsRecorded) -> Groups:
    """What was said after the event."""
    return Groups({**state.said, event.person: (*state.said.get(event.person, ()), event)})
