# SPDX-License-Identifier: Apache-2.0
"""Published values are the examples in the C2SP specifications signed-note, tlog-checkpoint and tlog-cosignature."""

from dataclasses import replace

import pytest

from interlock.adapters.signer.memory import MemorySigner
from interlock.adapters.signer.ssh import SshVerifier
from interlock.ledger.checkpoint import (
    Checkpoint,
    NamedKey,
    Note,
    NotSigned,
    Signed,
    WronglySigned,
    ledger_answer,
    parse_key_name,
    parse_note,
    parse_verifier_key,
    says,
    signed_note,
    verifier_key,
    witness_answer,
    witness_key,
    witness_message,
    witness_signature,
)

CHECK = SshVerifier().verify_checkpoint
PUBLISHED = """\
example.com/behind-the-sofa
20852163
CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=

— example.com/behind-the-sofa \
Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=
— witness.example.com/w1 \
jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==
"""
PUBLISHED_MESSAGE = b"""cosignature/v1
time 1679315147
example.com/behind-the-sofa
20852163
CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=
"""
ORIGIN = "interlock.example/outreach"
KEY = MemorySigner(ORIGIN)
OTHER = MemorySigner(ORIGIN, "second")
WITNESS = MemorySigner("witness.example/w1")
CHECKPOINT = Checkpoint(ORIGIN, 12, bytes(range(32)))
NOTE = signed_note(CHECKPOINT, KEY.public_key, KEY.sign)


def witnessed(timestamp: int = 1679315147) -> Note:
    signature = WITNESS.sign(witness_message(CHECKPOINT, timestamp))
    return NOTE.with_signature(witness_signature(WITNESS.name, WITNESS.public_key, timestamp, signature))


def test_the_published_note_is_read_and_written_the_same() -> None:
    note = parse_note(PUBLISHED)
    assert (note.checkpoint.origin, note.checkpoint.size) == ("example.com/behind-the-sofa", 20852163)
    assert [signature.name for signature in note.signatures] == [
        "example.com/behind-the-sofa",
        "witness.example.com/w1",
    ]
    assert str(note) == PUBLISHED


def test_the_message_of_the_published_cosignature_is_the_published_one() -> None:
    note = parse_note(PUBLISHED)
    timestamp = int.from_bytes(note.signatures[1].blob[:8], "big")
    assert witness_message(note.checkpoint, timestamp) == PUBLISHED_MESSAGE


def test_a_note_is_signed_by_its_key_and_by_no_other() -> None:
    assert ledger_answer(NOTE, KEY.public_key, CHECK) == Signed(0)
    assert ledger_answer(NOTE, OTHER.public_key, CHECK) == NotSigned()


def test_a_note_over_another_tree_is_wrongly_signed() -> None:
    for changed in (replace(CHECKPOINT, size=13), replace(CHECKPOINT, root=bytes(32))):
        assert ledger_answer(replace(NOTE, checkpoint=changed), KEY.public_key, CHECK) == WronglySigned()


def test_a_note_of_another_ledger_is_not_signed() -> None:
    changed = replace(NOTE, checkpoint=replace(CHECKPOINT, origin="another"))
    assert ledger_answer(changed, KEY.public_key, CHECK) == NotSigned()


def test_one_wrong_signature_of_a_known_key_spoils_the_note() -> None:
    wrong = replace(NOTE.signatures[0], blob=bytes(64))
    assert ledger_answer(NOTE.with_signature(wrong), KEY.public_key, CHECK) == WronglySigned()


def test_a_signature_is_not_doubled() -> None:
    assert NOTE.with_signature(NOTE.signatures[0]) == NOTE


def test_a_witness_countersigns_with_its_time() -> None:
    assert witness_answer(parse_note(str(witnessed())), WITNESS.name, WITNESS.public_key, CHECK) == Signed(1679315147)
    assert ledger_answer(witnessed(), KEY.public_key, CHECK) == Signed(0)
    assert witness_answer(NOTE, WITNESS.name, WITNESS.public_key, CHECK) == NotSigned()


def test_a_witness_signature_with_another_time_is_wrong() -> None:
    line = witnessed().signatures[1]
    for blob in (bytes(8) + line.blob[8:], line.blob[:-1], line.blob + b"\0", b"\xff" * 8 + line.blob[8:]):
        note = NOTE.with_signature(replace(line, blob=blob))
        assert witness_answer(note, WITNESS.name, WITNESS.public_key, CHECK) == WronglySigned()


def test_a_ledgers_signature_is_not_taken_for_a_witness_one() -> None:
    assert witness_answer(NOTE, ORIGIN, KEY.public_key, CHECK) == NotSigned()


@pytest.mark.parametrize("at", range(len(str(witnessed()).encode())))
def test_no_byte_of_a_note_changes_unnoticed(at: int) -> None:
    raw = bytearray(str(witnessed()).encode())
    raw[at] ^= 1
    try:
        note = parse_note(raw.decode())
    except ValueError:
        return
    answers = (
        ledger_answer(note, KEY.public_key, CHECK),
        witness_answer(note, WITNESS.name, WITNESS.public_key, CHECK),
    )
    assert not all(isinstance(answer, Signed) for answer in answers)


LINE = NOTE.signatures[0].line


@pytest.mark.parametrize(
    "text",
    [
        "",
        str(NOTE).rstrip("\n"),
        str(NOTE) + "\n",
        str(NOTE).replace("\n\n", "\n"),
        str(NOTE).replace("\n12\n", "\n012\n"),
        str(NOTE).replace("\n12\n", "\n-1\n"),
        str(NOTE).replace("\n12\n", "\n\uff11\uff12\n"),
        str(NOTE).replace("\n12\n", "\n12\nextension\n"),
        str(NOTE).replace("\n12\n", "\r\n12\r\n"),
        str(NOTE).replace("Hh8=", "Hh9="),
        str(NOTE).replace("Hh8=", "Hh8=="),
        str(NOTE).replace("Hh8=", "Hh8"),
        str(NOTE).replace("Hh8=", "Hh8gISIj"),
        str(NOTE).replace("— ", "- "),
        str(NOTE).replace("— ", "—  "),
        str(NOTE).replace(LINE, ""),
        str(NOTE).replace(LINE, "— name AAAA\n"),
        str(NOTE).replace(LINE, "— na+me AAAAAAAA\n"),
        str(NOTE).replace(ORIGIN, "two words"),
        str(NOTE).replace(ORIGIN, ""),
    ],
)
def test_a_note_in_another_form_is_refused(text: str) -> None:
    assert text != str(NOTE)
    with pytest.raises(ValueError, match=r".+"):
        parse_note(text)


@pytest.mark.parametrize("name", ["", "two words", "a+b", "größe", "tab\t", "x" * 201])
def test_a_name_that_cannot_stand_in_a_note_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="no name for a ledger"):
        parse_key_name(name)


def test_a_public_key_is_handed_over_as_one_line() -> None:
    text = verifier_key(ORIGIN, KEY.public_key)
    assert parse_verifier_key(text) == NamedKey(ORIGIN, 1, KEY.public_key)
    assert parse_verifier_key(witness_key("w", KEY.public_key)) == NamedKey("w", 4, KEY.public_key)


@pytest.mark.parametrize("at", range(0, len(verifier_key(ORIGIN, KEY.public_key)), 3))
def test_a_public_key_that_was_mistyped_is_refused(at: int) -> None:
    text = verifier_key(ORIGIN, KEY.public_key)
    changed = text[:at] + chr(ord(text[at]) ^ 1) + text[at + 1 :]
    with pytest.raises(ValueError, match=r".+"):
        parse_verifier_key(changed)


def test_a_public_key_of_another_kind_is_refused() -> None:
    with pytest.raises(ValueError, match="not a verifier key"):
        parse_verifier_key("name+00000000+AgAA")


@pytest.mark.parametrize(
    ("note", "expected"),
    [
        (str(signed_note(CHECKPOINT, KEY.public_key, KEY.sign)), True),
        (str(signed_note(CHECKPOINT, OTHER.public_key, OTHER.sign)), True),
        (str(signed_note(replace(CHECKPOINT, size=13), KEY.public_key, KEY.sign)), False),
        (str(signed_note(replace(CHECKPOINT, root=bytes(32)), KEY.public_key, KEY.sign)), False),
        ("", False),
    ],
)
def test_a_note_says_a_checkpoint_whoever_signed_it(note: str, *, expected: bool) -> None:
    assert says(note, CHECKPOINT) is expected
