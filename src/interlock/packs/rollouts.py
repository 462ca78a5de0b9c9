# SPDX-License-Identifier: Apache-2.0
"""Rollouts that can be written and mean nothing: what is wrong with the steps of one stage, each at its own place."""

from collections.abc import Iterator
from typing import Final

from interlock.domain.moment import span_in_words
from interlock.domain.strategy import Baseline
from interlock.domain.traffic import share_beside
from interlock.packs.model import AskStep, RolloutShape, WeightStep
from interlock.packs.problem import Problem
from interlock.packs.shape import problem_at
from interlock.packs.yaml_tree import Document, Step

ALL: Final = 100


def unsound(document: Document, shape: RolloutShape, at: tuple[Step, ...]) -> Iterator[Problem]:
    """What is wrong with a rollout that was written at `at`."""
    if shape.blind_for < shape.every:
        patience, pause = span_in_words(shape.blind_for), span_in_words(shape.every)
        sentence = f"it would go back after {patience} without a measurement, and measures every {pause}"
        yield problem_at(
            document,
            (*at, "blind_for"),
            "pack.blind_too_soon",
            sentence,
            "let blind_for be as long as several measurements",
        )
    yield from _weights(document, shape, (*at, "steps"))
    if shape.baseline is Baseline.FRESH and not any(_has_baseline(step) for step in shape.steps):
        sentence = "a baseline is given the candidate's share, up to a third of the traffic, and no step has so little"
        yield problem_at(
            document,
            (*at, "baseline"),
            "pack.baseline_unused",
            sentence,
            "begin with a smaller weight, or do without",
        )
    if shape.steps and all(isinstance(step, AskStep) for step in _exposing(shape)):
        sentence = "these steps ask, and expose nothing that could be looked at before everything is exposed"
        yield problem_at(
            document,
            (*at, "steps"),
            "pack.exposes_nothing",
            sentence,
            "add a weight or a cohort; who must agree beforehand is a requirement of the stage",
        )


def _has_baseline(step: object) -> bool:
    return isinstance(step, WeightStep) and share_beside(round(step.weight * ALL)) > 0


def _exposing(shape: RolloutShape) -> Iterator[object]:
    """Its steps without the last one where that is what comes by itself."""
    for number, step in enumerate(shape.steps):
        if not (number == len(shape.steps) - 1 and number and _is_implied(step)):
            yield step


def _is_implied(step: object) -> bool:
    return isinstance(step, WeightStep) and step == WeightStep(ALL)


def _weights(document: Document, shape: RolloutShape, at: tuple[Step, ...]) -> Iterator[Problem]:
    before = 0.0
    for number, step in enumerate(shape.steps):
        if not isinstance(step, WeightStep):
            continue
        here = (*at, number, "weight")
        if step.weight <= before:
            sentence = f"{step.weight:g} % is not more than the {before:g} % before it"
            yield problem_at(document, here, "pack.weight_order", sentence, "let each weight be larger than the last")
        elif step.weight == ALL and number < len(shape.steps) - 1:
            sentence = "all of the traffic comes last, and steps follow"
            yield problem_at(document, here, "pack.whole_too_soon", sentence, "remove it: it comes by itself")
        before = step.weight
