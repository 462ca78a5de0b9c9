# SPDX-License-Identifier: Apache-2.0
"""How `--help` is laid out: plain text, in which a default is told only where it says something."""

from typing import TYPE_CHECKING, Final

from cyclopts.help import PlainFormatter

if TYPE_CHECKING:
    from cyclopts.help import HelpPanel
    from rich.console import Console, ConsoleOptions

EMPTY: Final = frozenset({'""', "()", "False"})
"""Defaults that are no more than nothing."""


class Plain(PlainFormatter):
    """The plain layout without empty defaults."""

    def __call__(self, console: "Console", options: "ConsoleOptions", panel: "HelpPanel") -> None:
        """Print one panel."""
        entries = [one.copy(default=None) if one.default in EMPTY else one for one in panel.entries]
        super().__call__(console, options, panel.copy(entries=entries))
