# SPDX-License-Identifier: Apache-2.0
"""Every command that the front pages print is run as it stands there, by somebody new, in a repository of their own."""

import re
import subprocess
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest
from tests.e2e.stranger import Repository, a_repository

from interlock.packs.bindings import Bindings
from interlock.packs.load import Pack, load_pack
from interlock.packs.matching import bind
from interlock.packs.shelf import Shelf

ROOT: Final = Path(__file__).parents[2]
README: Final = ROOT / "README.md"
FIRST_RELEASE: Final = ROOT / "docs" / "how-to" / "first-release.md"
CANARY: Final = ROOT / "docs" / "how-to" / "canary.md"
_BLOCK: Final = re.compile(r"^```sh\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_LINK: Final = re.compile(r"\]\(([^)#:]+)\)")
ASKED_BEFORE_SIGNING: Final = ("interlock sign ", "interlock approve ")


@pytest.fixture
def greet() -> Iterator[Repository]:
    """A project with tests, a smoke test and a deploy script, as many have them."""
    with a_repository("greet") as repository:
        folder = repository.folder
        (folder / "Makefile").write_text(f"test:\n\t@true\nsmoke:\n\t@test -d {repository.served}/$(ENV)/current\n")
        (folder / "deploy.sh").write_text(
            f"#!/bin/sh\nset -eu\nmkdir -p {repository.served}/$1/$2\nln -sfn $2 {repository.served}/$1/current\n"
        )
        (folder / "deploy.sh").chmod(0o755)
        (folder / ".gitignore").write_text("/ann\n/ben*\n")
        repository.commit("Greet", tag="v1")
        yield repository


def test_the_readme_does_what_it_says(greet: Repository) -> None:
    done = [line for line in _commands(README) if not line.startswith("make ")]
    for line in done:
        _do(greet, line)
    assert len(done) > 10
    assert greet.recorded("staging") == greet.live("staging") == "v2"
    assert greet.recorded("production") == greet.live("production") == "v1"
    assert len(greet.questions) - _signed(done) <= 5
    assert greet.git("status", "--porcelain") == ""


def test_the_make_targets_of_the_readme_are_there() -> None:
    targets = [line.split()[1] for line in _commands(README) if line.startswith("make ")]
    assert targets == ["demo", "setup"]
    for target in targets:
        done = subprocess.run(["make", "--dry-run", target], cwd=ROOT, capture_output=True, check=False)
        assert done.returncode == 0, done.stderr.decode()


def test_the_first_release_of_two_people_goes_as_written(greet: Repository) -> None:
    ben = greet.person("ben")
    for ending in ("", ".pub"):
        (greet.folder / f"ben{ending}").write_bytes(Path(f"{ben.key}{ending}").read_bytes())
        (greet.folder / f"ben{ending}").chmod(0o600)
    for line in _commands(FIRST_RELEASE):
        _do(greet, line)
    assert greet.recorded("production") == greet.live("production") == "v2"


@pytest.mark.parametrize("page", [README, FIRST_RELEASE, CANARY], ids=lambda page: page.stem)
def test_every_link_leads_somewhere(page: Path) -> None:
    links = _LINK.findall(page.read_text())
    assert links
    assert [link for link in links if not (page.parent / link).exists()] == []


def test_the_pages_about_canaries_show_what_loads() -> None:
    """The bindings and the rollout of the page, put into the starter pack and a service's bindings, load together."""
    bindings, rollout, sticky, accompanied = re.findall(
        r"^```yaml\n(.*?)^```$", CANARY.read_text(), re.MULTILINE | re.DOTALL
    )
    pack = (Shelf().pack("starter") or b"").decode()
    verify = "    verify: {checks: [smoke], within: 1m, every: 2s, cites: [ST-3]}\n"
    stage = f"{verify}    bake: {{for: 10s, every: 2s, checks: [smoke], cites: [ST-4]}}\n"
    assert stage in pack
    whole = pack.replace(stage, textwrap.indent(rollout, "    "), 1)
    loaded = load_pack("pack.yaml", whole.encode())
    beside = load_pack("pack.yaml", pack.replace(stage, textwrap.indent(accompanied, "    "), 1).encode())
    assert isinstance(loaded, Pack), loaded
    assert isinstance(beside, Pack), beside
    service = "service: myservice\npack: starter\nroles: {}\nchecks: {tests: {command: [test]}}\n"
    staging = "  staging:\n    deploy: {command: [deploy]}\n    checks:\n      smoke: {command: [smoke]}\n"
    *route, users = sticky.splitlines(keepends=True)
    assert "".join(route) in bindings
    for said in (bindings, bindings.replace("".join(route), sticky)):
        whole = service + said.replace("environments:\n", f"environments:\n{staging}")
        for procedure in (loaded.procedure, beside.procedure):
            bound = bind("interlock.yaml", whole.encode(), procedure)
            assert isinstance(bound, Bindings), bound
    assert users.strip() == "sticky: {cookie: session}"


def _commands(page: Path) -> list[str]:
    blocks = _BLOCK.findall(page.read_text())
    return [line.partition("  #")[0].strip() for block in blocks for line in block.splitlines() if line.strip()]


def _signed(lines: list[str]) -> int:
    return sum(line.startswith(ASKED_BEFORE_SIGNING) for line in lines)


def _do(repository: Repository, line: str) -> None:
    """Type it; where a person would be asked, Enter at `init`, and yes before signing."""
    key, _, rest = line.rpartition("INTERLOCK_KEY=ben ")
    by = "ben" if rest != line else "ann"
    assert not key
    if rest.startswith("interlock init"):
        answers = [""] * (3 if "--person" in rest else 5)
        ended = repository.at_a_terminal(*rest.split()[1:], answers=answers)
    elif rest.startswith(ASKED_BEFORE_SIGNING):
        ended = repository.at_a_terminal(*rest.split()[1:], answers=["y"], prompt="[y/N] ", by=by)
    else:
        repository.typed(rest, by=by)
        return
    assert ended.code == 0, ended.text
