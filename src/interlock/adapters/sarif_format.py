# SPDX-License-Identifier: Apache-2.0
"""The form of SARIF 2.1.0 (OASIS), as far as it says something about clear or not; everything else is left alone.

Words outside of the standard's own lists and values of another type make the report malformed: nothing is guessed.
"""

from typing import Literal

import msgspec
from msgspec import UNSET, UnsetType

from interlock.adapters.strict_json import read_json
from interlock.ports.failure import Rejected

LevelWord = Literal["none", "note", "warning", "error"]
KindWord = Literal["notApplicable", "pass", "fail", "review", "open", "informational"]
BaselineWord = Literal["new", "unchanged", "updated", "absent"]
StatusWord = Literal["accepted", "underReview", "rejected"]


class _Part(msgspec.Struct, frozen=True, rename="camel"):
    """An object of a report. What it holds beyond these fields says nothing about clear or not."""


class Uri(_Part, frozen=True):
    uri: str = ""


class Snippet(_Part, frozen=True):
    text: str = ""


class Region(_Part, frozen=True):
    start_line: int = 0
    snippet: Snippet = Snippet()


class Physical(_Part, frozen=True):
    artifact_location: Uri = Uri()
    region: Region = Region()


class Location(_Part, frozen=True):
    physical_location: Physical = Physical()


class Suppression(_Part, frozen=True):
    kind: Literal["inSource", "external"]
    status: StatusWord | UnsetType = UNSET


class ComponentReference(_Part, frozen=True):
    index: int = -1


class RuleReference(_Part, frozen=True):
    id: str = ""
    index: int = -1
    tool_component: ComponentReference = ComponentReference()


class Result(_Part, frozen=True):
    rule_id: str = ""
    rule_index: int = -1
    rule: RuleReference = RuleReference()
    level: LevelWord | UnsetType = UNSET
    kind: KindWord = "fail"
    baseline_state: BaselineWord | UnsetType = UNSET
    suppressions: list[Suppression] | None = None
    locations: list[Location] = []


class Configuration(_Part, frozen=True):
    level: LevelWord | UnsetType = UNSET


class Properties(_Part, frozen=True):
    security_severity: str | float = msgspec.field(name="security-severity", default="")


class Rule(_Part, frozen=True):
    id: str
    default_configuration: Configuration = Configuration()
    properties: Properties = Properties()


class Component(_Part, frozen=True):
    name: str
    rules: list[Rule] = []


class Tool(_Part, frozen=True):
    driver: Component
    extensions: list[Component] = []


class Notification(_Part, frozen=True):
    level: LevelWord = "warning"


class Reconfiguration(_Part, frozen=True):
    descriptor: RuleReference
    configuration: Configuration = Configuration()


class Invocation(_Part, frozen=True):
    execution_successful: bool
    tool_execution_notifications: list[Notification] = []
    tool_configuration_notifications: list[Notification] = []
    reconfigured: list[Reconfiguration] = msgspec.field(name="ruleConfigurationOverrides", default=[])


class Provenance(_Part, frozen=True):
    revision_id: str = ""


class Elsewhere(_Part, frozen=True):
    """Names of other files that hold parts of the run."""


class Run(_Part, frozen=True):
    tool: Tool
    results: list[Result] | None = None
    invocations: list[Invocation] = []
    version_control_provenance: list[Provenance] = []
    external_property_file_references: Elsewhere | UnsetType = UNSET


class Report(_Part, frozen=True):
    version: Literal["2.1.0"]
    runs: list[Run]


def read_sarif(content: bytes) -> Report:
    """The report in these bytes. Raises `Rejected` (`json.*`, `sarif.*`)."""
    try:
        return msgspec.convert(read_json(content), Report, strict=True)
    except msgspec.ValidationError as fault:
        raise Rejected(
            "sarif.malformed", f"it is no SARIF 2.1.0: {fault}", "have the tool write SARIF 2.1.0"
        ) from fault
