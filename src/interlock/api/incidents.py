# SPDX-License-Identifier: Apache-2.0
"""Reading: incidents, how they stand and what happened."""

from typing import Final

import msgspec
from litestar import get
from litestar.params import FromPath

from interlock.api.paging import Cursor, Limit, page_of
from interlock.api.refusals import absent, problems
from interlock.api.scene import Look, Looking
from interlock.domain.ids import IncidentId
from interlock.domain.incident import Incident, IncidentPhase
from interlock.service.casework import room
from interlock.service.portraits import incidents as portraits
from interlock.service.portraits.incidents import EntryShown, IncidentListed, IncidentShown
from interlock.service.timeline import records_of, timeline

INCIDENTS: Final = ("incidents",)
_PREFIX: Final = "incident/"


class Incidents(msgspec.Struct, frozen=True):
    """A page of incidents, by their ids. `next` is the cursor of the following page; empty when this is the last."""

    incidents: list[IncidentListed]
    next: str


class IncidentWhole(msgspec.Struct, frozen=True):
    """An incident and its timeline."""

    incident: IncidentShown
    timeline: list[EntryShown]


@get("/incidents", sync_to_thread=True, responses=problems(400, 401, 403), tags=INCIDENTS, operation_id="incidents")
def incidents(look: Looking, cursor: Cursor = "", limit: Limit = 50) -> Incidents:
    """Every incident there ever was, a page at a time."""
    names = [name.removeprefix(_PREFIX) for name in look.store.streams(_PREFIX)]
    mine = [one for one in names if look.caller.reaches(look.gatherer.view.incident(IncidentId(one)).service)]
    page = page_of(mine, cursor, limit)
    view = look.gatherer.view
    return Incidents([portraits.listed(look.store, view.incident(IncidentId(one))) for one in page.names], page.next)


@get(
    "/incidents/{incident:str}",
    sync_to_thread=True,
    responses=problems(401, 403, 404),
    tags=INCIDENTS,
    operation_id="incident",
)
def incident(look: Looking, incident: FromPath[str]) -> IncidentWhole:
    """How it stands: what was decided, which clocks run, what is owed, what happened."""
    one = known(look, incident)
    handling = room(one, look.gatherer).handling
    shown = portraits.incident(one, handling, portraits.summary_of(look.store, one.summary))
    return IncidentWhole(shown, [portraits.entry(entry) for entry in timeline(records_of(look.store, one))])


def known(look: Look, named: str) -> Incident:
    """An incident that is there. Raises `Fault` (404)."""
    found = look.gatherer.view.incident(IncidentId(named))
    if found.phase is IncidentPhase.ABSENT or not look.caller.reaches(found.service):
        raise absent("incident.unknown", f"there is no incident '{named}'", "see /v1/incidents")
    return found


HANDLERS: Final = (incidents, incident)
