# SPDX-License-Identifier: Apache-2.0
"""`interlock ledger verify`: what somebody does who was handed a copy and trusts nobody.

1. Nothing but the copy, and what the caller brings, is looked at: no home, no ledger, no key of ours.
2. What a check cannot show is said in a plain sentence, never left to be guessed from silence.
3. It ends with 0 only when nothing is wrong. What was taken on trust for want of a key is said, loudly.
"""

import base64
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

from cyclopts import Parameter

from interlock.cli.output import Exit, Fault, Json, Report, somebody_is_there, tell
from interlock.cli.text import BLANK, Block, Para, Span, bad, good, para, quiet, step, strong, warn
from interlock.domain.verdict import Finding, Verdict

if TYPE_CHECKING:
    from interlock.ledger.bundle import BundleReader
    from interlock.ledger.checkpoint import NamedKey, Note
    from interlock.service.export import Folder

LARGEST_NOTE: Final = 1_000_000
"""Bytes of a key or checkpoint file; more is something else."""
CUT: Final = (
    "Without a checkpoint remembered from earlier (--since) nobody can tell this copy from an older genuine state: "
    "records cut off at the end leave a shorter ledger that is right in itself."
)
FIRST_USE: Final = (
    "THE KEY IN THE BUNDLE WAS USED. Whoever made the copy may have made it: compare it with one you got elsewhere:"
)
WHOSE: Final = "Whose keys they are is what the ledger says: compare people/allowed_signers with the people themselves."
LEFT_UNSAID: Final = (
    "Decided again is what the rules make of what was recorded. That the controller recorded what happened in the "
    "world, and that no command was held back before it was recorded, is not shown by any copy."
)
_KEY_SIZE: Final = 32
_QUARTERS: Final = 4
_LONG: Final = 4_000_000
"""Bytes of records whose reading somebody notices."""
_FIRST_LINES: Final = 3


def verify(
    folder: Annotated[Path, Parameter(help="The folder of an exported ledger.")],
    /,
    *,
    key: Annotated[
        tuple[str, ...], Parameter(help="The ledger's public key, received by another way; text or a file.")
    ] = (),
    since: Annotated[tuple[Path, ...], Parameter(help="A checkpoint you remembered from earlier.")] = (),
    witness: Annotated[tuple[str, ...], Parameter(help="The public key of a witness; text or a file.")] = (),
    recompute: Annotated[bool, Parameter(help="Decide every command again.")] = False,
) -> Report:
    """Check a copy, offline, with public keys alone."""
    from interlock.bootstrap import outsider
    from interlock.ledger.verify import Trust
    from interlock.ledger.verify import verify as check
    from interlock.service.export import Folder, without_words
    from interlock.service.recompute import Means
    from interlock.service.recompute import recompute as decide_again

    trust = Trust(
        tuple(_ledger_key(text) for text in key),
        tuple(_witness_key(text) for text in witness),
        tuple(note_in(path) for path in since),
    )
    bundle = Folder.open(folder)
    means = outsider()
    report = without_words(check(_told(bundle, "checking"), trust, means.checks), bundle)
    findings = report.findings
    if recompute:
        brought = Means(means.library, means.calendar, means.checks)
        findings = (*findings, *decide_again(_told(bundle, "deciding"), brought).findings)
    used = "" if key else _key_in(bundle)
    right = not any(_is_bad(finding) for finding in findings)
    data: dict[str, Json] = {
        "origin": report.origin,
        "records": report.size,
        "root": base64.b64encode(report.root).decode(),
        "right": right,
        "key": "given" if key else "first use",
        "key_in_bundle": used,
        "remembered": bool(since),
        "recomputed": recompute,
        "checks": [as_json(finding) for finding in findings],
    }
    said = para(bad("✗ "), strong("this copy is not what it says it is"), ": trust nothing the checks above name")
    if right:
        whose = strong(f"nothing is wrong with this copy of {report.origin}")
        said = para(good("✓ "), whose, f", {report.size} records")
    return Report(data, (*_rows(findings), BLANK, said, *_caveats(used, data)), Exit.DONE if right else Exit.REFUSED)


def note_in(path: Path) -> "Note":
    """The checkpoint in that file."""
    from interlock.ledger.checkpoint import parse_note

    try:
        return parse_note(content_of(path))
    except ValueError as fault:
        raise Fault("ledger.bad_checkpoint", f"'{path}': {fault}", "name a file with a checkpoint") from fault


def content_of(path: Path) -> str:
    """A small text file."""
    try:
        with path.open("rb") as file:
            return file.read(LARGEST_NOTE).decode("utf-8")
    except (OSError, UnicodeDecodeError) as fault:
        raise Fault("ledger.unreadable", f"'{path}' cannot be read: {fault}", "check the path") from fault


def key_in(text: str) -> "bytes | NamedKey":
    """A public key given as base64 of its 32 bytes, as a C2SP verifier key, or in a file that holds either."""
    from interlock.ledger.checkpoint import parse_verifier_key

    given = content_of(Path(text)).strip() if _names_a_file(text) else text.strip()
    try:
        raw = base64.b64decode(given, validate=True)
    except ValueError:
        raw = b""
    if len(raw) == _KEY_SIZE:
        return raw
    try:
        return parse_verifier_key(given)
    except ValueError as fault:
        raise Fault("ledger.bad_key", f"'{text}' is no public key: {fault}", "see `interlock ledger key`") from fault


def as_json(finding: Finding) -> dict[str, Json]:
    """A finding with all below it."""
    return {
        "code": finding.code,
        "subject": finding.subject,
        "verdict": finding.verdict.value,
        "sentence": finding.sentence,
        "next_step": finding.next_step,
        "children": [as_json(child) for child in finding.children],
    }


def _ledger_key(text: str) -> bytes:
    found = key_in(text)
    return found if isinstance(found, bytes) else found.public_key


def _witness_key(text: str) -> "NamedKey":
    found = key_in(text)
    if isinstance(found, bytes):
        raise Fault("ledger.bad_key", "a witness's key carries its name", "give it as NAME+HASH+KEY")
    return found


def _names_a_file(text: str) -> bool:
    try:
        return Path(text).is_file()
    except (OSError, ValueError):
        return False


def _key_in(bundle: "BundleReader") -> str:
    """The first key the copy itself names, as text to compare; empty when it names none."""
    from itertools import islice

    from interlock.ledger.bundle import RECORDS
    from interlock.ledger.canonical import decode
    from interlock.ledger.keyring import LedgerOpened

    if RECORDS not in bundle.paths():
        return ""
    for line in islice(bundle.lines(RECORDS), _FIRST_LINES):
        try:
            record = decode(line.removesuffix(b"\n"))
        except ValueError:
            return ""
        if record.event == LedgerOpened.__name__:
            return str(record.payload.get("key", ""))
    return ""


@dataclass(slots=True)
class _Progress:
    """Tells a waiting person how far a long reading is, a quarter at a time."""

    doing: str
    whole: int
    told: int = 0
    read: int = field(default=0)

    def __call__(self, count: int) -> None:
        self.read += count
        quarter = _QUARTERS * self.read // max(self.whole, 1)
        if self.told < quarter < _QUARTERS:
            self.told = quarter
            tell(para(quiet(f"{self.doing}: {100 * quarter // _QUARTERS} %")))


def _told(bundle: "Folder", doing: str) -> "Folder":
    from interlock.service.export import Folder

    size = bundle.size()
    if size < _LONG or not somebody_is_there():
        return bundle
    return Folder(bundle.path, _Progress(doing, size))


def _rows(findings: tuple[Finding, ...]) -> Iterator[Block]:
    for finding in findings:
        yield Para((_mark(finding), strong(f"{finding.subject:<14}"), " ", finding.sentence), 17)
        for child in finding.children:
            yield Para(("      ", _mark(child), f"{child.subject}: ", child.sentence), 10)
        if _is_bad(finding) and finding.next_step:
            yield step(finding.next_step, 6)


_MARKS: Final = {
    Verdict.PASS: good("✓ "),
    Verdict.FAIL: bad("✗ "),
    Verdict.ERROR: bad("✗ "),
    Verdict.INCONCLUSIVE: warn("○ "),
    Verdict.NOT_APPLICABLE: quiet("· "),
}


def _mark(finding: Finding) -> Span:
    return _MARKS[finding.verdict]


def _is_bad(finding: Finding) -> bool:
    return finding.verdict in (Verdict.FAIL, Verdict.ERROR)


def _caveats(used: str, data: Mapping[str, Json]) -> Iterator[Block]:
    """What was taken on trust, and what no copy can show."""
    if used:
        yield para(warn("! "), strong(FIRST_USE), f" {used}", hang=2)
    if not data["remembered"]:
        yield para(warn("! "), CUT, hang=2)
    yield para(quiet("· "), quiet(WHOSE), hang=2)
    if data["recomputed"]:
        yield para(quiet("· "), quiet(LEFT_UNSAID), hang=2)
