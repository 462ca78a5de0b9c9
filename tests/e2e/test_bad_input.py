# SPDX-License-Identifier: Apache-2.0
"""What goes wrong in people's hands and on their machines, met by the installed command: told, nothing lost."""

import json
import os
import select
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from datetime import datetime, timedelta

import pytest
from tests.e2e.stranger import INTERLOCK, PATIENCE, Ended, Repository, a_repository, terminal, until

from interlock.adapters.clock import MemoryClock
from interlock.bootstrap.houses import open_house
from interlock.bootstrap.keys import person_signer
from interlock.config import find_home
from interlock.domain.change import ChangeKind, OpenChange
from interlock.domain.ids import ChangeId, EnvironmentName, PersonId, PromotionId, ReleaseId, RollbackId, ServiceName
from interlock.domain.promotion import RequestPromotion
from interlock.domain.rollback import BeginRollback
from interlock.ledger.codec import Command
from interlock.service.handle import Declined, Done, Outcome, Submission
from interlock.service.speak import Speaker

STAGING, PRODUCTION = EnvironmentName("staging"), EnvironmentName("production")
DONE, REFUSED, USAGE, OUTSIDE, INTERRUPTED = 0, 1, 2, 3, 130
PLAIN = (
    "--person", "ann", "--alone", "--tests", "true", "--smoke", "true",
    "--deploy", "./deploy.sh {environment} {version}",
)  # fmt: skip


@pytest.fixture
def fresh() -> Iterator[Repository]:
    """One commit, and a deploy script that writes down what it did."""
    with a_repository("shop") as repository:
        (repository.folder / "deploy.sh").write_text(
            f"#!/bin/sh\nset -eu\nmkdir -p {repository.served}/$1/$2\n"
            f'ln -sfn $2 {repository.served}/$1/current\necho "$1 $2" >> {repository.served}/log\n'
            f"if [ -e {repository.served}/slow ]; then sleep 2; fi\n"
        )
        (repository.folder / "deploy.sh").chmod(0o755)
        repository.commit("One", tag="v1")
        yield repository


@pytest.fixture
def shop(fresh: Repository) -> Repository:
    """Governed, v1 running, v2 tagged and its change open."""
    fresh.does("init", *PLAIN)
    fresh.commit("Govern")
    fresh.does("adopt", "v1")
    (fresh.folder / "shop.txt").write_text("two\n")
    fresh.commit("Two", tag="v2")
    fresh.does("change", "open", "CR-1", "--title", "Two")
    return fresh


def head(repository: Repository) -> tuple[int, bytes]:
    """How much the ledger holds, and its root."""
    with closing(sqlite3.connect(f"file:{repository.ledger}?mode=ro", uri=True)) as ledger:
        size, root = ledger.execute("SELECT size, root FROM head").fetchone()
        return size, root


def rewrite(repository: Repository, old: str, new: str, most: int = -1) -> None:
    """Put `new` in the place of `old`, as often as it stands there or `most` times."""
    bindings = repository.folder / "interlock.yaml"
    text = bindings.read_text()
    assert old in text
    bindings.write_text(text.replace(old, new, most))


def test_an_unknown_key_is_shown_with_its_place_and_the_nearest_word(fresh: Repository) -> None:
    fresh.does("init", *PLAIN)
    rewrite(fresh, "environments:", "enviroments:")
    fresh.commit("Misspelt")
    before = head(fresh)
    ended = fresh.run("adopt", "v1", "--json")
    assert (ended.code, ended.codes) == (USAGE, ["bindings.unfit"])
    assert "interlock.yaml:13:1" in ended.out
    assert "did you mean 'environments'" in ended.out
    assert head(fresh) == before


def test_a_placeholder_that_does_not_exist_is_found_before_anything_is_in_force(fresh: Repository) -> None:
    ended = fresh.run("init", *PLAIN[:-1], "./deploy.sh {env}", "--json")
    assert (ended.code, ended.codes) == (USAGE, ["placeholder.unknown"])
    assert "environments.staging.deploy" in ended.out
    assert not (fresh.folder / "interlock.yaml").exists()
    fresh.does("init", *PLAIN)
    rewrite(fresh, '"{version}"', '"{vresion}"')
    fresh.commit("Misspelt")
    before = head(fresh)
    assert fresh.run("adopt", "v1", "--json").codes == ["placeholder.unknown"]
    assert head(fresh) == before


@pytest.mark.parametrize(
    ("report", "code"),
    [
        ("<testsuite", "junit.malformed"),
        ('<!DOCTYPE l [<!ENTITY a "aa"><!ENTITY b "&a;&a;&a;">]><testsuite>&b;</testsuite>', "junit.forbidden"),
        ("<html/>", "junit.unknown"),
    ],
)
def test_a_report_that_is_none_is_refused_and_opens_no_gate(shop: Repository, report: str, code: str) -> None:
    shop.does("release", "create", "v2")
    (shop.root / "report.xml").write_text(report)
    before = head(shop)
    ended = shop.run("evidence", "attach", "v2", "tests", "--junit", str(shop.root / "report.xml"), "--json")
    assert (ended.code, ended.codes) == (USAGE, [code])
    assert head(shop) == before
    refused = shop.run("promote", "v2", "staging", "--json")
    assert refused.code == REFUSED
    assert refused.codes[0].startswith("evidence.")
    shop.verified()


def test_a_dirty_tree_releases_nothing(shop: Repository) -> None:
    (shop.folder / "shop.txt").write_text("three\n")
    before = head(shop)
    ended = shop.run("release", "create", "v2", "--json")
    assert (ended.code, ended.codes) == (USAGE, ["source.uncommitted"])
    assert "shop.txt" in ended.out
    assert head(shop) == before


def test_a_tag_that_is_not_there_is_named(shop: Repository) -> None:
    before = head(shop)
    ended = shop.run("release", "create", "v9", "--json")
    assert (ended.code, ended.codes) == (USAGE, ["source.missing_tag"])
    assert head(shop) == before


def test_an_adoption_of_a_tag_that_is_not_there_leaves_nothing_half_done(fresh: Repository) -> None:
    fresh.does("init", *PLAIN)
    fresh.commit("Govern")
    before = head(fresh)
    assert fresh.run("adopt", "v9", "--json").codes == ["source.missing_tag"]
    assert fresh.run("adopt", "v1", "--environment", "moon", "--json").codes == ["environment.unknown"]
    assert head(fresh) == before


def test_a_key_that_nobody_registered_signs_nothing(shop: Repository) -> None:
    before = head(shop)
    ended = shop.run("change", "open", "CR-2", "--title", "Mine", "--json", by="eve")
    assert (ended.code, ended.codes) == (USAGE, ["signing.unregistered_key"])
    assert head(shop) == before


def test_a_folder_that_is_no_repository_is_told_so(fresh: Repository) -> None:
    shutil.rmtree(fresh.folder / ".git")
    ended = fresh.run("init", *PLAIN, "--json")
    assert (ended.code, ended.codes) == (USAGE, ["source.not_a_repository"])
    assert sorted(path.name for path in fresh.folder.iterdir()) == ["deploy.sh"]


def test_a_repository_without_commits_is_told_so_before_any_question() -> None:
    with a_repository("empty") as repository:
        ended = repository.at_a_terminal("init", answers=[])
        assert ended.code == USAGE
        assert "source.unknown_revision" in ended.out
        assert not (repository.folder / "interlock.yaml").exists()
        assert not (repository.folder / ".interlock").exists()


def test_a_ledger_of_a_newer_version_is_left_alone(shop: Repository) -> None:
    with closing(sqlite3.connect(shop.ledger)) as ledger:
        (number,) = ledger.execute("PRAGMA user_version").fetchone()
        ledger.execute(f"PRAGMA user_version = {number + 1}")
    for words in (("status",), ("change", "open", "CR-2", "--title", "x"), ("drive", "--until-idle")):
        ended = shop.run(*words, "--json")
        assert (ended.code, ended.codes) == (USAGE, ["store.newer_version"]), words
    with closing(sqlite3.connect(shop.ledger)) as ledger:
        ledger.execute(f"PRAGMA user_version = {number}")
    shop.verified()


def test_a_full_disk_loses_nothing_that_was_there(shop: Repository) -> None:
    before = head(shop)
    size = shop.ledger.stat().st_size
    filled = (
        "import os, resource, signal, sys; signal.signal(signal.SIGXFSZ, signal.SIG_IGN); "
        f"resource.setrlimit(resource.RLIMIT_FSIZE, ({min(size, 4096)}, {min(size, 4096)})); "
        "os.execv(sys.argv[1], sys.argv[1:])"
    )
    done = subprocess.run(
        [sys.executable, "-c", filled, str(INTERLOCK), "change", "open", "CR-2", "--title", "x", "--json"],
        cwd=shop.folder, env=shop.environment(shop.person("ann")), capture_output=True, check=False,
    )  # fmt: skip
    assert done.returncode == OUTSIDE, done.stdout.decode() + done.stderr.decode()
    (told,) = json.loads(done.stdout)["error"]
    assert told["code"].startswith("store.")
    assert head(shop) == before
    shop.does("change", "open", "CR-2", "--title", "x")
    shop.verified()


def test_a_ledger_that_cannot_be_written_says_so(shop: Repository) -> None:
    before = head(shop)
    folder = shop.folder / ".interlock"
    shop.ledger.chmod(0o444)
    folder.chmod(0o555)
    ended = as_mere_owner(shop, "change", "open", "CR-2", "--title", "x")
    assert ended.code == OUTSIDE, ended.text
    assert ended.codes == ["store.read_only"]
    folder.chmod(0o700)
    shop.ledger.chmod(0o600)
    assert head(shop) == before
    shop.does("change", "open", "CR-2", "--title", "x")
    shop.verified()


def as_mere_owner(repository: Repository, *words: str) -> Ended:
    """The command by somebody who may not write what its mode forbids, as root otherwise may."""
    lower = () if os.geteuid() else ("setpriv", "--inh-caps=-all", "--bounding-set=-dac_override")
    done = subprocess.run(
        [*lower, INTERLOCK, *words, "--json"],
        cwd=repository.folder, env=repository.environment(repository.person("ann")), capture_output=True, check=False,
    )  # fmt: skip
    return Ended(done.returncode, done.stdout.decode(), done.stderr.decode())


def test_two_drivers_are_one_too_many(shop: Repository) -> None:
    with driver(shop):
        ended = shop.run("drive", "--until-idle", "--json")
        assert (ended.code, ended.codes) == (USAGE, ["driver.held"])
    assert shop.run("drive", "--until-idle").code == DONE


def test_a_command_id_is_not_used_twice_for_different_things(shop: Repository) -> None:
    house = open_house(find_home(shop.folder))
    with closing(house.store) as store:
        first = saying(shop, store.origin, lambda speaker: an_opening("CR-2", speaker), house.clock.now())
        other = saying(shop, store.origin, lambda speaker: an_opening("CR-3", speaker), house.clock.now())
        assert isinstance(house.desk.submit(first, house.clock.now()), Done)
        before = head(shop)
        told = house.desk.submit(other, house.clock.now())
        assert isinstance(told, Declined)
        assert [reason.code for reason in told.reasons] == ["command.id_reused"]
        assert isinstance(house.desk.submit(first, house.clock.now()), Done), "the same again is the same answer"
    assert head(shop) == before
    shop.verified()


def test_ctrl_c_ends_the_driver_and_the_next_goes_on(shop: Repository) -> None:
    shop.does("release", "create", "v2")
    with driver(shop) as process:
        wait_until(lambda: "pass" in shop.run("evidence", "show", "v2", "--json").out)
        process.send_signal(signal.SIGINT)
        assert process.wait(30) == DONE
    shop.does("promote", "v2", "staging")
    shop.drive()
    assert shop.live("staging") == "v2"
    shop.verified()


def interrupted(process: "subprocess.Popen[bytes]", screen: int) -> int:
    """Ctrl-C as somebody presses it: once more when nothing happens for a while. What is shown is read meanwhile."""
    for _ in range(10):
        os.write(screen, b"\x03")
        later = time.monotonic() + PATIENCE / 10
        while time.monotonic() < later:
            with suppress(subprocess.TimeoutExpired):
                return process.wait(0.1)
            with suppress(OSError):
                if select.select([screen], [], [], 0)[0]:
                    os.read(screen, 65536)
    return process.wait(PATIENCE)


def test_ctrl_c_at_a_question_leaves_nothing_behind(fresh: Repository) -> None:
    with terminal(fresh, ("init",), "ann") as (process, screen):
        until(screen, "> ")
        os.write(screen, b"ann\n")
        until(screen, "> ")
        assert interrupted(process, screen) == INTERRUPTED
    assert not (fresh.folder / "interlock.yaml").exists()
    assert not (fresh.folder / ".interlock").exists()
    assert fresh.run("init", *PLAIN).code == DONE


def test_a_driver_killed_while_it_deploys_is_followed_by_one_that_finishes(shop: Repository) -> None:
    shop.does("release", "create", "v2")
    shop.drive()
    (shop.served / "slow").touch()
    shop.does("promote", "v2", "staging")
    with driver(shop) as process:
        wait_until(lambda: "staging v2" in log(shop))
        process.kill()
        process.wait()
    shop.drive()
    assert shop.live("staging") == shop.recorded("staging") == "v2"
    assert log(shop).count("staging v2") == 1, "what was begun is found again, not begun again"
    shop.verified()


def test_a_clock_that_jumped_back_lets_nothing_forward_and_everything_back(shop: Repository) -> None:
    shop.does("release", "create", "v2")
    shop.drive()
    shop.does("promote", "v2", "staging")
    shop.drive()
    house = open_house(find_home(shop.folder))
    with closing(house.store) as store:
        clock = MemoryClock(house.clock.now() - timedelta(hours=2))

        def tell(compose: Callable[[Speaker], Command], number: int) -> Outcome:
            return house.desk.submit(saying(shop, store.origin, compose, clock.now(), number), clock.now())

        forward = RequestPromotion(PromotionId("shop:v2/production/2"), ReleaseId("shop:v2"), PRODUCTION)
        refused = tell(lambda _: forward, 1)
        assert isinstance(refused, Declined)
        assert "clock.behind" in [reason.code for reason in refused.reasons]
        back = tell(
            lambda speaker: BeginRollback(
                RollbackId("shop/staging/rollback-3"), ServiceName("shop"), STAGING, ReleaseId(""), speaker.words("now")
            ),
            2,
        )
        assert isinstance(back, Done), back
    shop.drive()
    assert shop.live("staging") == shop.recorded("staging") == "v1"
    shop.verified()


def test_a_port_in_use_fails_the_deployment_and_a_way_back_that_fails_too_is_told() -> None:
    with a_repository("web") as web, socket.socket() as taken, socket.socket() as free:
        for one in (taken, free):
            one.bind(("127.0.0.1", 0))
        taken.listen()
        port, other = taken.getsockname()[1], free.getsockname()[1]
        (web.folder / "index.html").write_text("one\n")
        web.commit("One", tag="v1")
        web.does("init", *PLAIN)
        program = '[python3, -m, http.server, --bind, 127.0.0.1, "{port}"]'
        deployed = 'deploy: {command: ["./deploy.sh", "{environment}", "{version}"]}'
        for number in (port, other):
            process = f"{{process: {program}, port: {number}, ready: /, within: 5s}}"
            rewrite(web, deployed, f"deploy: {process}", 1)
        web.commit("Govern")
        web.does("adopt", "v1")
        (web.folder / "index.html").write_text("two\n")
        web.commit("Two", tag="v2")
        web.does("change", "open", "CR-1", "--title", "Two")
        web.does("release", "create", "v2")
        web.drive()
        web.does("promote", "v2", "staging")
        told = web.drive().text
        assert f"deploy.port_in_use: port {port} is used by another program" in told, told
        assert "going back from web:v2 to web:v1" in told, told
        status = web.does("status").text
        assert "stranded" in status, status
        assert "incident web:v2/staging/1/back" in status, status
        assert web.recorded("staging") == "v1"
        web.verified()


def test_a_program_that_deploys_badly_is_told_in_a_sentence(shop: Repository) -> None:
    shop.does("release", "create", "v2")
    shop.drive()
    (shop.served / "staging").mkdir(parents=True, exist_ok=True)
    (shop.served / "staging" / "v2").write_text("in the way")
    shop.does("promote", "v2", "staging")
    told = shop.drive().text
    assert "exit code 1" in told
    assert shop.live("staging") == shop.recorded("staging") == "v1"
    shop.verified()


def an_opening(change: str, speaker: Speaker) -> OpenChange:
    return OpenChange(ChangeId(change), ServiceName("shop"), ChangeKind.NORMAL, speaker.words("x"))


def saying(
    repository: Repository, origin: str, compose: Callable[[Speaker], Command], now: datetime, number: int = 0
) -> Submission:
    """Ann's words under a command id of the caller's choice."""
    speaker = Speaker(
        PersonId("ann"), person_signer(repository.person("ann").key), origin, lambda count: bytes([number]) * count
    )
    return speaker.submission(compose(speaker), now)


@contextmanager
def driver(repository: Repository) -> "Iterator[subprocess.Popen[bytes]]":
    """A controller at work in a process of its own, for as long as this lasts."""
    heard = repository.root / "driver.log"
    with heard.open("wb") as log:
        process = subprocess.Popen(
            [INTERLOCK, "drive"],
            cwd=repository.folder,
            env=repository.environment(repository.person("ann")),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )
    try:
        wait_until(lambda: b"driving" in heard.read_bytes())
        yield process
    finally:
        if process.poll() is None:
            process.terminate()
        process.wait(30)


def wait_until(is_so: Callable[[], bool]) -> None:
    """Until something another process does is seen."""
    deadline = time.monotonic() + 60
    while not is_so():
        assert time.monotonic() < deadline, "it never came to be"
        time.sleep(0.1)


def log(repository: Repository) -> str:
    path = repository.served / "log"
    return path.read_text() if path.exists() else ""
