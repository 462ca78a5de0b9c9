# SPDX-License-Identifier: Apache-2.0
"""Under what settings git is run: none of the user's, none of the machine's, and nothing that could run a program.

Nothing of the user's or the repository's configuration is believed: no system or user configuration, no hooks, no
fsmonitor, no filters, no replaced objects or grafts, no transport, no prompt.
"""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Final

ENVIRONMENT: Final = {
    "LC_ALL": "C",
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_ATTR_NOSYSTEM": "1",
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_GRAFT_FILE": os.devnull,
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_ALLOW_PROTOCOL": "none",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_LITERAL_PATHSPECS": "1",
}
SETTINGS: Final = (
    ("core.hooksPath", os.devnull),
    ("core.fsmonitor", "false"),
    ("core.attributesFile", os.devnull),
    ("protocol.allow", "never"),
    ("safe.directory", "*"),
)
_SHOWN_LETTERS: Final = 100


def environment_of(root: Path, settings: Sequence[tuple[str, str]]) -> dict[str, str]:
    """The whole environment of git in the repository at `root` and nowhere above it, under these settings."""
    numbered = {f"GIT_CONFIG_KEY_{number}": key for number, (key, _) in enumerate(settings)}
    numbered |= {f"GIT_CONFIG_VALUE_{number}": value for number, (_, value) in enumerate(settings)}
    return {
        **ENVIRONMENT,
        **numbered,
        "GIT_CONFIG_COUNT": str(len(settings)),
        "GIT_CEILING_DIRECTORIES": os.fspath(root.resolve().parent),
    }


def shown(text: str) -> str:
    """Fit for a message: one line, printable, not long."""
    line = "".join(letter if letter.isprintable() else "?" for letter in text)
    return line if len(line) <= _SHOWN_LETTERS else line[:_SHOWN_LETTERS] + "..."
