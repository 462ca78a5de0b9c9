# SPDX-License-Identifier: Apache-2.0
"""The last chapter of every procedure: the ledger is verified from scratch, and the statements are counted."""

import time

from scene import seconds_since

from procedures.stage import Stage

Row = tuple[str, object]


def verify(stage: Stage) -> None:
    """Verify all of it, decide every decision anew, and say which statements were seen at work."""
    founder = stage.procedure.founder
    stage.do(founder, "interlock status")
    stage.controller.stop()
    began = time.monotonic()
    stage.do(founder, "interlock ledger export ../copy")
    stage.do(founder, "interlock ledger verify ../copy --recompute")
    stage.measured.values["verify_seconds"] = round(seconds_since(began), 2)
    stage.measured.values["records"] = stage.now()
    records = stage.chronicle.records()
    stage.tally.messages(records)
    stage.tally.incidents(records)
    count(stage)


def count(stage: Stage) -> None:
    """How many statements of the written procedure were seen, and which were not."""
    tally = stage.tally
    every = len(tally.statements)
    stage.screen.fact(f"{len(tally.seen)} of the {every} statements of {stage.procedure.pack} were seen at work here")
    for one in tally.missing:
        stage.screen.line(f"    not here: {one.id}  {one.text}")
    if tally.missing:
        stage.say(f"Every one of them is broken and kept by `interlock pack coverage {stage.procedure.pack} --mutate`.")


def rows(stage: Stage) -> tuple[Row, ...]:
    """What is said at the very end."""
    values = stage.measured.values
    return (
        ("commands refused", len(stage.measured.refusals)),
        ("faults that were found", len(stage.faults) or values.get("faults_found", 0)),
        ("messages that arrived", len(stage.receivers.arrived)),
        ("statements seen at work", f"{len(stage.tally.seen)} of {len(stage.tally.statements)}"),
        ("requests through the proxies", values["requests"]),
        ("… failed by the routing", values["requests_failed_by_routing"]),
        ("records in the ledger", values.get("records", "-")),
        ("verified in", f"{values['verify_seconds']} s" if "verify_seconds" in values else "-"),
        ("processes left", values["processes_left"]),
    )
