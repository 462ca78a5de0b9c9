# SPDX-License-Identifier: Apache-2.0
"""How well one controller watches 500 rollouts at once: its processor time, and how late its measurements are.

The driver, the ledger on disk, the clock, the rules and the keeper are the real ones; proxies, counters, deployments
and checks are values. Every service is rolled out at its first step and measured every ten seconds.
"""

import json
import statistics
import sys
import tempfile
import time
from dataclasses import dataclass, field
from datetime import timedelta
from fractions import Fraction
from itertools import count, islice, pairwise
from pathlib import Path

from interlock.adapters.calendar.rfc5545 import Rfc5545Calendar
from interlock.adapters.check.memory import CheckWorld, MemoryCheck, says
from interlock.adapters.clock import SystemClock, monotonic
from interlock.adapters.deploy.memory import DeployWorld, MemoryDeployer
from interlock.adapters.notify.memory import MemoryNotifier
from interlock.adapters.signer.memory import MemoryPersonSigner, MemorySigner
from interlock.adapters.signer.ssh import SshVerifier
from interlock.adapters.store.sqlite import SqliteStore
from interlock.domain.artifact import Artifact, ArtifactKind, release_digest
from interlock.domain.change import ChangeKind, OpenChange
from interlock.domain.governance import AdoptGovernance
from interlock.domain.ids import (
    ChangeId,
    CommandId,
    ComponentName,
    EnvironmentName,
    PersonId,
    PromotionId,
    ReleaseId,
    ServiceName,
    TextRef,
    digest_of,
)
from interlock.domain.people import AddPerson
from interlock.domain.promotion import RequestPromotion
from interlock.domain.release import CreateRelease, Plans
from interlock.domain.rollout import Measured, rollout_stream
from interlock.domain.slot import AdoptRunning
from interlock.domain.traffic import LANES
from interlock.domain.verdict import Verdict
from interlock.ledger.codec import Command, decode_event, encode
from interlock.ledger.command import CommandBody, SshSignature
from interlock.service.handle import Declined, Desk, Submission
from interlock.service.library import PackLibrary, governance_ref
from interlock.testing.traffic import PORTS, TrafficWorld
from interlock.testing.world import SimulatedWorkshop
from interlock.workflows.controller import Controller, Rest, Step
from interlock.workflows.driver import Driver
from interlock.workflows.keeper import Keeper

ROLLOUTS = 500
SECONDS = 60
"""How long is measured."""
EVERY = timedelta(seconds=10)
RATE = Fraction(50)
"""Requests a second of each service."""
WORST = 10.0
"""Seconds a measurement may be late: it must not fall out."""
PLACE = EnvironmentName("production")
ANN = PersonId("ann")
WORDS = TextRef("text:unsaid")
PACK = b"""
pack: bench
version: 1.0.0
status: active
about: One environment, one check, one long step.
roles: [developer]
governors: [developer]
environments: [{name: production, tier: production}]
paths: {standard: {for: [standard, normal], stages: [ready, production]}}
stages:
  - name: ready
    requires: [{id: tests, gate: {check: tests}, waivable: false}]
  - name: production
    environment: production
    verify: {checks: [smoke], within: 1m, every: 2s}
    rollout: {steps: [{weight: 10, hold: 2h}], every: 10s, blind_for: 1m}
    bake: {for: 10m, every: 1m, checks: [smoke]}
waivers: {authority: [developer], longest: 7d}
"""


def _bindings(service: ServiceName) -> bytes:
    lanes = {lane.value: [f"127.0.0.1:{port}"] for lane, port in PORTS.items() if lane in LANES}
    route = {"envoy": ["edge"], "listen": 10, "admin": 11, "control": 12, "lanes": lanes}
    text = {
        "service": service,
        "pack": "bench",
        "environments": {PLACE: {"deploy": {"command": ["deploy"]}, "route": route}},
        "roles": {"developer": [ANN]},
        "checks": {check: {"command": ["check"]} for check in ("tests", "smoke")},
    }
    return json.dumps(text).encode()


def _artifacts(version: str) -> tuple[Artifact, ...]:
    return (Artifact(ComponentName("app"), ArtifactKind.GIT, version, digest_of(version.encode())),)


def _promotion(service: ServiceName) -> PromotionId:
    return PromotionId(f"{service}:v2/{PLACE}/1")


@dataclass(slots=True)
class Fleet:
    """Many services on one ledger, and the one person who releases them."""

    store: SqliteStore
    services: tuple[ServiceName, ...]
    clock: SystemClock = field(default_factory=SystemClock)
    deploys: DeployWorld = field(default_factory=DeployWorld)
    library: PackLibrary = field(default_factory=PackLibrary)
    numbers: "count[int]" = field(default_factory=lambda: count(1))
    desk: Desk = field(init=False)
    keeper: Keeper = field(init=False)

    def __post_init__(self) -> None:
        self.desk = Desk(self.store, SshVerifier(), self.library, Rfc5545Calendar())
        self.keeper = Keeper("bench", monotonic)

    def say(self, command: Command, blobs: tuple[bytes, ...] = ()) -> None:
        """Ann signs it and hands it in."""
        signer, encoded = MemoryPersonSigner(ANN), encode(command)
        body = CommandBody(
            encoded.name,
            encoded.version,
            CommandId(f"ann-{next(self.numbers)}"),
            self.store.origin,
            f"person:{ANN}",
            self.clock.now(),
            encoded.payload,
        )
        signature = SshSignature(signer.public_key, signer.sign(body.message))
        outcome = self.desk.submit(Submission(body, signature, blobs=blobs), self.clock.now())
        assert not isinstance(outcome, Declined), outcome.reasons

    def release(self, service: ServiceName) -> None:
        """Put the service under its rules, adopt what runs, and make a release."""
        bindings = _bindings(service)
        ref = governance_ref(PACK, bindings, ())
        self.say(AdoptGovernance(service, ref), (PACK, bindings))
        self.deploys.adopt(service, PLACE, release_digest(_artifacts("v1")), "v1")
        self.say(
            AdoptRunning(service, PLACE, ReleaseId(f"{service}:v1"), "v1", _artifacts("v1"), "0" * 64, "as written")
        )
        change = ChangeId(f"CR-{service}")
        self.say(OpenChange(change, service, ChangeKind.NORMAL, WORDS))
        release = CreateRelease(
            release=ReleaseId(f"{service}:v2"),
            service=service,
            version="v2",
            change=change,
            artifacts=_artifacts(f"{service}-v2"),
            commit="1" * 64,
            base="",
            authors=(ANN,),
            unknown_authors=0,
            declared=ref.digest,
            plans=Plans(digest_of(b"out"), digest_of(b"back")),
        )
        self.say(release)

    def controller(self) -> Controller:
        """The controller of all of them."""
        traffic = TrafficWorld(self.clock.now, self.deploys, RATE)
        checks = MemoryCheck(CheckWorld(otherwise=says(Verdict.PASS, "as written")))
        workshop = SimulatedWorkshop(
            self.library,
            lambda lane: MemoryDeployer(self.deploys, lane),
            checks,
            MemoryNotifier(),
            traffic.router,
            traffic.metrics,
        )
        return Controller(self.desk, workshop, self.clock, self.keeper)

    def exposed(self) -> int:
        """How many are exposed."""
        view = self.desk.view()
        return sum(view.rollout(_promotion(service)).confirmed >= 0 for service in self.services)


@dataclass(slots=True)
class Observer:
    """Asks for the promotions, waits until all are exposed, then measures, then stops the driver."""

    fleet: Fleet
    driver: Driver
    seconds: float
    asked: int = 0
    looked: float = 0.0
    since: float = 0.0
    until: float = 0.0
    processor: float = 0.0
    steps: int = 0
    size: int = 0

    def __call__(self, step: Step) -> None:
        """One more step was taken."""
        now = monotonic()
        if self.asked < len(self.fleet.services):
            if self.asked or (isinstance(step, Rest) and not step.pending):
                self._ask()
        elif not self.since:
            self._begin_when_all_are_exposed(now)
        elif now - self.since < self.seconds:
            self.steps += 1
        elif not self.until:
            self.until, self.processor = now, time.process_time() - self.processor
            self.driver.stop()

    def _ask(self) -> None:
        for service in islice(self.fleet.services, self.asked, self.asked + 10):
            self.fleet.say(RequestPromotion(_promotion(service), ReleaseId(f"{service}:v2"), PLACE, PromotionId("")))
            self.asked += 1

    def _begin_when_all_are_exposed(self, now: float) -> None:
        if now - self.looked < 1:
            return
        self.looked = now
        if self.fleet.exposed() == len(self.fleet.services):
            self.since, self.processor, self.size = now, time.process_time(), self.fleet.store.head().size


def _lags(fleet: Fleet, size: int) -> list[float]:
    """Seconds by which every measurement since the ledger had this size was later than due."""
    lags: list[float] = []
    for service in fleet.services:
        records = fleet.store.stream(rollout_stream(_promotion(service)))
        events = [(record.index, decode_event(record.event, record.version, record.payload)) for record in records]
        looks = [(index, event.at) for index, event in events if isinstance(event, Measured)]
        pairs = pairwise(looks)
        lags.extend((at - before - EVERY).total_seconds() for (_, before), (index, at) in pairs if index >= size)
    return lags


def _run(folder: Path, rollouts: int, seconds: float) -> dict[str, float]:
    signer = MemorySigner("bench.example/rollouts")
    store = SqliteStore.create(folder / "ledger.db", signer.name, signer)
    fleet = Fleet(store, tuple(ServiceName(f"s{number:03}") for number in range(rollouts)))
    began = monotonic()
    fleet.say(AddPerson(ANN, MemoryPersonSigner(ANN).public_key, WORDS, ()))
    for service in fleet.services:
        fleet.release(service)
    released = monotonic()
    driver = Driver(fleet.controller(), folder / "driver.sock", fleet.clock)
    observer = Observer(fleet, driver, seconds)
    driver.run(observer)
    lags = _lags(fleet, observer.size)
    span = observer.until - observer.since
    store.close()
    return {
        "rollouts": rollouts,
        "interval_s": EVERY.total_seconds(),
        "measured_s": round(span, 1),
        "measurements": len(lags),
        "cpu_s_per_s": round(observer.processor / span, 3),
        "lag_s_median": round(statistics.median(lags), 3),
        "lag_s_p99": round(statistics.quantiles(lags, n=100)[98], 3),
        "lag_s_worst": round(max(lags), 3),
        "steps_per_s": round(observer.steps / span, 1),
        "exposures_lost": sum(fleet.keeper.losses.values()),
        "seconds_to_release": round(released - began, 1),
        "seconds_to_expose": round(observer.since - released, 1),
    }


def main() -> None:
    """Measure, print a line, write `build/bench/rollouts_at_scale.json`; other numbers may be given for a try."""
    rollouts, seconds = (int(sys.argv[1]), float(sys.argv[2])) if sys.argv[1:] else (ROLLOUTS, SECONDS)
    with tempfile.TemporaryDirectory() as folder:
        measured = _run(Path(folder), rollouts, seconds)
    out = Path("build/bench/rollouts_at_scale.json")
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(json.dumps(measured, indent=2) + "\n")
    print(
        f"rollouts: {rollouts} at {EVERY.total_seconds():.0f} s: {measured['cpu_s_per_s']} processor seconds a second,"
        f" {measured['lag_s_median']} s late (99 %: {measured['lag_s_p99']}, worst {measured['lag_s_worst']}),"
        f" {measured['exposures_lost']:.0f} exposures lost"
    )
    if measured["exposures_lost"] or measured["lag_s_worst"] > WORST:
        raise SystemExit("the controller does not keep up")


if __name__ == "__main__":
    main()
