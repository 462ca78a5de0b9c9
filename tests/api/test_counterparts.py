# SPDX-License-Identifier: Apache-2.0
"""Everything the command line can do has an address, or a reason why it has none."""

from collections.abc import Iterator
from typing import Any, Final

import pytest
from cyclopts import App
from tests.api.samples import BODIES, NAMES

from interlock.api import events, judging
from interlock.api.routes import READING
from interlock.api.verbs import TABLE
from interlock.api.verbs.asking import Verb
from interlock.cli.main import build

READ_AT: Final = {
    "status": "/services",
    "explain": "/explain/{named:path}",
    "release list": "/releases",
    "release notes": "/releases/{release:str}/notes",
    "evidence show": "/releases/{release:str}/evidence",
    "record show": "/releases/{release:str}/records/{record:str}",
    "record draft": "/releases/{release:str}/records",
    "record committed": "/services/{service:str}/committed",
    "rollout show": "/rollouts/{promotion:path}",
    "rollout watch": "/ledger/events",
    "change list": "/changes",
    "freeze list": "/freezes",
    "recall list": "/recalls",
    "incident list": "/incidents",
    "incident show": "/incidents/{incident:str}",
    "incident timeline": "/incidents/{incident:str}",
    "outbox list": "/outbox",
    "people list": "/people",
    "governance show": "/packs/{service:str}",
    "governance diff": "/services/{service:str}/rules/diff",
    "check": "/services/{service:str}/check",
    "judge": "/judge",
    "ledger show": "/ledger/records",
    "ledger checkpoint": "/ledger/head",
    "ledger key": "/ledger/head",
    "ledger export": "/ledger/bundle",
}
"""Reading verbs, and where the same is read."""

AT_A_DESK: Final = {
    "init": "it writes into a repository",
    "drive": "the server is the driver",
    "simulate": "it plays scenarios of a pack at hand",
    "ledger verify": "it is for who does not trust the server",
    "ledger witness": "it signs with a key that is elsewhere",
    "ledger rotate-key": "it needs the ledger's own key",
    "rollout proxies": "it writes files beside the controller",
}
"""What is done at a desk, and why."""
OF_ITS_OWN: Final = frozenset({"pack", "serve", "account"})
"""Nouns that are about packs at hand, or about the server itself."""


def verbs(app: App, before: tuple[str, ...] = ()) -> Iterator[str]:
    for name in app:
        if name.startswith("-"):
            continue
        words = (*before, name)
        inner = [one for one in app[name] if not one.startswith("-")]
        if inner:
            yield from verbs(app[name], words)
        else:
            yield " ".join(words)


ALL: Final = tuple(sorted(one for one in verbs(build()) if one.partition(" ")[0] not in OF_ITS_OWN))


@pytest.mark.parametrize("verb", ALL)
def test_every_verb_has_an_address_or_a_reason(verb: str) -> None:
    reading = {path for module in READING for handler in module.HANDLERS for path in handler.paths}
    writing = {one.cli for one in TABLE}
    known = (verb in writing) + (verb in READ_AT) + (verb in AT_A_DESK)
    assert known == 1
    elsewhere = {path for module in (events, judging) for handler in module.HANDLERS for path in handler.paths}
    assert READ_AT.get(verb, "/ledger/events") in reading | elsewhere


def test_no_address_is_for_a_verb_that_there_is_not() -> None:
    assert {one.cli.partition(" --")[0] for one in TABLE} <= set(ALL)


def test_every_verb_has_a_sample() -> None:
    assert {one.cli for one in TABLE} == set(BODIES)


@pytest.mark.parametrize("verb", [pytest.param(verb, id=verb.cli) for verb in TABLE])
def test_a_verb_says_what_it_is_and_names_what_we_know(verb: Verb[Any]) -> None:
    assert verb.about.endswith(".")
    assert all(part[1:-1].partition(":")[0] in NAMES for part in verb.path.split("/") if part.startswith("{"))
