# SPDX-License-Identifier: Apache-2.0
"""What becomes of an OpenAPI contract when one document is replaced by another, change by change."""

import copy
import json
from collections.abc import Mapping
from enum import Enum
from typing import cast

import pytest

from interlock.adapters.contract_change import compare
from interlock.adapters.contract_document import read_contract
from interlock.adapters.contract_schema import Difference, gravest
from interlock.adapters.semver import Size
from interlock.ledger.record import Json
from interlock.packs.examining import ContractKind, Flow
from interlock.ports.failure import Rejected

CONTRACT = b"""
openapi: 3.0.3
info: {title: Outreach, version: 1.4.0}
security: [{token: []}]
paths:
  /tasks:
    parameters:
      - {name: tenant, in: header, required: true, schema: {type: string}}
    get:
      operationId: listTasks
      parameters:
        - {name: limit, in: query, schema: {type: integer, minimum: 1, maximum: 100, default: 20}}
        - $ref: '#/components/parameters/Page'
      responses:
        '200':
          description: the tasks
          headers:
            X-Total: {required: true, schema: {type: integer}}
          content:
            application/json:
              schema: {type: array, items: {$ref: '#/components/schemas/Task'}}
        default: {$ref: '#/components/responses/Problem'}
    post:
      requestBody:
        required: true
        content:
          application/json: {schema: {$ref: '#/components/schemas/Task'}}
      responses:
        '201': {description: made}
      callbacks:
        done: {'{$request.body#/url}': {post: {responses: {'200': {description: heard}}}}}
  /tasks/{id}:
    parameters:
      - {name: id, in: path, required: true, schema: {type: string}}
    delete:
      responses:
        '204': {description: gone}
components:
  securitySchemes:
    token: {type: http, scheme: bearer}
    login: {type: oauth2, flows: {}}
  parameters:
    Page: {name: page, in: query, schema: {type: string}}
  responses:
    Problem:
      description: something went wrong
      content:
        application/problem+json: {schema: {type: object, properties: {title: {type: string}}}}
  schemas:
    Task:
      type: object
      required: [title]
      properties:
        id: {type: string, readOnly: true}
        title: {type: string, maxLength: 200}
        state: {type: string, enum: [open, done]}
"""
GET = "/paths/~1tasks/get"
POST = "/paths/~1tasks/post"
TASK = "/components/schemas/Task"
OK = f"{GET}/responses/200"
PROBLEM = "/components/responses/Problem"


class Gone(Enum):
    """In place of a value: what stood there is taken away. An enum, so that every worker names the test alike."""

    GONE = "gone"


GONE = Gone.GONE
Edit = tuple[str, object]


def document() -> dict[str, Json]:
    return cast("dict[str, Json]", copy.deepcopy(read_contract("c.yaml", CONTRACT, ContractKind.OPENAPI).root.value))


def edited(*edits: Edit) -> dict[str, Json]:
    """The contract with something else, or nothing, at each pointer; `-` is the end of a list."""
    whole = document()
    for pointer, value in edits:
        *steps, last = (step.replace("~1", "/") for step in pointer.split("/")[1:])
        place: object = whole
        for step in steps:
            place = place[int(step)] if isinstance(place, list) else cast("dict[str, object]", place)[step]
        if isinstance(place, list):
            place.append(value) if last == "-" else place.__setitem__(int(last), value)
        elif value is GONE:
            del cast("dict[str, object]", place)[last]
        else:
            cast("dict[str, object]", place)[last] = value
    return whole


def differences(old: Mapping[str, Json], new: Mapping[str, Json]) -> tuple[Difference, ...]:
    before, after = (read_contract("c.json", json.dumps(one).encode(), ContractKind.OPENAPI) for one in (old, new))
    return compare({"c.json": before}, {"c.json": after}, Flow.BOTH)


ADDS: list[tuple[str, object]] = [
    ("/paths/~1reports", {"get": {"responses": {"200": {"description": "a report"}}}}),
    ("/paths/~1tasks/put", {"responses": {"200": {"description": "put"}}}),
    (f"{GET}/parameters/-", {"name": "state", "in": "query", "schema": {"type": "string"}}),
    (f"{GET}/parameters/0/schema/maximum", 500),
    (f"{GET}/parameters/0/allowEmptyValue", True),
    (f"{GET}/deprecated", True),
    (f"{GET}/responses/404", {"description": "no tenant"}),
    (f"{OK}/headers/X-Next", {"schema": {"type": "string"}}),
    (f"{OK}/content/text~1csv", {"schema": {"type": "string"}}),
    (f"{OK}/links", {"one": {"operationId": "listTasks"}}),
    (f"{POST}/requestBody/required", False),
    (f"{POST}/requestBody/content/text~1csv", {}),
    (f"{POST}/callbacks/failed", {}),
    (f"{TASK}/properties/due", {"type": "string", "format": "date"}),
    ("/servers", [{"url": "/"}, {"url": "/v1"}]),
    ("/paths/~1tasks~1{id}/delete/requestBody", {"content": {"application/json": {}}}),
    ("/security", [{"token": []}, {"login": []}]),
    (f"{GET}/security", []),
]


@pytest.mark.parametrize(("pointer", "value"), ADDS, ids=str)
def test_what_comes_adds_and_breaks_when_it_goes_again(pointer: str, value: object) -> None:
    one, other = document(), edited((pointer, value))
    assert gravest(differences(one, other)) is Size.MINOR
    assert gravest(differences(other, one)) is (Size.PATCH if "deprecated" in pointer else Size.MAJOR)


BREAKS: list[tuple[str, object]] = [
    ("/paths/~1tasks", GONE),
    (GET, GONE),
    (f"{GET}/parameters/1", {"name": "cursor", "in": "query", "schema": {"type": "string"}}),
    (f"{GET}/parameters/-", {"name": "state", "in": "query", "required": True, "schema": {"type": "string"}}),
    (f"{GET}/parameters/-", {"name": "Authorization", "in": "header", "required": True, "schema": {}}),
    (f"{GET}/parameters/0/required", True),
    (f"{GET}/parameters/0/schema/maximum", 50),
    (f"{GET}/parameters/0/schema/type", "string"),
    (f"{GET}/parameters/0/schema/default", 50),
    (f"{GET}/parameters/0/in", "cookie"),
    (f"{GET}/parameters/0/explode", False),
    (f"{GET}/parameters/0/style", "spaceDelimited"),
    (f"{GET}/parameters/0/allowReserved", True),
    (f"{GET}/parameters/0", {"name": "limit", "in": "query", "content": {"application/json": {}}}),
    ("/components/parameters/Page/required", True),
    ("/paths/~1tasks/parameters/0/schema/format", "uuid"),
    (f"{GET}/responses/200", GONE),
    (f"{GET}/responses/default", GONE),
    (f"{OK}/headers/X-Total", GONE),
    (f"{OK}/headers/X-Total/required", False),
    (f"{OK}/headers/X-Total/schema/type", "string"),
    (f"{OK}/headers/X-Total/explode", True),
    (f"{OK}/headers/X-Total", {"required": True, "content": {"text/plain": {}}}),
    (f"{OK}/content/application~1json", GONE),
    (f"{OK}/content/application~1json/schema", {}),
    (f"{PROBLEM}/content/application~1problem+json/schema/properties/title", GONE),
    (f"{PROBLEM}/content/application~1problem+json/schema/properties/title/nullable", True),
    (f"{TASK}/properties/title", GONE),
    (f"{TASK}/properties/title/maxLength", 100),
    (f"{TASK}/properties/state/enum", ["open"]),
    (f"{TASK}/properties/state/enum", ["open", "done", "late"]),
    (f"{TASK}/required", ["title", "state"]),
    (f"{TASK}/required", []),
    (f"{POST}/requestBody", GONE),
    (f"{POST}/requestBody/content/application~1json/encoding", {"title": {"style": "form"}}),
    ("/paths/~1tasks~1{id}/delete/requestBody", {"required": True, "content": {"application/json": {}}}),
    (f"{POST}/callbacks/done", {}),
    ("/paths/~1tasks~1{id}/parameters/0/schema/pattern", "^t-"),
    ("/security", [{"token": [], "login": []}]),
    ("/security", [{"login": []}]),
    (f"{GET}/security", [{"login": ["tasks"]}]),
    ("/components/securitySchemes/token/scheme", "basic"),
    ("/servers", [{"url": "/v1"}]),
    (f"{GET}/servers", [{"url": "/v1"}]),
    ("/somethingElse", {}),
    (f"{GET}/somethingElse", {}),
]


@pytest.mark.parametrize(("pointer", "value"), BREAKS, ids=str)
def test_what_goes_or_asks_for_more_breaks(pointer: str, value: object) -> None:
    assert gravest(differences(document(), edited((pointer, value)))) is Size.MAJOR


KEEPS: list[tuple[str, object]] = [
    ("/info/version", "2.0.0"),
    (f"{GET}/operationId", "tasks"),
    (f"{GET}/summary", "All tasks"),
    (f"{GET}/tags", ["tasks"]),
    (f"{OK}/description", "every task"),
    ("/x-ours", {"owner": "us"}),
    ("/tags", [{"name": "tasks"}]),
    ("/servers", [{"url": "/", "description": "itself"}]),
    (f"{GET}/parameters/0/style", "form"),
    (f"{GET}/parameters/0/description", "how many"),
    (f"{GET}/security", [{"token": []}]),
    ("/security", [{"token": []}, {"token": [], "login": []}]),
    ("/components/securitySchemes/login/description", "unused"),
    ("/components/schemas/Unused", {"type": "string"}),
]


@pytest.mark.parametrize(("pointer", "value"), KEEPS, ids=str)
def test_what_does_not_travel_is_not_compared(pointer: str, value: object) -> None:
    one, other = document(), edited((pointer, value))
    assert differences(one, other) == differences(other, one) == ()


def test_a_contract_is_the_same_as_itself() -> None:
    assert differences(document(), document()) == ()


def test_a_path_whose_parameter_was_renamed_is_the_same() -> None:
    item = cast("dict[str, dict[str, Json]]", document()["paths"])["/tasks/{id}"]
    renamed: Json = [{"name": "task", "in": "path", "required": True, "schema": {"type": "string"}}]
    new = edited(("/paths/~1tasks~1{id}", GONE), ("/paths/~1tasks~1{task}", {**item, "parameters": renamed}))
    assert differences(document(), new) == ()


def test_what_is_moved_behind_a_reference_is_the_same() -> None:
    response = cast("dict[str, Json]", {"description": "gone"})
    new = edited(
        ("/components/responses/Gone", response),
        ("/paths/~1tasks~1{id}/delete/responses/204", {"$ref": "#/components/responses/Gone"}),
    )
    assert differences(document(), new) == ()


def test_a_parameter_of_an_operation_stands_before_that_of_its_path() -> None:
    own = {"name": "Tenant", "in": "header", "required": False, "schema": {"type": "string"}}
    found = differences(document(), edited((f"{GET}/parameters/-", own)))
    assert [(one.size, one.sentence) for one in found] == [(Size.MINOR, "it is no longer required")]


def test_the_same_contract_in_3_1_is_the_same() -> None:
    new = edited(
        ("/openapi", "3.1.0"),
        (f"{PROBLEM}/content/application~1problem+json/schema/properties/title", {"type": ["string", "null"]}),
    )
    old = edited((f"{PROBLEM}/content/application~1problem+json/schema/properties/title/nullable", True))
    assert differences(old, new) == ()


def test_the_variables_of_a_server_must_stay_the_same() -> None:
    def served(default: str) -> dict[str, Json]:
        return edited(("/servers", [{"url": "/{stage}", "variables": {"stage": {"default": default}}}]))

    assert differences(served("v1"), served("v1")) == ()
    assert gravest(differences(served("v1"), served("v2"))) is Size.MAJOR


def test_a_webhook_must_stay_the_same() -> None:
    hook = {"post": {"requestBody": {"content": {"application/json": {"schema": {"minimum": 1}}}}}}
    other = {"post": {"requestBody": {"content": {"application/json": {"schema": {"minimum": 2}}}}}}
    without, one, changed = (
        edited(("/openapi", "3.1.0"), ("/webhooks", hooks)) for hooks in ({}, {"late": hook}, {"late": other})
    )
    pairs = ((without, one), (one, changed), (one, without))
    assert [gravest(differences(*pair)) for pair in pairs] == [Size.MINOR, Size.MAJOR, Size.MAJOR]


def test_another_dialect_of_schemas_breaks() -> None:
    one = edited(("/openapi", "3.1.0"))
    other = edited(("/openapi", "3.1.0"), ("/jsonSchemaDialect", "https://example.org/dialect"))
    assert gravest(differences(one, other)) is Size.MAJOR


def test_a_difference_is_named_where_it_is() -> None:
    found = differences(document(), edited((f"{TASK}/properties/title/maxLength", 100)))
    assert (
        Difference(Size.MAJOR, f"c.json#{TASK}/properties/title", "maxLength is narrower: '200' became '100'") in found
    )


def test_what_is_gone_is_named_where_it_was() -> None:
    found = differences(document(), edited(("/paths/~1tasks/get", GONE)))
    assert found == (Difference(Size.MAJOR, "c.json#/paths/~1tasks/get", "operation 'get' is gone"),)


def test_a_document_that_goes_breaks_and_one_that_comes_adds() -> None:
    one = read_contract("one.yaml", CONTRACT, ContractKind.OPENAPI)
    assert gravest(compare({"one.yaml": one}, {"one.yaml": one, "two.yaml": one}, Flow.BOTH)) is Size.MINOR
    assert gravest(compare({"one.yaml": one, "two.yaml": one}, {"one.yaml": one}, Flow.BOTH)) is Size.MAJOR


@pytest.mark.parametrize(
    ("pointer", "value", "code"),
    [
        ("/openapi", "2.0", "contract.unknown"),
        ("/openapi", "3.2.0", "contract.unknown"),
        ("/openapi", 3.0, "contract.unknown"),
        ("/openapi", GONE, "contract.unknown"),
        ("/paths", GONE, "contract.malformed"),
        ("/paths", [], "contract.malformed"),
        ("/paths/tasks", {}, "contract.malformed"),
        ("/paths/~1tasks~1{other}", {}, "contract.malformed"),
        ("/paths/~1new", {"$ref": "paths.yaml"}, "contract.remote_ref"),
        ("/paths/~1new", {"get": {"responses": {"200": {"$ref": "#/nowhere"}}}}, "contract.broken_ref"),
        (f"{GET}/parameters/0/in", "nowhere", "contract.malformed"),
        (f"{GET}/parameters/0/name", "", "contract.malformed"),
        (f"{GET}/parameters/1", {"name": "limit", "in": "query"}, "contract.malformed"),
        (f"{GET}/parameters/0/required", "yes", "contract.malformed"),
        (f"{OK}/content/APPLICATION~1json", {}, "contract.malformed"),
        (f"{OK}/content", [], "contract.malformed"),
        (f"{GET}/security", [{"unheardOf": []}], "contract.malformed"),
        (f"{GET}/security", "token", "contract.malformed"),
        ("/servers", {"url": "/"}, "contract.malformed"),
        (f"{GET}/responses/200/content/application~1json/schema/items", {"$ref": "x.json#/a"}, "contract.remote_ref"),
    ],
    ids=str,
)
def test_a_new_contract_that_is_not_sound_is_refused(pointer: str, value: object, code: str) -> None:
    with pytest.raises(Rejected) as refused:
        differences(document(), edited((pointer, value)))
    assert refused.value.code == code


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"openapi: 3.0.0\n\tpaths: {}", "contract.malformed"),
        (b"openapi: 3.0.0\nopenapi: 3.0.0", "contract.malformed"),
        (b"openapi: 3.0.0\npaths: &a {}\nx: *a", "contract.malformed"),
        (b"openapi: !!python/object 3.0.0", "contract.malformed"),
        (b"\xff\xfe", "contract.malformed"),
        (b"", "contract.malformed"),
        (b"- openapi", "contract.unknown"),
        (b"a: " + b"[" * 60 + b"]" * 60, "contract.malformed"),
    ],
)
def test_what_is_no_plain_document_is_refused(content: bytes, code: str) -> None:
    with pytest.raises(Rejected) as refused:
        read_contract("c.yaml", content, ContractKind.OPENAPI)
    assert refused.value.code == code


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1", 1), ("-7", -7), ("0.5", 0.5), ("1e3", 1000.0), ("true", True), ("null", None), ("~", None), ("''", ""),
        ("'1'", "1"), ("yes", "yes"), ("2026-01-01", "2026-01-01"), ("0x1F", "0x1F"), (".nan", ".nan"),
        ("1:30", "1:30"),
    ],
)  # fmt: skip
def test_words_of_yaml_are_read_by_its_core_schema(text: str, value: Json) -> None:
    read = read_contract("c.yaml", f"a: {text}".encode(), ContractKind.JSONSCHEMA).root / "a"
    assert (read.value, type(read.value)) == (value, type(value))


@pytest.mark.parametrize("content", [b"[]", b'"text"', b"null"])
def test_what_is_no_schema_is_refused(content: bytes) -> None:
    with pytest.raises(Rejected) as refused:
        read_contract("c.json", content, ContractKind.JSONSCHEMA)
    assert refused.value.code == "contract.unknown"
