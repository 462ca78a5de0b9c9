# SPDX-License-Identifier: Apache-2.0
"""`interlock record`: the documents a procedure asks people to write about a release.

A record is a Markdown file in which each section that is asked for is a heading with something below it. It is kept in
the ledger word for word, and cannot be erased: no personal data and no secrets in it.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

from cyclopts import App, Parameter

from interlock.cli.drafting import asked_of
from interlock.cli.naming import (
    ForEnvironment,
    ReleaseArg,
    ServiceOption,
    document_of,
    environment_of,
    environments_ahead,
    release_of,
    short,
)
from interlock.cli.output import Fault, Json, Report
from interlock.cli.session import ME, Me, Session, reading
from interlock.cli.text import Block, Rows, Verbatim, good, para, quiet, step, strong, warn
from interlock.domain.ids import EnvironmentName, RequirementId, digest_of
from interlock.domain.requirement import RecordRequirement, somebody

if TYPE_CHECKING:
    from interlock.domain.release import Release

_SHOWN: Final = 20_000
"""Characters of a record that are shown."""

app = App(name="record", help="Documents about a release that the procedure asks for: draft, write, show.")

app.command("interlock.cli.drafting:draft_record", name="draft", help="Draft a record from commits and decisions.")
app.command("interlock.cli.committed:committed", name="committed", help="What was written into the repository.")
app.command("interlock.cli.committed:retry", name="retry", help="Try anew to write it into the repository.")

RecordArg = Annotated[str, Parameter(name="RECORD", help="Which record, as `interlock status` lists it.")]


@app.command
def write(
    release: ReleaseArg,
    record: RecordArg,
    file: Annotated[Path, Parameter(name="FILE", help="A Markdown file with every section that is asked for.")],
    /,
    *,
    environment: ForEnvironment = "",
    service: ServiceOption = "",
    me: Me = ME,
) -> Report:
    """Write a record about a release, or replace it. It is signed by you."""
    from interlock.domain.records import WriteRecord

    named = RequirementId(record)
    content, sections = document_of(str(file))
    with reading() as session:
        one = release_of(session, release, service)
        place = (
            environment_of(session.gatherer.pinned(one), environment) if environment else _place(session, one, named)
        )
        voice = session.speak(me)
        voice.speaker.attach(content)
        command = WriteRecord(one.id, place, named, digest_of(content), sections)
        done = voice.say(command, f"write '{named}' about {one.id}")
    data: dict[str, Json] = {
        "release": one.id,
        "record": named,
        "document": command.document,
        "sections": list(sections),
        "by": voice.person,
        "command": done.id,
    }
    words = para(
        good("✓ "), strong(named), f" about {one.id} is written by {voice.person}", quiet(f"  {len(sections)}")
    )
    return Report(data, (words, step("`interlock status` says what is left")))


@app.command
def show(release: ReleaseArg, record: RecordArg = "", /, *, service: ServiceOption = "") -> Report:
    """Show the records of a release, or the text of one."""
    from interlock.ports.store import Missing

    with reading() as session:
        one = release_of(session, release, service)
        written = session.gatherer.view.records(one.id).written
        asked = asked_of(session, one)
        if not record:
            return _listed(one, asked, session)
        entry = written.get(RequirementId(record))
        if entry is None:
            known = ", ".join(dict.fromkeys((*asked, *written))) or "none"
            raise Fault("record.none", f"no record '{record}' was written about {one.id}", f"there are: {known}")
        content = session.house.store.blob(entry.document)
        text = "" if isinstance(content, Missing) else content.decode("utf-8", "replace")
    blocks: list[Block] = [para(strong(record), f" about {one.id}, by {entry.by}", quiet(f"  {short(entry.document)}"))]
    blocks.append(Verbatim(text[:_SHOWN], 2) if text else para(warn("! "), "its text is not in this ledger"))
    data: dict[str, Json] = {
        "release": one.id,
        "record": record,
        "by": entry.by,
        "document": entry.document,
        "sections": list(entry.sections),
        "text": text,
    }
    return Report(data, tuple(blocks))


def _listed(one: "Release", asked: dict[RequirementId, RecordRequirement], session: Session) -> Report:
    from interlock.service.portraits.findings import plain
    from interlock.service.portraits.releases import records

    written = session.gatherer.view.records(one.id).written
    if not asked and not written:
        return Report({"release": one.id, "records": []}, (para("its procedure asks for no record"),))
    rows = tuple(
        (
            good("✓") if name in written else warn("·"),
            name,
            f"by {written[name].by}" if name in written else f"{somebody(' or '.join(asked[name].roles))} writes it",
            quiet(", ".join(asked[name].sections if name in asked else written[name].sections)),
        )
        for name in dict.fromkeys((*asked, *written))
    )
    listed: list[Json] = [plain(one) for one in records(asked, session.gatherer.view.records(one.id))]
    return Report({"release": one.id, "records": listed}, (para(strong(f"records of {one.id}")), Rows(rows, 2)))


def _place(session: Session, one: "Release", named: RequirementId) -> EnvironmentName:
    """The next environment on the path before which the record is asked for."""
    ahead = environments_ahead(session, one)
    for place in ahead:
        if any(asked.id == named for asked in session.gatherer.situation(one.id, place).requirements()):
            return place
    if not ahead:
        raise Fault("release.not_open", f"'{one.id}' is {one.phase}: nothing is to decide", "see `interlock status`")
    return ahead[-1]
