# SPDX-License-Identifier: Apache-2.0
"""`interlock promote`, `abort` and `rollback`: asking that something moves. The controller moves it."""

from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from interlock.cli.naming import (
    EnvironmentArg,
    ReasonOption,
    ReleaseArg,
    ServiceOption,
    environment_of,
    in_force,
    release_of,
    service_of,
)
from interlock.cli.output import Fault, Report
from interlock.cli.session import ME, Me, Session, has_driver, reading
from interlock.cli.text import Para, good, para, quiet, step, strong
from interlock.domain.ids import EnvironmentName, PromotionId, ReleaseId, RollbackId

if TYPE_CHECKING:
    from interlock.domain.release import Release


def promote(release: ReleaseArg, environment: EnvironmentArg, /, *, service: ServiceOption = "", me: Me = ME) -> Report:
    """Ask that a release goes into an environment. Its gate is asked now, and again before anything is deployed."""
    from interlock.domain.promotion import RequestPromotion

    with reading() as session:
        one = release_of(session, release, service)
        place = environment_of(session.gatherer.pinned(one), environment)
        turns = session.gatherer.view.slot(one.service, place).turns
        promotion = PromotionId(f"{one.id}/{place}/{turns + 1}")
        done = session.speak(me).say(RequestPromotion(promotion, one.id, place), f"promote {one.id} to {place}")
        is_queued = any(record.event == "SlotQueued" for record in done.records)
        line = "waits its turn for" if is_queued else "is on its way to"
        return Report(
            {"promotion": promotion, "release": one.id, "environment": place, "queued": is_queued, "command": done.id},
            (para(good("✓ "), strong(one.id), f" {line} {place}", quiet(f"  {promotion}")), *_who_acts(session)),
        )


def abort(release: ReleaseArg, environment: EnvironmentArg, /, *, service: ServiceOption = "", me: Me = ME) -> Report:
    """Call a promotion off. If anything was exposed already, it goes back to the last good release."""
    from interlock.domain.promotion import AbortPromotion

    with reading() as session:
        one = release_of(session, release, service)
        place = environment_of(session.gatherer.pinned(one), environment)
        promotion = _under_way(session, one, place)
        done = session.speak(me).say(AbortPromotion(promotion), f"abort {promotion}")
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
    reason: ReasonOption,
    to: Annotated[str, Parameter(help="A version that was good there; without it the newest such one.")] = "",
    service: ServiceOption = "",
    me: Me = ME,
) -> Report:
    """Return an environment to the last good release. Nothing stands before it: no gate, approval or freeze."""
    from interlock.domain.rollback import BeginRollback

    with reading() as session:
        of = service_of(session, service)
        place = environment_of(in_force(session, of), environment)
        target = release_of(session, to, of.name).id if to else ReleaseId("")
        turns = session.gatherer.view.slot(of.name, place).turns
        named = RollbackId(f"{of.name}/{place}/rollback-{turns + 1}")
        voice = session.speak(me)
        command = BeginRollback(named, of.name, place, target, voice.speaker.words(reason))
        done = voice.say(command, f"roll {place} back")
        begun = next(record.payload for record in done.records if record.event == "RollbackBegun")
        return Report(
            {"rollback": named, "leaving": str(begun["leaving"]), "target": str(begun["target"]), "command": done.id},
            (
                para(good("✓ "), f"{place} goes back to ", strong(str(begun["target"])), quiet(f"  {named}")),
                *_who_acts(session),
            ),
        )


def _under_way(session: Session, release: "Release", place: EnvironmentName) -> PromotionId:
    slot = session.gatherer.view.slot(release.service, place)
    if slot.occupying == release.id:
        return PromotionId(slot.occupant)
    for queued in slot.queue:
        if queued.release == release.id:
            return PromotionId(queued.promotion)
    raise Fault("promotion.none", f"'{release.id}' is not on its way to {place}", "see `interlock status`")


def _who_acts(session: Session) -> tuple[Para, ...]:
    """What makes it happen, said where it would not happen by itself."""
    if has_driver(session.home):
        return (step("watch it with `interlock status`"),)
    return (step("no controller is at work: `interlock drive`"),)
