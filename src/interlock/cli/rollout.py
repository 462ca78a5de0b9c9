# SPDX-License-Identifier: Apache-2.0
"""`interlock rollout`: a candidate given traffic step by step: seen, watched, paused, agreed to, and its proxies."""

import shlex
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from cyclopts import App

from interlock.cli import rollout_text
from interlock.cli.consent import consent
from interlock.cli.naming import EnvironmentArg, ServiceOption, environment_of, in_force, service_of
from interlock.cli.output import Exit, Fault, Json, Report
from interlock.cli.rollout_watch import Watcher, eyes, viewer_of
from interlock.cli.session import ASKED, ME, Me, Session, Sure, has_driver, looked_at, reading
from interlock.cli.text import BLANK, Block, Line, Rows, Words, good, para, quiet, step, strong, typed, warn
from interlock.cli.waiting import about_rollout, awaited_data, waiting_line
from interlock.domain.ids import EnvironmentName, PromotionId
from interlock.domain.promotion import PromotionPhase
from interlock.domain.strategy import Ask
from interlock.domain.traffic import UNEXPOSED
from interlock.service.portraits.fleet import is_held
from interlock.service.rollouts import NoRollout, Onlooker, Progress, exposure_in_words, step_in_words
from interlock.service.views import Awaited

if TYPE_CHECKING:
    from interlock.ports.router import Endpoint, ProxyCommand, ProxyState

_UNDER_WAY: Final = frozenset(
    ("rollout.due rollout.confirming rollout.observing rollout.too_few rollout.undecided rollout.baking").split()
)
"""What a rollout waits for that goes on as it should."""

app = App(name="rollout", help="Releases given traffic step by step.")


@app.command
def show(environment: EnvironmentArg, /, *, service: ServiceOption = "") -> Report:
    """The rollout under way: steps, split, both arms, the evidence, what it waits for and what comes next."""
    with reading() as session:
        seen = _there(session, environment, service)
        driven = has_driver(session.home)
        page = tuple(rollout_text.blocks(seen, session.now, driven=driven))
        return Report(rollout_text.data(seen, driven=driven), page)


@app.command
def watch(environment: EnvironmentArg, /, *, service: ServiceOption = "") -> Report:
    """The same as it happens, until the promotion has ended or you press Ctrl-C. It changes nothing."""
    with reading() as session:
        seen = _there(session, environment, service)
        watcher = Watcher(session, seen.promotion.id)
        around, view = eyes()
        try:
            with around:
                seen = watcher.watch(view)
        except KeyboardInterrupt:
            return Report({"left": seen.promotion.id}, (para("you left; the rollout goes on"),), Exit.INTERRUPTED)
        driven = has_driver(session.home)
        is_good = seen.promotion.phase is PromotionPhase.COMPLETED
        end = para(
            strong(seen.promotion.release),
            f" in {seen.promotion.environment}: ",
            rollout_text.pace(seen, driven=driven),
        )
        return Report(rollout_text.data(seen, driven=driven), (end,), Exit.DONE if is_good else Exit.REFUSED)


@app.command
def pause(environment: EnvironmentArg, /, *, service: ServiceOption = "", me: Me = ME) -> Report:
    """Let the rollout stand where it is. What is exposed goes on being watched, and goes back when it must."""
    from interlock.domain.rollout import PauseRollout

    with reading() as session:
        seen = _there(session, environment, service)
        promotion = seen.promotion.id
        done = session.speak(me).say(PauseRollout(promotion), f"pause the rollout {promotion}")
        held = is_held(seen, driven=has_driver(session.home))
    stands = exposure_in_words(seen.exposure) if held and seen.exposure != UNEXPOSED else "nothing"
    version = seen.course.turn.situation.release.version
    return Report(
        {"promotion": promotion, "command": done.id},
        (
            para(good("✓ "), strong(promotion), f" is paused; {stands} {'stays' if held else 'is'} exposed"),
            step(f"`interlock rollout resume {environment}` lets it go on"),
            step(f"`interlock abort {version} {environment}` takes it back"),
        ),
    )


@app.command
def resume(environment: EnvironmentArg, /, *, service: ServiceOption = "", me: Me = ME) -> Report:
    """Let a paused rollout go on."""
    from interlock.domain.rollout import ResumeRollout

    with reading() as session:
        promotion = _there(session, environment, service).promotion.id
        done = session.speak(me).say(ResumeRollout(promotion), f"resume the rollout {promotion}")
        then = _then(session, promotion)
    lead = (good("✓ "), strong(promotion), " is not paused any more" if then.waits else " goes on")
    return Report({"promotion": promotion, **then.data, "command": done.id}, (para(*lead), *then.page))


@app.command
def agree(environment: EnvironmentArg, /, *, service: ServiceOption = "", sure: Sure = ASKED, me: Me = ME) -> Report:
    """Answer the step that asks: the rollout goes on. What you agree to is shown first, then signed."""
    from interlock.domain.rollout import AgreeToStep

    with reading() as session:
        seen = _there(session, environment, service)
        promotion, at = seen.promotion.id, seen.course.rollout.step
        if not isinstance(seen.course.steps[at], Ask):
            raise Fault(
                "rollout.asks_nothing", f"step {at + 1} asks nobody: {seen.pace}", f"see `{_show(environment)}`"
            )
        following = step_in_words(seen.course.steps[at + 1])
        voice = session.speak(me)
        page = rollout_text.blocks(seen, session.now, driven=has_driver(session.home))
        question = f"{voice.person} agrees that {seen.promotion.release} goes on in {environment}: {following}"
        consent(page, question, sure, _show(environment))
        done = voice.say(AgreeToStep(promotion, at), f"agree to step {at + 1} of {promotion}")
        then = _then(session, promotion)
    said: dict[str, Json] = {"promotion": promotion, "step": at + 1, "then": following, "by": voice.person}
    goes_on = f" goes on to {following}" + (" once nothing is in its way" if then.waits else "")
    lead = (good("✓ "), f"{voice.person} agreed: ", strong(promotion), goes_on)
    return Report({**said, **then.data, "command": done.id}, (para(*lead), *then.page))


@app.command
def proxies(environment: EnvironmentArg, /, *, service: ServiceOption = "") -> Report:
    """Write the files of an environment's proxies, and tell how each is started, whether it is up and what it serves.

    It may be repeated at any time: it starts nothing, and moves no traffic.
    """
    with reading() as session:
        of = service_of(session, service)
        place = environment_of(in_force(session, of), environment)
        found = session.house.workshop().proxies(session.gatherer.view, of.in_force, place)
    data: dict[str, Json] = {
        "service": of.name,
        "environment": place,
        "proxies": [_proxy_data(start, state) for start, state in found],
    }
    return Report(data, tuple(_proxies(found)))


def _there(session: Session, environment: str, service: str) -> Progress:
    of = service_of(session, service)
    place = environment_of(in_force(session, of), environment)
    seen = Onlooker().there(viewer_of(session), of.name, place)
    if isinstance(seen, NoRollout):
        raise Fault("rollout.none", f"nothing is rolled out in {place}", "see `interlock status`")
    return seen


@dataclass(frozen=True, slots=True)
class _Then:
    """What becomes of a rollout that somebody let go on: what it waits for besides the controller, if anything."""

    waits: tuple[Awaited, ...]
    environment: EnvironmentName
    driven: bool

    @property
    def data(self) -> dict[str, Json]:
        """As an object."""
        return {"awaited": [awaited_data(wait) for wait in self.waits], "controller": self.driven}

    @property
    def page(self) -> Iterator[Block]:
        """What stands below the answer."""
        if self.waits:
            yield Rows(tuple(waiting_line(wait, about_rollout(wait, self.environment)) for wait in self.waits), 2)
        if not self.driven:
            yield step("no controller is at work: `interlock drive`")
        yield step(f"watch it with `interlock rollout watch {self.environment}`")


def _then(session: Session, promotion: PromotionId) -> _Then:
    """Look again, after something was said."""
    later = looked_at(session.house)
    seen = Onlooker().of(viewer_of(later), promotion)
    waits = tuple(wait for wait in seen.awaited if wait.finding.code not in _UNDER_WAY)
    return _Then(waits, seen.promotion.environment, has_driver(session.home))


def _show(environment: str) -> str:
    return f"interlock rollout show {environment}"


def _proxies(found: "tuple[tuple[ProxyCommand, ProxyState], ...]") -> Iterator[Block]:
    yield Rows(tuple(_proxy(state) for _, state in found), 0)
    down = [start for start, state in found if not state.is_up]
    if down:
        yield BLANK
        yield para("start each where it is to run; it goes on by itself:")
    for start in down:
        yield para("  ", typed(shlex.join(_at_hand(start.command))), hang=4)


def _proxy(state: "ProxyState") -> Line:
    if not state.is_up:
        return (warn("○"), strong(state.proxy), warn("not up"))
    exposed = exposure_in_words(state.exposure) if state.exposure != UNEXPOSED else "nothing exposed"
    stable: Words = f"stable {_pool(state.pools.stable)}" if state.pools.stable else warn("nothing to serve yet")
    candidate = quiet(f"candidate {_pool(state.pools.candidate)}") if state.pools.candidate else ""
    baseline = quiet(f"baseline {_pool(state.pools.baseline)}") if state.pools.baseline else ""
    return (good("●"), strong(state.proxy), exposed, stable, candidate, baseline)


def _pool(endpoints: "tuple[Endpoint, ...]") -> str:
    return ", ".join(f"{one.host}:{one.port}" for one in endpoints)


def _at_hand(command: tuple[str, ...]) -> tuple[str, ...]:
    """The command with its program where it is: on the path, or beside our own Python."""
    program, *rest = command
    beside = Path(sys.executable).parent / program
    return (str(beside), *rest) if shutil.which(program) is None and beside.is_file() else command


def _proxy_data(start: "ProxyCommand", state: "ProxyState") -> dict[str, Json]:
    return {
        "proxy": start.proxy,
        "command": list(_at_hand(start.command)),
        "up": state.is_up,
        "exposure": {"percent": state.exposure.share / 100, "cohort": state.exposure.cohort},
        "stable": [f"{one.host}:{one.port}" for one in state.pools.stable],
        "candidate": [f"{one.host}:{one.port}" for one in state.pools.candidate],
        "baseline": [f"{one.host}:{one.port}" for one in state.pools.baseline],
    }
