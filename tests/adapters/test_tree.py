# SPDX-License-Identifier: Apache-2.0
import hashlib
import io
import os
import tarfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from interlock.adapters.tree import (
    Entry,
    Kind,
    make_read_only,
    read_folder,
    read_tar,
    tar_time,
    write_folder,
    write_tar,
)
from interlock.ports.failure import Rejected

AN_HOUR = 1_772_442_000
NAMES = st.binary(min_size=1, max_size=120).filter(
    lambda name: not {0, ord("/")} & set(name) and name not in {b".", b".."}
)
ENTRIES = st.lists(
    st.builds(Entry, NAMES, st.sampled_from([Kind.PLAIN, Kind.EXECUTABLE]), st.binary(max_size=700))
    | st.builds(Entry, NAMES, st.just(Kind.LINK), NAMES),
    max_size=6,
    unique_by=lambda entry: entry.path,
).map(lambda entries: sorted(entries, key=lambda entry: entry.path))


def plain(path: bytes, content: bytes = b"") -> Entry:
    return Entry(path, Kind.PLAIN, content)


def link(path: bytes, target: bytes) -> Entry:
    return Entry(path, Kind.LINK, target)


def tarred(entries: list[Entry], place: Path, mtime: int = AN_HOUR) -> Path:
    with (place / "a.tar").open("wb") as file:
        write_tar(entries, mtime, file)
    return place / "a.tar"


@settings(max_examples=60, deadline=None)
@given(entries=ENTRIES)
def test_what_was_packed_is_read_back(entries: list[Entry], tmp_path_factory: pytest.TempPathFactory) -> None:
    assert list(read_tar(tarred(entries, tmp_path_factory.mktemp("tar")))) == entries


@settings(max_examples=30, deadline=None)
@given(entries=ENTRIES)
def test_a_folder_packs_into_the_tar_it_came_from(
    entries: list[Entry], tmp_path_factory: pytest.TempPathFactory
) -> None:
    place = tmp_path_factory.mktemp("tar")
    files = [entry for entry in entries if entry.kind is not Kind.LINK and entry.path.lower() != b".git"]
    write_folder(files, place / "out")
    make_read_only(place / "out")
    assert list(read_folder(place / "out")) == files


def test_the_digest_is_that_of_the_bytes() -> None:
    written = io.BytesIO()
    digest = write_tar([plain(b"a", b"content")], AN_HOUR, written)
    assert digest == "sha256:" + hashlib.sha256(written.getvalue()).hexdigest()


def test_a_short_plain_entry_needs_no_extension() -> None:
    written = io.BytesIO()
    write_tar([plain(b"a", b"content")], AN_HOUR, written)
    assert len(written.getvalue()) == 4 * 512


def test_owners_and_modes_are_fixed(tmp_path: Path) -> None:
    entries = [plain(b"a"), link(b"b", b"a"), Entry(b"c", Kind.EXECUTABLE, b"")]
    with tarfile.open(tarred(entries, tmp_path)) as tar:
        found = [(item.uid, item.gid, item.uname, item.mode, item.mtime) for item in tar]
    assert found == [(0, 0, "", mode, AN_HOUR) for mode in (0o644, 0o777, 0o755)]


@pytest.mark.parametrize("name", ["grüße.txt", "n" * 101, "d/" * 60 + "e"])
def test_a_name_beyond_the_plain_field_is_read_by_others(tmp_path: Path, name: str) -> None:
    with tarfile.open(tarred([plain(name.encode()), link(b"to", name.encode())], tmp_path)) as tar:
        found = [(item.name, item.linkname) for item in tar]
    assert found == [(name, ""), ("to", name)]


def test_a_time_beyond_the_octal_field_survives(tmp_path: Path) -> None:
    assert tar_time(tarred([plain(b"a")], tmp_path, 8**11 + 5)) == 8**11 + 5


def test_an_empty_tree_has_no_time(tmp_path: Path) -> None:
    assert tar_time(tarred([], tmp_path)) == 0


@pytest.mark.parametrize(
    "path", [b"../out", b"/etc/passwd", b"a/../b", b"a//b", b"./a", b".git/config", b"a/.GIT/config", b"a\0b", b""]
)
def test_a_path_that_leaves_the_folder_is_refused(tmp_path: Path, path: bytes) -> None:
    with pytest.raises(Rejected) as refusal:
        write_folder([plain(path)], tmp_path / "out")
    assert refusal.value.code == "tree.unsafe_path"


@pytest.mark.parametrize("entries", [[plain(b"a"), plain(b"a")], [link(b"a", b"/tmp"), plain(b"a/b")]])
def test_a_file_in_the_place_of_another_is_refused(tmp_path: Path, entries: list[Entry]) -> None:
    with pytest.raises(Rejected) as refusal:
        write_folder(entries, tmp_path / "out")
    assert refusal.value.code == "tree.unsafe_path"


@pytest.mark.parametrize(
    "entries",
    [
        [link(b"a", b"/etc/passwd")],
        [link(b"a", b"..")],
        [link(b"d/a", b"../../x")],
        [link(b"a", b"b"), link(b"b", b"a")],
        [plain(b"d/e/f"), link(b"d/e/up", b"../.."), link(b"z", b"d/e/up/../x")],
        [link(b"a", b"b/c"), link(b"b", b"/")],
    ],
    ids=["absolute", "parent", "deep", "loop", "through-another", "through-root"],
)
def test_a_link_out_of_the_tree_is_refused(tmp_path: Path, entries: list[Entry]) -> None:
    with pytest.raises(Rejected) as refusal:
        write_folder(entries, tmp_path / "out")
    assert refusal.value.code == "tree.escaping_link"


@pytest.mark.parametrize(
    "entries",
    [
        [plain(b"a"), link(b"b", b"a")],
        [plain(b"a"), link(b"d/b", b"../a")],
        [link(b"a", b"nowhere/yet")],
        [plain(b"d/e/f"), link(b"x", b"d/e"), link(b"y", b"x/../..")],
        [plain(b"d/f"), link(b"here", b"."), link(b"there", b"here/here/d/./f")],
    ],
    ids=["beside", "up", "dangling", "to-the-root", "through-itself"],
)
def test_a_link_within_the_tree_is_kept(tmp_path: Path, entries: list[Entry]) -> None:
    write_folder(entries, tmp_path / "out")
    assert list(read_folder(tmp_path / "out")) == entries


def test_a_folder_with_a_pipe_in_it_is_no_tree(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(Rejected) as refusal:
        list(read_folder(tmp_path))
    assert refusal.value.code == "tree.not_a_tree"


def test_a_tar_with_a_folder_in_it_is_not_ours(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    with tarfile.open(tmp_path / "a.tar", "w") as tar:
        tar.add(tmp_path / "folder", "folder")
    with pytest.raises(Rejected) as refusal:
        list(read_tar(tmp_path / "a.tar"))
    assert refusal.value.code == "tree.not_a_tree"
