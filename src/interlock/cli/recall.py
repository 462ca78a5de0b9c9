# SPDX-License-Identifier: Apache-2.0
"""`interlock recall`: content that must gain exposure nowhere, until a named person lifts that."""

from typing import Annotated

from cyclopts import App, Parameter

from interlock.cli.naming import ReasonOption, ServiceOption, release_of, short
from interlock.cli.output import Fault, Json, Report
from interlock.cli.session import ME, Me, Session, reading
from interlock.cli.text import Line, Rows, good, para, quiet, step, strong
from interlock.domain.ids import Digest, parse_digest

app = App(name="recall", help="Content that must gain exposure nowhere.")

Subject = Annotated[str, Parameter(name="RELEASE_OR_DIGEST", help="A release, or sha256:... of an artifact.")]


@app.command
def add(subject: Subject, /, *, reason: ReasonOption, service: ServiceOption = "", me: Me = ME) -> Report:
    """Recall it: no promotion exposes it any more. What runs is not touched; see `interlock rollback`."""
    from interlock.domain.artifact import RecallArtifact

    with reading() as session:
        digest = _digest(session, subject, service)
        voice = session.speak(me)
        done = voice.say(RecallArtifact(digest, voice.speaker.words(reason)), f"recall {subject}")
    return Report(
        {"digest": digest, "command": done.id},
        (
            para(good("✓ "), strong(subject), " is recalled", quiet(f"  {short(digest)}")),
            step("where it runs it still runs: `interlock rollback ENVIRONMENT --reason 'WHY'`"),
        ),
    )


@app.command
def lift(subject: Subject, /, *, reason: ReasonOption, service: ServiceOption = "", me: Me = ME) -> Report:
    """Lift a recall, by your name. A release's is lifted with that of everything it is made of."""
    with reading() as session:
        digests = _recalled(session, subject, service)
    done = [_lift(digest, subject, reason, me) for digest in digests]
    said = ", ".join(short(digest) for digest in digests)
    return Report(
        {"digest": digests[0], "command": done[0], "digests": list(digests), "commands": list(done)},
        (para(good("✓ "), "the recall of ", strong(subject), " is lifted", quiet(f"  {said}")),),
    )


def _lift(digest: Digest, subject: str, reason: str, me: Me) -> str:
    """Each is a command of its own, said over the ledger as the one before left it; gives its id."""
    from interlock.domain.artifact import LiftRecall

    with reading() as session:
        voice = session.speak(me)
        return voice.say(LiftRecall(digest, voice.speaker.words(reason)), f"lift the recall of {subject}").id


@app.command(name="list")
def list_recalls() -> Report:
    """Everything that is recalled."""
    from interlock.service.portraits.findings import plain
    from interlock.service.portraits.registers import recalls

    data: list[Json] = []
    rows: list[Line] = []
    with reading() as session:
        for one in recalls(session.gatherer, session.house.store):
            data.append(plain(one))
            rows.append((strong(short(one.digest)), f"by {one.by.partition(':')[2]}", one.reason))
    return Report({"recalls": data}, (Rows(tuple(rows)),) if rows else (para(quiet("nothing is recalled")),))


def _recalled(session: Session, subject: str, service: str) -> tuple[Digest, ...]:
    """What is recalled of it. A digest, or a release of which nothing is, is left to the rule to refuse."""
    first = _digest(session, subject, service)
    if subject.startswith("sha256:"):
        return (first,)
    made_of = (artifact.digest for artifact in release_of(session, subject, service).artifacts)
    view = session.gatherer.view
    return tuple(one for one in dict.fromkeys((first, *made_of)) if view.recall(one).is_recalled) or (first,)


def _digest(session: Session, subject: str, service: str) -> Digest:
    if not subject.startswith("sha256:"):
        return release_of(session, subject, service).digest
    try:
        return parse_digest(subject)
    except ValueError as fault:
        raise Fault("digest.malformed", str(fault)) from fault
