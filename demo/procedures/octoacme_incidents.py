# SPDX-License-Identifier: Apache-2.0
"""Three incidents that people open: who may decide, who is told, and everything that is owed before one is closed."""

from typing import Final

from watch import version_at

from procedures.moves import on_page, paper
from procedures.octoacme_cast import ANN, BEN, CAT, DAN, EVE, FAY, GOOD, GUS
from procedures.octoacme_faults import HEALTHY
from procedures.stage import PACK, Stage

FIRST, SECOND, THIRD = "INC-1", "INC-2", "INC-3"
PROMISED: Final = 4
"""Seconds in which more is promised, and does not come."""


def declared(stage: Stage) -> None:
    """Somebody says it; everybody hears of it; whoever is on call sends it back, because Eve is away."""
    stage.say(f"{HEALTHY} serves. But the business misses rows in its reports, and no check sees that. Fay says so.")
    stage.do(FAY, f"interlock incident open {FIRST} --environment production --summary 'reports lack rows'")
    for name in ("PAGER", "CHAT_INCIDENTS", "MAIL_STAKEHOLDERS"):
        stage.receivers.wait(name, FIRST if name != "MAIL_STAKEHOLDERS" else "users may be affected")
    stage.screen.fact("on-call was paged, the incident channel and the stakeholders were told")
    stage.refused(
        CAT, f"interlock incident send {FIRST} initial-alert --field 'summary=rows missing'", "notice.field_missing"
    )
    stage.do(CAT, f"interlock incident send {FIRST} initial-alert {_alert('reports lack rows')} --next {PROMISED}s")
    stage.receivers.wait("MAIL_SUPPORT", "Next update", "reports lack rows")
    stage.refused(
        FAY, f"interlock incident decide {FIRST} rollback --reason 'it is our money'", "incident.no_authority"
    )
    stage.say("Eve decides on rollbacks, and she is away. Then it is for whoever is on call.")
    stage.do(EVE, "interlock incident away --until 1h")
    began = stage.now()
    stage.do(BEN, f"interlock rollback production --reason 'rows are missing since {HEALTHY}'")
    decided = stage.wait("IncidentDecided", since=began, incident=FIRST)
    stage.must(decided.payload["capacity"] == "fallback", "it was decided by the right of whoever stands in")
    stage.tally.show(decided, "OA-52", "OA-38")
    back = stage.wait("RollbackCompleted", since=began, unless=("RollbackStranded",))
    stage.tally.show(back, "OA-41")
    stage.must(
        all(version_at(port) == GOOD.removeprefix("v") for port in stage.ports.listen),
        f"{GOOD} serves again through all three proxies",
    )
    stage.receivers.wait("CHAT_TEAM", "goes back to", "rows are missing")
    stage.wait("ClockMissed", since=0, incident=FIRST, clock="next-update")
    stage.receivers.wait("PAGER", "next-update")
    stage.screen.fact("the promised news did not come in time, and the product lead heard of it")


def closed(stage: Stage) -> None:
    """Nothing is closed before everything is done that the guide asks for afterwards."""
    stage.do(EVE, "interlock incident back")
    _validated(stage, FIRST)
    stage.wait("StepConcluded", since=0, incident=FIRST, duty="healthy-after", outcome="done")
    stage.screen.fact("what serves again was tried out, Cat said that it works, and its answers are healthy")
    stage.refused(EVE, f"interlock incident close {FIRST} --outcome 'done'", "duty.unwritten")
    stage.do(CAT, f"interlock incident send {FIRST} progress --field 'news={GOOD} serves again' --next 2h")
    draft = stage.quietly(EVE, "interlock", "incident", "timeline", FIRST, "--markdown")
    stage.do(EVE, f"interlock incident timeline {FIRST}")
    timeline = paper(stage, "timeline", {"Timeline": draft.replace("#", ""), "Impact": "Reports lacked rows."})
    stage.do(EVE, f"interlock incident write {FIRST} timeline {timeline}")
    actions = paper(stage, "actions", {"Prevention": "A check that adds up the rows of reports, by Ann."})
    stage.do(EVE, f"interlock incident write {FIRST} action-items {actions}")
    stage.say("The checklist let it through. A gap is closed by changing the pack, and the change is proposed with it.")
    stage.do(
        EVE, f"interlock incident gap {FIRST} checklist-gaps --pack-change {_better(stage)} --reason 'rows unseen'"
    )
    stage.do(EVE, f"interlock incident schedule {FIRST} 26h")
    stage.tally.show(stage.wait("ReviewScheduled", since=0, incident=FIRST), "OA-46")
    fields = "--field 'cause=a join too narrow' --field 'actions=it went back' --field contact=eve"
    stage.do(EVE, f"interlock incident send {FIRST} resolution {fields}")
    stage.receivers.wait("MAIL_STAKEHOLDERS", f"Incident {FIRST} is resolved", "a join too narrow", "Post-mortem")
    stage.do(EVE, f"interlock incident close {FIRST} --outcome 'a join too narrow'")
    shown = on_page(stage, f"Incident {FIRST} is resolved")
    stage.screen.fact(f"the status page says so, too: {shown}")


def ordered(stage: Stage) -> None:
    """Security orders it back at once, whatever the release manager thinks."""
    stage.say("Another day. Eve wants to wait; Dan sees a threat, and his word holds at once.")
    began = stage.now()
    stage.do(
        ANN,
        f"interlock incident open {SECOND} --environment production --about security --summary 'odd logins'",
    )
    stage.receivers.wait("PAGER_SECURITY", SECOND)
    stage.do(EVE, f"interlock incident decide {SECOND} stay --reason 'let us look first'")
    first = stage.wait("IncidentDecided", since=began, incident=SECOND)
    stage.tally.show(first, "OA-50")
    since = stage.now()
    stage.do(DAN, "interlock rollback production --reason 'somebody is in'")
    decided = stage.wait("IncidentDecided", since=since, incident=SECOND)
    stage.must(decided.payload["capacity"] == "mandate", "it goes back by the mandate of the security lead")
    stage.tally.show(decided, "OA-51")
    stage.wait("RollbackCompleted", since=since, unless=("RollbackStranded",))
    _validated(stage, SECOND)
    stage.do(DAN, f"interlock incident sign {SECOND} security-looked")


def settled(stage: Stage) -> None:
    """Two disagree; somebody else settles it."""
    stage.say("A third one. Eve would stay, Ben would go back; neither may outvote the other. Gus settles it.")
    began = stage.now()
    stage.do(ANN, f"interlock incident open {THIRD} --environment production --summary 'a slow morning'")
    stage.do(EVE, f"interlock incident decide {THIRD} stay --reason 'it is the network'")
    stage.do(BEN, f"interlock incident decide {THIRD} rollback --reason 'it is us'")
    stage.wait("DisagreementArose", since=began, incident=THIRD)
    stage.do(BEN, f"interlock incident escalate {THIRD}")
    since = stage.now()
    stage.do(GUS, f"interlock incident decide {THIRD} stay --reason 'the network was mended'")
    decided = stage.wait("IncidentDecided", since=since, incident=THIRD)
    stage.must(decided.payload["capacity"] == "escalation", "it was settled by the product lead")
    stage.tally.show(decided, "OA-53")
    stage.do(EVE, "interlock incident list")


def _validated(stage: Stage, incident: str) -> None:
    """Once the smoke tests have passed again, and not before, Cat may say that it works."""
    stage.wait("StepConcluded", since=0, incident=incident, duty="smoke-after", outcome="done")
    stage.do(CAT, f"interlock incident sign {incident} quality-after")


def _alert(summary: str) -> str:
    fields = {
        "summary": summary,
        "impact": "numbers that nobody trusts",
        "status": "investigating",
        "responders": "cat",
    }
    return " ".join(f"--field '{name}={words}'" for name, words in fields.items())


def _better(stage: Stage) -> str:
    """The pack with one more check while it is watched."""
    text = (stage.repository / PACK).read_text("utf-8")
    better = text.replace(
        "[core-flows, data-integrity, security-threats,", "[core-flows, data-integrity, smoke, security-threats,"
    )
    (stage.root / "papers" / "better-pack.yaml").write_text(better, encoding="utf-8")
    return "../papers/better-pack.yaml"
