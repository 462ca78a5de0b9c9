# SPDX-License-Identifier: Apache-2.0
import json
import shutil
from collections.abc import Mapping
from pathlib import Path

import pytest

from interlock.adapters.artifact.oci import OciImages
from interlock.domain.ids import Digest, digest_of
from interlock.ports.failure import Rejected
from interlock.testing.contracts.artifact import OTHER, WANTED, ArtifactContract

MANIFEST = "application/vnd.oci.image.manifest.v1+json"
INDEX = "application/vnd.oci.image.index.v1+json"
CONFIG = "application/vnd.oci.image.config.v1+json"
LAYER = "application/vnd.oci.image.layer.v1.tar"
PIN = "sha256:" + "ab" * 32


def store_blob(folder: Path, content: bytes, media_type: str) -> dict[str, object]:
    digest = digest_of(content)
    path = folder / "blobs/sha256" / digest.removeprefix("sha256:")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return {"mediaType": media_type, "digest": digest, "size": len(content)}


def store_json(folder: Path, document: Mapping[str, object], media_type: str) -> dict[str, object]:
    return store_blob(folder, json.dumps(document).encode(), media_type)


def store_image(folder: Path, content: bytes) -> dict[str, object]:
    config = store_blob(folder, b"{}", CONFIG)
    layer = store_blob(folder, content, LAYER)
    return store_json(folder, {"schemaVersion": 2, "config": config, "layers": [layer]}, MANIFEST)


def write_layout(folder: Path, *manifests: Mapping[str, object]) -> None:
    folder.mkdir(exist_ok=True)
    (folder / "oci-layout").write_text('{"imageLayoutVersion": "1.0.0"}')
    (folder / "index.json").write_text(json.dumps({"schemaVersion": 2, "manifests": manifests}))


def named(manifest: Mapping[str, object], ref: str) -> dict[str, object]:
    return {**manifest, "annotations": {"org.opencontainers.image.ref.name": ref}}


class LayoutRig:
    """Every publication is a layout folder with one image, whose only layer is the content."""

    def __init__(self, place: Path) -> None:
        self.place = place
        self.published = 0

    def source(self) -> OciImages:
        return OciImages(self.place, self.place / "store")

    def publish(self, content: bytes) -> str:
        self.published += 1
        reference = f"layout:image-{self.published}:latest"
        self.publish_again(reference, content)
        return reference

    def publish_again(self, reference: str, content: bytes) -> None:
        folder = self.place / reference.split(":")[1]
        shutil.rmtree(folder, ignore_errors=True)
        write_layout(folder, named(store_image(folder, content), "latest"))

    def content(self, path: Path) -> bytes:
        folder, digest = path.read_text().strip().removeprefix("layout:").split("@")
        blobs = Path(folder) / "blobs/sha256"
        manifest = json.loads((blobs / digest.removeprefix("sha256:")).read_text())
        layer = Path(manifest["layers"][0]["digest"].removeprefix("sha256:"))
        return (blobs / layer).read_bytes()

    def damage(self, path: Path) -> None:
        path.chmod(0o644)
        path.write_bytes(b"damaged")

    def interrupt(self, digest: Digest) -> None:
        incoming = self.place / "store/.incoming"
        incoming.mkdir(parents=True)
        words = f"layout:{self.place}/image-1@{digest}\n".encode()
        (incoming / f"{digest_of(words).removeprefix('sha256:')}.ref").write_bytes(b"half")


class TestOciImages(ArtifactContract):
    @pytest.fixture
    def rig(self, tmp_path: Path) -> LayoutRig:
        return LayoutRig(tmp_path)


@pytest.fixture
def images(tmp_path: Path) -> OciImages:
    return OciImages(tmp_path, tmp_path / "store")


def code_of(images: OciImages, reference: str) -> str:
    with pytest.raises(Rejected) as refusal:
        images.identify(reference)
    return refusal.value.code


@pytest.mark.parametrize(
    "reference",
    [
        "registry.example/app:1.0",
        "app",
        "app:latest",
        "app@sha256:12",
        f"app@{PIN.upper()}",
        f"-x@{PIN}",
        f"@{PIN}",
        "",
    ],
)
def test_a_name_without_a_digest_is_not_pinned(images: OciImages, reference: str) -> None:
    assert code_of(images, reference) == "artifact.not_pinned"


def test_a_pinned_name_is_its_digest(images: OciImages) -> None:
    assert images.identify(f"registry.example:5000/team/app:1.0@{PIN}") == PIN


def test_the_fetched_file_holds_the_pinned_name(images: OciImages) -> None:
    reference = f"registry.example/app@{PIN}"
    assert images.fetch(reference, Digest(PIN)).read_text() == f"{reference}\n"


def test_two_registries_with_one_digest_keep_their_names(images: OciImages) -> None:
    references = [f"one.example/app@{PIN}", f"two.example/app@{PIN}"]
    assert [images.fetch(name, Digest(PIN)).read_text().strip() for name in references] == references


def test_a_pinned_name_does_not_stand_for_another_digest(images: OciImages) -> None:
    with pytest.raises(Rejected) as refusal:
        images.fetch(f"registry.example/app@{PIN}", digest_of(b"other"))
    assert refusal.value.code == "artifact.digest_mismatch"


def test_the_pin_of_a_layout_is_a_reference_itself(images: OciImages, tmp_path: Path) -> None:
    rig = LayoutRig(tmp_path)
    reference = rig.publish(WANTED)
    digest = images.identify(reference)
    assert images.identify(images.fetch(reference, digest).read_text().strip()) == digest


def test_a_layout_with_one_image_needs_no_name(images: OciImages, tmp_path: Path) -> None:
    rig = LayoutRig(tmp_path)
    reference = rig.publish(WANTED)
    assert images.identify(reference.removesuffix(":latest")) == images.identify(reference)


def test_a_layout_with_several_images_needs_a_name(images: OciImages, tmp_path: Path) -> None:
    folder = tmp_path / "many"
    write_layout(folder, named(store_image(folder, WANTED), "one"), named(store_image(folder, OTHER), "two"))
    assert code_of(images, "layout:many") == "artifact.ambiguous_reference"


def test_a_name_that_the_layout_does_not_hold_is_unknown(images: OciImages, tmp_path: Path) -> None:
    LayoutRig(tmp_path).publish(WANTED)
    assert code_of(images, "layout:image-1:v9") == "artifact.unknown_reference"


def test_a_folder_that_is_not_there_is_unknown(images: OciImages) -> None:
    assert code_of(images, "layout:nothing:here") == "artifact.unknown_reference"


@pytest.mark.parametrize("name", ["oci-layout", "index.json"])
def test_a_layout_that_lacks_a_document_is_rejected(images: OciImages, tmp_path: Path, name: str) -> None:
    LayoutRig(tmp_path).publish(WANTED)
    (tmp_path / "image-1" / name).unlink()
    assert code_of(images, "layout:image-1") == "artifact.damaged_layout"


def test_an_image_for_several_platforms_is_verified_through(images: OciImages, tmp_path: Path) -> None:
    folder = tmp_path / "multi"
    index = store_json(folder, {"schemaVersion": 2, "manifests": [store_image(folder, WANTED)]}, INDEX)
    write_layout(folder, index)
    assert images.identify("layout:multi") == index["digest"]


@pytest.mark.parametrize("size", [len(WANTED), 3])
def test_a_changed_layer_is_found(images: OciImages, tmp_path: Path, size: int) -> None:
    LayoutRig(tmp_path).publish(WANTED)
    (tmp_path / "image-1/blobs/sha256" / digest_of(WANTED).removeprefix("sha256:")).write_bytes(b"x" * size)
    assert code_of(images, "layout:image-1") == "artifact.damaged_layout"


def test_a_missing_layer_is_found(images: OciImages, tmp_path: Path) -> None:
    LayoutRig(tmp_path).publish(WANTED)
    (tmp_path / "image-1/blobs/sha256" / digest_of(WANTED).removeprefix("sha256:")).unlink()
    assert code_of(images, "layout:image-1") == "artifact.damaged_layout"


@pytest.mark.parametrize("name", ["oci-layout", "index.json"])
@pytest.mark.parametrize("content", ["", "[]", "{", '{"manifests": 7}', "[" * 100_000, "\ud800"])
def test_a_malformed_layout_is_rejected(images: OciImages, tmp_path: Path, name: str, content: str) -> None:
    LayoutRig(tmp_path).publish(WANTED)
    (tmp_path / "image-1" / name).write_bytes(content.encode("utf-8", "surrogatepass"))
    assert code_of(images, "layout:image-1") == "artifact.damaged_layout"


def test_a_huge_document_is_rejected(images: OciImages, tmp_path: Path) -> None:
    LayoutRig(tmp_path).publish(WANTED)
    (tmp_path / "image-1/index.json").write_bytes(b" " * (5 << 20))
    assert code_of(images, "layout:image-1") == "artifact.damaged_layout"


def test_an_index_that_is_too_deep_is_rejected(images: OciImages, tmp_path: Path) -> None:
    folder = tmp_path / "deep"
    inner = store_image(folder, WANTED)
    for _ in range(6):
        inner = store_json(folder, {"schemaVersion": 2, "manifests": [inner]}, INDEX)
    write_layout(folder, inner)
    assert code_of(images, "layout:deep") == "artifact.damaged_layout"


def test_a_digest_of_another_kind_is_rejected(images: OciImages, tmp_path: Path) -> None:
    write_layout(tmp_path / "other", {"mediaType": MANIFEST, "digest": "sha512:../../etc", "size": 1})
    assert code_of(images, "layout:other") == "artifact.unsupported_digest"


def test_a_layout_of_something_else_is_rejected(images: OciImages, tmp_path: Path) -> None:
    folder = tmp_path / "chart"
    write_layout(folder, store_blob(folder, b"words", "text/plain"))
    assert code_of(images, "layout:chart") == "artifact.damaged_layout"
