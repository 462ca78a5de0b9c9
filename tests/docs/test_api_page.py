# SPDX-License-Identifier: Apache-2.0
"""What the page about the API shows can be typed, in its order, against a server."""

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest
from tests.api.hosting import hosted, released_place

from interlock.config import find_home

ROOT: Final = Path(__file__).parents[2]
PAGE: Final = (ROOT / "docs" / "how-to" / "api.md").read_text()
SHELL: Final = "".join(re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL))
HOOKS: Final = re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)[0]
SECRET: Final = "a secret of sixteen and more"


def test_what_is_shown_works(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INTERLOCK_HOOK_CI", SECRET)
    monkeypatch.setenv("INTERLOCK_HOOK_PAGER", SECRET)
    place = released_place(tmp_path / "shop")
    (find_home(place.folder, {}).folder / "hooks.json").write_text(HOOKS)
    (tmp_path / "at").mkdir()
    with hosted(place) as server:
        known = {
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
            "HOME": str(tmp_path / "home"),
            "INTERLOCK_URL": server.url,
            "INTERLOCK_TOKEN": server.token("cat"),
            "INTERLOCK_KEY": str(place.key("cat")),
            "INTERLOCK_HOOK_CI": SECRET,
        }
        script = f"set -eu\nshopt -s expand_aliases\n{SHELL}"
        done = subprocess.run(
            ["bash", "-c", script], cwd=tmp_path / "at", env=known, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
        events = [record.event for record in server.house.store.records()]
    assert events[-6:] == [
        "CommandAccepted",
        "FreezeDeclared",
        "CommandAccepted",
        "FreezeLifted",
        "CommandAccepted",
        "EvidenceRecorded",
    ]
