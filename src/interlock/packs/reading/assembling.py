# SPDX-License-Identifier: Apache-2.0
"""What was read, laid out as a pack: which statement becomes which element, in which stage.

1. Nothing is made stronger than it was written, and nothing weaker without saying so: what no element can carry stays
   a statement that nothing carries, and is listed as such.
2. What a pack needs and the document does not say (who may waive, how long production is watched) is the usual, marked
   as a guess with a question.
"""

import re
from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import Final

from interlock.packs.coverage import Kind
from interlock.packs.reading.engine import codes_for
from interlock.packs.reading.layout import USUAL_ROLE, Element, Layout
from interlock.packs.reading.numbering import Numbered, name_of
from interlock.packs.reading.opening import opening_of
from interlock.packs.reading.phases import Phase
from interlock.packs.reading.reading import IN_ORDER
from interlock.packs.reading.relations import Relation
from interlock.packs.reading.seeking import sought
from interlock.packs.wanted import YEAR

_BEFORE: Final = frozenset({Phase.ANY, Phase.DEVELOPMENT, Phase.REVIEW, Phase.PREPARATION})
_ON_THE_WAY: Final = _BEFORE | {Phase.STAGING, Phase.PRODUCTION}
_GOING_BACK: Final = frozenset({Phase.ROLLBACK, Phase.INCIDENT})
_PREFERRED: Final = (
    "release-manager",
    "release-captain",
    "service-owner",
    "product-owner",
    "team-lead",
    "tech-lead",
    "reviewer",
    "maintainer",
)
_IN_STAGING: Final = re.compile(r"\b(?:staging|stage|uat|pre-?prod\w*)\b", re.IGNORECASE)
_BETWEEN: Final = re.compile(
    r"\bbetween (?:the |all )?(?:steps|stages|waves|rings|shares)\b"
    r"|\b(?:at|after|per|for) (?:each|every) (?:step|stage|wave|ring|share)\b",
    re.IGNORECASE,
)
"""How long is waited on the way of a rollout is no time that the whole is watched for."""
USUAL_BAKE: Final = timedelta(minutes=30)
_COUNT: Final = sought(
    r"\b(?:two|2|three|3)\b(?: \w+)? (?:approvals?|approvers?|people|reviewers?|maintainers?|engineers?)\b"
)
_EITHER: Final = sought(r"\bor\b|\beither\b|\bany of\b")
_SECTION: Final = 60
COUNTED: Final = frozenset({"open-defects"})
"""Checks that count, and of which there may be none."""


def laid_out(statements: tuple[Numbered, ...]) -> Layout:
    """The layout of a pack that carries these statements, as far as an element can carry them."""
    said = " ".join(one.asked.text.lower() for one in statements)
    phases = {one.asked.phase for one in statements}
    layout = Layout(
        usual=_usual(statements), opening=opening_of(one for one in statements if not one.asked.is_attested)
    )
    layout.has_staging = Phase.STAGING in phases or "staging" in said
    layout.has_emergency = Phase.EMERGENCY in phases or "emergency change" in said or "hotfix" in said
    for one in statements:
        if not one.asked.is_joined and (_is_too_long(one) or not any(_try(layout, one, rule) for rule in _RULES)):
            layout.left.append(one)
    _settle_steps(layout)
    _settle_authority(layout)
    _join(layout, statements)
    if not layout.sequence:
        layout.left += layout.back_in_order
        layout.back_in_order = []
    return layout


def _is_too_long(one: Numbered) -> bool:
    """Longer than anything that a pack can wait for: a statement that no element carries."""
    is_waited = one.asked.kind in (Kind.HOLD, Kind.TIMER) and not one.asked.is_attested
    return is_waited and one.asked.deadline is not None and one.asked.deadline.most.total_seconds() > YEAR.most


def _join(layout: Layout, statements: tuple[Numbered, ...]) -> None:
    """What a person joined is carried by whatever carries the statement before it."""
    heads = [one for one in statements if not (one.asked.is_joined or one.asked.text.startswith(IN_ORDER))]
    for one in statements:
        if one.asked.is_joined:
            before = [head for head in heads if statements.index(head) < statements.index(one)]
            layout.carry(one, before[-1])


def _usual(statements: Iterable[Numbered]) -> str:
    """The role that decides where nobody is named: the document's own release manager, else the one asked most."""
    roles = [role for one in statements for role in one.asked.roles]
    known = next((role for role in _PREFERRED if role in roles), "")
    return known or max(dict.fromkeys(roles), key=roles.count, default=USUAL_ROLE)


Rule = Callable[[Layout, Numbered], bool]


def _try(layout: Layout, one: Numbered, rule: Rule) -> bool:
    return rule(layout, one)


def _element(layout: Layout, one: Numbered, kind: Kind, *, check: str = "") -> Element:
    asked = one.asked
    name = name_of(asked.text, layout.names, asked.kind.value.replace("+", "-"))
    span = asked.deadline.least if asked.deadline else timedelta(0)
    return Element(kind, name, asked.roles or (layout.usual,), (one,), check, span=span)


def _attested(layout: Layout, one: Numbered) -> bool:
    """What a person said is attested by hand: before a release goes on, or before an incident is closed."""
    if not one.asked.is_attested:
        return False
    element = _element(layout, one, Kind.SIGNOFF)
    if one.asked.phase in _GOING_BACK:
        layout.closing.append(element)
    elif one.asked.phase is Phase.EMERGENCY:
        layout.urgent.append(element)
    else:
        layout.people.append(element)
    return True


def _by_engine(layout: Layout, one: Numbered) -> bool:
    codes = codes_for(one.asked) if one.asked.kind in (Kind.RULE, Kind.STEP) else ()
    if codes:
        layout.engine.append((one, codes))
    return bool(codes)


def _opens(layout: Layout, one: Numbered) -> bool:
    return one in layout.opening.carries


def _orders(layout: Layout, one: Numbered) -> bool:
    asked = one.asked
    if not asked.text.startswith(IN_ORDER):
        return False
    low = asked.text.lower()
    if asked.phase is Phase.ROLLBACK:
        layout.back_in_order.append(one)
    elif any(word in " ".join(asked.section).lower() for word in ("handoff", "hand-off", "handover")):
        layout.order.append(one)
    elif "staging" in low and "prod" in low:
        layout.staging_first.append(one)
        layout.has_staging = True
    else:
        layout.left.append(one)
    return True


def _deploys(layout: Layout, one: Numbered) -> bool:
    low = one.asked.text.lower()
    if one.asked.kind is not Kind.STEP or not low.startswith(
        ("deploy", "promote", "roll out", "rollout", "release to", "ship")
    ):
        return False
    if one.asked.phase in _GOING_BACK | {Phase.EMERGENCY}:
        return False
    place = "staging" if any(word in low for word in ("staging", "candidate", "test env", "uat")) else "production"
    layout.deployed[place].append(one)
    layout.has_staging = layout.has_staging or place == "staging"
    return True


def _bakes(layout: Layout, one: Numbered) -> bool:
    asked = one.asked
    if asked.kind is not Kind.HOLD or asked.deadline is None or asked.deadline.relation is not Relation.FOR:
        return False
    if asked.phase in _GOING_BACK or _BETWEEN.search(asked.text):
        return False
    is_before = asked.phase is Phase.STAGING or _IN_STAGING.search(asked.text)
    layout.bakes["staging" if is_before and layout.has_staging else "production"].append(one)
    return True


def _waits(layout: Layout, one: Numbered) -> bool:
    """A time since people agreed: it counts from the last of them that stands before it."""
    asked = one.asked
    since = [other.name for other in layout.people if other.kind in (Kind.APPROVAL, Kind.SIGNOFF)]
    if asked.kind is not Kind.HOLD or asked.deadline is None or not since or asked.phase in _GOING_BACK:
        return False
    if _BETWEEN.search(asked.text):
        return False
    here = [
        other.name for other in layout.people if other.first.asked.line == asked.line and other.kind is Kind.APPROVAL
    ]
    name = name_of(f"{asked.text} hold", layout.names, "hold")
    layout.people.append(
        Element(Kind.HOLD, name, (), (one,), since=tuple(here or since[-1:]), span=asked.deadline.least)
    )
    return True


def _gates(layout: Layout, one: Numbered) -> bool:
    asked = one.asked
    if asked.kind not in (Kind.GATE, Kind.BOTH) or asked.phase in _GOING_BACK:
        return False
    if asked.kind is Kind.GATE and asked.phase is Phase.STAGING:
        layout.in_staging.append(one)
    elif asked.kind is Kind.GATE and asked.phase in (Phase.AFTER, Phase.PRODUCTION):
        layout.in_production.append(one)
    else:
        into = (
            layout.urgent
            if asked.phase is Phase.EMERGENCY
            else layout.people
            if asked.kind is Kind.BOTH
            else layout.gates
        )
        into.append(_element(layout, one, asked.kind, check=asked.check))
    return True


def _people(layout: Layout, one: Numbered) -> bool:
    asked = one.asked
    if asked.kind not in (Kind.SIGNOFF, Kind.APPROVAL, Kind.RECORD) or asked.phase in _GOING_BACK | {Phase.AFTER}:
        return False
    into = layout.urgent if asked.phase is Phase.EMERGENCY else layout.people
    into.append(_element(layout, one, asked.kind))
    return True


_DISAGREE: Final = re.compile(r"\bdisagree\w*|\b(?:cannot|can't|do not) agree\b|\bno agreement\b|\bdispute\w*")
_AWAY: Final = re.compile(
    r"\b(?:(?:cannot|can't) be reached|not reachable|unreachable|unavailable|not available|no answer|silent|absen\w+"
    r"|(?:does not|doesn't) (?:answer|respond)|hesitates?)\b"
)
_ABOUT_BACK: Final = sought(r"roll\w*[ -]?back|revert|go(?:es|ing)? back|back[ -]?out|decide|order|last word|final say")


def _settles(layout: Layout, one: Numbered) -> bool:
    """Who decides a rollback where people disagree, or while somebody is away; one of each is carried."""
    asked, low = one.asked, one.asked.text.lower()
    is_about = asked.phase in _GOING_BACK and bool(_ABOUT_BACK.search(low)) and len(asked.roles) == 1
    for pattern, into in ((_DISAGREE, layout.settling), (_AWAY, layout.standing_in)):
        if is_about and asked.is_named and pattern.search(low) and not into:
            into.append(one)
            return True
    return False


def _settle_authority(layout: Layout) -> None:
    """Who decides in the first place; nobody stands in for themselves, or settles their own disagreement."""
    others = [one.asked.roles[0] for one in (*layout.settling, *layout.standing_in)]
    named = [one.asked.roles[0] for one in layout.authority if one.asked.roles]
    layout.primary = next((role for role in (*named[:1], *layout.roles()) if named or role not in others), "")
    for group in (layout.authority, layout.settling, layout.standing_in):
        is_own = group is layout.authority
        layout.left += [one for one in group if (layout.primary in one.asked.roles) is not is_own or not layout.primary]
        group[:] = [one for one in group if one not in layout.left]


_MAY: Final = ("authority", "decide", "can ", "may ", "order", "mandate", "last word")


def _triggers(layout: Layout, one: Numbered) -> bool:
    asked = one.asked
    if asked.kind is not Kind.RULE or asked.phase not in _GOING_BACK or asked.prohibits:
        return False
    if any(word in asked.text.lower() for word in _MAY):
        layout.authority.append(one)
    else:
        layout.triggers.append(_element(layout, one, Kind.RULE))
    return True


def _tells(layout: Layout, one: Numbered) -> bool:
    if one.asked.kind is not Kind.NOTIFY:
        return False
    low = one.asked.text.lower()
    element = _element(layout, one, Kind.NOTIFY)
    if one.asked.phase in _GOING_BACK:
        layout.told_back.append(element)
    elif any(word in low for word in ("before", "start", "advance", "maintenance", "upcoming", "planned", "schedul")):
        layout.told_before.append(element)
    else:
        layout.told_after.append(element)
    return True


def _timed(layout: Layout, one: Numbered) -> bool:
    asked = one.asked
    if asked.kind is not Kind.TIMER or asked.deadline is None or asked.phase not in _GOING_BACK | {Phase.EMERGENCY}:
        return False
    layout.clocks.append(_element(layout, one, Kind.TIMER))
    return True


def _goes_back(layout: Layout, one: Numbered) -> bool:
    asked = one.asked
    if asked.phase not in _GOING_BACK:
        return False
    if asked.kind in (Kind.STEP, Kind.GATE, Kind.BOTH) and asked.phase is Phase.ROLLBACK:
        layout.sequence.append(_element(layout, one, asked.kind, check=asked.check))
        return True
    if asked.kind in (Kind.RECORD, Kind.SIGNOFF, Kind.APPROVAL):
        layout.closing.append(_element(layout, one, asked.kind))
        return True
    return False


def _step_checks(layout: Layout, one: Numbered) -> bool:
    """A step that leaves something a machine can look for: a tag, a backup, a version."""
    asked = one.asked
    if (
        asked.kind is not Kind.STEP
        or asked.phase not in _ON_THE_WAY
        or asked.check not in ("tag", "backup", "version", "changelog")
    ):
        return False
    layout.gates.append(_element(layout, one, Kind.GATE, check=asked.check))
    return True


_RULES: Final[tuple[Rule, ...]] = (
    _attested, _opens,
    _orders, _by_engine, _deploys, _bakes, _waits, _settles,
    _gates, _people, _triggers, _tells, _timed, _goes_back, _step_checks,
)  # fmt: skip


def _settle_steps(layout: Layout) -> None:
    """Steps that only people can do before a release is out are attested together, by section and by role."""
    groups: dict[tuple[tuple[str, ...], tuple[str, ...]], list[Numbered]] = {}
    for one in layout.left:
        if one.asked.kind is Kind.STEP and one.asked.phase in _ON_THE_WAY | {Phase.EMERGENCY}:
            groups.setdefault((one.asked.section, one.asked.roles or (layout.usual,)), []).append(one)
    for (section, roles), steps in groups.items():
        name = name_of(f"{section[-1] if section else 'steps'} carried out", layout.names, "steps")
        into = layout.urgent if steps[0].asked.phase is Phase.EMERGENCY else layout.people
        into.append(Element(Kind.SIGNOFF, name, roles, tuple(steps)))
        layout.left = [one for one in layout.left if one not in steps]


def sections(one: Element) -> tuple[str, ...]:
    """The headings of a record: a template's fields, else what it is about."""
    found = one.first.asked.fields or (one.first.asked.text.partition(":")[0],)
    plain = (re.sub(r"[^\w /&'-]", " ", words).strip() for words in found)
    return tuple(dict.fromkeys(" ".join(words.split())[:_SECTION].strip() or "Text" for words in plain))


def bake_of(layout: Layout, place: str = "production") -> timedelta:
    """How long it is watched there: the longest time that the document names; else as usual, in staging not at all."""
    spans = (one.asked.deadline.least for one in layout.bakes[place] if one.asked.deadline)
    return max(spans, default=USUAL_BAKE if place == "production" else timedelta(0))


def how_many(one: Element) -> int:
    """How many must approve; 0: one of each role."""
    low = one.first.asked.text.lower()
    if _COUNT.search(low) and len(one.roles) == 1:
        return 2
    return 0 if len(one.roles) > 1 and not _EITHER.search(low) else 1
