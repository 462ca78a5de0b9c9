# SPDX-License-Identifier: Apache-2.0
"""The chapters that every written procedure begins with: people and their keys, the rules, and what runs today."""

import time
from collections.abc import Iterable
from typing import Final

import proxies
from rules import ENVIRONMENTS, INSTANCES, SERVICE
from watch import version_at

from procedures.stage import EXAMPLE, PACK, Stage, bound, differing, interpreter, shortened

TODAY: Final = "v1.0.0"
STARTS: Final = 60.0
"""Seconds the controller may take to begin."""


def people(stage: Stage) -> None:
    """The repository with its history, and a key for everybody."""
    (stage.root / "keys").mkdir(mode=0o700)
    for person in stage.procedure.people:
        _settle_in(stage, person.handle, person.name, person.email)
    stage.warm_up()
    founder = stage.procedure.founder
    authors = " ".join(f'--author {tag}="{one.name} <{one.email}>"' for tag, one in stage.procedure.authors)
    stage.do(founder, f"{interpreter()} {EXAMPLE / 'make_history.py'} {SERVICE} {authors}", folder=stage.root)
    (stage.repository / ".git" / "info").mkdir(exist_ok=True)  # made without git's templates; `init` writes there
    for person in stage.procedure.people:
        key = str(stage.shell.key(person))
        stage.quietly(
            person, "ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", person.handle, "-f", key, folder=stage.root
        )
    names = ", ".join(person.handle for person in stage.procedure.people)
    stage.screen.fact(f"{names}: each has an SSH key, and signs with it")


def rules(stage: Stage) -> None:
    """The procedure comes into force; what is shortened for the demo is shown."""
    founder = stage.procedure.founder
    pack = stage.repository / PACK
    pack.parent.mkdir()
    pack.write_text(shortened(stage.procedure), encoding="utf-8")
    (stage.repository / "interlock.yaml").write_text(bound(stage), encoding="utf-8")
    stage.say(f"The rules are the library's pack `{stage.procedure.pack}`. Only what takes time is shortened here:")
    stage.screen.output("\n".join(differing(stage.procedure)))
    stage.do(founder, "sed -n '/^roles:/,/^records:/p' interlock.yaml")
    stage.quietly(founder, "git", "add", "interlock.yaml", "release")
    stage.quietly(founder, "git", "commit", "--quiet", "--message", "Release by the procedure")
    stage.do(founder, f"interlock init --person {founder.handle}")
    for person in stage.procedure.people:
        if person != founder:
            stage.quietly(founder, "interlock", "people", "add", person.handle, *_named(stage, person.handle))


def today(stage: Stage, environments: Iterable[str] = ENVIRONMENTS) -> None:
    """What runs is recorded, deployed and proven; proxies and controller are started."""
    founder = stage.procedure.founder
    stage.do(founder, f"interlock adopt {TODAY}")
    stage.do(founder, "interlock people list")
    proxies.start(stage)
    stage.screen.typed(founder.handle, "interlock drive &")
    stage.controller.start()
    _is_driving(stage)
    began = stage.now()
    for environment in environments:
        stage.do(founder, f"interlock rollback {environment} --to {TODAY} --reason 'bring it up under control'")
    for environment in environments:
        rollback = f"{SERVICE}/{environment}/rollback-1"
        stage.wait("RollbackCompleted", since=began, unless=("RollbackStranded",), rollback=rollback)
    proxies.wait(stage, TODAY.removeprefix("v"))
    staging = () if stage.procedure.delivers else (stage.ports.staging,)  # what is delivered may be there by now
    ports = (*staging, *stage.ports.production[:INSTANCES], *stage.ports.listen)
    stage.must(
        all(version_at(port) == TODAY.removeprefix("v") for port in ports),
        f"{TODAY} serves: two processes in production, and through all three proxies",
    )


def _is_driving(stage: Stage) -> None:
    """Commands are quicker than it: whoever asked now would read that no controller is there."""
    deadline = time.monotonic() + STARTS
    while not stage.controller.last and time.monotonic() < deadline:
        stage.controller.look()
        time.sleep(0.05)


def _settle_in(stage: Stage, handle: str, name: str, email: str) -> None:
    """A home with a git configuration of its own, so that nobody's real one is read or touched."""
    home = stage.shell.home(handle)
    home.mkdir(parents=True)
    (home / ".gitconfig").write_text(
        f"[user]\n\tname = {name}\n\temail = {email}\n[init]\n\tdefaultBranch = main\n"
        "[advice]\n\tdetachedHead = false\n[commit]\n\tgpgSign = false\n[core]\n\tpager = cat\n"
    )


def _named(stage: Stage, handle: str) -> tuple[str, ...]:
    person = next(one for one in stage.procedure.people if one.handle == handle)
    return ("--key", f"../keys/{handle}.pub", "--name", person.name, "--email", person.email)
