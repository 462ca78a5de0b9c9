# SPDX-License-Identifier: Apache-2.0
import json
import re
from typing import Any

from outreach import __version__
from outreach.app import ROUTES
from outreach.permissions import Action, Role
from outreach.routes.status import OPENAPI
from tests.world import Browser, WorldTest

DOCUMENT: dict[str, Any] = json.loads(OPENAPI.read_text("utf-8"))
FOR_PROGRAMS = {"/health", "/version", "/queue", "/freshness", "/openapi.json"}
KINDS = {
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "object": (dict,),
    "array": (list,),
}


def described() -> dict[tuple[str, str], dict[str, Any]]:
    """Every operation of the document, by method and path."""
    return {
        (method.upper(), path): operation
        for path, item in DOCUMENT["paths"].items()
        for method, operation in item.items()
        if method != "parameters"
    }


def problems(value: object, schema: dict[str, Any], place: str) -> list[str]:
    """Where a value is not what the schema says; a field that the schema does not know is a problem too."""
    if "$ref" in schema:
        return problems(value, DOCUMENT["components"]["schemas"][schema["$ref"].rpartition("/")[2]], place)
    if not isinstance(value, KINDS[schema["type"]]):
        return [f"{place} is no {schema['type']}"]
    if value not in schema.get("enum", [value]):
        return [f"{place} is {value}"]
    if isinstance(value, list):
        return [found for item in value for found in problems(item, schema["items"], f"{place}[]")]
    if isinstance(value, dict) and "properties" in schema:
        missing = [f"{place}.{name} is missing" for name in schema["required"] if name not in value]
        unknown = [f"{place}.{name} is not described" for name in value if name not in schema["properties"]]
        known = [(name, value[name], kind) for name, kind in schema["properties"].items() if name in value]
        return (
            missing
            + unknown
            + [found for name, item, kind in known for found in problems(item, kind, f"{place}.{name}")]
        )
    return []


class OpenApiTest(WorldTest):
    def test_it_describes_exactly_the_routes_for_programs(self) -> None:
        ours = {
            (route.method, route.path.replace("*", "{id}"))
            for route in ROUTES
            if route.path.startswith("/api/") or route.path in FOR_PROGRAMS
        }
        self.assertEqual(set(described()), ours)

    def test_it_says_which_routes_need_a_login(self) -> None:
        needs = {(route.method, route.path.replace("*", "{id}")): isinstance(route.needs, Action) for route in ROUTES}
        wrong = [key for key, operation in described().items() if ("security" not in operation) != needs[key]]
        self.assertEqual(wrong, [])

    def test_it_is_of_this_release(self) -> None:
        self.assertEqual(DOCUMENT["info"]["version"], __version__)

    def test_it_is_served(self) -> None:
        self.assertEqual(json.loads(Browser(self).page("/openapi.json")), DOCUMENT)

    def test_every_reference_leads_somewhere(self) -> None:
        for place in re.findall(r'"#/([^"]+)"', OPENAPI.read_text("utf-8")):
            found = DOCUMENT
            for part in place.split("/"):
                found = found[part]

    def test_every_operation_has_a_name_of_its_own(self) -> None:
        names = [operation["operationId"] for operation in described().values()]
        self.assertEqual(len(set(names)), len(names))

    def test_every_answer_is_as_it_says(self) -> None:
        found = {key: self.asked(*key) for key in self.in_order()}
        self.assertEqual({key: wrong for key, wrong in found.items() if wrong}, {})

    def in_order(self) -> list[tuple[str, str]]:
        """What makes things before what asks for them; a task is completed before it is opened again."""
        contact = self.add_contact("Ann")
        self.bodies: dict[str, dict[str, object]] = {
            "/api/login": {"name": "admin-1", "password": "correct horse"},
            "/api/contacts": {"name": "Bob", "email": "bob@example.org", "interest": ""},
            "/api/tasks": {"contact": contact, "title": "Call Ann"},
            "/api/campaigns": {"name": "Spring", "subject": "S", "body": "B", "recipients": [contact]},
        }
        self.admin = self.program(Role.ADMIN)
        return sorted(described(), key=lambda key: (key[0] != "POST", key[1].count("/"), key[1]))

    def asked(self, method: str, path: str) -> list[str]:
        answer = self.admin.ask(method, path.replace("{id}", "1"), self.bodies.get(path)).response
        self.work()
        told = described()[method, path]["responses"].get(str(int(answer.status)))
        if told is None or answer.status >= 300:
            return [f"answered {int(answer.status)}"]
        kind = answer.content_type.partition(";")[0]
        if kind not in told["content"]:
            return [f"answered {kind}"]
        return problems(json.loads(answer.body), told["content"][kind]["schema"], "$") if "json" in kind else []

    def test_refusals_are_as_it_says(self) -> None:
        program = self.program(Role.DESK)
        answers = [program.ask("GET", path).response for path in ("/api/contacts", "/api/nowhere")]
        answers.append(program.ask("POST", "/api/tasks/9/complete").response)
        schema = DOCUMENT["components"]["responses"]["Refused"]["content"]["application/json"]["schema"]
        self.assertEqual([problems(json.loads(answer.body), schema, "$") for answer in answers], [[], [], []])
