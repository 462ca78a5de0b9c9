# SPDX-License-Identifier: Apache-2.0
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from tests.cli.workplace import Workplace, codes

from interlock import __version__
from interlock.cli.fault import Guard
from interlock.cli.main import COMMANDS, main
from interlock.cli.output import Exit, Form
from interlock.cli.text import Paper, Rows, Verbatim, bad, lay_out, para


def run(*words: str, folder: Path, **more: str) -> subprocess.CompletedProcess[str]:
    known = {"PATH": os.environ["PATH"], "HOME": str(folder), "PYTHONUTF8": "1", **more}
    command = [sys.executable, "-c", "import sys; from interlock.cli.main import main; sys.exit(main())", *words]
    return subprocess.run(command, cwd=folder, env=known, capture_output=True, text=True, check=False)


def test_the_version_is_told_without_loading_the_rules(tmp_path: Path) -> None:
    program = "import sys; from interlock.cli.main import main; main(['--version']); print(sorted(sys.modules))"
    done = subprocess.run([sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, check=True)
    first, loaded = done.stdout.splitlines()
    assert first == f"interlock {__version__}"
    assert not {"cyclopts", "msgspec", "yaml", "interlock.domain.gate"} & set(json.loads(loaded.replace("'", '"')))


def test_looking_at_a_ledger_loads_no_adapter_that_acts(place: Workplace) -> None:
    program = (
        "import sys; from interlock.cli.main import main; main(['status']);"
        "print([name for name in sys.modules if name in"
        " {'rich', 'apprise', 'urllib3', 'junitparser', 'cel_expr_python', 'interlock.adapters.registry'}])"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=place.folder, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


def test_a_folder_without_a_ledger_says_how_to_begin(tmp_path: Path) -> None:
    done = run("status", folder=tmp_path)
    assert done.returncode == Exit.USAGE
    assert "[home.none]" in done.stderr
    assert "interlock init" in done.stderr


def test_a_word_nobody_knows_is_a_usage_error_also_as_json(tmp_path: Path) -> None:
    done = run("promot", "x", "--json", folder=tmp_path)
    assert done.returncode == Exit.USAGE
    assert codes(json.loads(done.stdout)) == ["usage"]


def test_a_damaged_ledger_is_the_outside_or_bad_input_and_never_a_trace(tmp_path: Path) -> None:
    (tmp_path / ".interlock").mkdir()
    (tmp_path / ".interlock" / "ledger.db").write_bytes(b"no ledger at all" * 100)
    done = run("status", folder=tmp_path)
    assert done.returncode in {Exit.USAGE, Exit.OUTSIDE}
    assert "[store.not_a_ledger]" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_fault_of_ours_is_kept_in_a_file_and_ends_with_4(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    guard = Guard(Form.JSON, ("status",))
    with guard:
        raise RuntimeError("we did not think of this")
    assert guard.exit == Exit.BUG
    log = Path(json.loads(capsys.readouterr().out)["log"])
    assert "we did not think of this" in log.read_text()
    assert log.stat().st_mode & 0o077 == 0


def test_ctrl_c_ends_with_130() -> None:
    guard = Guard(Form.TEXT, ())
    with guard:
        raise KeyboardInterrupt
    assert guard.exit == Exit.INTERRUPTED


@pytest.mark.parametrize("name", [name for name, *_ in COMMANDS])
def test_every_command_has_help(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([name, "--help"]) == 0
    assert f"interlock {name}" in capsys.readouterr().out


def test_text_of_strangers_cannot_act_on_the_terminal() -> None:
    shown = lay_out((Verbatim("\x1b]0;owned\x07 \x1b[31mred"),), Paper(0, coloured=True, unicode=True))
    assert "\x1b" not in shown


def test_a_paper_without_unicode_gets_ascii() -> None:
    assert lay_out((para("✓ a → b …"),), Paper(0, coloured=False, unicode=False)) == "+ a > b .\n"


def test_columns_are_aligned_and_the_last_one_is_wrapped_under_itself() -> None:
    rows = Rows((("a", "short"), ("longer", "a sentence that does not fit at all on it")))
    assert lay_out((rows,), Paper(34, coloured=False, unicode=True)) == (
        "a       short\nlonger  a sentence that does not\n        fit at all on it\n"
    )


def test_colour_is_only_used_where_the_paper_takes_it() -> None:
    assert lay_out((para(bad("no")),), Paper(0, coloured=True, unicode=True)) == "\x1b[31mno\x1b[0m\n"
    assert lay_out((para(bad("no")),), Paper(0, coloured=False, unicode=True)) == "no\n"
