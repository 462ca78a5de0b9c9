# SPDX-License-Identifier: Apache-2.0
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from types import MappingProxyType

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from interlock.domain.actor import Assurance
from interlock.domain.ids import CommandId, StreamId
from interlock.ledger.canonical import canonical, decode, encode, format_time, parse_canonical, parse_time
from interlock.ledger.record import Json, Record

RECORD = Record(
    index=7,
    stream=StreamId("release/outreach/1.1.0"),
    position=2,
    time=datetime(2026, 1, 2, 3, 4, 5, 6, tzinfo=UTC),
    actor="person:ann",
    assurance=Assurance.SIGNED,
    cause=CommandId("c-1"),
    event="Noted",
    version=1,
    payload={
        "share": 0.5,
        "größe": "12 µs\n\u2028",
        "count": -3,
        "tags": ["a", None, True, {}],
        "nested": {"b": 1, "a": 2},
    },
)
RAW = encode(RECORD)

TEXTS = st.text(st.characters(codec="utf-8"))
FLOATS = st.floats(allow_nan=False, allow_infinity=False).filter(lambda one: not 2**53 <= abs(one) < 1e21)
NUMBERS = st.integers(-(2**53) + 1, 2**53 - 1) | FLOATS
VALUES = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=12,
)


@given(VALUES)
def test_the_canonical_form_is_that_of_the_reference_library(value: Json) -> None:
    assert canonical(value) == rfc8785.dumps(value)


@given(VALUES)
def test_a_canonical_value_is_read_back_and_written_the_same(value: Json) -> None:
    assert canonical(parse_canonical(canonical(value))) == canonical(value)


@given(st.dictionaries(TEXTS, VALUES, max_size=4))
def test_any_record_is_read_back_as_it_was(payload: dict[str, Json]) -> None:
    record = replace(RECORD, payload=payload)
    assert encode(decode(encode(record))) == encode(record)


def test_the_example_of_rfc_8785_gives_its_published_bytes() -> None:
    value: Json = {
        "numbers": [333333333.33333329, 1e30, 4.50, 2e-3, 0.000000000000000000000000001],
        "string": "\u20ac$\u000f\u000aA'\u0042\u0022\u005c\\\"\u002f",
        "literals": [None, True, False],
    }
    expected = (
        '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],'
        '"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}'
    )
    assert canonical(value) == expected.encode()


def test_keys_are_sorted_by_their_utf_16_units() -> None:
    assert canonical({"\ufb33": 1, "\U0001f600": 2, "a": 3}) == '{"a":3,"\U0001f600":2,"\ufb33":1}'.encode()


@pytest.mark.parametrize(
    "value", [float("nan"), float("inf"), 2**53, -(2**53), float(2**53), -1e20, {"n": [2**60]}, "\ud800", {"\ud800": 1}]
)
def test_what_has_no_canonical_form_is_refused(value: Json) -> None:
    with pytest.raises(ValueError, match=r".+"):
        canonical(value)


def test_what_is_nested_without_end_is_refused() -> None:
    value: Json = []
    for _ in range(100_000):
        value = [value]
    with pytest.raises(ValueError, match="nested"):
        canonical(value)


def test_other_mappings_and_sequences_are_written_like_the_built_in_ones() -> None:
    assert canonical(MappingProxyType({"b": (1, 2), "a": MappingProxyType({})})) == b'{"a":{},"b":[1,2]}'


def test_a_record_is_written_as_sorted_fields() -> None:
    assert (
        b'{"actor":"person:ann","assurance":"signed","cause":"c-1","event":"Noted","index":7,"payload":'
        + canonical(RECORD.payload)
        + b',"position":2,"stream":"release/outreach/1.1.0","time":"2026-01-02T03:04:05.000006Z","version":1}'
    ) == RAW


def test_a_record_is_read_back_as_it_was() -> None:
    assert decode(RAW) == RECORD


PLAIN = encode(replace(RECORD, payload={"n": 1, "m": [2]}))


@pytest.mark.parametrize("raw", [RAW, PLAIN])
@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b'"event":"Noted",', b""),
        (b'"event":"Noted"', b'"event":"Noted","extra":1'),
        (b'"event":"Noted"', b'"event":"Noted","event":"Noted"'),
        (b'"index":7', b'"index":"7"'),
        (b'"index":7', b'"index":7.0'),
        (b'"index":7', b'"index":true'),
        (b'"index":7', b'"index": 7'),
        (b'"index":7', b'"index":9007199254740992'),
        (b'"assurance":"signed"', b'"assurance":"certain"'),
        (b'"cause":"c-1"', b'"cause":"c-\\u0031"'),
        (b'"cause":"c-1"', b'"cause":"c-\xff"'),
        (b'"cause":"c-1"', b'"cause":null'),
        (b"04:05.000006Z", b"04:05.000006+00:00"),
        (b"04:05.000006Z", b"04:05Z"),
        (b"2026-01-02T", b"2026-01-02 "),
        (b"2026-01-02T", b"2026-13-02T"),
        (b'"payload":{', b'"payload":[{'),
    ],
)
def test_a_record_in_another_form_is_refused(raw: bytes, old: bytes, new: bytes) -> None:
    changed = raw.replace(old, new)
    assert changed != raw
    with pytest.raises(ValueError, match=r".+"):
        decode(changed)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b'"n":1', b'"n":1.0'),
        (b'"n":1', b'"n":9007199254740992'),
        (b'"n":1', b'"n":-0'),
        (b'"n":1', b'"n":[9007199254740992]'),
        (b'"n":1', b'"n":{"a":9007199254740992}'),
        (b'"n":1', b'"n":' + b"[" * 5000),
        (b'"m":[2],"n":1', b'"n":1,"m":[2]'),
    ],
)
def test_a_payload_in_another_form_is_refused(old: bytes, new: bytes) -> None:
    changed = PLAIN.replace(old, new)
    assert changed != PLAIN
    with pytest.raises(ValueError, match=r".+"):
        decode(changed)


@pytest.mark.parametrize("raw", [b"", b"{", b"1 ", b'{"b":1,"a":2}', b'"\xff"', b"1.0", b"[" * 100_000])
def test_json_that_is_not_canonical_is_refused(raw: bytes) -> None:
    with pytest.raises(ValueError, match=r".+"):
        parse_canonical(raw)


@given(st.datetimes(timezones=st.just(UTC)))
def test_a_time_is_read_back_as_it_was(time: datetime) -> None:
    assert parse_time(format_time(time)) == time


def test_times_are_written_in_utc() -> None:
    there = timezone(timedelta(hours=2))
    assert format_time(datetime(2026, 1, 2, 3, 4, 5, tzinfo=there)) == "2026-01-02T01:04:05.000000Z"


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="zone"):
        format_time(datetime(2026, 1, 2))  # noqa: DTZ001  # that it has no zone is the point
