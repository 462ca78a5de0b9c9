# SPDX-License-Identifier: Apache-2.0
"""The service on a socket, in this process, and the checks run against it as they are run by hand."""

import contextlib
import io
import runpy
import sys
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path
from unittest import mock

from outreach import demo
from outreach.server import Server
from outreach.worker import Pace, Worker
from tests.world import WorldTest

ROOT = Path(__file__).resolve().parents[1]
CHECKS = ROOT / "checks"
QUICK = Pace(timedelta(seconds=0.01), timedelta(seconds=0.05), timedelta(seconds=0.2))


def run_check(name: str, *arguments: str | Path) -> tuple[int, str]:
    """The exit code of a check and what it said."""
    said = io.StringIO()
    words = [f"{name}.py", *map(str, arguments)]
    paths = [str(CHECKS), *sys.path]
    with mock.patch.object(sys, "argv", words), mock.patch.object(sys, "path", paths), contextlib.redirect_stdout(said):
        try:
            runpy.run_path(str(CHECKS / f"{name}.py"), run_name="__main__")
        except SystemExit as ended:
            return int(str(ended.code or 0)), said.getvalue()
    raise AssertionError(f"{name} did not say how it ended")


class ServedTest(WorldTest):
    """A service with `--demo` and `--allow-faults`, whose worker is quick."""

    def setUp(self) -> None:
        super().setUp()
        demo.fill(self.data, datetime.now(UTC))
        server = Server(self.app, "127.0.0.1", 0, lambda: datetime.now(UTC), io.StringIO())
        self.worker = Worker(self.data, self.faults, server.clock, server.write_log, QUICK)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        self.worker.start()
        self.addCleanup(self.worker.stop)
        self.addCleanup(thread.join)
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        self.url = f"http://127.0.0.1:{server.server_port}"
