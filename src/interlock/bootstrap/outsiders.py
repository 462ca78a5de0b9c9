# SPDX-License-Identifier: Apache-2.0
"""What comes from outside and touches no ledger: a copy that somebody checks, a report that somebody hands in."""

from dataclasses import dataclass

from interlock.adapters.calendar.rfc5545 import Rfc5545Calendar
from interlock.adapters.check.junit import read_junit
from interlock.adapters.clock import SystemClock
from interlock.adapters.signer.ssh import SshVerifier
from interlock.ports.calendar import Calendar
from interlock.ports.check import Reading
from interlock.ports.clock import Clock
from interlock.ports.signing import SignatureVerifier
from interlock.service.library import PackLibrary


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


def junit_reading(content: bytes) -> Reading:
    """What a JUnit report says."""
    return read_junit(content)
