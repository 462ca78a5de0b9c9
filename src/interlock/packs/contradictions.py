# SPDX-License-Identifier: Apache-2.0
"""What contradicts itself in a pack: windows that never open, paths nobody takes, environments no path can reach,
evidence from an environment that the path has not come to yet.

Whether a recurrence has an end that has passed depends on the day, and so is no part of the pack: `windows` looks at
that when somebody asks, and when rules are taken into force.
"""

from collections.abc import Iterator
from typing import Final

from interlock.domain.change import ChangeKind
from interlock.packs.conditions import Condition, compile_condition
from interlock.packs.model import PackFile, StageShape, WindowShape
from interlock.packs.problem import Problem
from interlock.packs.requirements import OF_RELEASES, GateRequirement
from interlock.packs.scalars import parse_time_of_day
from interlock.packs.shape import problem_at
from interlock.packs.witness import is_possible
from interlock.packs.yaml_tree import Document, Step

_RULE: Final = "RRULE:"
_ALWAYS: Final = "true"


def contradictions(document: Document, shape: PackFile) -> Iterator[Problem]:
    """Everything that contradicts itself."""
    for number, stage in enumerate(shape.stages):
        at: tuple[Step, ...] = ("stages", number)
        for place, window in enumerate(stage.windows):
            yield from _window(document, window, (*at, "windows", place))
    yield from _never_taken(document, shape)
    yield from _out_of_reach(document, shape)
    yield from _not_there_yet(document, shape)


def _window(document: Document, window: WindowShape, at: tuple[Step, ...]) -> Iterator[Problem]:
    for word, time in (("from", window.begins), ("to", window.ends)):
        try:
            parse_time_of_day(time)
        except ValueError as fault:
            sentence = f"'{time}' is no time of day"
            yield problem_at(document, (*at, word), "pack.bad_window", sentence, str(fault))
    if window.begins == window.ends:
        sentence = f"the window opens and closes at {window.begins}, so it is never open"
        yield problem_at(document, (*at, "to"), "pack.never_open", sentence, "let it close later than it opens")
    if not window.schedule.startswith(_RULE):
        sentence = "the schedule has no rule of days, so the window is never open"
        step = "begin it with a rule, such as RRULE:FREQ=WEEKLY;BYDAY=MO,TU"
        yield problem_at(document, (*at, "schedule"), "pack.never_open", sentence, step)


def _never_taken(document: Document, shape: PackFile) -> Iterator[Problem]:
    """Kinds of change for which a path is written, and which never come to it: it is the first that holds."""
    earlier: dict[ChangeKind, dict[str, str]] = {kind: {} for kind in ChangeKind}
    for name, path in shape.paths.items():
        when = path.when or _ALWAYS
        if not any(_may_hold(when, kind) for kind in ChangeKind):
            continue  # The condition itself is told.
        for place, kind in enumerate(path.kinds):
            at = ("paths", name, "for", place)
            if not _may_hold(when, kind):
                sentence = f"no {kind} change meets this path's condition"
                yield problem_at(document, at, "pack.kind_excluded", sentence, "correct the condition, or the kinds")
            elif not _is_left(kind, when, tuple(earlier[kind].values())):
                above = " or ".join(f"'{one}'" for one in earlier[kind])
                sentence = f"{kind} changes take path {above} always, so this one is never reached"
                step = "give the earlier path a condition (when), or let each kind of change take one path"
                yield problem_at(document, at, "pack.kind_taken", sentence, step)
            earlier[kind][name] = when


def _is_left(kind: ChangeKind, when: str, earlier: tuple[str, ...]) -> bool:
    """Whether some change of the kind, of which some meet this condition, meets none of the earlier ones."""
    if not earlier or _ALWAYS in earlier:
        return not earlier
    misses = [f"!({one}\n)" for one in earlier]
    return all(_may_hold(one, kind) for one in misses) and _may_hold(" && ".join([*misses, f"({when}\n)"]), kind)


def _may_hold(text: str, kind: ChangeKind) -> bool:
    """Also what cannot be read; that is told elsewhere. Where nothing is asked nothing is evaluated."""
    if text == _ALWAYS:
        return True
    condition = compile_condition(text, OF_RELEASES)
    return not isinstance(condition, Condition) or is_possible(condition, {"change_kind": (kind,)})


def _out_of_reach(document: Document, shape: PackFile) -> Iterator[Problem]:
    """What a path waits for before it has come to the environment that it takes."""
    stages = {stage.name: stage for stage in shape.stages}
    after = {one.name: one.after for one in shape.environments}
    for name, path in shape.paths.items():
        been: list[str] = []
        for place, stage_name in enumerate(path.stages):
            if stage_name not in stages:
                continue
            stage = stages[stage_name]
            ahead = set(after).difference(been)
            missing = [one for one in after.get(stage.environment, ()) if one in ahead]
            if missing:
                sentence = (
                    f"'{stage.environment}' comes after {', '.join(missing)}, and the path does not go there before"
                )
                step = f"let the path go through {missing[0]} first, or change what '{stage.environment}' comes after"
                at = ("paths", name, "stages", place)
                yield problem_at(document, at, "pack.out_of_reach", sentence, step)
            been.append(stage.environment)


def _not_there_yet(document: Document, shape: PackFile) -> Iterator[Problem]:
    """Evidence about an environment is gathered while the content is live there, so nothing waits for it before.

    Where a path does not go at all the content may have come by another.
    """
    stages = {stage.name: (number, stage) for number, stage in enumerate(shape.stages)}
    reached = {stages[one][1].environment for path in shape.paths.values() for one in path.stages if one in stages}
    nowhere = {one.name for one in shape.environments} - reached
    for name, path in shape.paths.items():
        way = [stages[one] for one in path.stages if one in stages]
        ahead = [stage.environment for _, stage in way]
        for number, stage in way:
            for place, one in _about_a_place(stage):
                if one.gate.in_ in {*ahead, *nowhere}:
                    sentence = (
                        f"'{one.id}' asks for evidence from '{one.gate.in_}', and path '{name}' has not been there: "
                        "no release can have any"
                    )
                    step = "ask for it after that environment; what is not about what is live there stands without `in`"
                    at = ("stages", number, "requires", place, "gate", "in")
                    yield problem_at(document, at, "pack.not_there_yet", sentence, step)
            ahead.pop(0)


def _about_a_place(stage: StageShape) -> Iterator[tuple[int, GateRequirement]]:
    """What always asks for evidence; what asks on a condition may not ask on this path, or not before this place."""
    for place, one in enumerate(stage.requires):
        if isinstance(one, GateRequirement) and not one.when:
            yield place, one
