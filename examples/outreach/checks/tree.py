# SPDX-License-Identifier: Apache-2.0
"""For checks that judge a tree and not a running service: where it is, and how to serve it for a moment."""

import argparse
import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from calling import CannotJudge

ROOT = Path(__file__).resolve().parent.parent
STOP_SECONDS = 10


def add_root(parser: argparse.ArgumentParser) -> argparse.ArgumentParser:
    """`--root`: the tree to judge, by default the one that this check is in."""
    parser.add_argument("--root", type=Path, default=ROOT, help="the tree to judge")
    return parser


@contextmanager
def served(root: Path, data: Path) -> Iterator[str]:
    """The service of that tree with that data, for as long as the block runs; gives its address."""
    command = [sys.executable, "-m", "outreach", "serve", "--port", "0", "--data", str(data), "--demo"]
    with subprocess.Popen(command, cwd=root, stdout=subprocess.PIPE, text=True) as process:
        try:
            line = process.stdout.readline() if process.stdout else ""
            if not line:
                raise CannotJudge(f"the service in {root} does not start")
            yield str(json.loads(line)["address"])
        finally:
            process.send_signal(signal.SIGTERM)
            process.communicate(timeout=STOP_SECONDS)


def command(root: Path, *arguments: str) -> list[str]:
    """What a command of the service in that tree says."""
    asked = [sys.executable, "-m", "outreach", *arguments]
    ended = subprocess.run(asked, cwd=root, capture_output=True, text=True, check=False)
    if ended.returncode:
        raise CannotJudge(f"outreach {arguments[0]} ended with {ended.returncode}: {ended.stderr.strip()}")
    return ended.stdout.splitlines()
