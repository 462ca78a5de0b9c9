# SPDX-License-Identifier: Apache-2.0
"""A rollout with a baseline on real parts: an Envoy, processes that warm up, users, a ledger and its controller."""

import http.client
import json
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, cast

import pytest
from tests.cli.workplace import Answer, Workplace, open_workplace
from tests.ports import free_port

from interlock.adapters.deploy.process import ProcessDeployer
from interlock.adapters.loopback import free_among
from interlock.bootstrap.houses import OpenHouse, open_house
from interlock.bootstrap.workshop import BoundWorkshop
from interlock.config import find_home
from interlock.domain.baseline import BaselinePhase
from interlock.domain.ids import EnvironmentName, PromotionId, ServiceName
from interlock.domain.promotion import Cause, Promotion, PromotionPhase
from interlock.domain.rollout import RolloutEvent, rollout_stream
from interlock.domain.traffic import Lane
from interlock.ledger.codec import decode_event
from interlock.service.rollouts import Tally, tallied

PLACE: Final = (ServiceName("app"), EnvironmentName("production"))
SERVICE: Final = Path(__file__).with_name("warming.py")
BINDINGS: Final = """
service: app
pack: rules.yaml
environments:
  staging: {deploy: {command: [/bin/true]}}
  production:
    deploy: {process: [PYTHON, warming.py, "{port}"], port: DEPLOY, ready: /health}
    route: {envoy: [edge], listen: LISTEN, admin: ADMIN, control: CONTROL}
checks:
  tests: {command: ["true"]}
  smoke: {command: ["true"]}
roles: {developer: [ann, dan], reviewer: [ben], release-manager: [cat]}
"""
BEFORE: Final = "    environment: production\n    verify: {checks: [smoke], within: 1m, every: 2s, cites: [ST-3]}\n"
STEPS: Final = """    rollout:
      steps: [{weight: 20, hold: 4s}]
      every: 1s
      blind_for: 20s
      analysis: {latency: unjudged}
      baseline: fresh
"""
PATIENCE: Final = 240.0
USERS: Final = 4
ENDED: Final = frozenset({PromotionPhase.COMPLETED, PromotionPhase.RETURNED})


@dataclass
class Users:
    """They ask again and again, and note which process answered, and how."""

    port: int
    answers: Counter[tuple[int, int]] = field(default_factory=Counter)
    done: threading.Event = field(default_factory=threading.Event)

    def ask(self) -> None:
        """One of them."""
        with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)) as line:
            while not self.done.wait(0.01):
                line.request("GET", "/")
                answer = line.getresponse()
                answer.read()
                self.answers[int(answer.headers.get("x-port", 0)), answer.status] += 1

    @contextmanager
    def asking(self) -> Iterator[None]:
        """All of them, while this lasts."""
        threads = [threading.Thread(target=self.ask) for _ in range(USERS)]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            self.done.set()
            for thread in threads:
                thread.join()


@dataclass
class Site:
    """A service in production behind an Envoy. Its lanes a, b and c listen on three ports in a row."""

    place: Workplace
    ports: tuple[int, int, int]
    users: Users

    def house(self) -> OpenHouse:
        """Its ledger, open."""
        return open_house(find_home(self.place.folder))

    def promote(self, version: str, change: str) -> Promotion:
        """Bring a version into production, and be done when it has ended and nothing is left to do."""
        place = self.place
        place.done("dan", "change", "open", change, "--title", "Say more")
        place.done("dan", "release", "create", version, "--change", change)
        place.drive()
        place.done("dan", "promote", version, "staging")
        place.drive()
        place.done("dan", "sign", version, "rollback-plan", "--yes")
        place.done("ben", "approve", version, "--yes")
        place.done("dan", "promote", version, "production")
        promotion = PromotionId(f"app:{version}/production/1")
        with closing(self.house().store):
            self.drive(lambda house: self.is_over(house, promotion))
        with closing((house := self.house()).store):
            return house.view().promotion(promotion)

    def drive(self, is_done: Callable[[OpenHouse], bool]) -> None:
        """Let a controller work, as `interlock drive` does, until that is so."""
        house, until = self.house(), time.monotonic() + PATIENCE
        with closing(house.store):
            controller = house.controller()
            assert isinstance(controller.workshop, BoundWorkshop)
            with closing(controller.workshop), controller.keeper.keeping():
                while not is_done(house):
                    assert time.monotonic() < until, "in vain"
                    controller.step()
                    time.sleep(0.05)

    def is_over(self, house: OpenHouse, promotion: PromotionId) -> bool:
        """Whether it has ended, and so has its baseline."""
        view = house.view()
        is_ended = view.promotion(promotion).phase in ENDED and not view.slot(*PLACE).occupant
        return is_ended and not view.baseline(*PLACE).held

    def tally(self, version: str) -> Tally:
        """What was counted of all arms."""
        with closing((house := self.house()).store):
            told = Tally()
            for record in house.store.stream(rollout_stream(PromotionId(f"app:{version}/production/1"))):
                event = decode_event(record.event, record.version, record.payload)
                told = tallied(told, cast("RolloutEvent", event))
            return told

    def baseline(self) -> BaselinePhase:
        """How the last one stands."""
        with closing((house := self.house()).store):
            return house.view().baseline(*PLACE).phase

    def listening(self) -> tuple[bool, ...]:
        """In which lanes somebody listens."""
        free = free_among(self.ports)
        return tuple(port not in free for port in self.ports)

    def stop(self) -> None:
        """End every process of every lane."""
        with closing((house := self.house()).store):
            ref = house.view().service(PLACE[0]).in_force
            for lane in Lane:
                deployer = house.workshop().deployer(house.view(), ref, PLACE[1], lane)
                assert isinstance(deployer, ProcessDeployer)
                deployer.stop(*PLACE)

    def proxies(self) -> list[Answer]:
        """As the command line shows them."""
        return list(self.place.done("cat", "rollout", "proxies", "production")["proxies"])


def home_in(folder: Path) -> Path:
    """Where its repository is."""
    home = folder / "shop"
    home.mkdir(exist_ok=True)
    return home


def laid_out(folder: Path) -> tuple[Workplace, int, int]:
    """A repository whose first version is adopted, the port of its first process, and that of its proxy."""
    first, at = free_port(3), free_port(6)
    bindings = BINDINGS.replace("PYTHON", json.dumps(sys.executable)).replace("DEPLOY", str(first))
    for offset, name in enumerate(("LISTEN", "ADMIN", "CONTROL")):
        bindings = bindings.replace(name, str(at + 2 * offset))
    home = home_in(folder)
    (home / "warming.py").write_text(SERVICE.read_text())
    return open_workplace(home, folder / "keys", bindings, lambda pack: pack.replace(BEFORE, BEFORE + STEPS)), first, at


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    monkeypatch.chdir(home_in(tmp_path))
    yield from running(*laid_out(tmp_path))


def running(place: Workplace, first: int, at: int) -> Iterator[Site]:
    """The site while its proxy runs and its users ask; at the end nothing of it runs."""
    one = Site(place, (first, first + 1, first + 2), Users(at))
    proxy = subprocess.Popen(one.proxies()[0]["command"], stderr=subprocess.DEVNULL)
    try:
        place.done("cat", "rollback", "production", "--to", "v1.0.0", "--reason", "bring it up")
        one.drive(lambda house: not house.view().slot(*PLACE).occupant)
        with one.users.asking():
            yield one
    finally:
        proxy.terminate()
        proxy.wait()
        one.stop()


def test_both_warm_up_alike_and_nothing_of_the_baseline_is_left(site: Site) -> None:
    site.place.commit("app.txt", "two\n", tag="v1.1.0")
    assert site.promote("v1.1.0", "CR-1").phase is PromotionPhase.COMPLETED
    tally = site.tally("v1.1.0")
    assert 0.4 < tally.baseline.requests / tally.candidate.requests < 2.5
    assert min(tally.baseline.rate, tally.candidate.rate) > tally.stable.rate
    assert (site.baseline(), site.listening()) == (BaselinePhase.ENDED, (True, True, False))
    assert [one["baseline"] for one in site.proxies()] == [[]]


def test_a_candidate_that_is_worse_goes_back_and_so_does_the_baseline(site: Site) -> None:
    site.place.commit("broken", "yes\n", tag="v1.1.0")
    ended = site.promote("v1.1.0", "CR-1")
    assert (ended.phase, ended.cause) == (PromotionPhase.RETURNED, Cause.ANALYSIS)
    assert site.tally("v1.1.0").baseline.requests > 0
    assert (site.baseline(), site.listening()) == (BaselinePhase.ENDED, (True, True, False))
