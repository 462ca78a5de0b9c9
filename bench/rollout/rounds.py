# SPDX-License-Identifier: Apache-2.0
"""The rounds: each takes one new version through a rollout in which something happens, and gives figures in seconds.

Zero is the last answer that the candidate gave to any client, through any proxy.
"""

import os
import random
import signal
import time
from dataclasses import dataclass
from typing import Final

from bench.rollout.figures import Figures, Target
from bench.rollout.place import UNDECIDED, Place
from bench.rollout.rules import BLIND_FOR, INTERVAL, TTL, WITHIN
from bench.rollout.traffic import LOST, Traffic

BREACH: Final = Target(2 * INTERVAL + 1, f"<= {2 * INTERVAL + 1} s (2 intervals + 1 s)")
BLIND: Final = Target(
    BLIND_FOR + 2 * INTERVAL + 1, f"<= {BLIND_FOR + 2 * INTERVAL + 1} s (blind_for + 2 intervals + 1 s)"
)
LEASE: Final = Target(TTL + 1, f"<= {TTL + 1} s (ttl + 1 s)")
STALE: Final = Target(TTL, f"<= {TTL} s (ttl)")
NONE: Final = Target(0, "0", sum)
INSISTS: Final = Target(20, "<= 20 s (it is insisted on for 10 s)")
READY: Final = Target(WITHIN + 2 * INTERVAL + 1, f"<= {WITHIN + 2 * INTERVAL + 1} s (within + 2 intervals + 1 s)")

TARGETS: Final = {
    "breach: to zero": BREACH,
    "breach beside errors: to zero": BREACH,
    "breach, prometheus: to zero": BREACH,
    "breach, controller killed after: to zero": BREACH,
    "breach, controller killed before: to zero": BREACH,
    "prometheus dead: to zero": BLIND,
    "never ready: candidate answers": NONE,
    "never ready: to rolled back": READY,
    "stillborn: candidate answers": NONE,
    "stillborn: to rolled back": READY,
    "crash-loops in canary: to rolled back": BLIND,
    "crash-loops in canary: unrouted": NONE,
    "killed: to zero, slowest proxy": LEASE,
    "killed: rollouts not completed after the restart": NONE,
    "stopped: to zero, slowest proxy": LEASE,
    "stopped: exposed after SIGCONT": STALE,
    "stopped: rollouts not completed": NONE,
    "a proxy hangs: exposures lost": NONE,
    "a proxy hangs: breach to zero": BREACH,
    "a proxy hangs: to rolled back": INSISTS,
    "a proxy hangs: exposed after SIGCONT": STALE,
    "routing: unrouted": NONE,
    "routing: undecided after 20 s": NONE,
    "routing, a death: undecided after 20 s": NONE,
    "honest: rolled back": NONE,
}
BAD: Final = "bad 5"
"""Every fifth answer, 20 %."""
IMPERFECT: Final = "bad 100"
HEALED: Final = "nothing"
QUIET: Final = 0.3
"""Seconds without an answer of the candidate that end one exposure of it."""
STOPPED: Final = 6.0
DOUBT: Final = 20.0
"""Seconds within which a rollout must have come to an end after what happened to it."""
ENDS: Final = {"PromotionCompleted": "completed", "RollbackCompleted": "rolled back", UNDECIDED: "undecided after 20 s"}


@dataclass(frozen=True, slots=True)
class Round:
    """One round: where, under what traffic, and what it draws its moments from."""

    place: Place
    traffic: Traffic
    draw: random.Random

    def exposed(self) -> tuple[str, int]:
        """A new version with half of the traffic for a little while; and where the record ended before."""
        version = self.place.release()
        since = self.place.promote(version)
        self.place.wait("ExposureConfirmed", since, unless=("PromotionFailed", "PromotionTurnedAway"))
        time.sleep(1.2 + self.draw.random())
        return version, since

    def zero(self, version: str, onset: float) -> float:
        """Seconds from there to the candidate's last answer."""
        return max((at - onset for at in self.traffic.of(version, onset)), default=0.0)

    def back(self, size: int, gone: float) -> float:
        """Seconds from the controller's death to the first record of the next one; nobody else records meanwhile."""
        later = [record.time.timestamp() for record in self.place.records(size)]
        return min((at - gone for at in later if at > gone), default=0.0)

    def unrouted(self, since: float) -> int:
        """Requests that no version answered."""
        return sum(answer.is_unrouted for answer in self.traffic.answers(since))


def breach(here: Round) -> Figures:
    """The candidate turns bad."""
    version, since = here.exposed()
    onset = here.place.spoil(version, BAD)
    ended = here.place.settle(since)
    assert ended == "RollbackCompleted", ended
    return {"breach: to zero": here.zero(version, onset)}


def breach_beside_errors(here: Round) -> Figures:
    """The same, while every hundredth answer of stable is bad, too."""
    time.sleep(QUIET)
    stable = here.traffic.answers(time.time() - QUIET)[-1].version
    here.place.spoil(stable, IMPERFECT)
    version, since = here.exposed()
    onset = here.place.spoil(version, BAD)
    ended = here.place.settle(since)
    here.place.spoil(stable, HEALED)
    assert ended == "RollbackCompleted", ended
    return {"breach beside errors: to zero": here.zero(version, onset)}


def breach_seen_by_prometheus(here: Round) -> Figures:
    """The same, when the counts come from a real Prometheus."""
    return {"breach, prometheus: to zero": breach(here)["breach: to zero"]}


def prometheus_dead(here: Round) -> Figures:
    """The candidate turns bad when the Prometheus dies that would have shown it."""
    version, since = here.exposed()
    onset = here.place.programs["prometheus"].kill()
    here.place.spoil(version, BAD)
    ended = here.place.settle(since)
    here.place.start_prometheus()
    assert ended == "RollbackCompleted", ended
    return {"prometheus dead: to zero": here.zero(version, onset)}


def restarted_after(here: Round) -> Figures:
    """The candidate turns bad, and before that is seen the controller is killed and started again."""
    version, since = here.exposed()
    onset = here.place.spoil(version, BAD)
    time.sleep(0.3 * here.draw.random())
    size, gone = here.place.size(), here.place.controller.kill()
    here.place.controller.start()
    name = "breach, controller killed after"
    return {**_restarted(here, version, since, onset, name), f"{name}: back": here.back(size, gone)}


def restarted_before(here: Round) -> Figures:
    """The controller is killed and started again, and in between the candidate turns bad."""
    version, since = here.exposed()
    size, gone = here.place.size(), here.place.controller.kill()
    time.sleep(0.3 * here.draw.random())
    onset = here.place.spoil(version, BAD)
    here.place.controller.start()
    name = "breach, controller killed before"
    return {**_restarted(here, version, since, onset, name), f"{name}: back": here.back(size, gone)}


def taken_over(here: Round) -> Figures:
    """The candidate turns bad, and before that is seen the controller is killed while another stands by."""
    here.place.stand_by()
    version, since = here.exposed()
    onset = here.place.spoil(version, BAD)
    time.sleep(0.3 * here.draw.random())
    here.place.take_over()
    return _restarted(here, version, since, onset, "breach, another stands by")


def _restarted(here: Round, version: str, since: int, onset: float, name: str) -> Figures:
    ended = here.place.settle(since)
    assert ended == "RollbackCompleted", ended
    spans = _spans(here.traffic.of(version, onset), onset)
    return {
        f"{name}: to zero": here.zero(version, onset),
        f"{name}: exposed in all": sum(spans),
    }


def _spans(times: tuple[float, ...], onset: float) -> list[float]:
    """How long each exposure lasted, the first from the onset on if the candidate answers then."""
    spans: list[float] = []
    first = last = onset
    for at in times:
        if at - last > QUIET:
            spans.append(last - first)
            first = at
        last = at
    return [*spans, last - first]


def never_ready(here: Round) -> Figures:
    """The candidate starts and never gets ready."""
    return _undeployed(here, "unready", "never ready")


def stillborn(here: Round) -> Figures:
    """The candidate ends whenever it is started."""
    return _undeployed(here, "stillborn", "stillborn")


def _undeployed(here: Round, fault: str, name: str) -> Figures:
    version = here.place.release()
    here.place.spoil(version, fault)
    since = here.place.promote(version)
    begun = here.place.wait("DeploymentBegun", since).time.timestamp()
    back = here.place.wait("RollbackCompleted", since, unless=("PromotionCompleted",)).time.timestamp()
    return {
        f"{name}: candidate answers": len(here.traffic.of(version)),
        f"{name}: to rolled back": back - begun,
    }


def crash_loop(here: Round) -> Figures:
    """In the middle of the canary the candidate begins to end, half a second after every start."""
    version, since = here.exposed()
    onset = here.place.spoil(version, "crash")
    back = here.place.wait("RollbackCompleted", since, unless=("PromotionCompleted",)).time.timestamp()
    time.sleep(0.2)
    return {
        "crash-loops in canary: to zero": here.zero(version, onset),
        "crash-loops in canary: to rolled back": back - onset,
        "crash-loops in canary: unrouted": here.unrouted(onset),
    }


def killed(here: Round) -> Figures:
    """The controller is killed, left dead until the lease is over, and started again."""
    version, since = here.exposed()
    onset = here.place.controller.kill()
    time.sleep(TTL + 2)
    spans = _by_proxy(here, version, onset)
    here.place.controller.start()
    ended = here.place.settle(since)
    return {
        "killed: to zero, slowest proxy": max(spans),
        "killed: to zero, fastest proxy": min(spans),
        "killed: rollouts not completed after the restart": ended != "PromotionCompleted",
    }


def stopped(here: Round) -> Figures:
    """The controller is stopped for longer than the lease, and goes on."""
    version, since = here.exposed()
    onset = here.place.controller.send(signal.SIGSTOP)
    time.sleep(STOPPED)
    spans = _by_proxy(here, version, onset)
    size = here.place.size()
    woken = here.place.controller.send(signal.SIGCONT)
    anew = here.place.wait("ExposureAuthorised", size).time.timestamp()
    stale = here.traffic.of(version, woken, anew)
    ended = here.place.settle(since)
    return {
        "stopped: to zero, slowest proxy": max(spans),
        "stopped: exposed after SIGCONT": max((at - woken for at in stale), default=0.0),
        "stopped: rollouts not completed": ended != "PromotionCompleted",
    }


def a_proxy_hangs(here: Round) -> Figures:
    """One of the proxies hangs; later, for the others, the candidate turns bad; and in the end it wakes up."""
    version, since = here.exposed()
    name = here.draw.choice(tuple(here.place.proxies))
    here.place.programs[name].send(signal.SIGSTOP)
    time.sleep(STOPPED)
    lost = sum(record.event == "ExposureLost" for record in here.place.records(since))
    onset = here.place.spoil(version, BAD)
    back = here.place.wait("RollbackCompleted", since, unless=("PromotionCompleted",)).time.timestamp()
    woken = here.place.programs[name].send(signal.SIGCONT)
    time.sleep(TTL + 1)
    spans = dict(zip(here.place.proxies, _by_proxy(here, version, onset), strict=True))
    return {
        "a proxy hangs: exposures lost": lost,
        "a proxy hangs: breach to zero": max(span for one, span in spans.items() if one != name),
        "a proxy hangs: to rolled back": back - onset,
        "a proxy hangs: exposed after SIGCONT": max(spans[name] - (woken - onset), 0.0),
    }


def _by_proxy(here: Round, version: str, onset: float) -> list[float]:
    answers = here.traffic.answers(onset)
    return [
        max((one.at - onset for one in answers if one.proxy == name and one.version == version), default=0.0)
        for name in here.place.proxies
    ]


def routing(here: Round) -> Figures:
    """A good rollout from the first share to the end, while a proxy is started anew."""
    return _routed(here, is_killed=False)


def routing_with_a_death(here: Round) -> Figures:
    """The same, and the candidate's process is killed under half of the traffic."""
    return _routed(here, is_killed=True)


def _routed(here: Round, *, is_killed: bool) -> Figures:
    began = time.time()
    version = here.place.release()
    since = here.place.promote(version)
    finished = here.place.wait("StepFinished", since, unless=("PromotionFailed",))
    here.place.wait("ExposureConfirmed", finished.index)
    time.sleep(0.5)
    if is_killed:
        os.kill(here.place.process_of(version), signal.SIGKILL)
        time.sleep(0.5)
    name = here.draw.choice(tuple(here.place.proxies))
    gone, back = 0.0, 0.0
    if here.place.rules.router == "haproxy" and not is_killed:
        here.place.reload(name)
    else:
        gone, back = here.place.renew(name)
    ended = here.place.settle_or_abort(version, since, DOUBT)
    time.sleep(0.3)
    answers = here.traffic.answers(began)
    counted = [one for one in answers if one.proxy != name or not one.met(gone, back)]
    here.traffic.forget()
    return {
        "routing: requests": len(counted),
        "routing: unrouted": sum(one.is_unrouted for one in counted),
        "routing: without any answer": sum(one.status == LOST for one in counted),
        "routing: asked of a dead proxy": len(answers) - len(counted),
        "routing: of the candidate": sum(one.version == version for one in counted),
        **{f"routing{', a death' if is_killed else ''}: {word}": ended == event for event, word in ENDS.items()},
    }


def honest(here: Round) -> Figures:
    """A version that is as good as the one before it."""
    version = here.place.release()
    since = here.place.promote(version)
    here.place.prepare()
    ended = here.place.settle(since)
    here.traffic.forget()
    return {"honest: rolled back": ended != "PromotionCompleted"}
