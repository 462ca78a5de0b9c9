# SPDX-License-Identifier: Apache-2.0
"""Commands as data, and commands that were signed elsewhere: what every other writing address amounts to.

1. A command is said for whoever is signed in; the record says how they were let in.
2. A submission that carries a person's own signature is handed in as it is, for that person alone.
3. `Idempotency-Key` names the command: said again with the same words it is answered as the first time, said with
   other words it is refused.
"""

import base64
from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Annotated, Any, Final, TypeAlias

import msgspec
from litestar import Request, Response, post
from litestar.concurrency import sync_to_thread
from litestar.datastructures import State
from litestar.params import HeaderParameter, JSONBody, QueryParameter

from interlock.api import once
from interlock.api.answers import JSON
from interlock.api.ledger import RecordWire
from interlock.api.refusals import declined, problems, unfit
from interlock.api.scene import Look, Looking
from interlock.domain.ids import TextRef
from interlock.identity.caller import Visitor
from interlock.identity.lanes import SPEAKING, in_lane
from interlock.identity.saying import Mouth, Said, Saying
from interlock.ledger.canonical import encode
from interlock.ledger.codec import Command, Undecodable, decode_command
from interlock.ledger.command import CommandBody, SshSignature
from interlock.ledger.record import Json, SaltedText
from interlock.service.handle import Declined, Outcome, Submission
from interlock.service.speak import Speaker

WRITING: Final = (400, 401, 403, 404, 409, 413, 422, 429, 503)
COMMANDS: Final = ("commands",)
LONGEST_KEY: Final = 100

AnyRequest: TypeAlias = Request[Visitor, object, State]
IdempotencyKey: TypeAlias = Annotated[
    str,
    HeaderParameter(
        name="Idempotency-Key",
        max_length=LONGEST_KEY,
        pattern="^[A-Za-z0-9._-]*$",
        description="Names the command, so that saying it again is no second one.",
    ),
]


class Recorded(msgspec.Struct, frozen=True):
    """It is so: the records that say it, the command's own first."""

    command: str
    records: list[RecordWire]


class CommandAsked(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A command as data. `words` are committed to and put into the payload under their field's name."""

    command: Annotated[str, msgspec.Meta(max_length=80)]
    payload: dict[str, Any]
    version: int = 1
    words: dict[str, str] = msgspec.field(default_factory=dict)
    blobs: tuple[str, ...] = ()
    """Raw material that goes along, in base64; the payload names it by digest."""


class SignedBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What was signed: its canonical JSON."""

    command: str
    version: int
    id: str
    ledger: str
    actor: str
    issued_at: str
    payload: dict[str, Any]


class SignedText(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Words that the command commits to. `salt` is base64."""

    ref: str
    salt: str
    words: str


class SignedCommand(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A submission with the signature of a person's SSH key (SSHSIG, armoured) over the canonical body."""

    body: SignedBody
    key: str
    armoured: str
    texts: tuple[SignedText, ...] = ()
    blobs: tuple[str, ...] = ()


class Composed(msgspec.Struct, frozen=True):
    """A command that is not said yet: sign `message` (base64) with a key, in the namespace `command@interlock`.

    Then hand in `body`, `texts` and `blobs` with `key` and `armoured` at `/v1/commands/signed`.
    """

    message: str
    body: SignedBody
    texts: tuple[SignedText, ...]
    blobs: tuple[str, ...]


class Manner(StrEnum):
    """What is to become of what was sent."""

    SAID = "said"
    """The command is said for the caller."""
    COMPOSED = "composed"
    """It is only composed, to be signed by the caller's own key: some things are for signed people alone."""


How: TypeAlias = Annotated[Manner, QueryParameter(name="to_be", description="Said at once, or composed to be signed.")]


@post("/commands", status_code=200, responses=problems(*WRITING), tags=COMMANDS, operation_id="say")
async def say(  # one parameter for each thing a request brings
    look: Looking,
    saying: Mouth,
    request: AnyRequest,
    data: JSONBody[CommandAsked],
    key: IdempotencyKey = "",
    manner: How = Manner.SAID,
) -> Response[Recorded | Composed]:
    """Say one command, as data."""

    def compose(speaker: Speaker) -> Command:
        payload: dict[str, Json] = dict(data.payload)
        for name, words in data.words.items():
            payload[name] = speaker.words(words, f"the {name}")
        for blob in data.blobs:
            speaker.attach(opened(blob))
        try:
            return decode_command(data.command, data.version, payload)
        except Undecodable as fault:
            raise unfit("command.undecodable", str(fault), "see the fields of the command at /v1/schema") from fault

    sent = once.Request(key, await sent_in(request))
    return await answered(look, lambda: said(saying, sent, manner, compose))


@post("/commands/signed", status_code=200, responses=problems(*WRITING), tags=COMMANDS, operation_id="hand-in")
async def hand_in(look: Looking, saying: Mouth, data: JSONBody[SignedCommand]) -> Response[Recorded | Composed]:
    """Hand in what the caller signed with a key of their own."""

    def work() -> Outcome:
        return saying.signed(_submission(data))

    return await answered(look, work)


def said(saying: Saying, request: once.Request, manner: Manner, compose: once.Compose) -> Outcome | Submission:
    """Say it for the caller, or compose it for them."""
    if manner is Manner.SAID:
        return once.say_once(saying, request, compose)
    speaker = saying.speaker()
    return saying.composed(compose(speaker), speaker, Said(request.name))


async def sent_in(request: AnyRequest) -> bytes:
    """All that makes a request what it is: where it went and what it brought."""
    return b"%s\n%s" % (request.url.path.encode(), await request.body())


def composed(submission: Submission) -> Composed:
    """What is to be signed, and all that goes along with it."""
    return Composed(
        base64.b64encode(submission.body.message).decode(),
        msgspec.convert(submission.body.to_json(), SignedBody),
        tuple(SignedText(one.ref, base64.b64encode(one.salt).decode(), one.words) for one in submission.texts),
        tuple(base64.b64encode(blob).decode() for blob in submission.blobs),
    )


async def answered(look: Look, work: "Work") -> Response[Recorded | Composed]:
    """Do it where it may wait, and answer with what came of it; who reads next sees it."""
    outcome = await in_lane(SPEAKING, work)
    if isinstance(outcome, Submission):
        return Response(composed(outcome))
    await sync_to_thread(look.lookout.look)
    if isinstance(outcome, Declined):
        return declined(outcome.id, outcome.reasons)  # type: ignore[return-value]  # a problem, in place of an answer
    body = {"command": outcome.id, "records": [msgspec.Raw(encode(record)) for record in outcome.records]}
    return Response(msgspec.json.encode(body), media_type=JSON)  # type: ignore[arg-type]  # encoded already


def opened(text: str) -> bytes:
    """Bytes from base64. Raises `Fault` (422)."""
    try:
        return base64.b64decode(text, validate=True)
    except ValueError as fault:
        raise unfit("request.base64", "that is not base64", "encode the bytes in base64, with padding") from fault


def _submission(data: SignedCommand) -> Submission:
    body: Mapping[str, Json] = msgspec.to_builtins(data.body)
    texts = tuple(SaltedText(TextRef(one.ref), opened(one.salt), one.words) for one in data.texts)
    try:
        return Submission(
            CommandBody.from_json(body), SshSignature(data.key, data.armoured), texts, tuple(map(opened, data.blobs))
        )
    except ValueError as fault:
        raise unfit("command.undecodable", str(fault), "hand in what was signed, unchanged") from fault


Work: TypeAlias = Callable[[], Outcome | Submission]
HANDLERS: Final = (say, hand_in)
