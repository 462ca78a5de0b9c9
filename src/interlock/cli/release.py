# SPDX-License-Identifier: Apache-2.0
"""`interlock release`: what moves through the environments as one, made from a commit.

What is released is what is committed: a tree that differs from its commit is refused, so that nobody believes to
have released what was not.
"""

from typing import TYPE_CHECKING, Annotated, Final

from cyclopts import App, Parameter

from interlock.cli.naming import ReasonOption, ReleaseArg, ServiceOption, file_content, release_of, service_of, short
from interlock.cli.output import Fault, Json, Report
from interlock.cli.session import ME, Me, Session, reading
from interlock.cli.text import Block, Line, Rows, Words, good, para, quiet, step, strong, warn
from interlock.domain.ids import ChangeId, ReleaseId, StreamId, digest_of, parse_version

if TYPE_CHECKING:
    from interlock.domain.governance import Service
    from interlock.domain.release import Release
    from interlock.service.compose import Draft

app = App(name="release", help="Releases: what moves through the environments as one.")

app.command("interlock.cli.drafting:notes", name="notes", help="Compose release notes from commits and decisions.")

PlanFile = Annotated[str, Parameter(name="--rollback-plan", help="A file that says how it comes back.")]

_LISTED: Final = 10


@app.command
def create(
    version: Annotated[str, Parameter(name="VERSION", help="Its version, such as v1.2.0.")],
    /,
    *,
    at: Annotated[str, Parameter(help="The commit; without it the tag named like the version.")] = "",
    change: Annotated[str, Parameter(help="The change request; without it the only one that is open.")] = "",
    rollback_plan: PlanFile = "",
    service: ServiceOption = "",
    me: Me = ME,
) -> Report:
    """Make a release from a commit: pin its content, its authors and the rules in force."""
    from interlock.service.compose import Wanted, draft_release

    _require_version(version)
    plan = file_content(rollback_plan) if rollback_plan else b""
    with reading() as session:
        state = service_of(session, service)
        _require_clean(session)
        revision = at or session.house.repository.tagged(version).sha
        rules = session.rules(state.in_force)
        wanted = Wanted(state.name, version, revision, _change(session, state, change), rules, plan)
        house = session.house
        artifacts = house.workshop().artifacts()
        draft = draft_release(house.composer(), artifacts, session.gatherer, house.store, wanted)
        voice = session.speak(me)
        voice.speaker.attach(draft.rollback_plan)
        done = voice.say(draft.command, f"create release {draft.command.release}")
        return _created(draft, done.id, state)


@app.command(name="list")
def list_releases(*, service: ServiceOption = "") -> Report:
    """Every release, newest last."""
    from interlock.service.portraits import releases as portraits
    from interlock.service.portraits.findings import plain

    with reading() as session:
        view = session.gatherer.view
        prefix = f"release/{service_of(session, service).name}:" if service else "release/"
        found = [view.release(ReleaseId(name.removeprefix("release/"))) for name in session.house.store.streams(prefix)]
        first = {one.id: session.house.store.stream(_stream(one))[0] for one in found}
    found.sort(key=lambda one: first[one.id].index)
    rows = tuple(_row(one, first[one.id].time.date().isoformat()) for one in found)
    return Report(
        {"releases": [plain(portraits.release(one)) for one in found]},
        (Rows(rows),) if rows else (para(quiet("there is no release yet")),),
    )


@app.command
def revise(release: ReleaseArg, /, *, rollback_plan: PlanFile, service: ServiceOption = "", me: Me = ME) -> Report:
    """Replace the rollback plan. What was approved before is void."""
    from interlock.domain.release import Plans, RevisePlans

    plan = file_content(rollback_plan)
    with reading() as session:
        one = release_of(session, release, service)
        voice = session.speak(me)
        voice.speaker.attach(plan)
        plans = Plans(one.plans.rollout, digest_of(plan))
        done = voice.say(RevisePlans(one.id, plans), f"revise the plans of {one.id}")
    return Report(
        {"release": one.id, "rollback_plan": plans.rollback, "command": done.id},
        (
            para(good("✓ "), strong(one.id), " has a new rollback plan", quiet(f"  {short(plans.rollback)}")),
            step("whoever had signed or approved it does so again: `interlock status`"),
        ),
    )


@app.command
def repin(release: ReleaseArg, /, *, service: ServiceOption = "", me: Me = ME) -> Report:
    """Move an open release to the rules now in force. What was approved before is void."""
    from interlock.domain.release import RepinGovernance

    with reading() as session:
        one = release_of(session, release, service)
        governance = session.gatherer.view.service(one.service).in_force.digest
        done = session.speak(me).say(RepinGovernance(one.id), f"repin {one.id}")
    return Report(
        {"release": one.id, "governance": governance, "command": done.id},
        (
            para(good("✓ "), strong(one.id), " is judged by the rules in force", quiet(f"  {short(governance)}")),
            step("checks run again by themselves; people sign and approve again: `interlock status`"),
        ),
    )


@app.command
def withdraw(release: ReleaseArg, /, *, reason: ReasonOption, service: ServiceOption = "", me: Me = ME) -> Report:
    """Give a release up; it moves no further."""
    from interlock.domain.release import WithdrawRelease

    with reading() as session:
        one = release_of(session, release, service)
        voice = session.speak(me)
        done = voice.say(WithdrawRelease(one.id, voice.speaker.words(reason)), f"withdraw {one.id}")
    return Report({"release": one.id, "command": done.id}, (para(good("✓ "), strong(one.id), " is withdrawn"),))


def _created(draft: "Draft", command: str, service: "Service") -> Report:
    one = draft.command
    blocks: list[Block] = [
        para(good("✓ "), strong(one.release), f" is made from {one.commit[:12]}", quiet(f"  for {one.change}")),
        Rows(
            (
                ("commits", f"{len(draft.commits)} since {one.base[:12]}"),
                ("authors", ", ".join(one.authors) or "none known"),
                *((f"{item.component}", f"{item.kind.value} {short(item.digest)}") for item in one.artifacts),
                ("rules", f"{service.in_force.digest.removeprefix('sha256:')[:12]}"),
            ),
            4,
        ),
    ]
    if draft.unknown_authors:
        named = ", ".join(draft.unknown_authors[:_LISTED])
        blocks.append(para(warn("! "), f"nobody knows these authors, which holds production: {named}", hang=2))
        hint = "`interlock people add HANDLE --key KEY.pub --email ADDRESS`, or `external_authors` in interlock.yaml"
        blocks.append(step(hint, 4))
    if one.declared != service.in_force.digest:
        blocks.append(
            para(warn("! "), "it brings rules of its own, which nobody approved; its gates stay shut", hang=2)
        )
        at = f"--at {one.commit[:12]}"
        blocks.append(
            step(f"`interlock governance diff {at}`, then `interlock governance propose {at} --reason 'WHY'`", 4)
        )
    blocks.append(step(f"`interlock status` says what it waits for; `interlock promote {one.version} ENVIRONMENT`"))
    data: dict[str, Json] = {
        "release": one.release,
        "commit": one.commit,
        "base": one.base,
        "change": one.change,
        "commits": [commit.sha for commit in draft.commits],
        "authors": list(one.authors),
        "unknown_authors": list(draft.unknown_authors),
        "artifacts": {item.component: item.digest for item in one.artifacts},
        "declared": one.declared,
        "governance": service.in_force.digest,
        "command": command,
    }
    return Report(data, tuple(blocks))


def _change(session: Session, service: "Service", named: str) -> ChangeId:
    """The change request named, or the only open one of the service that a person opened."""
    from interlock.domain.change import ChangePhase
    from interlock.domain.delivery import NO_AUTHOR

    if named:
        return ChangeId(named)
    view = session.gatherer.view
    changes = [view.change(ChangeId(name.removeprefix("change/"))) for name in session.house.store.streams("change/")]
    open_now = (one for one in changes if one.phase is ChangePhase.OPEN and one.service == service.name)
    mine = [one.id for one in open_now if one.author != NO_AUTHOR]
    if len(mine) == 1:
        return mine[0]
    if mine:
        raise Fault("change.unnamed", "several change requests are open", f"name one with --change: {', '.join(mine)}")
    raise Fault(
        "change.none",
        f"no change request of {service.name} is open",
        "open one: `interlock change open ID --title 'WHAT CHANGES'`",
    )


def _require_clean(session: Session) -> None:
    differing = list(session.house.repository.uncommitted())
    if not differing:
        return
    listed = "\n".join(differing[:_LISTED])
    more = f"\n… and {len(differing) - _LISTED} more" if len(differing) > _LISTED else ""
    raise Fault(
        "source.uncommitted",
        f"the tree differs from its commit, so what you see is not what would be released:\n{listed}{more}",
        "commit these files, or have git ignore them",
    )


def _require_version(text: str) -> None:
    try:
        parse_version(text)
    except ValueError as fault:
        raise Fault("release.version", str(fault)) from fault


def _row(one: "Release", day: str) -> Line:
    reached = f"reached {', '.join(one.reached)}" if one.reached else ""
    return (strong(one.id), _phase(one), day, quiet(one.commit[:12]), one.change or quiet("adopted"), reached)


def _phase(one: "Release") -> Words:
    match one.phase.value:
        case "open":
            return warn("open")
        case "completed" | "adopted" as word:
            return good(word)
        case word:
            return quiet(word.replace("_", " "))


def _stream(one: "Release") -> StreamId:
    from interlock.domain.release import release_stream

    return release_stream(one.id)
