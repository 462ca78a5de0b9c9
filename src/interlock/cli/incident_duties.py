# SPDX-License-Identifier: Apache-2.0
"""What people do for an incident beside deciding: messages, answers, attestations, reports, steps, gaps."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from interlock.cli.naming import ReasonOption, document_of, file_content, in_force, moment, service_of, short
from interlock.cli.output import Fault, Json, Report
from interlock.cli.people import words_of
from interlock.cli.session import ME, Me, Session, Voice, reading
from interlock.cli.text import good, para, quiet, step, strong
from interlock.domain.ids import DutyId, IncidentId, NoticeId, TextRef, digest_of
from interlock.domain.incident import Incident, IncidentPhase
from interlock.domain.moment import NEVER, in_words
from interlock.domain.telling import Said, SendNotice

if TYPE_CHECKING:
    from interlock.domain.incident import IncidentCommand

IncidentArg = Annotated[str, Parameter(name="ID", help="The incident's id.")]
DutyArg = Annotated[str, Parameter(name="DUTY", help="What is owed, as `interlock incident show` lists it.")]


def send(
    incident: IncidentArg,
    message: Annotated[str, Parameter(name="MESSAGE", help="The message of the pack.")],
    /,
    *,
    field: Annotated[tuple[str, ...], Parameter(help="A field of it, as NAME=WORDS; may be given again.")] = (),
    following: Annotated[str, Parameter(name="--next", help="When more is told: 30m, or a moment.")] = "",
    me: Me = ME,
) -> Report:
    """Send a message of the procedure about it, with all its fields."""
    with reading() as session:
        state = known(session, incident)
        voice = session.speak(me)
        fields = tuple(_field(voice, one) for one in field)
        promised = moment(following, session.now) if following else NEVER
        command = SendNotice(state.id, NoticeId(message), fields, promised)
        done = voice.say(command, f"send '{message}' about {state.id}")
        audiences = [str(record.payload["to"]) for record in done.records if record.event == "MessageDue"]
    data: dict[str, Json] = {"incident": state.id, "message": message, "to": list(audiences), "command": done.id}
    line = para(good("✓ "), strong(message), f" goes to {', '.join(audiences)}")
    if promised == NEVER:
        return Report(data, (line,))
    return Report({**data, "next": promised.isoformat()}, (line, step(f"tell more by {in_words(promised)}")))


def answer(
    incident: IncidentArg,
    duty: DutyArg,
    answer: Annotated[str, Parameter(name="ANSWER", help="One of the answers the pack allows.")],
    /,
    *,
    reason: ReasonOption,
    me: Me = ME,
) -> Report:
    """Decide a question that the procedure asks, and say why."""
    from interlock.domain.duty import AnswerQuestion

    def command(one: IncidentId, voice: Voice) -> "IncidentCommand":
        return AnswerQuestion(one, DutyId(duty), answer, voice.speaker.words(reason))

    return said(incident, command, me, f"'{duty}' is decided: {answer}")


def sign(incident: IncidentArg, duty: DutyArg, /, *, me: Me = ME) -> Report:
    """Attest what is owed; of gaps in the procedure: that there is none."""
    from interlock.domain.duty import AttestDuty

    return said(incident, lambda one, _: AttestDuty(one, DutyId(duty)), me, f"'{duty}' is attested")


def write(
    incident: IncidentArg,
    duty: DutyArg,
    file: Annotated[Path, Parameter(name="FILE", help="A Markdown file with every section that is asked for.")],
    /,
    *,
    me: Me = ME,
) -> Report:
    """Write down what is owed. It is kept word for word and cannot be erased: no personal data in it."""
    from interlock.domain.duty import WriteReport

    content, sections = document_of(str(file))

    def command(one: IncidentId, voice: Voice) -> "IncidentCommand":
        voice.speaker.attach(content)
        return WriteReport(one, DutyId(duty), digest_of(content), sections)

    return said(incident, command, me, f"'{duty}' is written")


def did(incident: IncidentArg, duty: DutyArg, /, *, reason: ReasonOption, me: Me = ME) -> Report:
    """Say that you did a step by hand."""
    from interlock.domain.duty import DoStepByHand

    def command(one: IncidentId, voice: Voice) -> "IncidentCommand":
        return DoStepByHand(one, DutyId(duty), voice.speaker.words(reason))

    return said(incident, command, me, f"'{duty}' was done by hand")


def retry(incident: IncidentArg, duty: DutyArg, /, *, me: Me = ME) -> Report:
    """Have a step that failed tried again."""
    from interlock.domain.duty import RetryStep

    return said(incident, lambda one, _: RetryStep(one, DutyId(duty)), me, f"'{duty}' is tried again")


def gap(
    incident: IncidentArg,
    duty: DutyArg,
    /,
    *,
    pack_change: Annotated[Path, Parameter(help="The pack as it should be; it is proposed as new rules.")],
    reason: ReasonOption,
    me: Me = ME,
) -> Report:
    """Name a gap of the procedure, and propose the change of the pack that closes it."""
    from interlock.domain.duty import NameGap
    from interlock.domain.governance import ProposeGovernance
    from interlock.service.library import governance_ref

    pack = file_content(str(pack_change))
    with reading() as session:
        state = known(session, incident)
        of = service_of(session, state.service)
        declared = session.house.composer().declared(session.house.repository.resolve("HEAD").sha)
        ref = governance_ref(pack, declared.bindings, declared.ref.files)
        proposer = session.speak(me)
        proposer.speaker.attach(pack)
        proposer.speaker.attach(declared.bindings)
        words = proposer.speaker.words(f"incident {state.id}: {reason}")
        proposer.say(ProposeGovernance(of.name, ref, words), f"propose rules for {of.name}")
        voice = session.speak(me)
        command = NameGap(state.id, DutyId(duty), voice.speaker.words(reason), ref.digest)
        done = voice.say(command, f"name a gap in {state.id}")
        governors = " or ".join(in_force(session, of).procedure.governors)
    named = short(ref.digest)
    return Report(
        {"incident": state.id, "governance": ref.digest, "by": voice.person, "command": done.id},
        (
            para(good("✓ "), "the gap is named, and rules ", strong(named), " are proposed to close it"),
            step(f"another person ({governors}) puts them in force: `interlock governance approve {named}`"),
        ),
    )


def known(session: Session, incident: str) -> Incident:
    """An incident that exists."""
    state = session.gatherer.view.incident(IncidentId(incident))
    if state.phase is not IncidentPhase.ABSENT:
        return state
    listed = [name.removeprefix("incident/") for name in session.house.store.streams("incident/")]
    there = ", ".join(listed[-5:]) or "none"
    raise Fault("incident.unknown", f"there is no incident '{incident}'", f"there are: {there}")


def said(incident: str, command: "Callable[[IncidentId, Voice], IncidentCommand]", me: Me, outcome: str) -> Report:
    """Say one thing in an incident, and tell what came of it."""
    with reading() as session:
        state = known(session, incident)
        voice = session.speak(me)
        done = voice.say(command(state.id, voice), f"incident {state.id}")
    return Report(
        {"incident": state.id, "by": voice.person, "command": done.id},
        (
            para(good("✓ "), "incident ", strong(state.id), ": ", outcome, quiet(f"  {voice.person}")),
            step(f"`interlock incident show {state.id}`"),
        ),
    )


def summary_of(session: Session, summary: str) -> str:
    """The words of a summary, which a person's incident keeps beside the ledger and ours does not."""
    return words_of(session, TextRef(summary)) if summary.startswith("text:") else summary


def _field(voice: Voice, text: str) -> Said:
    name, sign, words = text.partition("=")
    if not sign:
        raise Fault("incident.field", f"'{text}' is no field", "write it as NAME=WORDS")
    return Said(name.strip(), voice.speaker.words(words, f"the field '{name.strip()}'"))
