# SPDX-License-Identifier: Apache-2.0
import math
from datetime import UTC, datetime, timedelta, timezone
from types import MappingProxyType

import pytest

from interlock.packs.facts import MAX_ITEMS, MAX_TEXT, CelType, Fact, Kind, ListOf, MapOf, misfit, plain


@pytest.mark.parametrize(
    ("fact", "kind"),
    [
        (True, Kind.BOOL),
        (3, Kind.INT),
        (3, Kind.DOUBLE),
        (0.5, Kind.DOUBLE),
        ("grüß", Kind.STRING),
        (datetime(2026, 1, 1, tzinfo=UTC), Kind.TIMESTAMP),
        (timedelta(minutes=3), Kind.DURATION),
        (("a", "b"), ListOf(Kind.STRING)),
        ({"x": [1, 2]}, MapOf(ListOf(Kind.INT))),
    ],
)
def test_a_fact_of_its_type_fits(fact: object, kind: CelType) -> None:
    assert misfit(fact, kind) == ""


@pytest.mark.parametrize(
    ("fact", "kind", "why"),
    [
        (1, Kind.BOOL, "expected bool, found int"),
        (True, Kind.INT, "expected int, found bool"),
        (True, Kind.DOUBLE, "expected double, found bool"),
        (1.0, Kind.INT, "expected int, found float"),
        (math.nan, Kind.DOUBLE, "expected double, found not a finite number"),
        (math.inf, Kind.DOUBLE, "expected double, found not a finite number"),
        (2**63, Kind.INT, "expected int, found a number beyond 64 bits"),
        ("1", Kind.INT, "expected int, found a text"),
        ("\ud800", Kind.STRING, "expected string, found a text"),
        ("x" * (MAX_TEXT + 1), Kind.STRING, f"expected string, found a text longer than {MAX_TEXT}"),
        (None, Kind.STRING, "expected string, found NoneType"),
        (datetime(2026, 1, 1, tzinfo=UTC).replace(tzinfo=None), Kind.TIMESTAMP, "found a moment without its offset"),
        (3, Kind.DURATION, "expected duration, found int"),
        ("ab", ListOf(Kind.STRING), "expected a list, found a text"),
        (["a", 1], ListOf(Kind.STRING), "expected string, found int"),
        ([0] * (MAX_ITEMS + 1), ListOf(Kind.INT), f"2001 items; {MAX_ITEMS} are allowed"),
        ([], MapOf(Kind.INT), "expected a map, found list"),
        ({1: 1}, MapOf(Kind.INT), "expected string, found int"),
        ({"x": "y"}, MapOf(Kind.INT), "expected int, found a text"),
    ],
)
def test_a_fact_almost_of_its_type_does_not_fit(fact: object, kind: CelType, why: str) -> None:
    assert misfit(fact, kind).endswith(why)


def test_why_a_fact_does_not_fit_never_shows_the_fact() -> None:
    assert "hunter2" not in misfit("hunter2", Kind.INT)


def test_facts_become_lists_and_dicts_all_the_way_down() -> None:
    moment = datetime(2026, 1, 1, tzinfo=timezone(timedelta(hours=2)))
    fact: Fact = MappingProxyType({"a": ({"b": (1, "two")}, moment)})
    assert plain(fact) == {"a": [{"b": [1, "two"]}, moment]}
