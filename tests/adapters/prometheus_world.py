# SPDX-License-Identifier: Apache-2.0
"""A real Prometheus on loopback that scrapes the given targets five times a second."""

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event

from tests.ports import free_port

from interlock.adapters.http import HttpClient
from interlock.ports.failure import Unavailable

CONFIG = """
global: {{scrape_interval: 200ms, scrape_timeout: 200ms}}
scrape_configs:
  - job_name: demo
    metrics_path: {path}
    static_configs: [{{targets: [{targets}]}}]
"""


@dataclass
class Prometheus:
    """`targets` are ports of loopback. It can be stopped and started again on what it stored."""

    folder: Path
    targets: tuple[int, ...]
    path: str = "/metrics"
    port: int = field(default_factory=free_port)
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Returns when it answers."""
        program = shutil.which("prometheus")
        assert program, "install the Debian package 'prometheus': this is tested against the real thing"
        targets = ", ".join(f'"127.0.0.1:{port}"' for port in self.targets)
        (self.folder / "prometheus.yml").write_text(CONFIG.format(path=self.path, targets=targets))
        options = (
            f"--config.file={self.folder}/prometheus.yml",
            f"--storage.tsdb.path={self.folder}/tsdb",
            f"--web.listen-address=127.0.0.1:{self.port}",
            "--log.level=error",
        )
        self.processes.append(subprocess.Popen((program, *options)))
        self.wait_for("vector(1)", "vector")

    def wait_for(self, query: str, told: str) -> None:
        """Until its answer to the query holds that text."""
        for _ in range(300):
            try:
                if told.encode() in HttpClient().get(f"{self.url}/api/v1/query", {"query": query}).body:
                    return
            except Unavailable:
                pass
            Event().wait(0.1)
        raise AssertionError(f"Prometheus does not answer '{query}' with '{told}'")

    def stop(self) -> None:
        while self.processes:
            process = self.processes.pop()
            process.terminate()
            process.wait(20)


@contextmanager
def scraping(folder: Path, *targets: int, path: str = "/metrics") -> Iterator[Prometheus]:
    """A Prometheus that is stopped at the end."""
    prometheus = Prometheus(folder, targets, path)
    try:
        prometheus.start()
        yield prometheus
    finally:
        prometheus.stop()
