# SPDX-License-Identifier: Apache-2.0
"""The thing shipped, known by its content; and the recall that keeps content from ever gaining exposure again.

1. A release's digest covers every artifact's component and digest; names and tags take no part in identity.
2. A recalled digest gains exposure nowhere until a named person lifts the recall, signed (I7), who has a role where
   it could run (`letting_on`).
3. Recalling takes exposure away, so any registered person may do it, and the controller does after a rollback.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import assert_never

from interlock.domain.actor import Actor, Assurance, Person, Robot
from interlock.domain.decision import Accepted, Decision, Emitted, refuse
from interlock.domain.ids import ComponentName, Digest, StreamId, TextRef, digest_of


class ArtifactKind(StrEnum):
    """How an artifact is named and fetched."""

    GIT = "git"
    FILE = "file"
    OCI = "oci"


@dataclass(frozen=True, slots=True)
class Artifact:
    """One component's content. `reference` says where it was found; only `digest` is identity."""

    component: ComponentName
    kind: ArtifactKind
    reference: str
    digest: Digest


def release_digest(artifacts: Iterable[Artifact]) -> Digest:
    """The digest of a set of artifacts, whatever their order: SHA-256 over sorted `component=digest` lines."""
    lines = sorted(f"{artifact.component}={artifact.digest}\n" for artifact in artifacts)
    return digest_of("".join(lines).encode())


@dataclass(frozen=True, slots=True)
class RecallArtifact:
    digest: Digest
    reason: TextRef


@dataclass(frozen=True, slots=True)
class LiftRecall:
    digest: Digest
    reason: TextRef


RecallCommand = RecallArtifact | LiftRecall


@dataclass(frozen=True, slots=True)
class ArtifactRecalled:
    digest: Digest
    reason: str
    by: str


@dataclass(frozen=True, slots=True)
class RecallLifted:
    digest: Digest
    reason: str
    by: str


RecallEvent = ArtifactRecalled | RecallLifted


@dataclass(frozen=True, slots=True)
class RecallRecord:
    """Whether a digest is recalled, why, and by whom; empty words when it is not."""

    is_recalled: bool = False
    reason: str = ""
    by: str = ""


def recall_stream(digest: Digest) -> StreamId:
    """The stream that holds a digest's recalls."""
    return StreamId(f"artifact/{digest}")


def decide(state: RecallRecord, command: RecallCommand, actor: Actor) -> Decision[RecallEvent]:
    """Whether the digest may be recalled, or its recall lifted."""
    match command:
        case RecallArtifact(digest, reason):
            if isinstance(actor, Person) and actor.assurance is not Assurance.SIGNED:
                return refuse("recall.unsigned", "a recall names its person by signature", "sign with a registered key")
            if state.is_recalled:
                return refuse("recall.already", "this digest is recalled already", "nothing needs doing")
            return _accept(digest, ArtifactRecalled(digest, reason, str(actor)))
        case LiftRecall(digest, reason):
            if isinstance(actor, Robot) or actor.assurance is not Assurance.SIGNED:
                return refuse(
                    "recall.lift_unsigned",
                    "only a named person lifts a recall, with their signature",
                    "sign with a registered key",
                )
            if not state.is_recalled:
                return refuse("recall.none", "this digest is not recalled", "nothing needs doing")
            return _accept(digest, RecallLifted(digest, reason, str(actor)))
        case _:
            assert_never(command)


def evolve(state: RecallRecord, event: RecallEvent) -> RecallRecord:
    """The record after the event."""
    match event:
        case ArtifactRecalled(_, reason, by):
            return replace(state, is_recalled=True, reason=reason, by=by)
        case RecallLifted():
            return RecallRecord()
        case _:
            assert_never(event)


def _accept(digest: Digest, event: RecallEvent) -> Accepted[RecallEvent]:
    return Accepted((Emitted(recall_stream(digest), event),))
