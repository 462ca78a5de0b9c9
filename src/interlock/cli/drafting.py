# SPDX-License-Identifier: Apache-2.0
"""Drafts of what the procedure asks people to write: `interlock release notes` and `interlock record draft`.

A draft is a file of yours and nothing more: it counts once a person has filled what is missing and written it with
`interlock record write`. A file that is there already is never replaced.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from interlock.cli.naming import ReleaseArg, ServiceOption, release_of
from interlock.cli.output import Fault, Json, Report
from interlock.cli.session import Session, reading
from interlock.cli.text import Block, Verbatim, good, para, quiet, step, strong, warn
from interlock.domain.ids import RequirementId
from interlock.domain.requirement import RecordRequirement

if TYPE_CHECKING:
    from interlock.domain.release import Release
    from interlock.service.story import Story

NOTES = RequirementId("notes")
WithWords = Annotated[
    bool,
    Parameter(name="--with-words", help="Quote people's own words too. What is written as a record stays for ever."),
]


def notes(
    release: ReleaseArg,
    /,
    *,
    draft: Annotated[str, Parameter(name="--draft", help="A new file to write it to.")] = "",
    record: Annotated[str, Parameter(name="--record", help="The record whose sections it gets.")] = NOTES,
    with_words: WithWords = False,
    service: ServiceOption = "",
) -> Report:
    """Compose release notes from the commits and from what was decided."""
    from interlock.service.notes import SECTIONS

    with reading() as session:
        one = release_of(session, release, service)
        asked = asked_of(session, one).get(RequirementId(record))
        if asked is None and record != NOTES:
            raise _unknown(session, one, record)
        story = _story(session, one, with_words=with_words)
        sections = asked.sections if asked else SECTIONS
        return _drafted(story, RequirementId(record), sections, draft, with_words=with_words)


def draft_record(
    release: ReleaseArg,
    record: Annotated[str, Parameter(name="RECORD", help="Which record, as `interlock status` lists it.")],
    /,
    *,
    into: Annotated[str, Parameter(name="--into", help="A new file to write it to.")] = "",
    with_words: WithWords = False,
    service: ServiceOption = "",
) -> Report:
    """Draft a record: the sections asked for, filled with what the ledger and the commits say."""
    with reading() as session:
        one = release_of(session, release, service)
        asked = asked_of(session, one).get(RequirementId(record))
        if asked is None:
            raise _unknown(session, one, record)
        return _drafted(
            _story(session, one, with_words=with_words), asked.id, asked.sections, into, with_words=with_words
        )


def asked_of(session: Session, one: "Release") -> dict[RequirementId, RecordRequirement]:
    """Every record its path asks for, in order."""
    from interlock.service.story import asked_of

    return asked_of(session.gatherer, one)


def _story(session: Session, one: "Release", *, with_words: bool) -> "Story":
    from interlock.service.story import kept_words, quoted_words, story_in

    house = session.house
    words = quoted_words(house.store.text) if with_words else kept_words
    return story_in(session.gatherer, one, house.repository, house.library, words)


def _drafted(
    story: "Story", record: RequirementId, sections: tuple[str, ...], file: str, *, with_words: bool
) -> Report:
    from interlock.service.notes import draft, empty_sections

    text, empty = draft(story, sections), empty_sections(story, sections)
    if file:
        _write(Path(file), text)
    data: dict[str, Json] = {
        "release": story.release.id,
        "record": record,
        "sections": list(sections),
        "empty": list(empty),
        "file": file,
        "text": text,
    }
    return Report(data, tuple(_shown(story, record, (text, file), empty, with_words=with_words)))


def _shown(
    story: "Story", record: RequirementId, made: tuple[str, str], empty: tuple[str, ...], *, with_words: bool
) -> list[Block]:
    text, file = made
    blocks: list[Block] = []
    if file:
        blocks.append(para(good("✓ "), strong(file), f" holds a draft of '{record}'", quiet(f"  {story.release.id}")))
    else:
        blocks.append(Verbatim(text))
    if empty:
        blocks.append(para(warn("! "), f"a person writes these: {', '.join(empty)}", hang=2))
    if with_words:
        warning = "it quotes people's own words, which cannot be erased once it is written"
        blocks.append(para(warn("! "), warning, hang=2))
    version = story.release.version
    blocks.append(step(f"when it is whole: `interlock record write {version} {record} {file or 'FILE'}`"))
    return blocks


def _write(path: Path, text: str) -> None:
    try:
        with path.expanduser().open("x", encoding="utf-8") as opened:
            opened.write(text)
    except FileExistsError as fault:
        raise Fault("record.file_exists", f"{path} is there already", "name a file that is not there yet") from fault
    except OSError as fault:
        sentence = f"{path} cannot be written: {fault.strerror or fault}"
        raise Fault("record.file", sentence, "name a file that you may write") from fault


def _unknown(session: Session, one: "Release", record: str) -> Fault:
    known = ", ".join(asked_of(session, one)) or "none"
    sentence = f"no record '{record}' is asked for on the path of {one.id}"
    return Fault("record.unknown", sentence, f"the records asked are: {known}")
