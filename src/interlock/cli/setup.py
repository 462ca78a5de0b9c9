# SPDX-License-Identifier: Apache-2.0
"""`interlock init` and `interlock adopt`: from any repository to a governed one.

1. `init` proposes only what it found in a file or was told; what is missing is asked for, never made up.
2. It writes two things, `interlock.yaml` and the ledger's folder, and overwrites neither.
3. `adopt` puts the committed rules in force and records what runs, in the name of the person who signs.
"""

import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Final

from cyclopts import Parameter

from interlock.bootstrap.adopting import adopting
from interlock.bootstrap.houses import make_ledger, repository_at
from interlock.bootstrap.keys import fresh_bytes, person_signer
from interlock.bootstrap.workshop import rehearse
from interlock.cli.asking import Asking, Company
from interlock.cli.output import Fault, Json, Report, ask, somebody_is_there
from interlock.cli.pack import refuse_unusable
from interlock.cli.pack_draft import draft
from interlock.cli.procedures import name_from, written_procedures
from interlock.cli.session import ME, Me, Session, Voice, candidates, reading
from interlock.cli.text import BLANK, Block, Rows, Span, good, para, quiet, step, strong, warn
from interlock.config import BINDINGS, Home, find_home
from interlock.domain.governance import AdoptGovernance
from interlock.domain.ids import EnvironmentName, PersonId, ServiceName
from interlock.domain.people import AddPerson
from interlock.domain.slot import RunningAdopted
from interlock.packs.lint import Advice, lint_bindings, lint_pack
from interlock.packs.load import load_pack
from interlock.packs.matching import bind
from interlock.packs.problem import Problems
from interlock.packs.shelf import Shelf
from interlock.ports.signing import PersonSigner
from interlock.service.compose import Declared
from interlock.service.discover import as_name, discover
from interlock.service.first_bindings import Answer, FirstBindings, governed_files, render, shown
from interlock.service.gather import Ungoverned
from interlock.service.handle import Done

SALT: Final = 4


@Parameter(name="*")
@dataclass(frozen=True, slots=True)
class Told:
    """What was given on the command line; empty where it was not."""

    person: Annotated[str, Parameter(help="Your handle here; it stays in the ledger.")] = ""
    alone: Annotated[bool, Parameter(help="You release alone: nobody else has to agree, and it shows.")] = False
    others: Annotated[
        tuple[str, ...], Parameter(name="--with", help="The handle of somebody who decides too; may be given again.")
    ] = ()
    service: Annotated[str, Parameter(help="What the service is called.")] = ""
    pack: Annotated[str, Parameter(help="A pack of the library.")] = "starter"
    tests: Annotated[str, Parameter(help="The command that tests a release.")] = ""
    smoke: Annotated[str, Parameter(help="The command or address that tells whether a deployment works.")] = ""
    deploy: Annotated[str, Parameter(help="The command that deploys; {environment} and {version} are filled in.")] = ""


UNTOLD: Final = Told()


def init(*, told: Told = UNTOLD, me: Me = ME) -> Report:
    """Propose bindings for this repository and start its ledger.

    Looks at what the repository says about itself, asks for what it does not say, writes interlock.yaml and makes the
    ledger in .interlock, with you as its first person. At a terminal it asks five things at most; what it found
    stands there as the answer that Enter gives.
    """
    home = find_home(Path.cwd())
    _require_fresh(home)
    if told.alone and told.others:
        raise Fault("init.alone", "you are alone, or you are not", "give --alone or --with, not both")
    signer = _signer(me)
    head = repository_at(home).resolve("HEAD").sha
    asking = Asking()
    founder = PersonId(
        asking.name("What is your handle here?", told.person, as_name(_identity().name.split(" ")[0] or "me"))
    )
    written = home.repository / BINDINGS
    if written.exists():
        blocks: list[Block] = [para(f"{BINDINGS} is there already and stays as it is.")]
        company = Company(founder, (), told.alone)
    else:
        company = asking.company(
            Company(founder, tuple(PersonId(asking.plain(one)) for one in told.others), told.alone)
        )
        blocks = _propose(home, head, told, company, asking)
    _found(home, founder, signer)
    _keep_out_of_git(home)
    procedures = written_procedures(home.repository)
    blocks += [BLANK, *_next_steps(company), *_offered(home, procedures)]
    data: dict[str, Json] = {
        "bindings": str(written),
        "ledger": str(home.ledger),
        "person": founder,
        "asked": list(asking.asked),
        "procedures": list(procedures),
    }
    return Report(data, tuple(blocks))


def adopt(
    version: Annotated[str, Parameter(help="The version that runs today, a tag; none: only the rules.")] = "",
    *,
    environment: Annotated[tuple[str, ...], Parameter(help="Where it runs; none named: everywhere.")] = (),
    at: Annotated[str, Parameter(help="The commit whose rules come into force.")] = "HEAD",
    me: Me = ME,
) -> Report:
    """Put the committed rules in force, and record what runs today.

    The first adoption takes the pack, interlock.yaml and governed files of the commit; from then on they change only by
    `interlock governance propose --reason 'WHY'` and another person's approval.
    """
    blocks: list[Block] = []
    with reading() as session:
        source = session.house.repository
        declared = session.house.composer().declared(source.resolve(at).sha)
        service = declared.rules.bindings.service
        places = _environments(environment, tuple(declared.rules.bindings.environments))
        rehearse(session.home, declared.rules.bindings)
        if version:
            source.tagged(version)
        if not session.gatherer.view.service(service).is_governed:
            refuse_unusable(declared)
            blocks += _adopt_rules(session.speak(me), declared)
        elif not version:
            raise Fault(
                "governance.already_adopted",
                f"'{service}' is governed already",
                "name the version that runs, or change the rules with `interlock governance propose --reason 'WHY'`",
            )
        if BINDINGS in source.uncommitted():
            blocks.append(para(warn("○ "), f"{BINDINGS} here differs from the commit: what is committed counts"))
    adopted: list[str] = []
    if version:
        for name in places:
            with reading() as session:
                done, observed = _adopt_running(session, session.speak(me), service, version, name)
            is_whole = any(record.event == RunningAdopted.__name__ for record in done.records)
            blocks.append(_told(version, name, observed) if is_whole else _told_of_one(version, name))
            adopted += [name] if is_whole else []
    blocks.append(step(_after_adoption(version), 0))
    data: dict[str, Json] = {
        "service": service,
        "governance": declared.ref.digest,
        "version": version,
        "adopted": list(adopted),
    }
    return Report(data, tuple(blocks))


def _require_fresh(home: Home) -> None:
    """A repository, and no ledger yet; one that nobody is registered in was not finished, and is finished now."""
    if not (home.repository / ".git").exists():
        raise Fault(
            "source.not_a_repository",
            f"{home.repository} is no checkout of a git repository",
            "go to the checkout you release from, or make one with `git init`",
        )
    if not home.exists:
        return
    with reading() as session:
        if session.gatherer.view.people().names:
            raise Fault("store.exists", f"there is a ledger in {home.folder} already", "see `interlock status`")


def _propose(home: Home, head: str, told: Told, company: Company, asking: Asking) -> list[Block]:
    """Write interlock.yaml from what was found, told and answered."""
    content = Shelf().pack(told.pack)
    if content is None:
        raise Fault("pack.unknown", f"the library has no pack '{told.pack}'", f"it has: {', '.join(Shelf().names())}")
    pack = load_pack(told.pack, content)
    if isinstance(pack, Problems):
        raise Fault("pack.unfit", pack.render(), "choose another pack")
    source = repository_at(home)
    found = discover(source, head, home.repository.name)
    tests = asking.settle("How is a release tested?", told.tests, found.tests)
    smoke = asking.settle(
        "Which command or address tells that a deployment works, such as ./smoke or http://localhost:8080/health?",
        told.smoke,
        found.health,
    )
    deploy = asking.settle(
        "Which command deploys? {environment} and {version} are filled in", told.deploy, found.deploy
    )
    name = asking.plain(told.service or found.name.value[0])
    first = FirstBindings(
        service=ServiceName(name),
        pack=told.pack,
        founder=company.founder,
        others=company.others,
        is_alone=company.is_alone,
        tests=tests,
        smoke=smoke,
        deploy=(deploy,) * len(pack.procedure.environments),
        governed=governed_files((tests, smoke, deploy), frozenset(source.paths(head))),
    )
    text = render(first, pack.procedure)
    bindings = bind(BINDINGS, text.encode(), pack.procedure)
    if isinstance(bindings, Problems):
        raise Fault("bindings.unfit", bindings.render(), "nothing was written; answer otherwise")
    rehearse(home, bindings)
    (home.repository / BINDINGS).write_text(text, encoding="utf-8")
    rows = (
        ("tests", _shown(tests), quiet(tests.source)),
        ("smoke", _shown(smoke), quiet(smoke.source)),
        ("deploy", _shown(deploy), quiet(deploy.source)),
    )
    blocks: list[Block] = [
        para(strong(f"{BINDINGS}"), f" written for service {name}, pack {told.pack}"),
        Rows(rows, 2),
    ]
    if found.pipelines:
        blocks.append(para(quiet(f"  your CI is described in {', '.join(found.pipelines)}: compare the tests with it")))
    return blocks


def _signer(me: Me) -> PersonSigner:
    for path in candidates(me):
        return person_signer(path)
    raise Fault(
        "signing.no_key",
        "there is no SSH key to sign with",
        "name one with --key or INTERLOCK_KEY, or make one: `ssh-keygen -t ed25519`",
    )


def _found(home: Home, founder: PersonId, signer: PersonSigner) -> None:
    """Make the ledger and register its first person with the key they signed that with."""
    origin = f"{as_name(home.repository.name)}.interlock/{fresh_bytes(SALT).hex()}"
    if not home.exists:
        make_ledger(home, origin).store.close()
    with reading() as session:
        voice = session.voice(founder, signer)
        mine = _identity()
        emails = (voice.speaker.words(mine.email),) if mine.email else ()
        name = voice.speaker.words(mine.name or founder)
        voice.say(AddPerson(founder, signer.public_key, name, emails), "you were not registered")


def _adopt_rules(voice: Voice, declared: Declared) -> list[Block]:
    """Put the rules in force, with what lint thinks of them."""
    voice.speaker.attach(declared.pack)
    voice.speaker.attach(declared.bindings)
    service = declared.rules.bindings.service
    voice.say(AdoptGovernance(service, declared.ref), "the rules did not come into force")
    procedure = declared.rules.governance.procedure
    advice = (*lint_pack(procedure), *lint_bindings(declared.rules.bindings, procedure))
    head = para(
        good("✓ "),
        f"{service} is governed by {procedure.pack} {procedure.version}",
        quiet(f"  {declared.ref.digest[:19]}"),
    )
    return [head, *(block for one in advice for block in _advised(one))]


def _advised(advice: Advice) -> list[Block]:
    return [
        para(warn("○ "), f"{advice.where}: {advice.sentence}", quiet(f"  [{advice.code}]")),
        step(advice.next_step, 4),
    ]


def _adopt_running(
    session: Session, voice: Voice, service: ServiceName, version: str, environment: EnvironmentName
) -> tuple[Done, str]:
    """Record that the version runs there, after looking whether that can be seen."""
    seen = adopting(session.house, session.gatherer.view, service, version, environment)
    return voice.say(seen, f"{version} was not adopted in {environment}"), seen.observed


def _told(version: str, environment: EnvironmentName, observed: str) -> Block:
    return para(good("✓ "), f"{version} is recorded as what runs in {environment}", quiet(f"  {observed}"))


def _told_of_one(version: str, environment: EnvironmentName) -> Block:
    """The procedure asks for two."""
    return para(warn("○ "), f"your word is recorded; somebody else has to agree that {version} runs in {environment}")


def _environments(named: tuple[str, ...], known: tuple[EnvironmentName, ...]) -> tuple[EnvironmentName, ...]:
    for name in named:
        if name not in known:
            raise Ungoverned(
                "environment.unknown", f"there is no environment '{name}'", f"there are: {', '.join(known)}"
            )
    return tuple(EnvironmentName(name) for name in named) or known


def _next_steps(company: Company) -> list[Block]:
    invite = [
        step(f"register {one}: `interlock people add {one} --key KEY.pub --email ADDRESS`", 0) for one in company.others
    ]
    if not company.others and not company.is_alone:
        invite = [
            step("register the others: `interlock people add HANDLE --key KEY.pub --email ADDRESS`", 0),
            step(f"give each role to whom it belongs, in {BINDINGS}", 0),
        ]
    return [
        *invite,
        step(f"commit {BINDINGS}, then `interlock adopt VERSION` with the version that runs today, a tag", 0),
    ]


def _offered(home: Home, procedures: tuple[str, ...]) -> list[Block]:
    """What is said of documents that describe the releases; a person who is there and says yes has a draft of them."""
    if not procedures:
        return []
    said = f"{' and '.join(procedures)} {'says' if len(procedures) == 1 else 'say'} how you release"
    folder = home.repository / "packs" / name_from(procedures[0])
    if not folder.exists() and somebody_is_there() and ask(f"{said}. Draft a pack of it? It governs nothing yet."):
        paths = tuple(str(home.repository / one) for one in procedures)
        return list(draft(paths, into=str(folder)).blocks)
    return [step(f"{said}; a pack of it: `interlock pack draft {' '.join(procedures)}`", 0)]


def _after_adoption(version: str) -> str:
    if not version:
        return "record what runs with `interlock adopt VERSION`"
    then = "open a change: `interlock change open ID --title 'WHAT CHANGES'`"
    return f"start the controller with `interlock drive`, then {then}"


def _shown(answer: Answer) -> Span:
    return Span(shown(answer.value))


@dataclass(frozen=True, slots=True)
class Identity:
    """As whom git records the person's commits; empty where git cannot tell."""

    name: str
    email: str


def _identity() -> Identity:
    """Asked of git itself, so that it is the address their commits really carry."""
    try:
        asked = subprocess.run(["git", "var", "GIT_AUTHOR_IDENT"], capture_output=True, timeout=10, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return Identity("", "")
    name, _, rest = asked.stdout.decode("utf-8", errors="replace").partition(" <")
    return Identity(name.strip(), rest.partition(">")[0].strip())


def _keep_out_of_git(home: Home) -> None:
    """The ledger is no part of the repository: name its folder in this checkout's own exclude file."""
    exclude = home.repository / ".git" / "info" / "exclude"
    if not exclude.parent.is_dir():
        return
    before = exclude.read_text() if exclude.exists() else ""
    if f"/{home.folder.name}/" not in before.splitlines():
        exclude.write_text(before + ("" if before.endswith("\n") or not before else "\n") + f"/{home.folder.name}/\n")
