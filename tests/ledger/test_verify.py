# SPDX-License-Identifier: Apache-2.0
"""What an outsider is told about an exported ledger, honest or not."""

from base64 import b64encode
from collections.abc import Callable
from dataclasses import replace

import pytest
from tests.ledger.small import (
    CHECKS,
    FIRST,
    ORIGIN,
    SECOND,
    SmallLedger,
    add_person,
    checked,
    erase,
    key_of,
    note_something,
    revoke_key,
    rotate,
    text,
)

from interlock.adapters.signer.memory import MemorySigner
from interlock.domain.actor import Assurance
from interlock.domain.ids import PersonId, StreamId
from interlock.domain.people import STREAM, AddKey, AddPerson, KeyAdded, PersonAdded
from interlock.domain.verdict import Finding, Verdict
from interlock.ledger import keyring
from interlock.ledger.bundle import BLOBS, CHECKPOINT, RECORDS, TEXTS, Files
from interlock.ledger.canonical import encode
from interlock.ledger.checkpoint import WITNESS_KEY, Checkpoint, NamedKey, parse_note, signed_note
from interlock.ledger.command import CommandBody, CommandRecord, NoSignature
from interlock.ledger.record import Batch, Draft
from interlock.ledger.rotation import KeyPair, is_signed_by_both, rotation
from interlock.ledger.tree import leaf_hash, root_of
from interlock.ledger.verify import Report, Trust, verify


def failed(report: Report) -> list[str]:
    return [finding.code for finding in report.findings if finding.verdict is Verdict.FAIL]


def of(report: Report, code: str) -> Finding:
    return next(finding for finding in report.findings if finding.code == code)


def resealed(files: Files, lines: list[bytes], signer: MemorySigner) -> Files:
    """The bundle as an owner who holds the ledger's key would forge it: other records, honestly signed."""
    root = root_of([leaf_hash(line.removesuffix(b"\n")) for line in lines])
    note = signed_note(Checkpoint(ORIGIN, len(lines), root), signer.public_key, signer.sign)
    return Files({**files.content, RECORDS: b"".join(lines), CHECKPOINT: str(note).encode()})


def test_an_honest_ledger_passes_all_twelve_checks(finished: SmallLedger) -> None:
    report = checked(finished.export(), *finished.remembered())
    assert [finding.verdict for finding in report.findings] == [Verdict.PASS] * 12
    assert (report.origin, report.size, report.verdict) == (ORIGIN, finished.store.head().size, Verdict.PASS)
    assert report.root == finished.store.head().root


def test_the_checks_are_numbered(finished: SmallLedger) -> None:
    report = checked(finished.export())
    assert [finding.subject.split()[0] for finding in report.findings] == [str(one) for one in range(1, 13)]


def test_erased_words_are_told_with_the_record_that_erased_them(finished: SmallLedger) -> None:
    texts = of(checked(finished.export()), "ledger.texts")
    assert [(child.subject, child.sentence) for child in texts.children] == [
        (text("Name of ben").ref, "erased by record 17")
    ]


def test_without_a_key_from_outside_nothing_is_passed(finished: SmallLedger) -> None:
    report = verify(finished.export(), Trust(), CHECKS)
    assert report.verdict is Verdict.INCONCLUSIVE
    assert of(report, "ledger.checkpoint").verdict is Verdict.INCONCLUSIVE


def test_without_a_remembered_checkpoint_or_witness_that_is_said(finished: SmallLedger) -> None:
    report = verify(finished.export(), Trust((FIRST.public_key,)), CHECKS)
    assert of(report, "ledger.remembered").verdict is Verdict.NOT_APPLICABLE
    assert of(report, "ledger.witnesses").verdict is Verdict.NOT_APPLICABLE
    assert report.verdict is Verdict.PASS


@pytest.mark.parametrize("signer", [FIRST, SECOND])
def test_any_key_of_the_chain_vouches_for_the_ledger(finished: SmallLedger, signer: MemorySigner) -> None:
    assert verify(finished.export(), Trust((signer.public_key,)), CHECKS).verdict is Verdict.PASS


def test_a_key_of_another_ledger_does_not_vouch(finished: SmallLedger) -> None:
    other = MemorySigner("another").public_key
    assert failed(verify(finished.export(), Trust((other,)), CHECKS)) == ["ledger.checkpoint"]


def test_a_witness_that_signed_nothing_is_said_so(finished: SmallLedger) -> None:
    stranger = NamedKey("stranger", WITNESS_KEY, FIRST.public_key)
    report = verify(finished.export(), Trust((FIRST.public_key,), (stranger,)), CHECKS)
    finding = of(report, "ledger.witnesses")
    assert (finding.verdict, finding.sentence) == (Verdict.INCONCLUSIVE, "nothing here is signed by stranger")


def test_after_a_rotation_the_old_key_signs_nothing_more(finished: SmallLedger) -> None:
    files = finished.export()
    lines = list(files.lines(RECORDS))
    assert failed(checked(resealed(files, lines, SECOND))) == []
    assert failed(checked(resealed(files, lines, FIRST))) == ["ledger.checkpoint"]


def test_a_checkpoint_with_more_on_it_than_the_ledgers_signature_is_found(finished: SmallLedger) -> None:
    files = finished.export()
    countersigned = Files({**files.content, CHECKPOINT: finished.witnessed[-1].encode()})
    note = parse_note(finished.witnessed[-1])
    assert (note.checkpoint.size, failed(checked(files))) == (finished.store.head().size, [])
    assert failed(checked(countersigned)) == ["ledger.checkpoint"]


@pytest.mark.parametrize("damaged", ["old_signature", "new_signature", "old"])
def test_a_rotation_whose_signature_or_key_is_no_base64_is_not_signed(damaged: str) -> None:
    command = rotation(ORIGIN, KeyPair(FIRST.public_key, FIRST.sign), KeyPair(SECOND.public_key, SECOND.sign))
    assert is_signed_by_both(ORIGIN, command, CHECKS.verify_checkpoint)
    assert not is_signed_by_both("another", command, CHECKS.verify_checkpoint)
    assert not is_signed_by_both(ORIGIN, replace(command, **{damaged: "A"}), CHECKS.verify_checkpoint)


def test_the_checkpoint_right_after_a_rotation_is_the_old_keys(ledger: SmallLedger) -> None:
    rotate(ledger, FIRST, SECOND)
    assert checked(ledger.export()).verdict is Verdict.PASS


def test_a_rotation_the_new_key_did_not_sign_is_found(ledger: SmallLedger) -> None:
    command = keyring.RotateLedgerKey(*_forged_rotation())
    ledger.robot(command, (keyring.STREAM, keyring.LedgerKeyRotated(*_forged_rotation())))
    assert "ledger.keys" in failed(checked(ledger.export()))


def _forged_rotation() -> tuple[str, str, str, str]:
    old, new = b64encode(FIRST.public_key).decode(), b64encode(SECOND.public_key).decode()
    return old, new, b64encode(FIRST.sign(b"else")).decode(), b64encode(SECOND.sign(b"else")).decode()


def test_words_that_were_not_exported_are_missed(finished: SmallLedger) -> None:
    files = finished.export()
    fewer = b"".join(list(files.lines(TEXTS))[1:])
    assert failed(checked(Files({**files.content, TEXTS: fewer}))) == ["ledger.texts"]


def test_words_that_were_erased_and_are_still_there_are_found(ledger: SmallLedger) -> None:
    before = ledger.export()
    erase(ledger, text("Name of ben").ref, by="ann")
    after = ledger.export()
    assert failed(checked(after)) == []
    assert failed(checked(Files({**after.content, TEXTS: before.content[TEXTS]}))) == ["ledger.texts"]


def test_raw_material_that_was_left_out_or_put_in_is_found(finished: SmallLedger) -> None:
    files = finished.export()
    path = next(path for path in files.paths() if path.startswith(BLOBS))
    less = {name: content for name, content in files.content.items() if name != path}
    assert failed(checked(Files(less))) == ["ledger.blobs"]
    assert failed(checked(Files({**files.content, BLOBS + "0" * 64: b"more"}))) == ["ledger.blobs"]


@pytest.mark.parametrize("path", ["extra", "commands/c-99.json", "people/other"])
def test_a_file_too_many_is_found(finished: SmallLedger, path: str) -> None:
    assert failed(checked(Files({**finished.export().content, path: b""}))) == ["ledger.files"]


def test_every_file_that_is_missing_is_missed(finished: SmallLedger) -> None:
    files = finished.export()
    for path in files.paths():
        if not path.startswith("witnesses/"):
            less = Files({name: content for name, content in files.content.items() if name != path})
            assert checked(less).verdict is Verdict.FAIL, path


# What an insider who holds the ledger's key can write, and what the outsider says to it.


def test_a_command_signed_by_an_unknown_key_is_found(ledger: SmallLedger) -> None:
    note_something(ledger, "eve")
    assert failed(checked(ledger.export())) == ["ledger.signatures"]


def test_a_command_signed_by_the_key_of_another_person_is_found(ledger: SmallLedger) -> None:
    def as_ben(record: CommandRecord) -> CommandRecord:
        return replace(record, body=replace(record.body, actor="person:ben"))

    ledger.write("ann", "Note", {}, change=as_ben)
    assert failed(checked(ledger.export())) == ["ledger.signatures"]


def test_a_command_signed_by_a_revoked_key_is_found(ledger: SmallLedger) -> None:
    note_something(ledger, "ben")
    revoke_key(ledger, "ben", key_of("ben"), by="ann")
    assert failed(checked(ledger.export())) == []
    note_something(ledger, "ben")
    assert failed(checked(ledger.export())) == ["ledger.signatures"]


def test_a_command_that_counts_as_signed_and_is_not_is_found(ledger: SmallLedger) -> None:
    ledger.write("ann", "Note", {}, change=lambda record: replace(record, signature=NoSignature()))
    with pytest.raises(ValueError, match="carries no signature"):
        ledger.export()


CHANGES: dict[str, Callable[[CommandBody], CommandBody]] = {
    "payload": lambda body: replace(body, payload={"about": "1.2.0"}),
    "command": lambda body: replace(body, command="Approve"),
    "issued_at": lambda body: replace(body, issued_at=body.issued_at.replace(year=2027)),
}


def test_a_verifier_finds_the_missing_signature_that_no_export_would_write(ledger: SmallLedger) -> None:
    files = ledger.export()
    ledger.write("ann", "Note", {}, change=lambda record: replace(record, signature=NoSignature()))
    lines = [encode(record) + b"\n" for record in ledger.store.records()]
    assert "ledger.signatures" in failed(checked(resealed(files, lines, FIRST)))


def test_an_event_of_one_registry_on_the_stream_of_the_other_is_found(ledger: SmallLedger) -> None:
    erased = Draft(STREAM, "TextErased", 1, {"ref": text("Name of ben").ref, "reason": "none"})
    ledger.write("ann", "Note", {}, [erased])
    with pytest.raises(ValueError, match="no place"):
        ledger.export()
    lines = [encode(record) + b"\n" for record in ledger.store.records()]
    bundle = Files({RECORDS: b"", TEXTS: b""})
    assert "ledger.commands" in failed(checked(resealed(bundle, lines, FIRST)))


@pytest.mark.parametrize("changed", CHANGES)
def test_a_command_changed_after_it_was_signed_is_found(ledger: SmallLedger, changed: str) -> None:
    change = CHANGES[changed]
    ledger.write("ann", "Note", {"about": "1.1.0"}, change=lambda record: replace(record, body=change(record.body)))
    assert failed(checked(ledger.export())) == ["ledger.signatures"]


def test_a_command_of_another_ledger_is_found(ledger: SmallLedger) -> None:
    ledger.write(
        "robot:controller", "Note", {}, change=lambda record: replace(record, body=replace(record.body, ledger="other"))
    )
    assert failed(checked(ledger.export())) == ["ledger.commands"]


def test_a_decision_over_a_state_that_was_not_so_is_found(ledger: SmallLedger) -> None:
    ledger.write("robot:controller", "Note", {}, reads={StreamId("release/1"): 2})
    assert failed(checked(ledger.export())) == ["ledger.commands"]


def test_a_person_added_against_the_rules_is_found(ledger: SmallLedger) -> None:
    command = AddPerson(PersonId("eve"), key_of("eve"), text("Eve").ref, ())
    event = PersonAdded(PersonId("eve"), key_of("eve"), text("Eve").ref, ())
    ledger.robot(command, (STREAM, event))
    assert failed(checked(ledger.export())) == ["ledger.commands"]


def test_a_key_other_than_the_one_the_person_signed_for_is_found(ledger: SmallLedger) -> None:
    command = AddKey(PersonId("ben"), key_of("ben#2"))
    ledger.person("ben", command, (STREAM, KeyAdded(PersonId("ben"), key_of("eve"))))
    assert failed(checked(ledger.export())) == ["ledger.commands"]


def test_an_accepted_command_without_its_events_is_found(ledger: SmallLedger) -> None:
    ledger.person("ben", AddKey(PersonId("ben"), key_of("ben#2")))
    assert failed(checked(ledger.export())) == ["ledger.commands"]


def test_records_without_a_command_are_found(ledger: SmallLedger) -> None:
    last = tuple(ledger.store.records())[-1]
    drafts = (Draft(StreamId("release/1"), "ReleaseApproved", 1, {}),)
    ledger.store.append(Batch(drafts, last.time, "robot:controller", Assurance.AUTHENTICATED, last.cause, {}))
    assert failed(checked(ledger.export())) == ["ledger.commands"]


def test_records_after_a_refused_command_are_found(finished: SmallLedger) -> None:
    files = finished.export()
    lines = list(files.lines(RECORDS))
    accepted = [line.replace(b"CommandRefused", b"CommandAccepted") for line in lines]
    assert accepted != lines
    assert "ledger.commands" in failed(checked(resealed(files, accepted, SECOND)))


def test_a_ledger_that_was_never_opened_under_a_key_is_found(finished: SmallLedger) -> None:
    files = finished.export()
    lines = [line for line in files.lines(RECORDS) if b'"stream":"ledger"' not in line]
    assert "ledger.keys" in failed(checked(resealed(files, lines, SECOND)))


def test_what_is_no_exported_ledger_is_said_to_be_none() -> None:
    assert failed(checked(Files({}))) == ["ledger.files"]
    assert failed(checked(Files({CHECKPOINT: b"\xff", RECORDS: b"", TEXTS: b""}))) == ["ledger.files"]


def test_many_faults_are_counted_and_the_first_ones_told(finished: SmallLedger) -> None:
    files = finished.export()
    broken = Files({**files.content, RECORDS: b"{}\n" * 100})
    finding = of(checked(broken), "ledger.records")
    assert (finding.sentence, len(finding.children)) == ("100 faults", 20)


def test_a_third_person_is_as_good_as_the_first(ledger: SmallLedger) -> None:
    add_person(ledger, "eve", by="ben")
    note_something(ledger, "eve")
    assert checked(ledger.export(), parse_note(ledger.notes[0])).verdict is Verdict.PASS
