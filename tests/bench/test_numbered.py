# SPDX-License-Identifier: Apache-2.0
"""How a reading is held against the statements that a person numbered in a document."""

import json
from pathlib import Path

import pytest
from bench import numbered, reading
from bench.numbered import Held, held, held_against

DOCUMENT = """\
# How the ferry is released

## Before
- [ ] All tests pass
- [ ] QA Lead signs off the build
- [ ] Go/no-go by the Harbour Master 24 hours before deployment

## Deployment
1. Deploy to production
2. Tell the passengers
"""
ROWS = """\
ferry:
  - {id: FE-01, at: Before, kind: gate, text: The tests pass.}
  - {id: FE-02, at: Before, kind: signoff, text: "QA Lead: the build is good."}
  - {id: FE-03, at: Before, kind: approval, text: A go/no-go lies 24 hours before., lines: [6], roles: [harbour-master]}
  - {id: FE-04, at: Deployment, kind: notify, text: The passengers are told., times: [15m]}
  - {id: FE-05, at: Deployment, kind: rule, text: It is deployed to production.}
  - {id: FE-06, at: Deployment, kind: rule, text: The anchor is weighed., lines: [7]}
  - {id: FE-07, at: Deployment, kind: signoff, text: "QA Lead: deployed.", lines: [9]}
  - {id: FE-08, at: Elsewhere, kind: rule, text: Gulls shriek.}
"""


@pytest.fixture
def harbour(tmp_path: Path) -> Path:
    """A folder with a document, and beside it what a person numbered in it."""
    sources = tmp_path / "sources"
    sources.mkdir()
    (sources / "ferry-guide.md").write_text(DOCUMENT)
    (tmp_path / "rows.yaml").write_text(ROWS)
    return tmp_path


@pytest.fixture
def result(harbour: Path) -> Held:
    """What came of it."""
    return held(harbour / "sources", harbour / "rows.yaml")["ferry-guide.md"]


def missed(result: Held, row: str) -> list[str]:
    return [miss.removeprefix(f"{row} ") for miss in result.misses if miss.startswith(row)]


def test_the_line_of_a_row_is_found_by_its_words(result: Held) -> None:
    assert [result.lines[f"FE-{number:02}"] for number in (1, 2, 4, 5)] == [[4], [5], [10], [9]]


def test_a_row_is_found_where_a_statement_has_one_of_its_lines(result: Held) -> None:
    assert (result.rows, result.found) == (8, 6)
    assert (missed(result, "FE-06"), missed(result, "FE-08")) == (["not found (line 7)"], ["not found (no line)"])


def test_a_kind_that_the_row_does_not_admit_is_a_miss(result: Held) -> None:
    assert missed(result, "FE-01") == []
    assert missed(result, "FE-05") == ["kind step, not rule (line 9)"]


def test_the_roles_that_a_row_names_are_looked_for(result: Held) -> None:
    assert missed(result, "FE-02") == []
    assert "roles none, not qa-lead (line 9)" in missed(result, "FE-07")
    assert (result.roles_right, result.roles) == (2, 3)


def test_each_time_of_a_row_is_looked_for(result: Held) -> None:
    assert missed(result, "FE-04") == ["deadline 0:15:00 not read (line 10)"]
    assert (result.times_right, result.times) == (1, 2)


def test_what_was_read_as_more_is_right_and_told_apart() -> None:
    content = b"# Before\n- [ ] QA Lead sign-off confirming:\n  - [ ] No P0 defects outstanding\n"
    row = {"id": "A-1", "at": "Before", "kind": "gate", "text": "No defect is open.", "lines": [3]}
    rates = held_against("a.md", content, [row]).rates()
    assert (rates["kind"], rates["same kind"]) == (1.0, 0.0)


def test_a_document_that_is_not_there_ends_it(harbour: Path) -> None:
    (harbour / "rows.yaml").write_text("barge: []\n")
    with pytest.raises(SystemExit, match="barge: 0 documents"):
        held(harbour / "sources", harbour / "rows.yaml")


def test_it_prints_a_table_and_the_misses_and_writes_both(
    harbour: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(numbered, "RESULT", harbour / "build" / "numbered.json")
    words = ["bench.reading", "--sources", str(harbour / "sources"), "--requirements", str(harbour / "rows.yaml")]
    monkeypatch.setattr("sys.argv", words)
    assert reading.main() == 1
    shown = capsys.readouterr().out
    assert "ferry-guide.md" in shown
    assert "FE-06 not found (line 7)" in shown
    assert json.loads((harbour / "build" / "numbered.json").read_text())["all"]["rows"] == 8


def test_sources_alone_are_declined(harbour: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.argv", ["bench.reading", "--sources", str(harbour)])
    with pytest.raises(SystemExit):
        reading.main()
