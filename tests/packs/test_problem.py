# SPDX-License-Identifier: Apache-2.0
from interlock.packs.problem import Place, Problem, Problems, clean, problems_of, shown


def _problem(line: int, column: int, path: str = "") -> Problem:
    return Problem(Place(line, column), path, "pack.unknown_key", "unknown key 'b'", "use one of: a")


def test_a_problem_is_shown_with_its_line_and_a_caret() -> None:
    rendered = Problems("pack.yaml", ("a: 1", "  b: 2"), (_problem(2, 3, "top"),)).render()
    assert rendered.splitlines() == [
        "pack.yaml:2:3: pack.unknown_key: unknown key 'b' (at top); use one of: a",
        "    2 |   b: 2",
        "          ^",
    ]


def test_a_problem_of_the_whole_file_names_no_path() -> None:
    assert "(at" not in Problems("pack.yaml", ("a: 1",), (_problem(1, 1),)).render()


def test_a_problem_in_a_line_that_was_not_read_is_one_line() -> None:
    assert Problems("pack.yaml", (), (_problem(1, 1),)).render().count("\n") == 0


def test_the_caret_stays_under_its_place_in_a_very_long_line() -> None:
    line = "x" * 5000 + "!" + "x" * 5000
    shown_line, caret = Problems("pack.yaml", (line,), (_problem(1, 5001),)).render().splitlines()[1:]
    assert shown_line[caret.index("^")] == "!"
    assert len(shown_line) < 200


def test_problems_come_in_the_order_of_the_file() -> None:
    found = problems_of("pack.yaml", (), [_problem(3, 1), _problem(1, 9), _problem(1, 2)]).found
    assert [problem.place for problem in found] == [Place(1, 2), Place(1, 9), Place(3, 1)]


def test_what_a_terminal_would_act_on_is_not_shown() -> None:
    assert "\x1b" not in shown("\x1b[31mred")
    assert "\n" not in clean("two\nlines")


def test_a_long_text_is_cut() -> None:
    assert len(shown("x" * 1000)) == 62
    assert len(clean("x" * 1000)) == 240
