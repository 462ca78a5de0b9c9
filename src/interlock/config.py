# SPDX-License-Identifier: Apache-2.0
"""Where things are: the one place that reads the environment.

Everything Interlock keeps for a repository lies in one folder, `.interlock`, readable by its owner alone. Nothing in
the judged repository can change where that is or what is in force.

A repository has one home, however many worktrees it has: the folder is found through git's common directory, beside it
when that is a `.git`, else (bare, a submodule's, kept elsewhere) in it. No git is started for that.
"""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

HOME: Final = "INTERLOCK_HOME"
KEY: Final = "INTERLOCK_KEY"
URL: Final = "INTERLOCK_URL"
TOKEN: Final = "INTERLOCK_TOKEN"  # noqa: S105  # the name of a setting
OTLP: Final = "INTERLOCK_OTLP"
PROMETHEUS: Final = "INTERLOCK_PROMETHEUS"
FOLDER: Final = ".interlock"
BINDINGS: Final = "interlock.yaml"
GIT: Final = ".git"
_POINTER: Final = "gitdir: "
_LONGEST_POINTER: Final = 8192


@dataclass(frozen=True, slots=True)
class Home:
    """The folder of one ledger and everything beside it.

    `repository` is the checkout one stands in; of a repository with several worktrees it need not lie beside `folder`.
    """

    folder: Path
    repository: Path

    @property
    def ledger(self) -> Path:
        """The ledger's file."""
        return self.folder / "ledger.db"

    @property
    def key(self) -> Path:
        """The ledger's private key."""
        return self.folder / "ledger.key"

    @property
    def accounts(self) -> Path:
        """Who may sign in at the server, and what happened at its door; no part of the ledger."""
        return self.folder / "accounts.db"

    @property
    def settings(self) -> Path:
        """What the server is told of other people's identity providers."""
        return self.folder / "server.toml"

    @property
    def jobs(self) -> Path:
        """Checks and deployments under way, and what came of them."""
        return self.folder / "jobs"

    @property
    def deployments(self) -> Path:
        """What supervised processes need between restarts."""
        return self.folder / "deployments"

    @property
    def routes(self) -> Path:
        """The files of the proxies that split traffic."""
        return self.folder / "routes"

    @property
    def content(self) -> Path:
        """Artifacts by their digest."""
        return self.folder / "content"

    @property
    def lock(self) -> Path:
        """Held by the one driver."""
        return self.folder / "driver.lock"

    @property
    def socket(self) -> Path:
        """Where the driver is reached."""
        return self.folder / "driver.sock"

    @property
    def exists(self) -> bool:
        """Whether there is a ledger here."""
        return self.ledger.exists()


@dataclass(frozen=True, slots=True)
class FarHome(Home):
    """What is kept here of a ledger that a server keeps: a copy. `driven` asks whether its controller is at work."""

    driven: Callable[[], bool]


@dataclass(frozen=True, slots=True)
class Server:
    """Where somebody else keeps the ledger, and what shows who asks. Without an address there is none."""

    address: str
    token: str


def find_server(named: str, environment: Mapping[str, str] = os.environ) -> Server:
    """The server named on the line, else by INTERLOCK_URL; its token is never on the line."""
    return Server(named or environment.get(URL, ""), environment.get(TOKEN, ""))


def cache_folder(environment: Mapping[str, str] = os.environ) -> Path:
    """Where copies may lie that can be made again (XDG base directories)."""
    named = environment.get("XDG_CACHE_HOME", "")
    base = Path(named) if named.startswith("/") else Path(environment.get("HOME", "/")) / ".cache"
    return base / "interlock"


def checkout_of(start: Path) -> Path:
    """The checkout around a folder; the folder itself where there is none."""
    return _checkout(start.resolve())


def find_home(start: Path, environment: Mapping[str, str] = os.environ) -> Home:
    """The home that belongs to `start`: the one named by INTERLOCK_HOME, else that of the repository around it."""
    repository = _checkout(start.resolve())
    named = environment.get(HOME, "")
    return Home(Path(named).resolve() if named else _beside_git(repository) / FOLDER, repository)


def key_candidates(environment: Mapping[str, str] = os.environ) -> tuple[Path, ...]:
    """Where a person's SSH key may be, best first: INTERLOCK_KEY alone if it is set, else the usual files."""
    named = environment.get(KEY, "")
    if named:
        return (Path(named).expanduser(),)
    folder = Path(environment.get("HOME", "/")) / ".ssh"
    return tuple(folder / name for name in ("id_ed25519", "id_ecdsa", "id_rsa"))


def secret(name: str, environment: Mapping[str, str] = os.environ) -> str:
    """The value of a setting that must not be written down; empty when it is not set."""
    return environment.get(name, "")


def collector(environment: Mapping[str, str] = os.environ) -> str:
    """Where a server tells its traces, by OTLP over HTTP; empty when nobody asked for them."""
    return environment.get(OTLP, "")


def prometheus_address(environment: Mapping[str, str] = os.environ) -> str:
    """The Prometheus that a server judges by for others; empty: none."""
    return environment.get(PROMETHEUS, "")


def wants_colour(environment: Mapping[str, str] = os.environ) -> bool:
    """Whether a terminal may be coloured (no-color.org; `TERM=dumb` cannot)."""
    return not environment.get("NO_COLOR", "") and environment.get("TERM", "") != "dumb"


def for_ssh(environment: Mapping[str, str] = os.environ) -> Mapping[str, str]:
    """What `ssh-keygen` needs of our environment to reach a person's agent and ask for a passphrase, and no more."""
    names = ("HOME", "PATH", "SSH_AUTH_SOCK", "SSH_ASKPASS", "DISPLAY", "TERM")
    return {name: environment[name] for name in names if name in environment}


def _checkout(start: Path) -> Path:
    for folder in (start, *start.parents):
        if (folder / GIT).exists() or _is_bare(folder):
            return folder
    return start


def _is_bare(folder: Path) -> bool:
    """Whether the folder is a git directory itself, without a checkout around it."""
    parts = (folder / "objects", folder / "refs")
    return folder.name != GIT and (folder / "HEAD").is_file() and all(part.is_dir() for part in parts)


def _beside_git(repository: Path) -> Path:
    """Where the home of the repository that is checked out there lies, the same for all its worktrees."""
    git = repository / GIT
    if git.is_file():
        git = _led_to(repository, _line(git).removeprefix(_POINTER))
        git = _led_to(git, _line(git / "commondir"))
    elif not git.is_dir():
        return repository
    git = git.resolve()
    if not git.is_dir():
        return repository  # git cannot read such a checkout either, so nothing is founded here
    return git.parent if git.name == GIT else git


def _led_to(folder: Path, pointer: str) -> Path:
    return folder / pointer if pointer else folder


def _line(file: Path) -> str:
    """What a file of git's points to; empty when it cannot be read."""
    try:
        with file.open("rb") as opened:
            return os.fsdecode(opened.read(_LONGEST_POINTER).partition(b"\0")[0]).rstrip("\r\n")
    except OSError:
        return ""
