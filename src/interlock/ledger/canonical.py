# SPDX-License-Identifier: Apache-2.0
"""The one byte form of a record and of anything else that is hashed or signed: RFC 8785 JSON.

1. Equal values give equal bytes; what RFC 8785 cannot express and read back (NaN, whole numbers past 2**53 - 1, lone
   surrogates) is refused with `ValueError`, never rounded.
2. Times are RFC 3339 in UTC with six digits of a second and a `Z`.
3. Decoding is strict: unknown, missing or doubled fields, other types, and bytes that are not canonical are errors.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Final, assert_never, cast

import msgspec
import rfc8785

from interlock.domain.actor import Assurance
from interlock.domain.ids import CommandId, StreamId
from interlock.ledger.record import Json, Record

INT_MAX: Final = 2**53 - 1
"""The largest integer RFC 8785 can express exactly; the smallest is its negative."""


class Wire(msgspec.Struct, frozen=True, forbid_unknown_fields=True, gc=False):
    """A record as it travels, fields in canonical order; values are checked for type only."""

    actor: str
    assurance: Assurance
    cause: str
    event: str
    index: int
    payload: dict[str, object]
    position: int
    stream: str
    time: str
    version: int


class _FloatFoundError(Exception):
    """There is a float, so the fast way is closed."""


def _refuse_float(text: str) -> float:
    raise _FloatFoundError(text)


_EXPONENT_FROM: Final = 1e21
"""From here on floats are written with an exponent, below it large ones look like integers."""
_TIME_LENGTH: Final = len("2026-01-02T03:04:05.000006Z")
_SORTED: Final = msgspec.json.Encoder(order="sorted")
_WIRE: Final = msgspec.json.Decoder(Wire)
_WIRE_WITHOUT_FLOATS: Final = msgspec.json.Decoder(Wire, float_hook=_refuse_float)
_ANY: Final = msgspec.json.Decoder()


def canonical(value: Json) -> bytes:
    """The RFC 8785 bytes of `value`. Raises `ValueError` for what it cannot express."""
    try:
        return _SORTED.encode(value) if _is_plain(value) else rfc8785.dumps(_as_builtin(value))
    except UnicodeEncodeError as error:
        raise ValueError("text with a lone surrogate has no canonical form") from error
    except RecursionError as error:
        raise ValueError("the value is nested too deeply") from error


def parse_canonical(raw: bytes) -> Json:
    """The value whose canonical form is exactly `raw`, else `ValueError`."""
    try:
        value = cast("Json", _ANY.decode(raw))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ValueError(f"not JSON: {error}") from error
    if canonical(value) != raw:
        raise ValueError("the JSON is not in canonical form")
    return value


def format_time(time: datetime) -> str:
    """RFC 3339 in UTC with microseconds. `ValueError` for a time without a zone."""
    if time.tzinfo is None:
        raise ValueError("a time in the ledger needs a zone")
    return time.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def parse_time(text: str) -> datetime:
    """The inverse of `format_time`, for exactly that form; else `ValueError`."""
    try:
        time = datetime.fromisoformat(text)
    except ValueError as error:
        raise ValueError(f"'{text}' is not a time of the ledger") from error
    if len(text) != _TIME_LENGTH or time.tzinfo is not UTC or text[-1] != "Z" or text[10] != "T":
        raise ValueError(f"'{text}' is not a time of the ledger: write YYYY-MM-DDTHH:MM:SS.ffffffZ")
    return time


def encode(record: Record) -> bytes:
    """The canonical bytes of a record: what is hashed, stored and exported."""
    return canonical(
        {
            "actor": record.actor,
            "assurance": record.assurance.value,
            "cause": record.cause,
            "event": record.event,
            "index": record.index,
            "payload": record.payload,
            "position": record.position,
            "stream": record.stream,
            "time": format_time(record.time),
            "version": record.version,
        }
    )


def decode(raw: bytes) -> Record:
    """The record whose canonical bytes are exactly `raw`, else `ValueError`."""
    return as_record(decode_canonical(raw))


def decode_stored(raw: bytes) -> Record:
    """A record from bytes that `encode` made: the shape is checked, the canonical form is not checked again."""
    return as_record(decode_wire(raw))


def decode_wire(raw: bytes) -> Wire:
    """The fields of a record, not yet known to be canonical. `ValueError` for another shape."""
    try:
        return _WIRE.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ValueError(f"not a record: {error}") from error


def decode_canonical(raw: bytes) -> Wire:
    """The fields of a record whose canonical bytes are exactly `raw`, else `ValueError`.

    The sorted encoder equals RFC 8785 where there are no floats, no large integers and only ASCII, and is some forty
    times faster; the rest takes the long way.
    """
    try:
        wire = _WIRE_WITHOUT_FLOATS.decode(raw)
        is_plain = raw.isascii() and _has_small_integers(wire.payload.values())
    except _FloatFoundError:
        wire = decode_wire(raw)
        is_plain = False
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ValueError(f"not a record: {error}") from error
    again = _SORTED.encode(wire) if is_plain else canonical(cast("Json", msgspec.to_builtins(wire)))
    if again != raw or wire.index > INT_MAX or wire.position > INT_MAX or wire.version > INT_MAX:
        raise ValueError("the record is not in canonical form")
    return wire


def as_record(wire: Wire) -> Record:
    """The typed record. `ValueError` for a time in another form."""
    return Record(
        index=wire.index,
        stream=StreamId(wire.stream),
        position=wire.position,
        time=parse_time(wire.time),
        actor=wire.actor,
        assurance=wire.assurance,
        cause=CommandId(wire.cause),
        event=wire.event,
        version=wire.version,
        payload=cast("Mapping[str, Json]", wire.payload),
    )


def _has_small_integers(values: Iterable[object]) -> bool:
    for value in values:
        if type(value) is int:
            if not -INT_MAX <= value <= INT_MAX:
                return False
        elif type(value) is dict:
            if not _has_small_integers(value.values()):
                return False
        elif type(value) is list and not _has_small_integers(value):
            return False
    return True


def _is_plain(value: object) -> bool:
    """Whether the sorted encoder gives the RFC 8785 bytes: no floats, no large integers, only ASCII keys."""
    if value is None or type(value) is str or type(value) is bool:
        return True
    if type(value) is int:
        return -INT_MAX <= value <= INT_MAX
    if type(value) is dict:
        return all(type(key) is str and key.isascii() and _is_plain(inner) for key, inner in value.items())
    return (type(value) is list or type(value) is tuple) and all(map(_is_plain, value))


def _as_builtin(value: Json) -> Json:
    """The same value of built-in containers only, which is all the RFC 8785 library takes."""
    match value:
        case float() if INT_MAX < abs(value) < _EXPONENT_FROM:
            raise ValueError(f"{value} would be written as an integer too large to be read back")
        case str() | int() | float() | None:
            return value
        case Mapping():
            return {key: _as_builtin(inner) for key, inner in value.items()}
        case Sequence():
            return [_as_builtin(inner) for inner in value]
        case _:
            assert_never(value)
