# SPDX-License-Identifier: Apache-2.0
"""The simulated deployer passes the kit and plays its script."""

import pytest

from interlock.adapters.deploy.memory import (
    Declines,
    DeployWorld,
    Fails,
    Hangs,
    MemoryDeployer,
    Remains,
    Scripted,
    Succeeds,
)
from interlock.domain.ids import (
    EffectKey,
    EnvironmentName,
    ReleaseId,
    ServiceName,
    digest_of,
)
from interlock.ports.deploy import CannotTell, Deployed, Deployer, DeployRequest, InProgress, NothingRuns, Running
from interlock.ports.failure import Rejected, Unavailable
from interlock.testing.contracts.deploy import KEY, DeployerContract

STAGING = EnvironmentName("staging")
SERVICE = ServiceName("outreach")


def request(version: str) -> DeployRequest:
    return DeployRequest(SERVICE, STAGING, ReleaseId(f"release-{version}"), version, digest_of(version.encode()), ())


class MemoryRig:
    def __init__(self) -> None:
        self.world = DeployWorld(
            scripts=(
                Scripted("bad", STAGING, Fails("the disk is full")),
                Scripted("endless", STAGING, Hangs()),
            )
        )

    def deployer(self) -> Deployer:
        return MemoryDeployer(self.world)

    def good(self, version: str) -> DeployRequest:
        return request(version)

    def bad(self) -> DeployRequest:
        return request("bad")

    def endless(self) -> DeployRequest:
        return request("endless")

    def impossible(self) -> Deployer:
        return MemoryDeployer(DeployWorld(outages=1))

    def acts(self, key: EffectKey) -> int:
        return self.world.acted.count(("start", key))

    def remnants(self) -> int:
        return sum(isinstance(begun.ended, InProgress) for begun in self.world.begun.values())

    def wait(self) -> None:
        """Nothing needs time here."""


class TestMemoryDeployer(DeployerContract):
    @pytest.fixture
    def rig(self) -> MemoryRig:
        return MemoryRig()


def test_it_ends_after_as_many_observations_as_were_scripted() -> None:
    deployer = MemoryDeployer(DeployWorld(otherwise=Succeeds(steps=2)))
    deployer.start(request("1"), KEY)
    seen = [deployer.observe(KEY) for _ in range(4)]
    assert [type(progress) for progress in seen] == [InProgress, InProgress, Deployed, Deployed]


@pytest.mark.parametrize(
    ("remains", "runs"), [(Remains.FORMER, "1"), (Remains.CANDIDATE, "2"), (Remains.NOTHING, "nothing")]
)
def test_a_failure_leaves_behind_what_was_scripted(remains: Remains, runs: str) -> None:
    world = DeployWorld(otherwise=Fails("no", steps=0, remains=remains))
    world.adopt(SERVICE, STAGING, digest_of(b"1"), "1")
    deployer = MemoryDeployer(world)
    deployer.start(request("2"), KEY)
    deployer.observe(KEY)
    presence = deployer.running(SERVICE, STAGING)
    assert (presence.version if isinstance(presence, Running) else "nothing") == runs


def test_a_script_can_name_a_release_by_digest() -> None:
    scripts = (Scripted(digest_of(b"1"), STAGING, Declines("deploy.no_quota", "no room is left")),)
    with pytest.raises(Rejected, match="no room is left"):
        MemoryDeployer(DeployWorld(scripts)).start(request("1"), KEY)


def test_a_script_of_another_environment_is_not_meant() -> None:
    scripts = (Scripted("1", EnvironmentName("production"), Hangs()),)
    deployer = MemoryDeployer(DeployWorld(scripts, otherwise=Succeeds(steps=0)))
    deployer.start(request("1"), KEY)
    assert isinstance(deployer.observe(KEY), Deployed)


def test_an_outage_ends_after_as_many_calls_as_were_scripted() -> None:
    deployer = MemoryDeployer(DeployWorld(outages=1))
    with pytest.raises(Unavailable):
        deployer.running(SERVICE, STAGING)
    assert deployer.running(SERVICE, STAGING) == NothingRuns()


def test_a_blind_world_cannot_tell_what_runs() -> None:
    assert MemoryDeployer(DeployWorld(blind="no agent")).running(SERVICE, STAGING) == CannotTell("no agent")
