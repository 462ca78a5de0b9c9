# SPDX-License-Identifier: Apache-2.0
"""What a raw git commit object says.

Read from the object itself, so that no mailmap, no output encoding and no log setting changes who wrote what. Everyone
named by a `Co-authored-by:` line counts, wherever in the message it stands: one author too many only asks for one more
independent approver, one too few would let an author approve.
"""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Final

from interlock.ports.failure import Rejected
from interlock.ports.source import Commit

_SIGNATURE: Final = re.compile(r"(?P<name>.*?)\s*<(?P<email>[^>]*)>\s*(?P<seconds>-?[0-9]+)(?:\s+[-+]?[0-9]+)?")
_CO_AUTHOR: Final = re.compile(r"^[ \t]*co-authored-by[ \t]*:(?P<who>.*)$", re.IGNORECASE | re.MULTILINE)


def parse_commit(sha: str, raw: bytes) -> Commit:
    """The commit with that object name. `Rejected` (`source.bad_commit`) when the object is damaged."""
    header, _, body = raw.partition(b"\n\n")
    fields = dict(reversed(list(_fields(header))))  # the first of two lines counts, as in git
    encoding = fields.get(b"encoding", b"utf-8").decode("ascii", "replace")
    author = _who(sha, _words(fields.get(b"author", b""), encoding))
    committer = _who(sha, _words(fields.get(b"committer", b""), encoding))
    message = _words(body, encoding)
    return Commit(
        sha=sha,
        tree=fields.get(b"tree", b"").decode("ascii", "replace"),
        subject=_subject(message),
        author_name=author["name"],
        author_email=author["email"].strip(),
        committer_name=committer["name"],
        committer_email=committer["email"].strip(),
        committed_at=_time(sha, committer["seconds"]),
        co_author_emails=tuple(dict.fromkeys(_co_authors(message))),
    )


def _fields(header: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Lines that go on from the one before (signatures) begin with a space and are of no interest here."""
    for line in header.split(b"\n"):
        if not line.startswith(b" "):
            key, _, value = line.partition(b" ")
            yield key, value


def _words(raw: bytes, encoding: str) -> str:
    try:
        return raw.decode(encoding, "replace")
    except LookupError:
        return raw.decode("utf-8", "replace")


def _who(sha: str, line: str) -> dict[str, str]:
    found = _SIGNATURE.fullmatch(line)
    if found is None:
        raise _bad(sha)
    return found.groupdict()


def _time(sha: str, seconds: str) -> datetime:
    try:
        moment = datetime.fromtimestamp(int(seconds), UTC)
    except (ValueError, OverflowError, OSError) as senseless:
        raise _bad(sha) from senseless
    if int(seconds) < 0:
        raise _bad(sha)
    return moment


def _subject(message: str) -> str:
    """The first paragraph on one line, as git shows it."""
    paragraph = message.strip("\n").split("\n\n", 1)[0]
    return " ".join(line.strip() for line in paragraph.splitlines())


def _co_authors(message: str) -> Iterator[str]:
    for found in _CO_AUTHOR.finditer(message):
        who = found["who"].strip()
        bracketed = re.search(r"<([^>]*)>", who)
        email = bracketed[1].strip() if bracketed else who
        if "@" in email:
            yield email


def _bad(sha: str) -> Rejected:
    return Rejected("source.bad_commit", f"the commit {sha} is damaged", "run `git fsck` in the repository")
