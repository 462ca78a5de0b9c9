# SPDX-License-Identifier: Apache-2.0
import subprocess
import sys
from pathlib import Path

import pytest

from interlock.ports.failure import Unavailable
from interlock.server.room import ROOM, require_room

LIMITED = """
import resource, sys
from pathlib import Path
from interlock.ports.failure import Unavailable
from interlock.server.room import ROOM, require_room
resource.setrlimit(resource.RLIMIT_FSIZE, (ROOM + int(sys.argv[2]), ROOM))
try:
    require_room(Path(sys.argv[1]))
except Unavailable as fault:
    print(fault.code)
"""


@pytest.mark.parametrize(("more", "told"), [(0, ""), (-1, "server.no_room\n")], ids=["enough", "less"])
def test_what_a_quota_leaves_is_tried_and_nothing_is_left_behind(tmp_path: Path, more: int, told: str) -> None:
    command = [sys.executable, "-c", LIMITED, str(tmp_path), str(more)]
    assert subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout == told
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_gone_has_no_room(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match=f"{ROOM >> 10} KiB") as caught:
        require_room(tmp_path / "gone")
    assert caught.value.code == "server.no_room"
