# SPDX-License-Identifier: Apache-2.0
"""Programs that check a release where it listens: in a lane of its own, beside what serves."""

from dataclasses import replace
from pathlib import Path

import pytest
from tests.adapters.check.rig import Programs

from interlock.adapters.check.command import CommandCheck
from interlock.adapters.checkcommand import CheckCommand
from interlock.domain.verdict import Verdict
from interlock.ports.check import CheckRequest, Reading
from interlock.ports.failure import Rejected
from interlock.testing.contracts.check import KEY, PATIENCE


@pytest.fixture
def world(root: Path) -> Programs:
    return Programs(root)


def checker(world: Programs, *run: str) -> CommandCheck:
    return CommandCheck(CheckCommand(run, world.root / "state", world.root / "scratch", 20))


def verdict(world: Programs, asked: CheckRequest, *run: str) -> Verdict:
    """What the program says."""
    check = checker(world, *run)
    check.start(asked, KEY)
    for _ in range(PATIENCE):
        progress = check.observe(asked, KEY)
        if isinstance(progress, Reading):
            return progress.verdict
        world.wait()
    raise AssertionError("it never ended")


def listening(asked: CheckRequest) -> CheckRequest:
    """The same request of a release with two instances."""
    return replace(asked, endpoints=("127.0.0.1:8003", "127.0.0.1:8004"))


def test_a_program_is_told_where_the_first_instance_listens(world: Programs) -> None:
    asked = listening(world.scripted('test "$1" = http://127.0.0.1:8003/'))
    assert verdict(world, asked, "sh", "./script", "http://{endpoint}/") == "pass"


def test_its_environment_says_the_same(world: Programs) -> None:
    asked = listening(world.scripted('test "$INTERLOCK_ENDPOINT" = 127.0.0.1:8003'))
    assert verdict(world, asked, "sh", "./script") == "pass"


def test_without_lanes_there_is_nothing_to_put_there(world: Programs) -> None:
    with pytest.raises(Rejected) as refused:
        checker(world, "true", "{endpoint}").start(world.scripted("true"), KEY)
    assert refused.value.code == "placeholder.no_value"
