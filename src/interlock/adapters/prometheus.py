# SPDX-License-Identifier: Apache-2.0
"""What a Prometheus answers to a query at one moment or over a range, and where.

As in https://prometheus.io/docs/prometheus/latest/querying/api/.
What follows from an answer is its reader's business: no value is judged here, and no answer is a fault.
"""

from dataclasses import dataclass

import msgspec

from interlock.adapters.http import Answer

_PATH = "/api/v1/query"
_RANGE = "/api/v1/query_range"


class Sample(msgspec.Struct, frozen=True):
    """One element of an instant vector; the value travels as text."""

    metric: dict[str, str]
    value: tuple[float, str]


class Vector(msgspec.Struct, frozen=True, tag="vector", tag_field="resultType"):
    result: list[Sample]


class Scalar(msgspec.Struct, frozen=True, tag="scalar", tag_field="resultType"):
    result: tuple[float, str]


class Run(msgspec.Struct, frozen=True):
    """One element of a range: its values at one moment after the other."""

    metric: dict[str, str]
    values: list[tuple[float, str]] = []


class Matrix(msgspec.Struct, frozen=True, tag="matrix", tag_field="resultType"):
    """A range: more than one moment."""

    result: list[Run] = []


class Text(msgspec.Struct, frozen=True, tag="string", tag_field="resultType"):
    pass


class Success(msgspec.Struct, frozen=True, tag="success", tag_field="status"):
    """With warnings the answer may be partial."""

    data: Vector | Scalar | Matrix | Text
    warnings: list[str] = []


class Failure(msgspec.Struct, frozen=True, tag="error", tag_field="status"):
    error: str = ""


@dataclass(frozen=True, slots=True)
class Strange:
    """It is no answer of a Prometheus: something between says so, or something else listens there."""

    sentence: str


def query_address(server: str) -> str:
    """Where the Prometheus at `server` answers instant queries."""
    return server.rstrip("/") + _PATH


def range_address(server: str) -> str:
    """Where it answers queries over a range."""
    return server.rstrip("/") + _RANGE


def decode(answer: Answer) -> Success | Failure | Strange:
    """What was answered, whatever it is."""
    try:
        return msgspec.json.decode(answer.body, type=Success | Failure)
    except msgspec.DecodeError as fault:
        return Strange(f"the answer is not one of Prometheus: {fault}")
