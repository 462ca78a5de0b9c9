# SPDX-License-Identifier: Apache-2.0
"""Which releases and incidents of a service have ended and leave records that are not written yet."""

from collections.abc import Iterator
from typing import Final

from interlock.domain.ids import ReleaseId, ServiceName
from interlock.domain.journal import OVER, Ended, Ending
from interlock.domain.release import ReleasePhase
from interlock.service.gather import Gatherer

_RECORDED: Final = frozenset({ReleasePhase.COMPLETED, ReleasePhase.ROLLED_BACK})
"""How a release ends of which there is something to tell."""


def ended_in(gatherer: Gatherer, service: ServiceName) -> Iterator[Ended]:
    """Every release and incident of a service that has ended, leaves records, and is not done with, oldest first."""
    view = gatherer.view
    book = view.journal(service)
    releases = (Ended(Ending.RELEASE, one) for one in view.service(service).ended)
    incidents = (Ended(Ending.INCIDENT, one) for one in view.docket(service).closed)
    for one in (*releases, *incidents):
        is_over = book.leaf(one.key).phase in OVER
        if not is_over and (one.ending is Ending.INCIDENT or view.release(ReleaseId(one.of)).phase in _RECORDED):
            yield one
