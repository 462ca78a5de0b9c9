# SPDX-License-Identifier: Apache-2.0
"""Makes a git repository of this service with the releases v1.0.0, v1.1.0 and v1.2.0.

    python3 make_history.py TARGET [--author v1.2.0="Eli Example <eli@outreach.example>"] ...

1. The same tree and authors give the same commits, whoever runs it and however their git is configured.
2. TARGET appears whole or not at all. A TARGET that holds exactly this history already is left as it is; any other that
   is not empty is refused.
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
LEFT_OUT = shutil.ignore_patterns("history", "make_history.py", "__pycache__", ".*_cache", "build", "data", ".git")
_AUTHOR = re.compile(r"(?P<name>[^<>]+?) <(?P<email>[^<>@\s]+@[^<>@\s]+)>")


class HistoryError(Exception):
    """The repository cannot be made there."""


@dataclass(frozen=True)
class Author:
    name: str
    email: str


@dataclass(frozen=True)
class Release:
    """`patch` is what differs from the tree beside this file; an empty name means nothing does."""

    tag: str
    patch: str
    date: str
    message: str


RELEASES = (
    Release("v1.0.0", "v1.0.0.patch", "2026-03-02T09:00:00+00:00", "Register people and follow up with them"),
    Release(
        "v1.1.0",
        "",
        "2026-03-09T14:30:00+00:00",
        "Filter tasks, and show pressing ones first\n\nThe desk has more tasks than fit on a screen. The list can be"
        " narrowed by state and by\nwords, and a registration with pressing words comes first (migration 0002).",
    ),
    Release(
        "v1.2.0",
        "v1.2.0.patch",
        "2026-03-16T11:15:00+00:00",
        "Turn robots away from the form\n\nNobody asks for a form two dozen times a second. An address that does so for"
        " five seconds is\ntold to try again in a moment.",
    ),
)
AUTHORS: Mapping[str, Author] = {
    "v1.0.0": Author("Dana Example", "dana@outreach.example"),
    "v1.1.0": Author("Dana Example", "dana@outreach.example"),
    "v1.2.0": Author("Eli Example", "eli@outreach.example"),
}


def make(target: Path, authors: Mapping[str, Author] = AUTHORS) -> dict[str, str]:
    """Make the repository at `target`; gives the commit of each tag."""
    target = target.absolute()
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=f".{target.name}.") as folder:
        made = Path(folder) / "repository"
        made.mkdir()
        tags = _write(made, {**AUTHORS, **authors})
        if not target.exists() or not any(target.iterdir()):
            made.replace(target)
        elif _tags(target) != tags:
            raise HistoryError(f"{target} is not empty, and holds something else")
    return tags


def _write(root: Path, authors: Mapping[str, Author]) -> dict[str, str]:
    _git(root, "init", "--quiet", "--initial-branch=main")
    for release in RELEASES:
        for item in root.iterdir():
            if item.name != ".git":
                shutil.rmtree(item) if item.is_dir() else item.unlink()
        shutil.copytree(HERE, root, ignore=LEFT_OUT, dirs_exist_ok=True)
        if release.patch:
            _git(root, "apply", "--whitespace=nowarn", str(HERE / "history" / release.patch))
        _git(root, "add", "--all")
        who = _identity(authors[release.tag], release.date)
        _git(root, "commit", "--quiet", "--no-verify", "--no-gpg-sign", "--message", release.message, identity=who)
        _git(root, "tag", "--annotate", "--no-sign", "--message", release.tag, release.tag, identity=who)
    return _tags(root)


def _identity(author: Author, date: str) -> dict[str, str]:
    return {
        f"GIT_{part}_{field}": value
        for part in ("AUTHOR", "COMMITTER")
        for field, value in (("NAME", author.name), ("EMAIL", author.email), ("DATE", date))
    }


def _tags(root: Path) -> dict[str, str]:
    if not (root / ".git").is_dir():
        return {}
    lines = _git(root, "for-each-ref", "--format=%(refname:short) %(*objectname)", "refs/tags").splitlines()
    return dict(line.split(" ", 1) for line in lines)


def _git(root: Path, *arguments: str, identity: Mapping[str, str] | None = None) -> str:
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("GIT_")},
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_ATTR_NOSYSTEM": "1",
        **(identity or {}),
    }
    settings = ("-c", "core.autocrlf=false", "-c", "core.fileMode=true", "-c", "init.templateDir=")
    ended = subprocess.run(
        ["git", *settings, *arguments], cwd=root, env=environment, capture_output=True, text=True, check=False
    )
    if ended.returncode:
        raise HistoryError(f"git {arguments[0]} failed: {ended.stderr.strip()}")
    return ended.stdout


def _author(words: str) -> tuple[str, Author]:
    tag, _, who = words.partition("=")
    found = _AUTHOR.fullmatch(who)
    if tag not in AUTHORS or found is None:
        raise argparse.ArgumentTypeError(f"write it like v1.2.0='Eli Example <eli@outreach.example>', not {words!r}")
    return tag, Author(found["name"], found["email"])


def main(arguments: list[str]) -> int:
    """Make it; gives the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("target", type=Path)
    parser.add_argument("--author", type=_author, action="append", default=[], metavar="TAG=NAME <EMAIL>")
    options = parser.parse_args(arguments)
    try:
        tags = make(options.target, dict(options.author))
    except (HistoryError, OSError) as fault:
        print(f"make_history: {fault}", file=sys.stderr)
        return 1
    for tag, commit in sorted(tags.items()):
        print(f"{tag} {commit}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
