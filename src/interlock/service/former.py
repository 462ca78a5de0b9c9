# SPDX-License-Identifier: Apache-2.0
"""Which release another one follows: what its contract and its version are compared with.

It is the one whose commit was recorded as base when the release was made, which is the newest good release of the last
environment that the commit descends from: what ran there, and not what somebody wrote down about it.
"""

from collections.abc import Iterable

from interlock.domain.ids import EnvironmentName, ServiceName
from interlock.domain.release import Release
from interlock.domain.slot import NOTHING
from interlock.service.view import View


def release_at(view: View, service: ServiceName, base: str, environments: Iterable[EnvironmentName]) -> Release:
    """The newest good release of that commit, looked for in one environment after the other.

    A release of phase ABSENT where none is known.
    """
    for environment in environments if base else ():
        slot = view.slot(service, environment)
        for placed in dict.fromkeys(one for one in (slot.live, *reversed(slot.good)) if one != NOTHING):
            release = view.release(placed.release)
            if release.commit == base:
                return release
    return Release()
