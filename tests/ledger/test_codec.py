# SPDX-License-Identifier: Apache-2.0
import json
from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import Enum
from typing import Final, NewType, cast, get_args, get_origin, get_type_hints

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from interlock.domain.evidence import EvidenceRecorded
from interlock.domain.ids import Digest, EnvironmentName, PromotionId, ServiceName, TextRef
from interlock.domain.in_place import InPlace
from interlock.domain.release import RevisePlans
from interlock.domain.rollout import ExposureAuthorised, RecordMeasurement, RolloutBegun
from interlock.domain.strategy import Analysis
from interlock.domain.traffic import ArmCounters, Exposure, Snapshot, SourceCounters
from interlock.ledger.canonical import canonical
from interlock.ledger.codec import (
    COMMANDS,
    EVENTS,
    Command,
    Event,
    Undecodable,
    decode_as,
    decode_command,
    decode_event,
    encode,
)
from interlock.ledger.keyring import EraseText, TextErased
from interlock.ledger.record import Json

ARM: Final[Mapping[str, Json]] = {"requests": 7, "errors": 1, "slower": [3]}
COUNTED: Final[Mapping[str, Json]] = {
    "promotion": "p",
    "snapshot": {
        "sources": [{"source": "proxy", "stable": ARM, "candidate": ARM}],
        "edges": [250_000],
        "ready": 2,
        "members": 2,
    },
}
"""A measurement as it was recorded before there was a baseline."""
PAYLOAD: Final = {"ref": "text:1", "reason": "asked"}
PLAIN: Final[dict[object, st.SearchStrategy[object]]] = {
    str: st.text(max_size=20),
    bool: st.booleans(),
    int: st.integers(-(2**53) + 1, 2**53 - 1),
    datetime: st.datetimes(timezones=st.just(UTC)),
    timedelta: st.timedeltas(timedelta(0), timedelta(days=10_000)),
}


DIGEST_TEXT: Final = "sha256:" + "0" * 64


def _values(hint: object) -> st.SearchStrategy[object]:
    """Any value of a type that stands in the ledger."""
    if hint in PLAIN:
        return PLAIN[hint]
    if isinstance(hint, NewType):
        return _values(hint.__supertype__)
    if get_origin(hint) is tuple:
        inner = get_args(hint)
        if inner[-1] is Ellipsis:
            return st.lists(_values(inner[0]), max_size=3).map(tuple)
        return st.tuples(*map(_values, inner))
    assert isinstance(hint, type), hint
    if issubclass(hint, Enum):
        return st.sampled_from(hint)
    assert is_dataclass(hint), hint
    hints = get_type_hints(hint)
    return st.builds(hint, **{field.name: _values(hints[field.name]) for field in fields(hint)})


@settings(max_examples=20)
@pytest.mark.parametrize("kind", [pytest.param(kind, id=kind.__name__) for kind in EVENTS.values()])
@given(data=st.data())
def test_every_event_comes_back_from_its_bytes_as_it_was(kind: type, data: st.DataObject) -> None:
    event = cast("Event", data.draw(_values(kind)))
    encoded = encode(event)
    assert decode_event(encoded.name, encoded.version, json.loads(canonical(encoded.payload))) == event


@settings(max_examples=20)
@pytest.mark.parametrize("kind", [pytest.param(kind, id=kind.__name__) for kind in COMMANDS.values()])
@given(data=st.data())
def test_every_command_comes_back_from_its_bytes_as_it_was(kind: type, data: st.DataObject) -> None:
    command = cast("Command", data.draw(_values(kind)))
    encoded = encode(command)
    assert decode_command(encoded.name, encoded.version, json.loads(canonical(encoded.payload))) == command


def test_a_name_stands_for_one_type() -> None:
    kinds = [*EVENTS.values(), *COMMANDS.values()]
    assert len({kind.__name__ for kind in kinds}) == len(kinds)


def test_a_value_is_encoded_under_its_name_and_version_with_its_fields() -> None:
    encoded = encode(TextErased(TextRef("text:1"), "asked"))
    assert (encoded.name, encoded.version, encoded.payload) == ("TextErased", 1, PAYLOAD)


def test_a_name_that_nobody_knows_is_undecodable() -> None:
    with pytest.raises(Undecodable, match="'TextForgotten' version 1 is not known"):
        decode_event("TextForgotten", 1, PAYLOAD)


def test_a_version_that_nobody_knows_is_undecodable() -> None:
    with pytest.raises(Undecodable, match="'TextErased' version 2 is not known"):
        decode_event("TextErased", 2, PAYLOAD)


def test_a_command_is_no_event_and_an_event_no_command() -> None:
    with pytest.raises(Undecodable, match="'EraseText' version 1"):
        decode_event("EraseText", 1, PAYLOAD)
    with pytest.raises(Undecodable, match="'TextErased' version 1"):
        decode_command("TextErased", 1, PAYLOAD)


def test_of_several_unknown_fields_the_first_by_name_is_told() -> None:
    with pytest.raises(Undecodable, match="EraseText: unknown field 'why'"):
        decode_command("EraseText", 1, {**PAYLOAD, "your": 1, "why": 2})


@pytest.mark.parametrize(
    "payload", [{"ref": "text:1"}, {"ref": "text:1", "reason": 1}, {"ref": "text:1", "reason": None}]
)
def test_a_field_that_is_missing_or_of_another_type_is_undecodable(payload: dict[str, str]) -> None:
    with pytest.raises(Undecodable, match="EraseText: "):
        decode_command("EraseText", 1, payload)


def test_a_payload_of_a_known_shape_needs_no_name() -> None:
    assert decode_as(EraseText, PAYLOAD) == EraseText(TextRef("text:1"), "asked")
    with pytest.raises(Undecodable, match="EraseText: "):
        decode_as(EraseText, "asked")


def test_a_field_unknown_deep_inside_a_command_is_undecodable() -> None:
    plans = {"rollout": DIGEST_TEXT, "rollback": DIGEST_TEXT}
    assert isinstance(decode_command("RevisePlans", 1, {"release": "app:v1", "plans": plans}), RevisePlans)
    with pytest.raises(Undecodable, match="unknown field 'extra'"):
        decode_command("RevisePlans", 1, {"release": "app:v1", "plans": {**plans, "extra": "x"}})


def test_a_field_unknown_inside_a_listing_of_a_command_is_undecodable() -> None:
    file: Json = {"path": "smoke.py", "digest": DIGEST_TEXT, "mode": "x"}
    ref: Json = {"digest": DIGEST_TEXT, "pack": DIGEST_TEXT, "bindings": DIGEST_TEXT, "files": [file]}
    with pytest.raises(Undecodable, match="unknown field 'mode'"):
        decode_command("AdoptGovernance", 1, {"service": "app", "governance": ref})


def test_what_was_recorded_before_a_field_there_is_now_is_the_same_today() -> None:
    measured = decode_command("RecordMeasurement", 1, COUNTED)
    assert canonical(encode(measured).payload) == canonical(COUNTED)


@pytest.mark.parametrize(
    "without",
    [
        RolloutBegun(PromotionId("p"), ServiceName("shop"), EnvironmentName("production"), Analysis()),
        ExposureAuthorised(PromotionId("p"), 0, Exposure(1000), "first", datetime(2026, 3, 2, tzinfo=UTC)),
        RecordMeasurement(PromotionId("p"), Snapshot((SourceCounters("one", ArmCounters(), ArmCounters()),))),
    ],
    ids=lambda event: type(event).__name__,
)
def test_a_rollout_without_a_baseline_says_nothing_of_one(without: Event | Command) -> None:
    assert b"baseline" not in canonical(encode(without).payload)


def test_a_baseline_comes_back_as_it_was_recorded() -> None:
    arms = SourceCounters("one", ArmCounters(1), ArmCounters(2), ArmCounters(3, 1, (2,)))
    counted = RecordMeasurement(PromotionId("p"), Snapshot((arms,), (250_000,), 1, 1, 0, 1))
    told = encode(counted)
    assert decode_command(told.name, told.version, told.payload) == counted


RECORDED: Final[Mapping[str, Json]] = {
    "subject": "sha256:1",
    "check": "drill",
    "environment": "*",
    "number": 1,
    "verdict": "pass",
    "summary": "it went back",
    "source": "controller",
    "assurance": "authenticated",
    "report": "sha256:2",
    "governance": "sha256:3",
    "taken_at": "2026-03-02T10:00:00Z",
}


def test_evidence_older_than_knowing_what_was_live_still_decodes_and_knows_nothing_of_it() -> None:
    found = decode_event("EvidenceRecorded", 1, RECORDED)
    assert isinstance(found, EvidenceRecorded)
    assert found.live == ()


def test_what_was_live_when_a_check_began_is_read_again_as_it_was_written() -> None:
    found = decode_event("EvidenceRecorded", 1, RECORDED)
    assert isinstance(found, EvidenceRecorded)
    stamped = replace(found, live=(InPlace(EnvironmentName("production"), Digest("sha256:4"), 7),))
    written = encode(stamped)
    assert decode_event(written.name, written.version, written.payload) == stamped
