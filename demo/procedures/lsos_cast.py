# SPDX-License-Identifier: Apache-2.0
"""Who plays under the strict policy, and what is shortened so that it can be watched.

Ann and Ben develop; Ben and Cat own every module; Cat and Dan review; Dan speaks for the platform, Eve for security;
Fay operates, Gus manages releases. The example's bindings give the roles.
"""

from typing import Final

from shell import Person

from procedures.stage import Procedure

ANN: Final = Person("ann", "Ann Example", "ann@outreach.example")
BEN: Final = Person("ben", "Ben Example", "ben@outreach.example")
CAT: Final = Person("cat", "Cat Example", "cat@outreach.example")
DAN: Final = Person("dan", "Dan Example", "dan@outreach.example")
EVE: Final = Person("eve", "Eve Example", "eve@outreach.example")
FAY: Final = Person("fay", "Fay Example", "fay@outreach.example")
GUS: Final = Person("gus", "Gus Example", "gus@outreach.example")

STAKEHOLDERS: Final = "MAIL_STAKEHOLDERS"
REVIEWERS: Final = "CHAT_REVIEWERS"
OPERATORS: Final = "PAGER"

FILTER: Final = "1.1.0"
"""What the commit with the filter says of itself, whatever its releases are called."""
GOOD: Final = f"v{FILTER}"
TRIED: Final = (GOOD, "v1.1.1", "v1.1.2", "v1.1.3")
"""The releases of that commit that are tried while something is broken."""
LIVE: Final = "v1.1.4"
"""The release of that commit with which nothing is broken any more."""
CARELESS: Final = "v1.1.5"
MENDED: Final = "v1.1.6"
BAD: Final = "v1.2.0"

PROCEDURE: Final = Procedure(
    pack="lsos",
    people=(ANN, BEN, CAT, DAN, EVE, FAY, GUS),
    founder=GUS,
    authors=(("v1.0.0", ANN), (GOOD, ANN), (BAD, BEN)),
    names=(STAKEHOLDERS, REVIEWERS, OPERATORS),
    pack_swaps=(
        (
            "steps: [{weight: 1, hold: 1m}, {weight: 10, hold: 2m}, {weight: 50, hold: 4m}]",
            "steps: [{weight: 10, hold: 2s}, {weight: 50, hold: 3s}]",
        ),
        ("every: 15s\n      blind_for: 1m", "every: 1s\n      blind_for: 10s"),
        ("for: 10m\n      every: 1m", "for: 8s\n      every: 2s"),
        ("within: 2m, every: 5s", "within: 2m, every: 2s"),
    ),
    ports={"18210": "staging", "18220": "production", "18230": "listen", "18240": "admin", "18250": "control"},
    binding_swaps=(("deliver: {every: 15s}", "deliver: {every: 1s}"), ("compare: 30s", "compare: 1s")),
    delivers=True,
)

PATIENCE: Final = 300.0
"""Seconds that anything may take on a machine that has much else to do."""
