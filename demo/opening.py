# SPDX-License-Identifier: Apache-2.0
"""Chapters 1 and 2: a repository, four people, the rules, and what runs today."""

import shutil
import sys
from pathlib import Path
from typing import Final

import proxies
from rules import ENVIRONMENTS, INSTANCES, PACK, SERVICE, bindings
from scene import ANN, BEN, DANA, ELI, EVERYBODY, Scene
from watch import version_at

EXAMPLE: Final = Path(__file__).resolve().parent.parent / "examples" / "outreach"


def people(scene: Scene) -> None:
    """The repository with its history, and a key for everybody."""
    scene.say("Outreach is a small web service: people register, the desk follows up. It has three tagged releases.")
    _settle_in(scene)
    scene.do(ANN, f"{_python()} {EXAMPLE / 'make_history.py'} {SERVICE}", folder=scene.root)
    (scene.repository / ".git" / "info").mkdir(exist_ok=True)  # made without git's templates; `init` writes there
    scene.do(ANN, "git log --format='%h  %<(14,trunc)%an %s  %d' --decorate-refs=refs/tags")
    scene.say("Ann manages releases, Ben reviews, Dana and Eli develop. Everybody signs with an SSH key of their own.")
    scene.do(
        ANN,
        f"ssh-keygen -q -t ed25519 -N '' -C ann -f {scene.shell.key(ANN).relative_to(scene.root)}",
        folder=scene.root,
    )
    for person in (BEN, DANA, ELI):
        key = str(scene.shell.key(person))
        scene.quietly(person, "ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", person.handle, "-f", key)
    scene.screen.fact("ben, dana and eli made theirs the same way")


def rules(scene: Scene) -> None:
    """The rules come into force, and what runs is recorded, deployed and proven."""
    scene.say(
        "How is it tested, deployed and checked, and who holds which role? That is all Ann has to write down; "
        "what a release must pass stands in the procedure: the library's pack `starter`, and one thing more."
    )
    (scene.repository / "release").mkdir()
    shutil.copyfile(PACK, scene.repository / "release" / "pack.yaml")
    (scene.repository / "interlock.yaml").write_text(bindings(scene.ports), encoding="utf-8")
    scene.do(ANN, "cat interlock.yaml")
    scene.do(ANN, "sed -n '/- name: production/,$p' release/pack.yaml")
    scene.quietly(ANN, "git", "add", "interlock.yaml", "release")
    scene.do(ANN, "git commit --quiet --message 'Release by the rules' interlock.yaml release")
    scene.do(ANN, "interlock init --person ann")
    for person in (BEN, DANA, ELI):
        key = f"../keys/{person.handle}.pub"
        scene.do(ANN, f"interlock people add {person.handle} --key {key} --name '{person.name}' --email {person.email}")
    scene.do(ANN, "interlock adopt v1.0.0")
    scene.say(
        "Before production stand three Envoys. Interlock wrote their files, and will tell them one thing: the share."
    )
    proxies.start(scene)
    scene.say(
        "The controller does what is due: it acts on what is recorded, and on nothing else. Nothing runs here "
        "yet, so Ann lets it restore what she recorded as running."
    )
    scene.screen.typed(ANN.handle, "interlock drive &")
    scene.controller.start()
    began = scene.now()
    for environment in ENVIRONMENTS:
        scene.do(ANN, f"interlock rollback {environment} --to v1.0.0 --reason 'bring it up under control'")
    for environment in ENVIRONMENTS:
        rollback = f"{SERVICE}/{environment}/rollback-1"
        scene.wait("RollbackCompleted", since=began, unless=("RollbackStranded",), rollback=rollback)
    proxies.wait(scene, "1.0.0")
    ports = (scene.ports.staging, *scene.ports.production[:INSTANCES], *scene.ports.listen)
    scene.must(
        all(version_at(port) == "1.0.0" for port in ports),
        "v1.0.0 serves: one process in staging, two in production, and through all three proxies",
    )


def _settle_in(scene: Scene) -> None:
    """Homes with a git configuration of their own, so that nobody's real one is read or touched."""
    (scene.root / "keys").mkdir(mode=0o700)
    (scene.root / "outsider").mkdir()
    for person in EVERYBODY:
        home = scene.shell.home(person.handle)
        home.mkdir(parents=True)
        (home / ".gitconfig").write_text(
            f"[user]\n\tname = {person.name}\n\temail = {person.email}\n[init]\n\tdefaultBranch = main\n"
            "[advice]\n\tdetachedHead = false\n[commit]\n\tgpgSign = false\n[core]\n\tpager = cat\n"
        )
    scene.shell.home("ola").mkdir()


def _python() -> str:
    return "python" if shutil.which("python", path=str(Path(sys.executable).parent)) else sys.executable
