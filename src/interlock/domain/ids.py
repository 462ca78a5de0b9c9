# SPDX-License-Identifier: Apache-2.0
"""One type per identity, and the only places that build them from text.

Identities are derived from content or from the command that creates a thing; none is drawn at random here.
Every `parse_*` function raises `ValueError` with a sentence fit for a person; past it the value is trusted.
"""

import hashlib
import re
from typing import Final, NewType

PersonId = NewType("PersonId", str)
ServiceName = NewType("ServiceName", str)
EnvironmentName = NewType("EnvironmentName", str)
ComponentName = NewType("ComponentName", str)
RoleName = NewType("RoleName", str)
StageName = NewType("StageName", str)
CheckId = NewType("CheckId", str)
RequirementId = NewType("RequirementId", str)
ChangeId = NewType("ChangeId", str)
ReleaseId = NewType("ReleaseId", str)
PromotionId = NewType("PromotionId", str)
RollbackId = NewType("RollbackId", str)
WaiverId = NewType("WaiverId", str)
FreezeId = NewType("FreezeId", str)
IncidentId = NewType("IncidentId", str)
AudienceName = NewType("AudienceName", str)
NoticeId = NewType("NoticeId", str)
DutyId = NewType("DutyId", str)
ClockId = NewType("ClockId", str)
LabelName = NewType("LabelName", str)
CommandId = NewType("CommandId", str)
StreamId = NewType("StreamId", str)
EffectKey = NewType("EffectKey", str)
Digest = NewType("Digest", str)
"""Content identity: `sha256:` and 64 lower-case hex digits."""
TextRef = NewType("TextRef", str)
"""Salted commitment to a person's words; the words live in a side table and can be erased."""
UNSAID: Final = TextRef("")
"""No words: they were left out, or there is nobody to say them."""

EVERYWHERE: Final = EnvironmentName("*")
"""The scope of evidence that holds in no particular environment (a unit test, a scan)."""

_NAME: Final = re.compile(r"[a-z0-9][a-z0-9._-]{0,62}")
_VERSIONED: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+-]{0,62}")
_BRANCH: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/+@#=,-]{0,199}")
_DIGEST: Final = re.compile(r"sha256:[0-9a-f]{64}")


def parse_name(text: str) -> str:
    """A lower-case name of at most 63 characters, safe in a path, an address and a shell-free argument."""
    if not _NAME.fullmatch(text):
        raise ValueError(f"'{text}' is not a name: use 1-63 of a-z 0-9 . _ - and begin with a letter or digit")
    return text


def parse_version(text: str) -> str:
    """A version as people write it (`1.2.0`, `v2.0.0-rc.1`), safe in a path."""
    if not _VERSIONED.fullmatch(text):
        raise ValueError(f"'{text}' is not a version: use 1-63 of A-Z a-z 0-9 . _ + - and begin with a letter or digit")
    return text


def parse_branch(text: str) -> str:
    """A branch by its short name (`main`, `release/1.x`, `records/1.0.0+build`)."""
    parts = text.split("/")
    is_odd = any(not part or part.startswith((".", "-")) or part.endswith((".lock", ".")) for part in parts)
    if not _BRANCH.fullmatch(text) or is_odd or ".." in text or parts[0] in {"refs", "HEAD"}:
        raise ValueError(f"'{text}' is not a branch: write its name without refs/heads/")
    return text


def parse_digest(text: str) -> Digest:
    """A SHA-256 content digest in its one accepted form."""
    if not _DIGEST.fullmatch(text):
        raise ValueError(f"'{text}' is not a digest: write sha256: and 64 lower-case hex digits")
    return Digest(text)


def digest_of(content: bytes) -> Digest:
    """The digest of these bytes."""
    return Digest("sha256:" + hashlib.sha256(content).hexdigest())


def commit_to(words: str, salt: bytes) -> TextRef:
    """A commitment to `words` under a secret 16-byte salt; without the salt it tells nothing about the words."""
    return TextRef("text:" + hashlib.sha256(salt + words.encode()).hexdigest())
