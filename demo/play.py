# SPDX-License-Identifier: Apache-2.0
"""How a demo is run, whatever it tells: chapter by chapter, and with nothing left behind, however it ends.

Whatever becomes of a story, every process it started is ended, a report is written, and the exit code says how it was:
0 told to its end, 1 failed, 130 interrupted.
"""

import os
import shutil
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Final, Generic, NoReturn, TypeVar

from rules import ENVIRONMENTS, SERVICE
from scene import Scene, seconds_since
from screen import Screen
from shell import DemoFailed
from sweep import sweep

MARKER: Final = ".interlock-demo"
"""Lies in the folder of a demo, so that no other folder is ever emptied."""
INTERRUPTED: Final = 130
STOPPERS: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

S = TypeVar("S", bound=Scene)
Row = tuple[str, object]


@dataclass(frozen=True, slots=True)
class Play(Generic[S]):
    """What is told on which scene, what else is put away after it, and what is said of it at the end.

    A chapter is (its name in the report, its title, what happens in it).
    """

    chapters: tuple[tuple[str, str, Callable[[S], None]], ...]
    scene: Callable[[Path, Screen], S]
    put_away: Callable[[S], None]
    rows: Callable[[S], tuple[Row, ...]]


class Interrupted(Exception):
    """Somebody asked the demo to stop."""


def run(play: Play[S], root: Path) -> int:
    """Tell it in that folder, which is emptied first; gives the exit code."""
    for number in STOPPERS:
        signal.signal(number, _interrupt)
    screen = Screen.of_stdout()
    began = time.monotonic()
    try:
        _prepare(root)
        scene = play.scene(root, screen)
    except Interrupted:
        return INTERRUPTED
    except (DemoFailed, OSError) as fault:
        screen.fact(f"the demo cannot begin: {fault}", is_good=False)
        return 1
    return _perform(play, scene, began)


def _perform(play: Play[S], scene: S, began: float) -> int:
    """Tell the story; whatever becomes of it, end every process and write the report."""
    ended, code = "failed by a fault of its own", 1
    remaining = 0
    try:
        _tell(play, scene)
        ended, code = "completed", 0
    except Interrupted:
        ended, code = "interrupted", INTERRUPTED
    except BrokenPipeError:
        ended = "failed: nobody reads what it tells"
        scene.screen.fall_silent()
    except (DemoFailed, OSError) as fault:
        ended = f"failed: {fault}"
    finally:
        _ignore_stoppers()
        remaining = _leave(play, scene)
        path = scene.report(ended, seconds_since(began), remaining)
        _sum_up(play, scene, ended, path)
    return 1 if remaining else code


def _tell(play: Play[S], scene: S) -> None:
    for number, (name, title, chapter) in enumerate(play.chapters, start=1):
        scene.screen.chapter(number, title)
        began = time.monotonic()
        chapter(scene)
        scene.measured.chapters[name] = seconds_since(began)


def _prepare(root: Path) -> None:
    """An empty folder, and nothing left of a demo that ran in it before."""
    if root.exists() and any(root.iterdir()):
        if not (root / MARKER).exists():
            raise DemoFailed(f"{root} is not empty and no folder of a demo; name another one with --at")
        if sweep(root, SERVICE, ENVIRONMENTS):
            raise DemoFailed(f"processes of an earlier demo in {root} cannot be ended")
        shutil.rmtree(root)
    root.mkdir(parents=True, exist_ok=True)
    (root / MARKER).write_text("made by demo/run.py; may be removed\n")


def _leave(play: Play[S], scene: S) -> int:
    """End everything; gives how many processes could not be ended."""
    scene.crowd.stop()
    scene.controller.stop()
    remaining = len(sweep(scene.root, SERVICE, ENVIRONMENTS))
    play.put_away(scene)
    scene.measured.values["requests"] = len(scene.crowd.answers)
    scene.measured.values["requests_failed_by_routing"] = scene.crowd.unrouted
    scene.measured.values["processes_left"] = remaining
    return remaining


def _sum_up(play: Play[S], scene: S, ended: str, report: Path) -> None:
    screen = scene.screen
    screen.chapter(len(play.chapters) + 1, "What was measured")
    for name, found in play.rows(scene):
        screen.line(f"  {name:<32}{found}")
    where, what = os.path.relpath(scene.root), os.path.relpath(report)
    screen.line(f"\n  Everything is in {where}; what was measured in {what}.")
    screen.line()
    screen.fact(ended, is_good=ended == "completed")


def _interrupt(_number: int, _frame: FrameType | None) -> NoReturn:
    _ignore_stoppers()
    raise Interrupted


def _ignore_stoppers() -> None:
    """What ends the demo must not be ended itself, however impatient somebody is."""
    for number in STOPPERS:
        signal.signal(number, signal.SIG_IGN)
