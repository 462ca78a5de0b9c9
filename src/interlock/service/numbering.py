# SPDX-License-Identifier: Apache-2.0
"""What the next promotion or rollback is called: such names end in a number, and each kind is counted by itself.

A name that a ledger knows is not used again, whoever gave it and however was counted then.
"""

from interlock.domain.ids import EnvironmentName, PromotionId, ReleaseId, RollbackId, ServiceName
from interlock.domain.promotion import promotion_stream
from interlock.domain.rollback import rollback_stream
from interlock.ports.store import LedgerStore


def next_promotion(store: LedgerStore, release: ReleaseId, environment: EnvironmentName) -> PromotionId:
    """The next promotion of a release into an environment."""
    stem = f"{release}/{environment}/"
    return PromotionId(f"{stem}{_free(store, promotion_stream(PromotionId(stem)))}")


def next_rollback(store: LedgerStore, service: ServiceName, environment: EnvironmentName) -> RollbackId:
    """The next rollback that a person orders. One that nobody ordered is named after its promotion."""
    stem = f"{service}/{environment}/rollback-"
    return RollbackId(f"{stem}{_free(store, rollback_stream(RollbackId(stem)))}")


def _free(store: LedgerStore, stem: str) -> int:
    """One more than there are, or the first number after it that is free."""
    taken = frozenset(store.streams(stem))
    number = len(taken) + 1
    while f"{stem}{number}" in taken:
        number += 1
    return number
