# SPDX-License-Identifier: Apache-2.0
"""Verifying an exported ledger offline, with public keys alone. Twelve checks, each a finding.

1. `ledger.files`: nothing is missing, nothing else is there, and what is worked out from the records is what they say.
2. `ledger.records`: every line is a canonical record.        3. `ledger.order`: no gap, none twice, none moved.
4. `ledger.commands`: every record follows from an accepted command over the state it names.
5. `ledger.signatures`: every signed command is signed by a key in force for its person.
6. `ledger.keys`: the ledger was opened under a key, and each next key is signed in.
7. `ledger.root`: the records have the root and number of the checkpoint.
8. `ledger.checkpoint`: it is signed by the ledger's key in force, which a key given from outside vouches for.
9. `ledger.remembered`: a checkpoint remembered from earlier is a beginning of this ledger. Only this finds a cut back
   to an older genuine state.
10. `ledger.witnesses`: what known witnesses countersigned is a beginning of this ledger.
11. `ledger.texts`: people's words fit their references, or are erased by a record.   12. `ledger.blobs`: likewise.

Nothing is raised for a bad bundle. Memory holds hashes, not records.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, assert_never

from interlock.domain.ids import Digest, TextRef, commit_to
from interlock.domain.verdict import Finding, Verdict, worst
from interlock.ledger.audit import Audit, Check, Faults, SignatureChecks
from interlock.ledger.bundle import (
    BLOBS,
    CHECKPOINT,
    RECORDS,
    TEXTS,
    WITNESSES,
    BundleReader,
    parse_texts,
    witness_path,
)
from interlock.ledger.checkpoint import (
    NamedKey,
    Note,
    NotSigned,
    Signed,
    WronglySigned,
    ledger_answer,
    parse_note,
    witness_answer,
)
from interlock.ledger.rotation import key_at
from interlock.ledger.tree import root_of


@dataclass(frozen=True, slots=True)
class Trust:
    """What the outsider brings along: raw ledger keys, witness keys, and checkpoints kept from earlier."""

    ledger_keys: Sequence[bytes] = ()
    witnesses: Sequence[NamedKey] = ()
    remembered: Sequence[Note] = ()


@dataclass(frozen=True, slots=True)
class Report:
    """The twelve findings in order, and what was verified. `keys` are the ledger's own, raw, first to last."""

    origin: str
    size: int
    root: bytes
    findings: tuple[Finding, ...]
    keys: tuple[bytes, ...] = ()

    @property
    def verdict(self) -> Verdict:
        """PASS only when nothing is wrong and a key from outside vouches for the ledger."""
        return worst(finding.verdict for finding in self.findings)


def verify(bundle: BundleReader, trust: Trust, checks: SignatureChecks) -> Report:
    """Check the bundle against what the outsider trusts."""
    missing = sorted({RECORDS, CHECKPOINT, TEXTS} - set(bundle.paths()))
    if missing:
        return _unreadable(f"there is no {missing[0]}")
    try:
        note = parse_note(bundle.read(CHECKPOINT).decode())
    except ValueError as error:
        return _unreadable(str(error))
    return _Verification(bundle, trust, checks, note).report()


_AGAIN: Final = "check the path, or ask for a fresh copy"


def _unreadable(why: str) -> Report:
    finding = Finding(Check.FILES.value, "1 files", Verdict.FAIL, f"this is no exported ledger: {why}", _AGAIN)
    return Report("", 0, b"", (finding,))


class _Verification:
    """One run over one bundle."""

    def __init__(self, bundle: BundleReader, trust: Trust, checks: SignatureChecks, note: Note) -> None:
        self._bundle = bundle
        self._trust = trust
        self._checks = checks
        self._note = note
        self._faults = Faults()
        self._audit = Audit(note.checkpoint.origin, checks, self._faults)
        self._paths = set(bundle.paths())

    def report(self) -> Report:
        audit = self._audit
        for line in self._bundle.lines(RECORDS):
            audit.take(line)
        audit.finish()
        root = root_of(audit.leaves)
        self._check_root(root)
        findings = {
            Check.CHECKPOINT: self._checkpoint(),
            Check.REMEMBERED: self._remembered(),
            Check.WITNESSES: self._witnesses(),
            Check.TEXTS: self._texts(),
            Check.BLOBS: self._blobs(),
        }
        self._check_files()
        ordered = tuple(findings.get(check) or self._plain(check) for check in Check)
        return Report(self._note.checkpoint.origin, len(audit.leaves), root, ordered, tuple(audit.keys))

    def _plain(self, check: Check) -> Finding:
        """The finding of a check that passes when no fault was noted."""
        audit = self._audit
        match check:
            case Check.SIGNATURES:
                good = f"{audit.signatures} signed commands, each by a key in force for its person"
            case Check.COMMANDS:
                good = f"{audit.commands} commands, and every other record follows from an accepted one"
            case Check.KEYS:
                good = f"{len(audit.keys)} ledger keys, each signed in by the one before"
            case Check.ROOT:
                good = f"{len(audit.leaves)} records have the root in the checkpoint"
            case _:
                good = _GOOD.get(check, "")
        return self._summed(check, good)

    def _summed(self, check: Check, good: str, notes: tuple[Finding, ...] = ()) -> Finding:
        subject = f"{list(Check).index(check) + 1} {check.value.removeprefix('ledger.')}"
        count = self._faults.count(check)
        if count:
            sentence = f"{count} {'fault' if count == 1 else 'faults'}"
            return Finding(check.value, subject, Verdict.FAIL, sentence, _AGAIN, children=self._faults.of(check))
        return Finding(check.value, subject, Verdict.PASS, good, children=notes)

    def _open(self, check: Check, verdict: Verdict, sentence: str, next_step: str) -> Finding:
        subject = f"{list(Check).index(check) + 1} {check.value.removeprefix('ledger.')}"
        return Finding(check.value, subject, verdict, sentence, next_step)

    def _check_root(self, root: bytes) -> None:
        checkpoint = self._note.checkpoint
        if checkpoint.size != len(self._audit.leaves):
            sentence = f"it speaks of {checkpoint.size} records, there are {len(self._audit.leaves)}"
            self._faults.add(Check.ROOT, "the checkpoint", sentence)
        elif checkpoint.root != root:
            self._faults.add(Check.ROOT, "the checkpoint", "its root is not that of the records")

    def _checkpoint(self) -> Finding:
        self._check_ledger_signature(Check.CHECKPOINT, self._note)
        if not self._trust.ledger_keys and not self._faults.count(Check.CHECKPOINT):
            return self._open(
                Check.CHECKPOINT,
                Verdict.INCONCLUSIVE,
                "it is signed by the key the ledger itself names, and no key was given from outside",
                "give the ledger's public key, received by another way",
            )
        if not all(key in self._audit.keys for key in self._trust.ledger_keys):
            self._faults.add(Check.CHECKPOINT, "the key given", "it is not, and never was, a key of this ledger")
        return self._summed(Check.CHECKPOINT, "signed by the ledger's key, which the key given vouches for")

    def _check_ledger_signature(self, check: Check, note: Note) -> None:
        key = key_at(self._audit.reigns, note.checkpoint.size)
        match ledger_answer(note, key, self._checks.verify_checkpoint):
            case Signed():
                if check is Check.CHECKPOINT and len(note.signatures) != 1:
                    self._faults.add(check, "the checkpoint", "it carries other signatures than the ledger's one")
            case NotSigned() | WronglySigned():
                sentence = f"the one of {note.checkpoint.size} records is not signed by the key then in force"
                self._faults.add(check, "the checkpoint", sentence)
            case answer:
                assert_never(answer)

    def _remembered(self) -> Finding:
        if not self._trust.remembered:
            return self._open(
                Check.REMEMBERED,
                Verdict.NOT_APPLICABLE,
                "no checkpoint was given from earlier: a cut back to an older genuine state cannot be seen",
                "keep this checkpoint and give it with --since next time",
            )
        for note in self._trust.remembered:
            self._check_prefix(Check.REMEMBERED, note)
            self._check_ledger_signature(Check.REMEMBERED, note)
        sizes = ", ".join(str(note.checkpoint.size) for note in self._trust.remembered)
        return self._summed(Check.REMEMBERED, f"goes on from what was remembered ({sizes} records)")

    def _check_prefix(self, check: Check, note: Note) -> None:
        then = note.checkpoint
        leaves = self._audit.leaves
        subject = f"the ledger of {then.size} records"
        if then.origin != self._note.checkpoint.origin:
            self._faults.add(check, subject, f"that was another ledger, '{then.origin}'")
        elif then.size > len(leaves):
            self._faults.add(check, subject, f"{then.size - len(leaves)} records that were there are gone")
        elif root_of(leaves[: then.size]) != then.root:
            self._faults.add(check, subject, "its records are not the first ones of this ledger")

    def _witnesses(self) -> Finding:
        seen: dict[str, list[int]] = {}
        for path in sorted(path for path in self._paths if path.startswith(WITNESSES)):
            try:
                note = parse_note(self._bundle.read(path).decode())
            except ValueError as error:
                self._faults.add(Check.WITNESSES, path, str(error))
                continue
            if path != witness_path(note):
                self._faults.add(Check.WITNESSES, path, "it lies under another name than its size")
            self._check_prefix(Check.WITNESSES, note)
            self._check_ledger_signature(Check.WITNESSES, note)
            for name in self._countersigned(path, note):
                seen.setdefault(name, []).append(note.checkpoint.size)
        if not self._trust.witnesses and not self._faults.count(Check.WITNESSES):
            return self._open(
                Check.WITNESSES,
                Verdict.NOT_APPLICABLE,
                "no witness's key was given",
                "give one with --witness, if somebody countersigns this ledger",
            )
        absent = sorted({witness.name for witness in self._trust.witnesses} - seen.keys())
        if absent and not self._faults.count(Check.WITNESSES):
            sentence = f"nothing here is signed by {', '.join(absent)}"
            return self._open(Check.WITNESSES, Verdict.INCONCLUSIVE, sentence, "ask the witness for what it signed")
        signed = (f"{name} signed {', '.join(map(str, sizes))} records" for name, sizes in seen.items())
        return self._summed(Check.WITNESSES, "; ".join(signed))

    def _countersigned(self, path: str, note: Note) -> list[str]:
        """The names of the known witnesses that signed the note."""
        found: list[str] = []
        for witness in self._trust.witnesses:
            match witness_answer(note, witness.name, witness.public_key, self._checks.verify_checkpoint):
                case Signed():
                    found.append(witness.name)
                case WronglySigned():
                    self._faults.add(Check.WITNESSES, path, f"the signature of '{witness.name}' is not right")
                case NotSigned():
                    pass
                case answer:
                    assert_never(answer)
        return found

    def _texts(self) -> Finding:
        kept, erased = self._audit.texts, self._audit.erased
        found: set[TextRef] = set()
        try:
            for text in parse_texts(self._bundle.lines(TEXTS)):
                found.add(text.ref)
                if commit_to(text.words, text.salt) != text.ref:
                    self._faults.add(Check.TEXTS, text.ref, "the words are not those the reference commits to")
                if text.ref not in kept or text.ref in erased:
                    self._faults.add(Check.TEXTS, text.ref, "no record keeps these words, or they were erased")
        except ValueError as error:
            self._faults.add(Check.TEXTS, TEXTS, str(error))
        for ref in kept.keys() - found - erased.keys():
            self._faults.add(Check.TEXTS, ref, f"the words kept with record {kept[ref]} are missing")
        notes = tuple(
            Finding("ledger.text_erased", ref, Verdict.PASS, f"erased by record {erased[ref]}")
            for ref in kept
            if ref in erased
        )
        return self._summed(Check.TEXTS, f"{len(found)} texts fit their references, {len(notes)} are erased", notes)

    def _blobs(self) -> Finding:
        there = {path.removeprefix(BLOBS): path for path in self._paths if path.startswith(BLOBS)}
        for name, path in there.items():
            if Digest(f"sha256:{name}") not in self._audit.blobs:
                self._faults.add(Check.BLOBS, path, "no record keeps it")
            if hashlib.sha256(self._bundle.read(path)).hexdigest() != name:
                self._faults.add(Check.BLOBS, path, "its content does not have this digest")
        for digest, index in self._audit.blobs.items():
            if digest.removeprefix("sha256:") not in there:
                self._faults.add(Check.BLOBS, digest, f"what was kept with record {index} is missing")
        return self._summed(Check.BLOBS, f"{len(there)} pieces of raw material have their digests")

    def _check_files(self) -> None:
        derived = self._audit.derived
        own = {RECORDS, CHECKPOINT, TEXTS}
        for path in self._paths - derived.keys() - own:
            if not path.startswith((BLOBS, WITNESSES)):
                self._faults.add(Check.FILES, path, "it is no part of an exported ledger")
        for path, digest in derived.items():
            if path not in self._paths:
                self._faults.add(Check.FILES, path, "it is missing")
            elif hashlib.sha256(self._bundle.read(path)).digest() != digest:
                self._faults.add(Check.FILES, path, "it is not what the records say")


_GOOD: Final = {
    Check.FILES: "every file is there, and what is worked out from the records is what they say",
    Check.RECORDS: "every line is a record in canonical form",
    Check.ORDER: "every record is in its place, none missing, none twice",
}
