# SPDX-License-Identifier: Apache-2.0
"""Where a service's records are committed: the branch, the files, the author, and who is asked to take them in.

1. A path is inside the repository, and `{name}`, `{date}` and `{record}` are the only words filled into it: the version
   or the incident, the day it ended, and which record it is.
2. Nothing that is filled in can lead out of the folder it stands in.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import PurePosixPath
from typing import Annotated, Final

from interlock.domain.ids import parse_branch, parse_name
from interlock.packs.shape import key

NOTES: Final = "notes"
"""The record that is drafted from commits and decisions where nobody wrote any."""
DECISIONS: Final = "decisions"
"""What was decided about a release, as the ledger has it."""
INCIDENTS: Final = "incidents"
"""What happened in an incident, as the ledger has it."""
_USUAL: Final = {
    NOTES: "docs/releases/{name}.md",
    DECISIONS: "docs/decisions/{date}-{name}.md",
    INCIDENTS: "docs/incidents/{date}-{name}.md",
}
_USUAL_RECORD: Final = "docs/releases/{name}.{record}.md"
_USUAL_REPORT: Final = "docs/incidents/{date}-{name}.{record}.md"
_WORD: Final = re.compile(r"\{([^{}]*)\}")
_PATH_WORDS: Final = ("name", "date", "record")
_BRANCH_WORDS: Final = ("name",)
_PART: Final = re.compile(r"[A-Za-z0-9_.+@-](?:[A-Za-z0-9 _.+@-]{0,99}[A-Za-z0-9_+@-])?")
_AUTHOR: Final = re.compile(r"([^<>\x00-\x1f]{1,100}) <([^<>\s\x00-\x1f]{1,200})>")
_LOOSE: Final = re.compile(r"[^A-Za-z0-9._+-]+")


def parse_path(text: str) -> str:
    """The path of a file inside the repository. Raises `ValueError`."""
    _require_words(text, _PATH_WORDS)
    require_inside(_WORD.sub("x", text))
    return text


def parse_branch_pattern(text: str) -> str:
    """A branch, or how the branch of each release is called (`records/{name}`). Raises `ValueError`."""
    _require_words(text, _BRANCH_WORDS)
    parse_branch(_WORD.sub("x", text))
    return text


def parse_author(text: str) -> str:
    """Who is named as the author of such commits. Raises `ValueError`."""
    if not _AUTHOR.fullmatch(text):
        raise ValueError("expected a name and an address, such as Interlock <interlock@example.com>")
    return text


def require_inside(path: str) -> None:
    """Refuse what is no plain path inside a repository. Raises `ValueError`."""
    parts = path.split("/")
    if any(part == ".." or part.casefold() == ".git" or not _PART.fullmatch(part) for part in parts):
        raise ValueError(f"'{path}' is no path of a file inside the repository, such as docs/releases/v2.md")


def _require_words(text: str, known: tuple[str, ...]) -> None:
    for word in _WORD.findall(text):
        if word not in known:
            listed = ", ".join(f"{{{one}}}" for one in known)
            raise ValueError(f"'{{{word}}}' is not filled in here: use {listed}")


BranchText = Annotated[str, parse_branch_pattern]
PathText = Annotated[str, parse_path]
AuthorText = Annotated[str, parse_author]
RecordName = Annotated[str, parse_name]


@dataclass(frozen=True, slots=True)
class RecordsSpec:
    """Records of releases and incidents, committed once they have ended."""

    branch: BranchText = field(
        default="interlock/records/{name}",
        metadata=key(doc="The branch they are committed to; {name} is the version or the incident."),
    )
    author: AuthorText = field(
        default="Interlock <interlock@localhost>", metadata=key(doc="Who is named as author of these commits.")
    )
    paths: Mapping[RecordName, PathText] = field(
        default_factory=dict,
        metadata=key(doc="The file of a record, of `notes`, `decisions` or `incidents`; {name}, {date}, {record}."),
    )
    pull_request: tuple[str, ...] = field(
        default=(),
        metadata=key(doc="A program that asks for the branch to be merged; the branch is its last argument."),
    )

    def branch_for(self, name: str) -> str:
        """The branch for a version or an incident."""
        return _filled(self.branch, {"name": loosened(name)})

    def path_of(self, record: str, name: str, ended: date) -> str:
        """The file of one of a release's records, or of its notes or decisions."""
        return self._path(record, name, ended, _USUAL.get(record, _USUAL_RECORD))

    def report_path(self, record: str, name: str, ended: date) -> str:
        """The file of one of an incident's reports."""
        return self._path(record, name, ended, _USUAL_REPORT)

    def _path(self, record: str, name: str, ended: date, usual: str) -> str:
        words = {"name": loosened(name), "date": ended.isoformat(), "record": loosened(record)}
        return str(PurePosixPath(_filled(self.paths.get(record, usual), words)))

    @property
    def signature(self) -> tuple[str, str]:
        """The author's name and address."""
        found = _AUTHOR.fullmatch(self.author)
        return (found[1], found[2]) if found else (self.author, "")


def loosened(name: str) -> str:
    """The name with nothing in it that means something in a path or in the name of a branch."""
    return _LOOSE.sub("-", name).replace("..", "-").strip(".-") or "x"


def _filled(text: str, words: Mapping[str, str]) -> str:
    return _WORD.sub(lambda found: words[found[1]], text)
