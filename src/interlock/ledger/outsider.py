# SPDX-License-Identifier: Apache-2.0
"""What somebody without Interlock needs to check people's signatures with plain `ssh-keygen`.

1. Everything here is worked out from the records alone; a verifier works it out again and compares the bytes.
2. Each key is valid from the second it was registered to the second it was revoked, in UTC.
"""

import hashlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final, TypeAlias, assert_never

from interlock.domain.actor import Assurance
from interlock.domain.ids import PersonId
from interlock.domain.people import STREAM, KeyAdded, KeyRevoked, PersonAdded
from interlock.ledger.codec import decode_event
from interlock.ledger.command import CommandRecord, SshSignature, is_command
from interlock.ledger.record import Record

ALLOWED_SIGNERS: Final = "people/allowed_signers"
COMMAND_INDEX: Final = "commands/index.tsv"
GUIDE: Final = "VERIFY.md"
NAMESPACE: Final = "command@interlock"
"""The SSHSIG namespace of signed commands."""

_SAFE: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")


@dataclass(frozen=True, slots=True)
class InForce:
    """The key was not revoked."""


@dataclass(frozen=True, slots=True)
class RevokedAt:
    time: datetime


KeyEnd: TypeAlias = InForce | RevokedAt


@dataclass(frozen=True, slots=True)
class KeySpan:
    """Whose key it was, and when."""

    person: PersonId
    key: str
    since: datetime
    end: KeyEnd = InForce()


class Papers:
    """Gathers, record by record, what the outsider is given. `take` raises `ValueError` for what it cannot read."""

    def __init__(self) -> None:
        self._spans: dict[str, KeySpan] = {}
        self._lines: list[str] = []

    def take(self, record: Record) -> Iterator[tuple[str, bytes]]:
        """The files this record alone makes: a signed command and its signature."""
        if record.stream == STREAM:
            self._take_people(record)
        elif is_command(record.event) and record.assurance is Assurance.SIGNED:
            yield from self.take_command(CommandRecord.from_record(record), record.time)

    def files(self, origin: str) -> Iterator[tuple[str, bytes]]:
        """The files that take all records together, once all were taken."""
        yield ALLOWED_SIGNERS, allowed_signers(self._spans.values())
        yield COMMAND_INDEX, "".join(self._lines).encode()
        yield GUIDE, guide(origin)

    def _take_people(self, record: Record) -> None:
        match decode_event(record.event, record.version, record.payload):
            case PersonAdded(person=person, key=key) | KeyAdded(person=person, key=key):
                self._spans[key] = KeySpan(person, key, record.time)
            case KeyRevoked(person=person, key=key):
                since = self._spans[key].since if key in self._spans else record.time
                self._spans[key] = KeySpan(person, key, since, RevokedAt(record.time))
            case _:
                raise ValueError(f"record {record.index}: '{record.event}' has no place on the stream of people")

    def take_command(self, command: CommandRecord, time: datetime) -> Iterator[tuple[str, bytes]]:
        """The files a signed command makes, recorded at `time`."""
        match command.signature:
            case SshSignature(_, armoured):
                stem = command_stem(command.body.id)
                self._lines.append(f"{stem}\t{command.body.actor.removeprefix('person:')}\t{_second(time)}\n")
                yield f"commands/{stem}.json", command.body.message
                yield f"commands/{stem}.sig", armoured.encode()
            case _:
                raise ValueError(f"command '{command.body.id}' counts as signed and carries no signature")


def command_stem(command: str) -> str:
    """A file name for a command: its id where that is safe in a path, else a digest of it."""
    if _SAFE.fullmatch(command) and command != "index":
        return command
    return "sha256-" + hashlib.sha256(command.encode()).hexdigest()


def allowed_signers(spans: Iterable[KeySpan]) -> bytes:
    """The keys in the format of ssh-keygen(1), ALLOWED SIGNERS, in the order they were registered."""
    return "".join(_line(span) for span in spans).encode()


def guide(origin: str) -> bytes:
    """The page that tells an outsider what to type."""
    return _GUIDE.format(origin=origin, namespace=NAMESPACE).encode()


def _line(span: KeySpan) -> str:
    options = [f'namespaces="{NAMESPACE}"', f'valid-after="{_second(span.since)}"']
    match span.end:
        case RevokedAt(time):
            options.append(f'valid-before="{_second(time)}"')
        case InForce():
            pass
        case _:
            assert_never(span.end)
    return f"{span.person} {','.join(options)} {span.key}\n"


def _second(time: datetime) -> str:
    return f"{time:%Y%m%d%H%M%S}Z"


_GUIDE: Final = """# How to check this copy of the ledger `{origin}`

You need none of its owner's machines, only public keys that reached you by another way than this folder.

## All of it, with Interlock

    interlock ledger verify . --key LEDGER-PUBLIC-KEY

Give `--since CHECKPOINT` a checkpoint you kept from earlier. Without one, nobody can tell this ledger from an older
genuine state of itself: records cut off at the end leave a shorter ledger that is right in itself.

## People's signatures, with OpenSSH alone

Every command a person signed is in `commands/`, as the exact bytes that were signed, with its signature.
`people/allowed_signers` says whose key was valid when. OpenSSH 8.9 or newer checks them all:

```sh
while IFS="$(printf '\\t')" read -r command person time; do
  ssh-keygen -Y verify -f people/allowed_signers -I "$person" -n {namespace} -O verify-time="$time" \\
    -s "commands/$command.sig" < "commands/$command.json" || exit 1
done < commands/index.tsv
```

## What is where

- `records.jsonl`: every record, one line of canonical JSON (RFC 8785) each. The SHA-256 Merkle tree over the lines
  without their newlines (RFC 6962) has the root that stands in `checkpoint`.
- `checkpoint`: the number of records and the root, signed by the ledger (C2SP signed note, tlog-checkpoint).
- `witnesses/`: the same, or older checkpoints, countersigned by others (C2SP tlog-cosignature).
- `texts.jsonl`: people's words; SHA-256 over salt and words is the reference in the records. Erased ones are absent.
- `blobs/`: reports and other raw material, each named by its SHA-256.
"""
