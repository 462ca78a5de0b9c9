# SPDX-License-Identifier: Apache-2.0
"""`interlock waive`: exceptions to one requirement, for one release in one environment, for a time.

One person asks, another grants. A waiver's id is `RELEASE/waiver-N`, so that it can be said in one word.
"""

from typing import Annotated

from cyclopts import App, Parameter

from interlock.cli.naming import ReasonOption, ReleaseArg, ServiceOption, environment_of, moment, release_of
from interlock.cli.output import Fault, Report
from interlock.cli.session import ME, Me, reading
from interlock.cli.text import good, para, quiet, step, strong
from interlock.domain.ids import ReleaseId, RequirementId, WaiverId

app = App(name="waive", help="Exceptions to one requirement: asked for, granted, revoked.")

WaiverArg = Annotated[str, Parameter(name="WAIVER", help="The waiver's id, such as shop:v1.2.0/waiver-1.")]


@app.command
def request(
    release: ReleaseArg,
    requirement: Annotated[str, Parameter(name="REQUIREMENT", help="The requirement, as `interlock status` lists it.")],
    /,
    *,
    environment: Annotated[str, Parameter(name="--for", help="The environment it is for.")],
    reason: ReasonOption,
    mitigation: Annotated[str, Parameter(help="What is done instead.")],
    expires: Annotated[str, Parameter(help="Until when: 4h, 7d, or 2026-12-24T18:00+01:00.")],
    service: ServiceOption = "",
    me: Me = ME,
) -> Report:
    """Ask for an exception to one requirement."""
    from interlock.domain.waiver import RequestWaiver

    with reading() as session:
        one = release_of(session, release, service)
        place = environment_of(session.gatherer.pinned(one), environment)
        number = len(session.gatherer.view.waivers(one.id).asked) + 1
        waiver = WaiverId(f"{one.id}/waiver-{number}")
        until = moment(expires, session.now)
        voice = session.speak(me)
        asked = RequirementId(requirement)
        why, instead = voice.speaker.words(reason), voice.speaker.words(mitigation, "the mitigation")
        command = RequestWaiver(waiver, one.id, place, asked, why, instead, until)
        done = voice.say(command, f"ask for a waiver of '{asked}' for {one.id} in {place}")
        roles = " or ".join(session.gatherer.pinned(one).procedure.waivers.authority)
    return Report(
        {"waiver": waiver, "requirement": asked, "expires": until.isoformat(), "command": done.id},
        (
            para(
                good("✓ "),
                strong(waiver),
                f" asks to waive '{asked}' in {place}",
                quiet(f"  until {until:%Y-%m-%d %H:%M} UTC"),
            ),
            step(f"another person ({roles}): `interlock waive grant {waiver}`"),
        ),
    )


@app.command
def grant(waiver: WaiverArg, /, *, me: Me = ME) -> Report:
    """Grant a waiver somebody else asked for."""
    from interlock.domain.waiver import GrantWaiver

    named, release = _both(waiver)
    with reading() as session:
        voice = session.speak(me)
        done = voice.say(GrantWaiver(named, release), f"grant {named}")
    return Report(
        {"waiver": named, "by": voice.person, "command": done.id},
        (para(good("✓ "), strong(named), f" is granted by {voice.person}; its verdict stays what it is"),),
    )


@app.command
def revoke(waiver: WaiverArg, /, *, reason: ReasonOption, me: Me = ME) -> Report:
    """Take a waiver back. Anybody registered may."""
    from interlock.domain.waiver import RevokeWaiver

    named, release = _both(waiver)
    with reading() as session:
        voice = session.speak(me)
        done = voice.say(RevokeWaiver(named, release, voice.speaker.words(reason)), f"revoke {named}")
    return Report({"waiver": named, "command": done.id}, (para(good("✓ "), strong(named), " is revoked"),))


def _both(text: str) -> tuple[WaiverId, ReleaseId]:
    release, slash, number = text.rpartition("/")
    if not (slash and release and number):
        raise Fault("waiver.id", f"'{text}' is not the id of a waiver", "write it whole: shop:v1.2.0/waiver-1")
    return WaiverId(text), ReleaseId(release)
