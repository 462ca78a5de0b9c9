# SPDX-License-Identifier: Apache-2.0
"""v1.2.0 goes back because of what visitors get, and what runs is replaced behind everybody's back."""

from datetime import UTC, datetime
from typing import Final

from rules import INSTANCES, SERVICE, python
from shell import DemoFailed
from watch import version_at

from interlock.adapters.deploy.process import ProcessDeployer, ReadyAt
from interlock.domain.ids import ComponentName, EffectKey, EnvironmentName, ReleaseId, ServiceName, digest_of
from interlock.ports.deploy import DeployRequest, PlacedArtifact, Running
from procedures.lsos_cast import BAD, BEN, CAT, DAN, GUS, MENDED, OPERATORS, PATIENCE, STAKEHOLDERS
from procedures.lsos_faults import after_the_return, whole_way
from procedures.lsos_release import PREPARED, write_up
from procedures.moves import approve, ask, passed, promote, release
from procedures.moves import goes_back as fails
from procedures.stage import Stage

PRODUCTION: Final = EnvironmentName("production")
LANES: Final = ("", "b")
BY_HAND: Final = "v1.0.0"


def goes_back(stage: Stage) -> None:
    """Approved, proven, and worse than what serves once many come."""
    stage.say("Ben's v1.2.0 turns robots away from the form. It is of no high risk: an owner and a reviewer agree.")
    stage.quietly(BEN, "git", "cherry-pick", "--strategy-option", "theirs", "robots")
    stage.do(BEN, f"git tag {BAD}")
    stage.do(BEN, "interlock change open CR-4 --title 'Turn robots away'")
    made = release(stage, BEN, BAD, "--change CR-4")
    write_up(stage, BEN, BAD, "The form turns robots away.")
    passed(stage, made, "ci", *PREPARED, within=PATIENCE)
    promote(stage, BEN, BAD, "staging", within=PATIENCE)
    passed(stage, made, "slo-guardrails", within=PATIENCE)
    approve(stage, CAT, BAD)
    approve(stage, DAN, BAD)
    asked = datetime.now(UTC)
    began = ask(stage, BEN, BAD, "production")
    with stage.watching(GUS, "production"):
        failed = fails(stage, began, within=PATIENCE)
    if failed.payload["cause"] != "analysis":
        raise DemoFailed(f"{BAD} was to go back for what visitors get: {failed.payload['sentence']}")
    stage.tally.show(failed, "LS-16")
    whole_way(stage, failed, "behind a proxy everybody has the same address")
    hurt = sum(one.is_bad for one in stage.crowd.of(BAD.removeprefix("v"), asked))
    stage.measured.values["requests_hurt_by_the_bad_release"] = hurt
    kept = stage.crowd.of(MENDED.removeprefix("v"), asked)
    stage.must(kept and not any(one.is_bad for one in kept), f"{MENDED} served all the time, without one bad answer")
    stage.refused(BEN, f"interlock promote {BAD} production", "recall.active")
    stage.crowd.stop()


def drift(stage: Stage) -> None:
    """Something else runs than was released: it is seen, told, and put back."""
    stage.say(f"Ben knows the machine's password, and puts {BY_HAND} in the place of what was released.")
    began = stage.now()
    stage.do(BEN, f"git worktree add --quiet --detach ../by-hand {BY_HAND}")
    _replace(stage)
    found = stage.wait("DriftFound", since=began, within=PATIENCE, environment=str(PRODUCTION))
    stage.tally.show(found, "LS-33")
    stage.must(
        all(version_at(port) == BY_HAND.removeprefix("v") for port in stage.ports.listen),
        f"visitors really get {BY_HAND}: nobody released that, and it is on record as an unauthorised change",
    )
    stage.do(GUS, "interlock status")
    since = stage.now()
    stage.do(GUS, f"interlock rollback production --to {MENDED} --reason 'what was released belongs there'")
    stage.wait("RollbackCompleted", since=since, unless=("RollbackStranded",), within=PATIENCE)
    stage.wait("DriftEnded", since=since, within=PATIENCE)
    stage.must(
        all(version_at(port) == MENDED.removeprefix("v") for port in stage.ports.listen),
        f"{MENDED} serves again through all three proxies",
    )
    for name in (STAKEHOLDERS, OPERATORS):
        stage.receivers.wait(name, f"is back on {SERVICE}:{MENDED}")
    incident = str(found.payload["incident"])
    after_the_return(stage, since, incident, "Ben has no password of that machine any more")


def _replace(stage: Stage) -> None:
    """Have other processes in the place of those that serve, by the very means that put them there."""
    for number, lane in enumerate(LANES):
        deployer = ProcessDeployer(
            run=(python(), "-m", "outreach", "serve", "--port", "{port}", "--data", str(stage.data), "--demo"),
            state=stage.repository / ".interlock" / "deployments",
            base_port=stage.ports.production[number * INSTANCES],
            instances=INSTANCES,
            ready=ReadyAt("/health"),
            lane=lane,
        )
        runs = deployer.running(ServiceName(SERVICE), PRODUCTION)
        if isinstance(runs, Running) and runs.version == MENDED:
            stage.screen.typed(BEN.handle, f"sudo start-in-production ../by-hand  # {BY_HAND}")
            deployer.start(_by_hand(stage), EffectKey("by-hand"))
            return
    raise DemoFailed(f"{MENDED} runs in no lane of production")


def _by_hand(stage: Stage) -> DeployRequest:
    digest = digest_of(b"by hand")
    artifact = PlacedArtifact(ComponentName("app"), digest, "by hand", stage.root / "by-hand")
    service = ServiceName(SERVICE)
    return DeployRequest(service, PRODUCTION, ReleaseId("outreach:by-hand"), BY_HAND, digest, (artifact,))
