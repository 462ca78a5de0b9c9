# SPDX-License-Identifier: Apache-2.0
"""What `status` says of what happens with nobody there: what is delivered by itself, what runs and was not released."""

from collections.abc import Iterator

from interlock.cli.text import Block, bad, para, quiet, step, strong, typed, warn
from interlock.domain.drift import Drift
from interlock.domain.ids import EnvironmentName
from interlock.domain.moment import in_words
from interlock.domain.trunk import UNDELIVERED
from interlock.service.views import ServiceStatus


def unattended(one: ServiceStatus) -> Iterator[Block]:
    """Drift first: it waits for a person."""
    for environment, known in one.drifts.items():
        yield from _drift(environment, known)
    yield from _delivery(one)


def _drift(environment: EnvironmentName, known: Drift) -> Iterator[Block]:
    if known.is_open:
        was = f", where {known.release or 'nothing'} was released"
        found = f" runs {known.words}{was}: found {in_words(known.found_at)}"
        yield para(bad("  ● "), strong(environment), found, hang=4)
        if known.release:
            version = known.release.rpartition(":")[2]
            typed_words = typed(f"interlock rollback {environment} --to {version} --reason 'WHY'")
            yield para("    ", quiet("→ "), typed_words, quiet("  restores what was released"))
        if known.found:
            accepted = typed(f"interlock adopt VERSION --environment {environment}")
            yield para("    ", quiet("→ "), accepted, quiet("  records in your name that this runs"))
        for person, release in known.agreed.items():
            yield para(quiet(f"    {person} would adopt {release}; somebody else has to agree"))
    if known.is_hidden:
        since = in_words(known.hidden_since)
        yield para(warn("  ○ "), f"{environment}: what runs is not known since {since}: {known.why}", hang=4)


def _delivery(one: ServiceStatus) -> Iterator[Block]:
    rule, known = one.governance.procedure.delivery, one.deliveries
    if rule == UNDELIVERED:
        return
    if known.head.commit:
        made = known.release.rpartition(":")[2] or "nothing yet"
        head = f"  {rule.branch} {known.head.commit[:12]} goes to {rule.environment} by itself: {made}"
        yield para(quiet(head))
    if known.obstacle:
        since = in_words(known.since)
        yield para(warn("  ○ "), f"{rule.branch} is not delivered since {since}: {known.obstacle}", hang=4)
        yield step("mend it; it is tried again by itself", 4)
