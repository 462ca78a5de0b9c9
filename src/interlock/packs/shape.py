# SPDX-License-Identifier: Apache-2.0
"""A tree to typed values, strictly: the dataclass *is* the grammar of the file.

1. Every key and word is known or refused, with its place and the nearest allowed one; nothing is guessed or dropped.
2. All problems are reported, not only the first; a value is built only when nothing below it is wrong.
   No text is blank.
3. A shape is made of frozen dataclasses, `tuple[X, ...]`, `Mapping[K, V]`, `StrEnum`, `Literal`, the words and bare
   values of `scalars`, `Annotated[X, parser]` for a word of one's own, unions, and `Tree` for a part that somebody
   else decodes later. In a union, tables are told apart by the keys only one of them has.
4. A `None` in a union can only be the default: it cannot be written.
"""

import dataclasses
import re
import types
from collections.abc import Callable, Iterator, Mapping, Sized
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache
from typing import Final, TypeVar, Union, assert_never, cast, get_args, get_origin, get_type_hints

from interlock.packs.nearest import advice, nearest
from interlock.packs.problem import Place, Problem, Problems, clean, problems_of, shown
from interlock.packs.scalars import BARE, is_blank
from interlock.packs.wanted import (
    ANY,
    Span,
    is_mapping,
    is_record,
    name_of,
    one_of,
    options_of,
    parser_of,
    span_in_words,
    tree_in_words,
)
from interlock.packs.yaml_tree import (
    Document,
    Entry,
    Listing,
    Scalar,
    Step,
    Table,
    Tree,
    Written,
    find,
    path_text,
    place_of,
)

T = TypeVar("T")

NOTHING_GIVEN: Final[Mapping[str, object]] = {}
_RULES: Final = "interlock.key"
_PARTS: Final = (Scalar, Listing, Table)
_NULLS: Final = frozenset({"", "~", "null", "Null", "NULL"})


@dataclass(frozen=True, slots=True)
class Rules:
    """What a field's annotation cannot say about its key."""

    name: str = ""
    """The key in the file where it differs from the field's name."""
    doc: str = ""
    """One sentence for the reference pages."""
    at_least: int = 0
    """How many items, entries or characters there must be."""
    pattern: str = ""
    """What a text must match as a whole."""
    span: Span = ANY
    """What a number, each number of a listing, or a duration may be."""


@dataclass(frozen=True, slots=True)
class Key:
    """One key of a table: what the reference pages print and the decoder obeys."""

    name: str
    attribute: str
    shape: object
    required: bool
    rules: Rules


def key(
    name: str = "", *, doc: str = "", at_least: int = 0, pattern: str = "", span: Span = ANY
) -> Mapping[str, Rules]:
    """Metadata for `dataclasses.field`: `opens: time = field(metadata=key("from", doc="..."))`."""
    return {_RULES: Rules(name, doc, at_least, pattern, span)}


@cache
def keys_of(shape: type) -> tuple[Key, ...]:
    """The keys of the table that `shape` describes, in the order of its fields."""
    hints = get_type_hints(shape, include_extras=True)
    return tuple(_key(member, hints[member.name]) for member in dataclasses.fields(shape) if member.init)


def _key(member: dataclasses.Field[object], hint: object) -> Key:
    rules = cast("Rules", member.metadata.get(_RULES, Rules()))
    required = member.default is dataclasses.MISSING and member.default_factory is dataclasses.MISSING
    return Key(rules.name or member.name, member.name, hint, required, rules)


def decode(
    document: Document,
    shape: type[T],
    *,
    at: tuple[Step, ...] = (),
    given: Mapping[str, object] = NOTHING_GIVEN,
) -> T | Problems:
    """The part of the document at `at` as a `shape`.

    `given` are fields that the program supplies, not the file (a clock for an adapter); they are no keys.
    """
    decoder = _Decoder(document.root)
    value = decoder.record(find(document.root, *at), shape, at, given)
    if decoder.found:
        return problems_of(document.source, document.lines, decoder.found)
    return cast("T", value)


def problem_at(document: Document, at: tuple[Step, ...], code: str, sentence: str, next_step: str) -> Problem:
    """A problem that a later check found in a value that decoded well."""
    return Problem(place_of(document.root, *at), path_text(at), code, sentence, next_step)


class _Failed:
    """In place of a value that could not be built."""


_FAILED: Final = _Failed()


@dataclass(slots=True)
class _Decoder:
    root: Tree
    found: list[Problem] = field(default_factory=list)

    def value(self, tree: Tree, wanted: object, at: tuple[Step, ...]) -> object:
        origin = get_origin(wanted)
        options = options_of(wanted)
        if type(tree) in options:
            return tree
        if wanted in _PARTS:
            return self._wrong_type(tree, wanted, at)
        if unwritten := _unwritten(tree):
            return self._fail(tree.place, at, "pack.empty_value", unwritten, f"write {name_of(wanted)}")
        if origin in (Union, types.UnionType):
            return self._union(tree, options, at)
        if origin is tuple:
            return self._listing(tree, get_args(wanted), at)
        if origin is not None and is_mapping(origin):
            return self._mapping(tree, get_args(wanted), at)
        if is_record(wanted):
            return self.record(tree, cast("type", wanted), at, NOTHING_GIVEN)
        return self._scalar(tree, wanted, at)

    def record(self, tree: Tree, shape: type, at: tuple[Step, ...], given: Mapping[str, object]) -> object:
        if not isinstance(tree, Table):
            return self._wrong_type(tree, shape, at)
        keys = {known.name: known for known in keys_of(shape) if known.attribute not in given}
        meant = {entry.key for entry in tree.entries}
        before = len(self.found)
        values = dict(given)
        for entry in tree.entries:
            if entry.key in keys:
                known = keys[entry.key]
                values[known.attribute] = self._keyed(entry.value, known, (*at, entry.key))
            else:
                meant.add(self._unknown_key(entry, keys, at))
        for known in keys.values():
            if known.required and known.name not in meant:
                next_step = f"add {known.name}: {name_of(known.shape)}"
                self._fail(self._place(tree, at), at, "pack.missing_key", f"key '{known.name}' is missing", next_step)
        return self._build(self._place(tree, at), at, shape, values) if len(self.found) == before else _FAILED

    def _build(self, place: Place, at: tuple[Step, ...], shape: type, values: Mapping[str, object]) -> object:
        try:
            return cast("Callable[..., object]", shape)(**values)
        except ValueError as error:
            return self._fail(place, at, "pack.wrong_value", "these values do not go together", clean(str(error)))

    def _keyed(self, tree: Tree, known: Key, at: tuple[Step, ...]) -> object:
        value = self.value(tree, known.shape, at)
        rules = known.rules
        if rules.at_least and isinstance(value, Sized) and len(value) < rules.at_least:
            sentence = f"{len(value)} stand here, at least {rules.at_least} are needed"
            return self._fail(self._place(tree, at), at, "pack.empty_value", sentence, f"write {name_of(known.shape)}")
        if rules.pattern and isinstance(value, str) and not re.fullmatch(rules.pattern, value):
            sentence = f"{shown(value)} does not have the form of '{known.name}'"
            return self._fail(tree.place, at, "pack.wrong_value", sentence, f"it must match {rules.pattern}")
        return value if rules.span == ANY or self._is_within(tree, value, known, at) else _FAILED

    def _is_within(self, tree: Tree, value: object, known: Key, at: tuple[Step, ...]) -> bool:
        """Whether a number, or each one of a listing or a table, is what its key allows; what is not is told."""
        if not isinstance(tree, Scalar):
            found = [self._is_within(item, one, known, (*at, step)) for step, item, one in _parts(tree, value)]
            return all(found)
        span = known.rules.span
        amount = value.total_seconds() if isinstance(value, timedelta) else value
        if not isinstance(amount, int | float) or span.least <= amount <= span.most:
            return True
        sentence = f"{shown(tree.text)} is {'less' if amount < span.least else 'more'} than '{known.name}' can be"
        wanted = span_in_words(known.shape, span)
        self._fail(tree.place, at, "pack.out_of_range", sentence, f"write {wanted}")
        return False

    def _listing(self, tree: Tree, arguments: tuple[object, ...], at: tuple[Step, ...]) -> object:
        if len(arguments) != 2 or arguments[1] is not Ellipsis:  # noqa: PLR2004 - tuple[X, ...] has two arguments
            raise TypeError("a listing is declared as tuple[X, ...]")
        if not isinstance(tree, Listing):
            return self._wrong_type(tree, tuple[str, ...], at)
        values = [self.value(item, arguments[0], (*at, number)) for number, item in enumerate(tree.items)]
        return _FAILED if any(value is _FAILED for value in values) else tuple(values)

    def _mapping(self, tree: Tree, arguments: tuple[object, ...], at: tuple[Step, ...]) -> object:
        if not isinstance(tree, Table):
            return self._wrong_type(tree, Mapping[str, str], at)
        values: dict[object, object] = {}
        for entry in tree.entries:
            inner = (*at, entry.key)
            name = self.value(Scalar(entry.key, Written.QUOTED, entry.place), arguments[0], inner)
            values[name] = self.value(entry.value, arguments[1], inner)
        return _FAILED if _FAILED in values or any(value is _FAILED for value in values.values()) else values

    def _union(self, tree: Tree, options: tuple[object, ...], at: tuple[Step, ...]) -> object:
        fitting = tuple(option for option in options if _takes(option, tree))
        if len(fitting) == 1:
            return self.value(tree, fitting[0], at)
        if not fitting:
            return self._wrong_type(tree, options, at)
        if isinstance(tree, Table):
            return self._choose(tree, tuple(cast("type", option) for option in fitting), at)
        for option in fitting:
            attempt = _Decoder(self.root)
            value = attempt.value(tree, option, at)
            if not attempt.found:
                return value
        return self._wrong_type(tree, options, at)

    def _choose(self, tree: Table, shapes: tuple[type, ...], at: tuple[Step, ...]) -> object:
        """The one shape whose own keys are present; the one without keys of its own when none is."""
        own = {shape: _own_keys(shape, shapes) for shape in shapes}
        meant = [shape for shape in shapes if any(entry.key in own[shape] for entry in tree.entries)]
        meant = meant or [shape for shape in shapes if not own[shape]]
        if len(meant) == 1:
            return self.record(tree, meant[0], at, NOTHING_GIVEN)
        if meant:
            firsts = [next(entry for entry in tree.entries if entry.key in own[shape]) for shape in meant]
            clashing = sorted(firsts, key=lambda entry: entry.place)
            names = " and ".join(f"'{entry.key}'" for entry in clashing)
            return self._fail(clashing[-1].place, at, "pack.exclusive_keys", f"{names} exclude each other", "keep one")
        allowed = {known.name: known for shape in shapes for known in keys_of(shape)}
        unknown = [entry for entry in tree.entries if entry.key not in allowed]
        for entry in unknown:
            self._unknown_key(entry, allowed, at)
        if unknown:
            return _FAILED
        choices = [known.name for shape in shapes for known in keys_of(shape) if known.name in own[shape]]
        sentence = "it is not said what this is"
        return self._fail(self._place(tree, at), at, "pack.missing_key", sentence, f"add {one_of(choices)}")

    def _scalar(self, tree: Tree, wanted: object, at: tuple[Step, ...]) -> object:
        parser, options = parser_of(wanted)
        if not isinstance(tree, Scalar):
            return self._wrong_type(tree, wanted, at)
        if options and tree.text not in options:
            sentence = f"unknown word {shown(tree.text)}"
            return self._fail(tree.place, at, "pack.unknown_word", sentence, advice(tree.text, options))
        if wanted in BARE and tree.written is not Written.PLAIN:
            sentence = f"expected {name_of(wanted)}, found the quoted text {shown(tree.text)}"
            return self._fail(tree.place, at, "pack.wrong_type", sentence, "remove the quotes")
        try:
            return parser(tree.text)
        except ValueError as error:
            code = "pack.wrong_type" if wanted in BARE else "pack.wrong_value"
            return self._fail(tree.place, at, code, f"{shown(tree.text)} does not fit here", clean(str(error)))

    def _unknown_key(self, entry: Entry, keys: Mapping[str, Key], at: tuple[Step, ...]) -> str:
        """Tells of it, and answers with the key that was probably meant, which is then not missing as well."""
        sentence = f"unknown key {shown(entry.key)}"
        self._fail(entry.place, (*at, entry.key), "pack.unknown_key", sentence, advice(entry.key, keys))
        return nearest(entry.key, keys)

    def _wrong_type(self, tree: Tree, wanted: object, at: tuple[Step, ...]) -> object:
        sentence = f"expected {name_of(wanted)}, found {tree_in_words(tree)}"
        return self._fail(self._place(tree, at), at, "pack.wrong_type", sentence, f"write {name_of(wanted)}")

    def _place(self, tree: Tree, at: tuple[Step, ...]) -> Place:
        """A word itself; of what has parts, the key it stands under: its own beginning is its first part's."""
        return tree.place if isinstance(tree, Scalar) else place_of(self.root, *at)

    def _fail(self, place: Place, at: tuple[Step, ...], code: str, sentence: str, next_step: str) -> object:
        self.found.append(Problem(place, path_text(at), code, sentence, next_step))
        return _FAILED


def _parts(tree: Tree, value: object) -> Iterator[tuple[Step, Tree, object]]:
    """What stands in a listing or a table: where, as it is written, and as a value."""
    if isinstance(tree, Listing) and isinstance(value, tuple):
        yield from zip(range(len(value)), tree.items, value, strict=True)
    elif isinstance(tree, Table) and isinstance(value, Mapping):
        for entry, one in zip(tree.entries, value.values(), strict=True):
            yield entry.key, entry.value, one


def _unwritten(tree: Tree) -> str:
    """Why nothing was written there, as a sentence; empty: something was."""
    if not isinstance(tree, Scalar):
        return ""
    if tree.written is Written.PLAIN and tree.text in _NULLS:
        return "nothing is written here"
    if not tree.text:
        return "the text is empty"
    return "nothing in this text can be seen" if is_blank(tree.text) else ""


def _takes(option: object, tree: Tree) -> bool:
    """Whether a value written this way can be an `option` at all."""
    if option in _PARTS:
        return type(tree) is option
    match tree:
        case Table():
            return is_record(option) or is_mapping(get_origin(option))
        case Listing():
            return get_origin(option) is tuple
        case Scalar():
            return not (is_record(option) or is_mapping(get_origin(option)) or get_origin(option) is tuple)
        case _:
            assert_never(tree)


@cache
def _own_keys(shape: type, shapes: tuple[type, ...]) -> frozenset[str]:
    others = {known.name for other in shapes if other is not shape for known in keys_of(other)}
    return frozenset(known.name for known in keys_of(shape)) - others
