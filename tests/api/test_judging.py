# SPDX-License-Identifier: Apache-2.0
"""The judge by itself, asked as Argo Rollouts and Flagger ask."""

import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypeAlias

import pytest
import yaml
from tests.adapters.loopback import Page, serving
from tests.adapters.prometheus_world import scraping
from tests.api.hosting import Hosted, hosted, released_place

from interlock.config import PROMETHEUS

Json: TypeAlias = Any
"""What goes as JSON; a test looks at the parts it is about."""


def told(ticks: int, errors: int) -> Json:
    rows = [
        {"time": 10 * at, "stable": {"requests": 1900, "errors": 19}, "candidate": {"requests": 100, "errors": errors}}
        for at in range(1, ticks + 1)
    ]
    return {"intervals": rows}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hosted]:
    with hosted(released_place(tmp_path_factory.mktemp("judging"))) as one:
        yield one


def asked(server: Hosted, path: str, body: Json) -> tuple[int, Json]:
    answer = server.ask("POST", path, "ann", body)
    return answer.status, answer.json


@pytest.mark.parametrize(("ticks", "errors", "call"), [(40, 1, "faster"), (12, 1, "go_on"), (40, 12, "back")])
def test_measurements_are_judged_as_they_come(server: Hosted, ticks: int, errors: int, call: str) -> None:
    status, answer = asked(server, "/v1/judge", told(ticks, errors))
    assert (status, answer["call"]) == (200, call)
    assert 0 < answer["intervals"] <= answer["given"] == ticks


@pytest.mark.parametrize(
    ("body", "code"),
    [(b'{"edges":"\xed\xa0\x80"}', "request.no_text"), (b"[" * 20_000, "request.too_deep")],
    ids=["no text", "too deep"],
)
def test_what_cannot_be_read_is_no_fault_of_ours(server: Hosted, body: bytes, code: str) -> None:
    answer = server.ask("POST", "/v1/judge", "ann", body)
    assert (answer.status, answer.json["code"]) == (400, code)


def test_what_is_known_of_a_service_is_taken_into_account(server: Hosted) -> None:
    mild = told(40, 3)
    noisy = {"spread": 60, "dispersion": 4, "warm_up": 6, "warm_up_of_times": 3}
    _, quiet = asked(server, "/v1/judge", mild)
    _, loud = asked(server, "/v1/judge", {**mild, **noisy})
    assert loud["evidence"] < quiet["evidence"]
    assert asked(server, "/v1/judge", {**mild, "warm_up_of_times": 0.5})[0] == 400
    assert asked(server, "/v1/judge", {**mild, "wander_of_times": -1})[0] == 400


def test_one_burst_sends_nobody_back_whatever_is_said_of_how_failures_cluster(server: Hosted) -> None:
    burst = told(20, 0)
    burst["intervals"][2]["candidate"]["errors"] = 30
    assert asked(server, "/v1/judge", burst)[1]["call"] != "back"
    assert asked(server, "/v1/judge", {**burst, "dispersion": 0})[1]["call"] != "back"
    assert asked(server, "/v1/judge", {**burst, "dispersion": 1})[1]["call"] != "back"
    assert asked(server, "/v1/judge", {**burst, "dispersion": 0.5})[1]["code"] == "judge.bad_terms"


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({}, "judge.no_source"),
        ({"intervals": [{"time": 1, "stable": {"requests": 1, "errors": 2}, "candidate": {}}]}, "series.impossible"),
        ({"edges": [0.2, 0.1], **told(2, 0)}, "judge.edges"),
        ({"edges": [1e-9], **told(2, 0)}, "judge.edges"),
        ({"edges": [0.1], "intervals": [{"time": 1, "stable": {"slower": [1, 2]}, "candidate": {}}]}, "judge.slower"),
        ({"intervals": [*told(1, 0)["intervals"], *told(1, 0)["intervals"]]}, "series.order"),
        ({"prometheus": {"requests": "a", "errors": "b", "stable": "1", "candidate": "2"}}, "judge.no_prometheus"),
    ],
    ids=["nothing", "impossible", "edges", "no edge", "slower", "order", "no prometheus"],
)
def test_what_cannot_be_meant_is_a_problem(server: Hosted, body: Json, code: str) -> None:
    status, answer = asked(server, "/v1/judge", body)
    assert (status, answer["code"]) == (422, code)


EXAMPLES = Path(__file__).parents[2] / "examples" / "judge"


def page(number: int) -> Page:
    lines = []
    for arm, each, bad in (("old", 900, 1), ("new", 100, 30), ("calm", 100, 0)):
        lines.append(
            f'http_requests_total{{rollouts_pod_template_hash="{arm}",app="{arm}",code="200"}} {each * number}'
        )
        lines.append(f'http_requests_total{{rollouts_pod_template_hash="{arm}",app="{arm}",code="500"}} {bad * number}')
    return Page(("\n".join(lines) + "\n").encode(), 200, {"content-type": "text/plain"})


@pytest.fixture
def watched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A Prometheus that has seen a candidate with many errors; the server knows it."""
    with serving({"/metrics": page(1)}) as site, scraping(tmp_path, site.port) as prometheus:
        prometheus.wait_for("http_requests_total", "new")
        for number in range(2, 5):
            time.sleep(1.0)
            site.pages["/metrics"] = page(number)
            prometheus.wait_for('http_requests_total{app="old",code="200"}', f'"{900 * number}"')
        time.sleep(1.0)
        monkeypatch.setenv(PROMETHEUS, prometheus.url)
        yield


def queries(words: Json) -> Json:
    return {**words, "stable": "old", "candidate": "new", "since": "20s", "every": "1s"}


@pytest.mark.usefixtures("watched")
def test_the_examples_for_argo_and_flagger_are_answered(server: Hosted) -> None:
    template = yaml.safe_load((EXAMPLES / "argo-rollouts.yaml").read_text())
    metric = template["spec"]["metrics"][0]
    web = metric["provider"]["web"]
    status, answer = asked(
        server,
        web["url"].removeprefix("https://interlock.example.com"),
        {"prometheus": queries(web["jsonBody"]["prometheus"])},
    )
    assert (status, web["jsonPath"], answer["call"]) == (200, "{$.call}", "back")
    assert re.findall(r'"(\w+)"', metric["failureCondition"]) == [answer["call"]]
    assert re.findall(r'"(\w+)"', metric["successCondition"]) == ["go_on", "faster"]
    hooks = yaml.safe_load((EXAMPLES / "flagger.yaml").read_text())["spec"]["analysis"]["webhooks"]
    assert [one["type"] for one in hooks] == ["rollback", "confirm-traffic-increase", "confirm-promotion"]

    def answered(metadata: Json) -> tuple[int, str]:
        body = {"name": "shop", "namespace": "test", "phase": "Progressing", "metadata": metadata}
        status, answer = asked(server, "/v1/judge/flagger", body)
        return status, answer.get("code") or answer["call"]

    rolls, *confirming = (queries(hook["metadata"]) for hook in hooks)
    assert answered(rolls) == (200, "back")
    assert answered({**rolls, "candidate": "calm"}) == (409, "judge.not_back")
    assert answered({**rolls, "candidate": "nobody"}) == (503, "series.silent")
    assert answered({**rolls, "back": "no"}) == (409, "judge.back")
    assert answered({**rolls, "back": "no", "candidate": "calm"})[0] == 200
    assert answered({**rolls, "back": "no", "tolerated": "1000", "spread": "100"})[0] == 200
    for confirms in confirming:
        assert answered(confirms) == (409, "judge.back")
        assert answered({**confirms, "candidate": "calm", "share": "10"}) == (409, "judge.not_yet")
        assert answered({**confirms, "candidate": "calm", "confirm": "No"}) == (200, "wait")
        assert answered({**confirms, "back": "yes"}) == (422, "judge.two_hooks")
        assert answered({**confirms, "confirm": "perhaps"}) == (422, "judge.yes_or_no")
        assert answered({**confirms, "candidate": "old"}) == (422, "series.same_arm")
    for wrong in ({"since": "x"}, {**rolls, "risk": "much"}, {**rolls, "edges": "a,b"}):
        assert answered(wrong) == (422, "judge.metadata")
    assert answered({**rolls, "edges": "0.1, x"}) == (422, "judge.metadata")
