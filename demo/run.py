# SPDX-License-Identifier: Apache-2.0
"""A whole governed release, told in a terminal: `make demo`, or `.venv/bin/python demo/run.py [--at FOLDER]`.

Everything is real: a git repository, people's SSH keys, signed commands, processes that serve. What it makes lies in
build/demo (see report.json there) and stays to be looked at; every process it starts has ended when it ends, also when
it is interrupted.
"""

import argparse
import os
import shutil
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Final, NoReturn

import opening
import outsider
import story
from controller import Controller
from ledger import Chronicle
from rules import ENVIRONMENTS, SERVICE, free_ports
from scene import ANN, Scene, seconds_since, shown_width
from screen import Screen
from shell import DemoFailed, Shell
from sweep import left, sweep
from watch import Visitor

FOLDER: Final = Path(__file__).resolve().parent.parent / "build" / "demo"
MARKER: Final = ".interlock-demo"
"""Lies in the folder of a demo, so that no other folder is ever emptied."""
INTERRUPTED: Final = 130
STOPPERS: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

CHAPTERS: Final[tuple[tuple[str, str, Callable[[Scene], None]], ...]] = (
    ("people", "A repository and four people", opening.people),
    ("rules", "The rules, and what runs today", opening.rules),
    ("staging", "v1.1.0: proven in staging, agreed by others than its author", story.staging),
    ("ways-round", "Two ways round the rules", story.ways_round),
    ("killed", "The controller dies in the middle of a release", story.killed),
    ("goes-back", "v1.2.0: works in staging, fails in production", story.goes_back),
    ("outsider", "An outsider checks all of it", outsider.verify),
)


class Interrupted(Exception):
    """Somebody asked the demo to stop."""


def main(arguments: list[str]) -> int:
    """Run the demo; gives the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--at", type=Path, default=FOLDER, help="the folder it makes, and empties when it is there")
    root = parser.parse_args(arguments).at.resolve()
    for number in STOPPERS:
        signal.signal(number, _interrupt)
    screen = Screen.of_stdout()
    began = time.monotonic()
    try:
        _prepare(root)
        scene = _scene(root, screen)
    except (DemoFailed, OSError) as fault:
        screen.fact(f"the demo cannot begin: {fault}", is_good=False)
        return 1
    return _play(scene, began)


def _play(scene: Scene, began: float) -> int:
    ended, code = "failed by a fault of its own", 1
    try:
        _tell(scene)
        ended, code = "completed", 0
    except Interrupted:
        ended, code = "interrupted", INTERRUPTED
    except (DemoFailed, OSError) as fault:
        ended = f"failed: {fault}"
    finally:
        for number in STOPPERS:
            signal.signal(number, signal.SIG_IGN)
        remaining = _leave(scene)
        path = scene.report(ended, seconds_since(began), len(remaining))
        _sum_up(scene, ended, path)
    return code if not remaining else 1


def _tell(scene: Scene) -> None:
    for number, (name, title, chapter) in enumerate(CHAPTERS, start=1):
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


def _scene(root: Path, screen: Screen) -> Scene:
    shell = Shell(root, shown_width(screen), screen.coloured)
    ports = free_ports()
    return Scene(
        root,
        screen,
        shell,
        ports,
        Controller(shell, screen, ANN, SERVICE),
        Chronicle(root / SERVICE),
        Visitor(ports.production),
    )


def _leave(scene: Scene) -> set[int]:
    """End everything; gives what could not be ended."""
    scene.visitor.stop()
    scene.controller.stop()
    sweep(scene.root, SERVICE, ENVIRONMENTS)
    return left(scene.root)


def _sum_up(scene: Scene, ended: str, report: Path) -> None:
    screen, measured = scene.screen, scene.measured
    answers = scene.visitor.answers
    screen.chapter(len(CHAPTERS) + 1, "What was measured")
    for name, took in measured.chapters.items():
        screen.line(f"  {name:<12}{took:6.1f} s")
    screen.line(f"  {len(measured.refusals)} commands refused, {len(measured.tampering)} tampered copies found")
    screen.line(f"  production was asked {len(answers)} times, {sum(not one.version for one in answers)} without an answer")
    screen.line(f"  {len(left(scene.root))} processes left; everything else is in {os.path.relpath(report)}")
    screen.line()
    screen.fact(ended, is_good=ended == "completed")


def _interrupt(_number: int, _frame: FrameType | None) -> NoReturn:
    raise Interrupted


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
