# SPDX-License-Identifier: Apache-2.0
"""`interlock ledger checkpoint`, `witness`, `key` and `rotate-key`: who signs the record, and who signs beside them.

1. A witness signs only what goes on from what it signed last: it remembers that beside its key.
2. A rotation may be cut off at any instant and asked for again; no key is lost, and none is made twice.
"""

import base64
import os
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

from cyclopts import Parameter

from interlock.cli.ledger_verify import content_of, key_in, key_rows, key_texts, note_in
from interlock.cli.output import Exit, Fault, Report, tell
from interlock.cli.session import reading, require_here
from interlock.cli.text import BLANK, Verbatim, good, para, quiet, step, strong, warn

if TYPE_CHECKING:
    from interlock.bootstrap.outsiders import Outsider
    from interlock.config import Home
    from interlock.ledger.checkpoint import Note
    from interlock.ledger.record import Record
    from interlock.ports.signing import CheckpointSigner
    from interlock.ports.store import LedgerStore

_OLD: Final = "old "
Save = Annotated[Path | None, Parameter(help="Write it to this file.")]


def checkpoint(
    *,
    save: Save = None,
    since: Annotated[Path | None, Parameter(help="Prove that it goes on from this one, for a witness.")] = None,
) -> Report:
    """The newest checkpoint: what to remember, and what a witness signs."""
    with reading() as session:
        text = session.house.store.checkpoint()
        if not text:
            raise Fault("ledger.empty", "the ledger holds nothing yet", "run `interlock init`")
        leaves = [_leaf(record) for record in session.house.store.records()] if since else []
    content = _request(note_in(since), text, leaves) if since else text
    if save:
        _write(save, content)
    note = Verbatim(content)
    told = (
        para(good("✓ "), "written to ", strong(str(save)))
        if save
        else step("keep it elsewhere: `interlock ledger checkpoint --save FILE`", 0)
    )
    return Report({"checkpoint": text, "saved": str(save or ""), "request": content}, (note, BLANK, told))


def key() -> Report:
    """The ledger's public key in force, to be given to others by another way than the copies.

    The key alone is the answer; that it was handed over, and from which, is told beside it.
    """
    with reading() as session:
        origin, keys = session.house.store.origin, _keys_of(session.house.store)
    texts = [*key_texts(origin, keys)]
    if len(keys) > 1:
        tell(para("the key was handed over; to be given to others is the one in force:"), key_rows(origin, keys))
    return Report({"origin": origin, "key": texts[-1], "keys": [*texts]}, (para(texts[-1]),))


def witness(  # each is a thing the witness decides
    source: Annotated[Path, Parameter(name="CHECKPOINT", help="A checkpoint, a request, or an exported ledger.")],
    /,
    *,
    key: Annotated[Path, Parameter(help="Your witness key.")],
    name: Annotated[str, Parameter(help="Your name as a witness; the name of the key's file otherwise.")] = "",
    ledger_key: Annotated[str, Parameter(help="The ledger's public key, received by another way; text or a file.")],
    since: Annotated[Path | None, Parameter(help="What you signed last, where your key does not remember it.")] = None,
    new_key: Annotated[bool, Parameter(help="Make the key first.")] = False,
    save: Save = None,
) -> Report:
    """Countersign somebody's checkpoint, once it is shown to go on from the one you signed last."""
    from interlock.bootstrap.keys import ledger_key as load_key
    from interlock.bootstrap.keys import new_ledger_key
    from interlock.bootstrap.outsiders import outsider
    from interlock.ledger.checkpoint import witness_key, witness_message, witness_signature

    called = name or key.stem
    signer = new_ledger_key(key, called) if new_key else load_key(key, called)
    found = key_in(ledger_key)
    means = outsider()
    memory = key.with_name(f"{key.name}.last")
    before = note_in(since) if since else note_in(memory) if memory.exists() else None
    seen = _Seen(means, found if isinstance(found, bytes) else found.public_key, before)
    note = seen.in_folder(source) if source.is_dir() else seen.in_file(source)
    moment = int(means.clock.now().timestamp())
    signature = signer.sign(witness_message(note.checkpoint, moment))
    signed = note.with_signature(witness_signature(called, signer.public_key, moment, signature))
    _write(memory, str(note))
    if save:
        _write(save, str(signed))
    public = witness_key(called, signer.public_key)
    first = () if before else (para(warn("! "), "this is your first signature: nothing earlier to compare with"),)
    return Report(
        {"note": str(signed), "witness": public, "records": note.checkpoint.size, "first": before is None},
        (
            Verbatim(str(signed)),
            BLANK,
            *first,
            para(good("✓ "), f"countersigned {note.checkpoint.size} records as {called}"),
            para(quiet(f"  others check it with --witness {public}")),
            step("give it back; its owner puts it into the folder `witnesses` of the ledger's home, as SIZE.note"),
        ),
    )


def rotate_key() -> Report:
    """Hand over to a new ledger key, signed by the old and the new one."""
    from interlock.config import find_home
    from interlock.workflows.driver import driving

    require_here("the ledger's key is replaced")
    home = find_home(Path.cwd())
    with driving(home.lock):
        with reading() as session:
            origin = session.house.store.origin
            in_force = session.gatherer.view.keyring().key
        archive = _rotate(home, origin, in_force)
        with reading() as session:
            keys = _keys_of(session.house.store)
    texts = [*key_texts(origin, keys)]
    return Report(
        {"origin": origin, "key": texts[-1], "keys": [*texts], "archive": str(archive)},
        (
            para(good("✓ "), "the ledger signs with a new key from now on"),
            key_rows(origin, keys),
            step(f"give the one in force to those who verify; the private key before it is kept in {archive}"),
        ),
    )


def _keys_of(store: "LedgerStore") -> tuple[bytes, ...]:
    """Every key the ledger ever signed with, first to last."""
    from interlock.ledger.chain import LEDGER_STREAM, next_key

    found = (next_key(b"", (record,)) for record in store.stream(LEDGER_STREAM))
    return tuple(key for key in found if key)


def _rotate(home: "Home", origin: str, in_force: str) -> Path:
    """Where the key before is kept now.

    Crash-safe in this order: new key durable, recorded, old key kept under its own name, new key in its place.

    Cut off before it was recorded, the new key that lies there is used next time; cut off after, only the rest is done.
    """
    from interlock.bootstrap.keys import ledger_key as load_key
    from interlock.bootstrap.keys import new_ledger_key
    from interlock.ledger.checkpoint import LEDGER_KEY, key_id

    waiting = home.key.with_name(f"{home.key.name}.next")
    old = load_key(home.key, origin)
    new = load_key(waiting, origin) if waiting.exists() else new_ledger_key(waiting, origin)
    _sync(home.folder)
    if base64.b64encode(new.public_key).decode() != in_force:
        _record(home, origin, old, new)
    archive = home.key.with_name(f"{home.key.name}.{key_id(origin, LEDGER_KEY, old.public_key).hex()}")
    if not archive.exists():
        os.link(home.key, archive)
    _sync(home.folder)
    waiting.replace(home.key)
    _sync(home.folder)
    return archive


def _record(home: "Home", origin: str, old: "CheckpointSigner", new: "CheckpointSigner") -> None:
    from interlock.bootstrap.houses import open_house
    from interlock.domain.ids import CommandId
    from interlock.ledger.rotation import KeyPair, rotation
    from interlock.service.handle import Declined

    command = rotation(origin, KeyPair(old.public_key, old.sign), KeyPair(new.public_key, new.sign))
    house = open_house(home)
    with closing(house.store):
        name = CommandId(f"rotate-{new.public_key.hex()[:32]}")
        outcome = house.desk.perform(command, name, house.clock.now())
    if isinstance(outcome, Declined):
        reason = outcome.reasons[0]
        raise Fault(reason.code, reason.sentence, reason.next_step, Exit.REFUSED)


@dataclass(frozen=True, slots=True)
class _Seen:
    """What a witness goes by: the ledger's key, and what it signed last (None: nothing yet)."""

    means: "Outsider"
    ledger_key: bytes
    before: "Note | None"

    def in_folder(self, folder: Path) -> "Note":
        """The checkpoint of an exported ledger that is right in every way and goes on."""
        from interlock.domain.verdict import Verdict
        from interlock.ledger.bundle import CHECKPOINT
        from interlock.ledger.verify import Trust, verify
        from interlock.service.export import Folder, without_words

        bundle = Folder.open(folder)
        remembered = (self.before,) if self.before else ()
        trust = Trust((self.ledger_key,), (), remembered)
        report = without_words(verify(bundle, trust, self.means.checks), bundle)
        wrong = [found for found in report.findings if found.verdict in (Verdict.FAIL, Verdict.ERROR)]
        if wrong:
            faults = wrong[0].children or (wrong[0],)
            raise _not_signed(f"{wrong[0].subject}: {faults[0].subject}: {faults[0].sentence}")
        return note_in(folder / CHECKPOINT)

    def in_file(self, path: Path) -> "Note":
        """The checkpoint in a file, with the proof before it that it goes on."""
        from interlock.ledger.checkpoint import Signed, ledger_answer, parse_note

        content = content_of(path)
        proof: tuple[bytes, ...] = ()
        if content.startswith(_OLD):
            lines, _, content = content.partition("\n\n")
            proof = _proof(lines)
        try:
            note = parse_note(content)
        except ValueError as fault:
            raise Fault("ledger.bad_checkpoint", f"'{path}': {fault}", "name a file with a checkpoint") from fault
        if not isinstance(ledger_answer(note, self.ledger_key, self.means.checks.verify_checkpoint), Signed):
            raise _not_signed("the checkpoint is not signed by the ledger key you gave")
        if self.before:
            self._compare(self.before, note, proof)
        return note

    def _compare(self, before: "Note", note: "Note", proof: tuple[bytes, ...]) -> None:
        from interlock.ledger.tree import Consistency

        then, now = before.checkpoint, note.checkpoint
        if then.origin != now.origin:
            raise _not_signed(f"you signed '{then.origin}' last, this is '{now.origin}': use another key")
        if now.size < then.size:
            raise _not_signed(f"you signed {then.size} records last, this speaks of {now.size}: records are gone")
        if not Consistency(then.size, now.size, proof).holds_between(then.root, now.root):
            why = f"it is not shown that these {now.size} records go on from the {then.size} you signed last"
            raise _not_signed(why)


def _not_signed(why: str) -> Fault:
    return Fault(
        "witness.inconsistent",
        f"not signed: {why}",
        "ask for the exported folder, or for `interlock ledger checkpoint --since YOURS --save FILE`",
        Exit.REFUSED,
    )


def _request(old: "Note", text: str, leaves: list[bytes]) -> str:
    """What a witness is asked, in the form of C2SP tlog-witness: old size, proof, blank line, checkpoint."""
    from interlock.ledger.checkpoint import parse_note
    from interlock.ledger.tree import consistency_proof, root_of

    then, size = old.checkpoint, parse_note(text).checkpoint.size
    if then.size > size or root_of(leaves[: then.size]) != then.root:
        raise Fault(
            "ledger.other_history",
            "that checkpoint is not one of this ledger",
            "keep both, and ask who witnesses the ledger which of them was signed",
            Exit.REFUSED,
        )
    proof = consistency_proof(leaves[:size], then.size)
    lines = "".join(f"{base64.b64encode(one).decode()}\n" for one in proof)
    return f"{_OLD}{then.size}\n{lines}\n{text}"


def _proof(lines: str) -> tuple[bytes, ...]:
    try:
        return tuple(base64.b64decode(line, validate=True) for line in lines.split("\n")[1:])
    except ValueError as fault:
        raise Fault("ledger.bad_checkpoint", f"the proof cannot be read: {fault}", "ask for it again") from fault


def _leaf(record: "Record") -> bytes:
    from interlock.ledger.canonical import encode
    from interlock.ledger.tree import leaf_hash

    return leaf_hash(encode(record))


def _write(path: Path, content: str) -> None:
    """Whole or not at all."""
    draft = path.with_name(f".{path.name}.new")
    try:
        draft.write_text(content, "utf-8")
        draft.replace(path)
    except OSError as fault:
        raise Fault("ledger.unwritable", f"'{path}' cannot be written: {fault}", "check the path") from fault


def _sync(folder: Path) -> None:
    """Make the names in the folder durable."""
    number = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(number)
    finally:
        os.close(number)
