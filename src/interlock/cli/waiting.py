# SPDX-License-Identifier: Apache-2.0
"""What something waits for, as words: the mark, for whom, and what to type or what is asked."""

from collections.abc import Iterator

from interlock.cli.output import Json
from interlock.cli.text import Line, Words, commands_in, quiet, typed, warn
from interlock.cli.tree import mark
from interlock.service.views import Awaited, Whom


def waiting_line(wait: Awaited, about: str) -> Line:
    """One row: the mark, what it is about, for whom it waits, what to do."""
    return (mark(wait.finding), about, whom_in_words(wait.whom), _next(wait))


def about_rollout(wait: Awaited, environment: str) -> str:
    """What a wait of a rollout is about: the environment, or what its gate asks for."""
    return environment if wait.finding.code.startswith("rollout.") else wait.finding.subject


def whom_in_words(whom: Whom) -> Words:
    """Who can move it; a warning where nobody may."""
    if whom.other:
        return f"for {whom.other}"
    people = ", ".join(whom.people)
    roles = " or ".join(whom.roles)
    if whom.roles and not people:
        return warn(f"for {roles}: nobody who may")
    return f"for {people} ({roles})" if roles else f"for {people}"


def awaited_data(wait: Awaited) -> dict[str, Json]:
    """The same as an object."""
    from interlock.service.portraits import findings

    return findings.plain(findings.awaited(wait))


def _next(wait: Awaited) -> Words:
    if wait.command:
        return typed(wait.command)
    return quiet("".join(_plain(wait.finding.sentence)))


def _plain(sentence: str) -> Iterator[str]:
    for words in commands_in(sentence):
        yield words if isinstance(words, str) else words.words
