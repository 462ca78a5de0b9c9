# SPDX-License-Identifier: Apache-2.0
"""`interlock governance`: the rules in force, and how they change: proposed by one person, approved by another."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

from cyclopts import App, Parameter

from interlock.cli.consent import consent
from interlock.cli.naming import ReasonOption, ServiceOption, in_force, one_digest, service_of, short
from interlock.cli.output import Fault, Json, Report
from interlock.cli.pack import refuse_unusable
from interlock.cli.session import ASKED, ME, Me, Session, Sure, reading
from interlock.cli.text import Block, Line, Para, Rows, bad, good, para, quiet, step, strong, warn

if TYPE_CHECKING:
    from interlock.domain.governance import Service
    from interlock.domain.ids import Digest, ReleaseId
    from interlock.domain.procedure import Governance
    from interlock.service.compose import Declared

app = App(name="governance", help="The rules in force, and how they change.")

AtOption = Annotated[str, Parameter(help="The commit they stand at.")]


@app.command
def show(*, service: ServiceOption = "") -> Report:
    """The rules in force: pack, roles and who holds them, and what waits for approval."""
    from interlock.service.portraits.findings import plain
    from interlock.service.portraits.registers import rules

    with reading() as session:
        state = service_of(session, service)
        governance = in_force(session, state)
        return Report(plain(rules(state, governance)), tuple(_blocks(state, governance)))


@app.command
def propose(*, reason: ReasonOption, at: AtOption = "HEAD", service: ServiceOption = "", me: Me = ME) -> Report:
    """Propose the rules that stand at a commit: interlock.yaml, its pack and its governed files."""
    from interlock.domain.governance import ProposeGovernance

    with reading() as session:
        state = service_of(session, service)
        declared = _declared(session, at, state)
        refuse_unusable(declared)
        voice = session.speak(me)
        voice.speaker.attach(declared.pack)
        voice.speaker.attach(declared.bindings)
        command = ProposeGovernance(state.name, declared.ref, voice.speaker.words(reason))
        done = voice.say(command, f"propose rules for {state.name}")
        governors = " or ".join(in_force(session, state).procedure.governors)
    named = short(declared.ref.digest)
    return Report(
        {"service": state.name, "governance": declared.ref.digest, "by": voice.person, "command": done.id},
        (
            para(good("✓ "), "rules ", strong(named), f" are proposed for {state.name}"),
            step(f"another person ({governors}) looks at it: `interlock governance diff {named}`"),
            step(f"and puts it in force: `interlock governance approve {named}`"),
        ),
    )


@app.command
def approve(
    digest: Annotated[str, Parameter(name="DIGEST", help="The proposal's digest, or enough of its beginning.")],
    /,
    *,
    service: ServiceOption = "",
    sure: Sure = ASKED,
    me: Me = ME,
) -> Report:
    """Put proposed rules in force. What you approve is shown first."""
    from interlock.domain.governance import ApproveGovernance

    with reading() as session:
        state = service_of(session, service)
        wanted = one_digest(digest, state.proposals, "proposal")
        voice = session.speak(me)
        question = f"{voice.person} puts these rules in force"
        consent(_proposed(session, state, wanted), question, sure, f"interlock governance diff {short(wanted)}")
        done = voice.say(ApproveGovernance(state.name, wanted), f"approve rules {short(wanted)}")
        former = [one for one in state.open_releases if session.gatherer.release(one).governance != wanted]
    data: dict[str, Json] = {
        "service": state.name,
        "governance": wanted,
        "by": voice.person,
        "under_former_rules": list(former),
        "command": done.id,
    }
    head = para(good("✓ "), "rules ", strong(short(wanted)), f" are in force for {state.name}")
    return Report(data, (head, *_former(former)))


@app.command
def diff(
    digest: Annotated[str, Parameter(name="DIGEST", help="A proposal; without it what stands at a commit.")] = "",
    /,
    *,
    at: AtOption = "HEAD",
    service: ServiceOption = "",
) -> Report:
    """What would change in the rules in force."""
    from interlock.service.rules_diff import changes, recorded, standing

    with reading() as session:
        state = service_of(session, service)
        if digest:
            proposal = state.proposals[one_digest(digest, state.proposals, "proposal")]
            other = recorded(proposal.governance, session.house.store.blob)
        else:
            other = standing(_declared(session, at, state))
        found = changes(recorded(state.in_force, session.house.store.blob), other)
    blocks = tuple(_diff_blocks(found))
    data: dict[str, Json] = {"changed": {name: list(lines) for name, lines in found.items()}}
    return Report(data, blocks or (para(quiet("nothing differs from the rules in force")),))


def _proposed(session: Session, state: "Service", wanted: "Digest") -> Iterator[Block]:
    """What a proposal changes."""
    from interlock.service.rules_diff import changes, recorded

    blobs = session.house.store.blob
    before, after = recorded(state.in_force, blobs), recorded(state.proposals[wanted].governance, blobs)
    yield from _diff_blocks(changes(before, after))


def _former(releases: "list[ReleaseId]") -> Iterator[Para]:
    """What to do about the releases that were made under other rules."""
    if releases:
        names = ", ".join(releases)
        yield para(warn("! "), f"still judged by the rules they were made under: {names}", hang=2)
        yield para(quiet("  to be judged by the new ones, which voids what was agreed to before:"))
    for one in releases:
        yield step(f"`interlock release repin {one}`")


def _declared(session: Session, at: str, state: "Service") -> "Declared":
    house = session.house
    declared = house.composer().declared(house.repository.resolve(at).sha)
    named = declared.rules.bindings.service
    if named != state.name:
        raise Fault(
            "governance.other_service",
            f"interlock.yaml there is for '{named}', not for '{state.name}'",
            "name the service with --service, or mend the name",
        )
    return declared


def _diff_blocks(changes: dict[str, tuple[str, ...]]) -> Iterator[Para]:
    for lines in changes.values():
        for line in lines:
            match line[:1]:
                case "+":
                    yield para(good(line))
                case "-":
                    yield para(bad(line))
                case "@":
                    yield para(quiet(line))
                case _:
                    yield para(line)


def _blocks(state: "Service", governance: "Governance") -> Iterator[Block]:
    from interlock.service.wording import holders_in_words

    procedure = governance.procedure
    yield para(strong(state.name), f"  {procedure.pack} {procedure.version}", quiet(f"  rules {governance.digest}"))
    rows: list[Line] = []
    for role in procedure.roles:
        holders = ", ".join(holders_in_words(governance, role))
        rows.append(
            (role, holders or warn("nobody"), quiet("may change the rules" if role in procedure.governors else ""))
        )
    yield Rows(tuple(rows), 2)
    if governance.solo:
        yield para(warn("  ! solo mode: "), ", ".join(governance.solo))
    for environment in procedure.environments:
        after = f"after {', '.join(environment.after)}" if environment.after else ""
        yield para("  ", strong(environment.name), quiet(f"  {environment.tier.value} {after}"))
    for file in state.in_force.files:
        yield para("  governed ", file.path, quiet(f"  {short(file.digest)}"))
    for digest, proposal in state.proposals.items():
        yield para(warn("  ○ "), f"proposed by {proposal.by}: ", strong(short(digest)))
        yield step(f"`interlock governance diff {short(digest)}`", 4)
