# SPDX-License-Identifier: Apache-2.0
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from interlock.packs.problem import Place, Problems
from interlock.packs.yaml_tree import (
    MAX_BYTES,
    MAX_DEPTH,
    MAX_FOUND,
    Document,
    Entry,
    Listing,
    Scalar,
    Table,
    Written,
    find,
    path_text,
    read,
)


def _read(text: str) -> Document:
    document = read("pack.yaml", text.encode())
    assert isinstance(document, Document)
    return document


def _refused(content: str | bytes) -> Problems:
    problems = read("pack.yaml", content.encode() if isinstance(content, str) else content)
    assert isinstance(problems, Problems)
    return problems


def _codes(content: str | bytes) -> list[str]:
    return [problem.code for problem in _refused(content).found]


def test_a_tree_knows_its_places() -> None:
    tree = _read("roles:\n  - qa\n  - 'dev'\n").root
    roles = Listing(
        (Scalar("qa", Written.PLAIN, Place(2, 5)), Scalar("dev", Written.QUOTED, Place(3, 5))),
        Place(2, 3),
    )
    assert tree == Table((Entry("roles", Place(1, 1), roles),), Place(1, 1))


@pytest.mark.parametrize("word", ["on", "yes", "no", "off", "0o7", "1:30", "1.10", "null", "2026-03-01"])
def test_a_scalar_stays_the_text_that_was_written(word: str) -> None:
    assert find(_read(f"a: {word}").root, "a") == Scalar(word, Written.PLAIN, Place(1, 4))


def test_a_block_of_text_counts_as_quoted() -> None:
    assert find(_read("a: |\n  one\n  two\n").root, "a") == Scalar("one\ntwo\n", Written.QUOTED, Place(1, 4))


def test_a_byte_order_mark_is_no_text() -> None:
    assert find(_read("\ufeffa: 1").root, "a") == Scalar("1", Written.PLAIN, Place(1, 4))


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("a: &x 1", "pack.alias"),
        ("a: !!python/object:os.system x", "pack.tag"),
        ("a: !x [1]", "pack.tag"),
        ("%YAML 1.1\n---\na: 1", "pack.tag"),
        ("<<: {a: 1}", "pack.merge_key"),
        ("a: 1\na: 2", "pack.duplicate_key"),
        ("? [a]\n: 1", "pack.wrong_type"),
        ("a: b\tc", "pack.tab"),
        ("a: 1\n---\nb: 2", "pack.many_documents"),
        ("a: b: c", "pack.not_yaml"),
        ("a: [1", "pack.not_yaml"),
        ("a: \x01", "pack.not_yaml"),
        ("", "pack.empty_value"),
        ("# only a comment", "pack.empty_value"),
        ("[" * (MAX_DEPTH + 1), "pack.too_deep"),
        ("- " * (MAX_DEPTH + 1), "pack.too_deep"),
    ],
)
def test_what_makes_yaml_surprising_is_a_problem(text: str, code: str) -> None:
    assert _codes(text) == [code]


def test_every_anchor_and_alias_is_told() -> None:
    assert _codes("a: &x [1]\nb: *x\n") == ["pack.alias", "pack.alias"]


def test_a_merge_key_in_quotes_is_a_key() -> None:
    assert find(_read("'<<': 1").root, "<<") == Scalar("1", Written.PLAIN, Place(1, 7))


def test_a_duplicate_key_names_the_line_of_the_first() -> None:
    found = _refused("b: 1\na: 1\nb: 2\n").found[0]
    assert (found.place, found.sentence) == (Place(3, 1), "key 'b' is written twice, first in line 1")


def test_nested_aliases_are_not_expanded() -> None:
    levels = "\n".join(f"a{level}: &a{level} [{', '.join([f'*a{level - 1}'] * 9)}]" for level in range(1, 20))
    assert set(_codes(f"a0: &a0 x\n{levels}")) == {"pack.alias"}


def test_the_depth_allowed_is_read() -> None:
    assert isinstance(_read("[" * MAX_DEPTH + "]" * MAX_DEPTH).root, Listing)


def test_a_file_over_the_limit_is_not_looked_at() -> None:
    assert _codes(b"\xff" * (MAX_BYTES + 1)) == ["pack.too_large"]


def test_bytes_that_are_not_utf8_are_pointed_at() -> None:
    found = _refused(b"a: 1\nb: \xff\n").found[0]
    assert (found.code, found.place) == ("pack.not_yaml", Place(2, 4))


def test_a_syntax_error_is_pointed_at() -> None:
    assert _refused("a: 1\nb: c: d\n").found[0].place == Place(2, 5)


def test_hopeless_files_end_after_so_many_problems() -> None:
    assert len(_codes("\n".join(["- &a x"] * 500))) == MAX_FOUND


def test_find_stops_at_the_nearest_value_above() -> None:
    tree = _read("a: [{b: 1}]").root
    assert find(tree, "a", 0, "b") == Scalar("1", Written.PLAIN, Place(1, 9))
    assert find(tree, "a", 0, "c") == find(tree, "a", 0)
    assert find(tree, "a", 7, "b") == find(tree, "a")
    assert find(tree, 0) == tree


def test_a_path_reads_as_people_write_it() -> None:
    assert path_text(("stages", 1, "requires", "a b")) == "stages[1].requires.'a b'"


@given(st.binary(max_size=400))
@example(b"\xef\xbb\xbf")
@example("a: \ud7ff\U0010ffff".encode())
def test_any_bytes_are_read_or_refused(content: bytes) -> None:
    assert isinstance(read("pack.yaml", content), Document | Problems)


_PIECES = st.sampled_from(
    [*"abc:-?[]{},#&*!|>'\"%@`~ \n\t", "\n  ", "\n- ", ": ", "---\n", "...", "<<: ", "\x85", "\u2028", "é", "\ufeff"],
)


@pytest.mark.parametrize("text", ["", "#", "---", "---\n", "---\n#", "---\n...\n"])
def test_a_document_in_which_nothing_stands_is_empty(text: str) -> None:
    found = read("pack.yaml", text.encode())
    assert isinstance(found, Problems)
    assert [(one.code, one.place) for one in found.found] == [("pack.empty_value", Place(1, 1))]


@given(st.lists(_PIECES, max_size=60).map("".join))
@example("---\n#")
def test_text_full_of_signs_is_read_or_refused_with_places_in_the_file(text: str) -> None:
    match read("pack.yaml", text.encode()):
        case Problems() as problems:
            assert problems.found
            assert problems.render()
        case Document() as document:
            assert document.root.place.line <= len(document.lines)


_PLAIN_TREES = st.recursive(
    st.text("abcdefgh", min_size=1),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text("abc", min_size=1), inner, max_size=4),
    max_leaves=12,
)


def _flow(tree: object) -> str:
    match tree:
        case dict():
            return "{" + ", ".join(f"{name}: {_flow(inner)}" for name, inner in tree.items()) + "}"
        case list():
            return "[" + ", ".join(_flow(inner) for inner in tree) + "]"
        case _:
            return str(tree)


def _content(tree: Scalar | Listing | Table) -> object:
    match tree:
        case Table():
            return {entry.key: _content(entry.value) for entry in tree.entries}
        case Listing():
            return [_content(item) for item in tree.items]
        case Scalar():
            return tree.text


@given(_PLAIN_TREES)
def test_what_is_written_is_what_is_read(tree: object) -> None:
    assert _content(_read(_flow(tree)).root) == tree
