# SPDX-License-Identifier: Apache-2.0
"""The reference page of the API: every address the server answers at, from the tables it is built from."""

import re
import typing
from collections.abc import Iterable, Iterator

import msgspec
from litestar.handlers import HTTPRouteHandler

from interlock.api import commands, events, judging, own_tokens, procedures, routes_accounts
from interlock.api.routes import READING
from interlock.api.verbs import TABLE


def api() -> str:
    """Every address, what it answers or does, and what is sent to it."""
    reading = [handler for module in (*READING, events) for handler in module.HANDLERS]
    return "\n".join(
        [
            "# API",
            "",
            "Every address under `/v1`, as the running server describes it too at `/v1/schema/openapi.json` (OpenAPI",
            "3.1). This page is made from the source. How to use it: `docs/how-to/api.md`.",
            "",
            "## Reading",
            "",
            "All of it takes the scope `read`. Answers have an ETag; `If-None-Match` with it is answered with 304.",
            "",
            "| address | what |",
            "|---|---|",
            *(f"| {_address(one)} | {_about(one)} |" for one in sorted(reading, key=lambda one: min(one.paths))),
            "",
            "## Writing",
            "",
            "Each says one command for whoever is signed in, like the words of the command line beside it. With",
            "`?to_be=composed` it is only composed, to be signed with the caller's own key and handed in at",
            "`/v1/commands/signed`. `Idempotency-Key` names a request: sent again it is answered as the first time.",
            "",
            "| address | like | scope | what | body |",
            "|---|---|---|---|---|",
            *_writing(),
            "",
            "## Judging",
            "",
            "Nothing of it is recorded. How to use it: `docs/how-to/judge.md`.",
            "",
            *_plainly(judging.HANDLERS),
            "## Documents",
            "",
            "It takes the scope `read`. Nothing of it is recorded. How to use it: `docs/how-to/api.md`.",
            "",
            *_plainly(procedures.ASKED),
            "## Accounts",
            "",
            "For administrators of the server. Nothing of it is in the ledger, and none of it gives a role there.",
            "",
            *_plainly(routes_accounts.HANDLERS),
            "## Tokens of one's own",
            "",
            "For whoever signed in; a token makes no other token.",
            "",
            *_plainly(own_tokens.HANDLERS),
        ]
    )


def _writing() -> Iterator[str]:
    for verb in TABLE:
        body = _members(verb.body)
        yield f"| `POST /v1{_plain_path(verb.path)}` | `{verb.cli}` | `{verb.scope}` | {verb.about} | {body} |"
    for handler in commands.HANDLERS:
        yield f"| {_address(handler)} | | of the command | {_about(handler)} | {_body(handler)} |"
    yield "| `POST /v1/hooks/{name}` | | of the hook | What another system saw, signed with its secret. | as it takes |"


def _plainly(handlers: Iterable[HTTPRouteHandler]) -> Iterator[str]:
    yield "| address | what | body |"
    yield "|---|---|---|"
    for one in handlers:
        yield f"| {_address(one)} | {_about(one)} | {_body(one)} |"
    yield ""


def _address(handler: HTTPRouteHandler) -> str:
    return f"`{min(handler.http_methods)} /v1{_plain_path(min(handler.paths))}`"


def _about(handler: HTTPRouteHandler) -> str:
    return (handler.fn.__doc__ or "").splitlines()[0]


def _body(handler: HTTPRouteHandler) -> str:
    asked = handler.fn.__annotations__.get("data")
    return "nothing" if asked is None else _members(typing.get_args(asked)[0])


def _members(body: type[msgspec.Struct]) -> str:
    """What is sent; what may be left out stands in brackets."""
    fields = msgspec.structs.fields(body)
    named = (f"`{one.encode_name}`" if one.required else f"[`{one.encode_name}`]" for one in fields)
    return ", ".join(named) or "nothing"


def _plain_path(path: str) -> str:
    return re.sub(r":\w+}", "}", path)
