# SPDX-License-Identifier: Apache-2.0
"""The description of the API in OpenAPI 3.1, as `/v1/schema/openapi.json` gives it."""

from collections.abc import Iterable, Iterator
from typing import Final

from litestar.openapi.config import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin
from litestar.openapi.spec import Components, License, OpenAPI, Reference, RequestBody, Schema, SecurityScheme, Tag

from interlock import __version__

SCHEMA: Final = "/v1/schema"
_TAGS: Final = {
    "looking": "What runs where, what waits and for whom, and why.",
    "releases": "What moves through the environments as one.",
    "environments": "What goes on in one environment of a service.",
    "incidents": "Problems in an environment.",
    "guards": "Freezes, recalls and messages.",
    "rules": "Who takes part, and the rules in force.",
    "lists": "What is kept in lists.",
    "ledger": "The record itself, for who checks it.",
    "commands": "Commands as data.",
    "hooks": "What other systems tell.",
}


def description() -> OpenAPIConfig:
    """How the application describes itself."""
    return OpenAPIConfig(
        title="Interlock",
        version=__version__,
        summary="A team's written release procedure that enforces itself.",
        description=(
            "Reads answer what `--json` prints; every write says one command for whoever is signed in, and the ledger "
            "records how they were let in. What takes `GET` takes `HEAD`, which is answered alike and without a body. "
            "Refusals are `application/problem+json` with the codes of the reference."
        ),
        license=License("Apache-2.0", identifier="Apache-2.0"),
        path=SCHEMA,
        render_plugins=[JsonRenderPlugin(path="/openapi.json")],
        tags=[Tag(name=name, description=about) for name, about in _TAGS.items()],
        security=[{"token": []}, {"session": []}],
        components=Components(
            security_schemes={
                "token": SecurityScheme(
                    type="http", scheme="bearer", description="A token: `interlock account token HANDLE`."
                ),
                "session": SecurityScheme(
                    type="apiKey",
                    name="interlock",
                    security_scheme_in="cookie",
                    description="A session of the pages; writing takes `X-CSRF-Token` too.",
                ),
            }
        ),
    )


def close_bodies(described: OpenAPI) -> None:
    """Say of every body that it takes no other members than those it names: that is how it is read."""
    wanted = list(_bodies(described))
    seen: set[str] = set()
    while wanted:
        name = wanted.pop()
        if name in seen:
            continue
        seen.add(name)
        schema = described.components.schemas[name]
        schema.additional_properties = False
        wanted += [one.ref.rpartition("/")[2] for one in _within(list((schema.properties or {}).values())) if one.ref]


def _bodies(described: OpenAPI) -> Iterator[str]:
    for path in (described.paths or {}).values():
        body = path.post.request_body if path.post else None
        if isinstance(body, RequestBody):
            for media in body.content.values():
                if isinstance(media.schema, Reference):
                    yield media.schema.ref.rpartition("/")[2]


def _within(schemas: Iterable[Schema | Reference]) -> Iterator[Reference]:
    """Every reference in these schemas, also in what their lists and choices hold."""
    for one in schemas:
        if isinstance(one, Reference):
            yield one
            continue
        inner = [one.items] if isinstance(one.items, Reference | Schema) else []
        yield from _within([*inner, *(one.one_of or ()), *(one.any_of or ())])
