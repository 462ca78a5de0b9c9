# SPDX-License-Identifier: Apache-2.0
"""What an incident suspects: a release, or what came past everybody, and what it is once somebody adopted that.

Where something runs that was never released, the release recorded there is what it goes back *to*. Adopting what runs
makes that the suspect: it is recorded, and what the incident decides holds for it as for any other release.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from interlock.domain.ids import IncidentId, PersonId, ReleaseId


class Suspect(StrEnum):
    RELEASE = "release"
    STRANGER = "stranger"
    """What runs in the place of the release that the incident names."""


@dataclass(frozen=True, slots=True)
class StrangerAdopted:
    """Somebody adopted what ran there, as this release."""

    incident: IncidentId
    release: ReleaseId
    by: PersonId
    at: datetime
