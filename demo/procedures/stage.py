# SPDX-License-Identifier: Apache-2.0
"""The scene of a written procedure: a `Scene` with people who hold roles, receivers, production's data, and a tally.

1. The procedure is the library's pack, and the bindings are the example's own. What is put otherwise for the demo, such
   as a day that becomes seconds, is put so in copies of both, word by word, and shown; a word that is not there any
   more ends the demo.
2. Production's data lies where whoever runs the checks can reach it, and goes with the demo.
"""

import difflib
import os
import pwd
import shutil
import sys
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from controller import Controller
from crowd import Crowd
from ledger import Chronicle
from rules import SERVICE, Ports, free_ports, python
from scene import Scene, shown_width
from screen import Screen
from shell import NOTHING, DemoFailed, Ended, Person, Shell

from interlock.ledger.record import Record
from procedures import warm
from procedures.receivers import Receivers
from procedures.tally import Tally

EXAMPLE: Final = Path(__file__).resolve().parents[2] / "examples" / "outreach"
LIBRARY: Final = Path(__file__).resolve().parents[2] / "src" / "interlock" / "packs" / "library"
PACK: Final = "release/pack.yaml"
"""Where the copy of the pack stands in the repository."""
CROWD: Final = 80
"""Requests a second that visitors send all together: enough to compare by, and little for a small machine."""
FORMS: Final = 400
"""One visitor in so many fills the form in: the desk is shown 500 open tasks, and must not lose its own among them."""
_DATABASE: Final = "outreach.sqlite3"
_CHECKER: Final = "nobody"
"""Who runs checks where the controller is root."""

PATIENCE: Final = 300.0
"""Seconds that anything may take on a machine that does much else."""

Swaps = tuple[tuple[str, str], ...]
"""Words of a text, each with what stands in its place."""


@dataclass(frozen=True, slots=True)
class Procedure:
    """What one written procedure brings along.

    `authors` says who wrote the example's releases (tag, person), `controller` who runs the controller, `names` which
    variables the addresses in the bindings are read from. `pack_swaps` shortens times.
    """

    pack: str
    people: tuple[Person, ...]
    founder: Person
    authors: tuple[tuple[str, Person], ...]
    names: tuple[str, ...]
    pack_swaps: Swaps
    ports: Mapping[str, str]
    """The ports in the bindings, each with which of `Ports` stands in its place: staging, production, listen, ..."""
    binding_swaps: Swaps = ()
    """What else is put otherwise in the bindings."""
    delivers: bool = False
    """Whether what is green goes to staging by itself."""

    @property
    def bindings(self) -> Path:
        """The example's bindings to this pack."""
        return EXAMPLE / "procedures" / self.pack / "interlock.yaml"

    @property
    def folder(self) -> Path:
        """The pack in the library."""
        return LIBRARY / self.pack


@dataclass(frozen=True, slots=True)
class WarmShell(Shell):
    """Runs `interlock` without the time it takes to start; whatever else, as it is."""

    place: Path
    """The socket of the process that forks; a short path, because sockets have no long ones."""

    def warm_up(self, person: Person) -> None:
        """Begin to read ahead."""
        warm.start(self.place, self.root, Shell.environment(self, person))

    def run(self, argv: list[str], folder: Path, environment: Mapping[str, str], source: Path = NOTHING) -> Ended:
        if argv[0] != warm.COMMAND:
            return Shell.run(self, argv, folder, environment, source)
        asked = warm.Asked(argv[1:], folder, environment, source)
        return Ended(*warm.run(self.place, asked, on_terminal=bool(self.columns)))


@dataclass(frozen=True, slots=True)
class AddressedShell(Shell):
    """Also gives the addresses of receivers, which only the controller needs."""

    receivers: Receivers = field(default_factory=lambda: Receivers(()))

    def environment(self, person: Person) -> dict[str, str]:
        return {**Shell.environment(self, person), **self.receivers.addresses}


@dataclass(slots=True)
class Stage(Scene):
    """Everything the chapters of a procedure share."""

    procedure: Procedure = field(kw_only=True)
    receivers: Receivers = field(kw_only=True)
    tally: Tally = field(kw_only=True)
    data: Path = field(kw_only=True)
    """The folder of production's data."""
    faults: list[dict[str, object]] = field(default_factory=list, kw_only=True)
    """Every fault that was found: its name, what found it, why it went back, and after how many seconds."""

    def report(self, ended: str, seconds: float, processes_left: int) -> Path:
        """Write what was measured beside the folder of the demo."""
        self.measured.values["statements"] = self.tally.told()
        self.measured.values["faults"] = self.faults
        self.measured.values["messages_arrived"] = len(self.receivers.arrived)
        inside = Scene.report(self, ended, seconds, processes_left)
        path = self.root.with_suffix(".json")
        shutil.move(inside, path)
        return path

    def warm_up(self) -> None:
        """Let commands start at once from here on."""
        if isinstance(self.shell, WarmShell):
            self.shell.warm_up(self.procedure.founder)

    def wait(
        self, event: str, *, since: int, unless: tuple[str, ...] = (), within: float = PATIENCE, **words: str | int
    ) -> Record:
        return Scene.wait(self, event, since=since, unless=unless, within=within, **words)

    def put_away(self) -> None:
        """What lies outside the demo's folder."""
        self.receivers.close()
        shutil.rmtree(self.data.parent, ignore_errors=True)


def set_stage(procedure: Procedure, root: Path, screen: Screen) -> Stage:
    """A stage in that folder, with receivers that listen."""
    data = _data_folder()
    shell = WarmShell(root, shown_width(screen), screen.coloured, data.parent / "commands")
    ports = free_ports()
    receivers = Receivers(procedure.names)
    receivers.open()
    addressed = AddressedShell(root, shell.columns, shell.coloured, receivers)
    return Stage(
        root,
        screen,
        shell,
        ports,
        Controller(addressed, screen, procedure.founder, SERVICE),
        Chronicle(root / SERVICE),
        Crowd(ports.listen, CROWD, FORMS),
        procedure=procedure,
        receivers=receivers,
        tally=Tally.of(procedure.folder),
        data=data,
    )


def bound(stage: Stage) -> str:
    """The example's bindings, with this demo's ports, folders and pack in their places."""
    text, ports = stage.procedure.bindings.read_text("utf-8"), _numbers(stage.ports)
    swaps: list[tuple[str, str]] = [
        (f"pack: {stage.procedure.pack}\n", f"pack: {PACK}\n"),
        ("/srv/outreach/production", str(stage.data)),
        ("/srv/outreach/status", str(stage.root / "status")),
        ("serve, --port", "serve, --allow-faults, --port"),
        *((written, ports[which]) for written, which in stage.procedure.ports.items()),
        *stage.procedure.binding_swaps,
    ]
    if python() != "python3":
        swaps.append(("[python3,", f"[{python()},"))
    return swapped(text, tuple(one for one in swaps if one[0] in text or not one[0].startswith("/srv")))


def shortened(procedure: Procedure) -> str:
    """The library's pack with the demo's times."""
    return swapped((procedure.folder / "pack.yaml").read_text("utf-8"), procedure.pack_swaps)


def differing(procedure: Procedure) -> tuple[str, ...]:
    """The lines of the pack that are put otherwise: as they were, and as they are."""
    before = (procedure.folder / "pack.yaml").read_text("utf-8").splitlines()
    lines = difflib.unified_diff(before, shortened(procedure).splitlines(), n=0, lineterm="")
    return tuple(line for line in lines if line[:1] in "+-" and not line.startswith(("+++", "---")))


def swapped(text: str, swaps: Swaps) -> str:
    """The text with every one of these words put otherwise, everywhere it stands."""
    for written, instead in swaps:
        if written not in text:
            raise DemoFailed(f"'{written}' is to be put otherwise, and stands nowhere")
        text = text.replace(written, instead)
    return text


def _numbers(ports: Ports) -> dict[str, str]:
    return {
        "staging": str(ports.staging),
        "production": str(ports.production[0]),
        "listen": str(ports.listen[0]),
        "admin": str(ports.admin[0]),
        "control": str(ports.control),
    }


def _data_folder() -> Path:
    """Empty, and the checks' own where they run as somebody else."""
    folder = Path(tempfile.mkdtemp(prefix="interlock-demo-"))
    folder.chmod(0o755)
    data = folder / "production"
    data.mkdir()
    (data / _DATABASE).touch()
    if os.geteuid() == 0:
        with suppress(KeyError):
            checker = pwd.getpwnam(_CHECKER)
            for place in (data, data / _DATABASE):
                os.chown(place, checker.pw_uid, checker.pw_gid)
    return data


def interpreter() -> str:
    """The Python of this demo, as somebody types it."""
    return "python" if shutil.which("python", path=str(Path(sys.executable).parent)) else sys.executable
