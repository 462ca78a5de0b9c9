# SPDX-License-Identifier: Apache-2.0
"""Every change to an exported ledger is found, except the one that can only be found by remembering."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.ledger.small import SmallLedger, checked, erase, note_something, opened, text

from interlock.domain.verdict import Verdict
from interlock.ledger.bundle import CHECKPOINT, RECORDS, Files
from interlock.ledger.checkpoint import parse_note
from interlock.ledger.outsider import COMMAND_INDEX


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SmallLedger]:
    """As little as has every kind of file."""
    ledger = opened(tmp_path_factory.mktemp("small") / "ledger.sqlite")
    note_something(ledger, "ann", blobs=(b"ok\n",))
    erase(ledger, text("Name of ben").ref, by="ann")
    ledger.witness()
    yield ledger
    ledger.store.close()


def is_found(files: Files) -> bool:
    return checked(files).verdict is not Verdict.PASS


def flipped(content: bytes, at: int) -> bytes:
    changed = bytearray(content)
    changed[at] ^= 1 << (at % 8)
    return bytes(changed)


@pytest.mark.parametrize("part", range(8))
def test_every_flipped_byte_of_every_file_is_found(small: SmallLedger, part: int) -> None:
    files = small.export()
    assert not is_found(files)
    missed = [
        (path, at)
        for path, content in files.content.items()
        for at in range(part, len(content), 8)
        if not is_found(Files({**files.content, path: flipped(content, at)}))
    ]
    assert missed == []


def with_lines(files: Files, lines: list[bytes]) -> Files:
    return Files({**files.content, RECORDS: b"".join(lines)})


def test_every_deleted_record_is_found(finished: SmallLedger) -> None:
    files = finished.export()
    lines = list(files.lines(RECORDS))
    assert all(is_found(with_lines(files, lines[:at] + lines[at + 1 :])) for at in range(len(lines)))


def test_every_doubled_record_is_found(finished: SmallLedger) -> None:
    files = finished.export()
    lines = list(files.lines(RECORDS))
    assert all(is_found(with_lines(files, lines[: at + 1] + lines[at:])) for at in range(len(lines)))


def test_every_two_swapped_records_are_found(finished: SmallLedger) -> None:
    files = finished.export()
    lines = list(files.lines(RECORDS))
    for first in range(len(lines)):
        for second in range(first + 1, len(lines)):
            swapped = list(lines)
            swapped[first], swapped[second] = lines[second], lines[first]
            assert is_found(with_lines(files, swapped)), (first, second)


def test_records_spliced_in_from_another_ledger_are_found(finished: SmallLedger, small: SmallLedger) -> None:
    files = finished.export()
    lines = list(files.lines(RECORDS))
    others = list(small.export().lines(RECORDS))
    for at in range(len(others)):
        assert is_found(with_lines(files, others[: at + 1] + lines[at + 1 :])) == (others[: at + 1] != lines[: at + 1])
        assert is_found(with_lines(files, lines[:at] + others[at:]))


def test_every_cut_under_the_same_checkpoint_is_found(finished: SmallLedger) -> None:
    files = finished.export()
    lines = list(files.lines(RECORDS))
    assert all(is_found(with_lines(files, lines[:size])) for size in range(len(lines)))


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Files, ...]]:
    """The genuine exports of one ledger, one after each command."""
    exports: list[Files] = []
    ledger = opened(tmp_path_factory.mktemp("history") / "ledger.sqlite")
    for _ in range(4):
        exports.append(ledger.export())
        note_something(ledger, "ann")
    yield tuple(exports)
    ledger.store.close()


def test_every_cut_to_an_older_state_is_found_against_a_remembered_checkpoint(history: tuple[Files, ...]) -> None:
    for later in range(len(history)):
        remembered = parse_note(history[later].content[CHECKPOINT].decode())
        for earlier in range(later):
            assert checked(history[earlier], remembered).verdict is Verdict.FAIL
        for same_or_later in range(later, len(history)):
            assert checked(history[same_or_later], remembered).verdict is Verdict.PASS


def test_a_cut_to_an_older_genuine_state_is_not_found_without_remembering(history: tuple[Files, ...]) -> None:
    report = checked(history[0])
    assert report.verdict is Verdict.PASS
    said = next(finding for finding in report.findings if finding.code == "ledger.remembered")
    assert said.sentence == "no checkpoint was given from earlier: a cut back to an older genuine state cannot be seen"


def test_a_ledger_that_was_written_anew_is_found_against_a_remembered_checkpoint(
    history: tuple[Files, ...], tmp_path: Path
) -> None:
    other = opened(tmp_path / "other.sqlite")
    other.minute += 1
    for _ in range(4):
        note_something(other, "ben")
    remembered = parse_note(history[1].content[CHECKPOINT].decode())
    assert checked(other.export()).verdict is Verdict.PASS
    assert checked(other.export(), remembered).verdict is Verdict.FAIL
    other.store.close()


def test_a_forged_memory_is_found(history: tuple[Files, ...]) -> None:
    text_of_note = history[0].content[CHECKPOINT].decode()
    forged = parse_note(text_of_note.replace("\n6\n", "\n5\n"))
    assert checked(history[1], forged).verdict is Verdict.FAIL


def test_files_of_another_ledger_are_found(finished: SmallLedger, small: SmallLedger) -> None:
    files, other = finished.export(), small.export()
    mixed = [
        path
        for path in files.paths() & other.content.keys()
        if files.content[path] != other.content[path]
        and not is_found(Files({**files.content, path: other.content[path]}))
    ]
    assert mixed == []
    assert COMMAND_INDEX in other.content
