# SPDX-License-Identifier: Apache-2.0
"""Asking a question about a release: a test suite, a health address, a query.

1. `start` returns once the check is under way (or was, under the same key); it never waits for its end.
   Checks that only read may do nothing in `start` and measure in `observe`.
2. `observe` gives `Pending` or one `Reading`; after a `Reading` it gives the same one again for that key
   (or measures again where `deduplication` is OBSERVED). An unknown key is `Lost`.
3. `cancel` ends what runs and returns when it has ended; it may be called at any time, any number of times.
4. A `Reading` is PASS only on positive proof. No data, empty, NaN, unreachable: INCONCLUSIVE. Output that cannot be
   understood, a killed or timed-out check: ERROR. A check that ran and says no: FAIL.
5. `report` is the raw material of the verdict, at most the adapter's limit of bytes (cut reports say so).
6. A check never sees the ledger, its keys or our environment variables.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final, Protocol

from interlock.domain.ids import CheckId, Digest, EffectKey, EnvironmentName, ReleaseId, ServiceName
from interlock.domain.verdict import Verdict
from interlock.ports.failure import Deduplication


@dataclass(frozen=True, slots=True)
class Former:
    """The release that this one follows: the newest good one that its commit descends from, with its source."""

    version: str
    commit: str
    workspace: Path


@dataclass(frozen=True, slots=True)
class NoFormer:
    """Nothing is known to compare with; `why` is a sentence."""

    why: str


UNTOLD: Final = NoFormer("nobody told the check which release this one follows")


@dataclass(frozen=True, slots=True)
class CheckRequest:
    """What to ask about. `workspace` is the release's own source, read-only to the check, or an empty folder.

    `endpoints` (host:port) are where its instances listen, in an environment whose traffic is split. `commit` is the
    full name of the released commit, or empty where there is none; `former` is what to compare the release with.
    """

    check: CheckId
    service: ServiceName
    environment: EnvironmentName
    release: ReleaseId
    version: str
    digest: Digest
    workspace: Path
    endpoints: tuple[str, ...] = ()
    commit: str = ""
    former: Former | NoFormer = UNTOLD


@dataclass(frozen=True, slots=True)
class Uncounted:
    """The reading says nothing about completeness."""


@dataclass(frozen=True, slots=True)
class Counted:
    """The complete answer to a query: how many items matched, as of when. What a negative condition needs (I5)."""

    query: str
    count: int
    as_of: datetime


@dataclass(frozen=True, slots=True)
class Reading:
    verdict: Verdict
    summary: str
    """One line for a person, at most 200 characters, without secrets."""
    report: bytes
    media_type: str
    counted: Uncounted | Counted
    measured: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Pending:
    detail: str


@dataclass(frozen=True, slots=True)
class Lost:
    detail: str


CheckProgress = Pending | Reading | Lost


class Checker(Protocol):
    """Performs one bound check."""

    @property
    def deduplication(self) -> Deduplication: ...

    def start(self, request: CheckRequest, key: EffectKey) -> None: ...

    def observe(self, request: CheckRequest, key: EffectKey) -> CheckProgress: ...

    def cancel(self, key: EffectKey) -> None: ...
