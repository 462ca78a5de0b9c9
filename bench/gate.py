# SPDX-License-Identifier: Apache-2.0
"""How long a gate of 200 requirements over 2,000 pieces of evidence takes: warm, and cold from a ledger on disk."""

import json
import statistics
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from interlock.adapters.signer.memory import MemorySigner
from interlock.adapters.store.sqlite import SqliteStore
from interlock.domain.actor import CONTROLLER, Assurance
from interlock.domain.artifact import Artifact, ArtifactKind, release_digest
from interlock.domain.change import Change, ChangeKind, ChangePhase
from interlock.domain.environment import Environment, Tier
from interlock.domain.evidence import EvidenceRecorded, evidence_stream
from interlock.domain.gate import Situation, evaluate
from interlock.domain.governance import GovernanceRef, Service
from interlock.domain.ids import (
    EVERYWHERE,
    CheckId,
    CommandId,
    ComponentName,
    Digest,
    EnvironmentName,
    PersonId,
    RequirementId,
    RoleName,
    ServiceName,
    StageName,
    digest_of,
)
from interlock.domain.people import People
from interlock.domain.procedure import Governance, Procedure, Stage, WaiverRule
from interlock.domain.procedure import Path as Way
from interlock.domain.release import Plans, Release, ReleasePhase
from interlock.domain.requirement import CheckRequirement
from interlock.domain.verdict import Verdict
from interlock.ledger.codec import encode
from interlock.ledger.record import Batch, Draft
from interlock.service.view import View

REQUIREMENTS = 200
PIECES = 2_000
ROUNDS = 50
NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
GOVERNANCE = digest_of(b"governance")
PLACE = EnvironmentName("production")
ARTIFACTS = (Artifact(ComponentName("app"), ArtifactKind.GIT, "c", digest_of(b"c")),)
SUBJECT = release_digest(ARTIFACTS)


def _evidence(number: int) -> EvidenceRecorded:
    return EvidenceRecorded(
        subject=SUBJECT,
        check=CheckId(f"check-{number % REQUIREMENTS}"),
        environment=EVERYWHERE,
        number=number // REQUIREMENTS + 1,
        verdict=Verdict.PASS,
        summary="passed",
        source=str(CONTROLLER),
        assurance=Assurance.AUTHENTICATED,
        report=digest_of(b"report"),
        governance=GOVERNANCE,
        taken_at=NOW - timedelta(minutes=5),
    )


def _situation(view: View) -> Situation:
    requirements = tuple(
        CheckRequirement(RequirementId(f"requirement-{number}"), CheckId(f"check-{number}"), max_age=timedelta(hours=1))
        for number in range(REQUIREMENTS)
    )
    stage = Stage(StageName("production"), PLACE, requirements)
    place = Environment(PLACE, Tier.PRODUCTION)
    role = RoleName("reviewer")
    procedure = Procedure(
        "bench",
        "1",
        (role,),
        (place,),
        (stage,),
        (Way("standard", (ChangeKind.NORMAL,), (stage.name,)),),
        WaiverRule((role,), timedelta(days=1)),
        (role,),
    )
    plans = Plans(digest_of(b"out"), digest_of(b"back"))
    release = Release(
        ReleasePhase.OPEN,
        service=ServiceName("bench"),
        artifacts=ARTIFACTS,
        digest=SUBJECT,
        governance=GOVERNANCE,
        declared=GOVERNANCE,
        plans=plans,
    )
    empty = Digest("")
    return Situation(
        release=release,
        change=Change(ChangePhase.OPEN, kind=ChangeKind.NORMAL, author=PersonId("ann")),
        environment=place,
        governance=Governance(GOVERNANCE, ServiceName("bench"), procedure),
        service=Service(in_force=GovernanceRef(GOVERNANCE, empty, empty, ())),
        people=People(),
        latest=NOW,
        evidence=view.evidence(SUBJECT),
    )


def _fill(store: SqliteStore) -> None:
    drafts = []
    for number in range(PIECES):
        encoded = encode(_evidence(number))
        drafts.append(Draft(evidence_stream(SUBJECT), encoded.name, encoded.version, encoded.payload))
    batch = Batch(tuple(drafts), NOW, str(CONTROLLER), Assurance.AUTHENTICATED, CommandId("fill"), {})
    store.append(batch)


def main() -> None:
    """Measure, print a line, write `build/bench/gate.json`."""
    with tempfile.TemporaryDirectory() as folder:
        signer = MemorySigner("bench.example/gate")
        store = SqliteStore.create(Path(folder) / "ledger.db", signer.name, signer)
        _fill(store)
        began = time.perf_counter()
        situation = _situation(View(store))
        finding = evaluate(situation, NOW)
        cold = (time.perf_counter() - began) * 1000
        assert finding.opens, finding.why()
        rounds = []
        for _ in range(ROUNDS):
            began = time.perf_counter()
            evaluate(situation, NOW)
            rounds.append((time.perf_counter() - began) * 1000)
        store.close()
    measured = {
        "requirements": REQUIREMENTS,
        "evidence": PIECES,
        "warm_ms_median": round(statistics.median(rounds), 3),
        "warm_ms_worst": round(max(rounds), 3),
        "cold_ms": round(cold, 1),
    }
    out = Path("build/bench/gate.json")
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(json.dumps(measured, indent=2) + "\n")
    warm, worst = measured["warm_ms_median"], measured["warm_ms_worst"]
    print(f"gate: {warm} ms warm (worst {worst}), {measured['cold_ms']} ms cold")


if __name__ == "__main__":
    main()
