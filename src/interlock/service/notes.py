# SPDX-License-Identifier: Apache-2.0
"""Drafts of release notes and of every other record: what commits and decisions say, under the headings asked for.

1. A heading that is known is filled from the ledger and the commits; nothing is invented. One that is not known, or of
   which nothing is recorded, stays empty with a comment: a person writes it, and until then it does not count.
2. The headings are those of the pack, in its order and its words; capitals, slashes and dashes do not matter.
3. People are named by their handles.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC
from typing import Final

from interlock.domain.approval import EVERY, Decided, SignedOff
from interlock.domain.evidence import EvidenceRecorded
from interlock.domain.ids import EVERYWHERE
from interlock.domain.moment import in_words
from interlock.ports.source import Commit
from interlock.service.chronicle import plain, short
from interlock.service.story import Story

SECTIONS: Final = (
    "Name",
    "Date",
    "Summary",
    "Notable changes",
    "Migration steps",
    "Known issues",
    "Impacted modules and endpoints",
    "Rollback notes",
    "Approvals",
    "Waivers",
)
"""The headings of notes that no pack asks for."""
UNWRITTEN: Final = "<!-- A person writes this: nothing about it is recorded. Without it the record does not count. -->"
UNRECORDED: Final = "Nothing is recorded about this."
"""In place of what nobody wrote, where nobody will."""
_MOST: Final = 200
_CONVENTIONAL: Final = re.compile(r"(?P<type>[a-z]{2,20})(?:\((?P<scope>[^()]{1,60})\))?(?P<breaks>!?): +(?P<what>.+)")
_GROUPS: Final = {"!": "Breaking", "feat": "Added", "fix": "Mended", "perf": "Faster"}
_OTHERS: Final = "Also"
_LOOSE: Final = re.compile(r"[^a-z0-9]+")
_MIGRATES: Final = re.compile(r"migrat|schema")


def draft(story: Story, sections: tuple[str, ...] = SECTIONS, unwritten: str = UNWRITTEN) -> str:
    """The document, as Markdown: every section in order, empty ones with these words."""
    title = f"# {story.release.service} {story.release.version}"
    parts = [f"## {section}\n\n{_content(story, section) or unwritten}" for section in sections]
    return "\n\n".join([title, *parts]) + "\n"


def empty_sections(story: Story, sections: tuple[str, ...]) -> tuple[str, ...]:
    """The sections that a person has to write."""
    return tuple(section for section in sections if not _content(story, section))


def _content(story: Story, section: str) -> str:
    name = _LOOSE.sub(" ", section.casefold()).strip()
    known = next((fill for words, fill in _KNOWN if any(one in f" {name} " for one in words)), None)
    return "\n".join(known(story)).strip() if known else ""


def _name(story: Story) -> Iterator[str]:
    yield f"{plain(story.release.service)} {plain(story.release.version)} (commit {story.release.commit[:12]})"


def _date(story: Story) -> Iterator[str]:
    yield f"{story.now.astimezone(UTC):%Y-%m-%d}"


def _summary(story: Story) -> Iterator[str]:
    """Only what one commit says of itself is a summary; of several a person makes one."""
    told = tuple(_own(story.commits))
    if len(told) == 1:
        yield plain(told[0].subject)


def _changes(story: Story) -> Iterator[str]:
    if story.change.id:
        about = f": {plain(story.title)}" if story.title else ""
        yield f"Change {plain(story.change.id)}, a {story.change.kind} change{about}\n"
    told = tuple(_own(story.commits))
    grouped = _grouped(told[:_MOST])
    for group, lines in grouped.items():
        if group or len(grouped) > 1:
            yield f"**{group or _OTHERS}**\n"
        yield from lines
        yield ""
    if len(told) > _MOST:
        yield f"and {len(told) - _MOST} commits more"


def _grouped(commits: tuple[Commit, ...]) -> Mapping[str, list[str]]:
    """The commits under what their subjects say they are; what says nothing comes last, under no heading."""
    groups: dict[str, list[str]] = {group: [] for group in (*_GROUPS.values(), "")}
    for commit in commits:
        found = _CONVENTIONAL.fullmatch(commit.subject)
        kind = "" if found is None else "!" if found["breaks"] else found["type"]
        what = commit.subject if found is None or kind not in _GROUPS else found["what"]
        scope = f"{found['scope']}: " if found and kind in _GROUPS and found["scope"] else ""
        groups[_GROUPS.get(kind, "")].append(f"- {plain(scope + what)} ({commit.sha[:12]})")
    return {group: lines for group, lines in groups.items() if lines}


def _own(commits: tuple[Commit, ...]) -> Iterator[Commit]:
    """Those that are not only merges of others."""
    return (commit for commit in commits if not commit.subject.startswith(("Merge branch ", "Merge pull request ")))


def _migrations(story: Story) -> Iterator[str]:
    if story.plan:
        yield f"- It breaks a contract: follow `{plain(story.plan)}`."
    yield from (f"- {_reading(one)}" for one in story.readings if _MIGRATES.search(one.check))


def _risks(story: Story) -> Iterator[str]:
    for risk in story.risks:
        finding = risk.finding
        about = f"{finding.subject} before {risk.environment} is {finding.verdict}"
        yield f"- {about}, and waived: {plain(finding.sentence)}"
    broken = (one for one in story.contract if one.size == "major")
    yield from (f"- breaks: {plain(one.at)}, {plain(one.what)}" for one in broken)


def _impact(story: Story) -> Iterator[str]:
    if story.release.areas:
        yield f"- areas: {', '.join(story.release.areas)}"
    components = ", ".join(item.component for item in story.release.artifacts)
    if len(story.release.artifacts) > 1:
        yield f"- components: {components}"
    for one in story.contract[:_MOST]:
        yield f"- {plain(one.at)}: {plain(one.what)} ({one.size})"


def _rollback(story: Story) -> Iterator[str]:
    """The plan, quoted, so that its own headings are none here."""
    yield from (f"> {line}".rstrip() for line in story.rollback_plan.strip().splitlines()[:_MOST])


def _approvals(story: Story) -> Iterator[str]:
    for signed in story.approvals.signoffs:
        yield f"- {signed.by} ({_roles(story, signed)}) signed off {signed.requirement}: {plain(signed.statement)}"
    for decided in story.approvals.decisions:
        addressed = "" if decided.requirement == EVERY else f" as {decided.requirement}"
        who = f"{decided.by} ({_roles(story, decided)})"
        yield f"- {who} {decided.answer} it for {decided.environment}{addressed}, content {short(decided.bound.digest)}"


def _roles(story: Story, said: SignedOff | Decided) -> str:
    then = story.governance.there(said.environment).at_moment(said.at)
    held = (role for role, people in then.crew.items() if said.by in people)
    return ", ".join(held) or "no role"


def _waivers(story: Story) -> Iterator[str]:
    for one in story.waivers:
        asked = one.asked
        granted = f", granted by {one.granted_by}" if one.granted_by else ""
        yield (
            f"- {asked.requirement} before {asked.environment}: {one.standing.value}, until {in_words(asked.expires)},"
            f" asked by {asked.by}{granted}; reason: {plain(one.reason)}; mitigation: {plain(one.mitigation)}"
        )


def _readings(story: Story) -> Iterator[str]:
    yield from (f"- {_reading(one)}" for one in story.readings)


def _reading(one: EvidenceRecorded) -> str:
    where = "" if one.environment == EVERYWHERE else f" in {one.environment}"
    return f"{one.check}{where}: {one.verdict}, {plain(one.summary)}"


_KNOWN: Final[tuple[tuple[tuple[str, ...], Callable[[Story], Iterator[str]]], ...]] = (
    ((" rollback ", " mitigation plan "), _rollback),
    ((" waivers ", " exceptions "), _waivers),
    ((" approvals ", " approved by ", " sign offs ", " signoffs "), _approvals),
    ((" migration ", " migrations "), _migrations),
    ((" known issues ", " known risks ", " risks "), _risks),
    ((" impacted ", " affected "), _impact),
    ((" checks ", " evidence "), _readings),
    ((" changes ", " changed "), _changes),
    ((" summary ",), _summary),
    ((" date ",), _date),
    ((" name ", " number ", " version "), _name),
)
"""Words of a heading, and what fills it; the first that fits counts."""
