# SPDX-License-Identifier: Apache-2.0
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.service.exported import KEY, History, good_release, recomputed, verified, words

from interlock.adapters.store.memory import MemoryStore
from interlock.domain.freeze import LiftFreeze
from interlock.domain.ids import Digest, FreezeId, TextRef
from interlock.domain.verdict import Finding, Verdict
from interlock.ledger.bundle import CHECKPOINT, RECORDS, TEXTS, Files
from interlock.ledger.keyring import EraseText
from interlock.ledger.record import SaltedText
from interlock.ledger.verify import Report
from interlock.ports.failure import Rejected, Unavailable
from interlock.ports.store import Erased, Missing
from interlock.service.export import Folder, Words, export, without_words
from interlock.testing.world import ORIGIN, World


def small() -> History:
    return History().opened()


def texts_finding(report: Report) -> Finding:
    return next(finding for finding in report.findings if finding.code == "ledger.texts")


def wrong(report: Report) -> list[str]:
    return [finding.code for finding in report.findings if finding.verdict in (Verdict.FAIL, Verdict.ERROR)]


def test_the_folder_holds_the_bundle_byte_for_byte(tmp_path: Path) -> None:
    history = good_release()
    export(history.world.store, tmp_path / "out", Words.INCLUDED)
    copy = Folder.open(tmp_path / "out")
    assert {path: copy.read(path) for path in copy.paths()} == history.exported().content


def test_what_was_written_is_told(tmp_path: Path) -> None:
    done = export(small().world.store, tmp_path / "out", Words.INCLUDED)
    files = [path for path in (tmp_path / "out").rglob("*") if path.is_file()]
    assert (done.records, done.files, done.size) == (10, len(files), sum(path.stat().st_size for path in files))


def test_a_folder_on_disk_verifies_and_recomputes(tmp_path: Path) -> None:
    export(good_release().world.store, tmp_path / "out", Words.INCLUDED)
    copy = Folder.open(tmp_path / "out")
    content = {path: copy.read(path) for path in copy.paths()}
    assert (wrong(verified(Files(content))), recomputed(Files(content)).verdict) == ([], Verdict.PASS)


def test_a_folder_that_is_there_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    with pytest.raises(Rejected) as refused:
        export(small().world.store, tmp_path / "out", Words.INCLUDED)
    assert (refused.value.code, list((tmp_path / "out").iterdir())) == ("export.exists", [])


def test_a_dangling_link_in_the_place_of_the_folder_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "out").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(Rejected) as refused:
        export(small().world.store, tmp_path / "out", Words.INCLUDED)
    assert refused.value.code == "export.exists"


def test_a_ledger_without_records_is_no_copy(tmp_path: Path) -> None:
    with pytest.raises(Rejected) as refused:
        export(MemoryStore(ORIGIN, KEY), tmp_path / "out", Words.INCLUDED)
    assert refused.value.code == "export.empty"


def test_a_place_that_takes_nothing_is_unavailable_and_nothing_is_left(tmp_path: Path) -> None:
    with pytest.raises(Unavailable) as refused:
        export(small().world.store, tmp_path / "nowhere" / "out", Words.INCLUDED)
    assert (refused.value.code, list(tmp_path.iterdir())) == ("export.unwritable", [])


class Telling(MemoryStore):
    """Does something while its words are being read, as another process may; until then, raw material is missing."""

    def __init__(self) -> None:
        super().__init__(ORIGIN, KEY)
        self.meanwhile: list[Callable[[], object]] = []

    def blob(self, digest: Digest) -> bytes | Missing:
        return Missing() if self.meanwhile else super().blob(digest)

    def text(self, ref: TextRef) -> SaltedText | Erased | Missing:
        if self.meanwhile:
            self.meanwhile.pop()()
        return super().text(ref)


def test_what_is_appended_meanwhile_is_in_the_next_copy(tmp_path: Path) -> None:
    store = Telling()
    history = History(World(store=store)).opened()
    store.meanwhile.append(lambda: history.says("ann", LiftFreeze(FreezeId("f"), words("over").ref)))
    done = export(store, tmp_path / "out", Words.INCLUDED)
    copy = Folder.open(tmp_path / "out")
    content = {path: copy.read(path) for path in copy.paths()}
    assert (done.records, store.head().size, wrong(verified(Files(content)))) == (10, 11, [])


def test_words_erased_meanwhile_make_the_copy_begin_anew(tmp_path: Path) -> None:
    store = Telling()
    history = History(World(store=store)).opened()
    ref = words("Name of dan").ref
    store.meanwhile.append(lambda: history.says("ann", EraseText(ref, "asked for")))
    done = export(store, tmp_path / "out", Words.INCLUDED)
    copy = Folder.open(tmp_path / "out")
    content = {path: copy.read(path) for path in copy.paths()}
    assert (done.records, wrong(verified(Files(content)))) == (12, [])
    assert ref.encode() not in content[TEXTS]


def test_missing_raw_material_is_said_and_leaves_no_folder(tmp_path: Path) -> None:
    store = Telling()
    History(World(store=store)).opened().governed()
    store.meanwhile.append(small)
    with pytest.raises(Rejected) as refused:
        export(store, tmp_path / "out", Words.LEFT_OUT)
    assert (refused.value.code, list(tmp_path.iterdir())) == ("export.blob_missing", [])


def test_without_words_the_copy_holds_none_and_says_so(tmp_path: Path) -> None:
    export(small().world.store, tmp_path / "out", Words.LEFT_OUT)
    copy = Folder.open(tmp_path / "out")
    files = Files({path: copy.read(path) for path in copy.paths()})
    report = without_words(verified(files), copy)
    assert b"Name of" not in b"".join(files.content.values())
    assert (texts_finding(report).verdict, wrong(report)) == (Verdict.NOT_APPLICABLE, [])


def test_words_withheld_one_by_one_are_not_taken_for_a_copy_without_words() -> None:
    files = small().exported()
    some = Files({**files.content, TEXTS: b"".join(list(files.lines(TEXTS))[1:])})
    assert wrong(without_words(verified(some), some)) == ["ledger.texts"]


def test_a_copy_whose_words_are_there_is_reported_as_it_is() -> None:
    files = small().exported()
    report = verified(files)
    assert without_words(report, files) is report


def test_countersigned_checkpoints_go_along_as_far_as_the_copy_goes(tmp_path: Path) -> None:
    history = small()
    earlier = history.world.store.checkpoint()
    history.governed()
    later = history.world.store.checkpoint()
    export(small().world.store, tmp_path / "out", Words.INCLUDED, (earlier, later))
    assert [path.name for path in (tmp_path / "out" / "witnesses").iterdir()] == ["10.note"]


def test_there_is_no_copy_where_there_is_no_folder(tmp_path: Path) -> None:
    with pytest.raises(Rejected) as refused:
        Folder.open(tmp_path / "out")
    assert refused.value.code == "export.no_folder"


def test_a_link_out_of_a_copy_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("of this machine")
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / CHECKPOINT).symlink_to(tmp_path / "secret")
    with pytest.raises(Rejected) as refused:
        Folder.open(tmp_path / "out").read(CHECKPOINT)
    assert refused.value.code == "export.unreadable"


def test_a_pipe_in_a_copy_is_not_waited_for(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    os.mkfifo(tmp_path / "out" / CHECKPOINT)
    with pytest.raises(Rejected) as refused:
        Folder.open(tmp_path / "out").read(CHECKPOINT)
    assert refused.value.code == "export.unreadable"


def test_whoever_reads_is_told_how_far(tmp_path: Path) -> None:
    export(small().world.store, tmp_path / "out", Words.INCLUDED)
    told: list[int] = []
    copy = Folder.open(tmp_path / "out", told.append)
    lines = list(copy.lines(RECORDS))
    assert (len(told), sum(told)) == (len(lines), copy.size())
