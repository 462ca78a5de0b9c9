# SPDX-License-Identifier: Apache-2.0
"""Counting what the arms of a service's traffic do.

1. `read` gives the counters of all arms as every reachable source has them now, never a rate and never an average.
2. A source that does not answer is absent from the snapshot; when none answers it is `Unavailable` (`metrics.silent`).
   An arm that a source has not seen yet counts zero; a source that knows nothing of the route at all is absent.
3. `errors` are answers with status 500 or more, and requests that got none. An arm answers for itself: what a second
   try at the same arm mended is no error, what the other arm answered in its place is one. `slower` are counted by the
   edges of the snapshot, which are the same for every source.
4. `ready` and `members` are about the candidate's endpoints, as seen where the fewest are ready.
5. A baseline is counted as the candidate is. Who cannot count it says nothing of it: no edges, no members.
6. Nothing is remembered between calls; every call ends within its deadline. Faults are `Unavailable` or `Rejected`.
"""

from typing import Protocol

from interlock.domain.traffic import Snapshot


class TrafficMetrics(Protocol):
    """Reads the counters of one service's route in one environment."""

    def read(self) -> Snapshot: ...
