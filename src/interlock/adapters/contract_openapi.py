# SPDX-License-Identifier: Apache-2.0
"""What becomes of an OpenAPI contract (3.0, 3.1) when one document is replaced by another.

1. What goes breaks: a path, an operation, a parameter, an answer, a media type, a server. What comes adds, unless it
   has to be sent. Paths are the same when they differ only in the names of their parameters.
2. Requests are taken, answers are given; what callbacks and webhooks carry must stay the same.
3. To ask more of a caller's credentials breaks, to ask less adds.
4. Descriptions, tags and operation ids are not compared: nothing of them travels.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Final

from interlock.adapters.contract_document import ABSENT, Spot, malformed
from interlock.adapters.contract_schema import Comparison, or_anything
from interlock.adapters.semver import Size
from interlock.packs.examining import Flow
from interlock.packs.problem import shown
from interlock.ports.failure import Rejected

METHODS: Final = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
_TEMPLATE: Final = re.compile(r"\{([^{}/]*)\}")
_STYLES: Final[Mapping[str, str]] = {"query": "form", "cookie": "form", "path": "simple", "header": "simple"}
_OF_PATHS: Final = frozenset({"summary", "description", "servers", "parameters", *METHODS})
_OF_OPERATIONS: Final = frozenset(
    "tags summary description externalDocs operationId parameters requestBody responses deprecated security servers "
    "callbacks".split()
)
_OF_PARAMETERS: Final = frozenset(
    "name in description required deprecated allowEmptyValue style explode allowReserved schema content example "
    "examples".split()
)
_OF_BODIES: Final = frozenset({"description", "required", "content"})
_OF_ANSWERS: Final = frozenset({"description", "summary", "headers", "content", "links"})
_OF_MEDIA: Final = frozenset({"schema", "example", "examples"})
_OF_DOCUMENTS: Final = frozenset(
    "openapi info jsonSchemaDialect servers paths webhooks components security tags externalDocs".split()
)

Alternatives = frozenset[frozenset[tuple[str, str]]]
"""What a caller must show: any one of these sets of (scheme, scope)."""
Pairing = Callable[[Spot, Spot], None]


def compare_openapi(comparison: Comparison) -> None:
    """Compare two whole documents. Raises `Rejected` for one that is not sound."""
    _Api(comparison).documents()


class _Api:
    """Both documents, walked side by side."""

    def __init__(self, comparison: Comparison) -> None:
        self.to = comparison
        self.old = comparison.old
        self.new = comparison.new

    def documents(self) -> None:
        old, new = self.old.root, self.new.root
        for one in (old, new):
            if not (one / "paths").table() and not (one / "webhooks").table():
                raise malformed(one, "a contract with a path or a webhook")
        self._rest(old, new, _OF_DOCUMENTS)
        if (old / "jsonSchemaDialect").value != (new / "jsonSchemaDialect").value:
            self.to.add(Size.MAJOR, new, "the dialect of its schemas is other")
        self._servers(old, new)
        self._each((_by_shape(old / "paths"), _by_shape(new / "paths")), "path", self._paths)
        self._each((_members(old / "webhooks"), _members(new / "webhooks")), "webhook", self._alike)

    def _paths(self, old: Spot, new: Spot) -> None:
        renamed = dict(zip(_parameters_of(old), _parameters_of(new), strict=True))
        before, after = self.old.followed(old), self.new.followed(new)
        self._rest(before, after, _OF_PATHS)
        self._servers(before, after)
        both = _methods(before), _methods(after)
        self._each(both, "operation", lambda one, other: self._operations(one, other, (before, after), renamed))

    def _operations(self, old: Spot, new: Spot, items: tuple[Spot, Spot], renamed: Mapping[str, str]) -> None:
        self._rest(old, new, _OF_OPERATIONS)
        self._deprecated(old, new)
        self._servers(old, new)
        self._security(old, new)
        before = {
            (place, renamed.get(name, name) if place == "path" else name): spot
            for (place, name), spot in self._sent(self.old.followed, items[0], old).items()
        }
        after = self._sent(self.new.followed, items[1], new)
        self._each((_worded(before), _worded(after)), "parameter", self._parameters)
        self._bodies(old / "requestBody", new / "requestBody")
        self._each((_members(old / "responses"), _members(new / "responses")), "answer", self._answers)
        self._each((_members(old / "callbacks"), _members(new / "callbacks")), "callback", self._alike)

    def _sent(self, followed: Callable[[Spot], Spot], item: Spot, operation: Spot) -> dict[tuple[str, str], Spot]:
        """The parameters of an operation by place and name; its own stand before those of the path."""
        found: dict[tuple[str, str], Spot] = {}
        for listed in (item / "parameters", operation / "parameters"):
            own: dict[tuple[str, str], Spot] = {}
            for one in map(followed, listed.each()):
                place, name = (one / "in").text(), (one / "name").text()
                key = place, name.lower() if place == "header" else name
                if place not in _STYLES or not name or key in own:
                    raise malformed(one, "a parameter with its place and its name, and no other like it")
                own[key] = one
            found |= own
        return found

    def _parameters(self, old: Spot, new: Spot) -> None:
        self._rest(old, new, _OF_PARAMETERS)
        self._deprecated(old, new)
        self._needed(old, new, Flow.TAKEN)
        self._form(old, new, _STYLES[(new / "in").text()])
        if ("content" in old) != ("content" in new):
            self.to.add(Size.MAJOR, new, "it is written in another form")
        elif "content" in new:
            self._media(old, new, Flow.TAKEN)
        else:
            self.to.schemas(or_anything(old / "schema"), or_anything(new / "schema"), Flow.TAKEN)

    def _form(self, old: Spot, new: Spot, usual: str) -> None:
        """How a value is written: another way breaks."""
        styles = [(spot / "style").text(usual) for spot in (old, new)]
        explodes = [
            (spot / "explode").truth(otherwise=style == "form") for spot, style in zip((old, new), styles, strict=True)
        ]
        reserved = [(spot / "allowReserved").truth() for spot in (old, new)]
        if any(before != after for before, after in (styles, explodes, reserved)):
            self.to.add(Size.MAJOR, new, "it is written in another way")
        before, after = ((spot / "allowEmptyValue").truth() for spot in (old, new))
        if before != after:
            self.to.add(Size.MINOR if after else Size.MAJOR, new, "whether it may be empty is other")

    def _bodies(self, old: Spot, new: Spot) -> None:
        if old.value is ABSENT and new.value is ABSENT:
            return
        before, after = self.old.followed(old), self.new.followed(new)
        if old.value is ABSENT:
            is_needed = (after / "required").truth()
            self.to.add(Size.MAJOR if is_needed else Size.MINOR, after, "a request body is taken now")
        elif new.value is ABSENT:
            self.to.gone(before, "the request body is gone")
        else:
            self._rest(before, after, _OF_BODIES)
            self._needed(before, after, Flow.TAKEN)
            self._media(before, after, Flow.TAKEN)

    def _answers(self, old: Spot, new: Spot) -> None:
        before, after = self.old.followed(old), self.new.followed(new)
        self._rest(before, after, _OF_ANSWERS)
        self._media(before, after, Flow.GIVEN)
        both = _lowered(before / "headers"), _lowered(after / "headers")
        self._each(both, "header", self._headers)
        self._each((_members(before / "links"), _members(after / "links")), "link", self._alike)

    def _headers(self, old: Spot, new: Spot) -> None:
        before, after = self.old.followed(old), self.new.followed(new)
        self._rest(before, after, _OF_PARAMETERS)
        self._deprecated(before, after)
        self._needed(before, after, Flow.GIVEN)
        self._form(before, after, "simple")
        if ("content" in before) != ("content" in after):
            self.to.add(Size.MAJOR, after, "it is written in another form")
        self._media(before, after, Flow.GIVEN)
        self.to.schemas(or_anything(before / "schema"), or_anything(after / "schema"), Flow.GIVEN)

    def _media(self, old: Spot, new: Spot, flow: Flow) -> None:
        def compare(one: Spot, other: Spot) -> None:
            self._rest(one, other, _OF_MEDIA)
            self.to.schemas(or_anything(one / "schema"), or_anything(other / "schema"), flow)

        self._each((_lowered(old / "content"), _lowered(new / "content")), "media type", compare)

    def _needed(self, old: Spot, new: Spot, flow: Flow) -> None:
        """Whether something must be there: a request may not ask for more, an answer may not promise less."""
        before, after = (old / "required").truth(), (new / "required").truth()
        if before != after:
            breaks = after if flow is Flow.TAKEN else before
            said = "it is required now" if after else "it is no longer required"
            self.to.add(Size.MAJOR if breaks else Size.MINOR, new, said)

    def _deprecated(self, old: Spot, new: Spot) -> None:
        if (new / "deprecated").truth() and not (old / "deprecated").truth():
            self.to.add(Size.MINOR, new, "it is deprecated")

    def _servers(self, old: Spot, new: Spot) -> None:
        """A document without servers has one, where it lies itself; deeper down nothing said is nothing changed."""
        before, after = (
            {(one / "url").text(): one for one in (spot / "servers").each()} or _usual_server(spot)
            for spot in (old, new)
        )
        for url in before.keys() - after.keys():
            self.to.add(Size.MAJOR, new, f"server {shown(url)} is gone")
        for url in after.keys() - before.keys():
            is_first = not before
            self.to.add(Size.MAJOR if is_first else Size.MINOR, new, f"server {shown(url)} is new")
        for url in before.keys() & after.keys():
            if not self.to.alike(before[url] / "variables", after[url] / "variables", "variables"):
                self.to.add(Size.MAJOR, new, f"the variables of server {shown(url)} are other")

    def _security(self, old: Spot, new: Spot) -> None:
        before = _alternatives(old if "security" in old else self.old.root)
        after = _alternatives(new if "security" in new else self.new.root)
        if not _covers(after, before):
            self.to.add(Size.MAJOR, new, "more is asked of a caller's credentials")
        elif not _covers(before, after):
            self.to.add(Size.MINOR, new, "less is asked of a caller's credentials")
        known = {scheme for one in before for scheme, _ in one}
        for scheme in {scheme for one in after for scheme, _ in one}:
            described = self._scheme(self.new.root, scheme)
            if scheme in known and not self.to.alike(self._scheme(self.old.root, scheme), described):
                self.to.add(Size.MAJOR, described, f"security scheme {shown(scheme)} is other")

    def _scheme(self, root: Spot, name: str) -> Spot:
        schemes = root / "components" / "securitySchemes"
        if name not in schemes:
            raise Rejected(
                "contract.malformed",
                f"security scheme {shown(name)} is asked for and described nowhere",
                "describe it under components, and release again",
            )
        return schemes / name

    def _rest(self, old: Spot, new: Spot, known: frozenset[str]) -> None:
        """What is not known here must stay the same."""
        for keyword in dict.fromkeys((*old.table(), *new.table())):
            if keyword in known or keyword.startswith("x-") or keyword == "$ref":
                continue
            if keyword not in old or keyword not in new or not self.to.alike(old / keyword, new / keyword, keyword):
                self.to.add(Size.MAJOR, new, f"{shown(keyword)} is other, and what that means is not known here")

    def _alike(self, old: Spot, new: Spot) -> None:
        if not self.to.alike(old, new):
            self.to.add(Size.MAJOR, new, "it is other, and what that means is not known here")

    def _each(self, both: tuple[Mapping[str, Spot], Mapping[str, Spot]], what: str, compare: Pairing) -> None:
        """Compare what is there in both; what goes breaks, what comes adds unless it must be sent."""
        old, new = both
        for name in old.keys() - new.keys():
            self.to.gone(old[name], f"{what} {shown(name)} is gone")
        for name in new.keys() - old.keys():
            must_be_sent = what == "parameter" and (new[name] / "required").truth()
            self.to.add(Size.MAJOR if must_be_sent else Size.MINOR, new[name], f"{what} {shown(name)} is new")
        for name in sorted(old.keys() & new.keys()):
            compare(old[name], new[name])


def _members(table: Spot) -> dict[str, Spot]:
    return {name: table / name for name in table.table() if not name.startswith("x-")}


def _by_shape(paths: Spot) -> dict[str, Spot]:
    """Paths by what they are without the names of their parameters."""
    found: dict[str, Spot] = {}
    for name, spot in _members(paths).items():
        shape = _TEMPLATE.sub("{}", name)
        if shape in found or not name.startswith("/"):
            raise malformed(spot, "a path that begins with / and is there once")
        found[shape] = spot
    return found


def _parameters_of(path: Spot) -> list[str]:
    name = path.pointer.rpartition("/")[2].replace("~1", "/").replace("~0", "~")
    return _TEMPLATE.findall(name)


def _worded(parameters: Mapping[tuple[str, str], Spot]) -> dict[str, Spot]:
    return {f"{name} in {place}": spot for (place, name), spot in parameters.items()}


def _lowered(table: Spot) -> dict[str, Spot]:
    """Names of headers and media types, in which neither case nor spaces count."""
    found = {name.replace(" ", "").lower(): one for name, one in _members(table).items()}
    if len(found) != len(_members(table)):
        raise malformed(table, "a table in which every name is there once")
    return found


def _usual_server(spot: Spot) -> dict[str, Spot]:
    return {} if spot.pointer else {"/": spot / "servers"}


def _methods(item: Spot) -> dict[str, Spot]:
    return {name: item / name for name in METHODS if name in item}


def _alternatives(spot: Spot) -> Alternatives:
    """Nothing said, and an empty list, ask for nothing."""
    listed = [frozenset(_asked(one)) for one in (spot / "security").each()]
    return frozenset(listed) or frozenset({frozenset[tuple[str, str]]()})


def _asked(requirement: Spot) -> Iterator[tuple[str, str]]:
    for scheme in requirement.table():
        yield scheme, ""
        yield from ((scheme, scope) for scope in (requirement / scheme).names())


def _covers(wide: Alternatives, narrow: Alternatives) -> bool:
    """Whether whoever satisfies any of `narrow` satisfies one of `wide`."""
    return all(any(one <= other for one in wide) for other in narrow)
