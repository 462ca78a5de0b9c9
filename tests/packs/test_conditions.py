# SPDX-License-Identifier: Apache-2.0
import subprocess
import sys
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Final

import pytest
from cel import cel as second_implementation  # the extension itself: Envoy's protocol brings a package `cel`, too
from hypothesis import given
from hypothesis import strategies as st

from interlock.packs.conditions import MAX_LENGTH, Broken, Condition, Held, NotHeld, Outcome, compile_condition
from interlock.packs.facts import MAX_ITEMS, CelType, Fact, Kind, ListOf, MapOf
from interlock.packs.problem import Place, Problem

VARIABLES: Final[Mapping[str, CelType]] = {
    "env": Kind.STRING,
    "risk": Kind.INT,
    "share": Kind.DOUBLE,
    "urgent": Kind.BOOL,
    "at": Kind.TIMESTAMP,
    "age": Kind.DURATION,
    "paths": ListOf(Kind.STRING),
    "metrics": MapOf(Kind.DOUBLE),
    "issues": ListOf(MapOf(Kind.STRING)),
}
FACTS: Final[Mapping[str, Fact]] = {
    "env": "production",
    "risk": 3,
    "share": 0.25,
    "urgent": False,
    "at": datetime(2026, 3, 2, 9, 30, tzinfo=UTC),
    "age": timedelta(hours=5),
    "paths": ["src/a.py", "migrations/0001.sql"],
    "metrics": {"errors": 0.02, "latency": 180.0},
    "issues": [{"priority": "P0", "state": "open"}, {"priority": "P2", "state": "closed"}],
}


def _compiled(text: str) -> Condition:
    condition = compile_condition(text, VARIABLES)
    assert isinstance(condition, Condition), condition
    return condition


def _refused(text: str) -> Problem:
    problem = compile_condition(text, VARIABLES, place=Place(10, 20), path="stages[0].when")
    assert isinstance(problem, Problem)
    return problem


def _answer(text: str) -> Outcome:
    return _compiled(text).evaluate(FACTS)


def _second_answer(text: str) -> Outcome:
    """The same question to an independent implementation."""
    try:
        value = second_implementation.evaluate(text, dict(FACTS))
    except (ValueError, TypeError, RuntimeError, ArithmeticError, LookupError) as error:
        return Broken(str(error))
    if not isinstance(value, bool):
        return Broken("not a truth value")
    return Held() if value else NotHeld()


HOLDS: Final = (
    "true",
    "env == 'production'",
    "env != 'staging' && risk >= 3",
    "env.startsWith('prod') && env.endsWith('tion')",
    "env.contains('duct')",
    "env in ['staging', 'production']",
    "env.size() == 10",
    "size(env) == 10",
    "env.matches('^[a-z]+$')",
    "risk * 2 + 1 == 7",
    "risk % 2 == 1",
    "-risk < 0",
    "share < 0.5",
    "double(risk) > share",
    "!urgent",
    "!urgent ? risk == 3 : false",
    "urgent || true",
    "paths.size() == 2",
    "paths[0] == 'src/a.py'",
    "paths.exists(p, p.startsWith('migrations/'))",
    "!paths.all(p, p.startsWith('src/'))",
    "paths.filter(p, p.endsWith('.sql')).size() == 1",
    "paths.map(p, p.size()).exists(n, n > 10)",
    "'src/a.py' in paths",
    "metrics.errors < 0.05",
    "metrics['latency'] <= 180.0",
    "has(metrics.errors) && !has(metrics.saturation)",
    "'errors' in metrics",
    "metrics.errors < 0.01 || metrics.latency < 200.0",
    "issues.exists(i, i.priority in ['P0', 'P1'] && i.state == 'open')",
    "issues.filter(i, i.state == 'open').size() == 1",
    "age > duration('4h')",
    "at > timestamp('2026-03-01T00:00:00Z')",
    "at + age < timestamp('2026-03-03T00:00:00Z')",
    "at.getHours() == 9",
    "at.getDayOfWeek() == 1",
)
HOLDS_NOT: Final = (
    "false",
    "env == 'staging'",
    "risk > 3",
    "urgent && risk > 1",
    "paths.all(p, p == 'x')",
    "metrics.errors > 0.5",
    "issues.all(i, i.state == 'closed')",
    "age < duration('1h')",
)
BREAKS: Final = (
    "1 / 0 == 1",
    "risk / 0 > 0",
    "metrics.saturation > 0.5",
    "metrics['saturation'] > 0.5",
    "paths[9] == 'x'",
    "issues[0].severity == 'high'",
    "9223372036854775807 + risk > 0",
    "timestamp('soon') < at",
    "int(env) == 3",
    "env.matches('(')",
)


@pytest.mark.parametrize("text", HOLDS)
def test_a_true_condition_holds(text: str) -> None:
    assert _answer(text) == Held()


@pytest.mark.parametrize("text", HOLDS_NOT)
def test_a_false_condition_does_not_hold(text: str) -> None:
    assert _answer(text) == NotHeld()


@pytest.mark.parametrize("text", BREAKS)
def test_an_evaluation_error_never_holds(text: str) -> None:
    outcome = _answer(text)
    assert isinstance(outcome, Broken)
    assert outcome.why


@pytest.mark.parametrize("text", HOLDS + HOLDS_NOT + BREAKS)
def test_a_second_implementation_gives_the_same_verdict(text: str) -> None:
    assert type(_second_answer(text)) is type(_answer(text))


_ATOMS = st.sampled_from([f"({text})" for text in HOLDS + HOLDS_NOT + BREAKS])
_EXPRESSIONS = st.recursive(
    _ATOMS,
    lambda inner: (
        st.tuples(inner, st.sampled_from(["&&", "||", "==", "!="]), inner).map(lambda made: f"({' '.join(made)})")
        | inner.map(lambda text: f"!({text})")
        | st.tuples(inner, inner, inner).map(lambda made: f"({made[0]} ? {made[1]} : {made[2]})")
    ),
    max_leaves=6,
)


@given(_EXPRESSIONS.filter(lambda text: len(text) <= MAX_LENGTH))
def test_both_implementations_agree_on_made_up_conditions(text: str) -> None:
    assert type(_second_answer(text)) is type(_answer(text))


@given(st.text(max_size=80) | st.lists(st.sampled_from([*HOLDS, "(", ")", "&&", "'", "!", "1", "."])).map(" ".join))
def test_any_text_is_compiled_or_refused(text: str) -> None:
    assert isinstance(compile_condition(text, VARIABLES), Condition | Problem)


_FACTS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(st.characters()),
    st.datetimes(),
    st.timedeltas(),
    st.lists(st.integers(), max_size=3),
    st.dictionaries(st.text(max_size=3), st.floats(), max_size=3),
)


@given(st.dictionaries(st.sampled_from(sorted(VARIABLES)), _FACTS), st.sampled_from(HOLDS + BREAKS))
def test_any_facts_are_answered_and_missing_ones_never_hold(facts: dict[str, Fact], text: str) -> None:
    outcome = _compiled(text).evaluate(facts)
    assert isinstance(outcome, Held | NotHeld | Broken)
    assert facts.keys() == VARIABLES.keys() or isinstance(outcome, Broken)


@pytest.mark.parametrize(
    ("text", "code", "column", "sentence", "next_step"),
    [
        ("share > 1", "type", 26, "'>' cannot take (double, int)", "write whole numbers as 1.0 here"),
        ("env == 3", "type", 24, "'==' cannot take (string, int)", "both sides must be of the same type"),
        ("evn == 'x'", "name", 20, "unknown name 'evn'", "did you mean 'env'?"),
        ("risk", "type", 20, "the condition answers int, not true or false", "compare it with something"),
        ("risk ==", "syntax", 27, "the condition cannot be read: mismatched input '<EOF>'", "write it as CEL"),
        ("if", "syntax", 20, "the condition cannot be read: reserved identifier: if", "write it as CEL"),
        ("risk.x == 1", "type", 24, "expression of type 'int' cannot be the operand of a select operation", "look at"),
        ("dyn(risk) == 'x'", "limit", 20, "the condition is refused: 'dyn' would switch the type check off", ""),
        ("\ud800", "limit", 20, "the condition is refused: it is not Unicode text", ""),
        ("(" * 40 + "true" + ")" * 40, "limit", 20, "the condition is refused: CANCELLED: Expression recursion", ""),
        ("(" * MAX_LENGTH, "limit", 20, "the condition is refused: CANCELLED: Expression recursion limit", ""),
        ("true" + " " * MAX_LENGTH, "limit", 20, f"it has {MAX_LENGTH + 4} characters; {MAX_LENGTH} are allowed", ""),
    ],
)
def test_a_condition_that_cannot_work_is_refused_with_its_place(
    text: str, code: str, column: int, sentence: str, next_step: str
) -> None:
    problem = _refused(text)
    assert (problem.code, problem.place) == (f"pack.condition_{code}", Place(10, column))
    assert sentence in problem.sentence
    assert problem.next_step.startswith(next_step)
    assert problem.path == "stages[0].when"


def test_a_problem_in_a_later_line_says_which() -> None:
    problem = _refused("urgent &&\n  env == 3")
    assert (problem.place, problem.sentence) == (
        Place(10, 20),
        "'==' cannot take (string, int) in line 2, column 7 of the condition",
    )


def test_a_missing_fact_breaks_the_condition_even_where_it_is_not_needed() -> None:
    facts = {name: fact for name, fact in FACTS.items() if name != "share"}
    assert _compiled("true || share > 0.5").evaluate(facts) == Broken("fact 'share' is missing")


def test_a_fact_of_another_type_breaks_the_condition() -> None:
    assert _compiled("true").evaluate({**FACTS, "risk": "3"}) == Broken("fact 'risk': expected int, found a text")


def test_facts_that_nobody_declared_are_ignored() -> None:
    assert _compiled("risk == 3").evaluate({**FACTS, "more": "x"}) == Held()


def test_a_name_may_have_a_dot() -> None:
    condition = compile_condition("change.kind == 'normal'", {"change.kind": Kind.STRING})
    assert isinstance(condition, Condition)
    assert condition.evaluate({"change.kind": "normal"}) == Held()


def test_nested_loops_end_in_an_error_instead_of_never() -> None:
    crowd: Fact = ["x"] * MAX_ITEMS
    condition = _compiled("paths.all(a, paths.all(b, paths.all(c, a == b && b == c)))")
    outcome = condition.evaluate({**FACTS, "paths": crowd})
    assert isinstance(outcome, Broken)
    assert "budget" in outcome.why


def test_the_cel_library_is_loaded_only_by_who_has_a_condition() -> None:
    program = "import sys, interlock.packs.conditions; print('cel_expr_python.cel' in sys.modules)"
    printed = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
    assert printed == "False\n"
