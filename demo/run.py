# SPDX-License-Identifier: Apache-2.0
"""A whole governed release, told in a terminal: `make demo`, or `.venv/bin/python demo/run.py [--at FOLDER]`.

Everything is real: a git repository, people's SSH keys, signed commands, processes that serve. What it makes lies in
build/demo (see report.json there) and stays to be looked at; every process it starts has ended when it ends, also when
it is interrupted. With `--pack NAME` a whole written procedure is told instead, in build/demo/NAME; what was measured
then lies beside it, in build/demo/NAME.json. With `--serve` the server stays at the end, to look round in a browser.
"""

import argparse
import sys
from collections.abc import Mapping
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import Final

import canary
import opening
import outsider
import serving
import story
from controller import Controller
from crowd import Crowd
from ledger import Chronicle
from play import MARKER, Play, Row, run
from rules import SERVICE, free_ports
from scene import ANN, Scene, shown_width
from screen import Screen
from shell import Shell

FOLDER: Final = Path(__file__).resolve().parent.parent / "build" / "demo"
STARTER: Final = "starter"
PROCEDURES: Final = ("octoacme", "lsos")
"""Each is a module of that name in `procedures`."""


def main(arguments: list[str]) -> int:
    """Run the demo; gives the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pack", choices=(STARTER, *PROCEDURES), default=STARTER, help="the procedure that is shown")
    parser.add_argument("--at", type=Path, help="the folder it makes, and empties when it is there")
    parser.add_argument("--serve", action="store_true", help="leave the server running at the end, until Ctrl-C")
    options = parser.parse_args(arguments)
    if options.pack == STARTER:
        more = (SERVED,) if options.serve else ()
        return run(replace(PLAY, chapters=(*PLAY.chapters, *more)), (options.at or FOLDER).resolve())
    return int(import_module(f"procedures.{options.pack}").perform((options.at or _place(options.pack)).resolve()))


def _place(pack: str) -> Path:
    """A folder within the demo's own, which counts as a demo's by that."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    if not any(FOLDER.iterdir()):
        (FOLDER / MARKER).write_text("made by demo/run.py; may be removed\n")
    return FOLDER / pack


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


def _rows(scene: Scene) -> tuple[Row, ...]:
    measured = scene.measured
    values = measured.values
    return (
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
        ("processes left", values["processes_left"]),
    )


def _seconds(values: Mapping[str, object], name: str) -> str:
    return f"{values[name]} s" if name in values else "-"


def _nothing_else(_scene: Scene) -> None:
    """Nothing is left but processes, which are ended anyway."""


PLAY: Final = Play(
    (
        ("people", "A repository and four people", opening.people),
        ("rules", "The rules, and what runs today", opening.rules),
        ("staging", "v1.1.0: proven in staging, agreed by others than its author", story.staging),
        ("ways-round", "Two ways round the rules", story.ways_round),
        ("killed", "v1.1.0 on real traffic, and the controller dies in the middle of it", canary.killed),
        ("goes-back", "v1.2.0: works everywhere, but not for a crowd", canary.goes_back),
        ("outsider", "An outsider checks all of it", outsider.verify),
    ),
    _scene,
    _nothing_else,
    _rows,
)


SERVED: Final = ("serving", "The server, for you to look round", serving.serve)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
