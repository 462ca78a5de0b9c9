# SPDX-License-Identifier: Apache-2.0
"""How fast an export is verified, beside hashing the same bytes with SHA-256 in the same run.

Two bundles, both without people's signatures, which cost what their algorithm costs: records alone, and the same with
the raw material that gates keep (one report of 64 KiB for every ten records). Each is compared with hashing its bytes
in one go, and with building the RFC 6962 tree over the same lines, which is the least any verifier must do.
"""

import base64
import hashlib
import json
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

from interlock.adapters.signer.memory import MemorySigner
from interlock.adapters.signer.ssh import SshVerifier
from interlock.adapters.store.memory import MemoryStore
from interlock.domain.actor import Assurance
from interlock.domain.ids import CommandId, StreamId, digest_of
from interlock.domain.verdict import Verdict
from interlock.ledger import keyring
from interlock.ledger.bundle import RECORDS, Export, Files, bundle_files
from interlock.ledger.codec import encode
from interlock.ledger.command import CommandBody, CommandRecord, NoSignature, command_stream
from interlock.ledger.record import Batch, Draft, Json
from interlock.ledger.tree import leaf_hash, root_of
from interlock.ledger.verify import Trust, verify

ORIGIN = "interlock.example/bench"
ROBOT = "robot:controller"
SIGNER = MemorySigner(ORIGIN)
START = datetime(2026, 1, 5, 9, tzinfo=UTC)
COMMANDS = 4000
EFFECTS = 4
REPORTS = COMMANDS * (1 + EFFECTS) // 10
REPORT = b"<testcase classname='tests.registration' name='test_a_form_is_kept' time='0.004'/>\n" * 790
ROUNDS = 3
OUTPUT = Path("build/bench/verify.json")


def bundle(reports: int) -> Files:
    """A ledger of `COMMANDS` commands, exported, the first of them with a report each."""
    store = MemoryStore(ORIGIN, SIGNER)
    key = base64.b64encode(SIGNER.public_key).decode()
    opening = encode(keyring.OpenLedger(ORIGIN, key))
    opened = Draft(keyring.STREAM, "LedgerOpened", 1, {"origin": ORIGIN, "key": key})
    store.append(
        batch(CommandBody(opening.name, 1, CommandId("c-0"), ORIGIN, ROBOT, START, opening.payload), (opened,))
    )
    blobs = [REPORT + str(number).encode() for number in range(reports)]
    for number in range(1, COMMANDS):
        subject = f"outreach/{number % 40}"
        payload: Mapping[str, Json] = {
            "subject": subject,
            "check": "unit-tests",
            "environment": "*",
            "verdict": "pass",
            "summary": "214 tests passed in 12 seconds",
            "report": digest_of(b"report"),
            "counted": {"query": "count of failures", "count": 0, "as_of": "2026-01-05T09:00:00.000000Z"},
        }
        body = CommandBody("Note", 1, CommandId(f"c-{number}"), ORIGIN, ROBOT, START, payload)
        drafts = tuple(Draft(StreamId(f"evidence/{subject}"), "Noted", 1, payload) for _ in range(EFFECTS))
        store.append(batch(body, drafts, tuple(blobs[number : number + 1])))
    kept = blobs[1:]
    return Files.of(bundle_files(Export(store.checkpoint(), store.records(), (), kept)))


def batch(body: CommandBody, drafts: tuple[Draft, ...], blobs: tuple[bytes, ...] = ()) -> Batch:
    record = CommandRecord(body, NoSignature(), {}, {}, "1", blobs=tuple(map(digest_of, blobs)))
    return Batch(
        drafts=(Draft(command_stream(body.id), record.event, 1, record.to_payload()), *drafts),
        time=START + timedelta(seconds=int(body.id[2:])),
        actor=ROBOT,
        assurance=Assurance.AUTHENTICATED,
        cause=body.id,
        expected={},
        blobs=blobs,
    )


def seconds(work: Callable[[], object]) -> float:
    """The best of some rounds."""
    spent: list[float] = []
    for _ in range(ROUNDS):
        begun = time.perf_counter()
        work()
        spent.append(time.perf_counter() - begun)
    return min(spent)


def measure(name: str, files: Files) -> dict[str, float | int | str]:
    report = verify(files, Trust((SIGNER.public_key,)), SshVerifier())
    assert report.verdict is Verdict.PASS, report.findings
    parts = list(files.content.values())
    lines = files.content[RECORDS].splitlines()
    blobs = [files.content[path] for path in files.content if path.startswith("blobs/")]

    def tree() -> None:
        root_of([leaf_hash(line) for line in lines])
        for blob in blobs:
            hashlib.sha256(blob).digest()

    hashing = seconds(lambda: hashlib.sha256(b"".join(parts)).digest())
    least = seconds(tree)
    verifying = seconds(lambda: verify(files, Trust((SIGNER.public_key,)), SshVerifier()))
    size = sum(map(len, parts))
    print(
        f"verify {name}: {report.size} records, {size / 1e6:.1f} MB in {verifying:.2f} s ="
        f" {size / verifying / 1e6:.0f} MB/s, {report.size / verifying:.0f} records/s;"
        f" {hashing / verifying:.0%} of hashing the bytes, {least / verifying:.0%} of hashing the tree"
    )
    return {
        "bundle": name,
        "records": report.size,
        "bytes": size,
        "seconds": verifying,
        "ratio_to_hashing": hashing / verifying,
        "ratio_to_tree": least / verifying,
    }


def main() -> None:
    """Print one line for each bundle and keep the figures."""
    figures = [measure("records alone", bundle(0)), measure("records and reports", bundle(REPORTS + 1))]
    OUTPUT.parent.mkdir(parents=True, exist_ok=True)
    OUTPUT.write_text(json.dumps(figures, indent=2) + "\n")


if __name__ == "__main__":
    main()
