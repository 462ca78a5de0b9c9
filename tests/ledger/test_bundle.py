# SPDX-License-Identifier: Apache-2.0
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.ledger.small import FIRST, ORIGIN, WITNESS, SmallLedger, note_something, text

from interlock.domain.actor import Assurance
from interlock.domain.ids import CommandId, PersonId, StreamId
from interlock.domain.people import STREAM
from interlock.ledger.bundle import CHECKPOINT, RECORDS, TEXTS, Export, Files, bundle_files, kept_beside, parse_texts
from interlock.ledger.canonical import decode
from interlock.ledger.checkpoint import parse_note
from interlock.ledger.outsider import (
    ALLOWED_SIGNERS,
    COMMAND_INDEX,
    GUIDE,
    KeySpan,
    Papers,
    RevokedAt,
    allowed_signers,
    command_stem,
)
from interlock.ledger.record import Record
from interlock.ports.signing import SSH_NAMESPACE


def laid_out(files: Files, folder: Path) -> Path:
    for path, content in files.content.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content)
    return folder


def documented() -> str:
    """The commands that VERIFY.md tells an outsider to type."""
    papers = dict(Papers().files(ORIGIN))
    return papers[GUIDE].decode().partition("```sh\n")[2].partition("```")[0]


def typed(folder: Path) -> subprocess.CompletedProcess[bytes]:
    environment = {"PATH": "/usr/bin:/bin", "TZ": "Pacific/Auckland"}
    return subprocess.run(["sh", "-c", documented()], cwd=folder, env=environment, capture_output=True, check=False)


def test_an_outsider_checks_every_signature_with_ssh_keygen_alone(finished: SmallLedger, tmp_path: Path) -> None:
    files = finished.export()
    done = typed(laid_out(files, tmp_path))
    assert done.returncode == 0, done.stderr
    assert done.stdout.count(b"Good ") == len(files.content[COMMAND_INDEX].splitlines()) == 7


def test_ssh_keygen_refuses_a_command_that_was_changed(finished: SmallLedger, tmp_path: Path) -> None:
    folder = laid_out(finished.export(), tmp_path)
    command = folder / "commands" / "c-4.json"
    command.write_bytes(command.read_bytes().replace(b"1.1.0", b"1.2.0"))
    assert typed(folder).returncode != 0


def test_ssh_keygen_refuses_a_command_signed_after_the_key_was_revoked(ledger: SmallLedger, tmp_path: Path) -> None:
    note_something(ledger, "ben")
    folder = laid_out(ledger.export(), tmp_path)
    index = folder / COMMAND_INDEX
    assert typed(folder).returncode == 0
    index.write_text(index.read_text().replace("20260105090400Z", "20250105090400Z"))
    assert typed(folder).returncode != 0


def test_the_records_are_one_canonical_line_each(finished: SmallLedger) -> None:
    lines = finished.export().content[RECORDS].splitlines()
    assert [decode(line) for line in lines] == list(finished.store.records())


def test_the_same_ledger_gives_the_same_bytes(finished: SmallLedger) -> None:
    assert finished.export() == finished.export()


def test_the_checkpoint_is_the_stores_own(finished: SmallLedger) -> None:
    assert finished.export().content[CHECKPOINT].decode() == finished.store.checkpoint()


def test_what_is_kept_beside_is_listed_by_the_commands(finished: SmallLedger) -> None:
    kept = kept_beside(finished.store.records())
    assert (len(kept.texts), len(kept.blobs)) == (3, 1)


def test_only_words_that_are_not_erased_are_given(finished: SmallLedger) -> None:
    texts = tuple(parse_texts(finished.export().lines(TEXTS)))
    assert {one.words for one in texts} == {"Name of ann", "ben lost a laptop"}


LINE = b'{"ref":"text:ab","salt":"00","words":"w"}\n'


@pytest.mark.parametrize(
    "lines",
    [
        [LINE.removesuffix(b"\n")],
        [LINE, LINE],
        [LINE.replace(b"00", b"0A")],
        [LINE.replace(b"00", b"0")],
        [LINE.replace(b'"w"', b"1")],
        [LINE.replace(b'"w"', b'"w","x":1')],
        [LINE, LINE.replace(b"ab", b"aa")],
        [b"[]\n"],
    ],
)
def test_texts_in_another_form_are_refused(lines: list[bytes]) -> None:
    with pytest.raises(ValueError, match=r".+"):
        tuple(parse_texts(lines))


def test_large_ledgers_are_handed_on_in_parts() -> None:
    at = datetime(2026, 1, 1, tzinfo=UTC)
    records = [
        Record(n, StreamId("s"), n + 1, at, "robot:a", Assurance.ASSERTED, CommandId("c"), "Noted", 1, {})
        for n in range(2500)
    ]
    note = f"{ORIGIN}\n1\n{'A' * 43}=\n\n— {ORIGIN} AAAAAAAA\n"
    parts = [(path, part) for path, part in bundle_files(Export(note, records)) if path == RECORDS]
    assert [part.count(b"\n") for _, part in parts] == [1000, 1000, 500]


def test_countersignatures_to_one_checkpoint_are_one_file(finished: SmallLedger) -> None:
    note = parse_note(finished.witnessed[0])
    alone = str(parse_note(finished.notes[5]))
    export = Export(finished.store.checkpoint(), (), witnesses=(str(note), alone, str(note)))
    files = Files.of(bundle_files(export)).content
    assert [path for path in files if path.startswith("witnesses/")] == [f"witnesses/{note.checkpoint.size}.note"]
    assert parse_note(files[f"witnesses/{note.checkpoint.size}.note"].decode()) == note
    assert WITNESS.name in str(note)


def test_witnesses_that_saw_different_ledgers_are_said_so(finished: SmallLedger) -> None:
    one = f"{ORIGIN}\n1\n{'A' * 43}=\n\n— {ORIGIN} AAAAAAAA\n"
    other = one.replace("\nAA", "\nBA")
    with pytest.raises(ValueError, match="different ledgers"):
        tuple(bundle_files(Export(finished.store.checkpoint(), (), witnesses=(one, other))))


def test_keys_are_listed_with_when_they_were_valid() -> None:
    since, until = datetime(2026, 1, 2, 3, 4, 5, 999, tzinfo=UTC), datetime(2026, 2, 1, tzinfo=UTC)
    spans = [
        KeySpan(PersonId("ann"), "ssh-rsa A", since),
        KeySpan(PersonId("ben"), "ssh-rsa B", since, RevokedAt(until)),
    ]
    assert allowed_signers(spans).decode() == (
        'ann namespaces="command@interlock",valid-after="20260102030405Z" ssh-rsa A\n'
        'ben namespaces="command@interlock",valid-after="20260102030405Z",valid-before="20260201000000Z" ssh-rsa B\n'
    )


def test_the_namespace_is_that_of_the_signing_port(finished: SmallLedger) -> None:
    assert f'namespaces="{SSH_NAMESPACE}"'.encode() in finished.export().content[ALLOWED_SIGNERS]


@pytest.mark.parametrize("command", ["../../etc/passwd", "a/b", ".hidden", "index", "", "x" * 101, "ü"])
def test_a_command_id_never_leaves_its_folder(command: str) -> None:
    assert command_stem(command).startswith("sha256-")
    assert command_stem("c-1.a_B") == "c-1.a_B"


def people_record(event: str, payload: dict[str, str]) -> Record:
    at = datetime(2026, 1, 1, tzinfo=UTC)
    return Record(3, STREAM, 1, at, "person:ann", Assurance.SIGNED, CommandId("c"), event, 1, payload)


def test_an_event_that_is_not_of_people_has_no_place_among_them() -> None:
    with pytest.raises(ValueError, match="no place"):
        tuple(Papers().take(people_record("TextErased", {"ref": "text:ab", "reason": "asked"})))


def test_a_key_that_was_revoked_and_never_added_is_listed_all_the_same() -> None:
    papers = Papers()
    payload = {"person": "ann", "key": "ssh-rsa A", "reason": text("lost").ref}
    assert tuple(papers.take(people_record("KeyRevoked", payload))) == ()
    assert b"valid-before" in dict(papers.files(FIRST.name))[ALLOWED_SIGNERS]
