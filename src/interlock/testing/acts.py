# SPDX-License-Identifier: Apache-2.0
"""What people do in a scenario: one verb, one class, and the commands it comes to.

Every act names its person under `by` and may say with which codes it is refused; an act that says nothing of it must
be accepted. Where an act is about a version and names none, the newest release is meant.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Annotated, Final, TypeAlias

from interlock.domain.approval import EVERY, Answer, Approve, SignOff
from interlock.domain.artifact import LiftRecall, RecallArtifact
from interlock.domain.change import ChangeKind, OpenChange
from interlock.domain.evidence import RecordEvidence, RequestEvidence
from interlock.domain.freeze import DeclareFreeze, LiftFreeze
from interlock.domain.governance import ApproveGovernance, CompleteReview, ProposeGovernance
from interlock.domain.ids import (
    EVERYWHERE,
    CheckId,
    EnvironmentName,
    FreezeId,
    LabelName,
    PersonId,
    RequirementId,
    digest_of,
    parse_version,
)
from interlock.domain.records import WriteRecord
from interlock.domain.release import CreateRelease, Plans, RepinGovernance, RevisePlans, WithdrawRelease
from interlock.domain.verdict import Verdict
from interlock.domain.waiver import GrantWaiver, RequestWaiver, RevokeWaiver
from interlock.ledger.codec import Command
from interlock.packs.model import Name
from interlock.packs.shape import key
from interlock.packs.wanted import NATURAL, YEAR
from interlock.service.document import headings_of
from interlock.testing.stage import NOTHING_YET, SERVICE, WORDS, Stage

Version: TypeAlias = Annotated[str, parse_version]

FIRST_RULES: Final = "first"
"""The rules every scenario begins under."""
PLANS: Final = Plans(digest_of(b"out"), digest_of(b"back"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """What every act says."""

    by: PersonId = field(metadata=key(doc="Who does it."))
    refused: tuple[str, ...] = field(
        default=(), metadata=key(doc="The codes it is refused with; none: it is accepted.")
    )
    of: Version = field(default=NOTHING_YET, metadata=key(doc="The version it is about; none: the newest release."))

    def commands(self, stage: Stage) -> Iterator[Command]:
        """What the person says, one after the other; the next is asked for only when the one before was accepted."""
        raise NotImplementedError

    def blobs(self, stage: Stage) -> tuple[bytes, ...]:
        """Raw material that goes with it."""
        return ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Release(Act):
    """Open a change request and make a release that carries it."""

    release: Version = field(metadata=key(doc="The new version."))
    kind: ChangeKind = field(default=ChangeKind.NORMAL, metadata=key(doc="What kind of change it is."))
    authors: tuple[PersonId, ...] = field(default=(), metadata=key(doc="Who wrote it, beside who opens the change."))
    unknown_authors: int = field(default=0, metadata=key(doc="How many of its authors nobody knows.", span=NATURAL))
    holds: str = field(default="", metadata=key(doc="The version whose content it has; none: its own."))
    brings: Name = field(default=FIRST_RULES, metadata=key(doc="The rules found in its source."))
    areas: tuple[str, ...] = field(default=(), metadata=key(doc="The areas of the source that it touches."))
    labels: tuple[LabelName, ...] = field(default=(), metadata=key(doc="What is special about the change."))
    title: str = field(default="", metadata=key(doc="What the change is called."))

    def commands(self, stage: Stage) -> Iterator[Command]:
        change = stage.change(self.release)
        if change not in stage.changes:
            yield OpenChange(change, SERVICE, self.kind, stage.words(self.title), self.labels)
            stage.changes.add(change)
            stage.newest = self.release
        content = stage.contents.get(self.release)
        stage.contents[self.release] = self.holds or self.release
        artifacts = stage.artifacts(self.release)
        if content is not None:
            stage.contents[self.release] = content
        yield CreateRelease(
            release=stage.release(self.release),
            service=SERVICE,
            version=self.release,
            change=change,
            artifacts=artifacts,
            commit=stage.commit(self.release),
            base="",
            authors=self.authors or (self.by,),
            unknown_authors=self.unknown_authors,
            declared=stage.governance(self.brings).digest,
            plans=PLANS,
            areas=self.areas,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Sign(Act):
    """Attest what a sign-off asks."""

    sign: RequirementId = field(metadata=key(doc="The requirement."))
    before: EnvironmentName = field(metadata=key(doc="The environment whose gate it stands before."))

    def commands(self, stage: Stage) -> Iterator[Command]:
        yield SignOff(stage.release(self.of), self.before, self.sign, stage.bound(self.of, self.before))


@dataclass(frozen=True, slots=True, kw_only=True)
class ApproveFor(Act):
    """Authorise the release for an environment."""

    approve: EnvironmentName = field(metadata=key(doc="The environment."))
    named: RequirementId = field(
        default=EVERY, metadata=key("as", doc="The approval it is meant for; none: every one that follows nothing.")
    )

    def commands(self, stage: Stage) -> Iterator[Command]:
        yield _decision(stage, self.of, self.approve, Answer.APPROVED, self.named)


@dataclass(frozen=True, slots=True, kw_only=True)
class RejectFor(Act):
    """Say no to the release for an environment."""

    reject: EnvironmentName = field(metadata=key(doc="The environment."))
    named: RequirementId = field(
        default=EVERY, metadata=key("as", doc="The approval it is meant for; none: every one that follows nothing.")
    )

    def commands(self, stage: Stage) -> Iterator[Command]:
        yield _decision(stage, self.of, self.reject, Answer.REJECTED, self.named)


def _decision(
    stage: Stage, version: str, environment: EnvironmentName, answer: Answer, named: RequirementId
) -> Command:
    return Approve(stage.release(version), environment, answer, stage.bound(version, environment), WORDS, named)


@dataclass(frozen=True, slots=True, kw_only=True)
class Write(Act):
    """Write a record about the release."""

    write: RequirementId = field(metadata=key(doc="The record."))
    before: EnvironmentName = field(metadata=key(doc="The environment whose gate it stands before."))
    sections: Mapping[str, str] = field(metadata=key(doc="What it says under each heading."))

    def commands(self, stage: Stage) -> Iterator[Command]:
        document = self._document()
        yield WriteRecord(stage.release(self.of), self.before, self.write, digest_of(document), headings_of(document))

    def blobs(self, stage: Stage) -> tuple[bytes, ...]:
        return (self._document(),)

    def _document(self) -> bytes:
        return "".join(f"# {heading}\n\n{text}\n\n" for heading, text in self.sections.items()).encode()


@dataclass(frozen=True, slots=True, kw_only=True)
class Waive(Act):
    """Ask for an exception to one requirement."""

    waive: RequirementId = field(metadata=key(doc="The requirement."))
    before: EnvironmentName = field(metadata=key(doc="The environment whose gate it stands before."))
    lasting: timedelta = field(metadata=key("for", doc="After how long the exception expires.", span=YEAR))

    def commands(self, stage: Stage) -> Iterator[Command]:
        expires = stage.world.moments.now() + self.lasting
        waiver = stage.waiver(self.waive, self.of)
        yield RequestWaiver(waiver, stage.release(self.of), self.before, self.waive, WORDS, WORDS, expires)


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant(Act):
    """Grant the exception that was asked for."""

    grant: RequirementId = field(metadata=key(doc="The requirement."))

    def commands(self, stage: Stage) -> Iterator[Command]:
        yield GrantWaiver(stage.waiver(self.grant, self.of), stage.release(self.of))


@dataclass(frozen=True, slots=True, kw_only=True)
class Revoke(Act):
    """Take an exception back."""

    revoke: RequirementId = field(metadata=key(doc="The requirement."))

    def commands(self, stage: Stage) -> Iterator[Command]:
        yield RevokeWaiver(stage.waiver(self.revoke, self.of), stage.release(self.of), WORDS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Freeze(Act):
    """Declare a freeze of an environment, from now on."""

    freeze: EnvironmentName = field(metadata=key(doc="The environment."))
    lasting: timedelta = field(metadata=key("for", doc="How long it holds.", span=YEAR))
    admits: tuple[ChangeKind, ...] = field(default=(), metadata=key(doc="Kinds of change that may pass."))

    def commands(self, stage: Stage) -> Iterator[Command]:
        now = stage.world.moments.now()
        known = stage.gatherer().view.freezes()
        freeze = FreezeId(f"freeze-{len(known.declared) + len(known.lifted) + 1}")
        stage.freezes[self.freeze] = freeze
        yield DeclareFreeze(freeze, (SERVICE,), (self.freeze,), now, now + self.lasting, WORDS, self.admits)


@dataclass(frozen=True, slots=True, kw_only=True)
class Lift(Act):
    """End the last freeze of an environment early."""

    lift: EnvironmentName = field(metadata=key(doc="The environment."))

    def commands(self, stage: Stage) -> Iterator[Command]:
        yield LiftFreeze(FreezeId(stage.freezes.get(self.lift, "none")), WORDS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Recall(Act):
    """Recall what a version holds: it gains exposure nowhere."""

    recall: Version = field(metadata=key(doc="The version."))

    def commands(self, stage: Stage) -> Iterator[Command]:
        yield RecallArtifact(stage.digest(self.recall), WORDS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Clear(Act):
    """Lift every recall of what a version holds."""

    clear: Version = field(metadata=key(doc="The version."))

    def commands(self, stage: Stage) -> Iterator[Command]:
        whole = stage.digest(self.clear)
        view = stage.gatherer().view
        recalled = [one.digest for one in stage.artifacts(self.clear) if view.recall(one.digest).is_recalled]
        for digest in dict.fromkeys((whole, *recalled)):
            yield LiftRecall(digest, WORDS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Withdraw(Act):
    """Take an open release back."""

    withdraw: Version = field(metadata=key(doc="The version."))

    def commands(self, stage: Stage) -> Iterator[Command]:
        yield WithdrawRelease(stage.release(self.withdraw), WORDS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Replan(Act):
    """Change how an open release goes out or comes back."""

    replan: Version = field(metadata=key(doc="The version."))

    def commands(self, stage: Stage) -> Iterator[Command]:
        revision = stage.gatherer().view.release(stage.release(self.replan)).revision
        yield RevisePlans(stage.release(self.replan), Plans(PLANS.rollout, digest_of(f"plan {revision}".encode())))


@dataclass(frozen=True, slots=True, kw_only=True)
class Repin(Act):
    """Move an open release to the rules in force."""

    repin: Version = field(metadata=key(doc="The version."))

    def commands(self, stage: Stage) -> Iterator[Command]:
        yield RepinGovernance(stage.release(self.repin))


@dataclass(frozen=True, slots=True, kw_only=True)
class Propose(Act):
    """Propose other rules, by the name they have under `given`."""

    propose: Name = field(metadata=key(doc="The rules."))

    def commands(self, stage: Stage) -> Iterator[Command]:
        yield ProposeGovernance(SERVICE, stage.governance(self.propose), WORDS)

    def blobs(self, stage: Stage) -> tuple[bytes, ...]:
        return (stage.pack, stage.bindings[self.propose])


@dataclass(frozen=True, slots=True, kw_only=True)
class Enact(Act):
    """Approve proposed rules; they are in force from then on."""

    enact: Name = field(metadata=key(doc="The rules."))

    def commands(self, stage: Stage) -> Iterator[Command]:
        yield ApproveGovernance(SERVICE, stage.governance(self.enact).digest)


@dataclass(frozen=True, slots=True, kw_only=True)
class Review(Act):
    """Complete the retroactive review of an emergency."""

    review: Version = field(metadata=key(doc="The version the emergency brought."))

    def commands(self, stage: Stage) -> Iterator[Command]:
        yield CompleteReview(SERVICE, stage.change(self.review), WORDS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Refresh(Act):
    """Ask that a check be run again."""

    refresh: CheckId = field(metadata=key(doc="The check."))
    there: EnvironmentName = field(
        default=EVERYWHERE, metadata=key("in", doc="Where; none: in no place in particular.")
    )

    def commands(self, stage: Stage) -> Iterator[Command]:
        yield RequestEvidence(stage.digest(stage.named(self.of)), self.refresh, self.there)


@dataclass(frozen=True, slots=True, kw_only=True)
class Attach(Act):
    """Bring the reading of a check oneself."""

    attach: CheckId = field(metadata=key(doc="The check."))
    saying: Verdict = field(metadata=key(doc="What it says."))
    there: EnvironmentName = field(
        default=EVERYWHERE, metadata=key("in", doc="Where; none: in no place in particular.")
    )

    def commands(self, stage: Stage) -> Iterator[Command]:
        version = stage.named(self.of)
        yield RecordEvidence(
            subject=stage.digest(version),
            check=self.attach,
            environment=self.there,
            verdict=self.saying,
            summary="as written",
            source=str(self.by),
            report=digest_of(b"as written"),
            governance=stage.gatherer().view.release(stage.release(version)).governance,
            taken_at=stage.world.moments.now(),
            release=stage.release(version),
        )

    def blobs(self, stage: Stage) -> tuple[bytes, ...]:
        return (b"as written",)


AnAct: TypeAlias = (
    Release
    | Sign
    | ApproveFor
    | RejectFor
    | Write
    | Waive
    | Grant
    | Revoke
    | Freeze
    | Lift
    | Recall
    | Clear
    | Withdraw
    | Replan
    | Repin
    | Propose
    | Enact
    | Review
    | Refresh
    | Attach
)
