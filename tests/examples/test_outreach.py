# SPDX-License-Identifier: Apache-2.0
import http.client
import json
import os
import re
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from interlock.adapters.source.git import GitRepository

EXAMPLE = Path(__file__).resolve().parents[2] / "examples/outreach"
TAGS = ("v1.0.0", "v1.1.0", "v1.2.0")
QUIET = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1", "PYTHONWARNINGS": "error"}
PATIENCE = 240
STARTS = 8
CROWD = 250


def run(*arguments: str | Path, cwd: Path = EXAMPLE) -> subprocess.CompletedProcess[str]:
    """Run Python in a folder of the example."""
    return subprocess.run(
        [sys.executable, *arguments], cwd=cwd, env=QUIET, capture_output=True, text=True, timeout=PATIENCE, check=False
    )


@pytest.fixture(scope="session")
def history(tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("history") / "outreach"
    ended = run("make_history.py", target)
    assert ended.returncode == 0, ended.stderr
    return target


@pytest.fixture(scope="session")
def releases(history: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The tree of every release, by tag."""
    place = tmp_path_factory.mktemp("releases")
    for tag in TAGS:
        GitRepository(history).export(tag, place / tag)
    return {tag: place / tag for tag in TAGS}


@contextmanager
def served(tree: Path, data: Path) -> Iterator[str]:
    """A release, served for as long as the block runs; gives its address."""
    command = [sys.executable, "-m", "outreach", "serve", "--port", "0", "--data", str(data), "--demo"]
    with subprocess.Popen(command, cwd=tree, env=QUIET, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield str(json.loads(process.stdout.readline())["address"])
        finally:
            end(process)


def end(process: "subprocess.Popen[str]") -> str:
    """Ask it to stop; gives what it still said. One that does not listen is killed, so that no test hangs."""
    process.send_signal(signal.SIGTERM)
    try:
        return process.communicate(timeout=PATIENCE)[0]
    except subprocess.TimeoutExpired:
        process.kill()
        raise


def smoke(url: str) -> subprocess.CompletedProcess[str]:
    """The check that lives outside every release."""
    return run(EXAMPLE / "smoke.py", "--url", url, cwd=Path(EXAMPLE.root))


def register(url: str, name: str) -> None:
    """Somebody real registers, and nobody has followed up yet."""
    opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor())
    with opener.open(f"{url}/register", timeout=PATIENCE) as response:
        token = re.search(r'name="form_token" value="([^"]+)"', response.read().decode())
    assert token is not None
    body = f"name={name}&email={name}%40example.org&interest=x&form_token={token[1]}".encode()
    with opener.open(f"{url}/register", data=body, timeout=PATIENCE) as response:
        assert b"Thank you" in response.read()


def forms(url: str) -> list[int]:
    """A crowd of one address asks for the form, as everybody behind a proxy does; the statuses of the answers."""
    host = url.removeprefix("http://")
    return [form(host) for _ in range(CROWD)]


def form(host: str) -> int:
    """The status of one answer."""
    connection = http.client.HTTPConnection(host, timeout=PATIENCE)
    try:
        connection.request("GET", "/register")
        return connection.getresponse().status
    finally:
        connection.close()


def test_the_tree_passes_its_own_tests(tmp_path: Path) -> None:
    ended = run("run_tests.py", "--junit", tmp_path / "junit.xml")
    suite = ET.parse(tmp_path / "junit.xml").getroot()  # noqa: S314 - our own report
    assert (ended.returncode, int(suite.attrib["tests"]) > 60, suite.attrib["failures"]) == (0, True, "0")


@pytest.mark.parametrize("tag", ["v1.0.0", "v1.2.0"])
def test_every_other_release_passes_its_own_tests(releases: dict[str, Path], tag: str) -> None:
    assert run("-m", "unittest", cwd=releases[tag]).returncode == 0


def test_the_tree_is_the_release_that_its_version_says(history: Path) -> None:
    assert (EXAMPLE / "VERSION").read_text().strip() == "1.1.0"
    run_diff = [
        path
        for path in GitRepository(history).paths("v1.1.0")
        if (EXAMPLE / path).read_bytes() != git_file(history, "v1.1.0", path)
    ]
    assert not run_diff


def git_file(root: Path, tag: str, path: str) -> bytes:
    """A file as a release has it."""
    return subprocess.run(["git", "show", f"{tag}:{path}"], cwd=root, capture_output=True, check=True).stdout


def test_the_releases_are_by_their_authors(history: Path) -> None:
    repository = GitRepository(history)
    authors = {tag: repository.tagged(tag).author_email for tag in ("v1.1.0", "v1.2.0")}
    assert authors == {"v1.1.0": "dana@outreach.example", "v1.2.0": "eli@outreach.example"}


def test_each_release_follows_the_one_before(history: Path) -> None:
    repository = GitRepository(history)
    assert [len(repository.commits(base, head)) for base, head in (TAGS[:2], TAGS[1:])] == [1, 1]


def test_the_history_holds_the_service_and_not_how_it_was_made(history: Path) -> None:
    paths = GitRepository(history).paths("v1.2.0")
    assert not [path for path in paths if path.startswith(("history", "make_history"))]


def test_the_same_history_is_made_everywhere(history: Path, tmp_path: Path) -> None:
    run("make_history.py", tmp_path / "again")
    shas = [[GitRepository(root).tagged(tag).sha for tag in TAGS] for root in (history, tmp_path / "again")]
    assert shas[0] == shas[1]


def test_making_it_again_in_its_place_changes_nothing(history: Path) -> None:
    before = sorted((path, path.stat().st_mtime_ns) for path in history.rglob("*"))
    ended = run("make_history.py", history)
    assert (ended.returncode, sorted((path, path.stat().st_mtime_ns) for path in history.rglob("*"))) == (0, before)


def test_a_folder_with_something_else_in_it_is_refused(tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("kept")
    ended = run("make_history.py", tmp_path)
    assert (ended.returncode, [path.name for path in tmp_path.iterdir()]) == (1, ["mine"])


def test_other_authors_can_be_given(tmp_path: Path) -> None:
    run("make_history.py", tmp_path / "it", "--author", "v1.2.0=Fran Example <fran@outreach.example>")
    assert GitRepository(tmp_path / "it").tagged("v1.2.0").author_email == "fran@outreach.example"


@pytest.mark.parametrize("tag", TAGS)
def test_every_release_passes_the_smoke_check_with_fresh_data(
    releases: dict[str, Path], tag: str, tmp_path: Path
) -> None:
    with served(releases[tag], tmp_path / "data") as url:
        outcomes = [smoke(url).returncode, smoke(url).returncode]
    assert outcomes == [0, 0]


@pytest.mark.parametrize("tag", TAGS)
def test_every_release_passes_the_smoke_check_with_open_tasks(
    releases: dict[str, Path], tag: str, tmp_path: Path
) -> None:
    with served(releases["v1.0.0"], tmp_path / "data") as url:
        register(url, "ann")
    with served(releases[tag], tmp_path / "data") as url:
        assert smoke(url).returncode == 0


@pytest.mark.parametrize(("tag", "wanted"), [("v1.0.0", {200}), ("v1.1.0", {200}), ("v1.2.0", {200, 503})])
def test_in_a_crowd_only_the_bad_release_turns_people_away(
    releases: dict[str, Path], tag: str, wanted: set[int], tmp_path: Path
) -> None:
    with served(releases[tag], tmp_path / "data") as url:
        assert set(forms(url)) == wanted


def test_the_bad_release_says_that_it_is_well(releases: dict[str, Path], tmp_path: Path) -> None:
    with served(releases["v1.2.0"], tmp_path / "data") as url:
        forms(url)
        with urllib.request.build_opener().open(f"{url}/health", timeout=PATIENCE) as health:
            assert json.load(health)["status"] == "ok"


def test_going_back_from_the_bad_release_heals(releases: dict[str, Path], tmp_path: Path) -> None:
    with served(releases["v1.2.0"], tmp_path / "data") as url:
        forms(url)
    with served(releases["v1.1.0"], tmp_path / "data") as url:
        assert (set(forms(url)), smoke(url).returncode) == ({200}, 0)


@pytest.mark.parametrize("tag", TAGS)
def test_every_answer_names_its_release(releases: dict[str, Path], tag: str, tmp_path: Path) -> None:
    opener = urllib.request.build_opener()
    with served(releases[tag], tmp_path) as url, opener.open(f"{url}/register", timeout=PATIENCE) as response:
        assert f"v{response.headers['Outreach-Version']}" == tag


def test_the_first_release_runs_on_the_schema_of_the_second(releases: dict[str, Path], tmp_path: Path) -> None:
    with served(releases["v1.1.0"], tmp_path / "data"):
        pass
    with served(releases["v1.0.0"], tmp_path / "data") as url:
        assert smoke(url).returncode == 0


def test_two_processes_serve_the_same_data(releases: dict[str, Path], tmp_path: Path) -> None:
    tree, data = releases["v1.1.0"], tmp_path / "data"
    with served(tree, data) as one, served(tree, data) as other:
        assert [smoke(one).returncode, smoke(other).returncode] == [0, 0]


def test_the_smoke_check_tells_when_nobody_answers() -> None:
    assert smoke("http://127.0.0.1:1").returncode == 2


def test_a_signal_ends_the_service_in_order(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "outreach", "serve", "--port", "0", "--data", str(tmp_path)]
    with subprocess.Popen(command, cwd=EXAMPLE, env=QUIET, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        process.stdout.readline()
        rest = end(process)
    events = [json.loads(line)["event"] for line in rest.splitlines()]
    assert (process.returncode, events) == (0, ["stopping", "stopped"])


def test_a_signal_at_the_very_start_ends_it_too(tmp_path: Path) -> None:
    for _ in range(STARTS):
        with served(EXAMPLE, tmp_path):
            pass
    with served(EXAMPLE, tmp_path) as url:
        assert smoke(url).returncode == 0


def test_a_port_in_use_is_told_in_one_line(tmp_path: Path) -> None:
    with served(EXAMPLE, tmp_path / "one") as url:
        port = url.rpartition(":")[2]
        ended = run("-m", "outreach", "serve", "--port", port, "--data", tmp_path / "other")
    assert (ended.returncode, len(ended.stderr.splitlines())) == (1, 1)


def test_the_schema_goes_forward_and_back_by_command(tmp_path: Path) -> None:
    commands = (["migrate"], ["rollback", "--to", "6"], ["migrate"])
    said = [run("-m", "outreach", *command, "--data", tmp_path).stdout.splitlines()[0] for command in commands]
    assert said == ["applied 0001 people_and_tasks", "took back 0007 task_priority", "applied 0007 task_priority"]
