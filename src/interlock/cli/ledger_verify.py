# SPDX-License-Identifier: Apache-2.0
"""`interlock ledger verify`: what somebody does who was handed a copy and trusts nobody.

1. Nothing but the copy, and what the caller brings, is looked at: no home, no ledger, no key of ours.
2. What a check cannot show is said in a plain sentence, never left to be guessed from silence.
3. It ends with 0 only when nothing is wrong. What was taken on trust for want of a key is said, loudly.
"""

import base64
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final, assert_never

from cyclopts import Parameter

from interlock.cli.output import Exit, Fault, Json, Report, somebody_is_there, tell
from interlock.cli.text import BLANK, Block, Para, Rows, Span, bad, good, para, quiet, step, strong, warn
from interlock.domain.verdict import Finding, Verdict

if TYPE_CHECKING:
    from interlock.ledger.checkpoint import NamedKey, Note
    from interlock.service.export import Folder
    from interlock.service.solo import Solo, SoloEnded, Unread

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
    from interlock.bootstrap.outsiders import outsider
    from interlock.ledger.verify import Trust
    from interlock.ledger.verify import verify as check
    from interlock.service.export import Folder, without_words
    from interlock.service.recompute import Means
    from interlock.service.recompute import recompute as decide_again
    from interlock.service.solo import solo_modes

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
    right = not any(_is_bad(finding) for finding in findings)
    solo = solo_modes(bundle, means.library) if right else ()
    data: dict[str, Json] = {
        "origin": report.origin,
        "records": report.size,
        "root": base64.b64encode(report.root).decode(),
        "right": right,
        "key": "given" if key else "first use",
        "keys": [*key_texts(report.origin, report.keys)],
        "remembered": bool(since),
        "recomputed": recompute,
        "solo": [_solo_data(one) for one in solo],
        "checks": [as_json(finding) for finding in findings],
    }
    said = _said(f"this copy of {report.origin}", report.size) if right else _WRONG
    told = (*_on_keys(report.origin, report.keys, trust.ledger_keys), *map(_on_solo, solo), *_caveats(data))
    return Report(data, (*_rows(findings), BLANK, said, *told), Exit.DONE if right else Exit.REFUSED)


_WRONG: Final = para(bad("✗ "), strong("this copy is not what it says it is"), ": trust nothing the checks above name")


def _said(copy: str, records: int) -> Para:
    return para(good("✓ "), strong(f"nothing is wrong with {copy}"), f", {records} records")


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
    """A public key given as a C2SP verifier key, as base64 of its bare 32 bytes, or in a file that holds either."""
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


def key_texts(origin: str, keys: Sequence[bytes]) -> Iterator[str]:
    """Ledger keys in the one form in which people see them, so that two can compare by eye: name, hash, key."""
    from interlock.ledger.checkpoint import verifier_key

    return (verifier_key(origin, key) for key in keys)


def key_rows(origin: str, keys: Sequence[bytes], given: Sequence[bytes] = ()) -> Rows:
    """The ledger's first key and the one in force, and those given; which is which stands before each."""
    last = len(keys) - 1
    rows = []
    for number, (key, text) in enumerate(zip(keys, key_texts(origin, keys), strict=True)):
        if number in (0, last) or key in given:
            place = "in force" if number == last else "first" if number == 0 else f"number {number + 1}"
            which = "first and in force" if last == 0 else place
            rows.append((quiet(which), text, quiet("the one you gave" if key in given else "")))
    return Rows(tuple(rows), 4)


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


def _on_keys(origin: str, keys: Sequence[bytes], given: Sequence[bytes]) -> Iterator[Block]:
    """Whose word the copy's seal is: to be compared by eye where nobody brought a key, or where it was handed over."""
    if not given:
        yield para(warn("! "), strong(FIRST_USE), hang=2)
    elif len(keys) > 1:
        yield para(quiet("· "), quiet("The ledger's key was handed over, each time signed by the one before."), hang=2)
    if keys and (len(keys) > 1 or not given):
        yield key_rows(origin, keys, given)


def _on_solo(one: "Solo | SoloEnded | Unread") -> Block:
    """Where the agreement of two was one person's own."""
    from interlock.service.solo import Solo, SoloEnded, Unread

    match one:
        case Solo(service, people, since):
            words = f"in {service} {', '.join(people)} may agree with themself since record {since}"
            return para(warn("! "), strong("solo mode: "), f"{words}; nobody else has to", hang=2)
        case SoloEnded(service, people, since, until):
            words = f"in {service} {', '.join(people)} might agree with themself from record {since} to {until}"
            return para(warn("! "), strong("solo mode, ended: "), f"{words}; nobody else had to", hang=2)
        case Unread(service, since):
            words = f"whether the rules of {service} from record {since} on declare solo mode cannot be read here"
            return para(warn("! "), words, hang=2)
        case _:
            assert_never(one)


def _solo_data(one: "Solo | SoloEnded | Unread") -> dict[str, Json]:
    from interlock.service.solo import SoloEnded, Unread

    people: list[Json] = [] if isinstance(one, Unread) else [*one.people]
    until = one.until if isinstance(one, SoloEnded) else None
    known = not isinstance(one, Unread)
    return {"service": one.service, "people": people, "since": one.since, "until": until, "known": known}


def _caveats(data: Mapping[str, Json]) -> Iterator[Block]:
    """What no copy can show."""
    if not data["remembered"]:
        yield para(warn("! "), CUT, hang=2)
    yield para(quiet("· "), quiet(WHOSE), hang=2)
    if data["recomputed"]:
        yield para(quiet("· "), quiet(LEFT_UNSAID), hang=2)
