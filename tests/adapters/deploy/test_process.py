# SPDX-License-Identifier: Apache-2.0
"""A service as local processes: the kit against real ones, and deaths of every kind."""

import json
import os
import signal
import socket
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path
from threading import Event

import pytest
from tests.ports import free_port

from interlock.adapters import linux
from interlock.adapters.deploy.process import ProcessDeployer, ReadyAt, ReadyWhenAlive
from interlock.adapters.deploy.supervisor import Instance
from interlock.adapters.http import HttpClient
from interlock.domain.ids import (
    ComponentName,
    EffectKey,
    EnvironmentName,
    ReleaseId,
    ServiceName,
    digest_of,
)
from interlock.ports.deploy import (
    CannotTell,
    Deployed,
    Deployer,
    DeployFailed,
    DeployProgress,
    DeployRequest,
    InProgress,
    NothingRuns,
    PlacedArtifact,
    Presence,
    Running,
    Unknown,
)
from interlock.ports.failure import Rejected
from interlock.testing.contracts.deploy import KEY, OTHER_KEY, DeployerContract, until_ended

SERVICE = ServiceName("outreach")
STAGING = EnvironmentName("staging")
SERVER = """
import http.server, os, signal, sys, time
version, port, data = sys.argv[1:]
open(data + "/starts", "a").write(version + "\\n")
if version == "bad":
    sys.exit("cannot open the database, password s3cr3t-value")
if version == "stubborn":
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    if os.fork() == 0:
        os.setsid()
        time.sleep(60)

class Answer(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(503 if version == "endless" else 200)
        self.end_headers()
        self.wfile.write(f"{version} {os.getpid()} {os.getcwd()}".encode())
    def log_message(self, *_):
        pass

http.server.HTTPServer(("127.0.0.1", int(port)), Answer).serve_forever()
"""


class ProcessRig:
    def __init__(self, root: Path) -> None:
        self.root = root
        self.base_port = free_port(2)

    def deployer(self) -> Deployer:
        return self.built()

    def built(self, instances: int = 1, patience: float = 60, **also: str) -> ProcessDeployer:
        run = (also.get("program", sys.executable), "-S", "server.py", "{version}", "{port}", "{data}")
        return ProcessDeployer(
            run,
            self.root / "state",
            self.base_port,
            instances,
            ReadyAt("/health"),
            {"PASSWORD": "s3cr3t-value", "NAME": "{service}-{instance}"},
            patience,
            grace=0.5,
        )

    def request(self, version: str) -> DeployRequest:
        folder = self.root / "artifacts" / version
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "server.py").write_text(SERVER)
        digest = digest_of(version.encode())
        artifact = PlacedArtifact(ComponentName("web"), digest, version, folder)
        return DeployRequest(SERVICE, STAGING, ReleaseId(f"release-{version}"), version, digest, (artifact,))

    def good(self, version: str) -> DeployRequest:
        return self.request(version)

    def bad(self) -> DeployRequest:
        return self.request("bad")

    def endless(self) -> DeployRequest:
        return self.request("endless")

    def impossible(self) -> Deployer:
        return self.built(program="/no/such/program")

    def acts(self, key: EffectKey) -> int:
        return len(self.starts())

    def remnants(self) -> int:
        return len(self.processes())

    def wait(self) -> None:
        Event().wait(0.02)

    def starts(self) -> list[str]:
        return (self.place / "data" / "starts").read_text().splitlines()

    def processes(self) -> set[int]:
        return linux.marked_below(f"INTERLOCK_PLACE={self.root}")

    def deploy(self, version: str, key: EffectKey = KEY, deployer: Deployer | None = None) -> DeployProgress:
        under_test = deployer or self.deployer()
        under_test.start(self.request(version), key)
        return until_ended(self, under_test, key)

    def running(self) -> Presence:
        return self.deployer().running(SERVICE, STAGING)

    def page(self, instance: int = 0) -> list[str]:
        body = HttpClient().get(f"http://127.0.0.1:{self.base_port + instance}/").body
        return body.decode().split(" ", 2)

    def until_runs(self, version: str) -> None:
        """The release is there again (a supervisor starts what crashed)."""
        for _ in range(300):
            if self.running() == Running(digest_of(version.encode()), version):
                return
            self.wait()
        raise AssertionError(f"{version} does not run: {self.running()}")

    @property
    def place(self) -> Path:
        return (self.root / "state").resolve() / "places" / SERVICE / STAGING

    def kill_supervisor(self) -> None:
        lock = str(self.place / "lock")
        os.close(linux.signal_holder(lock, signal.SIGKILL))
        while linux.holder(lock):
            self.wait()


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[ProcessRig]:
    under_test = ProcessRig(tmp_path)
    yield under_test
    under_test.built().stop(SERVICE, STAGING)
    assert under_test.processes() == set()
    assert linux.holder(str(under_test.place / "lock")) == 0


class TestProcessDeployer(DeployerContract):
    """Uses the fixture above, which also sees to it that nothing is left."""


def test_every_instance_answers_on_its_own_port(rig: ProcessRig) -> None:
    rig.deploy("1.0.0", deployer=rig.built(instances=2))
    pages = [rig.page(instance) for instance in (0, 1)]
    assert [page[0] for page in pages] == ["1.0.0", "1.0.0"]
    assert pages[0][1] != pages[1][1]


def test_a_new_release_takes_the_ports_of_the_old_one(rig: ProcessRig) -> None:
    rig.deploy("1.0.0")
    rig.deploy("1.1.0", OTHER_KEY)
    assert rig.page()[0] == "1.1.0"


def test_the_processes_run_in_a_copy_of_the_artifact(rig: ProcessRig) -> None:
    rig.deploy("1.0.0")
    folder = Path(rig.page()[2])
    (folder / "server.py").write_text("changed")
    assert (rig.root / "artifacts" / "1.0.0" / "server.py").read_text() == SERVER


def test_copies_of_releases_that_run_no_more_are_removed(rig: ProcessRig) -> None:
    for number in range(4):
        rig.deploy(f"1.{number}.0", EffectKey(f"key-{number}"))
    assert len(list((rig.root / "state" / "deployments").glob("*/app"))) <= 2


def test_the_data_folder_stays_from_release_to_release(rig: ProcessRig) -> None:
    rig.deploy("1.0.0")
    rig.deploy("1.1.0", OTHER_KEY)
    assert rig.starts() == ["1.0.0", "1.1.0"]


def test_a_process_sees_its_release_and_its_instance(rig: ProcessRig) -> None:
    rig.deploy("1.0.0")
    (process,) = rig.processes()
    seen = {entry.decode() for entry in linux.environment_of(process)}
    assert {"NAME=outreach-0", f"INTERLOCK_PORT={rig.base_port}", "INTERLOCK_VERSION=1.0.0"} <= seen


def test_a_former_release_that_will_not_end_is_killed_with_all_it_started(rig: ProcessRig) -> None:
    rig.deploy("stubborn")
    rig.deploy("1.1.0", OTHER_KEY)
    assert len(rig.processes()) == 1


def test_a_crashing_release_fails_with_its_last_words_and_nothing_stays(rig: ProcessRig) -> None:
    ended = rig.deploy("bad")
    assert isinstance(ended, DeployFailed)
    assert ended.detail.startswith("deploy.crashes: instance 0 ended 3 times")
    assert "cannot open the database, password [...]" in ended.detail
    assert rig.running() == NothingRuns()


def test_a_release_that_does_not_get_ready_in_time_fails(rig: ProcessRig) -> None:
    ended = rig.deploy("endless", deployer=rig.built(patience=0.8))
    assert isinstance(ended, DeployFailed)
    assert ended.detail.startswith("deploy.not_ready: instance 0 was not ready within 0.8 s")
    for _ in range(200):  # its processes are given a moment to end by themselves
        if rig.running() == NothingRuns():
            break
        rig.wait()
    assert rig.running() == NothingRuns()


def test_after_a_failure_the_former_release_can_be_deployed_again(rig: ProcessRig) -> None:
    rig.deploy("1.0.0")
    rig.deploy("bad", OTHER_KEY)
    rig.deploy("1.0.0", EffectKey("back"))
    assert rig.page()[0] == "1.0.0"


def test_a_port_that_a_stranger_holds_is_named(rig: ProcessRig) -> None:
    with socket.socket() as stranger:
        stranger.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # what was just closed there is no stranger
        stranger.bind(("127.0.0.1", rig.base_port))
        stranger.listen()
        ended = rig.deploy("1.0.0")
    assert ended == DeployFailed(f"deploy.port_in_use: port {rig.base_port} is used by another program")


def test_a_port_in_use_is_found_before_the_former_release_is_touched(rig: ProcessRig) -> None:
    rig.deploy("1.0.0")
    before = rig.page()[1]
    with socket.socket() as stranger:
        stranger.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # what was just closed there is no stranger
        stranger.bind(("127.0.0.1", rig.base_port + 1))
        stranger.listen()
        ended = rig.deploy("1.1.0", OTHER_KEY, rig.built(instances=2))
    assert isinstance(ended, DeployFailed)
    assert rig.page()[:2] == ["1.0.0", before]


def test_a_former_release_that_stayed_survives_the_next_supervisor(rig: ProcessRig) -> None:
    rig.deploy("1.0.0")
    with socket.socket() as stranger:
        stranger.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # what was just closed there is no stranger
        stranger.bind(("127.0.0.1", rig.base_port + 1))
        stranger.listen()
        rig.deploy("1.1.0", OTHER_KEY, rig.built(instances=2))
    before = rig.page()[1]
    rig.kill_supervisor()
    rig.built().revive(SERVICE, STAGING)
    assert rig.page()[:2] == ["1.0.0", before]


def test_a_crashed_process_is_started_again(rig: ProcessRig) -> None:
    rig.deploy("1.0.0")
    linux.send(signal.SIGKILL, rig.processes())
    while len(rig.starts()) < 2:
        rig.wait()
    rig.until_runs("1.0.0")
    assert rig.starts() == ["1.0.0", "1.0.0"]


def test_processes_go_on_when_their_supervisor_is_killed(rig: ProcessRig) -> None:
    rig.deploy("1.0.0")
    before = rig.page()
    rig.kill_supervisor()
    assert rig.page() == before
    assert rig.running() == Running(digest_of(b"1.0.0"), "1.0.0")


def test_the_next_supervisor_adopts_what_the_killed_one_left(rig: ProcessRig) -> None:
    rig.deploy("1.0.0")
    rig.kill_supervisor()
    rig.built().revive(SERVICE, STAGING)
    linux.send(signal.SIGKILL, rig.processes())
    while len(rig.starts()) < 2:
        rig.wait()
    rig.until_runs("1.0.0")
    assert rig.starts() == ["1.0.0", "1.0.0"]


def test_a_release_follows_one_whose_supervisor_was_killed(rig: ProcessRig) -> None:
    rig.deploy("1.0.0")
    rig.kill_supervisor()
    assert isinstance(rig.deploy("1.1.0", OTHER_KEY), Deployed)
    assert (rig.page()[0], len(rig.processes())) == ("1.1.0", 1)


def test_a_deployment_whose_supervisor_was_killed_goes_on_under_its_key(rig: ProcessRig) -> None:
    deployer = rig.deployer()
    deployer.start(rig.endless(), KEY)
    rig.kill_supervisor()
    before = deployer.observe(KEY)
    deployer.start(rig.endless(), KEY)
    assert isinstance(before, Unknown)
    assert isinstance(deployer.observe(KEY), InProgress)


def test_a_deployment_that_was_laid_down_but_not_begun_is_begun_by_the_next_start(rig: ProcessRig) -> None:
    deployer = rig.built()
    deployer._lay_down(rig.request("1.0.0"), deployer._deployment(KEY), KEY)  # noqa: SLF001 - this is the crash
    before = deployer.observe(KEY)
    assert isinstance(before, Unknown)
    assert isinstance(rig.deploy("1.0.0"), Deployed)


def test_a_service_outlives_the_killed_controller_that_deployed_it(rig: ProcessRig) -> None:
    source = f"""
        import signal
        from pathlib import Path
        from interlock.adapters.deploy.process import ProcessDeployer, ReadyAt
        from tests.adapters.deploy.test_process import *
        rig = ProcessRig(Path({str(rig.root)!r}))
        rig.base_port = {rig.base_port}
        rig.deployer().start(rig.request("1.0.0"), KEY)
        print("started", flush=True)
        signal.pause()
    """
    root = Path(__file__).parents[3]
    controller = subprocess.Popen([sys.executable, "-c", textwrap.dedent(source)], stdout=subprocess.PIPE, cwd=root)
    assert controller.stdout is not None
    controller.stdout.readline()
    controller.kill()
    controller.communicate()
    assert isinstance(until_ended(rig, rig.deployer(), KEY), Deployed)
    assert rig.page()[0] == "1.0.0"


def test_starting_an_old_deployment_again_does_not_bring_it_back(rig: ProcessRig) -> None:
    rig.deploy("1.0.0")
    rig.deploy("1.1.0", OTHER_KEY)
    rig.deployer().start(rig.request("1.0.0"), KEY)
    Event().wait(0.3)
    assert rig.page()[0] == "1.1.0"


def test_a_deployment_that_another_replaced_has_failed(rig: ProcessRig) -> None:
    deployer = rig.deployer()
    deployer.start(rig.endless(), KEY)
    rig.deploy("1.1.0", OTHER_KEY)
    assert isinstance(deployer.observe(KEY), DeployFailed)


def test_cancelling_an_older_deployment_leaves_the_newer_one(rig: ProcessRig) -> None:
    deployer = rig.deployer()
    deployer.start(rig.endless(), KEY)
    rig.deploy("1.1.0", OTHER_KEY)
    deployer.cancel(KEY)
    assert rig.page()[0] == "1.1.0"


def test_stop_ends_everything_and_keeps_the_data(rig: ProcessRig) -> None:
    rig.deploy("1.0.0")
    rig.built().stop(SERVICE, STAGING)
    assert rig.processes() == set()
    assert rig.running() == NothingRuns()
    assert rig.starts() == ["1.0.0"]


def test_stopping_also_ends_what_a_killed_supervisor_left(rig: ProcessRig) -> None:
    rig.deploy("1.0.0")
    rig.kill_supervisor()
    rig.built().stop(SERVICE, STAGING)
    assert rig.processes() == set()


def test_a_status_that_cannot_be_read_cannot_tell(rig: ProcessRig) -> None:
    rig.place.mkdir(parents=True)
    for text in ("", "[]", json.dumps({"instances": [{}]}), json.dumps({"instances": [{"process": "x", "born": 1}]})):
        (rig.place / "status.json").write_text(text)
        assert isinstance(rig.running(), CannotTell)


def test_a_process_that_ended_before_it_was_looked_at_is_not_alive() -> None:
    ended = subprocess.Popen(["true"])
    ended.wait()
    instance = Instance(0, {})
    instance.adopt(ended.pid)
    assert not instance.is_alive()


def test_a_number_that_another_process_has_now_is_not_taken_for_ours(rig: ProcessRig) -> None:
    rig.place.mkdir(parents=True)
    entry = {"process": os.getpid(), "born": linux.born(os.getpid()) - 1}
    status = {"digest": digest_of(b"x"), "version": "1", "instances": [entry]}
    (rig.place / "status.json").write_text(json.dumps(status))
    assert rig.running() == NothingRuns()


def test_output_is_kept_within_its_limit(rig: ProcessRig) -> None:
    deployer = ProcessDeployer(
        ("sh", "-c", "seq 1 20000; exec sleep 60"),
        rig.root / "state",
        rig.base_port,
        ready=ReadyWhenAlive(0.5),
        output_bytes=1000,
    )
    assert isinstance(rig.deploy("1.0.0", deployer=deployer), Deployed)
    assert sum(log.stat().st_size for log in (rig.place / "output").iterdir()) <= 2000


def test_a_file_is_run_from_a_copy_too(rig: ProcessRig) -> None:
    script = rig.root / "server"
    script.write_text("#!/bin/sh\nexec sleep 60\n")
    script.chmod(0o755)
    digest = digest_of(b"file")
    artifact = PlacedArtifact(ComponentName("web"), digest, "server", script)
    request = DeployRequest(SERVICE, STAGING, ReleaseId("r"), "1.0.0", digest, (artifact,))
    deployer = ProcessDeployer(("{artifact}",), rig.root / "state", rig.base_port, ready=ReadyWhenAlive(0.1))
    deployer.start(request, KEY)
    assert isinstance(until_ended(rig, deployer, KEY), Deployed)
    assert deployer.running(SERVICE, STAGING) == Running(digest, "1.0.0")


@pytest.mark.parametrize(
    ("run", "port", "instances", "code"),
    [
        ((), 8000, 1, "deploy.no_command"),
        (("server", "{prot}"), 8000, 1, "placeholder.unknown"),
        (("server",), 0, 1, "deploy.bad_ports"),
        (("server",), 65535, 2, "deploy.bad_ports"),
        (("server",), 8000, 0, "deploy.bad_ports"),
    ],
)
def test_what_cannot_be_run_is_refused_when_it_is_built(
    tmp_path: Path, run: tuple[str, ...], port: int, instances: int, code: str
) -> None:
    with pytest.raises(Rejected) as refused:
        ProcessDeployer(run, tmp_path, port, instances)
    assert refused.value.code == code
