# SPDX-License-Identifier: Apache-2.0
"""The conformance kit of the deploy port: one or more tests per numbered clause of `interlock.ports.deploy`.

Subclass `DeployerContract` in your test suite and give it a fixture named `rig` that is a `DeployRig` over the real
thing. An adapter that passes can be used by the controller.
"""

from collections.abc import Iterator
from typing import Protocol

import pytest

from interlock.domain.ids import EffectKey
from interlock.ports.deploy import (
    CannotTell,
    Deployed,
    Deployer,
    DeployFailed,
    DeployProgress,
    DeployRequest,
    InProgress,
    NothingRuns,
    Presence,
    Running,
    Unknown,
)
from interlock.ports.failure import Deduplication, PortFailure, Rejected

KEY = EffectKey("promotion/outreach/7#deploy")
OTHER_KEY = EffectKey("promotion/outreach/8#deploy")
PATIENCE = 1200
"""How often a deployment is observed before the kit gives up on it."""
STEADY = 20
"""So many looks in a row that see nothing, before nothing is there."""


class DeployRig(Protocol):
    """What the kit needs of the adapter's world. Every request is for the same service and environment."""

    def deployer(self) -> Deployer:
        """An adapter built anew with the same configuration, as a restarted controller builds it."""
        ...

    def good(self, version: str) -> DeployRequest:
        """A release that deploys well; another version is another digest."""
        ...

    def bad(self) -> DeployRequest:
        """A release whose deployment fails."""
        ...

    def endless(self) -> DeployRequest:
        """A release whose deployment does not end by itself within the kit's patience."""
        ...

    def impossible(self) -> Deployer:
        """An adapter whose outside is broken or missing."""
        ...

    def acts(self, key: EffectKey) -> int:
        """How often the world was really acted on under that key."""
        ...

    def remnants(self) -> int:
        """How much of unfinished deployments is still going on (processes, say)."""
        ...

    def wait(self) -> None:
        """Let a little time pass, where the world needs time."""
        ...


def until_ended(rig: DeployRig, deployer: Deployer, key: EffectKey) -> DeployProgress:
    """The first progress that is an end."""
    for _ in range(PATIENCE):
        progress = deployer.observe(key)
        if not isinstance(progress, InProgress):
            return progress
        rig.wait()
    raise AssertionError(f"still going on after {PATIENCE} observations")


class DeployerContract:
    """Every test takes the fixture `rig`, which the subclass gives."""

    def test_1_start_returns_while_the_deployment_goes_on(self, rig: DeployRig) -> None:
        deployer = rig.deployer()
        deployer.start(rig.endless(), KEY)
        assert isinstance(deployer.observe(KEY), InProgress)

    def test_1_a_deployment_that_was_started_ends_well(self, rig: DeployRig) -> None:
        deployer = rig.deployer()
        deployer.start(rig.good("1.0.0"), KEY)
        assert isinstance(until_ended(rig, deployer, KEY), Deployed)

    def test_1_a_deployment_that_fails_says_why(self, rig: DeployRig) -> None:
        deployer = rig.deployer()
        deployer.start(rig.bad(), KEY)
        ended = until_ended(rig, deployer, KEY)
        assert isinstance(ended, DeployFailed)
        assert ended.detail

    def test_2_the_same_key_acts_once_while_it_goes_on(self, rig: DeployRig) -> None:
        deployer = rig.deployer()
        request = rig.good("1.0.0")
        deployer.start(request, KEY)
        deployer.start(request, KEY)
        until_ended(rig, deployer, KEY)
        assert deployer.deduplication is Deduplication.NONE or rig.acts(KEY) == 1

    def test_2_the_same_key_acts_once_also_after_a_crash_of_the_caller(self, rig: DeployRig) -> None:
        before = rig.deployer()
        request = rig.good("1.0.0")
        before.start(request, KEY)
        until_ended(rig, before, KEY)
        after = rig.deployer()
        after.start(request, KEY)
        until_ended(rig, after, KEY)
        assert after.deduplication is Deduplication.NONE or rig.acts(KEY) == 1

    def test_2_the_same_key_with_another_request_is_rejected(self, rig: DeployRig) -> None:
        deployer = rig.deployer()
        deployer.start(rig.good("1.0.0"), KEY)
        with pytest.raises(Rejected) as refused:
            deployer.start(rig.good("1.1.0"), KEY)
        assert refused.value.code == "deploy.key_reused"

    def test_2_another_key_is_another_deployment(self, rig: DeployRig) -> None:
        deployer = rig.deployer()
        deployer.start(rig.good("1.0.0"), KEY)
        until_ended(rig, deployer, KEY)
        deployer.start(rig.good("1.1.0"), OTHER_KEY)
        assert isinstance(until_ended(rig, deployer, OTHER_KEY), Deployed)

    def test_3_a_new_controller_sees_what_the_old_one_began(self, rig: DeployRig) -> None:
        rig.deployer().start(rig.good("1.0.0"), KEY)
        assert isinstance(until_ended(rig, rig.deployer(), KEY), Deployed)

    def test_3_an_end_stays_an_end(self, rig: DeployRig) -> None:
        deployer = rig.deployer()
        deployer.start(rig.bad(), KEY)
        ended = until_ended(rig, deployer, KEY)
        assert rig.deployer().observe(KEY) == ended

    def test_3_an_unknown_key_is_unknown(self, rig: DeployRig) -> None:
        assert isinstance(rig.deployer().observe(KEY), Unknown)

    def test_4_cancel_returns_when_it_has_ended(self, rig: DeployRig) -> None:
        deployer = rig.deployer()
        deployer.start(rig.endless(), KEY)
        deployer.cancel(KEY)
        assert isinstance(deployer.observe(KEY), DeployFailed)
        assert rig.remnants() == 0

    def test_4_cancelling_what_ended_changes_nothing(self, rig: DeployRig) -> None:
        deployer = rig.deployer()
        request = rig.good("1.0.0")
        deployer.start(request, KEY)
        ended = until_ended(rig, deployer, KEY)
        before = deployer.running(request.service, request.environment)
        deployer.cancel(KEY)
        assert deployer.observe(KEY) == ended
        assert deployer.running(request.service, request.environment) == before

    def test_4_cancelling_what_never_began_changes_nothing(self, rig: DeployRig) -> None:
        deployer = rig.deployer()
        deployer.cancel(KEY)
        assert isinstance(deployer.observe(KEY), Unknown)

    def test_4_cancel_may_be_repeated(self, rig: DeployRig) -> None:
        deployer = rig.deployer()
        deployer.start(rig.endless(), KEY)
        deployer.cancel(KEY)
        ended = deployer.observe(KEY)
        deployer.cancel(KEY)
        assert deployer.observe(KEY) == ended

    def test_5_running_names_the_digest_or_says_why_it_cannot(self, rig: DeployRig) -> None:
        deployer = rig.deployer()
        request = rig.good("1.0.0")
        deployer.start(request, KEY)
        until_ended(rig, deployer, KEY)
        presence = rig.deployer().running(request.service, request.environment)
        assert presence == Running(request.digest, "1.0.0") or (isinstance(presence, CannotTell) and presence.why)

    def test_5_running_follows_the_last_deployment(self, rig: DeployRig) -> None:
        deployer = rig.deployer()
        last = rig.good("1.1.0")
        for request, key in ((rig.good("1.0.0"), KEY), (last, OTHER_KEY)):
            deployer.start(request, key)
            until_ended(rig, deployer, key)
        presence = deployer.running(last.service, last.environment)
        assert presence == Running(last.digest, "1.1.0") or isinstance(presence, CannotTell)

    def test_5_before_anything_nothing_is_said_to_run(self, rig: DeployRig) -> None:
        request = rig.good("1.0.0")
        presence = rig.deployer().running(request.service, request.environment)
        assert isinstance(presence, NothingRuns | CannotTell)

    def test_5_a_release_whose_deployment_failed_is_not_said_to_run(self, rig: DeployRig) -> None:
        deployer = rig.deployer()
        request = rig.bad()
        deployer.start(request, KEY)
        until_ended(rig, deployer, KEY)
        presence = deployer.running(request.service, request.environment)
        assert not isinstance(presence, Running) or presence.digest != request.digest

    def test_6_what_is_retired_ends(self, rig: DeployRig) -> None:
        deployer, request = rig.deployer(), rig.good("1.0.0")
        deployer.start(request, KEY)
        until_ended(rig, deployer, KEY)
        if _retires(deployer, request):
            assert _left(rig, deployer, request) == NothingRuns()

    def test_6_a_deployment_under_way_is_retired_with_its_place(self, rig: DeployRig) -> None:
        deployer, request = rig.deployer(), rig.endless()
        deployer.start(request, KEY)
        if _retires(deployer, request):
            assert _left(rig, deployer, request) == NothingRuns()
            assert not isinstance(until_ended(rig, deployer, KEY), Deployed)
            assert _remnants(rig) == 0

    def test_6_what_is_retired_twice_ends_once(self, rig: DeployRig) -> None:
        deployer, request = rig.deployer(), rig.good("1.0.0")
        if _retires(deployer, request):
            deployer.retire(request.service, request.environment)
            assert deployer.running(request.service, request.environment) == NothingRuns()

    def test_6_after_it_another_deployment_finds_its_place(self, rig: DeployRig) -> None:
        deployer, request = rig.deployer(), rig.good("1.1.0")
        deployer.start(rig.good("1.0.0"), KEY)
        until_ended(rig, deployer, KEY)
        if _retires(deployer, request):
            _left(rig, deployer, request)
            deployer.start(request, OTHER_KEY)
            assert isinstance(until_ended(rig, deployer, OTHER_KEY), Deployed)

    def test_7_a_broken_outside_is_a_port_failure_or_a_failed_deployment(self, rig: DeployRig) -> None:
        deployer = rig.impossible()
        failures = tuple(_failures(deployer, rig.good("1.0.0")))
        assert all(failure.code and failure.next_step for failure in failures)
        assert failures or isinstance(until_ended(rig, deployer, KEY), DeployFailed)


def _retires(deployer: Deployer, request: DeployRequest) -> bool:
    """End what stands there; False where the adapter can do no such thing, and says so."""
    try:
        deployer.retire(request.service, request.environment)
    except Rejected as refused:
        if refused.code != "deploy.stays":
            raise
        return False
    return True


def _left(rig: DeployRig, deployer: Deployer, request: DeployRequest) -> Presence:
    """What runs once what was retired has had time to end."""
    for _ in range(PATIENCE):
        if isinstance(deployer.running(request.service, request.environment), NothingRuns):
            break
        rig.wait()
    return deployer.running(request.service, request.environment)


def _remnants(rig: DeployRig) -> int:
    """What is left of processes once they had time to end: what is just being born is seen a moment later, and ends."""
    found = [rig.remnants()]
    while len(found) < PATIENCE and any(found[-STEADY:] + [1] * (STEADY - len(found))):
        rig.wait()
        found.append(rig.remnants())
    return found[-1]


def _failures(deployer: Deployer, request: DeployRequest) -> Iterator[PortFailure]:
    """Why the deployment was not even begun, if it was not."""
    try:
        deployer.start(request, KEY)
    except PortFailure as failure:
        yield failure
