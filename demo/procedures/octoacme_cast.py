# SPDX-License-Identifier: Apache-2.0
"""Who plays under OctoAcme's guide, and what is shortened so that a day can be watched.

Ann and Ben develop, Cat leads quality, Dan security; Eve manages releases, Fay speaks for the business, Gus for the
product; Ben and Cat are on call. The example's bindings give the roles.
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

A_DAY: Final = 15.0
"""Seconds that stand for the 24 hours between the go/no-go and the deployment."""

GOOD: Final = "v1.1.0"
READY: Final = ("acceptance", "ci", "security-scan", "secret-scan", "smoke-prepared", "version")
SECURED: Final = ("grave-defects", "critical-findings", "rollback-drill", "monitoring", "backup")

_WEEKLY: Final = '      - {schedule: "RRULE:FREQ=WEEKLY;BYDAY=MO,TU,WE,TH", tz: UTC'
_DAILY: Final = '      - {schedule: "RRULE:FREQ=DAILY", tz: UTC'
_HOURS: Final = 'from: "08:00", to: "16:00", cites: [OA-26]}'
_FIRST_HALF: Final = 'from: "00:00", to: "12:30", cites: [OA-26]}'
_OTHER_HALF: Final = 'from: "12:00", to: "00:30", cites: [OA-26]}'

PROCEDURE: Final = Procedure(
    pack="octoacme",
    people=(ANN, BEN, CAT, DAN, EVE, FAY, GUS),
    founder=EVE,
    authors=(("v1.0.0", ANN), ("v1.1.0", ANN), ("v1.2.0", BEN)),
    names=("MAIL_STAKEHOLDERS", "MAIL_SUPPORT", "CHAT_TEAM", "CHAT_INCIDENTS", "PAGER", "PAGER_SECURITY"),
    pack_swaps=(
        ("since: [go-no-go], at_least: 24h", f"since: [go-no-go], at_least: {A_DAY:.0f}s"),
        # Two halves that overlap: around the clock, so that it can be watched at any hour.
        (f"{_WEEKLY}, {_HOURS}", f"{_DAILY}, {_FIRST_HALF}\n{_DAILY}, {_OTHER_HALF}"),
        ("within: 2m, every: 5s", "within: 2m, every: 1s"),
        ("{weight: 5, hold: 2m, least: 200}", "{weight: 25, hold: 2s, least: 20}"),
        ("{weight: 25, hold: 2m, least: 200}", "{weight: 50, hold: 2s, least: 40}"),
        ("      every: 10s\n", "      every: 1s\n"),
        ("      for: 15m\n      every: 1m\n", "      for: 5s\n      every: 2s\n"),
    ),
    ports={"18110": "staging", "18120": "production", "18130": "listen", "18140": "admin", "18150": "control"},
)
