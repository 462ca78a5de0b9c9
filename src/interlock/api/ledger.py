# SPDX-License-Identifier: Apache-2.0
"""Reading the record itself: head, records as they are, proofs, blobs, words, and a bundle that others can verify.

What is given here is to be checked by whoever takes it: records against checkpoints, blobs against their digests.
"""

import base64
import io
import tarfile
import tempfile
from enum import StrEnum
from http import HTTPStatus
from pathlib import Path
from typing import Annotated, Any, Final

import msgspec
from litestar import Response, get
from litestar.datastructures import ResponseHeader
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import FromPath, FromQuery, QueryParameter

from interlock.api.answers import JSON
from interlock.api.refusals import Fault, absent, problems
from interlock.api.scene import Looking
from interlock.domain.ids import Digest, TextRef
from interlock.ledger.canonical import decode_stored, format_time
from interlock.ledger.tree import inclusion_proof, leaf_hash
from interlock.ports.store import Erased, Missing
from interlock.service.cdevents import cdevents
from interlock.service.export import Words, export

LEDGER: Final = ("ledger",)
PAGE: Final = 2000


class LedgerHead(msgspec.Struct, frozen=True):
    """Where the ledger stands. `checkpoint` is a signed note; `controller`: whether somebody acts on the ledger."""

    origin: str
    size: int
    root: str
    latest: str
    checkpoint: str
    controller: bool


class RecordWire(msgspec.Struct, frozen=True):
    """A record as it is hashed: canonical JSON of these members."""

    actor: str
    assurance: str
    cause: str
    event: str
    index: int
    payload: dict[str, object]
    position: int
    stream: str
    time: str
    version: int


class RecordsPage(msgspec.Struct, frozen=True):
    """Consecutive records, and the checkpoint signed when the last of them was appended. No records: that is all."""

    records: list[RecordWire]
    checkpoint: str


class RecordOne(msgspec.Struct, frozen=True):
    """One record, and the hash of its canonical bytes as a leaf of the tree (base64)."""

    record: RecordWire
    leaf: str


class ProofShown(msgspec.Struct, frozen=True):
    """That a record is in the tree of `size` (RFC 6962): hashes in base64, nearest sibling first."""

    index: int
    size: int
    leaf: str
    proof: list[str]
    root: str
    checkpoint: str


class TextShown(msgspec.Struct, frozen=True):
    """Somebody's words, and the salt (base64) with which `ref` commits to them."""

    ref: str
    salt: str
    words: str


class WordsAsked(StrEnum):
    """Whether a bundle holds people's words."""

    INCLUDED = "included"
    LEFT_OUT = "left_out"


@get("/ledger/head", sync_to_thread=True, responses=problems(401, 403), tags=LEDGER, operation_id="ledger-head")
def head(look: Looking) -> LedgerHead:
    """Where the ledger stands, signed."""
    store = look.whole().store
    found = store.head()
    root = base64.b64encode(found.root).decode()
    return LedgerHead(store.origin, found.size, root, format_time(found.latest), store.checkpoint(), look.driven)


@get(
    "/ledger/records",
    sync_to_thread=True,
    responses=problems(400, 401, 403),
    tags=LEDGER,
    operation_id="ledger-records",
)
def records(
    look: Looking,
    since: Annotated[int, QueryParameter(ge=0, le=2**53, description="From this index on.")] = 0,
    limit: Annotated[int, QueryParameter(ge=1, le=PAGE, description="As many, where appends end so.")] = 500,
) -> Response[RecordsPage]:
    """Records as they are, up to a signed checkpoint, so that each page can be checked alone."""
    found = look.whole().store.stretch(since=since, limit=limit)
    page = {"records": [msgspec.Raw(raw) for raw in found.records], "checkpoint": found.checkpoint}
    return Response(msgspec.json.encode(page), media_type=JSON)  # type: ignore[arg-type]  # the page, encoded already


@get(
    "/ledger/records/{number:int}",
    sync_to_thread=True,
    responses=problems(400, 401, 403, 404),
    tags=LEDGER,
    operation_id="ledger-record",
)
def record(look: Looking, number: FromPath[int]) -> Response[RecordOne]:
    """One record as it is."""
    raw = _raw(look, number)
    content = {"record": msgspec.Raw(raw), "leaf": base64.b64encode(leaf_hash(raw)).decode()}
    return Response(msgspec.json.encode(content), media_type=JSON)  # type: ignore[arg-type]  # as above


class EventContext(msgspec.Struct, frozen=True):
    """Which event it is: `id` is the index of its record."""

    version: str
    id: str
    source: str
    type: str
    timestamp: str


class EventSubject(msgspec.Struct, frozen=True):
    """What it is about."""

    id: str
    source: str
    type: str
    content: dict[str, Any]


class CdEventShown(msgspec.Struct, frozen=True):
    """One event, as CDEvents has it."""

    context: EventContext
    subject: EventSubject


class CdEvents(msgspec.Struct, frozen=True):
    """Some events. Ask again with `since=next`; when that is what was asked with, nothing has happened since."""

    events: list[CdEventShown]
    next: int


@get("/cdevents", sync_to_thread=True, responses=problems(400, 401, 403), tags=LEDGER, operation_id="cdevents")
def happened(
    look: Looking,
    since: Annotated[int, QueryParameter(ge=0, le=2**53, description="From the record of this index on.")] = 0,
    limit: Annotated[int, QueryParameter(ge=1, le=PAGE, description="So many records are looked through.")] = 500,
) -> CdEvents:
    """What happened to services, as CDEvents: deployed, upgraded, rolled back, incidents detected and resolved."""
    store = look.whole().store
    found = store.stretch(since=since, limit=limit).records
    events = cdevents(map(decode_stored, found), look.gatherer.view, store.origin)
    return CdEvents([msgspec.convert(one, CdEventShown) for one in events], since + len(found))


@get(
    "/ledger/proof/{number:int}",
    sync_to_thread=True,
    responses=problems(400, 401, 403, 404),
    tags=LEDGER,
    operation_id="ledger-proof",
)
def proof(look: Looking, number: FromPath[int]) -> ProofShown:
    """The proof that a record is in the ledger its checkpoint speaks of."""
    _raw(look, number)
    leaves: list[bytes] = []
    note = ""
    while (stretch := look.store.stretch(since=len(leaves), limit=PAGE)).records:
        leaves += [leaf_hash(raw) for raw in stretch.records]
        note = stretch.checkpoint
    path = [base64.b64encode(one).decode() for one in inclusion_proof(leaves, number)]
    root = note.split("\n")[2]
    return ProofShown(number, len(leaves), base64.b64encode(leaves[number]).decode(), path, root, note)


@get(
    "/ledger/blobs/{digest:str}",
    sync_to_thread=True,
    responses={
        200: ResponseSpec(bytes, media_type="application/octet-stream", generate_examples=False),
        **problems(401, 403, 404),
    },
    tags=LEDGER,
    operation_id="ledger-blob",
)
def blob(look: Looking, digest: FromPath[str]) -> Response[bytes]:
    """Raw material under its digest: reports, packs, plans, documents."""
    found = look.whole().store.blob(Digest(digest))
    if isinstance(found, Missing):
        raise absent("ledger.unknown_blob", f"nothing is kept under '{digest}'", "check the digest")
    return Response(found, media_type="application/octet-stream")


@get(
    "/ledger/texts/{ref:str}",
    sync_to_thread=True,
    responses=problems(401, 403, 404, 410),
    tags=LEDGER,
    operation_id="ledger-text",
)
def text(look: Looking, ref: FromPath[str]) -> TextShown:
    """Somebody's words, as long as they were not erased."""
    found = look.whole().store.text(TextRef(ref))
    if isinstance(found, Missing):
        raise absent("ledger.unknown_text", f"there are no words '{ref}'", "check the reference")
    if isinstance(found, Erased):
        raise Fault(HTTPStatus.GONE, "ledger.erased", "these words were erased", "the record says by whom and why")
    return TextShown(ref, base64.b64encode(found.salt).decode(), found.words)


@get(
    "/ledger/bundle",
    sync_to_thread=True,
    responses={
        200: ResponseSpec(bytes, media_type="application/x-tar", generate_examples=False),
        **problems(400, 401, 403, 503),
    },
    response_headers=[
        ResponseHeader(name="Content-Disposition", description="The file's name.", documentation_only=True)
    ],
    tags=LEDGER,
    operation_id="ledger-bundle",
)
def bundle(look: Looking, words: FromQuery[WordsAsked] = WordsAsked.INCLUDED) -> Response[bytes]:
    """A copy of the ledger, as a tar file, that anybody can check with `interlock ledger verify`."""
    wanted = Words.INCLUDED if words is WordsAsked.INCLUDED else Words.LEFT_OUT
    store = look.whole().store
    packed = io.BytesIO()
    with tempfile.TemporaryDirectory() as folder:
        there = Path(folder, "ledger")
        export(store, there, wanted)
        with tarfile.open(fileobj=packed, mode="w") as archive:
            archive.add(there, arcname="ledger")
    name = f'attachment; filename="{store.origin.rpartition("/")[2]}-ledger.tar"'
    return Response(packed.getvalue(), media_type="application/x-tar", headers={"Content-Disposition": name})


def _raw(look: Looking, number: int) -> bytes:
    found = look.whole().store.stretch(since=number, limit=1).records if number >= 0 else ()
    if not found:
        raise absent("ledger.unknown_record", f"there is no record {number}", "see /v1/ledger/head")
    return found[0]


HANDLERS: Final = (head, records, record, proof, blob, text, bundle, happened)
