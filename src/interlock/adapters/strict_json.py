# SPDX-License-Identifier: Apache-2.0
"""JSON that somebody else wrote, read so that nobody can read it differently.

1. What two readers may understand differently is refused: a key written twice, `NaN`, numbers beyond what a float
   holds, a byte order mark, text that is not UTF-8.
2. Size and depth are bounded before they can hurt.
3. Faults are `Rejected` under `json.*`; whoever reads a report turns them into an ERROR, never into an empty report.
"""

import json
import math
from typing import Final, NoReturn

from interlock.ledger.record import Json
from interlock.packs.problem import shown
from interlock.ports.failure import Rejected

MOST_BYTES: Final = 16_000_000
MOST_DEPTH: Final = 200
_MARKS: Final = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")


class _Unreadable(ValueError):
    """A fault found in the middle of the text."""


def read_json(content: bytes, most_bytes: int = MOST_BYTES) -> Json:
    """The one value in these bytes. Raises `Rejected` (`json.*`)."""
    if len(content) > most_bytes:
        raise Rejected(
            "json.too_big", f"it has {len(content)} bytes; at most {most_bytes} are read", "make the tool say less"
        )
    if not content.strip():
        raise Rejected("json.empty", "nothing is written in it", "look at what the command says")
    if content.startswith(_MARKS):
        raise Rejected(
            "json.byte_order_mark",
            "it begins with a byte order mark",
            "have the tool write plain JSON in UTF-8, and run the check again",
        )
    try:
        return _shallow(_parsed(content.decode()))
    except UnicodeDecodeError as fault:
        raise Rejected(
            "json.not_text",
            f"byte {fault.start} is not UTF-8",
            "have the tool write plain JSON in UTF-8, and run the check again",
        ) from fault
    except RecursionError as fault:
        raise _deep() from fault
    except ValueError as fault:
        raise Rejected(
            "json.malformed",
            f"it cannot be read as JSON: {fault}",
            "have the tool write plain JSON in UTF-8, and run the check again",
        ) from fault


def _parsed(text: str) -> Json:
    value: Json = json.loads(text, object_pairs_hook=_table, parse_constant=_constant, parse_float=_number)
    return value


def _table(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    table = dict(pairs)
    if len(table) < len(pairs):
        seen: set[str] = set()
        for key, _ in pairs:
            if key in seen:
                raise _Unreadable(f"key {shown(key)} is written twice")
            seen.add(key)
    return table


def _constant(word: str) -> NoReturn:
    raise _Unreadable(f"{word} is no number")


def _number(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise _Unreadable(f"the number {shown(text)} is too large")
    return number


def _shallow(value: Json) -> Json:
    """The value itself, once its depth is known to be harmless."""
    level: list[Json] = [value]
    for _ in range(MOST_DEPTH):
        level = [inner for one in level for inner in _inside(one)]
        if not level:
            return value
    raise _deep()


def _inside(value: Json) -> list[Json]:
    match value:
        case dict():
            return list(value.values())
        case list():
            return value
        case _:
            return []


def _deep() -> Rejected:
    return Rejected(
        "json.too_deep", f"it is nested deeper than {MOST_DEPTH} levels", "no report needs that; look at the tool"
    )
