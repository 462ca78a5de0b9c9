# SPDX-License-Identifier: Apache-2.0
"""How fast and how safe a rollout is, through the whole product: `make bench-rollout`.

Everything is real: a ledger on disk, `interlock` commands, the controller as a process, proxies, counters, services
as processes, traffic. `--quick` is one seed on Envoy in less than 90 s.
"""

import argparse
import random
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bench.rollout import rounds
from bench.rollout.figures import OUTPUT, Book, Figures
from bench.rollout.place import Place, free_ports
from bench.rollout.programs import Unmeasured
from bench.rollout.rounds import Round
from bench.rollout.rules import Rules, Step
from bench.rollout.traffic import traffic

PROXIES: Final = ("east", "north", "west")
ROUTERS: Final = ("envoy", "haproxy")


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of place. `rate`: requests a second."""

    steps: tuple[Step, ...]
    rate: float
    prometheus: bool = False


CANARY: Final = Kind((Step(20, 7),), 300)
"""Sixty requests a second reach the candidate; beside half of the traffic each bad one of them would say less."""
SEEN: Final = Kind((Step(20, 7),), 300, prometheus=True)
BUSY: Final = Kind((Step(5, 2), Step(50, 4)), 600)
FAST: Final = Kind((Step(25, 1), Step(50, 1)), 300)

Measure = Callable[[Round], Figures]
ROUTED: Final[tuple[Measure, ...]] = (rounds.routing, rounds.routing_with_a_death)
CASES: Final[Mapping[str, tuple[Kind, tuple[Measure, ...]]]] = {
    "breach": (CANARY, (rounds.breach, rounds.breach_beside_errors)),
    "restarted": (CANARY, (rounds.restarted_after, rounds.restarted_before)),
    "standby": (CANARY, (rounds.taken_over,)),
    "unfit": (CANARY, (rounds.never_ready, rounds.stillborn, rounds.crash_loop)),
    "killed": (CANARY, (rounds.killed,)),
    "stopped": (CANARY, (rounds.stopped,)),
    "hung": (CANARY, (rounds.a_proxy_hangs,)),
    "prometheus": (SEEN, (rounds.breach_seen_by_prometheus, rounds.prometheus_dead)),
    "routing": (BUSY, ROUTED),
    "honest": (FAST, (rounds.honest,)),
}
QUICK: Final = ("breach", "killed", "stopped")
FEWEST: Final = 2_500
"""Requests that one round of routing makes at least."""


def main(arguments: list[str]) -> int:
    """Measure, print, write; 1 when a target was missed or something could not be measured."""
    parser = argparse.ArgumentParser(prog="bench.rollout", description=__doc__)
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--only", action="append", choices=CASES)
    parser.add_argument("--router", action="append", choices=ROUTERS)
    parser.add_argument("--runs", type=int, default=100, help="rollouts of what is as good as stable")
    parser.add_argument("--requests", type=int, default=50_000, help="how many are counted for routing, at least")
    parser.add_argument("--into", type=Path, default=OUTPUT, help="the file it is written to")
    parser.add_argument("--quick", action="store_true", help=f"one seed, Envoy, {', '.join(QUICK)}")
    asked = parser.parse_args(arguments)
    if asked.quick:
        asked.seeds, asked.router, asked.only = 1, ["envoy"], list(QUICK)
    book = Book(rounds.TARGETS)
    for router in asked.router or ROUTERS:
        for kind in (CANARY, SEEN, BUSY, FAST):
            if kind.prometheus and router != "envoy":
                continue  # these queries are of Envoy's counters: how a Prometheus reads HAProxy's is not measured
            _measure(book, router, kind, list(_schedule(kind, asked)), asked.requests)
            book.write(asked.into)
    print(f"\n{book.table()}\n")
    for line in (*book.faults, *(f"missed: {name}" for name in book.missed())):
        print(line)
    return 1 if book.faults or book.missed() else 0


def _schedule(kind: Kind, asked: argparse.Namespace) -> Iterator[tuple[int, Measure]]:
    """Seeds and rounds, mixed, so that a busy moment of the machine does not meet one figure alone."""
    chosen = [measures for name, (of, measures) in CASES.items() if of is kind and name in (asked.only or CASES)]
    times = {BUSY: asked.requests // FEWEST // len(ROUTED) + 1, FAST: asked.runs}.get(kind, asked.seeds)
    for seed in range(1, times + 1):
        for measures in chosen:
            for measure in measures:
                yield seed, measure


def _measure(book: Book, router: str, kind: Kind, left: list[tuple[int, Measure]], enough: int) -> None:
    """All rounds in places of one kind. What goes wrong costs its round, and the place."""
    while left:
        print(f"{router}, {len(left)} rounds to go", flush=True)
        try:
            with _place(router, kind) as here:
                while left and _is_measured(book, router, here, *left.pop(0)):
                    if kind is BUSY and book.total(router, "routing: requests") >= enough:
                        return
        except Unmeasured as fault:
            book.fail(router, f"no place to measure in: {fault}")
            return


def _is_measured(book: Book, router: str, here: Round, seed: int, measure: Measure) -> bool:
    """Whether the place may be used again."""
    here.draw.seed(f"{seed} {measure.__name__}")
    try:
        book.add(router, seed, measure(here))
    except (Unmeasured, AssertionError) as fault:
        book.fail(f"{router} {measure.__name__} {seed}", str(fault))
        return False
    return True


@contextmanager
def _place(router: str, kind: Kind) -> Iterator[Round]:
    """A place and its traffic; nothing of it is left."""
    root = Path(tempfile.mkdtemp(prefix="interlock-bench-"))
    rules = Rules(router, PROXIES, kind.steps, prometheus=kind.prometheus)
    place = Place(root, rules, free_ports(len(PROXIES)))
    try:
        place.build()
        with traffic(place.proxies, kind.rate) as clients:
            yield Round(place, clients, random.Random())  # noqa: S311 - seeded moments
    finally:
        place.close()
        shutil.rmtree(root, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
