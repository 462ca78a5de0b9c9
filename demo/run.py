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
from collections.abc import Callable, Mapping
from pathlib import Path
from types import FrameType
from typing import Final, NoReturn

import canary
import opening
import outsider
import story
from controller import Controller
from crowd import Crowd
from ledger import Chronicle
from rules import ENVIRONMENTS, SERVICE, free_ports
from scene import ANN, Scene, seconds_since, shown_width
from screen import Screen
from shell import DemoFailed, Shell
from sweep import sweep

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
    ("killed", "v1.1.0 on real traffic, and the controller dies in the middle of it", canary.killed),
    ("goes-back", "v1.2.0: works everywhere, but not for a crowd", canary.goes_back),
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
    except Interrupted:
        return INTERRUPTED
    except (DemoFailed, OSError) as fault:
        screen.fact(f"the demo cannot begin: {fault}", is_good=False)
        return 1
    return _play(scene, began)


def _play(scene: Scene, began: float) -> int:
    """Tell the story; whatever becomes of it, end every process and write the report."""
    ended, code = "failed by a fault of its own", 1
    remaining = 0
    try:
        _tell(scene)
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
        remaining = _leave(scene)
        path = scene.report(ended, seconds_since(began), remaining)
        _sum_up(scene, ended, path, remaining)
    return 1 if remaining else code


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
        Crowd(ports.listen),
    )


def _leave(scene: Scene) -> int:
    """End everything; gives how many processes could not be ended."""
    scene.crowd.stop()
    scene.controller.stop()
    remaining = len(sweep(scene.root, SERVICE, ENVIRONMENTS))
    scene.measured.values["requests"] = len(scene.crowd.answers)
    scene.measured.values["requests_failed_by_routing"] = scene.crowd.unrouted
    return remaining


def _sum_up(scene: Scene, ended: str, report: Path, remaining: int) -> None:
    screen, measured = scene.screen, scene.measured
    values = measured.values
    screen.chapter(len(CHAPTERS) + 1, "What was measured")
    rows = (
        ("commands refused", len(measured.refusals)),
        ("tampered copies rejected", len(measured.tampering)),
        ("controller killed to no canary", _seconds(values, "kill_to_zero_seconds")),
        ("controller restart to finish", _seconds(values, "restart_to_finish_seconds")),
        ("first bad answer to no canary", _seconds(values, "breach_to_zero_seconds")),
        ("requests through the proxies", values["requests"]),
        ("… failed by the routing", values["requests_failed_by_routing"]),
        ("… hurt by the bad release", values.get("requests_hurt_by_the_bad_release", "-")),
        ("records in the ledger", values.get("records", "-")),
        ("verified by the outsider in", _seconds(values, "verify_seconds")),
        ("processes left", remaining),
    )
    for name, found in rows:
        screen.line(f"  {name:<32}{found}")
    screen.line(f"\n  Everything is in {os.path.relpath(report.parent)}; what was measured in {report.name} there.")
    screen.line()
    screen.fact(ended, is_good=ended == "completed")


def _seconds(values: Mapping[str, object], name: str) -> str:
    return f"{values[name]} s" if name in values else "-"


def _interrupt(_number: int, _frame: FrameType | None) -> NoReturn:
    _ignore_stoppers()
    raise Interrupted


def _ignore_stoppers() -> None:
    """What ends the demo must not be ended itself, however impatient somebody is."""
    for number in STOPPERS:
        signal.signal(number, signal.SIG_IGN)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
