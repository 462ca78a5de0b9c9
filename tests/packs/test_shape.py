# SPDX-License-Identifier: Apache-2.0
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from enum import StrEnum
from pathlib import PurePosixPath
from typing import Annotated, Literal, TypeVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interlock.domain.ids import CheckId, RoleName
from interlock.packs.problem import Problem, Problems
from interlock.packs.shape import decode, key, keys_of, problem_at
from interlock.packs.wanted import DAY, Span
from interlock.packs.yaml_tree import Document, Listing, Scalar, Table, Tree, Written, read

T = TypeVar("T")


def _shout(text: str) -> str:
    if not text.isalpha():
        raise ValueError("expected letters")
    return text.upper()


class Phase(StrEnum):
    DRAFT = "draft"
    ACTIVE = "active"


@dataclass(frozen=True, slots=True)
class Signoff:
    role: RoleName
    statement: str


@dataclass(frozen=True, slots=True)
class SignedRequirement:
    id: str
    signoff: Signoff


@dataclass(frozen=True, slots=True)
class CheckedRequirement:
    id: str
    check: CheckId
    at_most: int | None = None
    waivable: bool = True


@dataclass(frozen=True, slots=True)
class NoteRequirement:
    id: str


@dataclass(frozen=True, slots=True)
class Window:
    opens: time = field(metadata=key("from", doc="When it opens."))
    closes: time = field(metadata=key("to"))

    def __post_init__(self) -> None:
        if self.closes <= self.opens:
            raise ValueError("to must be later than from")


@dataclass(frozen=True, slots=True)
class Pack:
    pack: str = field(metadata=key(pattern=r"[a-z]+"))
    phase: Phase = Phase.DRAFT
    requires: tuple[SignedRequirement | CheckedRequirement, ...] = field(default=(), metadata=key(at_least=1))
    holders: Mapping[RoleName, tuple[str, ...]] = field(default_factory=dict)
    bake: timedelta = timedelta(0)
    share: float = 0.0
    size: Literal["small", "large"] = "small"
    limit: Literal["none"] | int | timedelta = "none"
    window: Window | None = None
    place: PurePosixPath = PurePosixPath("/")
    since: datetime = datetime(2026, 1, 1, tzinfo=UTC)
    loud: Annotated[str, _shout] = ""
    notes: tuple[NoteRequirement | SignedRequirement, ...] = ()
    either: str | tuple[str, ...] | Mapping[str, int] = ""
    rest: Tree | None = None
    table: Table | None = None
    scalar: Scalar | None = None


def _decode(text: str, shape: type[T]) -> T | Problems:
    document = read("pack.yaml", text.encode())
    assert isinstance(document, Document)
    return decode(document, shape)


def _pack(text: str) -> Pack:
    value = _decode("pack: a\n" + text, Pack)
    assert isinstance(value, Pack), value.render()
    return value


def _found(text: str) -> tuple[Problem, ...]:
    value = _decode("pack: a\n" + text, Pack)
    assert isinstance(value, Problems)
    return value.found


def _only(text: str) -> Problem:
    (problem,) = _found(text)
    return problem


def test_a_whole_file_becomes_typed_values() -> None:
    pack = _pack(
        "phase: active\n"
        "requires:\n"
        "  - {id: unit, check: tests, at_most: 0, waivable: false}\n"
        "  - {id: qa, signoff: {role: qa-lead, statement: All good}}\n"
        "holders: {qa-lead: [ann, bob]}\n"
        "window: {from: 09:00, to: '16:00'}\n"
        "bake: 10m30s\nshare: 0.25\nsize: large\nplace: /srv\nsince: 2026-03-01T09:30:00Z\nloud: hey\n"
    )
    assert pack == Pack(
        pack="a",
        phase=Phase.ACTIVE,
        requires=(
            CheckedRequirement("unit", CheckId("tests"), 0, waivable=False),
            SignedRequirement("qa", Signoff(RoleName("qa-lead"), "All good")),
        ),
        holders={RoleName("qa-lead"): ("ann", "bob")},
        window=Window(time(9), time(16)),
        bake=timedelta(seconds=630),
        share=0.25,
        size="large",
        place=PurePosixPath("/srv"),
        since=datetime(2026, 3, 1, 9, 30, tzinfo=UTC),
        loud="HEY",
    )


@pytest.mark.parametrize(
    ("text", "code", "sentence", "next_step"),
    [
        ("phse: draft", "pack.unknown_key", "unknown key 'phse'", "did you mean 'phase'?"),
        ("phase: actve", "pack.unknown_word", "unknown word 'actve'", "did you mean 'active'? allowed: active, draft"),
        ("size: huge", "pack.unknown_word", "unknown word 'huge'", "use one of: large, small"),
        ("bake: 10", "pack.wrong_value", "'10' does not fit here", "expected a duration such as"),
        ("share: '0.5'", "pack.wrong_type", "expected a number, found the quoted text '0.5'", "remove the quotes"),
        ("share: half", "pack.wrong_type", "'half' does not fit here", "expected a number such as 0.5"),
        ("share: [1]", "pack.wrong_type", "expected a number, found a listing", "write a number"),
        ("share: {a: 1}", "pack.wrong_type", "expected a number, found a table of keys", "write a number"),
        ("requires: x", "pack.wrong_type", "expected a listing [...], found the text 'x'", "write a listing [...]"),
        ("requires: []", "pack.empty_value", "0 stand here, at least 1 are needed", "write a listing [...]"),
        ("holders: [a]", "pack.wrong_type", "expected a table of keys, found a listing", "write a table of keys"),
        ("holders: {Qa: []}", "pack.wrong_value", "'Qa' does not fit here", "'Qa' is not a name"),
        ("holders: {'': []}", "pack.empty_value", "the text is empty", "write a word"),
        ("window:", "pack.empty_value", "nothing is written here", "write a table of keys"),
        ("size: ~", "pack.empty_value", "nothing is written here", "write one of small, large"),
        ("loud: ''", "pack.empty_value", "the text is empty", "write a word"),
        ("loud: a1", "pack.wrong_value", "'a1' does not fit here", "expected letters"),
        ("window: {from: 09:00}", "pack.missing_key", "key 'to' is missing", "add to: a time of day such as 09:30"),
        ("window: 09:00", "pack.wrong_type", "expected a table of keys, found the text '09:00'", "write a table"),
        (
            "window: {from: 16:00, to: 09:00}",
            "pack.wrong_value",
            "these values do not go together",
            "to must be later than from",
        ),
        (
            "requires: [{id: a, check: b, signoff: {role: r, statement: s}}]",
            "pack.exclusive_keys",
            "'check' and 'signoff' exclude each other",
            "keep one",
        ),
        (
            "requires: [{id: a}]",
            "pack.missing_key",
            "it is not said what this is",
            "add signoff or check or at_most or waivable",
        ),
        ("requires: [{id: a, chek: b}]", "pack.unknown_key", "unknown key 'chek'", "did you mean 'check'?"),
        ("requires: [text]", "pack.wrong_type", "expected a table of keys, found the text 'text'", "write a table"),
        (
            "limit: some",
            "pack.wrong_type",
            "expected one of none or a whole number or a duration such as 30m, found the text 'some'",
            "write one of none",
        ),
        ("table: [1]", "pack.wrong_type", "expected a table of keys, found a listing", "write a table of keys"),
        ("scalar: [1]", "pack.wrong_type", "expected a word, found a listing", "write a word"),
    ],
)
def test_what_does_not_fit_is_told_with_what_does(text: str, code: str, sentence: str, next_step: str) -> None:
    problem = _only(text)
    assert (problem.code, problem.sentence) == (code, sentence)
    assert problem.next_step.startswith(next_step)


def test_a_text_that_does_not_match_its_pattern_is_refused() -> None:
    value = _decode("pack: A1", Pack)
    assert isinstance(value, Problems)
    assert value.found[0].next_step == "it must match [a-z]+"


def test_a_problem_points_at_its_place_and_path() -> None:
    problem = _only("requires:\n  - id: unit\n    check: tests\n    at_most: x\n")
    assert (problem.place.line, problem.place.column, problem.path) == (5, 14, "requires[0].at_most")


def test_all_problems_are_told_at_once() -> None:
    codes = [problem.code for problem in _found("phase: x\nbake: y\nzebra: 1\nholders: {a: [1, []]}\n")]
    assert codes == ["pack.unknown_word", "pack.wrong_value", "pack.unknown_key", "pack.wrong_type"]


def test_a_misspelt_key_is_not_missing_as_well() -> None:
    value = _decode("pakc: a", Pack)
    assert isinstance(value, Problems)
    assert [problem.code for problem in value.found] == ["pack.unknown_key"]


def test_a_missing_key_points_at_the_key_of_its_table() -> None:
    problem = _only("requires:\n  - id: a\n    signoff:\n      role: r\n")
    assert (problem.code, problem.place.line, problem.place.column) == ("pack.missing_key", 4, 5)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("window:\n  from: 09:00\n  too: '16:00'\n", ("pack.unknown_key", 4, 3, "window.too")),
        ("share:\n  much: 1\n", ("pack.wrong_type", 2, 1, "share")),
        ("window:\n  from: '16:00'\n  to: '09:00'\n", ("pack.wrong_value", 2, 1, "window")),
        (
            "requires:\n  - id: a\n    signoff:\n      rle: r\n      statement: s\n",
            ("pack.unknown_key", 5, 7, "requires[0].signoff.rle"),
        ),
        ("requires:\n  - {id: a}\n", ("pack.missing_key", 3, 5, "requires[0]")),
    ],
)
def test_what_is_wrong_deep_in_a_file_is_told_at_its_own_key(text: str, expected: tuple[str, int, int, str]) -> None:
    problem = _only(text)
    assert (problem.code, problem.place.line, problem.place.column, problem.path) == expected


@dataclass(frozen=True, slots=True)
class Bounded:
    count: int | None = field(default=None, metadata=key(span=Span(0)))
    share: float = field(default=1.0, metadata=key(span=Span(0.5, 100)))
    every: timedelta = field(default=timedelta(1), metadata=key(span=DAY))
    codes: tuple[int, ...] = field(default=(), metadata=key(span=Span(1, 255)))


@pytest.mark.parametrize(
    ("text", "sentence", "next_step", "path"),
    [
        ("count: -1", "'-1' is less than 'count' can be", "write a whole number of at least 0", "count"),
        ("share: 101", "'101' is more than 'share' can be", "write a number from 0.5 to 100", "share"),
        ("every: 0s", "'0s' is less than 'every' can be", "write a duration from 1 s to 1 d", "every"),
        ("codes: [3, 256]", "'256' is more than 'codes' can be", "write a whole number from 1 to 255", "codes[1]"),
    ],
)
def test_a_number_beyond_its_span_is_refused_at_its_place(text: str, sentence: str, next_step: str, path: str) -> None:
    value = _decode(text, Bounded)
    assert isinstance(value, Problems)
    (problem,) = value.found
    assert (problem.code, problem.sentence, problem.next_step) == ("pack.out_of_range", sentence, next_step)
    assert (problem.path, problem.place.column) == (path, text.index(sentence.split("'")[1]) + 1)


def test_numbers_at_both_ends_of_their_span_are_taken() -> None:
    wanted = Bounded(0, 100.0, timedelta(seconds=1), (1, 255))
    assert _decode("{count: 0, share: 100, every: 1s, codes: [1, 255]}", Bounded) == wanted


@pytest.mark.parametrize(
    ("text", "value"), [("limit: none", "none"), ("limit: 3", 3), ("limit: 3m", timedelta(minutes=3))]
)
def test_a_union_of_words_takes_the_first_that_fits(text: str, value: object) -> None:
    assert _pack(text).limit == value


@pytest.mark.parametrize(
    ("text", "value"), [("either: a", "a"), ("either: [a, b]", ("a", "b")), ("either: {a: 1}", {"a": 1})]
)
def test_a_union_takes_what_is_written_by_its_form(text: str, value: object) -> None:
    assert _pack(text).either == value


def test_the_shape_without_keys_of_its_own_is_meant_when_no_other_is() -> None:
    assert _pack("notes: [{id: a}]").notes == (NoteRequirement("a"),)


def test_a_part_for_somebody_else_stays_a_tree() -> None:
    pack = _pack("rest: [a]\nscalar: ~\ntable: {}")
    assert isinstance(pack.rest, Listing)
    assert isinstance(pack.table, Table)
    assert pack.scalar is not None
    assert (pack.scalar.text, pack.scalar.written) == ("~", Written.PLAIN)


def test_a_part_can_be_decoded_by_itself_with_what_the_program_gives() -> None:
    document = read("pack.yaml", b"window: {to: '16:00'}")
    assert isinstance(document, Document)
    assert decode(document, Window, at=("window",), given={"opens": time(9)}) == Window(time(9), time(16))


def test_what_the_program_gives_cannot_be_written() -> None:
    document = read("pack.yaml", b"window: {from: '08:00', to: '16:00'}")
    assert isinstance(document, Document)
    value = decode(document, Window, at=("window",), given={"opens": time(9)})
    assert isinstance(value, Problems)
    assert value.found[0].sentence == "unknown key 'from'"


def test_a_later_check_can_point_at_a_value() -> None:
    document = read("pack.yaml", b"a:\n  - b\n  - c\n")
    assert isinstance(document, Document)
    problem = problem_at(document, ("a", 1), "pack.circle", "it comes after itself", "remove it")
    assert (problem.place.line, problem.path) == (3, "a[1]")


def test_the_keys_of_a_table_are_known_for_its_reference_page() -> None:
    opens, closes = keys_of(Window)
    assert (opens.name, opens.attribute, opens.required, opens.rules.doc) == ("from", "opens", True, "When it opens.")
    assert (closes.name, closes.rules.doc) == ("to", "")
    assert [known.required for known in keys_of(CheckedRequirement)] == [True, True, False, False]


def test_a_file_that_is_no_table_is_refused() -> None:
    value = _decode("[1]", Pack)
    assert isinstance(value, Problems)
    assert value.found[0].sentence == "expected a table of keys, found a listing"


@dataclass(frozen=True, slots=True)
class Parts:
    items: Listing


def test_a_part_must_be_written_in_its_form() -> None:
    value = _decode("items: {items: 1}", Parts)
    assert isinstance(value, Problems)
    assert value.found[0].sentence == "expected a listing [...], found a table of keys"


@dataclass(frozen=True, slots=True)
class Unreadable:
    value: complex


@dataclass(frozen=True, slots=True)
class Pair:
    value: tuple[str, str]


@pytest.mark.parametrize("shape", [Unreadable, Pair])
def test_a_shape_that_no_file_can_hold_is_a_bug_and_says_so(shape: type) -> None:
    with pytest.raises(TypeError, match=r"no file can hold|tuple\[X, ...\]"):
        _decode("value: [1]", shape)


_WORDS = st.sampled_from(["a", "1", "0.5", "true", "~", "''", "active", "9:00", "10m", "''", "'3'", "none", "é"])
_KEYS = st.sampled_from([*(known.name for known in keys_of(Pack)), "id", "check", "signoff", "role", "statement", "zz"])


def _table(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    entries = st.dictionaries(_KEYS, inner, max_size=5)
    return entries.map(lambda table: "{" + ", ".join(f"{name}: {value}" for name, value in table.items()) + "}")


_TEXTS = st.recursive(
    _WORDS,
    lambda inner: st.lists(inner, max_size=3).map(lambda items: "[" + ", ".join(items) + "]") | _table(inner),
    max_leaves=20,
)


@given(_table(_TEXTS))
def test_any_tree_is_decoded_or_refused_with_places_in_the_file(text: str) -> None:
    value = _decode(text, Pack)
    if isinstance(value, Problems):
        assert all(1 <= problem.place.column <= len(text) for problem in value.found)
        assert all(problem.sentence and problem.next_step for problem in value.found)
        assert value.render()
