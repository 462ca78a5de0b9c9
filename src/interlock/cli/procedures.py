# SPDX-License-Identifier: Apache-2.0
"""Written procedures as files of a person: found, read, drafted into a pack that loads, and written down."""

import re
from pathlib import Path
from typing import TYPE_CHECKING, Final

from interlock.cli.naming import file_content
from interlock.cli.output import Exit, Fault
from interlock.packs.model import PackPhase

if TYPE_CHECKING:
    from interlock.packs.reading.drafting import Drafted
    from interlock.packs.reading.notes import Dropped
    from interlock.packs.reading.reading import Reading

_PLACES = (".", "docs", "doc", ".github", "docs/development", "docs/contributing")
_PROCEDURE = re.compile(
    r"(?:releas(?:e|ing|es)(?:[-_ ]?(?:process|checklist|procedure|guide|management|instructions|policy|steps))?"
    r"|(?:how[-_ ]to[-_ ])release|deploy(?:ing|ment)?(?:[-_ ]?(?:process|checklist|procedure|guide|runbook|policy))?"
    r"|(?:release[-_ ]|deploy[-_ ]|deployment[-_ ])?(?:runbook|playbook)|change[-_ ]management|rollout|publishing)"
    r"\.(?:md|markdown|rst|adoc|txt)"
)
_OFFERED = 3
_LEAST = 3
"""So few statements are no procedure."""


def read_document(path: str) -> "Reading":
    """The reading of a person's document. Raises `Fault` with the code of what is wrong with it."""
    from interlock.packs.reading.reading import read_procedure
    from interlock.packs.reading.written import LARGEST, Illegible

    found = read_procedure(Path(path).name, file_content(path, LARGEST))
    if isinstance(found, Illegible):
        raise Fault(found.code, found.sentence, found.next_step)
    return found


_SHOWN: Final = 60
_FEW: Final = 5


def drafted_pack(
    name: str,
    readings: "tuple[Reading, ...]",
    dropped: "tuple[Dropped, ...]" = (),
    phase: PackPhase = PackPhase.DRAFT,
) -> "Drafted":
    """The pack that these readings make, which loads. Raises `Fault` where it cannot be one."""
    from interlock.domain.ids import parse_name
    from interlock.packs.load import load_pack
    from interlock.packs.problem import Problems
    from interlock.packs.reading.drafting import drafted

    try:
        parse_name(name)
    except ValueError as fault:
        raise Fault("procedure.name", str(fault), "give it another with --name") from fault
    if not any(one.asked for one in readings):
        known = ", ".join(one.name for one in readings)
        unread = [f"{one.name}:{line.line} “{line.text[:_SHOWN]}”" for one in readings for line in one.unmapped]
        bound = f"; not understood: {', '.join(unread[:_FEW])}" if unread else ""
        raise Fault(
            "procedure.asks_nothing",
            f"nothing in {known} was understood as a requirement{bound}",
            "name the document that says how releases are made; lists and sentences with 'must' are read best",
        )
    made = drafted(name, readings, dropped, phase)
    loaded = load_pack("pack.yaml", dict(made.files)["pack.yaml"].encode())
    if isinstance(loaded, Problems):
        raise Fault("pack.unfit", loaded.render(), "nothing was written; report the document to us", Exit.BUG)
    return made


def written_procedures(repository: Path) -> tuple[str, ...]:
    """Documents of a repository that say how it is released, by their paths in it: as many as are worth an offer."""
    found = (
        path.relative_to(repository).as_posix()
        for place in _PLACES
        if (repository / place).is_dir()
        for path in sorted((repository / place).iterdir())
        if _PROCEDURE.fullmatch(path.name.lower()) and path.is_file() and _asks_enough(path)
    )
    return tuple(dict.fromkeys(found))[:_OFFERED]


def _asks_enough(path: Path) -> bool:
    """Whether several things are asked for in it: a list of past releases asks for nothing."""
    from interlock.packs.reading.reading import Reading, read_procedure
    from interlock.packs.reading.written import LARGEST

    if path.stat().st_size > LARGEST:
        return False
    reading = read_procedure(path.name, path.read_bytes())
    return isinstance(reading, Reading) and len(reading.asked) >= _LEAST


def name_from(path: str) -> str:
    """What a pack is called after its document."""
    from interlock.service.discover import as_name

    return as_name(Path(path).stem.lower()) or "procedure"


def write_draft(folder: Path, made: "Drafted", *, replace: bool) -> None:
    """Write the files of a draft; what is there already is left alone unless `replace`."""
    there = [file for file, _ in made.files if (folder / file).exists()]
    if there and not replace:
        raise Fault(
            "pack.exists",
            f"{folder / there[0]} is there already, and nothing was written",
            "give another folder with --into, or --replace to write over it",
        )
    try:
        for file, text in made.files:
            (folder / file).parent.mkdir(parents=True, exist_ok=True)
            (folder / file).write_text(text, encoding="utf-8")
    except OSError as fault:
        sentence = f"{folder} cannot be written: {fault.strerror or fault}"
        raise Fault("file.unwritable", sentence, "name a folder that you may write with --into") from fault
