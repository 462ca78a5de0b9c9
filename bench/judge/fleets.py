# SPDX-License-Identifier: Apache-2.0
"""What many fleets at once teach of their noise, each over its own past: the product's `noise`, over arrays.

A test holds the two together.
"""

import math
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from interlock.domain.judge import noise as of_one

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Noises:
    """What `Noise` says, for each rollout."""

    short: Floats
    long: Floats
    spread: Floats
    ticks: Floats
    burst: Floats
    borne: Floats
    unseen: Floats

    def of(self, row: int) -> of_one.Noise:
        """That of one rollout."""
        told = {one.name: float(getattr(self, one.name)[row]) for one in fields(self)}
        return of_one.Noise(**told)


def usual_noises(noise: of_one.Noise, rollouts: int) -> Noises:
    """The same noise for all."""
    return Noises(
        np.full(rollouts, noise.short),
        np.full(rollouts, noise.long),
        np.full(rollouts, noise.spread),
        np.full(rollouts, float(noise.ticks)),
        np.full(rollouts, noise.burst),
        np.full(rollouts, noise.borne),
        np.full(rollouts, noise.unseen),
    )


def learn_all(bad: Floats, requests: Floats, every: float) -> Noises:
    """`noise.learn` for many fleets: arrays of rollouts by ticks by instances."""
    usual = of_one.USUAL
    shares = _own_shares(bad, requests)
    total = bad.sum(axis=(1, 2))
    least = np.where(total < of_one.FEW, of_one.LEAST_OF_FEW, 1.0)
    short = np.maximum(least, _dispersion_of(bad, requests, shares))
    long = short.copy()
    for length in sorted({max(1, round(block / every)) for block in of_one.BLOCKS}):
        long = np.maximum(long, _dispersion_of(_blocks(bad, length), _blocks(requests, length), shares))
    known = total > 0
    spread = np.where(total >= of_one.ENOUGH * bad.shape[2], _spread_of(bad, requests, long), usual.spread)
    return Noises(
        np.where(known, short, usual.short),
        np.where(known, long, usual.long),
        spread,
        np.where(known, float(of_one.MEASURED), float(usual.ticks)),
        np.full(len(total), usual.burst),
        np.where(known, min(of_one.BORNE, math.log1p(of_one.BORNE_OF_FEW * bad.shape[1] * bad.shape[2])), usual.borne),
        np.where(known, 1.0, usual.unseen),
    )


def _own_shares(bad: Floats, requests: Floats) -> Floats:
    return np.asarray((bad.sum(axis=1) + 1) / (_fair(bad, requests) + 1))


def _fair(bad: Floats, requests: Floats) -> Floats:
    """What each instance would have had of the bad requests of each tick by its requests."""
    fair = bad.sum(axis=2, keepdims=True) * requests / np.maximum(requests.sum(axis=2, keepdims=True), 1e-12)
    return np.asarray(fair.sum(axis=1))


def _dispersion_of(bad: Floats, requests: Floats, shares: Floats) -> Floats:
    weights = requests * shares[:, None, :]
    total, weight = bad.sum(axis=2, keepdims=True), weights.sum(axis=2, keepdims=True)
    counts = (total > 0) & (weight > 0)
    fair = np.where(counts, total * weights / np.where(weight > 0, weight, 1.0), 0.0)
    found = np.where(counts, (bad - fair) ** 2, 0.0).sum(axis=(1, 2))
    chance = (fair * (1 - fair / np.where(total > 0, total, 1.0))).sum(axis=(1, 2))
    return np.where(chance > 0, found / np.where(chance > 0, chance, 1.0), 1.0)


def _blocks(counts: Floats, length: int) -> Floats:
    rollouts, ticks, instances = counts.shape
    whole = ticks // length
    return np.asarray(counts[:, : whole * length].reshape(rollouts, whole, length, instances).sum(axis=2))


def _spread_of(bad: Floats, requests: Floats, dispersion: Floats) -> Floats:
    own, fair = bad.sum(axis=1), _fair(bad, requests)
    instances = bad.shape[2]
    found = np.where(fair > 0, (own - fair) ** 2 / np.where(fair > 0, fair, 1.0), 0.0).sum(axis=1)
    free = instances - 1
    due = np.maximum(fair.sum(axis=1), 1e-12) * free / instances
    variance = np.maximum(0.0, found - dispersion * free) / due
    return np.asarray(np.maximum(of_one.LEAST_SPREAD, np.sqrt(variance * free / of_one.chi_square(free))))
