# SPDX-License-Identifier: Apache-2.0
"""What becomes of a contract when one of its schemas is replaced: by example, and for any two schemas."""

from collections.abc import Mapping

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from interlock.adapters.contract_document import Contract, Dialect, Spot
from interlock.adapters.contract_schema import Comparison, Difference, gravest
from interlock.adapters.semver import Size
from interlock.ledger.record import Json
from interlock.packs.examining import Flow
from interlock.ports.failure import Rejected

BROKEN = {Flow.TAKEN: "major", Flow.GIVEN: "minor"}
"""What a schema that takes less is, seen from either side."""
Schema = Json
Table = Mapping[str, Json]
A: Table = {"type": "object", "properties": {"kind": {"const": "a"}}}
B: Table = {"type": "object", "properties": {"kind": {"const": "b"}}}
TOLD: Table = {"propertyName": "kind"}


def contract(schema: Schema, dialect: Dialect, others: Schema = None) -> Contract:
    return Contract("c.json", dialect, Spot({"schema": schema, "components": {"schemas": others or {}}}, ""))


def differences(
    old: Schema, new: Schema, flow: Flow = Flow.TAKEN, dialect: Dialect = Dialect.OPENAPI_3_1
) -> tuple[Difference, ...]:
    return of_contracts(contract(old, dialect), contract(new, dialect), flow)


def of_contracts(old: Contract, new: Contract, flow: Flow = Flow.TAKEN) -> tuple[Difference, ...]:
    comparison = Comparison(old, new)
    comparison.schemas(old.root / "schema", new.root / "schema", flow)
    return comparison.finish()


def size(old: Schema, new: Schema, flow: Flow = Flow.TAKEN, dialect: Dialect = Dialect.OPENAPI_3_1) -> str:
    return gravest(differences(old, new, flow, dialect))


def with_properties(*required: str, **properties: Schema) -> Schema:
    return {"type": "object", "properties": properties, "required": list(required)}


EVERY = ("null", "boolean", "number", "object", "array", "string")

NARROWER: list[tuple[Schema, Schema]] = [
    ({}, {"type": "string"}),
    ({"type": ["string", "null"]}, {"type": "string"}),
    ({"type": "number"}, {"type": "integer"}),
    ({}, {"enum": ["a"]}),
    ({"enum": ["a", "b"]}, {"enum": ["a"]}),
    ({"enum": ["a", "b"]}, {"const": "a"}),
    ({"type": "integer"}, {"type": "integer", "minimum": 1}),
    ({"minimum": 1}, {"minimum": 2}),
    ({"minimum": 1}, {"exclusiveMinimum": 1}),
    ({"maximum": 9}, {"maximum": 8.5}),
    ({"maximum": 9}, {"exclusiveMaximum": 9}),
    ({"minLength": 0}, {"minLength": 1}),
    ({}, {"maxLength": 10}),
    ({"maxItems": 5}, {"maxItems": 4}),
    ({}, {"minItems": 1}),
    ({}, {"minProperties": 1}),
    ({"maxProperties": 3}, {"maxProperties": 2}),
    ({}, {"multipleOf": 5}),
    ({"multipleOf": 0.01}, {"multipleOf": 0.1}),
    ({"type": ["integer", "number"]}, {"type": "number", "enum": [2.0, 3]}),
    ({}, {"uniqueItems": True}),
    ({}, {"pattern": "^a"}),
    ({}, {"format": "date"}),
    ({"format": "int64"}, {"format": "int32"}),
    ({"type": "array"}, {"type": "array", "items": {"type": "string"}}),
    ({"items": {"type": "number"}}, {"items": {"type": "integer"}}),
    ({"additionalProperties": True}, {"additionalProperties": False}),
    ({}, {"additionalProperties": {"type": "string"}}),
    ({}, {"propertyNames": {"pattern": "^a"}}),
    ({}, False),
    (True, {"not": {}}),
    (with_properties(a={}), with_properties("a", a={})),
    (with_properties(a={}), with_properties(a={"type": "string"})),
    ({}, {"anyOf": [{"type": "string"}, {"type": "null"}]}),
    ({"anyOf": [A, B, {"type": "null"}]}, {"anyOf": [B, A]}),
    ({"anyOf": [A, {"type": "number"}]}, {"anyOf": [{"type": "integer"}, A]}),
    ({"oneOf": [A, B, False], "discriminator": TOLD}, {"oneOf": [A, B], "discriminator": TOLD}),
    ({"allOf": [A, {"maximum": 9}]}, {"allOf": [A, {"maximum": 8}]}),
]


@pytest.mark.parametrize("flow", [Flow.TAKEN, Flow.GIVEN])
@pytest.mark.parametrize(("wide", "narrow"), NARROWER, ids=str)
def test_less_breaks_who_writes_and_more_breaks_who_reads(wide: Schema, narrow: Schema, flow: Flow) -> None:
    other = {"major": "minor", "minor": "major"}[BROKEN[flow]]
    assert (size(wide, narrow, flow), size(narrow, wide, flow)) == (BROKEN[flow], other)


@pytest.mark.parametrize(("wide", "narrow"), NARROWER, ids=str)
def test_both_ways_at_once_every_shift_breaks(wide: Schema, narrow: Schema) -> None:
    assert (size(wide, narrow, Flow.BOTH), size(narrow, wide, Flow.BOTH)) == ("major", "major")


OTHER: list[tuple[Schema, Schema]] = [
    ({"type": "string"}, {"type": "integer"}),
    ({"enum": ["a"]}, {"enum": ["b"]}),
    ({"enum": [1]}, {"enum": [True]}),
    ({"pattern": "^a"}, {"pattern": "^b"}),
    ({"format": "date"}, {"format": "uuid"}),
    ({"multipleOf": 2}, {"multipleOf": 3}),
    ({"minLength": 1, "maxLength": 5}, {"minLength": 2, "maxLength": 6}),
    ({"allOf": [A, B]}, {"allOf": [A, B, {"minProperties": 1}]}),
    ({"oneOf": [A, B]}, {"oneOf": [A, B, {"type": "null"}]}),
    ({"oneOf": [A, B]}, {"oneOf": [A, {"type": "object"}]}),
    ({"oneOf": [A, B], "discriminator": TOLD}, {"oneOf": [A, B], "discriminator": {"propertyName": "sort"}}),
    ({"oneOf": [A, B], "discriminator": TOLD}, {"oneOf": [A, B]}),
    ({"not": {"type": "string"}}, {"not": {"type": "number"}}),
    ({}, {"not": {"type": "string"}}),
    ({}, {"if": A, "then": B}),
    ({"dependentRequired": {"a": ["b"]}}, {"dependentRequired": {"a": ["c"]}}),
    ({"patternProperties": {"title": A}}, {"patternProperties": {"title": B}}),
    ({"patternProperties": {"title": A}}, {"patternProperties": {"summary": A}}),
    ({"prefixItems": [A]}, {"prefixItems": [A, B]}),
    ({"items": [A]}, {"items": [B]}),
    ({"unheardOf": 1}, {"unheardOf": 2}),
    ({"unheardOf": 1}, {"unheardOf": 1.0}),
    ({"contains": {"enum": [{"title": "a"}]}}, {"contains": {"enum": [{"title": "b"}]}}),
    ({"contains": {"readOnly": True}}, {"contains": {}}),
]


@pytest.mark.parametrize("flow", list(Flow))
@pytest.mark.parametrize(("one", "other"), OTHER, ids=str)
def test_what_cannot_be_put_in_order_breaks(one: Schema, other: Schema, flow: Flow) -> None:
    assert (size(one, other, flow), size(other, one, flow)) == ("major", "major")


SAME: list[tuple[Schema, Schema]] = [
    ({"description": "one"}, {"description": "two", "title": "t", "examples": [1], "x-ours": 1}),
    ({"enum": ["a", "b"]}, {"enum": ["b", "a"]}),
    ({"enum": ["a"]}, {"const": "a", "type": "string"}),
    ({"enum": [None, True, 1, 0.5, {}, []]}, {"type": EVERY[:-1], "enum": [[], {}, 0.5, 1, True, None]}),
    ({"multipleOf": 2}, {"multipleOf": 2.0}),
    ({"type": ["null", "string"]}, {"type": ["string", "null"]}),
    (True, {}),
    (False, {"not": {}}),
    ({"allOf": [A]}, A),
    ({"anyOf": [A], "description": "d"}, A),
    ({"anyOf": [A, B]}, {"anyOf": [B, {**A, "description": "d"}]}),
    ({"minItems": 0}, {}),
    ({"contains": {"title": "one"}}, {"contains": {"title": "two"}}),
    ({"deprecated": True}, {}),
    (with_properties("a", "b"), with_properties("b", "a")),
]


@pytest.mark.parametrize("flow", list(Flow))
@pytest.mark.parametrize(("one", "other"), SAME, ids=str)
def test_what_says_the_same_is_the_same(one: Schema, other: Schema, flow: Flow) -> None:
    assert differences(one, other, flow) == ()


@pytest.mark.parametrize("flow", list(Flow))
def test_a_property_that_comes_adds_and_one_that_goes_breaks(flow: Flow) -> None:
    one, other = with_properties(a={}), with_properties(a={}, b={"type": "string"})
    assert (size(one, other, flow), size(other, one, flow)) == ("minor", "major")


def test_a_property_that_comes_where_none_was_allowed_breaks_who_reads() -> None:
    one: Schema = {"additionalProperties": False}
    other: Schema = {"additionalProperties": False, "properties": {"b": {}}}
    assert (size(one, other, Flow.TAKEN), size(one, other, Flow.GIVEN)) == ("minor", "major")


def test_a_property_that_comes_where_others_of_its_kind_were_allowed_is_held_to_their_kind() -> None:
    one: Table = {"additionalProperties": {"type": "string"}}
    assert size(one, {**one, "properties": {"b": {"type": "string"}}}) == "minor"
    assert size(one, {**one, "properties": {"b": {"type": "integer"}}}) == "major"


def test_a_property_that_comes_and_must_be_sent_breaks() -> None:
    assert size(with_properties(), with_properties("b", b={})) == "major"


def test_a_property_that_had_to_be_sent_and_is_described_now_is_held_to_that() -> None:
    one, other = with_properties("b"), with_properties("b", b={"type": "string"})
    assert (size(one, other, Flow.TAKEN), size(one, other, Flow.GIVEN)) == ("major", "minor")


@pytest.mark.parametrize(
    ("old", "new", "sized"),
    [
        ({}, {"default": 1}, "minor"),
        ({"default": 1}, {"default": 2}, "major"),
        ({"default": 1}, {}, "major"),
        ({"default": True}, {"default": 1}, "major"),
    ],
)
def test_what_is_assumed_of_who_says_nothing_is_part_of_the_contract(old: Schema, new: Schema, sized: str) -> None:
    assert (size(old, new, Flow.TAKEN), size(old, new, Flow.GIVEN)) == (sized, "patch")


def test_to_deprecate_is_a_minor_change() -> None:
    assert size({}, {"deprecated": True}) == "minor"


@pytest.mark.parametrize(("flow", "mark"), [(Flow.TAKEN, "readOnly"), (Flow.GIVEN, "writeOnly")])
def test_a_property_that_takes_no_part_does_not_count(flow: Flow, mark: str) -> None:
    hidden: Schema = {"type": "string", mark: True}
    assert differences(with_properties(a={}), with_properties("b", a={}, b=hidden), flow) == ()
    assert size(with_properties("b", b=hidden), with_properties("b", b={"type": "string"}), flow) != "patch"


def test_a_mark_beside_a_reference_counts() -> None:
    others: Schema = {"Id": {"type": "string"}}
    marked: Schema = {"$ref": "#/components/schemas/Id", "readOnly": True}
    plain: Schema = {"$ref": "#/components/schemas/Id"}
    old = contract(with_properties("id", id=marked), Dialect.OPENAPI_3_1, others)
    new = contract(with_properties("id", id=plain), Dialect.OPENAPI_3_1, others)
    assert gravest(of_contracts(old, new)) is Size.MAJOR


def test_json_schema_knows_no_marks() -> None:
    one, other = with_properties(), with_properties("b", b={"readOnly": True})
    assert size(one, other, Flow.TAKEN, Dialect.JSON_SCHEMA) == "major"


def referring(schema: Schema, target: Schema) -> Contract:
    return contract(schema, Dialect.OPENAPI_3_1, {"T": target})


REF: Table = {"$ref": "#/components/schemas/T"}


def test_a_reference_is_what_it_leads_to() -> None:
    one, other = referring(REF, {"type": "string"}), referring({"type": "string"}, None)
    assert of_contracts(one, other) == of_contracts(other, one) == ()


def test_a_change_behind_a_reference_is_a_change() -> None:
    found = of_contracts(referring({"items": REF}, {"minimum": 1}), referring({"items": REF}, {"minimum": 2}))
    assert [(one.size, one.place) for one in found] == [(Size.MAJOR, "c.json#/components/schemas/T")]


@pytest.mark.parametrize("keyword", ["not", "anyOf", "patternProperties"])
def test_a_change_behind_a_reference_is_seen_where_only_the_same_will_do(keyword: str) -> None:
    inner: dict[str, Schema] = {"not": REF, "anyOf": [REF, {}], "patternProperties": {"a": REF}}
    one, other = (referring({keyword: inner[keyword]}, {"minimum": least}) for least in (1, 2))
    assert gravest(of_contracts(one, other)) is Size.MAJOR


def test_what_stands_beside_a_reference_holds_since_3_1() -> None:
    one, other = referring(REF, {"type": "string"}), referring({**REF, "minLength": 3}, {"type": "string"})
    assert gravest(of_contracts(one, other)) is Size.MAJOR
    assert not of_contracts(
        referring({"not": {**REF, "minLength": 3}}, {}), referring({"not": {**REF, "minLength": 3}}, {})
    )
    assert of_contracts(
        referring({"not": {**REF, "minLength": 3}}, {}), referring({"not": {**REF, "minLength": 4}}, {})
    )


def test_what_stands_beside_a_reference_says_nothing_before_3_1() -> None:
    one = contract(REF, Dialect.OPENAPI_3_0, {"T": {}})
    other = contract({**REF, "minLength": 3}, Dialect.OPENAPI_3_0, {"T": {}})
    assert of_contracts(one, other) == ()


def test_3_0_and_3_1_say_the_same_in_their_own_ways() -> None:
    old: Schema = {"type": "integer", "nullable": True, "minimum": 1, "exclusiveMinimum": True, "maximum": 9}
    new: Schema = {"type": ["integer", "null"], "exclusiveMinimum": 1, "maximum": 9}
    assert of_contracts(contract(old, Dialect.OPENAPI_3_0), contract(new, Dialect.OPENAPI_3_1)) == ()


def test_nullable_means_nothing_since_3_1() -> None:
    assert size({"type": "string"}, {"type": "string", "nullable": True}) == "patch"


TREE: Table = {"type": "object", "properties": {"children": {"type": "array", "items": REF}}}


def test_schemas_that_contain_themselves_are_compared_once() -> None:
    assert of_contracts(referring(REF, TREE), referring(REF, TREE)) == ()
    assert gravest(of_contracts(referring(REF, TREE), referring(REF, {**TREE, "minProperties": 1}))) is Size.MAJOR


@pytest.mark.parametrize("flow", list(Flow))
def test_anything_is_compared_with_what_contains_itself(flow: Flow) -> None:
    nest: Schema = {"type": "array", "items": REF}
    assert gravest(of_contracts(referring(True, {}), referring(REF, nest), flow)) is not Size.PATCH


def test_what_a_discriminator_tells_apart_by_reference_is_compared_as_well() -> None:
    base: Schema = {"type": "object", "discriminator": TOLD}
    one = contract(base, Dialect.OPENAPI_3_0, {"Cat": {"allOf": [A, {"required": ["claws"]}]}})
    other = contract(base, Dialect.OPENAPI_3_0, {"Cat": {"allOf": [A, {"required": ["claws", "tail"]}]}})
    assert gravest(of_contracts(one, other)) is Size.MAJOR


def test_what_a_discriminator_may_tell_apart_comes_and_goes() -> None:
    base: Schema = {"type": "object", "discriminator": TOLD}
    one, other = (contract(base, Dialect.OPENAPI_3_0, others) for others in ({"Cat": A}, {"Cat": A, "Dog": B}))
    sizes = [gravest(of_contracts(*pair, flow)) for pair in ((one, other), (other, one)) for flow in list(Flow)[:2]]
    assert sizes == [Size.MINOR, Size.MAJOR, Size.MAJOR, Size.MAJOR]


def test_a_reference_into_a_list_is_followed() -> None:
    listed: Schema = {"anyOf": [{"type": "string"}, {"$ref": "#/schema/anyOf/0"}]}
    assert differences(listed, {"anyOf": [{"type": "string"}, {"type": "string"}]}) == ()


def test_schemas_that_contain_themselves_are_compared_where_only_the_same_will_do() -> None:
    assert of_contracts(referring({"not": REF}, {"not": REF}), referring({"not": REF}, {"not": REF})) == ()


def test_more_members_that_a_discriminator_tells_apart_are_more() -> None:
    one: Schema = {"oneOf": [A, B], "discriminator": {**TOLD, "mapping": {"a": "A"}}}
    other: Schema = {"oneOf": [A, B], "discriminator": {**TOLD, "mapping": {"a": "A", "b": "B"}}}
    assert (size(one, other, Flow.TAKEN), size(one, other, Flow.GIVEN), size(other, one)) == ("minor", "major", "major")


@pytest.mark.parametrize(
    ("schema", "code"),
    [
        ({"$ref": "other.yaml#/a"}, "contract.remote_ref"),
        ({"$ref": "https://example.org/schema.json"}, "contract.remote_ref"),
        ({"$ref": "#/nowhere"}, "contract.broken_ref"),
        ({"$ref": "#anchor"}, "contract.broken_ref"),
        ({"$ref": "#/schema"}, "contract.circular_ref"),
        ({"allOf": [{"$ref": "#/schema"}]}, "contract.malformed"),
        ({"$ref": 7}, "contract.malformed"),
        ({"type": "text"}, "contract.malformed"),
        ({"type": 7}, "contract.malformed"),
        ({"required": "a"}, "contract.malformed"),
        ({"required": [1]}, "contract.malformed"),
        ({"properties": []}, "contract.malformed"),
        ({"properties": {"a": 1}}, "contract.malformed"),
        ({"minLength": "1"}, "contract.malformed"),
        ({"minLength": True}, "contract.malformed"),
        ({"maximum": 10**200}, "contract.malformed"),
        ({"enum": "a"}, "contract.malformed"),
        ({"anyOf": {}}, "contract.malformed"),
        ({"pattern": 1}, "contract.malformed"),
        ({"uniqueItems": "yes"}, "contract.malformed"),
        ("string", "contract.malformed"),
        (None, "contract.malformed"),
        ({"properties": {"a": {"$id": "https://example.org/a"}}}, "contract.unknown"),
        ({"$dynamicRef": "#node"}, "contract.unknown"),
        ({"not": {"$anchor": "a"}}, "contract.unknown"),
    ],
    ids=str,
)
def test_what_cannot_be_understood_is_refused(schema: Schema, code: str) -> None:
    with pytest.raises(Rejected) as refused:
        differences(schema, schema)
    assert refused.value.code == code


def test_a_schema_that_takes_too_long_is_refused() -> None:
    many: Schema = {"anyOf": [{"const": number} for number in range(700)]}
    other: Schema = {"anyOf": [{"const": -number - 1} for number in range(700)]}
    with pytest.raises(Rejected) as refused:
        differences(many, other)
    assert refused.value.code == "contract.too_complex"


def test_references_that_branch_without_end_are_compared_in_time() -> None:
    def chain(least: int) -> Contract:
        steps: dict[str, Json] = {
            f"S{at}": {"properties": {side: {"$ref": f"#/components/schemas/S{at + 1}"} for side in "ab"}}
            for at in range(2000)
        }
        return contract(
            {"$ref": "#/components/schemas/S0"}, Dialect.OPENAPI_3_0, {**steps, "S2000": {"minimum": least}}
        )

    assert gravest(of_contracts(chain(1), chain(2))) is Size.MAJOR


words = st.sampled_from(["a", "b", "c"])
leaves: st.SearchStrategy[Schema] = st.one_of(
    st.just(True),
    st.just(False),
    st.builds(lambda name: {"type": name}, st.sampled_from(["string", "integer", "number", "object", "null"])),
    st.builds(lambda least: {"type": "integer", "minimum": least}, st.integers(0, 3)),
    st.builds(lambda most: {"type": "string", "maxLength": most}, st.integers(1, 3)),
    st.builds(lambda some: {"enum": sorted(some)}, st.sets(words, min_size=1)),
    st.builds(lambda word: {"type": "string", "format": word, "default": word}, words),
    st.builds(lambda word: {"unheardOf": word}, words),
)


def objects(inner: st.SearchStrategy[Schema]) -> st.SearchStrategy[Schema]:
    properties = st.dictionaries(words, inner, max_size=3)
    return st.builds(
        lambda properties, required, more: {
            "type": "object", "properties": properties, "required": sorted(required), "additionalProperties": more
        },
        properties, st.sets(words, max_size=2), st.sampled_from([True, False, {"type": "string"}]),
    )  # fmt: skip


def groups(inner: st.SearchStrategy[Schema]) -> st.SearchStrategy[Schema]:
    members = st.lists(inner, min_size=1, max_size=3)
    return st.builds(lambda keyword, some: {keyword: some}, st.sampled_from(["allOf", "anyOf", "oneOf"]), members)


schemas = st.recursive(
    leaves, lambda inner: objects(inner) | groups(inner) | st.builds(lambda one: {"items": one}, inner), max_leaves=6
)
flows = st.sampled_from(list(Flow))


@given(schemas, flows)
def test_every_schema_is_the_same_as_itself(schema: Schema, flow: Flow) -> None:
    assert differences(schema, schema, flow) == ()


@settings(max_examples=300)
@given(schemas, schemas, flows)
def test_what_adds_breaks_on_the_way_back(one: Schema, other: Schema, flow: Flow) -> None:
    there, back = size(one, other, flow), size(other, one, flow)
    assert there != "minor" or back == "major"
    assert (there == "patch") == (back == "patch")


@given(schemas, schemas)
def test_both_ways_at_once_is_at_least_each_of_them(one: Schema, other: Schema) -> None:
    sizes = [gravest(differences(one, other, flow)).rank for flow in (Flow.BOTH, Flow.TAKEN, Flow.GIVEN)]
    assert sizes[0] >= max(sizes[1:])


@given(st.dictionaries(words, schemas, max_size=2), schemas, flows)
def test_to_add_an_optional_property_adds(properties: dict[str, Schema], schema: Schema, flow: Flow) -> None:
    one: Schema = {"type": "object", "properties": properties}
    other: Schema = {"type": "object", "properties": {**properties, "new": schema}}
    assert size(one, other, flow) == "minor"


@given(schemas, schemas, flows)
def test_the_place_of_every_difference_is_in_a_document(one: Schema, other: Schema, flow: Flow) -> None:
    assert all(found.place.startswith("c.json#/schema") for found in differences(one, other, flow))
