# SPDX-License-Identifier: Apache-2.0
"""The branch of a simulated repository: which commit is its head, and what would be released of it."""

from dataclasses import dataclass, field
from typing import Final

from interlock.domain.artifact import Artifact, ArtifactKind
from interlock.domain.ids import Digest, PersonId, ServiceName, digest_of
from interlock.domain.release import CreateRelease, Plans
from interlock.domain.trunk import Head
from interlock.ports.failure import Rejected, Unavailable
from interlock.service.compose import APP, Draft, Unfit, release_id

_PLAN: Final = b"back"


def commit_of(name: str) -> str:
    """The full name of a commit that is called so, in the form of git's names of SHA-256."""
    return digest_of(name.encode()).removeprefix("sha256:")


@dataclass(frozen=True, slots=True)
class ScriptedHead:
    """A commit by its short name, who wrote it, and what it touches."""

    name: str
    authors: tuple[PersonId, ...] = ()
    unknown_authors: int = 0
    areas: tuple[str, ...] = ()

    @property
    def commit(self) -> str:
        """Its full name."""
        return commit_of(self.name)


@dataclass(slots=True)
class TrunkWorld:
    """`history` is every head there was, newest last; the next `outages` calls find nobody at home.

    `unfit` says why nothing can be made of a head, empty when it can be.
    """

    history: list[ScriptedHead] = field(default_factory=list)
    outages: int = 0
    unfit: str = ""
    versions: dict[str, str] = field(default_factory=dict)
    """Of commits by their short names, the versions they were drafted as."""

    def knows(self, name: str) -> bool:
        """Whether a commit of that short name was a head."""
        return any(one.name == name for one in self.history)

    def head(self) -> str:
        """The commit at the head."""
        self._answer()
        if not self.history:
            raise Rejected("source.unknown_revision", "there is no commit on that branch yet", "commit something")
        return self.history[-1].commit

    def draft(self, service: ServiceName, head: Head, declared: Digest) -> Draft:
        """The release that this head makes."""
        self._answer()
        if self.unfit:
            raise Unfit("release.no_base", self.unfit, "mend it")
        one = next(known for known in reversed(self.history) if known.commit == head.commit)
        self.versions[one.name] = head.version
        made = CreateRelease(
            release=release_id(service, head.version),
            service=service,
            version=head.version,
            change=head.change,
            artifacts=(Artifact(APP, ArtifactKind.GIT, one.name, digest_of(one.name.encode())),),
            commit=one.commit,
            base="",
            authors=one.authors,
            unknown_authors=one.unknown_authors,
            declared=declared,
            plans=Plans(digest_of(b"out"), digest_of(_PLAN)),
            areas=one.areas,
        )
        return Draft(made, (), (), _PLAN)

    def _answer(self) -> None:
        if self.outages:
            self.outages -= 1
            raise Unavailable("source.unreachable", "the simulated repository does not answer", "try again")
