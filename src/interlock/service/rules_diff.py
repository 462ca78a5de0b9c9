# SPDX-License-Identifier: Apache-2.0
"""What would change in the rules in force: their parts as text, line by line as `diff` shows it."""

import difflib
from collections.abc import Callable, Mapping

from interlock.domain.governance import GovernanceRef
from interlock.domain.ids import Digest
from interlock.ports.store import Missing
from interlock.service.compose import Declared

PACK = "pack"
BINDINGS = "interlock.yaml"
Blobs = Callable[[Digest], bytes | Missing]


def recorded(ref: GovernanceRef, blobs: Blobs) -> Mapping[str, str]:
    """The parts of a recorded governance; governed files by their digests, and what is not kept as nothing."""
    kept = {PACK: blobs(ref.pack), BINDINGS: blobs(ref.bindings)}
    texts = {name: _text(content) if isinstance(content, bytes) else "" for name, content in kept.items()}
    return texts | {file.path: f"{file.digest}\n" for file in ref.files}


def standing(declared: Declared) -> Mapping[str, str]:
    """The same of what stands at a commit."""
    texts = {PACK: _text(declared.pack), BINDINGS: _text(declared.bindings)}
    return texts | {file.path: f"{file.digest}\n" for file in declared.ref.files}


def changes(before: Mapping[str, str], after: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    """By part what differs, in the unified form; nothing of a part that stays."""
    found: dict[str, tuple[str, ...]] = {}
    for name in dict.fromkeys((*before, *after)):
        old, new = before.get(name, "").splitlines(), after.get(name, "").splitlines()
        lines = tuple(difflib.unified_diff(old, new, f"in force/{name}", f"proposed/{name}", lineterm=""))
        if lines:
            found[name] = lines
    return found


def _text(content: bytes) -> str:
    return content.decode("utf-8", "replace")
