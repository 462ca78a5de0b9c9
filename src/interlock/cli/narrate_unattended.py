# SPDX-License-Identifier: Apache-2.0
"""What happens with nobody there, as a person would tell it: what is delivered by itself, what runs unreleased."""

from interlock.cli.text import Span, bad, good, quiet, warn
from interlock.domain import delivery, drift
from interlock.domain.ids import ReleaseId
from interlock.ledger.codec import Event

_PLAIN = quiet("· ")


def about_unattended(event: Event) -> tuple[tuple[Span, str], ...]:
    """The lines of one event; nothing for every other."""
    match event:
        case delivery.HeadSeen(branch=branch, head=head):
            return ((_PLAIN, f"{branch} is at {head[:12]} now"),)
        case delivery.HeadDelivered(release=release, instead_of=older):
            return ((good("✓ "), f"{release} is made of it by itself{_in_place_of(older)}"),)
        case delivery.HeadPromoted(release=release, instead_of=older) if older:
            return ((_PLAIN, f"{release} goes{_in_place_of(older)}"),)
        case delivery.DeliveryObstructed(sentence=sentence) if sentence:
            return ((warn("○ "), f"nothing can be delivered: {sentence}"),)
        case _:
            return _about_drift(event)


def _in_place_of(older: tuple[ReleaseId, ...]) -> str:
    return f", in place of {', '.join(older)}" if older else ""


def _about_drift(event: Event) -> tuple[tuple[Span, str], ...]:
    match event:
        case drift.DriftFound(environment=place, shown=shown, found=found):
            what = shown or ("something" if found else "nothing")
            return ((bad("● "), f"{place} runs {what}, which was not released there"),)
        case drift.DriftEnded(environment=place, release=release):
            return ((good("✓ "), f"{place} runs {release} again, as is recorded"),)
        case drift.AdoptionAgreed(environment=place, release=release, by=by):
            return ((_PLAIN, f"{place}: {by} would adopt {release}"),)
        case drift.SightOfRunningLost(environment=place, why=why):
            return ((warn("○ "), f"{place}: what runs cannot be told: {why}"),)
        case drift.SightOfRunningRegained(environment=place):
            return ((_PLAIN, f"{place}: what runs can be told again"),)
        case _:
            return ()
