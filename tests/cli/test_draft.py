# SPDX-License-Identifier: Apache-2.0
"""`interlock pack draft` and `interlock pack trace`: from a document to a pack that plays, and back, line by line."""

import json
from pathlib import Path

import pytest
from tests.cli.workplace import Answer, codes

from interlock.cli.main import main

DOCUMENT = """\
# Releases of the bakery

## Before
- [ ] All tests pass
- [ ] QA Lead signs off the build
- [ ] Release notes written
- [ ] Go/no-go by the Release Manager 24 hours before deployment

## Deployment
1. Deploy to staging
2. Deploy to production
3. Monitor the error rate for 30 minutes
4. Tell the customers in #bread

## Never
- deploy on Fridays

## Rollback
Roll back when:
- the oven stays cold

1. Redeploy the previous version
2. Run the smoke tests
3. Write down the reason

## Scope
1. entropy budget
"""


@pytest.fixture
def kitchen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a document."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "RELEASE.md").write_text(DOCUMENT)
    return tmp_path


def said(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, Answer]:
    """The exit code of `pack ...`, and its object."""
    code = main(["pack", *words, "--json"])
    return code, json.loads(capsys.readouterr().out)


def test_a_draft_is_written_and_told(kitchen: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, answer = said(capsys, "draft", "RELEASE.md")
    assert (code, answer["pack"], answer["files"][0]) == (0, "release", "packs/release/pack.yaml")
    assert {"who holds the role qa-lead?"} <= set(answer["questions"])
    assert [one["text"] for one in answer["unmapped"]] == ["entropy budget"]
    assert all((kitchen / file).is_file() for file in answer["files"])


def test_a_statement_is_told_with_its_line(kitchen: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _, answer = said(capsys, "draft", "RELEASE.md", "--only-read")
    go = [one for one in answer["requirements"] if one["line"] == 7]
    assert [(one["kind"], one["roles"], one["stage"]) for one in go] == [
        ("approval", ["release-manager"], "preparation"),
        ("hold", ["release-manager"], "preparation"),
    ]
    assert go[0]["deadline"] == {"relation": "before", "least": 86400.0, "most": 86400.0, "words": "24 hours"}
    assert (answer["files"], (kitchen / "packs").exists()) == ([], False)


@pytest.mark.parametrize("verb", [["pack", "lint"], ["pack", "test"], ["simulate"], ["pack", "show"]])
def test_a_draft_is_fit_at_once(kitchen: Path, capsys: pytest.CaptureFixture[str], verb: list[str]) -> None:
    assert main(["pack", "draft", "RELEASE.md"]) == 0
    assert main([*verb, "packs/release"]) == 0
    assert "holds the draft" in capsys.readouterr().out
    assert kitchen.is_dir()


def test_a_draft_in_words(kitchen: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["pack", "draft", "RELEASE.md", "--name", "bakery", "--into", "here"]) == 0
    told = capsys.readouterr().out
    assert "1 line could not be understood" in told
    assert "who may make an exception" in told
    assert (kitchen / "here" / "pack.yaml").read_text().count("# RELEASE.md:4 “All tests pass”") == 1


def test_what_was_only_read_is_not_written(kitchen: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["pack", "draft", "RELEASE.md", "--only-read"]) == 0
    assert "nothing was written" in capsys.readouterr().out
    assert not (kitchen / "packs").exists()


def test_several_documents_make_one_pack(kitchen: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (kitchen / "release-b.md").write_text("- [ ] The lint is clean\n")
    _, answer = said(capsys, "draft", "RELEASE.md", "release-b.md")
    assert [one["name"] for one in answer["sources"]] == ["RELEASE.md", "release-b.md"]
    assert answer["requirements"][-1]["id"] == "RB-01"


def test_a_draft_that_is_there_is_left_alone(kitchen: Path, capsys: pytest.CaptureFixture[str]) -> None:
    said(capsys, "draft", "RELEASE.md")
    (kitchen / "packs" / "release" / "pack.yaml").write_text("mine")
    code, answer = said(capsys, "draft", "RELEASE.md")
    assert (code, codes(answer)) == (2, ["pack.exists"])
    assert (kitchen / "packs" / "release" / "pack.yaml").read_text() == "mine"
    assert said(capsys, "draft", "RELEASE.md", "--replace")[0] == 0


@pytest.mark.parametrize(
    ("content", "words", "code"),
    [
        (b"", (), "procedure.empty"),
        (b"\x00\x01", (), "procedure.binary"),
        (b"# Notes\n\nWe used to bake.\n", (), "procedure.asks_nothing"),
        (b"- [ ] tests pass\n", ("--name", "A B"), "procedure.name"),
        (b"- [ ] tests pass\n", ("--into", "bad.md"), "file.unwritable"),
    ],
)
def test_what_cannot_be_drafted_leaves_nothing(
    kitchen: Path, capsys: pytest.CaptureFixture[str], content: bytes, words: tuple[str, ...], code: str
) -> None:
    (kitchen / "bad.md").write_bytes(content)
    exit_code, answer = said(capsys, "draft", "bad.md", *words)
    assert (exit_code, codes(answer)) == (2, [code])
    assert not (kitchen / "packs").exists()


def test_much_that_is_left_is_told_in_short(kitchen: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (kitchen / "long.md").write_text("## Never\n" + "".join(f"- bake number {number}\n" for number in range(20)))
    assert main(["pack", "draft", "long.md"]) == 0
    assert "and 8 more" in capsys.readouterr().out


def test_every_line_is_traced(kitchen: Path, capsys: pytest.CaptureFixture[str]) -> None:
    said(capsys, "draft", "RELEASE.md")
    code, answer = said(capsys, "trace", "packs/release", "RELEASE.md")
    state = {one["text"]: one["state"] for one in answer["lines"]}
    told = [
        state[text] for text in ("All tests pass", "QA Lead signs off the build", "deploy on Fridays", "entropy budget")
    ]
    assert (code, told) == (1, ["enforced", "attested", "enforced", "unmapped"])
    assert answer["counts"]["dropped"] == 0
    assert kitchen.is_dir()


def test_what_is_dropped_with_a_reason_is_no_longer_missing(kitchen: Path, capsys: pytest.CaptureFixture[str]) -> None:
    said(capsys, "draft", "RELEASE.md")
    _, before = said(capsys, "trace", "packs/release", "RELEASE.md")
    lost = [one["text"] for one in before["lines"] if one["state"] == "unmapped"]
    rows = "".join(f"  - {{text: {json.dumps(text)}, reason: nobody does it}}\n" for text in lost)
    notes = kitchen / "packs" / "release" / "reading.yaml"
    notes.write_text(f"sources: [RELEASE.md]\ndropped:\n{rows}")
    code, answer = said(capsys, "trace", "packs/release", "RELEASE.md")
    assert (code, answer["counts"]["dropped"], answer["counts"]["unmapped"]) == (0, len(lost), 0)
    assert main(["pack", "trace", "packs/release", "RELEASE.md"]) == 0
    assert "nobody does it" in capsys.readouterr().out


def test_a_changed_document_shows_what_the_pack_lacks(kitchen: Path, capsys: pytest.CaptureFixture[str]) -> None:
    said(capsys, "draft", "RELEASE.md")
    changed = DOCUMENT.replace("All tests pass", "The yeast is fresh").replace("- [ ] Release notes written\n", "")
    (kitchen / "RELEASE.md").write_text(changed)
    code, answer = said(capsys, "trace", "packs/release", "RELEASE.md")
    assert (code, [one["text"] for one in answer["gone"]]) == (1, ["All tests pass", "Release notes written"])
    assert [one["text"] for one in answer["lines"] if one["why"] == "new"] == ["The yeast is fresh"]
    assert main(["pack", "trace", "packs/release", "RELEASE.md"]) == 1
    assert "No longer in the document" in capsys.readouterr().out


def test_the_page_holds_every_line(kitchen: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (kitchen / "RELEASE.md").write_text(DOCUMENT + "\n<script>alert(1)</script>\n")
    said(capsys, "draft", "RELEASE.md")
    (kitchen / "RELEASE.md").write_text(DOCUMENT.replace("All tests", "Some tests") + "\n<script>alert(1)</script>\n")
    assert main(["pack", "trace", "packs/release", "RELEASE.md", "--html", "page.html"]) == 1
    page = (kitchen / "page.html").read_text()
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "<script>" not in page
    assert all(f'id="L{number}"' in page for number in range(1, len(DOCUMENT.splitlines()) + 1))
    assert "No longer in the document" in page
    assert "page.html" in capsys.readouterr().out


def test_a_pack_in_other_words_is_compared_by_likeness(kitchen: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (kitchen / "guide.md").write_text(
        "## Checks\n- [ ] Somebody says that they know how the release comes back\n- [ ] qux\n"
    )
    _, answer = said(capsys, "trace", "starter", "guide.md")
    assert [(one["statement"], one["in_other_words"]) for one in answer["lines"]] == [("ST-5", False), ("", False)]
    (kitchen / "guide.md").write_text(
        "## Checks\n- [ ] Know how this release comes back\n- [ ] An expedited freeze admits nothing\n"
    )
    _, answer = said(capsys, "trace", "starter", "guide.md")
    assert (answer["lines"][0]["statement"], answer["lines"][0]["state"]) == ("ST-5", "attested")
    assert main(["pack", "trace", "starter", "guide.md"]) in (0, 1)
    assert "(in other words)" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("file", "content", "code"),
    [
        ("requirements.yaml", None, "pack.no_requirements"),
        ("requirements.yaml", "nothing: 1\n", "pack.unfit"),
        ("reading.yaml", "nothing: 1\n", "pack.unfit"),
        ("pack.yaml", "nothing: 1\n", "pack.unfit"),
    ],
)
def test_a_pack_that_cannot_be_compared(
    kitchen: Path, capsys: pytest.CaptureFixture[str], file: str, content: str | None, code: str
) -> None:
    said(capsys, "draft", "RELEASE.md")
    place = kitchen / "packs" / "release" / file
    if content is None:
        place.unlink()
    else:
        place.write_text(content)
    found, answer = said(capsys, "trace", "packs/release", "RELEASE.md")
    assert (found, [one["code"] for one in (answer.get("error") or answer["refused"])]) == (
        2 if content is None else 1,
        [code],
    )


@pytest.mark.parametrize(
    ("words", "code"),
    [(("empty.md",), "procedure.empty"), (("RELEASE.md", "--html", "no/such.html"), "file.unwritable")],
)
def test_what_cannot_be_traced(
    kitchen: Path, capsys: pytest.CaptureFixture[str], words: tuple[str, ...], code: str
) -> None:
    (kitchen / "empty.md").write_text("")
    said(capsys, "draft", "RELEASE.md")
    assert codes(said(capsys, "trace", "packs/release", *words)[1]) == [code]


def test_the_next_steps_name_the_document_as_it_was_named(kitchen: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (kitchen / "docs").mkdir()
    (kitchen / "RELEASE.md").rename(kitchen / "docs" / "RELEASE.md")
    main(["pack", "draft", "docs/RELEASE.md"])
    shown = capsys.readouterr().out
    assert "interlock pack trace packs/release docs/RELEASE.md" in shown
    assert "interlock pack draft docs/RELEASE.md --review\n" in shown


@pytest.mark.usefixtures("kitchen")
def test_the_next_steps_name_a_folder_and_a_name_of_ones_own(capsys: pytest.CaptureFixture[str]) -> None:
    main(["pack", "draft", "RELEASE.md", "--name", "bakery", "--into", "mine"])
    assert "interlock pack draft RELEASE.md --review --name bakery --into mine" in capsys.readouterr().out


def test_what_was_struck_out_is_told_as_withdrawn(kitchen: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (kitchen / "RELEASE.md").write_text(DOCUMENT + "\n- ~~You must fax the list~~\n")
    _, answer = said(capsys, "draft", "RELEASE.md", "--only-read")
    assert answer["withdrawn"] == [{"source": "RELEASE.md", "line": 29, "text": "You must fax the list"}]
    assert main(["pack", "draft", "RELEASE.md", "--only-read"]) == 0
    assert "1 line struck out: withdrawn, and no statement" in capsys.readouterr().out


def test_a_role_that_no_element_asks_for_is_asked_about(kitchen: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (kitchen / "RELEASE.md").write_text(DOCUMENT + "\n## Never\n- Only the head baker may rename a loaf\n")
    _, answer = said(capsys, "draft", "RELEASE.md", "--only-read")
    assert "who holds the role head-baker?" in answer["questions"]
    assert "head-baker" in answer["roles"]
