# SPDX-License-Identifier: Apache-2.0
"""Somebody who never saw Interlock, in a repository of their own: what they type, answer and edit, and what they see.

Every command is the installed one, as a process of its own, without our environment. All of it is written down as it
happens, with the questions answered and the files edited by hand counted.
"""

import json
import os
import pty
import re
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

INTERLOCK: Final = Path(sys.executable).parent / "interlock"
BUILD: Final = Path(__file__).parents[2] / "build"
CACHE: Final = BUILD / "cache"
PLAIN_PATH: Final = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
PATIENCE: Final = 120.0
_SHOWN: Final = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


@dataclass(frozen=True)
class Person:
    """A handle, with an address they commit with and a key they sign with."""

    handle: str
    key: Path

    @property
    def email(self) -> str:
        return f"{self.handle}@example.org"


@dataclass(frozen=True)
class Ended:
    """How a command ended and what it printed."""

    code: int
    out: str
    err: str = ""

    @property
    def text(self) -> str:
        return self.out + self.err

    @property
    def data(self) -> dict[str, object]:
        read = json.loads(self.out)
        assert isinstance(read, dict)
        return read

    @property
    def codes(self) -> list[str]:
        """The codes of a refusal or an error printed as JSON."""
        told = self.data.get("refused") or self.data.get("error") or []
        assert isinstance(told, list)
        return [one["code"] for one in told]


@dataclass
class Repository:
    """A repository with a place to deploy to beside it, and a transcript of what is done with it."""

    name: str
    root: Path
    people: dict[str, Person] = field(default_factory=dict)
    transcript: list[str] = field(default_factory=list)
    questions: list[str] = field(default_factory=list)
    edits: list[str] = field(default_factory=list)
    commands: int = 0
    began: float = field(default_factory=time.monotonic)

    @property
    def folder(self) -> Path:
        return self.root / self.name

    @property
    def served(self) -> Path:
        """Where the deploy script puts what runs."""
        return self.root / "srv"

    @property
    def ledger(self) -> Path:
        return self.folder / ".interlock" / "ledger.db"

    def person(self, handle: str) -> Person:
        """Somebody, with a key made when they are first met."""
        if handle not in self.people:
            keys = self.root / "keys"
            keys.mkdir(mode=0o700, exist_ok=True)
            key = keys / handle
            subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", handle, "-f", key], check=True)
            self.people[handle] = Person(handle, key)
        return self.people[handle]

    def environment(self, person: Person) -> dict[str, str]:
        """What a command of that person sees: nothing of ours."""
        return {
            "PATH": f"{INTERLOCK.parent}{os.pathsep}{PLAIN_PATH}",
            "HOME": str(self.root / "home"),
            "LANG": "C.UTF-8",
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_AUTHOR_NAME": person.handle.capitalize(),
            "GIT_AUTHOR_EMAIL": person.email,
            "GIT_COMMITTER_NAME": person.handle.capitalize(),
            "GIT_COMMITTER_EMAIL": person.email,
            "INTERLOCK_KEY": str(person.key),
            **{name: os.environ[name] for name in ("COVERAGE_PROCESS_CONFIG", "PYTHONPATH") if name in os.environ},
        }

    def git(self, *words: str, by: str = "ann") -> str:
        done = subprocess.run(
            ["git", *words], cwd=self.folder, env=self.environment(self.person(by)), capture_output=True, check=False
        )
        assert done.returncode == 0, done.stderr.decode()
        return done.stdout.decode().strip()

    def commit(self, message: str, *, tag: str = "", by: str = "ann") -> None:
        """Commit all there is, and tag it."""
        self.git("add", "--all", by=by)
        self.git("commit", "--quiet", "--message", message, by=by)
        if tag:
            self.git("tag", tag, by=by)

    def typed(self, line: str, *, by: str = "ann") -> None:
        """A command of the person's own that is no `interlock`, such as their deploy script."""
        self.transcript.append(f"{by}$ {line}")
        done = subprocess.run(
            ["sh", "-c", line],
            cwd=self.folder, env=self.environment(self.person(by)), capture_output=True, check=False,
        )  # fmt: skip
        self._heard((done.stdout + done.stderr).decode())
        assert done.returncode == 0, done.stderr.decode()

    def run(self, *words: str, by: str = "ann", extra: Mapping[str, str] | None = None) -> Ended:
        """`interlock` with these words, without a terminal."""
        self.commands += 1
        self.transcript.append(f"{by}$ interlock {' '.join(_quoted(word) for word in words)}")
        done = subprocess.run(
            [INTERLOCK, *words],
            cwd=self.folder,
            env={**self.environment(self.person(by)), **(extra or {})},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=PATIENCE,
            check=False,
        )
        ended = Ended(done.returncode, done.stdout.decode(), done.stderr.decode())
        self._heard(ended.text)
        return ended

    def does(self, *words: str, by: str = "ann") -> Ended:
        """`interlock` with these words, which must end well."""
        ended = self.run(*words, by=by)
        assert ended.code == 0, ended.text
        return ended

    def at_a_terminal(self, *words: str, answers: Sequence[str], prompt: str = "> ", by: str = "ann") -> Ended:
        """`interlock` at a pseudo-terminal; each answer is typed when the command waits for one."""
        self.commands += 1
        self.transcript.append(f"{by}$ interlock {' '.join(_quoted(word) for word in words)}")
        with terminal(self, words, by) as (process, screen):
            seen = ""
            for answer in answers:
                asked = until(screen, prompt)
                self.questions.append(" ".join(_plain(asked).rpartition("\n")[0].split()))
                seen += asked
                os.write(screen, f"{answer}\n".encode())
            seen += _rest(screen)
            code = process.wait(PATIENCE)
        shown = _plain(seen)
        self._heard(shown)
        return Ended(code, shown)

    def drive(self) -> Ended:
        """The controller, until nothing is left to do."""
        return self.does("drive", "--until-idle")

    def release(self, version: str, change: str, *, by: str = "ann", agreed_by: str = "ann") -> None:
        """A whole release into production, typed as `interlock status` says."""
        self.does("change", "open", change, "--title", f"Release {version}", by=by)
        self.does("release", "create", version, "--change", change, by=by)
        self.drive()
        self.does("promote", version, "staging", by=by)
        self.drive()
        self.does("sign", version, "rollback-plan", "--yes", by=by)
        self.does("approve", version, "--yes", by=agreed_by)
        self.does("promote", version, "production", by=by)
        self.drive()

    def live(self, environment: str) -> str:
        """What the deploy script really put there."""
        return (self.served / environment / "current").resolve().name

    def recorded(self, environment: str) -> str:
        """What Interlock says runs there."""
        asked = subprocess.run(
            [INTERLOCK, "status", "--json"],
            cwd=self.folder, env=self.environment(self.person("ann")), capture_output=True, check=True,
        )  # fmt: skip
        places = Ended(asked.returncode, asked.stdout.decode()).data["services"]
        assert isinstance(places, list)
        return next(str(one["version"]) for one in places[0]["environments"] if one["environment"] == environment)

    def verified(self) -> None:
        """The ledger as an outsider sees it: exported, and checked with nothing but the copy."""
        copy = Path(tempfile.mkdtemp(dir=self.root)) / "copy"
        self.does("ledger", "export", str(copy))
        self.does("ledger", "verify", str(copy))

    def write_down(self, **figures: object) -> None:
        """Keep the transcript and the counts where people can read them."""
        folder = BUILD / "five-minutes"
        folder.mkdir(parents=True, exist_ok=True)
        seconds = round(time.monotonic() - self.began, 1)
        (folder / f"{self.name}.txt").write_text(
            "\n".join(self.transcript).replace(str(self.root), "~") + "\n", encoding="utf-8"
        )
        counted = {
            "project": self.name,
            "seconds": seconds,
            "questions": self.questions,
            "edits": self.edits,
            "commands": self.commands,
            **figures,
        }
        (folder / f"{self.name}.json").write_text(json.dumps(counted, indent=2) + "\n", encoding="utf-8")

    def _heard(self, text: str) -> None:
        self.transcript += [f"    {line}".rstrip() for line in text.splitlines()]


@contextmanager
def a_repository(name: str) -> Iterator[Repository]:
    """An empty git repository in a folder that every user can read, as served files are."""
    root = Path(tempfile.mkdtemp(prefix="five-minutes-"))
    try:
        root.chmod(0o755)
        for folder in (name, "srv", "home"):
            (root / folder).mkdir()
        repository = Repository(name, root)
        repository.git("init", "--quiet", "--initial-branch=main")
        yield repository
    finally:
        shutil.rmtree(root)


@contextmanager
def terminal(repository: Repository, words: Sequence[str], by: str) -> "Iterator[tuple[subprocess.Popen[bytes], int]]":
    """A command at a pseudo-terminal of its own, ended with it; the descriptor is the screen and the keyboard."""
    screen, other = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-c", _LEAD, str(INTERLOCK), *words],
        cwd=repository.folder,
        env={**repository.environment(repository.person(by)), "TERM": "dumb", "COLUMNS": "100"},
        stdin=other,
        stdout=other,
        stderr=other,
        start_new_session=True,
    )
    os.close(other)
    try:
        yield process, screen
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGKILL)
            process.wait()
        os.close(screen)


_LEAD: Final = (
    "import fcntl, os, signal, sys, termios; fcntl.ioctl(0, termios.TIOCSCTTY, 0); "
    "signal.signal(signal.SIGINT, signal.SIG_DFL); os.execv(sys.argv[1], sys.argv[1:])"
)
"""Make the terminal the controlling one, so that Ctrl-C arrives as a person's does, and become the command.

What a shell runs in the background begins with Ctrl-C ignored, and hands that on: a test run there would, too.
"""


def until(screen: int, wanted: str) -> str:
    """Read the screen until this text is at its end."""
    seen = ""
    deadline = time.monotonic() + PATIENCE
    while not seen.endswith(wanted):
        ready, _, _ = select.select([screen], [], [], max(0.0, deadline - time.monotonic()))
        assert ready, f"nobody asked: {seen}"
        part = _read(screen)
        assert part, f"it ended: {seen}"
        seen += part
    return seen


def _rest(screen: int) -> str:
    seen = ""
    while part := _read(screen):
        seen += part
    return seen


def _read(screen: int) -> str:
    try:
        return os.read(screen, 65536).decode("utf-8", "replace")
    except OSError:
        return ""


def _plain(text: str) -> str:
    return _SHOWN.sub("", text).replace("\r\n", "\n")


def _quoted(word: str) -> str:
    return f"'{word}'" if re.search(r"[^\w@%+=:,./-]", word) else word
