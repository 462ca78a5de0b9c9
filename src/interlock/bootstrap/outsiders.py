# SPDX-License-Identifier: Apache-2.0
"""What comes from outside and touches no ledger: a copy that somebody checks, a report that somebody hands in."""

from dataclasses import dataclass
from datetime import timedelta

from interlock.adapters.calendar.rfc5545 import Rfc5545Calendar
from interlock.adapters.check.junit import read_junit
from interlock.adapters.clock import SystemClock
from interlock.adapters.prometheus_past import PrometheusPast, Span
from interlock.adapters.signer.ssh import SshVerifier
from interlock.config import prometheus_address
from interlock.domain.judge.plan import Interval
from interlock.ports.calendar import Calendar
from interlock.ports.check import Reading
from interlock.ports.clock import Clock
from interlock.ports.failure import Rejected
from interlock.ports.signing import SignatureVerifier
from interlock.service.library import PackLibrary
from interlock.service.series import of_the_latest


@dataclass(frozen=True, slots=True)
class Outsider:
    """What somebody brings along who has no ledger, only a copy of one."""

    checks: SignatureVerifier
    calendar: Calendar
    library: PackLibrary
    clock: Clock


def outsider() -> Outsider:
    """All of it, untouched by any ledger."""
    return Outsider(SshVerifier(), Rfc5545Calendar(), PackLibrary(), SystemClock())


@dataclass(frozen=True, slots=True)
class Past:
    """Where a Prometheus is, and the queries that name what it kept, with `{arm}` and, for `faster`, `{edge}`."""

    server: str
    requests: str
    errors: str
    faster: str = ""
    edges: tuple[str, ...] = ()


def past_intervals(
    past: Past, arms: tuple[str, str], since: timedelta, every: timedelta, share: float
) -> tuple[Interval, ...]:
    """What two arms (stable, candidate) did until now. Raises `Rejected`, `Unavailable`."""
    if not timedelta(seconds=1) <= every <= since:
        raise Rejected("series.bad_span", f"{every} is no part of {since}", "look back further, or more often")
    if not 0 <= share <= 1:
        raise Rejected("series.bad_share", "a share is 0 to 100 percent", "give percent")
    end = SystemClock().now().timestamp()
    asked = PrometheusPast(past.server, past.requests, past.errors, past.faster, past.edges)
    if arms[0] == arms[1]:
        sentence = f"stable and candidate are both '{arms[0]}', so it would be compared with itself"
        raise Rejected("series.same_arm", sentence, "name the candidate's own value")
    told = asked.intervals(*arms, Span(end - since.total_seconds(), end, every.total_seconds()))
    return of_the_latest(told, share)


def kept_by() -> str:
    """The address of the Prometheus that a server of ours asks for others; empty when there is none."""
    return prometheus_address()


def junit_reading(content: bytes) -> Reading:
    """What a JUnit report says."""
    return read_junit(content)
