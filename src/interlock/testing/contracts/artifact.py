# SPDX-License-Identifier: Apache-2.0
"""The conformance kit of the artifact port: one or more tests per numbered clause of `interlock.ports.artifact`.

Subclass `ArtifactContract` in your test suite and give it a fixture named `rig` that is an `ArtifactRig` over the real
thing. An adapter that passes can be used to fetch what is shipped.
"""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Protocol

import pytest

from interlock.domain.ids import Digest, digest_of, parse_digest
from interlock.ports.artifact import ArtifactSource
from interlock.ports.failure import PortFailure, Rejected

WANTED = b"what was approved"
OTHER = b"what came later"
AT_ONCE = 8


class ArtifactRig(Protocol):
    """What the kit needs of the adapter's world."""

    def source(self) -> ArtifactSource:
        """An adapter built anew with the same configuration, as a restarted controller builds it."""
        ...

    def publish(self, content: bytes) -> str:
        """Make content available; gives a reference to it. Every call gives another reference."""
        ...

    def publish_again(self, reference: str, content: bytes) -> None:
        """Make an existing reference mean other content."""
        ...

    def content(self, path: Path) -> bytes:
        """The content that was published, as it is found at a fetched path."""
        ...

    def damage(self, path: Path) -> None:
        """Change what lies at a fetched path."""
        ...

    def interrupt(self, digest: Digest) -> None:
        """Leave behind what a fetch of `digest` leaves that was killed half-way."""
        ...


class ArtifactContract:
    """The clauses of `ArtifactSource`, as tests."""

    def test_1_identity_is_a_digest_and_stays(self, rig: ArtifactRig) -> None:
        reference = rig.publish(WANTED)
        digests = {rig.source().identify(reference) for _ in range(3)}
        assert {parse_digest(digest) for digest in digests} == digests
        assert len(digests) == 1

    def test_1_the_content_and_not_the_name_is_identity(self, rig: ArtifactRig) -> None:
        references = [rig.publish(WANTED), rig.publish(WANTED)]
        assert len({rig.source().identify(reference) for reference in references}) == 1

    def test_1_other_content_under_the_same_name_is_another_identity(self, rig: ArtifactRig) -> None:
        reference = rig.publish(WANTED)
        before = rig.source().identify(reference)
        rig.publish_again(reference, OTHER)
        assert rig.source().identify(reference) != before

    @pytest.mark.parametrize("reference", ["", "nothing-here", "--help", "no\0body", "../../nothing"])
    def test_1_a_reference_to_nothing_is_a_fault_of_the_port(self, rig: ArtifactRig, reference: str) -> None:
        with pytest.raises(PortFailure):
            rig.source().identify(reference)

    def test_2_fetch_brings_the_content(self, rig: ArtifactRig) -> None:
        reference = rig.publish(WANTED)
        source = rig.source()
        assert rig.content(source.fetch(reference, source.identify(reference))) == WANTED

    def test_2_content_that_lost_its_digest_is_rejected(self, rig: ArtifactRig) -> None:
        reference = rig.publish(OTHER)
        with pytest.raises(Rejected) as refusal:
            rig.source().fetch(reference, digest_of(b"something else altogether"))
        assert refusal.value.code == "artifact.digest_mismatch"

    def test_2_a_second_fetch_does_no_work_twice(self, rig: ArtifactRig) -> None:
        reference = rig.publish(WANTED)
        digest = rig.source().identify(reference)
        first = rig.source().fetch(reference, digest)
        before = (first.stat().st_ino, first.stat().st_mtime_ns)
        second = rig.source().fetch(reference, digest)
        assert (second, second.stat().st_ino, second.stat().st_mtime_ns) == (first, *before)

    def test_2_fetches_at_once_all_get_the_content(self, rig: ArtifactRig) -> None:
        reference = rig.publish(WANTED)
        digest = rig.source().identify(reference)
        with ThreadPoolExecutor(AT_ONCE) as pool:
            paths = set(pool.map(lambda _: rig.source().fetch(reference, digest), range(AT_ONCE)))
        assert [rig.content(path) for path in paths] == [WANTED]

    def test_2_two_contents_lie_in_two_places(self, rig: ArtifactRig) -> None:
        references = [rig.publish(WANTED), rig.publish(OTHER)]
        paths = [rig.source().fetch(reference, rig.source().identify(reference)) for reference in references]
        assert [rig.content(path) for path in paths] == [WANTED, OTHER]

    def test_3_what_was_interrupted_is_not_taken_for_the_content(self, rig: ArtifactRig) -> None:
        reference = rig.publish(WANTED)
        digest = rig.source().identify(reference)
        rig.interrupt(digest)
        assert rig.content(rig.source().fetch(reference, digest)) == WANTED

    def test_3_what_was_damaged_is_fetched_again(self, rig: ArtifactRig) -> None:
        reference = rig.publish(WANTED)
        digest = rig.source().identify(reference)
        rig.damage(rig.source().fetch(reference, digest))
        assert rig.content(rig.source().fetch(reference, digest)) == WANTED
