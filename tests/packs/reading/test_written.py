# SPDX-License-Identifier: Apache-2.0
"""What is no document is declined with a code; what an editor garbled is put right, line for line."""

import pytest

from interlock.packs.reading.tidying import tidied
from interlock.packs.reading.written import LARGEST, LONGEST_LINE, Illegible, Written, mended, written


@pytest.mark.parametrize(
    ("content", "code"),
    [
        pytest.param(b"", "procedure.empty", id="empty"),
        pytest.param(b"\n \n---\n", "procedure.empty", id="says nothing"),
        pytest.param(b"PK\x03\x04\x00\x00", "procedure.binary", id="NUL bytes"),
        pytest.param(b"\x89PNG\xff\x00", "procedure.binary", id="an image"),
        pytest.param("Prüfung".encode("latin-1"), "procedure.encoding", id="not UTF-8"),
        pytest.param(b"x" * (LONGEST_LINE + 1), "procedure.endless_line", id="one endless line"),
        pytest.param(b"x\n" * (LARGEST // 2 + 1), "procedure.too_big", id="too big"),
    ],
)
def test_what_cannot_be_read_says_why_and_what_to_do(content: bytes, code: str) -> None:
    found = written("RELEASE.md", content)
    assert isinstance(found, Illegible)
    assert (found.code, "RELEASE.md" in found.sentence, bool(found.next_step)) == (code, True, True)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_its_lines_are_read_whatever_mark_stands_before_them(encoding: str) -> None:
    assert written("a", "one\r\ntwo\rdrei".encode(encoding)) == Written("a", ("one", "two", "drei"))


@pytest.mark.parametrize(
    ("garbled", "right"),
    [
        ("OPS â€” QA", "OPS — QA"),
        ("weâ€™re", "we’re"),  # noqa: RUF001 - what it was before it was garbled
        ("PrÃ¼fung", "Prüfung"),
        ("Âq is no garble", "Âq is no garble"),
        ("â€ alone", "â€ alone"),
        ("ð\x9f\x9a\x80", "🚀"),
    ],
)
def test_what_was_read_in_the_wrong_alphabet_is_put_right(garbled: str, right: str) -> None:
    assert mended(garbled) == right


@pytest.mark.parametrize(
    ("line", "tidy"),
    [
        ("• item", "- item"),
        ("☐ box", "- [ ] box"),
        ("[ ] box", "- [ ] box"),
        ("2. [x] box", "- [ ] box"),
        ("❌ never", "- ❌ never"),
        ("  ❌ never", "  - ❌ never"),
        ("3.1 Every change is approved.", "1. Every change is approved."),
        ("b) second", "1. second"),
        ("Step 2: third", "1. third"),
        ("⚠️ careful", "- careful"),
        ("────────", ""),
        ("│ in a box │", "in a box"),
        ("<li>item</li>", "- item"),
        ("<h2>Title</h2>", "## Title"),
        ("<summary>More</summary>", "**More**"),
        ("<tr><td>a</td><td>b</td></tr>", "a — b"),
        ("a &amp; b", "a & b"),
        ("PREPARATION", "## PREPARATION"),
        ("2. PREPARATION", "## PREPARATION"),
        ("CI", "CI"),
        ("1.2 Responsibilities", "#### Responsibilities"),
        ("[link](x.md)", "[link](x.md)"),
        ("<version>", "<version>"),
        ("größer als", "größer als"),
    ],
)
def test_what_people_write_in_place_of_markdown_becomes_markdown(line: str, tidy: str) -> None:
    assert tidied((line,)) == (tidy,)


@pytest.mark.parametrize(
    ("lines", "tidy"),
    [
        (("---", "a: b", "---", "text"), ("", "", "", "text")),
        (("---", "a: b"), ("---", "a: b")),
        (("---", "Words that are no key"), ("---", "Words that are no key")),
        (("a <!-- b", "c", "d --> e"), ("a ", "", " e")),
        (("a <!-- b --> c",), ("a  c",)),
        (("```", "• as it is", "```", "• item"), ("```", "• as it is", "```", "- item")),
        (("````", "```", "````", "• item"), ("````", "```", "````", "- item")),
        (("1.2 Title", "text"), ("1. Title", "text")),
    ],
)
def test_what_spans_lines_leaves_as_many(lines: tuple[str, ...], tidy: tuple[str, ...]) -> None:
    assert tidied(lines) == tidy


def test_nothing_is_no_line() -> None:
    assert tidied(()) == ()
