# SPDX-License-Identifier: Apache-2.0
"""Projects of other people, with their history: released versions from where they are published, and one made up.

Every version is one commit with a tag. Downloads go through the registries' own clients and are kept in build/cache.
"""

import os
import shutil
import stat
import subprocess
import sys
import tarfile
from pathlib import Path
from typing import Final

from tests.e2e.stranger import CACHE, Repository

PYTHON_VERSIONS: Final = ("0.11.0", "0.12.0", "0.13.0")
NODE_VERSIONS: Final = ("1.1.3", "1.2.0", "1.3.0")

_PYTHON: Final = str(Path(sys.base_prefix) / "bin" / "python3")
"""The interpreter behind the virtual environment, which has pip."""

DEPLOY: Final = """\
#!/bin/sh
# usage: deploy.sh ENVIRONMENT VERSION
set -eu
place=@SERVED@/$1
mkdir -p "$place/releases/$2"
cp -R . "$place/releases/$2/"
ln -sfn "releases/$2" "$place/current"
echo "$1 serves $2"
"""


def python_project(repository: Repository) -> None:
    """The package xmltodict as published, each version a commit."""
    for version in PYTHON_VERSIONS:
        _unpack(_from_pypi("xmltodict", version), repository.folder)
        _with_deploy_script(repository)
        repository.commit(f"Release {version}", tag=version)


def node_project(repository: Repository) -> None:
    """The package left-pad as published, each version a commit."""
    for version in NODE_VERSIONS:
        _unpack(_from_npm("left-pad", version), repository.folder)
        _with_deploy_script(repository)
        repository.commit(f"Release {version}", tag=f"v{version}")


MAKEFILE: Final = """\
ENV ?= staging
TAG ?= dev

greet: greet.c config/$(ENV).h
	cc -Wall -include config/$(ENV).h -o greet greet.c

test:
	$(MAKE) greet ENV=staging
	./greet world | grep -q 'world'

# ENV and TAG come from outside
deploy: greet
	mkdir -p @SERVED@/$(ENV)/releases/$(TAG)
	install -m 755 greet @SERVED@/$(ENV)/releases/$(TAG)/greet
	ln -sfn releases/$(TAG) @SERVED@/$(ENV)/current

smoke:
	@SERVED@/$(ENV)/current/greet world

clean:
	rm -f greet
"""

GREET: Final = """\
#include <stdio.h>

int main(int argc, char **argv) {
    if (argc < 2 || LIMIT < 1)
        return 1;
    printf("%s, %s\\n", GREETING, argv[1]);
    return 0;
}
"""


def make_project(repository: Repository) -> None:
    """A C program with a Makefile. Its third version breaks where only production shows it."""
    folder = repository.folder
    (folder / "config").mkdir()
    (folder / ".gitignore").write_text("/greet\n")
    (folder / "Makefile").write_text(MAKEFILE.replace("@SERVED@", str(repository.served)))
    (folder / "greet.c").write_text(GREET)
    _configure(folder, "Hello", 3)
    repository.commit("A greeting", tag="v1")
    _configure(folder, "Good morning", 3)
    repository.commit("Be polite", tag="v2")
    (folder / "config" / "production.h").write_text('#define GREETING "Good morning"\n#define LIMIT 0\n')
    repository.commit("Limit nothing in production", tag="v3")


def _configure(folder: Path, greeting: str, limit: int) -> None:
    for environment in ("staging", "production"):
        (folder / "config" / f"{environment}.h").write_text(f'#define GREETING "{greeting}"\n#define LIMIT {limit}\n')


def _with_deploy_script(repository: Repository) -> None:
    script = repository.folder / "deploy.sh"
    script.write_text(DEPLOY.replace("@SERVED@", str(repository.served)))
    script.chmod(script.stat().st_mode | stat.S_IXUSR | stat.S_IXGRP | stat.S_IXOTH)


def _from_pypi(name: str, version: str) -> Path:
    kept = CACHE / f"{name}-{version}.tar.gz"
    _fetch(
        kept,
        [_PYTHON, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps",
         "--no-binary", ":all:", "--dest", str(CACHE), f"{name}=={version}"],
        f"{name} {version} could not be downloaded from PyPI; this test needs the network once",
    )  # fmt: skip
    return kept


def _from_npm(name: str, version: str) -> Path:
    kept = CACHE / f"{name}-{version}.tgz"
    _fetch(
        kept,
        ["npm", "pack", "--silent", "--pack-destination", str(CACHE), f"{name}@{version}"],
        f"{name} {version} could not be downloaded from npm; this test needs npm, and the network once",
    )
    return kept


def _fetch(kept: Path, argv: list[str], sentence: str) -> None:
    if kept.exists():
        return
    CACHE.mkdir(parents=True, exist_ok=True)
    assert shutil.which(argv[0]), f"{sentence}: there is no {argv[0]}"
    done = subprocess.run(argv, cwd=CACHE, env=dict(os.environ), capture_output=True, timeout=180, check=False)
    said = (done.stdout + done.stderr).decode(errors="replace")
    assert kept.exists(), f"{sentence}\n{said}"


def _unpack(archive: Path, folder: Path) -> None:
    """The archive's files in place of what is there."""
    for there in folder.iterdir():
        if there.name == ".git":
            continue
        if there.is_dir():
            shutil.rmtree(there)
        else:
            there.unlink()
    with tarfile.open(archive) as packed:
        for member in packed.getmembers():
            name = member.name.partition("/")[2]
            if not name or member.isdir() or name.endswith(".pyc"):
                continue
            member.name = name
            packed.extract(member, folder, filter="data")
