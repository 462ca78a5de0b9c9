# SPDX-License-Identifier: Apache-2.0
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest
from tests.api.hosting import Answer, Hosted, hosted
from tests.cli.rolling import Routed, open_routed

PROMOTION: Final = "app:v1.1.0/production/1"
SLOT: Final = "/v1/services/app/environments/production"


@dataclass
class Rolling:
    """A release that is given traffic, and a server beside it."""

    routed: Routed
    server: Hosted

    def say(self, path: str) -> Answer:
        return self.server.ask("POST", f"{SLOT}/{path}", "cat", {"step": 1} if path == "agree" else None)


@pytest.fixture(scope="module")
def rolling(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rolling]:
    folder = tmp_path_factory.mktemp("rolling")
    (folder / "app").mkdir()
    before = Path.cwd()
    os.chdir(folder / "app")
    try:
        routed = open_routed(folder / "app", folder / "keys")
        routed.promote()
    finally:
        os.chdir(before)
    with hosted(routed.place) as server:
        yield Rolling(routed, server)
    routed.world.store.close()


def test_a_rollout_is_what_the_command_line_prints(rolling: Rolling, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(rolling.routed.place.folder)
    printed = rolling.routed.place.done("cat", "rollout", "show", "production")
    shown = rolling.server.get(f"/v1/rollouts/{PROMOTION}")
    assert shown.keys() == printed.keys()
    assert (shown["promotion"], shown["steps"], shown["controller"]) == (PROMOTION, printed["steps"], True)
    assert shown["exposure"] == printed["exposure"]


def test_a_promotion_without_traffic_is_no_rollout(rolling: Rolling) -> None:
    answer = rolling.server.ask("GET", "/v1/rollouts/app:v1.1.0/staging/1", "cat")
    assert (answer.status, answer.json["code"]) == (404, "rollout.none")


@pytest.mark.parametrize("verb", ["pause", "agree"])
def test_what_is_said_of_a_rollout_reaches_it(rolling: Rolling, verb: str) -> None:
    answer = rolling.say(verb)
    assert answer.status == 200 or answer.json["code"].startswith("rollout.")


def test_where_nothing_is_rolled_out_nothing_can_be_paused(rolling: Rolling) -> None:
    answer = rolling.server.ask("POST", "/v1/services/app/environments/staging/pause", "cat")
    assert (answer.status, answer.json["code"]) == (404, "rollout.none")


def test_a_promotion_under_way_is_called_off(rolling: Rolling) -> None:
    answer = rolling.server.ask("POST", "/v1/releases/app:v1.0.0/abort", "cat", {"environment": "production"})
    assert (answer.status, answer.json["code"]) == (404, "promotion.none")
    composed = "/v1/releases/app:v1.1.0/abort?to_be=composed"
    made = rolling.server.say("cat", composed, {"environment": "production"})
    assert made["body"]["payload"] == {"promotion": PROMOTION, "reason": ""}
    reasoned = rolling.server.say("cat", composed, {"environment": "production", "reason": "odd copies"})
    assert reasoned["body"]["payload"]["reason"].startswith("text:")
    ordered = rolling.server.say("cat", f"{SLOT}/rollback?to_be=composed", {"to": "app:v1.0.0"})
    assert ordered["body"]["payload"]["target"] == "app:v1.0.0"
    ended = {"environment": "production", "supersede": True}
    superseding = rolling.server.say("cat", "/v1/releases/app:v1.1.0/promote?to_be=composed", ended)
    assert superseding["body"]["payload"]["supersedes"] == PROMOTION
