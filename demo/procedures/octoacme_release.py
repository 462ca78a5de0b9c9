# SPDX-License-Identifier: Apache-2.0
"""v1.1.0 from the first handoff to its announcement, the whole way that OctoAcme's guide describes."""

import time
from datetime import UTC, datetime
from typing import Final

from procedures.moves import ENDS, approve, ask, passed, promote, release, sign, write
from procedures.octoacme_cast import A_DAY, ANN, CAT, DAN, EVE, FAY, GOOD, READY, SECURED
from procedures.octoacme_faults import commit
from procedures.stage import Stage

NOTES: Final = {
    "Release": "v1.1.0",
    "Date": "Monday",
    "Summary": "The desk filters its tasks.",
    "Notable changes": "Tasks can be narrowed by state and words; pressing ones come first.",
    "Migration steps": "None; the schema grows by itself.",
    "Known issues": "None that we know of.",
}
PLAN: Final = {
    "How it goes back": "By itself to v1.0.0, which runs on the newer schema.",
    "What softens it meanwhile": "The proxies send everybody to what serves beside it.",
}
GUIDANCE: Final = {"What to test": "The list of tasks.", "How to test it": "Filter by state, then by words."}


def ready(stage: Stage) -> None:
    """Records and machines before staging, then staging."""
    stage.say("Ann's v1.1.0 lets the desk filter its tasks. Machines gather their evidence by themselves meanwhile.")
    stage.do(ANN, "interlock change open CR-1 --title 'The desk filters its tasks'")
    made = release(stage, ANN, GOOD)
    stage.refused(ANN, f"interlock promote {GOOD} staging", "record.missing")
    write(stage, ANN, GOOD, "release-notes", NOTES)
    write(stage, ANN, GOOD, "rollback-plan", PLAN)
    passed(stage, made, *READY)
    done = promote(stage, ANN, GOOD, "staging")
    stage.tally.show(done, "OA-28")
    passed(stage, made, *SECURED)


def handed_on(stage: Stage) -> None:
    """Development, quality, security, release manager, business: in that order, or not at all."""
    stage.say("The guide hands on in order: developer, QA, security, release manager, stakeholders. Dan is too early:")
    stage.refused(DAN, f"interlock sign {GOOD} security-clearance --yes", "signoff.too_early")
    early = stage.chronicle.records(stage.now() - 1)[-1]
    stage.tally.show(early, "OA-23")
    write(stage, ANN, GOOD, "test-guidance", GUIDANCE)
    sign(stage, ANN, GOOD, "development-complete")
    sign(stage, CAT, GOOD, "test-plans", "critical-paths", "no-grave-defect", "regression")
    sign(stage, CAT, GOOD, "rollback-target", "quality-handed-on")
    sign(stage, DAN, GOOD, "no-critical-finding", "features-reviewed", "incident-plan", "security-clearance")
    approve(stage, EVE, GOOD, "notes-approved")
    sign(stage, EVE, GOOD, "rollback-tested", "runbook", "monitoring", "on-call-confirmed")
    asked = stage.receivers.wait("MAIL_STAKEHOLDERS", "may it go?", NOTES["Summary"])
    stage.screen.fact(f"a mail asked the stakeholders: {asked.text.splitlines()[0]}")
    approve(stage, FAY, GOOD, "timing")
    sign(stage, FAY, GOOD, "communication-plan", "support-prepared")


def decided(stage: Stage) -> None:
    """Five people say go; a day has to pass, whatever else is done in it."""
    stage.say(f"Go or no-go: five people, one of every role. Then a day has to pass; here it is {A_DAY:.0f} seconds.")
    for person in (ANN, CAT, DAN, EVE):
        approve(stage, person, GOOD, "go-no-go")
    began = stage.now()
    approve(stage, FAY, GOOD, "go-no-go")
    said = stage.wait("Decided", since=began)
    stage.refused(ANN, f"interlock promote {GOOD} production", "hold.running")
    stage.say("Meanwhile Ben has found something that cannot wait; more of that later.")
    commit(stage)
    time.sleep(max(0.0, A_DAY - (datetime.now(UTC) - said.time).total_seconds()))


def live(stage: Stage) -> None:
    """Step by step on the traffic of production, verified, watched, announced, written up."""
    stage.crowd.start()
    stage.say("Visitors come through three proxies. First a quarter of them gets v1.1.0, then half, then all.")
    began = ask(stage, ANN, GOOD, "production")
    verified = stage.wait("PromotionVerified", since=began, unless=ENDS)
    stage.tally.show(verified, "OA-30")
    exposed = stage.wait("ExposureConfirmed", since=began, unless=ENDS, step=0)
    first = stage.wait("Measured", since=exposed.index, unless=ENDS)
    stage.wait("Measured", since=first.index + 1, unless=ENDS)
    with stage.watching(EVE, "production"):
        stage.wait("PromotionCompleted", since=began, unless=ENDS, within=180)
    for name in ("MAIL_STAKEHOLDERS", "MAIL_SUPPORT"):
        told = stage.receivers.wait(name, "v1.1.0 is live in production", NOTES["Notable changes"])
        stage.screen.fact(f"{name}: {told.text.splitlines()[0]}")
    stage.wait("RecordsCommitted", since=began)
    stage.do(EVE, f"git log --oneline --stat -1 interlock/records/{GOOD}")
