# SPDX-License-Identifier: Apache-2.0
"""`interlock evidence`: what checks said about a release, brought by others where we do not run them."""

from collections.abc import Iterator, ValuesView
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Final

from cyclopts import App, Parameter

from interlock.cli.naming import ReleaseArg, ServiceOption, environment_of, file_content, release_of
from interlock.cli.output import Fault, Json, Report
from interlock.cli.session import ME, Me, Session, has_driver, reading
from interlock.cli.text import Block, Line, Rows, Verbatim, good, para, quiet, step, strong, warn
from interlock.cli.tree import verdict_mark
from interlock.domain.evidence import NO_QUERY, RecordEvidence, Series, subject_by_name
from interlock.domain.ids import EVERYWHERE, CheckId, Digest, EnvironmentName, digest_of, parse_name
from interlock.domain.verdict import Verdict

if TYPE_CHECKING:
    from interlock.domain.release import Release

app = App(name="evidence", help="What checks said about a release.")

CheckArg = Annotated[str, Parameter(name="CHECK", help="A check of the pack.")]
ForPlace = Annotated[str, Parameter(name="--for", help="The environment it is about; without it any.")]

_NO_REPORT: Final = "junit."
"""How a reading begins whose content is no JUnit report: a slip of the hand, and not evidence of anything."""


@Parameter(name="*")
@dataclass(frozen=True, slots=True)
class Brought:
    """What is attached."""

    verdict: Annotated[str, Parameter(help="pass, inconclusive, fail or error.")] = ""
    summary: Annotated[str, Parameter(help="One line for people.")] = ""
    report: Annotated[str, Parameter(help="A file with the raw material.")] = ""
    junit: Annotated[str, Parameter(help="A JUnit XML report; it says the verdict itself.")] = ""
    query: Annotated[str, Parameter(help="What was counted, in the words of the tool that was asked.")] = ""
    count: Annotated[int, Parameter(help="How many it found, completely.")] = -1


NOTHING: Final = Brought()


@app.command
def show(
    release: ReleaseArg,
    check: CheckArg = "",
    /,
    *,
    environment: ForPlace = "",
    service: ServiceOption = "",
) -> Report:
    """All evidence about a release; with a check, its newest reading and the report behind it."""
    from interlock.service.portraits import releases as portraits
    from interlock.service.portraits.findings import plain

    with reading() as session:
        one = release_of(session, release, service)
        series = session.gatherer.view.evidence_of(one.id, one.digest).series
        chosen = {key: found for key, found in series.items() if check in {"", key[0]} and environment in {"", key[1]}}
        if check and not chosen:
            known = ", ".join(dict.fromkeys(key[0] for key in series)) or "none yet"
            raise Fault("evidence.none", f"there is no evidence of '{check}' about {one.id}", f"there is: {known}")
        data: list[Json] = [plain(portraits.evidence(session.house.store, found)) for found in chosen.values()]
        if check:
            blocks = tuple(block for found in chosen.values() for block in _in_full(session, found))
        else:
            blocks = tuple(_table(one, chosen.values()))
    return Report({"release": one.id, "digest": one.digest, "evidence": data}, blocks)


@app.command
def attach(
    release: ReleaseArg,
    check: CheckArg,
    /,
    *,
    brought: Brought = NOTHING,
    environment: ForPlace = "",
    service: ServiceOption = "",
    me: Me = ME,
) -> Report:
    """Bring the result of a check that somebody else did, such as CI. It is signed by you."""
    with reading() as session:
        one = release_of(session, release, service)
        place = environment_of(session.gatherer.pinned(one), environment) if environment else EVERYWHERE
        voice = session.speak(me)
        command, report = _reading(one, _check(check), place, brought, session.now, f"attached by {voice.person}")
        voice.speaker.attach(report)
        done = voice.say(command, f"attach evidence of '{check}' to {one.id}")
        number = next(record.payload["number"] for record in done.records if record.event == "EvidenceRecorded")
    return Report(
        {
            "release": one.id,
            "check": check,
            "number": int(str(number)),
            "verdict": command.verdict.value,
            "summary": command.summary,
            "command": done.id,
        },
        (
            para(
                verdict_mark(command.verdict), " ", strong(check), f" #{number} of {one.id}: {command.summary}", hang=2
            ),
        ),
    )


@app.command
def refresh(
    release: ReleaseArg,
    check: CheckArg = "",
    /,
    *,
    environment: ForPlace = "",
    service: ServiceOption = "",
    me: Me = ME,
) -> Report:
    """Ask that a check be done again; without one, every check that is not a pass."""
    from interlock.domain.evidence import RequestEvidence

    asked: list[Json] = []
    with reading() as session:
        one = release_of(session, release, service)
        wanted = list(_to_refresh(session, one, check, environment))
        for named, place in wanted:
            voice = session.speak(me)
            subject = _subject(session, one, named, place)
            voice.say(RequestEvidence(subject, named, place), f"ask for '{named}' of {one.id} again")
            asked.append({"check": named, "environment": place})
        driven = has_driver(session.home)
    if not asked:
        return Report({"asked": asked}, (para(quiet("every check of it passed; name one to have it done again")),))
    names = ", ".join(dict.fromkeys(named for named, _ in wanted))
    then = step("watch it with `interlock status`" if driven else "no controller is at work: `interlock drive`")
    return Report({"asked": asked}, (para(good("✓ "), strong(names), f" of {one.id} will be done again"), then))


def _subject(session: Session, release: "Release", check: CheckId, place: EnvironmentName) -> Digest:
    """What the newest answer is about: the release by its name, or its content."""
    named = subject_by_name(release.id, release.digest)
    return named if (check, place) in session.gatherer.view.evidence(named).series else release.digest


def _to_refresh(
    session: Session, release: "Release", check: str, environment: str
) -> Iterator[tuple[CheckId, EnvironmentName]]:
    series = session.gatherer.view.evidence_of(release.id, release.digest).series
    if check:
        places = [place for named, place in series if named == check and environment in {"", place}]
        for place in places or [EnvironmentName(environment or EVERYWHERE)]:
            yield _check(check), place
        return
    for (named, place), found in series.items():
        if found.latest.verdict is not Verdict.PASS and environment in {"", place}:
            yield named, place


def _reading(
    release: "Release", check: CheckId, place: EnvironmentName, brought: Brought, now: datetime, source: str
) -> tuple[RecordEvidence, bytes]:
    verdict, summary, report, measured = _said(brought)
    counted = brought.count >= 0
    if counted != bool(brought.query):
        raise Fault("evidence.count", "a count says what was counted", "give --query and --count together")
    return RecordEvidence(
        subject=release.digest,
        check=check,
        environment=place,
        verdict=verdict,
        summary=summary,
        source=source,
        report=digest_of(report),
        governance=release.governance,
        taken_at=now,
        query=brought.query if counted else NO_QUERY,
        count=max(brought.count, 0),
        measured=measured,
        release=release.id,
    ), report


def _said(brought: Brought) -> tuple[Verdict, str, bytes, tuple[tuple[str, str], ...]]:
    """What the files and words given amount to."""
    if bool(brought.junit) == bool(brought.verdict):
        raise Fault("evidence.verdict", "evidence says one thing", "give --verdict, or a report with --junit")
    if brought.junit:
        from interlock.bootstrap.outsiders import junit_reading

        found = junit_reading(file_content(brought.junit, largest=64_000_000))
        if found.summary.startswith(_NO_REPORT):
            code, _, sentence = found.summary.partition(": ")
            raise Fault(code, sentence, "give the JUnit XML report that the test run wrote; nothing was recorded")
        return found.verdict, found.summary, found.report, tuple(sorted(found.measured.items()))
    if brought.verdict not in {"pass", "inconclusive", "fail", "error"}:
        raise Fault("evidence.verdict", f"'{brought.verdict}' is no verdict", "say pass, inconclusive, fail or error")
    summary = brought.summary or f"{brought.verdict}, by the word of who attached it"
    report = file_content(brought.report) if brought.report else summary.encode()
    return Verdict(brought.verdict), summary[:200], report, ()


def _table(release: "Release", found: ValuesView[Series]) -> Iterator[Block]:
    yield para(strong(release.id), quiet(f"  {release.digest}"))
    if not found:
        yield para(quiet("  there is no evidence yet"))
        return
    rows: list[Line] = []
    for series in found:
        latest = series.latest
        where = "" if latest.environment == EVERYWHERE else f"in {latest.environment}"
        rows.append(
            (
                verdict_mark(latest.verdict),
                strong(latest.check),
                where,
                f"#{latest.number}",
                quiet(f"{latest.taken_at:%Y-%m-%d %H:%M}"),
                latest.summary,
            )
        )
    yield Rows(tuple(rows), 2)


def _in_full(session: Session, series: Series) -> Iterator[Block]:
    from interlock.service.portraits.releases import report_text

    latest = series.latest
    where = "" if latest.environment == EVERYWHERE else f" in {latest.environment}"
    yield para(
        verdict_mark(latest.verdict), " ", strong(latest.check), f"{where} #{latest.number}: {latest.summary}", hang=2
    )
    facts: list[Line] = [
        (quiet("taken"), f"{latest.taken_at:%Y-%m-%d %H:%M:%S} UTC"),
        (quiet("by"), f"{latest.source} ({latest.assurance.value})"),
        (quiet("under"), f"rules {latest.governance}"),
    ]
    if latest.query:
        facts.append((quiet("counted"), f"{latest.count} by «{latest.query}»"))
    facts.extend((quiet(name), value) for name, value in latest.measured)
    yield Rows(tuple(facts), 2)
    yield Verbatim(report_text(session.house.store, series), 4)
    before = " ".join(piece.verdict.value for piece in series.pieces[:-1][-10:])
    if before:
        yield para(quiet(f"  before: {before}"))
    if series.gap:
        yield para(warn("  ! "), f"number {series.gap} is missing")


def _check(text: str) -> CheckId:
    try:
        return CheckId(parse_name(text))
    except ValueError as fault:
        raise Fault("evidence.check", str(fault)) from fault
