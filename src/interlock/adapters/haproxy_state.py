# SPDX-License-Identifier: Apache-2.0
"""What an HAProxy says it serves, and the commands that lead from there to what is wanted.

1. Nothing to do is no command: when `arranging` gives none, the pools are in effect.
2. Lowering comes before raising, so that on the way never more is exposed than on one of its ends.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from interlock.adapters.haproxy_files import (
    CANDIDATE,
    COHORTS,
    LEASE,
    MAX_SLOTS,
    MEMBERS_KEY,
    NOWHERE,
    ONCE,
    SHARE_KEY,
    STABLE,
    USERS,
)
from interlock.domain.traffic import UNEXPOSED, Exposure
from interlock.ports.router import Endpoint, Pools

_SHOW_TABLES: Final = f"show table {LEASE};show table {COHORTS}"
LOOK: Final = f"show servers state;{_SHOW_TABLES}"
CLEAR: Final = f"clear table {LEASE};clear table {COHORTS};{_SHOW_TABLES}"
_FOLLOWERS: Final = {
    f"{STABLE}/s": (f"{STABLE}{ONCE}/s", f"{CANDIDATE}/f", f"{CANDIDATE}{ONCE}/f"),
    f"{CANDIDATE}/c": (f"{CANDIDATE}{ONCE}/c",),
}
"""The servers that track another one: they share its state, and have to be told its address."""
_MAINTENANCE: Final = 1
_COLUMNS: Final = 19
_TABLE: Final = re.compile(r"# table: (\w+),")
_ENTRY: Final = re.compile(r"0x[0-9a-f]+: key=(\S+) use=\d+ exp=(\d+)(?: \w+=\d+)* gpt0=(\d+)")
_COMPLAINT: Final = re.compile(
    r"(No such|Permission|Unknown|Invalid|Require|Can't|Cannot|Fail|This command|Data type).*", re.MULTILINE
)


@dataclass(frozen=True, slots=True)
class Slot:
    """One server line: where it points, and whether it is given requests when it is healthy."""

    endpoint: Endpoint
    is_used: bool


EMPTY: Final = Slot(NOWHERE, is_used=False)


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a table; `lasts` is in milliseconds."""

    value: int
    lasts: int


@dataclass(frozen=True, slots=True)
class Seen:
    """What one proxy says. Slots by `backend/server`; `tables` holds only those that exist."""

    slots: Mapping[str, Slot]
    tables: Mapping[str, Mapping[str, Entry]]
    complaint: str = ""
    """The first sentence in which it refused something."""

    @property
    def pools(self) -> Pools:
        """The pools in effect, by the servers that lead."""
        return Pools(self._endpoints(f"{STABLE}/s"), self._endpoints(f"{CANDIDATE}/c"))

    @property
    def held(self) -> Exposure:
        """The exposure that stands in the tables."""
        share = self._lease(SHARE_KEY).value
        return Exposure(share, min(self.cohorts, default=""))

    @property
    def exposure(self) -> Exposure:
        """The exposure that has an effect: without a candidate there is none."""
        return self.held if self.pools.candidate and self.members else UNEXPOSED

    @property
    def members(self) -> int:
        """Among how many slots the candidate's requests are divided."""
        return self._lease(MEMBERS_KEY).value

    @property
    def cohorts(self) -> tuple[str, ...]:
        return tuple(self.tables.get(COHORTS, {}))

    @property
    def lasts(self) -> int:
        """How long, in milliseconds, anything is exposed if nobody holds it again."""
        return max((entry.lasts for table in self.tables.values() for entry in table.values()), default=0)

    @property
    def users(self) -> str:
        """The word for how it knows users; empty when it does not say."""
        return next((name.removeprefix(f"{USERS}/") for name in self.slots if name.startswith(f"{USERS}/")), "")

    @property
    def is_ours(self) -> bool:
        """Whether it has the tables and servers of a file of ours."""
        return {LEASE, COHORTS} <= set(self.tables) and f"{STABLE}/s1" in self.slots

    @property
    def is_clear(self) -> bool:
        return {LEASE, COHORTS} <= set(self.tables) and not any(self.tables.values())

    def _lease(self, key: str) -> Entry:
        return self.tables.get(LEASE, {}).get(key, Entry(0, 0))

    def _endpoints(self, prefix: str) -> tuple[Endpoint, ...]:
        slots = (self.slots.get(f"{prefix}{at}", EMPTY) for at in range(1, MAX_SLOTS + 1))
        return tuple(slot.endpoint for slot in slots if slot.is_used)


def seen_in(answer: str) -> Seen:
    """What the answer to `LOOK`, or to `CLEAR`, says."""
    slots: dict[str, Slot] = {}
    tables: dict[str, dict[str, Entry]] = {}
    at: dict[str, Entry] = {}
    for line in answer.splitlines():
        if table := _TABLE.match(line):
            at = tables.setdefault(table[1], {})
        elif entry := _ENTRY.match(line):
            at[entry[1]] = Entry(int(entry[3]), int(entry[2]))
        elif len(columns := line.split()) >= _COLUMNS and columns[0].isdigit():
            endpoint = Endpoint(columns[4], int(columns[18]))
            slots[f"{columns[1]}/{columns[3]}"] = Slot(endpoint, is_used=not int(columns[6]) & _MAINTENANCE)
    refused = _COMPLAINT.search(answer)
    return Seen(slots, tables, refused[0] if refused else "")


def arranging(seen: Seen, pools: Pools) -> str:
    """The commands that bring these pools into effect; none when they are. Stable comes first."""
    arms = ((f"{STABLE}/s", pools.stable), (f"{CANDIDATE}/c", pools.candidate))
    return "".join(f"{command};" for leader, endpoints in arms for command in _placing(seen, leader, endpoints))


def _placing(seen: Seen, leader: str, endpoints: tuple[Endpoint, ...]) -> Iterator[str]:
    for number in range(1, MAX_SLOTS + 1):
        name = f"{leader}{number}"
        slot = seen.slots.get(name, EMPTY)
        if number > len(endpoints):
            if slot.is_used:
                yield f"set server {name} state maint"
            continue
        endpoint = endpoints[number - 1]
        for server in (*(f"{follower}{number}" for follower in _FOLLOWERS[leader]), name):
            if seen.slots.get(server, EMPTY).endpoint != endpoint:
                yield f"set server {server} addr {endpoint.host} port {endpoint.port}"
        if slot.endpoint != endpoint and leader.startswith(STABLE):
            yield f"set server {name} health up"  # what was known of its former address says nothing about this one
        if not slot.is_used:
            yield f"set server {name} state ready"


def holding(seen: Seen, exposure: Exposure, pools: Pools) -> str:
    """The commands that expose so much for one lease, and nothing else."""
    others = [cohort for cohort in seen.cohorts if cohort != exposure.cohort]
    return "".join(
        (
            *(f"clear table {COHORTS} key {cohort};" for cohort in others),
            f"set table {LEASE} key {MEMBERS_KEY} data.gpt0 {len(pools.candidate)};",
            f"set table {LEASE} key {SHARE_KEY} data.gpt0 {exposure.share};",
            f"set table {COHORTS} key {exposure.cohort} data.gpt0 1;" if exposure.cohort else "",
        )
    )
