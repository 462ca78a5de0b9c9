# SPDX-License-Identifier: Apache-2.0
import base64
import json
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.service.exported import KEY, bad_release, resealed

from interlock.adapters.signer.ed25519 import Ed25519Signer
from interlock.bootstrap.houses import make_ledger
from interlock.cli.main import main
from interlock.config import Home
from interlock.ledger.bundle import RECORDS, TEXTS
from interlock.ledger.checkpoint import verifier_key, witness_key
from interlock.service.export import Words, export
from interlock.testing.world import ORIGIN as WORLD

ORIGIN = "outreach.example/ledger"
GUIDE = Path(__file__).parents[2] / "docs" / "how-to" / "verify-a-ledger.md"
KEY_TEXT = verifier_key(WORLD, KEY.public_key)


@dataclass(frozen=True)
class Terminal:
    """Somebody typing in a folder that has a ledger."""

    folder: Path
    capture: pytest.CaptureFixture[str]

    @property
    def home(self) -> Home:
        return Home(self.folder / ".interlock", self.folder)

    def types(self, *words: str) -> tuple[int, str]:
        """The exit code, and what was shown."""
        code, answer, beside = self.sees(*words)
        return code, answer + beside

    def sees(self, *words: str) -> tuple[int, str, str]:
        """The same, with the answer and what was told beside it apart."""
        code = main(words)
        shown = self.capture.readouterr()
        return code, shown.out, shown.err

    def asks(self, *words: str) -> tuple[int, dict[str, str]]:
        """The same in JSON; values are compared as text."""
        code, answer, _ = self.sees(*words, "--json")
        return code, {name: json.dumps(value) for name, value in json.loads(answer).items()}

    def key(self) -> str:
        return self.sees("ledger", "key")[1].strip()


@pytest.fixture
def terminal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Terminal:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("INTERLOCK_KEY", str(tmp_path / "ann"))
    monkeypatch.delenv("INTERLOCK_HOME", raising=False)
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "", "-f", tmp_path / "ann"], check=True)
    here = Terminal(tmp_path, capsys)
    make_ledger(here.home, ORIGIN).store.close()
    assert here.types("people", "add", "ann", "--key", "ann.pub", "--name", "Ann Example")[0] == 0
    return here


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of somebody else's ledger; nothing else is here."""
    export(bad_release().world.store, tmp_path / "copy", Words.INCLUDED)
    return tmp_path / "copy"


@pytest.fixture
def outsider(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Terminal:
    """Somebody without a ledger and without a key."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path / "nobody"))
    return Terminal(tmp_path, capsys)


def test_a_copy_is_verified_with_public_keys_alone(outsider: Terminal, copy: Path) -> None:
    code, shown = outsider.types("ledger", "verify", str(copy), "--key", KEY_TEXT, "--recompute")
    assert (code, "nothing is wrong with this copy" in shown) == (0, True)
    assert [f" {number} " in shown for number in range(1, 17)] == [True] * 16


def test_without_a_key_it_is_said_loudly_that_the_one_in_the_copy_was_used(outsider: Terminal, copy: Path) -> None:
    code, shown = outsider.types("ledger", "verify", str(copy))
    assert (code, "THE KEY IN THE BUNDLE WAS USED" in shown, KEY_TEXT in shown) == (0, True, True)


def test_the_key_in_the_copy_is_shown_in_the_form_in_which_its_owner_reads_it_out(terminal: Terminal) -> None:
    terminal.types("ledger", "export", "out")
    assert f"first and in force  {terminal.key()}" in terminal.types("ledger", "verify", "out")[1]


def test_a_bare_key_is_taken_too(outsider: Terminal, copy: Path) -> None:
    bare = base64.b64encode(KEY.public_key).decode()
    assert outsider.types("ledger", "verify", str(copy), "--key", bare)[0] == 0


def test_with_a_key_nothing_is_taken_on_trust(outsider: Terminal, copy: Path) -> None:
    assert "THE KEY IN THE BUNDLE" not in outsider.types("ledger", "verify", str(copy), "--key", KEY_TEXT)[1]


def test_without_a_remembered_checkpoint_it_is_said_that_a_cut_cannot_be_seen(outsider: Terminal, copy: Path) -> None:
    assert "nobody can tell this copy from an older genuine state" in outsider.types("ledger", "verify", str(copy))[1]


def test_with_a_remembered_checkpoint_that_sentence_is_gone(outsider: Terminal, copy: Path) -> None:
    shutil.copy(copy / "checkpoint", "then")
    code, shown = outsider.types("ledger", "verify", str(copy), "--key", KEY_TEXT, "--since", "then")
    assert (code, "older genuine state" in shown) == (0, False)


def test_a_key_of_another_ledger_is_an_exit_of_1(outsider: Terminal, copy: Path) -> None:
    other = base64.b64encode(bytes(32)).decode()
    assert outsider.types("ledger", "verify", str(copy), "--key", other)[0] == 1


def test_a_key_may_be_given_in_a_file(outsider: Terminal, copy: Path) -> None:
    Path("ledger.pub").write_text(KEY_TEXT + "\n")
    assert outsider.asks("ledger", "verify", str(copy), "--key", "ledger.pub")[1]["key"] == '"given"'


@pytest.mark.parametrize("key", ["nonsense", "AAAA", "a+b+c", "ключ", ""])
def test_a_key_that_is_none_is_a_usage_error(outsider: Terminal, copy: Path, key: str) -> None:
    code, shown = outsider.types("ledger", "verify", str(copy), "--key", key)
    assert (code, "ledger.bad_key" in shown) == (2, True)


def test_a_changed_byte_is_an_exit_of_1_and_names_the_record(outsider: Terminal, copy: Path) -> None:
    records = copy / RECORDS
    records.write_bytes(records.read_bytes().replace(b"rollback-plan", b"rollback-plen", 1))
    code, shown = outsider.types("ledger", "verify", str(copy), "--key", KEY_TEXT)
    assert (code, "this copy is not what it says it is" in shown) == (1, True)


def test_a_lie_that_was_sealed_anew_is_found_by_deciding_again(outsider: Terminal) -> None:
    lied = resealed(bad_release().exported(), lambda record: [] if record.event == "IncidentOpened" else [record])
    for path, content in lied.content.items():
        Path("lied", path).parent.mkdir(parents=True, exist_ok=True)
        Path("lied", path).write_bytes(content)
    plain = outsider.types("ledger", "verify", "lied", "--key", KEY_TEXT)[0]
    again, shown = outsider.types("ledger", "verify", "lied", "--key", KEY_TEXT, "--recompute")
    assert (plain, again, "the ledger lacks it" in shown) == (0, 1, True)


def test_a_folder_that_is_not_there_is_a_usage_error(outsider: Terminal) -> None:
    assert outsider.types("ledger", "verify", "nothing")[0] == 2


def test_an_empty_folder_is_no_ledger(outsider: Terminal) -> None:
    Path("empty").mkdir()
    assert outsider.types("ledger", "verify", "empty", "--recompute")[0] == 1


def test_what_is_exported_is_verified_against_what_was_remembered(terminal: Terminal) -> None:
    terminal.types("ledger", "checkpoint", "--save", "then")
    terminal.types("ledger", "rotate-key")
    assert terminal.types("ledger", "export", "out")[0] == 0
    code, _ = terminal.types("ledger", "verify", "out", "--key", terminal.key(), "--since", "then", "--recompute")
    assert code == 0


def test_a_copy_without_words_holds_none(terminal: Terminal) -> None:
    terminal.types("ledger", "export", "out", "--no-texts")
    assert Path("out", TEXTS).read_bytes() == b""
    assert terminal.types("ledger", "verify", "out", "--key", terminal.key())[0] == 0


def test_the_records_are_shown_newest_last(terminal: Terminal) -> None:
    _, shown = terminal.types("ledger", "show", "--last", "2")
    assert re.findall(r"CommandAccepted|PersonAdded|LedgerOpened", shown) == ["CommandAccepted", "PersonAdded"]


def test_records_of_some_streams_are_shown(terminal: Terminal) -> None:
    _, shown = terminal.types("ledger", "show", "--stream", "led")
    assert re.findall(r"CommandAccepted|PersonAdded|LedgerOpened", shown) == ["LedgerOpened"]


def test_erased_words_are_gone_and_every_proof_stays(terminal: Terminal) -> None:
    terminal.types("ledger", "export", "before")
    ref = json.loads(Path("before", TEXTS).read_text().splitlines()[0])["ref"]
    assert terminal.types("ledger", "erase", ref, "--reason", "asked for")[0] == 0
    terminal.types("ledger", "export", "after")
    code, shown = terminal.types("ledger", "verify", "after", "--key", terminal.key(), "--recompute")
    assert (code, "erased by record 5" in shown, b"Ann Example" in Path("after", TEXTS).read_bytes()) == (
        0,
        True,
        False,
    )


def test_words_that_are_not_there_cannot_be_erased(terminal: Terminal) -> None:
    code, shown = terminal.types("ledger", "erase", "text:0", "--reason", "asked for")
    assert (code, "ledger.unknown_text" in shown) == (2, True)


def test_after_a_rotation_the_ledger_goes_on_under_the_new_key(terminal: Terminal) -> None:
    before = terminal.key()
    assert terminal.types("ledger", "rotate-key")[0] == 0
    assert terminal.key() != before
    assert terminal.types("people", "add", "ben", "--key", "ann.pub")[0] == 1
    terminal.types("ledger", "export", "out")
    assert terminal.types("ledger", "verify", "out", "--key", before)[0] == 0


def test_after_a_rotation_the_answer_is_the_key_in_force_and_the_first_is_told_beside_it(terminal: Terminal) -> None:
    first = terminal.key()
    terminal.types("ledger", "rotate-key")
    _, now, beside = terminal.sees("ledger", "key")
    assert now.count("\n") == 1
    assert re.findall(r"(first|in force) +(\S+\+\S+)", beside) == [("first", first), ("in force", now.strip())]


def test_after_rotations_verifying_shows_which_key_is_which_and_which_was_given(terminal: Terminal) -> None:
    keys = [terminal.key()]
    for _ in range(2):
        terminal.types("ledger", "rotate-key")
        keys.append(terminal.key())
    terminal.types("ledger", "export", "out")
    row = re.compile(r"(first|number 2|in force) +(\S+\+\S+)( +the one you gave)?$", re.MULTILINE)
    shown = row.findall(terminal.types("ledger", "verify", "out")[1])
    assert [(which, key, bool(given)) for which, key, given in shown] == [
        ("first", keys[0], False),
        ("in force", keys[2], False),
    ]
    shown = row.findall(terminal.types("ledger", "verify", "out", "--key", keys[1])[1])
    assert [(which, key, bool(given)) for which, key, given in shown] == [
        ("first", keys[0], False),
        ("number 2", keys[1], True),
        ("in force", keys[2], False),
    ]


def test_the_old_key_is_kept_beside_the_new_one(terminal: Terminal) -> None:
    old = terminal.home.key.read_bytes()
    _, told = terminal.asks("ledger", "rotate-key")
    assert Path(json.loads(told["archive"])).read_bytes() == old


def test_a_rotation_cut_off_before_it_was_recorded_uses_the_key_that_lies_there(terminal: Terminal) -> None:
    waiting = Ed25519Signer.create(terminal.home.folder / "ledger.key.next", ORIGIN)
    terminal.types("ledger", "rotate-key")
    assert terminal.key() == verifier_key(ORIGIN, waiting.public_key)


def test_a_rotation_cut_off_after_it_was_recorded_is_only_finished(terminal: Terminal) -> None:
    old = terminal.home.key.read_bytes()
    terminal.types("ledger", "rotate-key")
    new = terminal.home.key.read_bytes()
    (terminal.home.folder / "ledger.key.next").write_bytes(new)
    (terminal.home.folder / "ledger.key.next").chmod(0o600)
    terminal.home.key.write_bytes(old)
    before = terminal.asks("ledger", "show", "--last", "99")[1]["records"]
    assert terminal.types("ledger", "rotate-key")[0] == 0
    assert terminal.home.key.read_bytes() == new
    assert terminal.asks("ledger", "show", "--last", "99")[1]["records"] == before


def witnessed(terminal: Terminal, source: str, *more: str) -> tuple[int, str]:
    name = ("--key", "w.key", "--name", "witness.example/w")
    return terminal.types("ledger", "witness", source, *name, "--ledger-key", terminal.key(), *more)


def test_a_witness_signs_what_goes_on_and_its_word_travels_with_the_copy(terminal: Terminal) -> None:
    terminal.types("ledger", "checkpoint", "--save", "one")
    assert witnessed(terminal, "one", "--new-key", "--save", "one.note")[0] == 0
    terminal.types("people", "add", "ben", "--key", "ann.pub")
    terminal.types("ledger", "checkpoint", "--since", "one", "--save", "two")
    assert witnessed(terminal, "two", "--save", "two.note")[0] == 0
    (terminal.home.folder / "witnesses").mkdir()
    shutil.copy("two.note", terminal.home.folder / "witnesses" / "5.note")
    terminal.types("ledger", "export", "out")
    public = witness_key("witness.example/w", Ed25519Signer.load(Path("w.key"), "w").public_key)
    code, shown = terminal.types("ledger", "verify", "out", "--key", terminal.key(), "--witness", public)
    assert (code, "witness.example/w signed 5 records" in shown) == (0, True)


def test_a_witness_signs_an_exported_folder_that_is_right(terminal: Terminal) -> None:
    terminal.types("ledger", "export", "out")
    assert witnessed(terminal, "out", "--new-key")[0] == 0


def test_a_witness_does_not_sign_a_folder_that_is_wrong(terminal: Terminal) -> None:
    terminal.types("ledger", "export", "out")
    Path("out", TEXTS).write_bytes(b"{}\n")
    assert witnessed(terminal, "out", "--new-key")[0] == 1


def test_a_witness_does_not_sign_on_without_a_proof(terminal: Terminal) -> None:
    terminal.types("ledger", "checkpoint", "--save", "one")
    witnessed(terminal, "one", "--new-key")
    terminal.types("people", "add", "ben", "--key", "ann.pub")
    terminal.types("ledger", "checkpoint", "--save", "two")
    code, shown = witnessed(terminal, "two")
    assert (code, "it is not shown that these 5 records go on from the 4" in shown) == (1, True)


def test_a_witness_does_not_sign_a_ledger_that_shrank(terminal: Terminal) -> None:
    terminal.types("ledger", "checkpoint", "--save", "one")
    terminal.types("people", "add", "ben", "--key", "ann.pub")
    terminal.types("ledger", "checkpoint", "--save", "two")
    witnessed(terminal, "two", "--new-key")
    assert "records are gone" in witnessed(terminal, "one")[1]


def test_a_witness_does_not_sign_what_another_key_signed(terminal: Terminal, copy: Path) -> None:
    assert witnessed(terminal, str(copy / "checkpoint"), "--new-key")[0] == 1


def test_a_request_is_made_only_from_a_checkpoint_of_this_ledger(terminal: Terminal, copy: Path) -> None:
    code, shown = terminal.types("ledger", "checkpoint", "--since", str(copy / "checkpoint"))
    assert (code, "ledger.other_history" in shown) == (1, True)


def test_one_command_of_a_person_is_checked_by_openssh_as_the_guide_says(copy: Path) -> None:
    command = next(line for line in GUIDE.read_text().splitlines() if line.startswith("ssh-keygen -Y verify"))
    person = (copy / "commands/index.tsv").read_text().splitlines()[0].split("\t")
    typed = command.replace("PERSON", person[1]).replace("ID", person[0])
    words, _, message = typed.partition(" < ")
    when = ["-O", f"verify-time={person[2]}"]
    with (copy / message).open("rb") as signed:
        done = subprocess.run([*words.split(), *when], stdin=signed, cwd=copy, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr


def test_all_commands_are_checked_by_openssh_as_the_guide_says(copy: Path) -> None:
    loop = blocks("sh")[1]
    done = subprocess.run(["sh", "-c", loop], cwd=copy, capture_output=True, check=False)
    asked = (copy / "commands/index.tsv").read_bytes().count(b"\n")
    assert (done.returncode, done.stdout.count(b"Good")) == (0, asked)


def test_openssh_finds_a_changed_command(copy: Path) -> None:
    changed = next((copy / "commands").glob("ben-*.json"))
    changed.write_bytes(changed.read_bytes().replace(b"approved", b"rejected"))
    assert subprocess.run(["sh", "-c", blocks("sh")[1]], cwd=copy, capture_output=True, check=False).returncode == 1


def test_the_guides_own_program_finds_the_root(copy: Path) -> None:
    assert run_root(copy) == 0


def test_the_guides_own_program_finds_a_changed_record(copy: Path) -> None:
    records = copy / RECORDS
    records.write_bytes(records.read_bytes().replace(b"app:v2", b"app:v3", 1))
    assert run_root(copy) == 1


def test_the_guides_own_program_is_short_and_uses_nothing_of_ours() -> None:
    program = blocks("python")[0]
    imported = {line.split()[1] for line in program.splitlines() if line.startswith(("import ", "from "))}
    assert (len([line for line in program.splitlines() if line.strip()]) <= 30, imported) == (
        True,
        {"base64", "hashlib", "sys", "pathlib"},
    )


def blocks(language: str) -> list[str]:
    """What the guide shows in that language."""
    return re.findall(rf"```{language}\n(.*?)```", GUIDE.read_text(), re.DOTALL)


def run_root(folder: Path) -> int:
    program = blocks("python")[0]
    return subprocess.run(
        [sys.executable, "-I", "-c", program, str(folder)], capture_output=True, check=False
    ).returncode
