# SPDX-License-Identifier: Apache-2.0
"""What a command answers, and the only place that prints it.

1. Every answer is one value: the object `--json` prints and the text a person reads, never two stories.
2. Answers go to standard output; refusals and errors in text go to standard error, as JSON to standard output.
3. Exit codes are few and documented: see `Exit`.
"""

import os
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import IntEnum, StrEnum
from typing import Final, TextIO, TypeAlias

from interlock.cli.text import Block, Paper, Para, Span, Verbatim, bad, commands_in, lay_out, quiet, step, strong
from interlock.config import wants_colour

Json: TypeAlias = "str | int | float | bool | list[Json] | dict[str, Json] | None"


WIDEST: Final = 110
"""Columns beyond which text is hard to read."""


class Exit(IntEnum):
    """How a command ended."""

    DONE = 0
    """It is so, or the question was answered with yes."""
    REFUSED = 1
    """A rule declined it, or what was asked about would be blocked."""
    USAGE = 2
    """It was asked in a way that cannot be understood, or names what does not exist."""
    OUTSIDE = 3
    """Something outside did not answer or did not work: trying again may help."""
    BUG = 4
    """A fault of ours; a file with what is needed to mend it was written."""
    UNDECIDED = 5
    """Too little is known to say yes or no (`interlock judge`)."""
    INTERRUPTED = 130


class Form(StrEnum):
    """What is printed."""

    TEXT = "text"
    JSON = "json"


@dataclass(frozen=True, slots=True)
class Report:
    """One answer: as an object and as text."""

    data: Mapping[str, Json]
    blocks: tuple[Block, ...]
    exit: Exit = Exit.DONE


@dataclass(frozen=True, slots=True)
class Trouble:
    """One thing that is in the way: a stable code, a sentence, what to do next."""

    code: str
    sentence: str
    next_step: str = ""


@dataclass(frozen=True, slots=True)
class Denial:
    """Why a command was not carried out; every reason, not only the first."""

    title: str
    troubles: tuple[Trouble, ...]
    exit: Exit
    data: Mapping[str, Json] = field(default_factory=dict)


class Fault(Exception):
    """A command that cannot be carried out as it was asked."""

    def __init__(self, code: str, sentence: str, next_step: str = "", exit_code: Exit = Exit.USAGE) -> None:
        super().__init__(sentence)
        self.trouble = Trouble(code, sentence, next_step)
        self.exit = exit_code


class Refusal(Exception):
    """A command that a rule declined, with every reason."""

    def __init__(self, title: str, troubles: tuple[Trouble, ...], command: str) -> None:
        super().__init__(title)
        self.denial = Denial(title, troubles, Exit.REFUSED, {"command": command})


def show(answer: Report | Denial, form: Form) -> int:
    """Print the answer; gives its exit code."""
    if form is Form.JSON:
        import json

        _write(sys.stdout, json.dumps(_object(answer), indent=2, ensure_ascii=False) + "\n")
    elif isinstance(answer, Report):
        _write(sys.stdout, lay_out(answer.blocks, paper_of(sys.stdout)))
    else:
        _write(sys.stderr, lay_out(_denial(answer), paper_of(sys.stderr)))
    return int(answer.exit)


def tell(*blocks: Block) -> None:
    """Print these to the person at the terminal, beside the answer: a question's matter, progress."""
    _write(sys.stderr, lay_out(blocks, paper_of(sys.stderr)))


def ask(question: str) -> bool:
    """Ask at the terminal; anything but yes is no."""
    _write(sys.stderr, f"{question} [y/N] ")
    return sys.stdin.readline().strip().casefold() in {"y", "yes"}


def somebody_is_there() -> bool:
    """Whether a person can be asked."""
    return sys.stdin.isatty() and sys.stderr.isatty()


def paper_of(stream: TextIO) -> Paper:
    """What this stream can show: colour on a terminal unless NO_COLOR is set, width only on a terminal."""
    is_terminal = stream.isatty()
    encoding = (stream.encoding or "ascii").lower().replace("-", "")
    width = min(os.get_terminal_size(stream.fileno()).columns or WIDEST, WIDEST) if is_terminal else 0
    return Paper(width, is_terminal and wants_colour(), encoding.startswith("utf"))


def silence() -> None:
    """Let nothing more be written to a reader that went away."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _write(stream: TextIO, text: str) -> None:
    print(text, end="", file=stream, flush=True)


def _object(answer: Report | Denial) -> Mapping[str, Json]:
    if isinstance(answer, Report):
        return answer.data
    word = "refused" if answer.exit is Exit.REFUSED else "error"
    reasons: list[Json] = [
        {"code": one.code, "sentence": one.sentence, "next_step": one.next_step} for one in answer.troubles
    ]
    return {word: reasons, **answer.data}


def _denial(denial: Denial) -> Iterator[Block]:
    if not denial.title:
        for trouble in denial.troubles:
            yield from _trouble(trouble, bad("✗ "), 2)
        return
    word = "refused" if denial.exit is Exit.REFUSED else "error"
    yield Para((bad(f"✗ {word}: "), strong(denial.title)), 2)
    for trouble in denial.troubles:
        yield from _trouble(trouble, Span("  "), 4)


def _trouble(trouble: Trouble, lead: Span, hang: int) -> Iterator[Block]:
    first, *rest = trouble.sentence.splitlines() or [""]
    yield Para((lead, *commands_in(first), quiet(f"  [{trouble.code}]")), hang)
    if rest:
        yield Verbatim("\n".join(rest), hang)
    if trouble.next_step:
        yield step(trouble.next_step, hang)
