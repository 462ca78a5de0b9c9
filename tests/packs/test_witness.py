# SPDX-License-Identifier: Apache-2.0
"""What can never hold is found; what might hold is never called impossible."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interlock.packs.conditions import Condition, Held, compile_condition
from interlock.packs.requirements import VARIABLES
from interlock.packs.witness import MOST, is_possible

PLACES = {"environment": ("", "staging", "production")}


def condition(text: str) -> Condition:
    compiled = compile_condition(text, VARIABLES)
    assert isinstance(compiled, Condition), compiled
    return compiled


@pytest.mark.parametrize(
    "text",
    [
        "false",
        "'a' == 'b'",
        "change_kind == 'urgent'",
        "environment == 'prod'",
        "change_kind == 'normal' && change_kind == 'emergency'",
        "'api' in areas && !('api' in areas)",
        '"api" in areas && service == "a" && service != "a"',
    ],
)
def test_what_can_never_hold_is_found(text: str) -> None:
    assert not is_possible(condition(text), PLACES)


@pytest.mark.parametrize(
    "text",
    [
        "true",
        "changes['api-contract'] == 'major'",
        "change_kind == 'normal'",
        "environment == 'production'",
        "!('api' in areas)",
        "'api' in areas && 'web' in areas && !('api' in labels)",
        "service != 'a'",
        "version.startsWith('v1') && !version.startsWith('v2')",
        "size(areas) == 7",
        "areas == ['a', 'b']",
        "version > 'm' && version < 'n'",
        "service == 'it\\'s'",
        "areas.exists(one, one == 'x')",
        " || ".join(f"service == 's{number}'" for number in range(20)),
        " && ".join(f"'{name}' in {held}" for name in "abcdef" for held in ("areas", "labels", "components")),
    ],
)
def test_what_may_hold_is_let_be(text: str) -> None:
    assert is_possible(condition(text), PLACES)


def test_the_search_is_bounded() -> None:
    text = " && ".join(f"'{name}' in {held}" for name in "abcdef" for held in ("areas", "labels", "components"))
    assert MOST < 2**7 * 2**7 * 2**7
    assert is_possible(condition(f"{text} && false"), PLACES)


@given(
    st.lists(st.sampled_from(["'a' in areas", "!('a' in areas)", "service == 'b'", "change_kind == 'normal'"])),
    st.sampled_from(["&&", "||"]),
    st.lists(st.sampled_from("abc")),
    st.sampled_from("abc"),
)
def test_what_holds_for_somebody_is_possible(parts: list[str], word: str, areas: list[str], service: str) -> None:
    one = condition(f" {word} ".join(parts) or "true")
    facts = {
        "change_kind": "normal",
        "service": service,
        "version": "1",
        "components": (),
        "areas": tuple(areas),
        "labels": (),
        "environment": "staging",
    }
    if one.evaluate(facts) == Held():
        assert is_possible(one, PLACES)
