# SPDX-License-Identifier: Apache-2.0
"""From the repository to commands: which governance stands at a commit, what a release made from it would be.

1. What a candidate brings is read here to be *compared*; what judges it always comes from the ledger.
2. Authors are everyone who wrote, committed or co-authored what is new since the last good release in the last
   environment, matched to registered people by address; who cannot be matched is counted, not dropped (I2).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Protocol, assert_never

import msgspec

from interlock.domain.artifact import Artifact, ArtifactKind
from interlock.domain.governance import GovernanceRef, GovernedFile
from interlock.domain.ids import ChangeId, ComponentName, Digest, PersonId, ReleaseId, ServiceName, digest_of
from interlock.domain.release import CreateRelease, Plans
from interlock.domain.slot import NOTHING
from interlock.ledger.canonical import canonical
from interlock.packs.areas import touched
from interlock.packs.bindings import ArtifactSpec, Bindings, FileArtifact, GitArtifact, OciArtifact, load_bindings
from interlock.packs.problem import Problems
from interlock.ports.artifact import ArtifactSource
from interlock.ports.failure import Rejected
from interlock.ports.source import Commit, NoSuchFile, SourceRepository
from interlock.ports.store import Erased, LedgerStore, Missing
from interlock.service.gather import Gatherer
from interlock.service.library import Rules, governance_ref, load_rules

BINDINGS: Final = "interlock.yaml"
APP: Final = ComponentName("app")
"""The one component of a service that names none: its source at the released commit."""


class Unfit(Exception):
    """What the repository holds cannot be used. `text` is fit for a terminal and names every fault with its place."""

    def __init__(self, code: str, text: str, next_step: str) -> None:
        super().__init__(text)
        self.code = code
        self.text = text
        self.next_step = next_step


class Packs(Protocol):
    """The library of packs that come with Interlock."""

    def pack(self, name: str) -> bytes | None: ...


@dataclass(frozen=True, slots=True)
class Declared:
    """The governance that stands in the repository at one commit, with the raw parts to be kept as blobs."""

    ref: GovernanceRef
    rules: Rules
    pack: bytes
    bindings: bytes


@dataclass(frozen=True, slots=True)
class Composer:
    """Reads one repository."""

    source: SourceRepository
    packs: Packs

    def declared(self, revision: str) -> Declared:
        """The governance at a revision. Raises `Unfit` and what the source raises."""
        content = self._read(revision, BINDINGS)
        bindings = load_bindings(BINDINGS, content)
        if isinstance(bindings, Problems):
            raise Unfit("bindings.unfit", bindings.render(), f"mend {BINDINGS}, commit it, try again")
        pack = self._pack(revision, bindings.pack)
        files = tuple(
            GovernedFile(path, digest_of(self._read(revision, path))) for path in dict.fromkeys(bindings.governed)
        )
        ref = governance_ref(pack, content, files)
        rules = load_rules(ref, pack, content)
        if isinstance(rules, Problems):
            raise Unfit("bindings.unfit", rules.render(), f"mend {BINDINGS} or the pack, commit it, try again")
        return Declared(ref, rules, pack, content)

    def declared_digest(self, revision: str, in_force: GovernanceRef) -> Digest:
        """The digest of the governance a candidate brings.

        A candidate without bindings brings none of its own: it declares what is in force, as long as every governed
        file is there and the same. Bindings that do not load are nobody's approved governance: the empty digest.
        """
        try:
            if isinstance(self.source.read(revision, BINDINGS), NoSuchFile):
                same = all(digest_of(self._read(revision, file.path)) == file.digest for file in in_force.files)
                return in_force.digest if same else Digest("")
            return self.declared(revision).ref.digest
        except (Unfit, Rejected):
            return Digest("")

    def _pack(self, revision: str, name: str) -> bytes:
        content = self.packs.pack(name)
        return content if content is not None else self._read(revision, name)

    def _read(self, revision: str, path: str) -> bytes:
        found = self.source.read(revision, path.removeprefix("./"))
        if isinstance(found, NoSuchFile):
            raise Unfit(
                "governance.missing_file",
                f"there is no file '{path}' at {revision[:12]}",
                "commit it, or name another one in interlock.yaml",
            )
        return found.content


@dataclass(frozen=True, slots=True)
class Artifacts:
    """The ways of naming and fetching artifacts, by kind."""

    git: ArtifactSource
    file: ArtifactSource
    oci: ArtifactSource

    def of(self, kind: ArtifactKind) -> ArtifactSource:
        """The source of that kind."""
        match kind:
            case ArtifactKind.GIT:
                return self.git
            case ArtifactKind.FILE:
                return self.file
            case ArtifactKind.OCI:
                return self.oci

    def identify(self, bindings: Bindings, commit: Commit, version: str) -> tuple[Artifact, ...]:
        """Every component of a service as it is now, by digest."""
        specs = dict(bindings.components) or {APP: GitArtifact("archive")}
        return tuple(self._one(component, spec, commit, version) for component, spec in sorted(specs.items()))

    def _one(self, component: ComponentName, spec: ArtifactSpec, commit: Commit, version: str) -> Artifact:
        kind, template = _named(spec)
        reference = template.replace("{version}", version).replace("{commit}", commit.sha)
        return Artifact(component, kind, reference, self.of(kind).identify(reference))


def _named(spec: ArtifactSpec) -> tuple[ArtifactKind, str]:
    """The kind of a bound artifact and its reference, with placeholders."""
    match spec:
        case GitArtifact():
            return ArtifactKind.GIT, "{commit}"
        case FileArtifact(path):
            return ArtifactKind.FILE, path
        case OciArtifact(name):
            return ArtifactKind.OCI, name
        case _:
            assert_never(spec)


@dataclass(frozen=True, slots=True)
class Authors:
    """Who made what is in a release, and how many of them nobody knows."""

    known: tuple[PersonId, ...]
    unknown: tuple[str, ...]


def authors_of(
    commits: tuple[Commit, ...], gatherer: Gatherer, store: LedgerStore, external: tuple[str, ...]
) -> Authors:
    """Match every author, committer and co-author to a registered person by address, whatever its case."""
    people: dict[str, PersonId] = {}
    for ref, person in gatherer.view.people().emails.items():
        words = store.text(ref)
        if not isinstance(words, Erased | Missing):
            people[words.words.casefold()] = person
    outside = {address.casefold() for address in external}
    addresses = dict.fromkeys(address.casefold() for commit in commits for address in _addresses(commit))
    known = tuple(dict.fromkeys(people[address] for address in addresses if address in people))
    unknown = tuple(address for address in addresses if address not in people and address not in outside)
    return Authors(known, unknown)


def _addresses(commit: Commit) -> Iterator[str]:
    yield commit.author_email
    yield commit.committer_email
    yield from commit.co_author_emails


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a person asks to be released."""

    service: ServiceName
    version: str
    revision: str
    change: ChangeId
    rules: Rules
    rollback_plan: bytes = b""


@dataclass(frozen=True, slots=True)
class Draft:
    """A release that could be created, and what a person should know about it before."""

    command: CreateRelease
    unknown_authors: tuple[str, ...]
    commits: tuple[Commit, ...]
    rollback_plan: bytes


def draft_release(
    composer: Composer,
    artifacts: Artifacts,
    gatherer: Gatherer,
    store: LedgerStore,
    wanted: Wanted,
) -> Draft:
    """What `interlock release create` would hand in. Raises `Unfit`, and what ports raise."""
    commit = composer.source.resolve(wanted.revision)
    rules = wanted.rules
    base = _base(composer.source, gatherer, wanted, commit)
    commits = tuple(composer.source.commits(base, commit.sha))
    found = authors_of(commits, gatherer, store, rules.bindings.external_authors)
    plan = wanted.rollback_plan or b"return to the last good release of each environment by its own deployment\n"
    rollout = digest_of(canonical(msgspec.to_builtins(rules.governance.procedure.stages)))
    command = CreateRelease(
        release=release_id(wanted.service, wanted.version),
        service=wanted.service,
        version=wanted.version,
        change=wanted.change,
        artifacts=artifacts.identify(rules.bindings, commit, wanted.version),
        commit=commit.sha,
        base=base,
        authors=found.known,
        unknown_authors=len(found.unknown),
        declared=composer.declared_digest(commit.sha, gatherer.view.service(wanted.service).in_force),
        plans=Plans(rollout, digest_of(plan)),
        areas=touched(rules.bindings.areas, composer.source.differing(base, commit.sha)),
    )
    return Draft(command, found.unknown, commits, plan)


def release_id(service: ServiceName, version: str) -> ReleaseId:
    """The id of a service's release of that version."""
    return ReleaseId(f"{service}:{version}")


def _base(source: SourceRepository, gatherer: Gatherer, wanted: Wanted, commit: Commit) -> str:
    """The newest good release of the last environment that the commit descends from."""
    last = wanted.rules.governance.procedure.environments[-1].name
    slot = gatherer.view.slot(wanted.service, last)
    places = [slot.live, *reversed(slot.good)]
    for placed in dict.fromkeys(place for place in places if place != NOTHING):
        base = gatherer.view.release(placed.release).commit
        try:
            source.commits(base, commit.sha)
        except Rejected:
            continue
        return base
    raise Unfit(
        "release.no_base",
        f"nothing that was good in {last} is part of this commit's history, so nobody can tell what is new in it",
        f"record what runs with `interlock adopt VERSION`, or merge what runs in {last}",
    )
