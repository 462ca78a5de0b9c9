# SPDX-License-Identifier: Apache-2.0
"""A rollout as a page of text and as an object: steps, exposure, both arms, evidence, what it waits for."""

import math
from collections.abc import Iterator
from datetime import datetime
from typing import Final

from interlock.cli.output import Json
from interlock.cli.text import BLANK, Block, Line, Para, Rows, Words, bad, good, para, quiet, step, strong, warn
from interlock.cli.tree import finding_lines
from interlock.cli.waiting import about_rollout, waiting_line
from interlock.domain.promotion import PromotionPhase
from interlock.domain.rollout import RolloutPhase
from interlock.domain.traffic import UNEXPOSED
from interlock.service.portraits.findings import plain
from interlock.service.portraits.fleet import is_held
from interlock.service.portraits.rollouts import rollout
from interlock.service.rollouts import Counted, Progress, exposure_in_words, step_in_words
from interlock.service.views import Awaited

DONE_WITH: Final = frozenset({PromotionPhase.BAKING, PromotionPhase.SETTLING, PromotionPhase.COMPLETED})
NOT_BEGUN: Final = frozenset({PromotionPhase.WAITING, PromotionPhase.DEPLOYING, PromotionPhase.VERIFYING})
FAILED: Final = frozenset({PromotionPhase.FAILED, PromotionPhase.RETURNED, PromotionPhase.TURNED_AWAY})


def unheld(seen: Progress) -> str:
    """What an exposure that nobody holds has come to, and what its next controller does."""
    lease = int(seen.course.lease.total_seconds())
    again = "takes it back, as it was lost before" if seen.course.rollout.losses else "begins anew at step 1"
    dropped = f"every proxy went back to what is stable within {lease} s of its end"
    return f"the controller is not at work: {dropped}; the next one {again}"


def waits_of(seen: Progress, *, driven: bool) -> tuple[Awaited, ...]:
    """What it waits for; where nobody holds it only people, as neither time nor requests count meanwhile."""
    return seen.awaited if is_held(seen, driven=driven) else tuple(wait for wait in seen.awaited if wait.command)


def blocks(seen: Progress, now: datetime, *, driven: bool) -> Iterator[Block]:
    """The page."""
    held = is_held(seen, driven=driven)
    yield para(strong(seen.promotion.release), f" in {seen.promotion.environment}", quiet(f"  {seen.promotion.id}"))
    yield para("  ", pace(seen, driven=driven), hang=2)
    if not held:
        yield para(warn("  ! "), unheld(seen), hang=4)
        yield step("`interlock drive`", 4)
    yield BLANK
    yield Para(("  ", *steps_line(seen)), 2)
    yield Rows(((quiet("exposure"), *_exposure(seen, driven=driven)),), 2)
    yield BLANK
    yield Rows(_arms(seen), 2)
    yield BLANK
    yield from finding_lines(seen.finding, 1)
    waits = waits_of(seen, driven=driven)
    if waits:
        yield BLANK
        place = seen.promotion.environment
        yield Rows(tuple(waiting_line(wait, about_rollout(wait, place)) for wait in waits), 2)
    if seen.later and not seen.is_over:
        yield para(quiet("  → "), f"then {seen.later}", quiet(looks_again(seen, now, driven=driven)), hang=4)


def pace(seen: Progress, *, driven: bool) -> Words:
    """How far it is, in the tone of how it goes; of what has ended, why."""
    match seen.promotion.phase:
        case PromotionPhase.COMPLETED:
            return good("✓ completed: it is what is stable now")
        case phase if phase in FAILED:
            return bad(f"✗ {seen.pace}: {seen.promotion.sentence}")
        case _ if not is_held(seen, driven=driven):
            return bad(f"✗ {held_pace(seen, driven=driven)}")
        case _:
            return warn(seen.pace) if seen.course.rollout.phase is RolloutPhase.PAUSED else seen.pace


def held_pace(seen: Progress, *, driven: bool) -> str:
    """How far it is; of what nobody holds, that nothing is exposed, and how far it was."""
    return seen.pace if is_held(seen, driven=driven) else f"nobody holds it, nothing is exposed; it was {seen.pace}"


def steps_line(seen: Progress) -> Line:
    """The steps in a line."""
    first, *rest = steps_parts(seen)
    return (*first, *(words for part in rest for words in (quiet("  →  "), *part)))


def steps_parts(seen: Progress) -> tuple[Line, ...]:
    """The steps one by one: done, present (or where it failed), to come."""
    phase, at = seen.promotion.phase, seen.course.rollout.step
    if phase in DONE_WITH:
        at = len(seen.course.steps)
    elif phase in NOT_BEGUN:
        at = -1
    here = bad("✗ ") if phase in FAILED else strong("● ")
    parts: list[Line] = []
    for number, one in enumerate(seen.course.steps):
        words = step_in_words(one)
        if number < at:
            parts.append((good(f"✓ {words}"),))
        elif number == at:
            parts.append((here, strong(words)))
        else:
            parts.append((quiet(f"○ {words}"),))
    return tuple(parts)


def looks_again(seen: Progress, now: datetime, *, driven: bool) -> str:
    """When the controller does something next."""
    if not driven:
        return "   once a controller is at work"
    left = math.ceil((seen.wakes_at - now).total_seconds())
    return f"   looks again in {left} s" if left > 0 else "   looks now"


def rate_of(arm: Counted) -> str:
    """The share of bad answers, in percent."""
    return f"{100 * arm.rate:.2f} %" if arm.requests else "-"


def data(seen: Progress, *, driven: bool) -> dict[str, Json]:
    """The object."""
    return plain(rollout(seen, driven=driven))


def _exposure(seen: Progress, *, driven: bool) -> Line:
    rollout = seen.course.rollout
    missing = warn(f"not answering: {', '.join(rollout.absent)}") if rollout.absent else ""
    if seen.exposure == UNEXPOSED:
        return ("nothing", missing) if missing else ("nothing",)
    asked = exposure_in_words(seen.exposure)
    if not is_held(seen, driven=driven):
        return ("nothing", warn(f"{asked} as long as somebody held it"))
    if rollout.confirmed != rollout.authorised:
        return (asked, warn("not confirmed by the proxies yet"))
    confirmed = f"confirmed by {', '.join(rollout.proxies)}" if rollout.proxies else "confirmed"
    return (asked, confirmed, missing)


def _arms(seen: Progress) -> tuple[Line, ...]:
    snapshot = seen.course.rollout.snapshot
    ready = {
        "candidate": _ready(snapshot.ready, snapshot.members),
        "baseline": _ready(snapshot.baseline_ready, snapshot.baseline_members),
    }
    rows = (
        (name, str(arm.requests), str(arm.errors), rate_of(arm), quiet(ready.get(name, "")))
        for name, arm in seen.tally.arms.items()
    )
    return (("", quiet("requests"), quiet("bad"), quiet("rate"), ""), *rows)


def _ready(ready: int, members: int) -> str:
    return f"{ready} of {members} ready" if members else ""
