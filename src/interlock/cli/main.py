# SPDX-License-Identifier: Apache-2.0
"""The command `interlock`: which words lead where, and what becomes of an answer or a fault.

1. A command is imported when it is called, so that asking for the version costs what it is worth.
2. Every command answers with a `Report` or a `Denial`; every fault becomes one here, in one place, with an exit code.
3. `--json` and `--server` are taken anywhere on the line and are the same for every command.
"""

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from interlock import __version__
from interlock.cli.elsewhere import NAMED
from interlock.cli.fault import Guard
from interlock.cli.output import Denial, Exit, Form, Report, Trouble, show

if TYPE_CHECKING:
    from cyclopts import App

ABOUT: Final = "Takes a team's written release procedure and makes it enforce itself."
EPILOGUE: Final = (
    "Every command takes --json, and --server ADDRESS for a ledger that a server keeps (or INTERLOCK_URL, with "
    "INTERLOCK_TOKEN). Exit codes: 0 done, 1 refused or would be blocked, 2 usage or bad input, "
    "3 something outside did not work, 4 a fault of ours, 5 undecided (judge), 130 interrupted."
)

SERVER: Final = "--server"

STARTING: Final = "Starting"
RELEASING: Final = "Releasing"
DECIDING: Final = "Deciding"
GUARDING: Final = "Guarding"
LOOKING: Final = "Looking"

COMMANDS: Final[tuple[tuple[str, str, str, str], ...]] = (
    ("init", "interlock.cli.setup:init", STARTING, "Propose bindings for this repository and start its ledger."),
    ("adopt", "interlock.cli.setup:adopt", STARTING, "Record what runs today, and govern what comes next."),
    ("people", "interlock.cli.people:app", STARTING, "Who takes part, and with which keys they sign."),
    ("account", "interlock.cli.account:app", STARTING, "Who may sign in at the server, and with what."),
    ("governance", "interlock.cli.governance:app", STARTING, "The rules in force, and how they change."),
    ("pack", "interlock.cli.pack:app", STARTING, "Protocol packs: show, check and test a written procedure."),
    ("simulate", "interlock.cli.simulate:simulate", STARTING, "Play scenarios of a pack, and tell what happens."),
    ("change", "interlock.cli.change:app", RELEASING, "Change requests: why something changes."),
    ("release", "interlock.cli.release:app", RELEASING, "Releases: what moves through the environments as one."),
    ("evidence", "interlock.cli.evidence:app", RELEASING, "What checks said about a release."),
    ("promote", "interlock.cli.move:promote", RELEASING, "Ask that a release goes into an environment."),
    ("rollout", "interlock.cli.rollout:app", RELEASING, "Traffic given step by step: show, watch, pause, agree."),
    ("abort", "interlock.cli.move:abort", RELEASING, "Call a promotion off; what was exposed goes back."),
    ("rollback", "interlock.cli.move:rollback", RELEASING, "Return an environment to the last good release."),
    ("drive", "interlock.cli.drive:drive", RELEASING, "Run the controller, which acts on what is recorded."),
    ("serve", "interlock.cli.serve:serve", RELEASING, "The controller, the API and the pages in one process."),
    ("record", "interlock.cli.record:app", RELEASING, "Documents about a release that the procedure asks for."),
    ("sign", "interlock.cli.decide:sign", DECIDING, "Attest what a sign-off states."),
    ("approve", "interlock.cli.decide:approve", DECIDING, "Approve or reject a release, by what you saw."),
    ("waive", "interlock.cli.waive:app", DECIDING, "Exceptions to one requirement: asked for, granted, revoked."),
    ("freeze", "interlock.cli.freeze:app", GUARDING, "Times in which nothing is promoted."),
    ("recall", "interlock.cli.recall:app", GUARDING, "Content that must gain exposure nowhere."),
    ("incident", "interlock.cli.incident:app", GUARDING, "Problems in an environment."),
    ("status", "interlock.cli.status:status", LOOKING, "What runs where, what waits, for whom, and what to type next."),
    ("explain", "interlock.cli.explain:explain", LOOKING, "Why something is as it is, or what a refusal code means."),
    ("check", "interlock.cli.check:check", LOOKING, "What would block this commit's release."),
    ("judge", "interlock.cli.judge:judge", LOOKING, "Whether a candidate may go on, by measurements alone."),
    ("outbox", "interlock.cli.outbox:app", LOOKING, "Messages that have not arrived: list, and try anew."),
    ("ledger", "interlock.cli.ledger:app", LOOKING, "The record itself: export, verify, witness, erase."),
)
"""Name, where it is, group, and what it does in one line."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what the arguments say; gives the exit code."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    words, form = _form_of(given)
    words, server = _server_of(words)
    NAMED.set(server)
    if words in (["--version"], ["version"]):
        return show(_version(), form)
    guard = Guard(form, tuple(given))
    with guard:
        guard.exit = _run(words, form)
    return guard.exit


def _run(words: list[str], form: Form) -> int:
    from cyclopts import CycloptsError

    try:
        answer = build()(words, exit_on_error=False, print_error=False)
    except CycloptsError as fault:
        usage = Trouble("usage", str(fault), f"see `interlock {_words_before_options(words)}--help`")
        return show(Denial("", (usage,), Exit.USAGE), form)
    if isinstance(answer, Report | Denial):
        return show(answer, form)
    return answer if isinstance(answer, int) else int(Exit.DONE)


def build() -> "App":
    """The tree of commands, each to be imported when it is called."""
    from cyclopts import App, Group, Parameter

    from interlock.cli.usage import Plain

    app = App(
        name="interlock",
        help=ABOUT,
        help_epilogue=EPILOGUE,
        help_formatter=Plain(),
        version=__version__,
        result_action="return_value",
        suppress_keyboard_interrupt=False,
        default_parameter=Parameter(negative="", negative_iterable="", show_env_var=False),
    )
    groups = {
        name: Group(name, sort_key=at)
        for at, name in enumerate((STARTING, RELEASING, DECIDING, GUARDING, LOOKING), start=1)
    }
    for at, (name, where, group, about) in enumerate(COMMANDS):
        app.command(where, name=name, help=about, group=groups[group], sort_key=at)
    return app


def _form_of(given: list[str]) -> tuple[list[str], Form]:
    """The words without `--json`, and what is to be printed. Past `--` nothing is ours."""
    end = given.index("--") if "--" in given else len(given)
    if "--json" not in given[:end]:
        return given, Form.TEXT
    return [word for word in given[:end] if word != "--json"] + given[end:], Form.JSON


def _server_of(given: list[str]) -> tuple[list[str], str]:
    """The words without `--server ADDRESS`, and the address; empty when none was named."""
    end = given.index("--") if "--" in given else len(given)
    for at, word in enumerate(given[:end]):
        if word == SERVER and at + 1 < end:
            return given[:at] + given[at + 2 :], given[at + 1]
        if word.startswith(f"{SERVER}="):
            return given[:at] + given[at + 1 :], word.partition("=")[2]
    return given, ""


def _version() -> Report:
    from interlock.cli.text import para

    return Report({"version": __version__}, (para(f"interlock {__version__}"),))


def _words_before_options(words: list[str]) -> str:
    names = {name for name, *_ in COMMANDS}
    return f"{words[0]} " if words and words[0] in names else ""
