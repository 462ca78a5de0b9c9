# SPDX-License-Identifier: Apache-2.0
"""Does a check of a running service hold for this tree? Serves it for a moment, with fresh data, and runs the check.

    python3 checks/tried_out.py checks/core_flows.py [--root .]
    python3 checks/tried_out.py smoke.py

So a release can be judged before it is anywhere, and a check can be seen to work before it is needed. The check is the
one beside this file, whatever tree is judged, and this one ends as it does.
"""

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

import calling
import tree
from calling import HELD, UNKNOWN, CannotJudge, CheckFailed


def check(options: argparse.Namespace) -> str:
    """Serve and run it; gives the sentence that says it passed."""
    program = (tree.ROOT / options.check).resolve()
    if not program.is_file() or not program.is_relative_to(tree.ROOT):
        raise CannotJudge(f"there is no check {options.check}")
    with tempfile.TemporaryDirectory() as folder, tree.served(options.root, Path(folder)) as url:
        ended = subprocess.run([sys.executable, str(program), "--url", url], check=False)
    if ended.returncode == UNKNOWN:
        raise CannotJudge(f"{options.check} could not be judged")
    if ended.returncode != HELD:
        raise CheckFailed(f"{options.check} did not hold")
    return f"{options.check} holds for this tree"


if __name__ == "__main__":
    asked = tree.add_root(calling.parser(__doc__, url=False))
    asked.add_argument("check", help="a check that takes --url, from the root of the tree")
    sys.exit(calling.conclude(check, asked.parse_args()))
