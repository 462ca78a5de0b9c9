# SPDX-License-Identifier: Apache-2.0
"""A release that is a container image (OCI image specification 1.1), known by the digest of its manifest.

1. `NAME@sha256:HEX` names an image in a registry. Nothing is asked of the registry: the digest is in the reference, and
   whoever pulls by it verifies it.
2. `layout:FOLDER[:REF]` or `layout:FOLDER@sha256:HEX` names an image in an OCI layout folder, as `skopeo copy`,
   `docker buildx build --output type=oci` and `buildah push` write it. Every blob that the manifest reaches is hashed,
   at every identify and fetch.
3. A tag alone is `Rejected` (`artifact.not_pinned`): a tag is a name, and a name can come to mean something else.
The place is a file in the store that holds the pinned reference and a newline.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeVar

import msgspec

from interlock.adapters.content import ContentStore, hash_file, mismatch
from interlock.domain.ids import Digest, digest_of, parse_digest
from interlock.ports.failure import Rejected

_PINNED: Final = re.compile(r"(?P<name>[A-Za-z0-9][A-Za-z0-9._:/-]{0,254})@(?P<digest>sha256:[0-9a-f]{64})")
_LAYOUT: Final = re.compile(r"layout:(?P<folder>[^\x00-\x1f@]+?)(?:@(?P<digest>sha256:[0-9a-f]{64}))?")
_REF_NAME: Final = "org.opencontainers.image.ref.name"
_LARGEST_DOCUMENT: Final = 4 << 20
_DEEPEST_INDEX: Final = 4
_NEXT: Final = "export the image again, for example with `skopeo copy --preserve-digests ... oci:FOLDER:REF`"


class _Descriptor(msgspec.Struct, frozen=True, rename="camel"):
    media_type: str
    digest: str
    size: int
    annotations: dict[str, str] = {}


class _Index(msgspec.Struct, frozen=True, rename="camel"):
    manifests: list[_Descriptor]


class _Manifest(msgspec.Struct, frozen=True, rename="camel"):
    config: _Descriptor
    layers: list[_Descriptor]


class _Marker(msgspec.Struct, frozen=True, rename="camel"):
    image_layout_version: str


_Shape = TypeVar("_Shape")
_INDEXES: Final = frozenset(
    {"application/vnd.oci.image.index.v1+json", "application/vnd.docker.distribution.manifest.list.v2+json"}
)


@dataclass(frozen=True, slots=True)
class OciImages:
    """Images in registries by digest, and in layout folders below `root`; pins are kept in the folder `store`."""

    root: Path
    store: Path

    def identify(self, reference: str) -> Digest:
        pinned = _PINNED.fullmatch(reference)
        if pinned is not None:
            return parse_digest(pinned["digest"])
        layout = _LAYOUT.fullmatch(reference)
        if layout is None:
            raise _not_pinned(reference)
        return self._identify_layout(layout["folder"], layout["digest"] or "")

    def fetch(self, reference: str, digest: Digest) -> Path:
        found = self.identify(reference)
        if found != digest:
            raise mismatch(digest, found)
        words = self._pinned(reference, digest).encode()
        content = ContentStore(self.store)

        def write(into: Path) -> Digest:
            into.write_bytes(words)
            return digest_of(words)

        return content.file(digest_of(words), ".ref", write)

    def _pinned(self, reference: str, digest: Digest) -> str:
        layout = _LAYOUT.fullmatch(reference)
        if layout is None:
            return f"{reference}\n"
        folder, _ = self._folder_and_ref(layout["folder"])
        return f"layout:{folder}@{digest}\n"

    def _folder_and_ref(self, words: str) -> tuple[Path, str]:
        whole = self.root / words
        if whole.is_dir():
            return whole, ""
        folder, _, ref = words.rpartition(":")
        if folder and (self.root / folder).is_dir():
            return self.root / folder, ref
        raise Rejected("artifact.unknown_reference", f"there is no image layout '{words}' below '{self.root}'", _NEXT)

    def _identify_layout(self, words: str, wanted: str) -> Digest:
        folder, ref = self._folder_and_ref(words)
        _decode(_document(folder, folder / "oci-layout"), _Marker)
        index = _decode(_document(folder, folder / "index.json"), _Index)
        offered = [item for item in index.manifests if _is_asked_for(item, ref, wanted)]
        if len({item.digest for item in offered}) != 1:
            raise Rejected(
                "artifact.ambiguous_reference" if offered else "artifact.unknown_reference",
                f"the layout '{folder}' holds {len(offered)} images that '{ref or wanted or 'no name'}' could mean",
                "name one: `layout:FOLDER:REF` or `layout:FOLDER@sha256:HEX`",
            )
        _verify(folder, offered[0], 0)
        return _sha256(offered[0])


def _is_asked_for(item: _Descriptor, ref: str, wanted: str) -> bool:
    if wanted:
        return item.digest == wanted
    return not ref or item.annotations.get(_REF_NAME) == ref


def _verify(folder: Path, item: _Descriptor, depth: int) -> None:
    """Hash the blob and everything it names."""
    if depth > _DEEPEST_INDEX:
        raise _damaged(folder, "its indexes lie too deep in each other")
    blob = folder / "blobs" / "sha256" / _sha256(item).removeprefix("sha256:")
    if not blob.is_file():
        raise _damaged(folder, f"the blob {item.digest} is missing")
    if blob.stat().st_size != item.size or hash_file(blob) != item.digest:
        raise _damaged(folder, f"the blob {item.digest} is not what its name says")
    for part in _parts(folder, blob, item, depth):
        _verify(folder, part, depth + 1)


def _parts(folder: Path, blob: Path, item: _Descriptor, depth: int) -> Iterator[_Descriptor]:
    if item.media_type in _INDEXES:
        yield from _decode(_document(folder, blob), _Index).manifests
    elif "manifest" in item.media_type:
        manifest = _decode(_document(folder, blob), _Manifest)
        yield manifest.config
        yield from manifest.layers
    elif depth == 0:
        raise _damaged(folder, f"'{item.media_type}' is no image")


def _sha256(item: _Descriptor) -> Digest:
    try:
        return parse_digest(item.digest)
    except ValueError as other:
        raise Rejected(
            "artifact.unsupported_digest", f"'{item.digest[:100]}' is no SHA-256 digest", "export with SHA-256 digests"
        ) from other


def _document(folder: Path, path: Path) -> bytes:
    if not path.is_file():
        raise _damaged(folder, f"'{path.name}' is missing")
    if path.stat().st_size > _LARGEST_DOCUMENT:
        raise _damaged(folder, f"'{path.name}' is larger than {_LARGEST_DOCUMENT >> 20} MiB")
    return path.read_bytes()


def _decode(raw: bytes, shape: type[_Shape]) -> _Shape:
    try:
        return msgspec.json.decode(raw, type=shape)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as senseless:
        raise Rejected("artifact.damaged_layout", f"the image layout is malformed: {senseless}", _NEXT) from senseless


def _damaged(folder: Path, why: str) -> Rejected:
    return Rejected("artifact.damaged_layout", f"the image layout '{folder}' cannot be used: {why}", _NEXT)


def _not_pinned(reference: str) -> Rejected:
    return Rejected(
        "artifact.not_pinned",
        f"{reference[:200]!r} does not say which content is meant",
        "write NAME@sha256:HEX (`docker buildx imagetools inspect NAME:TAG` shows it) or layout:FOLDER:REF",
    )
