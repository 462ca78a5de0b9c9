# SPDX-License-Identifier: Apache-2.0
"""The few questions that `interlock init` asks, and what becomes of the answers.

1. What was said on the command line is not asked. What was found is shown, and Enter takes it.
2. Without a terminal nothing is asked: what was found counts, and what was not is a fault that names the question.
3. An answer that cannot be used is told and asked for again; nothing is guessed into its place.
"""

import shlex
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, TypeVar

from interlock.cli.output import Fault, somebody_is_there, tell
from interlock.cli.text import para, quiet, strong, warn
from interlock.domain.ids import PersonId, parse_name
from interlock.service.discover import Found, Proposal, as_name
from interlock.service.first_bindings import Answer, shown

TRIES: Final = 3
"""How often an answer may be unusable before we give up."""

AGAIN: Final = "nothing was written; run `interlock init` again"
OPTION: Final = "say it with an option; see `interlock init --help`"

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Company:
    """Who takes part: the founder, and those who decide with them."""

    founder: PersonId
    others: tuple[PersonId, ...]
    is_alone: bool


@dataclass(slots=True)
class Asking:
    """Asks, and remembers what a person had to answer."""

    asked: list[str] = field(default_factory=list)

    def name(self, question: str, told: str, proposal: str) -> str:
        """A handle that was told, or is answered now."""
        return self.plain(told) if told else self._ask(question, proposal, "", _name)

    def plain(self, told: str) -> str:
        """A name from the command line. Raises `Fault` (code `init.name`) when it is none."""
        try:
            return _name(told)
        except ValueError as fault:
            raise Fault("init.name", str(fault), f"for example: {as_name(told)}") from fault

    def company(self, told: Company) -> Company:
        """Who decides beside the founder. Whoever answers that it is nobody declares to work alone."""
        if told.others or told.is_alone or not somebody_is_there():
            return told
        question = "Who else decides about releases? Their handles, or nobody: then you release alone, and it shows"
        others = tuple(PersonId(one) for one in self._ask(question, "nobody", "", _names) if one != told.founder)
        return Company(told.founder, others, not others)

    def settle(self, question: str, told: str, found: Found) -> Answer:
        """What was told, else what was found unless a person says otherwise, else what a person answers now."""
        if told:
            try:
                return Answer(_command(told), "said on the command line")
            except ValueError as fault:
                raise Fault("init.command", f"{question} {fault}: {told}", "quote it as for a shell") from fault
        if not isinstance(found, Proposal):
            words = self._ask(question, "", f"found nothing in {found.looked_in}", _command)
            return Answer(words, "answered when this was made")
        if not somebody_is_there():
            return Answer(found.value, f"found in {found.found_in}")
        words = self._ask(question, shown(found.value), f"found in {found.found_in}", _command)
        source = f"found in {found.found_in}" if words == found.value else "answered when this was made"
        return Answer(words, source)

    def _ask(self, question: str, proposal: str, remark: str, read: Callable[[str], T]) -> T:
        if not somebody_is_there():
            if proposal:
                return read(proposal)
            raise Fault("init.unanswered", f"nobody is there to answer: {question}", OPTION)
        self.asked.append(question)
        tell(para(strong(question), quiet(f"  {remark}" if remark else "")))
        for _ in range(TRIES):
            words = _line(f"  [{proposal}] > " if proposal else "  > ") or proposal
            try:
                if words:
                    return read(words)
                tell(
                    para(
                        warn("○ "),
                        "nothing is proposed: type it here; interlock.yaml can be changed later",
                    )
                )
            except ValueError as fault:
                tell(para(warn("○ "), str(fault)))
        raise Fault("init.unanswered", f"that needs an answer: {question}", AGAIN)


def _line(prompt: str) -> str:
    """One line from the terminal. The end of input is an answer never given."""
    sys.stderr.write(prompt)
    sys.stderr.flush()
    line = sys.stdin.readline()
    if not line:
        raise Fault("init.unanswered", "the terminal was closed", AGAIN)
    return line.strip()


def _name(text: str) -> str:
    return parse_name(text)


def _names(text: str) -> tuple[str, ...]:
    if text.strip().casefold() == "nobody":
        return ()
    return tuple(dict.fromkeys(parse_name(word) for word in text.replace(",", " ").split()))


def _command(text: str) -> tuple[str, ...]:
    """The words of a command as a shell would see them. Raises `ValueError` with a sentence."""
    try:
        words = tuple(shlex.split(text))
    except ValueError as fault:
        raise ValueError(f"this is no command ({str(fault).lower()})") from fault
    if not words:
        raise ValueError("a command has a word at least")
    return words
