# SPDX-License-Identifier: Apache-2.0
"""Where things are: the one place that reads the environment.

Everything Interlock keeps for a repository lies in one folder, `.interlock`, readable by its owner alone. Nothing in
the judged repository can change where that is or what is in force.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

HOME: Final = "INTERLOCK_HOME"
KEY: Final = "INTERLOCK_KEY"
FOLDER: Final = ".interlock"
BINDINGS: Final = "interlock.yaml"


@dataclass(frozen=True, slots=True)
class Home:
    """The folder of one ledger and everything beside it. `repository` is the checkout it belongs to."""

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
    def jobs(self) -> Path:
        """Checks and deployments under way, and what came of them."""
        return self.folder / "jobs"

    @property
    def deployments(self) -> Path:
        """What supervised processes need between restarts."""
        return self.folder / "deployments"

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


def find_home(start: Path, environment: Mapping[str, str] = os.environ) -> Home:
    """The home that belongs to `start`: the one named by INTERLOCK_HOME, else that of the checkout around it."""
    repository = _checkout(start.resolve())
    named = environment.get(HOME, "")
    return Home(Path(named).resolve() if named else repository / FOLDER, repository)


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


def wants_colour(environment: Mapping[str, str] = os.environ) -> bool:
    """Whether a terminal may be coloured (no-color.org; `TERM=dumb` cannot)."""
    return not environment.get("NO_COLOR", "") and environment.get("TERM", "") != "dumb"


def for_ssh(environment: Mapping[str, str] = os.environ) -> Mapping[str, str]:
    """What `ssh-keygen` needs of our environment to reach a person's agent and ask for a passphrase, and no more."""
    names = ("HOME", "PATH", "SSH_AUTH_SOCK", "SSH_ASKPASS", "DISPLAY", "TERM")
    return {name: environment[name] for name in names if name in environment}


def _checkout(start: Path) -> Path:
    for folder in (start, *start.parents):
        if (folder / ".git").exists():
            return folder
    return start
