# SPDX-License-Identifier: Apache-2.0
"""The parts of a draft about telling and about going back: messages, rollback, incidents."""

import json
import re
from collections.abc import Iterable, Iterator
from typing import Final

from interlock.packs.coverage import Kind
from interlock.packs.reading.layout import Element, Layout
from interlock.packs.reading.lengths import in_short
from interlock.packs.reading.numbering import Numbered, stated
from interlock.packs.reading.phases import Phase
from interlock.packs.reading.seeking import sought

_AUDIENCES: Final = (
    ("stakeholders", r"\bstakeholders?\b|\bleadership\b|\bmanagement\b|\bbusiness\b"),
    ("support", r"\bsupport\b|\bhelp ?desk\b|\bservice desk\b"),
    (
        "customers",
        (
            r"\bcustomers?\b|\busers\b|\bclients?\b|\bcommunity\b|\bblog\b|\btweet\b|\bmailing list\b"
            r"|\bstatus page\b"
        ),
    ),
    ("on-call", r"\bon-?call\b|\bpage\b"),
)
_CHANNEL: Final = sought(r"#([a-z][a-z0-9_-]{1,40})")
_RESTORES: Final = sought(
    r"\b(?:revert|redeploy\w*|restore|roll(?:ed|s)?[ -]?back|previous|last known|switch\w* .*back|older?)\b"
)
_REVIEWED: Final = sought(r"\b(?:post-?mortem|retro\w*|review\w*|rca|root cause|report|analys\w+|lessons)\b")
_DECIDED: Final = sought(
    r"\b(?:decid\w*|decision|assess\w*|triage|workaround|roll\w*[ -]?back|respon\w+|acknowledg\w+|escalat\w+)\b"
)
_TITLE: Final = 100


def audience_of(one: Element) -> str:
    """Whom a message is for, by the words of the document; the team where it names nobody."""
    low = one.first.asked.text.lower()
    channel = _CHANNEL.search(low)
    if channel:
        return channel[1].strip("-_")
    return next((name for name, pattern in _AUDIENCES if re.search(pattern, low)), "team")


def _messages(layout: Layout) -> tuple[Element, ...]:
    return (*layout.told_before, *layout.told_after, *layout.told_back)


def told(layout: Layout) -> Iterator[str]:
    """The messages of the stage of production."""
    parts = [
        f"{word}: [{', '.join(one.name for one in named)}]"
        for word, named in (("before", layout.told_before), ("after", layout.told_after))
        if named
    ]
    if parts:
        yield f"    notify: {{{', '.join(parts)}}}"


def message_lines(layout: Layout) -> Iterator[str]:
    """Every message, and who hears of it."""
    known = _messages(layout)
    deciding = [one.asked.roles[0] for one in (*layout.standing_in[:1], *layout.settling[:1])]
    hearing = dict.fromkeys((*map(audience_of, known), *deciding))
    if hearing:
        yield from ("", f"audiences: [{', '.join(hearing)}] # who they are: interlock.yaml")
    if known:
        yield "messages:"
    for one in known:
        words = one.first.asked.text.replace("{", "(").replace("}", ")")
        yield _comment(one.first, 2)
        yield f"  {one.name}:"
        yield f"    to: [{audience_of(one)}]"
        yield f"    title: {json.dumps(_title(one), ensure_ascii=False)}"
        yield f"    body: {json.dumps(words, ensure_ascii=False)}"
        yield f"    cites: [{one.ids}]"


def _title(one: Element) -> str:
    in_incident = one.first.asked.phase is Phase.INCIDENT
    subject = "Incident {incident}: {service} in {environment}" if in_incident else "{service} in {environment}"
    return subject[:_TITLE]


def handling_lines(layout: Layout) -> Iterator[str]:
    """What follows a rollback, who decides one, and how incidents are handled."""
    yield from _rollback(layout)
    yield from _incident(layout)


def _of_phase(elements: Iterable[Element], phase: Phase) -> list[Element]:
    return [one for one in elements if one.first.asked.phase is phase]


def _rollback(layout: Layout) -> Iterator[str]:
    decided = _of_phase(layout.told_back, Phase.ROLLBACK)
    authority = [one for one in layout.authority if one.asked.roles]
    if not (decided or authority or layout.sequence or layout.settling or layout.standing_in):
        return
    yield from ("", "rollback:")
    if decided:
        yield f"  notify: {{decided: [{', '.join(one.name for one in decided)}]}}"
    yield from _authority(layout, authority)
    if layout.sequence:
        yield from (_comment(one, 2) for one in layout.back_in_order)
        yield "  sequence:"
        restored = next((one for one in layout.sequence if _RESTORES.search(one.first.asked.text.lower())), None)
        yield from (line for one in layout.sequence for line in _duty(one, is_restoring=one is restored))
        if layout.back_in_order:
            yield f"  cites: {{sequence: [{', '.join(one.id for one in layout.back_in_order)}]}}"


_SOON: Final = "10m"


def _authority(layout: Layout, named: list[Numbered]) -> Iterator[str]:
    """Who decides a rollback, who stands in, and who settles a disagreement."""
    away, apart = layout.standing_in[:1], layout.settling[:1]
    if not (named or away or apart):
        return
    primary = layout.primary
    own = [one for one in named if primary in one.asked.roles]
    yield from (_comment(one, 2) for one in (*own, *away, *apart))
    if not own:
        yield "  # a guess: who decides a rollback in the first place?"
    yield "  authority:"
    yield f"    primary: {primary}"
    for key, group in (("fallback", away), ("escalate", apart)):
        yield from (f"    {key}: {{to: {one.asked.roles[0]}, after: {_after(one)}}}" for one in group)
    cited = (("primary", own), ("fallback", away), ("escalate", apart))
    told = (f"{key}: [{', '.join(one.id for one in group)}]" for key, group in cited if group)
    yield f"    cites: {{{', '.join(told)}}}"


def _after(one: Numbered) -> str:
    return in_short(one.asked.deadline.least) if one.asked.deadline else _SOON


def _duty(one: Element, *, is_restoring: bool) -> Iterator[str]:
    roles, said = ", ".join(one.roles), json.dumps(_signed(one), ensure_ascii=False)
    cited = f"cites: [{one.ids}]"
    yield _comment(one.first, 4)
    match one.kind:
        case Kind.STEP if is_restoring:
            yield f"    - {{id: {one.name}, is: restored, {cited}}}"
        case Kind.RECORD:
            title = json.dumps(
                re.sub(r"[^\w '-]", " ", one.first.asked.text)[:50].strip() or "Text", ensure_ascii=False
            )
            yield f"    - {{id: {one.name}, record: {{roles: [{roles}], sections: [{title}]}}, {cited}}}"
        case Kind.SIGNOFF | Kind.APPROVAL:
            yield f"    - {{id: {one.name}, signoff: {{roles: [{roles}], statement: {said}}}, {cited}}}"
        case _:
            yield f"    - {{id: {one.name}, step: {one.check or one.name}, {cited}}}"
    if one.kind is Kind.BOTH:
        yield f"    - {{id: {one.name}.signed, signoff: {{roles: [{roles}], statement: {said}}}, {cited}}}"


def _signed(one: Element) -> str:
    asked = one.first.asked
    return stated(asked) if asked.is_attested else asked.text


def _incident(layout: Layout) -> Iterator[str]:
    opened = _of_phase(layout.told_back, Phase.INCIDENT)
    if not (opened or layout.triggers or layout.clocks or layout.closing):
        return
    yield from ("", "incident:", "  in: [production]")
    if layout.triggers:
        yield "  labels:"
        for one in layout.triggers:
            yield _comment(one.first, 4)
            yield f"    {one.name}: {{goes_back_for: [{', '.join(one.roles)}], cites: [{one.ids}]}}"
    if opened:
        yield "  send:"
        yield from (f"    - {{message: {one.name}, on: [opened]}}" for one in opened)
    if layout.clocks:
        yield "  clocks:"
        for one in layout.clocks:
            yield _comment(one.first, 4)
            until, within = _until(one), in_short(one.span)
            yield f"    {one.name}: {{from: opened, until: [{until}], within: {within}, cites: [{one.ids}]}}"
    if layout.closing:
        yield "  closing:"
        yield from (line for one in layout.closing for line in _duty(one, is_restoring=False))


def _until(one: Element) -> str:
    low = one.first.asked.text.lower()
    if _REVIEWED.search(low):
        return "scheduled"
    return "decided" if _DECIDED.search(low) else "restored"


def _comment(one: Numbered, indent: int) -> str:
    words = "".join(char for char in " ".join(one.asked.text.split()) if char.isprintable())
    return f"{' ' * indent}# {one.at} “{words[:140]}”"


__all__ = ["audience_of", "handling_lines", "message_lines", "told"]
