# SPDX-License-Identifier: Apache-2.0
"""Telling and asking several HAProxy processes at once, through the sockets they listen to their operator at.

1. All are told before any answer is waited for, so one that hangs does not delay the others.
2. One bound holds for the whole round; who has not answered by then is mute.
3. What a proxy answers is text; what it means is for whoever asked.
"""

import os
import selectors
import socket
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event, Timer
from typing import Final

_CHUNK: Final = 65_536


@dataclass(frozen=True, slots=True)
class Answered:
    text: str


@dataclass(frozen=True, slots=True)
class Absent:
    """Nobody listens there."""

    why: str


@dataclass(frozen=True, slots=True)
class Mute:
    """Somebody listens there, and did not answer in time."""

    why: str


@dataclass(frozen=True, slots=True)
class Denied:
    """Somebody listens there, and we are not let in."""

    why: str


Reply = Answered | Absent | Mute | Denied


@dataclass(slots=True)
class _Talk:
    """One conversation: what is still to be told, and what was answered so far."""

    line: socket.socket
    untold: bytes
    heard: bytearray = field(default_factory=bytearray)


def ask_all(commands: Mapping[Path, str], seconds: float) -> dict[Path, Reply]:
    """What each socket answers to its command; the commands of one are separated by `;` and done in order."""
    replies: dict[Path, Reply] = {}
    talks: dict[Path, _Talk] = {}
    with ExitStack() as closing:
        for path, command in commands.items():
            line = closing.enter_context(socket.socket(socket.AF_UNIX))
            opened = _opened(line, path)
            if isinstance(opened, Answered):
                talks[path] = _Talk(line, command.encode() + b"\n")
            else:
                replies[path] = opened
        is_late = Event()
        timer = Timer(seconds, _hang_up, (is_late, [talk.line for talk in talks.values()]))
        timer.start()
        try:
            for path in _ended(talks):
                replies[path] = _heard(talks[path], is_late)
        finally:
            timer.cancel()
            timer.join()
    return {path: replies[path] for path in commands}


def _ended(talks: Mapping[Path, _Talk]) -> Iterator[Path]:
    """Every conversation, as it ends."""
    with selectors.DefaultSelector() as selector:
        for path, talk in talks.items():
            selector.register(talk.line, selectors.EVENT_READ | selectors.EVENT_WRITE, path)
        while selector.get_map():
            for key, _ in selector.select():
                talk = talks[key.data]
                if not _goes_on(talk):
                    selector.unregister(talk.line)
                    yield key.data
                elif not talk.untold:
                    selector.modify(talk.line, selectors.EVENT_READ, key.data)


def _opened(line: socket.socket, path: Path) -> Reply:
    line.settimeout(0)
    try:
        folder = os.open(path.parent, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError as fault:
        return Absent(str(fault.strerror or fault))
    try:
        line.connect(f"/proc/self/fd/{folder}/{path.name}")  # the path itself may be longer than a socket's can be
    except BlockingIOError:
        return Mute("it takes no more connections")
    except PermissionError as fault:
        return Denied(str(fault.strerror))
    except OSError as fault:
        return Absent(str(fault.strerror or fault))
    finally:
        os.close(folder)
    return Answered("")


def _hang_up(is_late: Event, lines: list[socket.socket]) -> None:
    is_late.set()
    for line in lines:
        with suppress(OSError):
            line.shutdown(socket.SHUT_RDWR)


def _goes_on(talk: _Talk) -> bool:
    """One step of a conversation; False when it has ended. One that breaks off ends with what was heard."""
    try:
        if talk.untold:
            told = talk.line.send(talk.untold)
            talk.untold = talk.untold[told:]
        piece = talk.line.recv(_CHUNK)
    except BlockingIOError:
        return True
    except OSError:
        return False
    talk.heard += piece
    return bool(piece)


def _heard(talk: _Talk, is_late: Event) -> Reply:
    if is_late.is_set():
        return Mute("it did not answer in time")
    if not talk.heard:
        return Absent("it ended while it was asked")
    return Answered(talk.heard.decode("utf-8", "replace"))
