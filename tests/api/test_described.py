# SPDX-License-Identifier: Apache-2.0
"""What the API says of itself is so: requests made up from its description, answers held against it."""

import re
from collections.abc import Iterator
from typing import Any, Final

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import Case
from schemathesis.schemas import BaseSchema
from tests.api.hosting import Hosted, hosted, released_place
from tests.cli.workplace import PEOPLE

from interlock.api import commands, judging, own_tokens, procedures, routes_accounts
from interlock.api.routes import READING
from interlock.api.verbs import TABLE

EXAMPLES: Final = 6
"""Requests made up for each address."""
TYPED: Final = re.compile(r":\w+\}")
GET: Final = sorted({path for module in READING for handler in module.HANDLERS for path in handler.paths})
POST: Final = sorted(
    {verb.path for verb in TABLE}
    | {path for handler in (*commands.HANDLERS, *judging.HANDLERS, *procedures.ASKED) for path in handler.paths}
)
ACCOUNTS: Final = sorted(
    (method.lower(), path)
    for handler in (*routes_accounts.HANDLERS, *own_tokens.HANDLERS)
    for method in handler.http_methods
    for path in handler.paths
    if method in {"GET", "POST"}
)
ADDRESSES: Final = [
    *(("get", f"/v1{TYPED.sub('}', path)}") for path in GET),
    *(("post", f"/v1{TYPED.sub('}', path)}") for path in POST),
    *((method, f"/v1{TYPED.sub('}', path)}") for method, path in ACCOUNTS),
    ("post", "/v1/hooks/{name}"),
]
STREAMS: Final = {("get", "/v1/ledger/events")}
"""What goes on for ever is listened to in `test_events.py`."""


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hosted]:
    """A server to which anything may happen."""
    with hosted(released_place(tmp_path_factory.mktemp("described"))) as server:
        yield server


@pytest.fixture(scope="module")
def described(own: Hosted) -> BaseSchema:
    found = schemathesis.openapi.from_dict(own.get("/v1/schema/openapi.json"))
    fine = ["2xx", "3xx", "401", "403", "404", "409", "422", "429"]  # 422: it can be read, and cannot be meant
    found.config.checks.positive_data_acceptance.expected_statuses = fine
    return found


def test_every_address_that_is_described_is_asked(own: Hosted) -> None:
    paths = own.get("/v1/schema/openapi.json")["paths"]
    assert {(method, path) for path, methods in paths.items() for method in methods} == {*ADDRESSES} | STREAMS


@pytest.mark.parametrize(("method", "path"), ADDRESSES)
def test_every_answer_is_one_that_is_described(own: Hosted, described: BaseSchema, method: str, path: str) -> None:
    person = PEOPLE[ADDRESSES.index((method, path)) % len(PEOPLE)]  # each may change something so often
    headers = {"Authorization": f"Bearer {own.token(person)}"}

    @settings(
        max_examples=EXAMPLES,
        derandomize=True,
        database=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=described[path][method].as_strategy())
    def asked(case: Case[Any]) -> None:
        case.call_and_validate(base_url=own.url, headers=headers)

    asked()
