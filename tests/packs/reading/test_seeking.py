# SPDX-License-Identifier: Apache-2.0
"""Patterns that are tried only where a word stands that they need: the words are read off the pattern."""

import importlib
import pkgutil

import pytest
from bench.reading import DOCUMENTS

from interlock.packs import reading
from interlock.packs.reading.seeking import Sought, sought

SOUGHT = tuple(
    one
    for module in pkgutil.iter_modules(reading.__path__)
    for one in vars(importlib.import_module(f"{reading.__name__}.{module.name}")).values()
    if isinstance(one, Sought)
)


@pytest.mark.parametrize(
    ("pattern", "words"),
    [
        (r"\b(?:must|shall)\b", {"must", "shall"}),
        (r"\bshould(?: not|n't)\b", {"should"}),
        (r"must|musts?", {"must"}),
        (r"\band (?:signs?|initials?) it", {"sign", "initial"}),
        (r"\bneeds?\b", {"need"}),
        (r"^waits* for", {"wait"}),
        (r"colou?red", {"colo"}),
        (r"oka{2}y", {"oka"}),
        (r"x{0,3}stop", {"stop"}),
        (r"o+ps", {"ps"}),
        (r"\w+ \d[.]", {" "}),
        (r"[<>] ?\d", {"<", ">"}),
        (r"\d", set("0123456789")),
        (r"[a-z]+", set()),
        (r"[^a]", set()),
        (r"[\w]", set()),
        (r"go|\w", set()),
        (r"(?:off)?", set()),
        (r"(?<!no )(?<=a )(?!b)(?=c)go", {"go"}),
        (r"(?P<who>lead) (sign)s", {"lead"}),
        (r"(?i:NO)", set()),
        (r"\.\u2013x", {".\u2013x"}),
        (r"\+$", {"+"}),
    ],
)
def test_the_words_that_a_pattern_needs_are_read_off_it(pattern: str, words: set[str]) -> None:
    assert {*sought(pattern).words} == words


def test_a_group_that_is_not_known_is_refused_where_it_is_written() -> None:
    with pytest.raises(ValueError, match="x"):
        sought(r"(?x: a )")


@pytest.mark.parametrize("text", ["you must go", "you may go", "must or shall"])
@pytest.mark.parametrize("pattern", [r"\b(?:must|shall)\b", r"[a-z]+"])
def test_what_is_found_is_what_the_pattern_finds(pattern: str, text: str) -> None:
    one = sought(pattern)
    found, plain = one.search(text), one.pattern.search(text)
    assert (found and found.span()) == (plain and plain.span())
    assert [match.span() for match in one.finditer(text)] == [match.span() for match in one.pattern.finditer(text)]


def test_no_pattern_passes_a_line_over_in_which_it_is_found() -> None:
    every = {line.lower() for path in DOCUMENTS.glob("[!_]*/*.*") for line in _lines(path.read_text(encoding="utf-8"))}
    lines = sorted(every)[::5]
    missed = [
        one.pattern.pattern
        for one in SOUGHT
        if one.words
        for line in lines
        if not any(word in line for word in one.words) and one.pattern.search(line)
    ]
    assert missed == []


def _lines(text: str) -> list[str]:
    return text.split("\n")
