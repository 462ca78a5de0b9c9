# SPDX-License-Identifier: Apache-2.0
"""Who may what: every address, for everybody who could ask.

The eight who ask: nobody; a token of each wrong kind; tokens narrowed to another service, or to this one; somebody
without a role; somebody with one.
"""

import re
from typing import Any, Final

import pytest
from tests.api.hosting import EVERY, Hosted
from tests.api.samples import BODIES, NAMES

from interlock.api.routes import READING
from interlock.api.verbs import TABLE
from interlock.api.verbs.asking import Verb
from interlock.identity.caller import Scope

FILLED: Final = re.compile(r"\{(\w+):\w+\}")
READ: Final = tuple(
    sorted({path for module in READING for handler in module.HANDLERS for path in handler.paths} | {"/ledger/events"})
)
QUERIES: Final = {"/whatif": "?release=app:v1.1.0&environment=staging"}
WHOLE: Final = frozenset(path for path in READ if path.startswith("/ledger")) | {"/people", "/cdevents"}
"""What cannot be shown in part."""
OF_A_SERVICE: Final = frozenset(path for path in READ if "{" in path and path not in WHOLE) | {"/whatif"}
"""What is there or not, for who may see it."""


def at(path: str) -> str:
    return "/v1" + FILLED.sub(lambda found: NAMES[found[1]], path) + QUERIES.get(path, "")


def but(scope: Scope) -> tuple[str, ...]:
    """Every scope but this one."""
    return tuple(one for one in EVERY if one != scope)


@pytest.mark.parametrize("path", READ)
def test_nobody_reads_anything(shop: Hosted, path: str) -> None:
    answer = shop.ask("GET", at(path))
    assert (answer.status, answer.json["code"]) == (401, "access.not_signed_in")


@pytest.mark.parametrize("path", READ)
def test_a_token_that_may_not_read_sees_nothing_also_not_what_was_just_answered(shop: Hosted, path: str) -> None:
    if path != "/ledger/events":
        shop.ask("GET", at(path), "ann")
    answer = shop.send("GET", at(path), shop.token("ann", but(Scope.READ)))
    assert (answer.status, answer.json["code"]) == (403, "access.not_allowed")


@pytest.mark.parametrize("path", READ)
def test_the_head_of_an_answer_is_for_whom_the_answer_is(shop: Hosted, path: str) -> None:
    asking = [
        "",
        shop.token("ann", but(Scope.READ)),
        shop.token("ann", EVERY, ("other",)),
        shop.token("ann", ("read",)),
    ]
    heads = [shop.send("HEAD", at(path), token) for token in asking]
    if path == "/ledger/events":
        assert [one.status for one in heads] == [401, 403, 403, 200]
        return
    wholes = [shop.send("GET", at(path), token) for token in asking]
    for head, whole in zip(heads, wholes, strict=True):
        assert (head.status, head.body) == (whole.status, b"")
        assert head.headers["content-length"] == whole.headers["content-length"]
        assert head.headers.get("etag") == whole.headers.get("etag")


@pytest.mark.parametrize("path", sorted(WHOLE))
@pytest.mark.parametrize("reach", [(("other",), ()), (("app",), ()), ((), ("staging",))], ids=["other", "own", "place"])
def test_what_cannot_be_shown_in_part_is_not_for_who_is_narrowed(
    shop: Hosted, path: str, reach: tuple[tuple[str, ...], tuple[str, ...]]
) -> None:
    answer = shop.send("GET", at(path), shop.token("ann", EVERY, *reach))
    assert (answer.status, answer.json["code"]) == (403, "access.narrowed")
    assert "interlock account token" in answer.json["next_step"]


@pytest.mark.parametrize("path", sorted(OF_A_SERVICE))
def test_of_another_service_one_is_not_told_that_it_is_there(shop: Hosted, path: str) -> None:
    elsewhere = shop.send("GET", at(path), shop.token("ann", EVERY, ("other",)))
    assert elsewhere.status == 404
    assert b"v1.0.0" not in elsewhere.body


@pytest.mark.parametrize("path", sorted(set(READ) - WHOLE))
def test_who_may_read_is_answered_whatever_their_role(shop: Hosted, path: str) -> None:
    answers = [
        shop.send("GET", at(path), shop.token("ann", ("read",))),
        shop.send("GET", at(path), shop.token("ann", ("read",), ("app",))),
        shop.send("GET", at(path), shop.token("ben", ("read",))),
    ]
    assert {answer.status for answer in answers} in ({200}, {404})


@pytest.mark.parametrize("path", ["/services", "/releases", "/history", "/incidents", "/changes", "/outbox", "/inbox"])
def test_lists_hold_nothing_of_other_services(shop: Hosted, path: str) -> None:
    answer = shop.send("GET", at(path), shop.token("ann", EVERY, ("other",)))
    assert answer.status == 200
    assert b"app" not in answer.body


VERBS: Final = [pytest.param(verb, id=verb.cli) for verb in TABLE]


@pytest.mark.parametrize("verb", VERBS)
def test_nobody_says_anything(shop: Hosted, verb: Verb[Any]) -> None:
    answer = shop.ask("POST", at(verb.path), "", BODIES[verb.cli])
    assert (answer.status, answer.json["code"]) == (401, "access.not_signed_in")


@pytest.mark.parametrize("verb", VERBS)
def test_a_token_without_the_scope_says_nothing_and_learns_nothing(shop: Hosted, verb: Verb[Any]) -> None:
    size = shop.house.store.head().size
    answer = shop.send("POST", at(verb.path), shop.token("ann", but(verb.scope)), BODIES[verb.cli])
    assert (answer.status, answer.json["code"]) == (403, "access.scope")
    assert shop.house.store.head().size == size


@pytest.mark.parametrize("verb", VERBS)
def test_a_token_for_another_service_says_nothing_here(shop: Hosted, verb: Verb[Any]) -> None:
    size = shop.house.store.head().size
    answer = shop.send("POST", at(verb.path), shop.token("ann", EVERY, ("other",)), BODIES[verb.cli])
    assert (answer.status, answer.json["code"].partition(".")[2]) in {(403, "elsewhere"), (404, "unknown")}
    assert shop.house.store.head().size == size


@pytest.mark.parametrize("verb", VERBS)
def test_a_token_for_another_environment_says_nothing_here(shop: Hosted, verb: Verb[Any]) -> None:
    size = shop.house.store.head().size
    answer = shop.send("POST", at(verb.path), shop.token("ann", EVERY, (), ("elsewhere",)), BODIES[verb.cli])
    assert answer.status in {403, 404, 409}
    assert answer.json["code"] in {"access.elsewhere", "matter.changed", "promotion.none", "rollout.none"} | {
        "journal.unknown",
        "release.unknown",
    }
    assert shop.house.store.head().size == size


@pytest.mark.parametrize("verb", VERBS)
def test_the_scope_of_a_verb_is_that_of_its_command(shop: Hosted, verb: Verb[Any]) -> None:
    answer = shop.send("POST", at(verb.path), shop.token("cat", (verb.scope.value,)), BODIES[verb.cli])
    assert answer.json.get("code", "") != "access.scope"
    assert answer.status != 401


@pytest.mark.parametrize("verb", VERBS)
def test_who_has_no_role_can_look_only(shop: Hosted, verb: Verb[Any]) -> None:
    size = shop.house.store.head().size
    answer = shop.ask("POST", at(verb.path), "eve", BODIES[verb.cli])
    assert answer.json["code"] == "access.no_role" or answer.status in {404, 409}
    assert shop.house.store.head().size == size
