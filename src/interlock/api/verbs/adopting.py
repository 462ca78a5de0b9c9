# SPDX-License-Identifier: Apache-2.0
"""Verbs that begin: the first rules of a service, and what ran before there were any."""

from typing import Any, Final

from interlock.api.refusals import absent, unfit
from interlock.api.verbs.asking import Ask, Body, MaybeName, Name, Verb
from interlock.bootstrap.adopting import adopting
from interlock.bootstrap.workshop import rehearse
from interlock.domain.governance import AdoptGovernance
from interlock.domain.ids import ServiceName
from interlock.identity.caller import Scope
from interlock.ledger.codec import Command
from interlock.packs.problem import Problems
from interlock.packs.staffing import unstaffed
from interlock.packs.timely import untimely
from interlock.service.compose import Declared

RULES: Final = "rules"
_SERVICE: Final = "/services/{service:str}"


class First(Body, frozen=True):
    """`at`: the commit of the repository on the server where the rules stand; without it the newest."""

    at: MaybeName = ""


class Runs(Body, frozen=True):
    """The version that runs there, a tag of the repository on the server."""

    version: Name


def _rules(ask: Ask, sent: First) -> Command:
    named = ServiceName(ask.path["service"])
    if not ask.caller.reaches(named):
        raise absent("service.unknown", f"there is no service '{named}'", "see /v1/services")
    declared = ask.declared(named, sent.at or "HEAD")
    require_usable(ask, declared)
    rehearse(ask.saying.house.home, declared.rules.bindings)
    ask.speaker.attach(declared.pack)
    ask.speaker.attach(declared.bindings)
    return AdoptGovernance(named, declared.ref)


def require_usable(ask: Ask, declared: Declared) -> None:
    """Refuse rules that could govern nobody. Raises `Fault` (422)."""
    bindings = declared.rules.bindings
    for found in (
        untimely(bindings.pack, declared.pack, ask.saying.house.calendar, ask.gatherer.now),
        unstaffed("interlock.yaml", declared.bindings, bindings, declared.rules.governance.procedure),
    ):
        if isinstance(found, Problems):
            raise unfit("bindings.unfit", found.render(), "mend it, commit it, try again")


def _running(ask: Ask, sent: Runs) -> Command:
    service, place = ask.of_slot()
    return adopting(ask.saying.house, ask.gatherer.view, ServiceName(service), sent.version, place)


VERBS: Final[tuple[Verb[Any], ...]] = (
    Verb(f"{_SERVICE}/rules/adopt", "adopt --at", Scope.MANAGE, First, _rules, "Put the first rules in force.", RULES),
    Verb(
        f"{_SERVICE}/environments/{{environment:str}}/adopt",
        "adopt",
        Scope.MANAGE,
        Runs,
        _running,
        "Record what runs.",
        "environments",
    ),
)
