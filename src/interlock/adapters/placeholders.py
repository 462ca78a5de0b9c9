# SPDX-License-Identifier: Apache-2.0
"""Words in braces inside a configured argument, address or query, such as `{version}`.

1. Each is replaced inside its own argument, never split or read by a shell.
2. A word that is not on the list is refused when the adapter is built, with the nearest one that is.
3. Braces around anything that is not one word (`{"a": 1}`, `up{job="x"}`) are left as they are.
"""

import difflib
import re
from collections.abc import Iterable, Mapping
from typing import Final

from interlock.ports.failure import Rejected

RELEASE_WORDS: Final = ("service", "environment", "release", "version", "digest")
"""What every request about a release can fill in."""

_WORD: Final = re.compile(r"\{([A-Za-z_][A-Za-z0-9_.-]*)\}")


def require_known(texts: Iterable[str], allowed: Iterable[str], families: tuple[str, ...] = ()) -> None:
    """Refuse any word that is neither allowed nor of a family (`artifact` allows `{artifact.web}`)."""
    names = tuple(allowed)
    for text in texts:
        for word in _WORD.findall(text):
            if word not in names and not word.startswith(tuple(f"{family}." for family in families)):
                sentence = f"'{{{word}}}' in '{text}' is not a placeholder"
                raise Rejected("placeholder.unknown", sentence, _hint(word, names))


def fill(text: str, values: Mapping[str, str]) -> str:
    """`text` with every word replaced once; what is put in is not looked at again."""

    def replacement(match: re.Match[str]) -> str:
        word = match.group(1)
        if word not in values:
            sentence = f"there is nothing to put for '{{{word}}}' in '{text}'"
            raise Rejected("placeholder.no_value", sentence, _hint(word, tuple(values)))
        return values[word]

    return _WORD.sub(replacement, text)


def _hint(word: str, names: tuple[str, ...]) -> str:
    near = difflib.get_close_matches(word, names, 1)
    listed = ", ".join(f"{{{name}}}" for name in names)
    return f"did you mean '{{{near[0]}}}'? allowed: {listed}" if near else f"allowed: {listed}"
