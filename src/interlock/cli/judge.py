# SPDX-License-Identifier: Apache-2.0
"""`interlock judge`: whether a candidate may go on, by measurements alone, for those who keep another tool for traffic.

No ledger is needed and none is touched. The exit code is the call: 0 go on, 1 back, 5 keep measuring.
"""

import math
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Annotated, Final

import msgspec
from cyclopts import Parameter

from interlock.cli.judge_classic import BY_RULE, ByRule, by_rule
from interlock.cli.naming import file_content
from interlock.cli.output import Exit, Fault, Json, Report
from interlock.cli.text import BLANK, Block, Rows, Words, bad, good, para, quiet, step, strong, warn
from interlock.domain.judge.account import MetricAccount
from interlock.domain.judge.replay import Alarms, Replay, replayed
from interlock.domain.judge.saying import evidence_in_words
from interlock.domain.judge.trial import Call
from interlock.service.fleets import Fleet, fleet_of
from interlock.service.hearing import (
    MOST_DISPERSION,
    MOST_SPREAD,
    USUAL_QUESTION,
    Heard,
    Question,
    heard,
    plan_for,
)
from interlock.service.portraits.judgements import heard_shown
from interlock.service.series import intervals_of

if TYPE_CHECKING:
    from interlock.domain.judge.plan import Interval

_EXITS: Final = {
    Call.BACK: Exit.REFUSED,
    Call.PAUSE: Exit.UNDECIDED,
    Call.HOLD: Exit.UNDECIDED,
    Call.WAIT: Exit.UNDECIDED,
    Call.GO_ON: Exit.DONE,
    Call.FASTER: Exit.DONE,
}


@Parameter(name="*")
@dataclass(frozen=True, slots=True)
class Asked:
    """What is tolerated."""

    risk: Annotated[float, Parameter(help="How often, in percent, an honest candidate may be called worse.")] = (
        USUAL_QUESTION.risk
    )
    tolerated: Annotated[int, Parameter(help="By how many percent stable's rate of errors may be exceeded.")] = (
        USUAL_QUESTION.tolerated
    )
    longer: Annotated[int, Parameter(help="By how many percent answers may take longer.")] = USUAL_QUESTION.longer
    cap: Annotated[float, Parameter(help="The rate of errors, in percent, that is never exceeded; 100: none.")] = (
        USUAL_QUESTION.cap
    )
    spread: Annotated[float, Parameter(help="By how many percent instances differ; --history tells.")] = (
        USUAL_QUESTION.spread
    )
    dispersion: Annotated[
        float, Parameter(help="How much more errors vary than chance; --history tells; 0: nobody looked.")
    ] = USUAL_QUESTION.dispersion
    warm_up: Annotated[float, Parameter(help="How many times the others' errors a fresh instance may have.")] = (
        USUAL_QUESTION.warm_up
    )
    warm_up_of_times: Annotated[float, Parameter(help="How many times as long as the others one may take.")] = (
        USUAL_QUESTION.warm_up_of_times
    )
    spread_of_times: Annotated[
        float, Parameter(help="By how many percent the times of instances differ; --history tells.")
    ] = USUAL_QUESTION.spread_of_times
    dispersion_of_times: Annotated[
        float, Parameter(help="How much more slow answers vary than chance; --history tells; 0: nobody looked.")
    ] = USUAL_QUESTION.dispersion_of_times
    wander_of_times: Annotated[
        float, Parameter(help="By how many percent an instance's times change within minutes; --history tells.")
    ] = USUAL_QUESTION.wander_of_times

    @property
    def question(self) -> Question:
        """Raises `Rejected` when it could not be judged."""
        return Question(**asdict(self))


@Parameter(name="*")
@dataclass(frozen=True, slots=True)
class Kept:
    """What a Prometheus kept."""

    prometheus: Annotated[str, Parameter(help="The address of a Prometheus.")] = ""
    stable: Annotated[str, Parameter(help="What `{arm}` stands for in the queries: stable.")] = "stable"
    candidate: Annotated[str, Parameter(help="The same of the candidate.")] = "candidate"
    requests: Annotated[str, Parameter(help='PromQL of a counter: `http_requests_total{version="{arm}"}`.')] = ""
    errors: Annotated[
        str, Parameter(help='PromQL of a counter: `http_requests_total{version="{arm}",code=~"5.."}`.')
    ] = ""
    faster: Annotated[str, Parameter(help="PromQL of a histogram's bucket, with `{arm}` and `{edge}`.")] = ""
    edges: Annotated[str, Parameter(help="Its edges in seconds, as `le` says them: `0.1,0.25,1`.")] = ""
    since: Annotated[str, Parameter(help="How far back the rollout began.")] = "30m"
    every: Annotated[str, Parameter(help="The interval; not shorter than that of the scrapes.")] = "15s"
    share: Annotated[float, Parameter(help="The candidate's share by the router, in percent; 0: not known.")] = 0.0


ASKED: Final = Asked()
KEPT: Final = Kept()


def judge(
    *,
    csv: Annotated[
        str,
        Parameter(
            help="A table, a row for each interval: time, stable_requests, stable_errors, candidate_requests, "
            "candidate_errors, and where there are any share, step, stable_slower_250ms, candidate_slower_250ms."
        ),
    ] = "",
    history: Annotated[
        str,
        Parameter(
            help="In place of a rollout, the service's healthy past: a table with time, instance, requests, errors, "
            "and where there are any slower_250ms. Says how often this judge would have cried wolf, and how noisy the "
            "service is."
        ),
    ] = "",
    length: Annotated[int, Parameter(help="With --history: how many intervals a rollout has.")] = 60,
    kept: Kept = KEPT,
    asked: Asked = ASKED,
    classic: ByRule = BY_RULE,
) -> Report:
    """Whether a candidate may go on, by what was counted of it and of stable. Exit code 0: go on; 1: back; 5: wait."""
    if [bool(csv), bool(history), bool(kept.prometheus)].count(True) != 1:
        sentence = "give one source: --csv, --history or --prometheus"
        raise Fault("judge.no_source", sentence, "see `interlock judge --help`")
    question = asked.question
    if history:
        return _self_check(_text_of(history), max(length, 1), question)
    intervals = intervals_of(_text_of(csv)) if csv else _from_prometheus(kept)
    found = heard(question, intervals)
    if classic.rule:
        return by_rule(classic.rule, classic, intervals, found)
    data: dict[str, Json] = msgspec.to_builtins(heard_shown(found))
    return Report(data, tuple(_blocks(found)), _EXITS[found.account.ruling.call])


def _text_of(path: str) -> str:
    try:
        return file_content(path).decode("utf-8-sig")
    except UnicodeDecodeError as fault:
        raise Fault("series.not_text", f"'{path}' is not text in UTF-8", "give a table in CSV") from fault


def _self_check(text: str, length: int, question: Question) -> Report:
    fleet = fleet_of(text)
    plan = plan_for(question, with_latencies=bool(fleet.history.edges))
    seen = replayed(fleet.history, fleet.every, length, plan)
    intervals = len(fleet.history.errors)
    if not seen.usual.rollouts + seen.usual.unseen:
        sentence = f"half of {intervals} intervals is no rollout of {length}"
        raise Fault("judge.short_past", sentence, "give a longer past, or a smaller --length")
    data: dict[str, Json] = {
        "instances": list(fleet.instances),
        "intervals": intervals,
        "every": fleet.every,
        "noise": {
            "short": seen.noise.short,
            "long": seen.noise.long,
            "spread": seen.noise.spread,
            "warm_up": seen.noise.warm_up,
            "warm_up_of_times": seen.times.warm_up,
            "spread_of_times": seen.times.spread,
            "dispersion_of_times": seen.times.noise.short if seen.tells_of_times else 0.0,
            "wander_of_times": seen.times.wander,
        },
        "learnt": _alarms(seen.learnt),
        "usual": _alarms(seen.usual),
    }
    return Report(data, tuple(_replay_blocks(seen, fleet)))


def _alarms(alarms: Alarms) -> dict[str, Json]:
    counted = {"rollouts": alarms.rollouts, "unseen": alarms.unseen, "back": alarms.back, "held": alarms.held}
    return {**counted, "least": alarms.least, "bound": alarms.bound}


def _replay_blocks(seen: Replay, fleet: Fleet) -> Iterator[Block]:
    noise, instances, intervals = seen.noise, len(fleet.instances), len(fleet.history.errors)
    yield para(
        strong(f"{instances} instances, {intervals} intervals"), ", the later half judged as if it were rollouts"
    )
    yield BLANK
    yield Rows(
        (
            ("", quiet("rollouts"), quiet("held"), quiet("back"), quiet("of all (99 %)")),
            _replay_row("as usually assumed", seen.usual),
            _replay_row("by what was learnt", seen.learnt),
        ),
        2,
    )
    if seen.usual.unseen:
        yield para(quiet(f"  {seen.usual.unseen} more are not counted: too little was asked of an instance meanwhile"))
    yield BLANK
    yield para(
        f"  learnt from the earlier half: errors vary {noise.short:.2f} times as much as chance within an interval, ",
        f"{noise.long:.2f} times over minutes; instances differ by {100 * noise.spread:.0f} %; ",
        f"a fresh one may have {noise.warm_up:.2f} times their errors",
        f", and take {seen.times.warm_up:.2f} times as long" if fleet.history.edges else "",
    )
    if seen.tells_of_times:
        yield para(
            f"  their times differ by {100 * seen.times.spread:.1f} %, ",
            f"and change by {100 * seen.times.wander:.1f} % within minutes",
        )
    yield BLANK
    spread, dispersion = math.ceil(100 * noise.spread), max(noise.short, noise.long)
    dispersions = dispersion, seen.times.noise.short
    if (
        max(spread, 100 * seen.times.spread, 100 * seen.times.wander) > MOST_SPREAD
        or max(dispersions) > MOST_DISPERSION
    ):
        yield para(warn("such a past is not one of a healthy service, or counts totals: it teaches nothing"), hang=2)
        return
    yield para("to have its rollouts judged so, in interlock.yaml under the environment:")
    said = f"spread: {spread}, dispersion: {_rounded_up(dispersion)}, warm_up: {_rounded_up(noise.warm_up)}"
    if fleet.history.edges:
        said += f", warm_up_of_times: {_rounded_up(seen.times.warm_up)}"
    if seen.tells_of_times:
        said += f", spread_of_times: {_rounded_up(100 * seen.times.spread)}"
        said += f", dispersion_of_times: {_rounded_up(seen.times.noise.short)}"
    if seen.times.wander:
        said += f", wander_of_times: {_rounded_up(100 * seen.times.wander)}"
    yield para(strong(f"  noise: {{{said}}}"))


def _rounded_up(number: float) -> str:
    return f"{math.ceil(100 * number - 1e-9) / 100:.2f}"


def _replay_row(name: str, alarms: Alarms) -> tuple[Words, ...]:
    words = str(alarms.back)
    back = good(words) if not alarms.back else bad(words)
    return (
        name,
        str(alarms.rollouts),
        str(alarms.held),
        back,
        f"{100 * alarms.least:.2f} to {100 * alarms.bound:.2f} %",
    )


def _from_prometheus(kept: Kept) -> tuple["Interval", ...]:
    from interlock.bootstrap.outsiders import Past, past_intervals
    from interlock.packs.scalars import parse_duration

    if not (kept.requests and kept.errors):
        raise Fault("judge.no_query", "--prometheus needs --requests and --errors", "see `interlock judge --help`")
    try:
        since, every = parse_duration(kept.since), parse_duration(kept.every)
    except ValueError as fault:
        raise Fault("judge.bad_span", str(fault), "write a time such as 30m, edges such as 0.1,0.25") from fault
    edges = tuple(edge.strip() for edge in kept.edges.split(",") if edge.strip())
    past = Past(kept.prometheus, kept.requests, kept.errors, kept.faster, edges)
    return past_intervals(past, (kept.stable, kept.candidate), since, every, kept.share / 100)


def _blocks(found: Heard) -> Iterator[Block]:
    whole = found.account
    heard_of = f"{found.given} interval{'s' * (found.given > 1)}"
    if found.intervals != found.given:
        heard_of = f"{found.intervals} of {heard_of}"
    if whole.share:
        heard_of += (
            f"; the router's share {100 * whole.share:.3g} %, by what was counted {100 * whole.share_seen:.3g} %"
        )
    yield para(*_headline(whole.ruling.call), "  ", whole.sentence.partition("; ")[0], hang=2)
    yield BLANK
    yield Rows(tuple(_row(one) for one in whole.metrics), 2)
    yield para(
        quiet(f"  {heard_of}; evidence {evidence_in_words(whole.log_evidence)}, "),
        quiet(f"back at {evidence_in_words(whole.threshold)}, held at {evidence_in_words(whole.hold_at)}"),
    )
    yield step(whole.next_step, 2)


def _headline(call: Call) -> tuple[Words, ...]:
    match call:
        case Call.BACK:
            return (bad("✗ back"),)
        case Call.GO_ON | Call.FASTER:
            return (good("✓ go on" if call is Call.GO_ON else "✓ go on, faster if you like"),)
        case Call.PAUSE | Call.HOLD:
            return (warn(f"! {call}"),)
        case Call.WAIT:
            return (warn("? wait"),)


def _row(one: MetricAccount) -> tuple[Words, ...]:
    return (strong(one.name), one.sentence)
