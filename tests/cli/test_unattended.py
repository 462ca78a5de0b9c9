# SPDX-License-Identifier: Apache-2.0
"""Delivery by itself, drift and labels on real parts: a git repository, processes, commands, and the command line."""

import json
import os
import signal
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from threading import Event
from typing import Final

import pytest
from tests.cli.workplace import Answer, Workplace, codes, open_workplace

from interlock.bootstrap.houses import OpenHouse, open_house
from interlock.config import find_home
from interlock.domain.ids import ComponentName, EffectKey, EnvironmentName, ReleaseId, ServiceName, digest_of
from interlock.ports.deploy import Deployed, DeployRequest, PlacedArtifact
from interlock.workflows.controller import Rest

APP: Final = ServiceName("app")
STAGING: Final = EnvironmentName("staging")
BINDINGS: Final = """
service: app
pack: rules.yaml
environments:
  staging: {deploy: {process: [/bin/sleep, "600"], port: 41000}, compare: 1s}
  production:
    deploy: {command: [/bin/sh, DEPLOY, "{version}"], running: [/bin/cat, RUNNING]}
    compare: 1s
checks:
  tests: {command: ["true"]}
  smoke: {command: ["true"]}
  from-main: {branch: main}
roles: {developer: [ann, dan], reviewer: [ben], release-manager: [cat]}
deliver: {every: 1s}
"""
DELIVERED: Final = "deliver: {branch: main, environment: staging, kind: standard}\n"
ON_MAIN: Final = "requires:\n      - {id: on-main, gate: {check: from-main}, waivable: false}\n"
LOOKS: Final = 400


def _delivering(pack: str) -> str:
    """The starter pack, with standard changes delivered to staging from main."""
    paths = "paths:\n  delivered:\n    for: [standard]\n    stages: [ready, staging]\n"
    text = pack.replace("paths:\n", paths, 1).replace("for: [standard, normal]", "for: [normal]", 1)
    return text.replace("requires:\n", ON_MAIN, 1) + DELIVERED


@pytest.fixture
def running(tmp_path: Path) -> Path:
    """What the command that asks for production reads."""
    return tmp_path / "running"


@pytest.fixture
def place(folder: Path, tmp_path: Path, running: Path) -> Iterator[Workplace]:
    script = tmp_path / "deploy.sh"
    script.write_text(f'printf %s "$1" > {running}\n')
    bound = BINDINGS.replace("DEPLOY", str(script)).replace("RUNNING", str(running))
    place = open_workplace(folder, tmp_path / "keys", bound, _delivering)
    place.git("branch", "-M", "main")
    yield place
    house = _house(place)
    with closing(house.store):
        deployer = _deployer(house)
        deployer.stop(APP, STAGING)


def _house(place: Workplace) -> OpenHouse:
    return open_house(find_home(place.folder))


def _deployer(house: OpenHouse) -> Answer:
    view = house.view()
    return house.workshop().deployer(view, view.service(APP).in_force, STAGING)


def _until(place: Workplace, is_so: Callable[[Answer], bool]) -> Answer:
    """Let the controller work until status shows it; gives the service's status."""
    house = _house(place)
    with closing(house.store):
        controller = house.controller()
        service: Answer = {}
        for _ in range(LOOKS):
            if isinstance(controller.step(), Rest):
                (service,) = place.ask("ann", "status")["services"]
                if is_so(service):
                    return service
            Event().wait(0.05)
    raise AssertionError(json.dumps(service, indent=1))


def _live(service: Answer, environment: str = "staging") -> str:
    (found,) = [one["version"] for one in service["environments"] if one["environment"] == environment]
    return str(found)


def _drift(service: Answer, environment: str = "staging") -> Answer:
    return next((one for one in service["drift"] if one["environment"] == environment), {"open": False, "found": ""})


def _at_rest(service: Answer) -> bool:
    return not any(one["under_way"] for one in service["environments"])


def _delivered(place: Workplace, content: str = "two") -> str:
    """A commit that went to staging by itself; its version there."""
    commit = place.commit("app.txt", f"{content}\n")
    service = _until(place, lambda one: commit[:12] in _live(one) and _at_rest(one))
    return _live(service)


def test_a_commit_on_main_goes_to_staging_by_itself_and_no_further(place: Workplace) -> None:
    version = _delivered(place)
    assert version.startswith("0.0.0-main.")
    (service,) = place.ask("ann", "status")["services"]
    assert _live(service, "production") == "v1.0.0"
    assert codes(place.ask("dan", "promote", version, "production")) == ["gate.no_path"]


def test_the_change_that_came_with_it_is_nobodys_to_release_under(place: Workplace) -> None:
    _delivered(place)
    place.done("ann", "change", "open", "CR-1", "--title", "two")
    assert place.done("ann", "release", "create", "v1.1.0", "--at", "HEAD")["change"] == "CR-1"


def test_its_authors_are_those_of_its_commits(place: Workplace) -> None:
    version = _delivered(place)
    house = _house(place)
    with closing(house.store):
        assert house.view().release(ReleaseId(f"app:{version}")).authors == ("dan",)


def test_a_branch_that_is_not_main_goes_nowhere(place: Workplace) -> None:
    first = _delivered(place)
    place.git("checkout", "-q", "-b", "side")
    place.commit("app.txt", "beside\n")
    service = _until(place, _at_rest)
    assert _live(service) == first


def test_a_release_that_is_not_on_main_is_held_with_the_head_that_was_seen(place: Workplace) -> None:
    head = place.git("rev-parse", "main")
    place.git("checkout", "-q", "-b", "side")
    place.commit("app.txt", "beside\n", tag="v1.1.0")
    place.done("dan", "change", "open", "CR-1", "--title", "Beside")
    place.done("dan", "release", "create", "v1.1.0", "--change", "CR-1")
    _until(place, lambda one: bool(one["delivery"]["release"]) and _at_rest(one))
    answer = place.ask("dan", "promote", "v1.1.0", "staging")
    assert codes(answer) == ["evidence.fail"]
    assert head[:12] in answer["refused"][0]["sentence"]


def test_status_says_what_is_delivered(place: Workplace) -> None:
    version = _delivered(place)
    assert f"goes to staging by itself: {version}" in " ".join(place.say("ann", "status").out.split())


def _instances(place: Workplace) -> list[int]:
    folders = sorted((find_home(place.folder).deployments / "places" / APP).iterdir())
    status = next(folder / "status.json" for folder in folders if (folder / "status.json").exists())
    return [int(one["process"]) for one in json.loads(status.read_text())["instances"]]


def test_another_binary_behind_the_deployer_is_drift_until_it_is_restored(place: Workplace, tmp_path: Path) -> None:
    version = _delivered(place)
    other = tmp_path / "other"
    other.mkdir()
    digest = digest_of(b"smuggled")
    artifact = PlacedArtifact(ComponentName("app"), digest, "smuggled", other)
    request = DeployRequest(APP, STAGING, ReleaseId("app:smuggled"), "smuggled", digest, (artifact,))
    house = _house(place)
    with closing(house.store):
        deployer = _deployer(house)
        for process in _instances(place):
            os.kill(process, signal.SIGKILL)
        deployer.start(request, EffectKey("behind-our-back"))
        while not isinstance(deployer.observe(EffectKey("behind-our-back")), Deployed):
            Event().wait(0.02)
    service = _until(place, lambda one: bool(_drift(one)["open"]))
    assert (_drift(service)["found"], _drift(service)["version"]) == (digest, "smuggled")
    assert "runs smuggled" in place.say("ann", "status").out
    place.done("cat", "rollback", "staging", "--to", version, "--reason", "nobody released that")
    service = _until(place, lambda one: not _drift(one)["open"] and _at_rest(one))
    assert _live(service) == version


def test_a_release_that_was_taken_away_is_drift(place: Workplace) -> None:
    _delivered(place)
    house = _house(place)
    with closing(house.store):
        _deployer(house).stop(APP, STAGING)
    service = _until(place, lambda one: bool(_drift(one)["open"]))
    assert _drift(service)["found"] == ""


def test_what_a_command_says_runs_is_compared(place: Workplace, running: Path) -> None:
    running.write_text(digest_of(b"by hand"))
    service = _until(place, lambda one: bool(_drift(one, "production")["open"]))
    assert _drift(service, "production")["found"] == digest_of(b"by hand")
    assert [one["severity"] for one in place.ask("ann", "status")["incidents"]] == ["major"]


@pytest.mark.parametrize("content", ["9.9.9", "what is this?"])
def test_what_a_command_says_and_nobody_knows_is_not_known(place: Workplace, running: Path, content: str) -> None:
    running.write_text(content)
    service = _until(place, lambda one: bool(_drift(one, "production").get("unknown_since")))
    assert not _drift(service, "production")["open"]
    assert "what runs is not known since" in place.say("ann", "status").out


def test_a_label_is_part_of_its_change(place: Workplace) -> None:
    labels = ("--label", "direct", "--label", "data", "--label", "direct")
    assert place.done("dan", "change", "open", "CR-1", "--title", "x", *labels)["labels"] == ["direct", "data"]
    assert "normal (direct, data)" in place.say("ann", "change", "list").out


def test_what_is_no_label_is_refused(place: Workplace) -> None:
    said = place.say("dan", "change", "open", "CR-1", "--title", "x", "--label", "Not this", "--json")
    assert codes(said.object) == ["change.label"]
