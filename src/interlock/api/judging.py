# SPDX-License-Identifier: Apache-2.0
"""The judge by itself, for those who keep another tool for their traffic: measurements in, one account out.

1. Nothing is recorded and no ledger is read: whoever asks decides what follows.
2. Measurements come with the request, or from the one Prometheus this server was started with. An address in a request
   is asked nowhere.
"""

from http import HTTPStatus
from typing import Annotated, Final

import msgspec
from litestar import Response, post
from litestar.params import JSONBody
from msgspec import Meta

from interlock.api.refusals import Fault, problems, unfit
from interlock.bootstrap.outsiders import Past, kept_by, past_intervals
from interlock.domain.judge.noise import LARGEST
from interlock.domain.judge.plan import UNTOLD, Arm, Interval
from interlock.domain.judge.trial import Call
from interlock.packs.scalars import parse_duration
from interlock.service.hearing import USUAL_QUESTION, Heard, Question, heard
from interlock.service.portraits.judgements import HeardShown, heard_shown
from interlock.service.series import impossible, since_the_first

JUDGING: Final = ("judging",)
MOST: Final = 10_000
MOST_EDGES: Final = 50
LONGEST: Final = 3600.0
_MICROSECONDS: Final = 1_000_000
_WHOLE: Final = 100.0


class ArmTold(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One arm in one interval. `slower`: how many were slower than each edge; what is null was not measured."""

    requests: float | None = None
    errors: float | None = None
    slower: tuple[float | None, ...] = ()


class IntervalTold(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What both arms did until `time` (seconds). `share`: the candidate's by the router, in percent; 0: not known."""

    time: float
    stable: ArmTold
    candidate: ArmTold
    share: float = 0.0
    step: Annotated[int, Meta(ge=0)] = 0


class Queries(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """PromQL of counters; `{arm}` is `stable` or `candidate`, and in `faster` `{edge}` each edge (seconds)."""

    requests: str
    errors: str
    stable: str
    candidate: str
    faster: str = ""
    edges: tuple[float, ...] = ()
    since: str = "30m"
    every: str = "15s"
    share: float = 0.0


class JudgeAsked(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Measurements, or queries for them, and what is tolerated, in percent. `edges` in seconds, ascending.

    `dispersion`, `dispersion_of_times`: 0 where nobody looked.
    """

    intervals: tuple[IntervalTold, ...] = ()
    edges: tuple[float, ...] = ()
    prometheus: Queries | None = None
    risk: Annotated[float, Meta(gt=0, le=20)] = USUAL_QUESTION.risk
    tolerated: Annotated[int, Meta(ge=0, le=1000)] = USUAL_QUESTION.tolerated
    longer: Annotated[int, Meta(ge=1, le=1000)] = USUAL_QUESTION.longer
    cap: Annotated[float, Meta(gt=0, le=100)] = USUAL_QUESTION.cap
    spread: Annotated[float, Meta(gt=0, le=100)] = USUAL_QUESTION.spread
    dispersion: Annotated[float, Meta(ge=0, le=100)] = USUAL_QUESTION.dispersion
    warm_up: Annotated[float, Meta(ge=1, le=20)] = USUAL_QUESTION.warm_up
    warm_up_of_times: Annotated[float, Meta(ge=1, le=20)] = USUAL_QUESTION.warm_up_of_times
    spread_of_times: Annotated[float, Meta(gt=0, le=100)] = USUAL_QUESTION.spread_of_times
    dispersion_of_times: Annotated[float, Meta(ge=0, le=100)] = USUAL_QUESTION.dispersion_of_times
    wander_of_times: Annotated[float, Meta(ge=0, le=100)] = USUAL_QUESTION.wander_of_times

    @property
    def question(self) -> Question:
        """What is asked of them."""
        tolerated = self.risk, self.tolerated, self.longer, self.cap
        times = self.warm_up_of_times, self.spread_of_times, self.dispersion_of_times, self.wander_of_times
        return Question(*tolerated, self.spread, self.dispersion, self.warm_up, *times)


_CONFIRM: Final = "confirm"
_BACK: Final = "back"
_YES: Final = {"yes": True, "true": True, "no": False, "false": False}
_MAY_GO_ON: Final = frozenset({Call.GO_ON, Call.FASTER})
_TERMS: Final = frozenset(JudgeAsked.__struct_fields__) - {"intervals", "edges", "prometheus"}


class FlaggerAsked(msgspec.Struct, frozen=True):
    """What Flagger posts; `metadata` has the fields of the queries and of what is tolerated, as text."""

    name: str
    namespace: str = ""
    phase: str = ""
    metadata: dict[str, str] = {}


@post(
    "/judge",
    status_code=200,
    responses=problems(400, 401, 403, 413, 422, 429, 503),
    tags=JUDGING,
    operation_id="judge",
    sync_to_thread=True,
)
def judge(data: JSONBody[JudgeAsked]) -> HeardShown:
    """Whether a candidate may go on: `call` is one of go_on, faster, wait, hold, pause, back."""
    return heard_shown(_heard(data))


@post(
    "/judge/flagger",
    status_code=200,
    responses=problems(400, 401, 403, 409, 413, 422, 429, 503),
    tags=JUDGING,
    operation_id="judge-for-flagger",
    sync_to_thread=True,
)
def judge_for_flagger(data: JSONBody[FlaggerAsked]) -> Response[HeardShown]:
    """The same as a gate: 200 unless the candidate must go back, then 409.

    With `confirm: yes` in the metadata, for hooks that confirm, 200 only where it may go on; what is undecided is 409,
    too. With `back: yes`, for hooks that roll back, 200 only where it must; what nobody could tell is none.
    """
    wants = {name: _yes(name, data.metadata.get(name, "no")) for name in (_CONFIRM, _BACK)}
    if all(wants.values()):
        raise unfit("judge.two_hooks", "a hook cannot both confirm and roll back", "say one of them")
    found = _heard(_asked({name: text for name, text in data.metadata.items() if name not in wants}))
    whole = found.account
    goes_back = whole.ruling.call is Call.BACK
    if wants[_BACK] and not goes_back:
        raise Fault(HTTPStatus.CONFLICT, "judge.not_back", whole.sentence, whole.next_step)
    if goes_back and not wants[_BACK]:
        raise Fault(HTTPStatus.CONFLICT, "judge.back", whole.sentence, whole.next_step)
    if wants[_CONFIRM] and whole.ruling.call not in _MAY_GO_ON:
        raise Fault(HTTPStatus.CONFLICT, "judge.not_yet", whole.sentence, whole.next_step)
    return Response(heard_shown(found))


def _yes(name: str, said: str) -> bool:
    if said.strip().lower() not in _YES:
        raise unfit("judge.yes_or_no", f"'{name}' is '{said[:40]}', which is neither yes nor no", "say yes or no")
    return _YES[said.strip().lower()]


HANDLERS: Final = (judge, judge_for_flagger)


def _heard(asked: JudgeAsked) -> Heard:
    if bool(asked.intervals) == (asked.prometheus is not None):
        raise unfit("judge.no_source", "give one source: intervals or prometheus", "see /v1/schema")
    intervals = _kept(asked.prometheus) if asked.prometheus else _told(asked)
    return heard(asked.question, intervals)


def _told(asked: JudgeAsked) -> tuple[Interval, ...]:
    edges = tuple(round(edge * _MICROSECONDS) for edge in _edges(asked.edges))
    if len(asked.intervals) > MOST:
        raise unfit("judge.too_many", f"there are more than {MOST} intervals", "judge one rollout at a time")
    return since_the_first([_interval(number, one, edges) for number, one in enumerate(asked.intervals, 1)])


def _interval(number: int, told: IntervalTold, edges: tuple[int, ...]) -> Interval:
    stable, candidate = (
        _arm(f"interval {number}: {which}", arm, edges)
        for which, arm in (("stable", told.stable), ("candidate", told.candidate))
    )
    return Interval(told.time, stable, candidate, _share(told.share), told.step, edges)


def _share(percent: float) -> float:
    if not 0 <= percent <= _WHOLE:
        raise unfit("series.bad_share", f"{percent:g} is no share", "give percent, 0 to 100")
    return percent / _WHOLE


def _edges(edges: tuple[float, ...]) -> tuple[float, ...]:
    places = [round(edge * _MICROSECONDS) for edge in edges if 0 < edge <= LONGEST]
    if len(edges) > MOST_EDGES or len(places) < len(edges) or [0, *places] != sorted({0, *places}):
        sentence = f"the edges do not ascend from a microsecond to {LONGEST:g} seconds, {MOST_EDGES} at most"
        raise unfit("judge.edges", sentence, "put them in order, each once")
    return edges


def _arm(which: str, told: ArmTold, edges: tuple[int, ...]) -> Arm:
    if len(told.slower) not in {0, len(edges)}:
        sentence = f"{which} tells {len(told.slower)} counts of {len(edges)} edges"
        raise unfit("judge.slower", sentence, "give one for each")
    counts = (UNTOLD if one is None else one for one in (told.requests, told.errors, *told.slower))
    requests, errors, *slower = counts
    if any(one < 0 or one > LARGEST for one in (requests, errors, *slower)):
        sentence = f"{which} has a count below nothing, or beyond what anybody counts"
        raise unfit("series.no_number", sentence, "give what was counted")
    arm = Arm(requests, (errors,), tuple(slower))
    found = impossible(arm)
    if found:
        raise unfit("series.impossible", f"{which} has {found}", "count all of it in the same interval")
    return arm


def _kept(queries: Queries) -> tuple[Interval, ...]:
    server = kept_by()
    if not server:
        sentence = "this server was started without a Prometheus"
        raise unfit("judge.no_prometheus", sentence, "start it with INTERLOCK_PROMETHEUS set to its address")
    try:
        since, every = parse_duration(queries.since), parse_duration(queries.every)
    except ValueError as fault:
        raise unfit("judge.bad_span", str(fault), "write a time such as 30m") from fault
    past = Past(
        server, queries.requests, queries.errors, queries.faster, tuple(f"{one:g}" for one in _edges(queries.edges))
    )
    return past_intervals(past, (queries.stable, queries.candidate), since, every, _share(queries.share))


def _asked(metadata: dict[str, str]) -> JudgeAsked:
    """Flagger's texts as a question: what is no term is part of the queries."""
    queries: dict[str, object] = {name: value for name, value in metadata.items() if name not in _TERMS}
    if metadata.get("edges"):
        queries["edges"] = [edge.strip() for edge in metadata["edges"].split(",")]
    terms = {name: value for name, value in metadata.items() if name in _TERMS}
    try:
        return msgspec.convert({**terms, "prometheus": queries}, JudgeAsked, strict=False)
    except msgspec.ValidationError as fault:
        raise unfit("judge.metadata", f"the metadata cannot be meant: {fault}", "see docs/how-to/judge.md") from fault
