# SPDX-License-Identifier: Apache-2.0
"""`interlock promote`, `abort` and `rollback`: asking that something moves. The controller moves it."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Final

from cyclopts import Parameter

from interlock.cli.naming import (
    EnvironmentArg,
    ReleaseArg,
    ServiceOption,
    environment_of,
    in_force,
    release_of,
    service_of,
)
from interlock.cli.output import Fault, Json, Report
from interlock.cli.session import ME, Me, Session, has_driver, reading
from interlock.cli.text import Para, good, para, quiet, step, strong
from interlock.domain.ids import EnvironmentName, PromotionId, ReleaseId
from interlock.domain.slot import OccupantKind

if TYPE_CHECKING:
    from interlock.domain.procedure import Governance
    from interlock.domain.release import Release

STATUS: Final = "interlock status"


@Parameter(name="*")
@dataclass(frozen=True, slots=True)
class InPlaceOf:
    """What it makes pointless."""

    supersede: Annotated[
        bool, Parameter(help="End the promotion under way there; what was exposed of it goes back first.")
    ] = False


BEHIND: Final = InPlaceOf()
"""It takes its turn."""


def promote(
    release: ReleaseArg,
    environment: EnvironmentArg,
    /,
    *,
    turn: InPlaceOf = BEHIND,
    service: ServiceOption = "",
    me: Me = ME,
) -> Report:
    """Ask that a release goes into an environment. Its gate is asked now, and again before anything is deployed."""
    from interlock.domain.promotion import RequestPromotion
    from interlock.service.numbering import next_promotion

    with reading() as session:
        one = release_of(session, release, service)
        place = environment_of(session.gatherer.pinned(one), environment)
        promotion = next_promotion(session.house.store, one.id, place)
        ended = _occupying(session, one, place) if turn.supersede else PromotionId("")
        command = RequestPromotion(promotion, one.id, place, ended)
        done = session.speak(me).say(command, f"promote {one.id} to {place}")
        is_queued = any(record.event == "SlotQueued" for record in done.records)
        line = "waits its turn for" if is_queued else "is on its way to"
        data: dict[str, Json] = {"promotion": promotion, "release": one.id, "environment": place, "queued": is_queued}
        pointless = (para("  ", ended, " is superseded, and goes back first"),) if ended else ()
        return Report(
            {**data, "superseded": ended, "command": done.id},
            (
                para(good("✓ "), strong(one.id), f" {line} {place}", quiet(f"  {promotion}")),
                *pointless,
                *_who_acts(session, _watching(session.gatherer.pinned(one), place, is_queued=is_queued)),
            ),
        )


def abort(
    release: ReleaseArg,
    environment: EnvironmentArg,
    /,
    *,
    reason: Annotated[str, Parameter(help="Why, if there is time to say it. It can be erased later.")] = "",
    service: ServiceOption = "",
    me: Me = ME,
) -> Report:
    """Call a promotion off. If anything was exposed already, it goes back to the last good release.

    Where the pack handles incidents and users may have met it, that opens one.
    """
    from interlock.domain.promotion import AbortPromotion

    with reading() as session:
        one = release_of(session, release, service)
        place = environment_of(session.gatherer.pinned(one), environment)
        promotion = _under_way(session, one, place)
        voice = session.speak(me)
        done = voice.say(AbortPromotion(promotion, voice.speaker.words_if(reason)), f"abort {promotion}")
        goes_back = any(record.event == "PromotionFailed" for record in done.records)
        then = "; what was exposed goes back" if goes_back else "; nothing had been exposed"
        return Report(
            {"promotion": promotion, "goes_back": goes_back, "command": done.id},
            (
                para(good("✓ "), strong(promotion), f" is called off{then}"),
                *(_who_acts(session) if goes_back else ()),
            ),
        )


def rollback(
    environment: EnvironmentArg,
    /,
    *,
    reason: Annotated[str, Parameter(help="Why, if there is time to say it. It can be erased later.")] = "",
    to: Annotated[str, Parameter(help="A version that was good there; without it the newest such one.")] = "",
    service: ServiceOption = "",
    me: Me = ME,
) -> Report:
    """Return an environment to the last good release. Nothing stands before it: no gate, approval or freeze.

    Where the pack says who decides it, others can still abort what is on its way, or open an incident.
    """
    from interlock.domain.rollback import BeginRollback
    from interlock.service.numbering import next_rollback

    with reading() as session:
        of = service_of(session, service)
        place = environment_of(in_force(session, of), environment)
        target = release_of(session, to, of.name).id if to else ReleaseId("")
        named = next_rollback(session.house.store, of.name, place)
        voice = session.speak(me)
        command = BeginRollback(named, of.name, place, target, voice.speaker.words_if(reason))
        done = voice.say(command, f"roll {place} back")
        begun = next(record.payload for record in done.records if record.event == "RollbackBegun")
        cases = [str(one.payload["incident"]) for one in done.records if one.event == "RollbackJoined"]
        data: dict[str, Json] = {"rollback": named, "leaving": str(begun["leaving"]), "target": str(begun["target"])}
        return Report(
            {**data, "incidents": list(cases), "command": done.id},
            (
                para(good("✓ "), f"{place} goes back to ", strong(str(begun["target"])), quiet(f"  {named}")),
                *_who_acts(session),
                *(step(f"`interlock incident show {one}`: what follows it") for one in cases),
            ),
        )


def _occupying(session: Session, release: "Release", place: EnvironmentName) -> PromotionId:
    """The promotion that goes on there now."""
    slot = session.gatherer.view.slot(release.service, place)
    if slot.kind is not OccupantKind.PROMOTION:
        raise Fault("promotion.none", f"nothing is promoted to {place} now", "promote it without --supersede")
    return PromotionId(slot.occupant)


def _under_way(session: Session, release: "Release", place: EnvironmentName) -> PromotionId:
    slot = session.gatherer.view.slot(release.service, place)
    if slot.occupying == release.id:
        return PromotionId(slot.occupant)
    for queued in slot.queue:
        if queued.release == release.id:
            return PromotionId(queued.promotion)
    raise Fault("promotion.none", f"'{release.id}' is not on its way to {place}", "see `interlock status`")


def _watching(governance: "Governance", place: EnvironmentName, *, is_queued: bool) -> str:
    """How to see a promotion move: where traffic is split, once it has its turn, as it happens."""
    is_rolled_out = place in governance.routes and not is_queued
    return f"interlock rollout watch {place}" if is_rolled_out else STATUS


def _who_acts(session: Session, watching: str = STATUS) -> tuple[Para, ...]:
    """What makes it happen, said where it would not happen by itself, and how to see it happen."""
    watch = step(f"watch it with `{watching}`")
    if has_driver(session.home):
        return (watch,)
    return (step("no controller is at work: `interlock drive`"), *((watch,) if watching != STATUS else ()))
