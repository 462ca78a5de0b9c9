# SPDX-License-Identifier: Apache-2.0
"""A finding as the summary of a reading: its code first, so that it is still there when the rest is cut."""

import sys
from collections.abc import Sequence

from interlock.adapters.wording import LINE, one_line
from interlock.domain.verdict import Finding, Verdict
from interlock.ports.failure import Rejected


def told(finding: Finding, secrets: Sequence[str] = ()) -> str:
    """One printable line of at most `LINE` characters, without the secrets."""
    text = f"{finding.code}: {finding.sentence}"
    line = one_line(text, secrets, limit=sys.maxsize)
    return line if len(line) <= LINE else f"{line[: LINE - 1]}…"


def error(fault: Rejected) -> Finding:
    """A fault of what was to be read is an ERROR of the check that reads it."""
    return Finding(fault.code, "", Verdict.ERROR, fault.sentence, fault.next_step)
