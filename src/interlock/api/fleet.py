# SPDX-License-Identifier: Apache-2.0
"""Reading: services, what waits and for whom, why, and what would be if."""

from datetime import timedelta
from typing import Annotated, Final

import msgspec
from litestar import get
from litestar.params import FromPath, QueryParameter

from interlock.api.answers import PERSONAL
from interlock.api.refusals import ProblemShown, absent, problems, unfit
from interlock.api.scene import Look, Looking
from interlock.domain.gate import Situation, evaluate
from interlock.domain.ids import PersonId, RequirementId
from interlock.domain.moment import NEVER
from interlock.domain.procedure import Procedure
from interlock.service.codes import page_of
from interlock.service.explain import Explained, Explainer
from interlock.service.inboxes import Kind, inbox
from interlock.service.portraits import fleet, registers
from interlock.service.portraits.findings import FindingShown, finding
from interlock.service.portraits.fleet import ServiceShown, StatusShown
from interlock.service.portraits.registers import RulesShown
from interlock.service.portraits.releases import text_of
from interlock.service.whatif import with_waiver, with_word

LOOKING: Final = ("looking",)
SUPPOSED: Final = timedelta(days=1)
"""For how long a waiver is supposed to hold."""


class ItemShown(msgspec.Struct, frozen=True):
    """One thing that waits for the caller. `due` is empty where there is no deadline."""

    asked: str
    about: str
    kind: Kind
    id: str
    why: str
    due: str
    command: str


class Inbox(msgspec.Struct, frozen=True):
    """What waits for the caller, the nearest deadline first."""

    items: list[ItemShown]


class Explanation(msgspec.Struct, frozen=True):
    """Why something is as it is. `solo`: who may agree with themself there."""

    kind: str
    id: str
    solo: list[str]
    finding: FindingShown
    page: str = ""
    """What the reference says, where a refusal's code was asked about."""


class Supposed(msgspec.Struct, frozen=True):
    """The gate as it is, and as it would be."""

    release: str
    environment: str
    opens: bool
    now: FindingShown
    then: FindingShown


class RequiredShown(msgspec.Struct, frozen=True):
    """One requirement of a stage, and which statements of the written procedure it carries."""

    id: str
    kind: str
    cites: list[str]


class StageShown(msgspec.Struct, frozen=True):
    """A stage; with an environment, its gate."""

    stage: str
    environment: str
    requires: list[RequiredShown]


class PathShown(msgspec.Struct, frozen=True):
    """How changes of some kinds travel."""

    path: str
    kinds: list[str] = msgspec.field(name="for")
    stages: list[str]


class PackShown(msgspec.Struct, frozen=True):
    """The procedure in force for a service: its rules as recorded, and as they were written."""

    rules: RulesShown
    paths: list[PathShown]
    stages: list[StageShown]
    pack_text: str
    bindings_text: str


@get("/services", sync_to_thread=True, responses=problems(401, 403), tags=LOOKING, operation_id="services")
def services(look: Looking) -> StatusShown:
    """What runs where since when, what is under way, what waits and for whom."""
    return _status(look)


@get(
    "/services/{service:str}",
    sync_to_thread=True,
    responses=problems(401, 403, 404),
    tags=LOOKING,
    operation_id="service",
)
def service(look: Looking, service: FromPath[str]) -> ServiceShown:
    """The same of one service."""
    name = look.service(service).name
    found = fleet.service(look.viewer, name, driven=look.driven)
    if found is None:
        raise absent("governance.none", f"'{service}' is not governed yet", "run `interlock adopt`")
    return found


@get("/packs/{service:str}", sync_to_thread=True, responses=problems(401, 403, 404), tags=LOOKING, operation_id="pack")
def pack(look: Looking, service: FromPath[str]) -> PackShown:
    """The written procedure in force for a service."""
    state = look.service(service)
    governance = look.governance(state)
    procedure = governance.procedure
    return PackShown(
        rules=registers.rules(state, governance),
        paths=[PathShown(one.name, [kind.value for kind in one.kinds], list(one.stages)) for one in procedure.paths],
        stages=_stages(procedure),
        pack_text=text_of(look.store, state.in_force.pack),
        bindings_text=text_of(look.store, state.in_force.bindings),
    )


@get(
    "/inbox",
    sync_to_thread=True,
    responses=problems(401, 403),
    tags=LOOKING,
    operation_id="inbox",
    opt={PERSONAL: True},
)
def mine(look: Looking) -> Inbox:
    """What waits for the caller, the nearest deadline first."""
    items = inbox(look.viewer, look.services, look.caller.person)
    return Inbox(
        [
            ItemShown(
                one.asked,
                one.about,
                one.kind,
                one.id,
                one.why,
                "" if one.due == NEVER else one.due.isoformat(),
                one.command,
            )
            for one in items
        ]
    )


@get(
    "/explain/{named:path}",
    sync_to_thread=True,
    responses=problems(401, 403, 404),
    tags=LOOKING,
    operation_id="explain",
)
def explain(
    look: Looking,
    named: FromPath[str],
    environment: Annotated[str, QueryParameter(name="for", max_length=80, description="Of a release: this gate.")] = "",
) -> Explanation:
    """Why something is as it is, or what a refusal's code means. `named` is an id, a requirement, or a code."""
    wanted = str(named).removeprefix("/")
    page = page_of(wanted)
    if page:
        nothing = FindingShown(wanted, wanted, "not_applicable", "not_applicable", "", "", "", [], [])
        return Explanation("code", wanted, [], nothing, page)
    found = _explained(look, wanted, environment)
    return Explanation(found.kind, found.id, list(found.solo), finding(found.finding))


@get("/whatif", sync_to_thread=True, responses=problems(401, 403, 404, 422), tags=LOOKING, operation_id="whatif")
def whatif(
    look: Looking,
    release: Annotated[str, QueryParameter(max_length=200, description="A release: shop:v1.2.0.")],
    environment: Annotated[str, QueryParameter(max_length=80, description="Before which environment.")],
    word: Annotated[
        list[str] | None, QueryParameter(description="Suppose that somebody said so: REQUIREMENT=HANDLE; again.")
    ] = None,
    waive: Annotated[
        list[str] | None, QueryParameter(description="Suppose that this is waived: REQUIREMENT; again.")
    ] = None,
) -> Supposed:
    """What the gate would say if somebody had signed, approved, or been granted a waiver. Nothing is recorded."""
    one = look.release(release)
    place = look.environment(look.gatherer.pinned(one), environment)
    situation = look.gatherer.situation(one.id, place)
    supposed = _supposed(look, situation, word or [], waive or [])
    now, then = (evaluate(this, look.gatherer.now) for this in (situation, supposed))
    return Supposed(one.id, place, then.opens, finding(now), finding(then))


def _status(look: Look) -> StatusShown:
    shown = fleet.status(look.viewer, look.services, driven=look.driven)
    if not look.caller.services:
        return shown
    found = look.viewer.status(())
    mine = {one.id for one in found.incidents if look.caller.reaches(one.service)}
    frozen = {one.freeze for one in found.freezes if not one.services or any(map(look.caller.reaches, one.services))}
    return msgspec.structs.replace(
        shown,
        incidents=[one for one in shown.incidents if one.incident in mine],
        freezes=[one for one in shown.freezes if one.freeze in frozen],
    )


def _explained(look: Look, named: str, environment: str) -> Explained:
    """What is of a service that the caller does not reach is not there."""
    explainer = Explainer(look.viewer, environment, look.caller.reaches)
    view = look.gatherer.view
    known = tuple(release for name in look.services for release in view.service(name).open_releases)
    if environment:
        look.environment(look.gatherer.pinned(look.release(named)), environment)
    return explainer.requirement(named, known) or explainer.explain(named)


def _supposed(look: Look, situation: Situation, words: list[str], waived: list[str]) -> Situation:
    known = {str(one.id) for one in situation.requirements()}
    people = look.gatherer.view.people().names
    for one in words:
        asked, sign, person = one.partition("=")
        if asked not in known or not sign or PersonId(person) not in people:
            raise unfit("whatif.word", f"'{one}' is no word of somebody's", "write REQUIREMENT=HANDLE")
        situation = with_word(situation, RequirementId(asked), PersonId(person), look.gatherer.now)
    for asked in waived:
        if asked not in known:
            raise unfit(
                "whatif.waiver", f"no requirement '{asked}' is asked there", f"there are: {', '.join(sorted(known))}"
            )
        situation = with_waiver(situation, RequirementId(asked), look.gatherer.now + SUPPOSED)
    return situation


def _stages(procedure: Procedure) -> list[StageShown]:
    return [
        StageShown(
            stage.name,
            stage.environment,
            [
                RequiredShown(one.id, type(one).__name__.removesuffix("Requirement").lower(), list(one.cites))
                for one in stage.requires
            ],
        )
        for stage in procedure.stages
    ]


HANDLERS: Final = (services, service, pack, mine, explain, whatif)
SHOWN: Final = (ProblemShown,)
