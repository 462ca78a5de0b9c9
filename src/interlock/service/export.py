# SPDX-License-Identifier: Apache-2.0
"""Writing an exported ledger to a folder, and reading one back as it is.

1. The folder appears whole under its name, or not at all; one that is there already is left alone.
2. What is written is one state of the ledger, whatever others append meanwhile: checkpoint, records and words agree.
3. Reading follows no links and opens nothing but plain files: a copy from somebody else may hold anything.

A copy torn by a power failure is not guarded against here: verifying it says so, and it can be made again.
"""

import os
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import islice
from pathlib import Path
from typing import Final

from interlock.domain.ids import Digest, TextRef
from interlock.domain.verdict import Finding, Verdict
from interlock.ledger import keyring
from interlock.ledger.audit import Check
from interlock.ledger.bundle import RECORDS, TEXTS, BundleReader, Export, Kept, bundle_files, kept_beside
from interlock.ledger.checkpoint import parse_note
from interlock.ledger.record import Record, SaltedText
from interlock.ledger.verify import Report
from interlock.ports.failure import Rejected, Unavailable
from interlock.ports.store import Erased, LedgerStore, Missing

ATTEMPTS: Final = 5
"""How often an export begins anew because words were erased while it was being made."""


class Words(StrEnum):
    """Whether an export holds people's words: names, reasons, comments."""

    INCLUDED = "included"
    LEFT_OUT = "left out"


@dataclass(frozen=True, slots=True)
class Exported:
    """What was written."""

    folder: Path
    checkpoint: str
    records: int
    files: int
    size: int
    """Bytes."""


@dataclass(frozen=True, slots=True)
class ErasedMeanwhile:
    """Words of the state that is exported were erased after it."""


@dataclass(frozen=True, slots=True)
class Folder:
    """A bundle on disk. `told` is called with the number of bytes whenever records were read."""

    path: Path
    told: Callable[[int], None] = lambda _: None

    @classmethod
    def open(cls, path: Path, told: Callable[[int], None] = lambda _: None) -> "Folder":
        """The bundle in that folder. `Rejected` (code `export.no_folder`) when there is none."""
        if not path.is_dir():
            raise Rejected("export.no_folder", f"there is no folder '{path}'", "name the folder of an exported ledger")
        return cls(path, told)

    def paths(self) -> Iterable[str]:
        found: list[str] = []
        for folder, _, names in os.walk(self.path):
            found += [Path(folder, name).relative_to(self.path).as_posix() for name in names]
        return found

    def read(self, path: str) -> bytes:
        with os.fdopen(self._opened(path), "rb") as file:
            return file.read()

    def lines(self, path: str) -> Iterator[bytes]:
        with os.fdopen(self._opened(path), "rb") as file:
            for line in file:
                yield line
                self.told(len(line))

    def size(self) -> int:
        """Bytes of the records, for who wants to know how far a reading is."""
        path = self.path / RECORDS
        return path.stat().st_size if path.is_file() else 0

    def _opened(self, path: str) -> int:
        """Without following a link at the end, and without waiting for a pipe."""
        place = self.path / path
        if place.is_symlink() or not place.is_file():
            raise Rejected("export.unreadable", f"'{path}' is no plain file", "ask for a fresh copy")
        try:
            return os.open(place, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        except OSError as error:
            raise Rejected(
                "export.unreadable", f"'{path}' cannot be read: {error.strerror}", "ask for a fresh copy"
            ) from error


def export(store: LedgerStore, folder: Path, words: Words, witnesses: Sequence[str] = ()) -> Exported:
    """Write the ledger to `folder`, which must not be there yet.

    `Rejected` for a folder that is there (`export.exists`) or a ledger without records (`export.empty`); `Unavailable`
    when the disk does not take it (`export.unwritable`).
    """
    if folder.exists() or folder.is_symlink():
        raise Rejected("export.exists", f"'{folder}' is there already", "name a folder that is not there yet")
    chosen = _chosen(store, words, witnesses)
    try:
        draft = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=folder.absolute().parent))
        try:
            written = _write(draft, chosen)
            draft.rename(folder)
        finally:
            shutil.rmtree(draft, ignore_errors=True)
    except OSError as error:
        raise Unavailable(
            "export.unwritable", f"'{folder}' cannot be written: {error.strerror}", "check the path and the disk"
        ) from error
    size = parse_note(chosen.checkpoint).checkpoint.size
    return Exported(folder, chosen.checkpoint, size, len(written), sum(written.values()))


def without_words(report: Report, bundle: BundleReader) -> Report:
    """The report, with what is missing in a copy that holds no words at all told as that.

    Such a copy is what `Words.LEFT_OUT` writes. That the owner withholds words from you looks the same, so it is said.
    """
    if TEXTS not in bundle.paths() or any(True for _ in bundle.lines(TEXTS)):
        return report
    return replace(report, findings=tuple(_left_out(finding) for finding in report.findings))


def _left_out(finding: Finding) -> Finding:
    if finding.code != Check.TEXTS or finding.verdict is not Verdict.FAIL:
        return finding
    return Finding(
        finding.code,
        finding.subject,
        Verdict.NOT_APPLICABLE,
        "this copy holds none of people's words; what they committed to is still under the root",
        "ask for a copy with words if you need to read them",
    )


def _chosen(store: LedgerStore, words: Words, witnesses: Sequence[str]) -> Export:
    """One state of the ledger. Words erased since its checkpoint make us begin anew."""
    for _ in range(ATTEMPTS):
        checkpoint = store.checkpoint()
        if not checkpoint:
            raise Rejected("export.empty", "the ledger holds nothing yet", "run `interlock init` first")
        size = parse_note(checkpoint).checkpoint.size
        erased: set[TextRef] = set()
        kept = kept_beside(_noting_erased(islice(store.records(), size), erased))
        texts = _texts(store, kept, erased) if words is Words.INCLUDED else ()
        if not isinstance(texts, ErasedMeanwhile):
            records = islice(store.records(), size)
            return Export(checkpoint, records, texts, _blobs(store, kept.blobs), _countersigned(witnesses, size))
    raise Unavailable("export.busy", "words kept being erased while they were copied", "try again")


def _noting_erased(records: Iterable[Record], erased: set[TextRef]) -> Iterator[Record]:
    for record in records:
        if record.stream == keyring.STREAM and record.event == keyring.TextErased.__name__:
            erased.add(TextRef(str(record.payload["ref"])))
        yield record


def _texts(store: LedgerStore, kept: Kept, erased: set[TextRef]) -> tuple[SaltedText, ...] | ErasedMeanwhile:
    """The words of that state."""
    texts: list[SaltedText] = []
    for ref in kept.texts:
        match store.text(ref):
            case SaltedText() as text if ref not in erased:
                texts.append(text)
            case Erased() if ref not in erased:
                return ErasedMeanwhile()
            case _:
                pass
    return tuple(texts)


def _blobs(store: LedgerStore, digests: Iterable[Digest]) -> Iterator[bytes]:
    for digest in digests:
        content = store.blob(digest)
        if isinstance(content, Missing):
            raise Rejected("export.blob_missing", f"{digest} is missing from the ledger", "restore it from a backup")
        yield content


def _countersigned(witnesses: Sequence[str], size: int) -> tuple[str, ...]:
    """What witnesses signed of this state or an earlier one."""
    return tuple(note for note in witnesses if parse_note(note).checkpoint.size <= size)


def _write(folder: Path, chosen: Export) -> dict[str, int]:
    written: dict[str, int] = {}
    for path, part in bundle_files(chosen):
        place = folder / path
        if path not in written:
            place.parent.mkdir(parents=True, exist_ok=True)
        with place.open("ab") as file:
            file.write(part)
        written[path] = written.get(path, 0) + len(part)
    return written
