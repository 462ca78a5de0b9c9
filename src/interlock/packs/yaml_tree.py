# SPDX-License-Identifier: Apache-2.0
"""Text to a tree of scalars, listings and tables that know their places: the small, safe part of YAML.

1. What makes YAML surprising is a problem, not a feature: anchors and aliases, tags, merge keys, directives, several
   documents, tabs, duplicate keys. No object is ever constructed; a scalar stays the text that was written.
2. Size and depth are bounded before they can hurt; the file is read event by event, never by recursion.
3. `read` raises nothing for any bytes: it answers with a document or with problems.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, Protocol

import yaml

from interlock.packs.problem import Place, Problem, Problems, clean, problems_of, shown

MAX_BYTES: Final = 1024 * 1024
MAX_DEPTH: Final = 40
MAX_FOUND: Final = 50
"""Reading stops after so many problems; more would help nobody."""

TOP: Final = Place(1, 1)
_BREAK: Final = re.compile("\r\n|[\r\n\x85\u2028\u2029]")
_LOADER: Final = yaml.CSafeLoader if yaml.__with_libyaml__ else yaml.SafeLoader


class Written(StrEnum):
    """How a scalar was written: only a plain one can be a number or a truth value."""

    PLAIN = "plain"
    QUOTED = "quoted"


@dataclass(frozen=True, slots=True)
class Scalar:
    text: str
    written: Written
    place: Place


@dataclass(frozen=True, slots=True)
class Listing:
    items: tuple["Tree", ...]
    place: Place


@dataclass(frozen=True, slots=True)
class Entry:
    """One key of a table with its value; the keys of a table differ."""

    key: str
    place: Place
    value: "Tree"


@dataclass(frozen=True, slots=True)
class Table:
    entries: tuple[Entry, ...]
    place: Place


Tree = Scalar | Listing | Table
Step = str | int
"""A key of a table, or the number of an item, from 0."""


@dataclass(frozen=True, slots=True)
class Document:
    """A file that was read. `source` is its name as people know it."""

    source: str
    lines: tuple[str, ...]
    root: Tree


def read(source: str, content: bytes) -> Document | Problems:
    """The one YAML document in these bytes."""
    if len(content) > MAX_BYTES:
        return Problems(source, (), (_oversized(len(content)),))
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        return Problems(source, (), (_not_utf8(content, error.start),))
    lines = tuple(_BREAK.split(text))
    builder = _Builder()
    builder.found.extend(_tabs(lines))
    try:
        builder.build(yaml.parse(text, Loader=_LOADER))
    except yaml.YAMLError as error:
        builder.found.append(_not_yaml(error))
    except _Enough:
        pass
    if builder.found or builder.is_empty:
        found = builder.found or [_problem(TOP, "pack.empty_value", "the file is empty", "write the document")]
        return problems_of(source, lines, found)
    return Document(source, lines, builder.roots[0])


def find(tree: Tree, *steps: Step) -> Tree:
    """The value those steps lead to, or the nearest one above it: where to point when something there is wrong."""
    for step in steps:
        match tree, step:
            case Table(), str() if inner := [entry.value for entry in tree.entries if entry.key == step]:
                tree = inner[0]
            case Listing(), int() if step < len(tree.items):
                tree = tree.items[step]
            case _:
                break
    return tree


def place_of(tree: Tree, *steps: Step) -> Place:
    """Where to point for the value those steps lead to: at a word itself, at the key of what has parts."""
    place = tree.place
    for step in steps:
        match tree, step:
            case Table(), str() if inner := [entry for entry in tree.entries if entry.key == step]:
                tree = inner[0].value
                place = tree.place if isinstance(tree, Scalar) else inner[0].place
            case Listing(), int() if step < len(tree.items):
                tree = tree.items[step]
                place = tree.place
            case _:
                break
    return place


def path_text(steps: tuple[Step, ...]) -> str:
    """Steps as people write them: `stages[1].requires`."""
    words = (f"[{step}]" if isinstance(step, int) else f".{_key_text(step)}" for step in steps)
    return "".join(words).removeprefix(".")


def _key_text(key: str) -> str:
    return key if re.fullmatch(r"[\w.*/-]{1,64}", key) else shown(key)


class _Mark(Protocol):
    """How PyYAML's two parsers say where: both counts from 0."""

    @property
    def line(self) -> int: ...

    @property
    def column(self) -> int: ...


class _Enough(Exception):
    """Reading has nothing useful to add."""


@dataclass(slots=True)
class _Open:
    """A listing or table under construction; `key` waits for its value."""

    place: Place
    is_table: bool
    items: list[Tree] = field(default_factory=list)
    entries: dict[str, Entry] = field(default_factory=dict)
    key: Scalar | Listing | Table | None = None


@dataclass(slots=True)
class _Builder:
    found: list[Problem] = field(default_factory=list)
    roots: list[Tree] = field(default_factory=list)
    open: list[_Open] = field(default_factory=list)
    documents: int = 0

    @property
    def is_empty(self) -> bool:
        """Whether nothing was written, or nothing but the line that begins a document."""
        root = next(iter(self.roots), None)
        return root is None or (isinstance(root, Scalar) and not root.text and root.written is Written.PLAIN)

    def build(self, events: Iterator[yaml.Event]) -> None:
        for event in events:
            if len(self.found) >= MAX_FOUND:
                raise _Enough
            self._take(event)

    def _take(self, event: yaml.Event) -> None:
        place = _place(event.start_mark)
        match event:
            case yaml.DocumentStartEvent():
                self._start_document(event, place)
            case yaml.MappingStartEvent() | yaml.SequenceStartEvent():
                self._refuse_marks(event, place)
                self._enter(_Open(place, isinstance(event, yaml.MappingStartEvent)))
            case yaml.MappingEndEvent():
                done = self.open.pop()
                self._add(Table(tuple(done.entries.values()), done.place))
            case yaml.SequenceEndEvent():
                done = self.open.pop()
                self._add(Listing(tuple(done.items), done.place))
            case yaml.ScalarEvent():
                self._refuse_marks(event, place)
                plain = event.style is None or event.style == ""
                self._add(Scalar(event.value, Written.PLAIN if plain else Written.QUOTED, place))
            case yaml.AliasEvent():
                self.found.append(_alias(place))
                self._add(Scalar("", Written.QUOTED, place))
            case _:
                pass

    def _start_document(self, event: yaml.DocumentStartEvent, place: Place) -> None:
        self.documents += 1
        if self.documents > 1:
            self.found.append(_problem(place, "pack.many_documents", "a second document begins", "keep one per file"))
            raise _Enough
        if event.version or event.tags:
            self.found.append(_problem(place, "pack.tag", "a % directive stands here", "remove the directive"))

    def _refuse_marks(self, event: yaml.NodeEvent, place: Place) -> None:
        if event.anchor is not None:
            self.found.append(_alias(place))
        if getattr(event, "tag", None) is not None:
            self.found.append(_problem(place, "pack.tag", "a ! tag stands here", "remove the tag; write plain values"))

    def _enter(self, opened: _Open) -> None:
        if len(self.open) >= MAX_DEPTH:
            sentence = f"nested deeper than {MAX_DEPTH} levels"
            self.found.append(_problem(opened.place, "pack.too_deep", sentence, "write it flatter"))
            raise _Enough
        self.open.append(opened)

    def _add(self, tree: Tree) -> None:
        if not self.open:
            self.roots.append(tree)
            return
        around = self.open[-1]
        if not around.is_table:
            around.items.append(tree)
        elif around.key is None:
            around.key = tree
        else:
            key, around.key = around.key, None
            self._add_entry(around, key, tree)

    def _add_entry(self, table: _Open, key: Tree, value: Tree) -> None:
        if not isinstance(key, Scalar):
            self.found.append(_problem(key.place, "pack.wrong_type", "a key is not a single word", "write a word"))
        elif key.text == "<<" and key.written is Written.PLAIN:
            self.found.append(_problem(key.place, "pack.merge_key", "a << merge key stands here", "write the keys out"))
        elif key.text in table.entries:
            first = table.entries[key.text].place
            sentence = f"key {shown(key.text)} is written twice, first in line {first.line}"
            self.found.append(_problem(key.place, "pack.duplicate_key", sentence, "keep one of them"))
        else:
            table.entries[key.text] = Entry(key.text, key.place, value)


def _problem(place: Place, code: str, sentence: str, next_step: str) -> Problem:
    return Problem(place, "", code, sentence, next_step)


def _alias(place: Place) -> Problem:
    return _problem(place, "pack.alias", "an anchor or alias stands here", "write the value out where it is needed")


def _tabs(lines: tuple[str, ...]) -> Iterator[Problem]:
    """The first tab: YAML and readers disagree on what a tab means, so there is none."""
    for number, line in enumerate(lines, start=1):
        if (column := line.find("\t")) >= 0:
            yield _problem(Place(number, column + 1), "pack.tab", "a tab stands here", "indent with spaces")
            return


def _oversized(size: int) -> Problem:
    sentence = f"the file has {size} bytes; {MAX_BYTES} are allowed"
    return _problem(TOP, "pack.too_large", sentence, "split it or remove what does not belong")


def _not_utf8(content: bytes, at: int) -> Problem:
    before = content[:at]
    place = Place(before.count(b"\n") + 1, at - (before.rfind(b"\n") + 1) + 1)
    return _problem(place, "pack.not_yaml", "the file is not UTF-8 text", "save it as UTF-8")


def _not_yaml(error: yaml.YAMLError) -> Problem:
    mark = error.problem_mark if isinstance(error, yaml.MarkedYAMLError) else None
    said = error.problem if isinstance(error, yaml.MarkedYAMLError) else "a character that YAML forbids"
    sentence = clean(f"this is not YAML: {said}")
    return _problem(_place(mark), "pack.not_yaml", sentence, "look at this line and the one above it")


def _place(mark: "_Mark | None") -> Place:
    return Place(mark.line + 1, mark.column + 1) if mark else TOP
