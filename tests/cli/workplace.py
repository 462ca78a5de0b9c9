# SPDX-License-Identifier: Apache-2.0
"""A real repository, real SSH keys and a real ledger, and the command line called in this process."""

import json
import os
import subprocess
import time
from collections.abc import Callable, Mapping
from contextlib import closing, redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from io import StringIO
from pathlib import Path
from typing import Any, TypeAlias

from interlock.bootstrap.houses import make_ledger, open_house
from interlock.cli.main import main
from interlock.config import find_home
from interlock.packs.shelf import Shelf
from interlock.workflows.controller import Rest

Answer: TypeAlias = Any
"""A decoded JSON object; a test looks at the parts it is about."""

PEOPLE = ("ann", "ben", "cat", "dan")
BINDINGS = """
service: app
pack: rules.yaml
environments:
  staging: {deploy: {command: [/bin/true]}}
  production: {deploy: {command: [/bin/true]}}
checks:
  tests: {command: ["true"]}
  smoke: {command: ["true"]}
  scan: {attached: the pipeline, by: [developer]}
roles: {developer: [ann, dan], reviewer: [ben], release-manager: [cat]}
"""
STEPS = 200


@dataclass(frozen=True)
class Said:
    """What the command line answered."""

    code: int
    out: str
    err: str

    @property
    def object(self) -> Answer:
        """The JSON it printed."""
        return json.loads(self.out)


@dataclass
class Workplace:
    """One repository and its people."""

    folder: Path
    keys: Path
    environment: dict[str, str] = field(default_factory=dict)

    def git(self, *words: str) -> str:
        """A git command of dan's."""
        known = {"HOME": str(self.keys), "GIT_CONFIG_NOSYSTEM": "1", "PATH": os.environ["PATH"]}
        done = subprocess.run(["git", *words], cwd=self.folder, env=known, check=True, capture_output=True, text=True)
        return done.stdout.strip()

    def commit(self, path: str, content: str, tag: str = "") -> str:
        """Commit a file, and tag the commit."""
        (self.folder / path).write_text(content)
        self.git("add", ".")
        self.git("commit", "-qm", f"Change {path}")
        if tag:
            self.git("tag", tag)
        return self.git("rev-parse", "HEAD")

    def key(self, person: str) -> Path:
        """A person's private key."""
        return self.keys / person

    def say(self, person: str, *words: str) -> Said:
        """A command as this person gives it."""
        out, err = StringIO(), StringIO()
        before, os.environ["INTERLOCK_KEY"] = os.environ.get("INTERLOCK_KEY"), str(self.key(person))
        try:
            with redirect_stdout(out), redirect_stderr(err):
                code = main(words)
        finally:
            os.environ.pop("INTERLOCK_KEY")
            if before is not None:
                os.environ["INTERLOCK_KEY"] = before
        return Said(code, out.getvalue(), err.getvalue())

    def ask(self, person: str, *words: str) -> Answer:
        """The object of a command that must succeed."""
        said = self.say(person, *words, "--json")
        assert said.code in {0, 1}, said.out + said.err
        return said.object

    def done(self, person: str, *words: str) -> Answer:
        """The object of a command that must be done."""
        said = self.say(person, *words, "--json")
        assert said.code == 0, said.out + said.err
        return said.object

    def drive(self) -> None:
        """Let the controller work until no slot is occupied and no check is due."""
        house = open_house(find_home(self.folder))
        with closing(house.store):
            controller = house.controller()
            for _ in range(STEPS):
                step = controller.step()
                if isinstance(step, Rest) and not step.pending:
                    return
                time.sleep(0.02)
        raise AssertionError("the controller came to no rest")


def as_it_is(pack: str) -> str:
    """The pack without its bakes, which take time."""
    return pack


def open_workplace(
    folder: Path, keys: Path, bindings: str = BINDINGS, rules: Callable[[str], str] = as_it_is
) -> Workplace:
    """A workplace with registered people and v1.0.0 adopted."""
    place = Workplace(folder, keys)
    keys.mkdir(exist_ok=True)
    for person in PEOPLE:
        make_key(place.key(person))
    (folder / ".gitignore").write_text(".interlock/\n")
    (folder / "interlock.yaml").write_text(bindings)
    pack = (Shelf().pack("starter") or b"").decode()
    unbaked = "".join(f"{line}\n" for line in pack.splitlines() if "bake:" not in line)
    (folder / "rules.yaml").write_text(rules(unbaked))
    place.git("init", "-q")
    place.git("config", "user.name", "Dan")
    place.git("config", "user.email", "dan@example.com")
    place.commit("app.txt", "one\n", tag="v1.0.0")
    make_ledger(find_home(folder), "test").store.close()
    place.done("ann", "people", "add", "ann", "--key", str(place.key("ann")), "--email", "ann@example.com")
    for person in PEOPLE[1:]:
        address = f"{person}@example.com"
        place.done("ann", "people", "add", person, "--key", f"{place.key(person)}.pub", "--email", address)
    place.done("ann", "adopt", "v1.0.0")
    return place


def make_key(path: Path) -> None:
    """A new key without a passphrase."""
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(path)], check=True)


def codes(answer: Mapping[str, Answer]) -> list[str]:
    """The codes of everything that was in the way."""
    return [one["code"] for one in (*answer.get("refused", ()), *answer.get("error", ()))]
