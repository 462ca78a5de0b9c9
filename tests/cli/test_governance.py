# SPDX-License-Identifier: Apache-2.0
"""Rules that change while releases are open: every hint can be typed as it stands."""

import re
import shlex

import pytest
from tests.cli.workplace import Answer, Workplace

SMUGGLED = "governance.smuggled"


@pytest.fixture
def sneaky(released: Workplace) -> Workplace:
    """Beside v1.1.0, v1.2.0 brings rules of its own; something else is committed since."""
    rules = (released.folder / "interlock.yaml").read_text()
    changed = rules.replace('tests: {command: ["true"]}', "tests: {command: [ls]}")
    released.commit("interlock.yaml", changed, tag="v1.2.0")
    released.commit("interlock.yaml", rules)
    released.done("dan", "release", "create", "v1.2.0")
    return released


def waits(place: Workplace, release: str) -> dict[str, Answer]:
    """What the release waits for, by its code."""
    (service,) = place.done("dan", "status")["services"]
    (found,) = [one for one in service["releases"] if one["release"] == release]
    return {one["code"]: one for one in found["awaited"]}


def typed(place: Workplace, person: str, hint: str) -> Answer:
    """The answer to a hint, typed as it stands."""
    program, *words = shlex.split(hint)
    assert program == "interlock"
    return place.done(person, *words)


def test_status_names_what_to_type_about_rules_that_come_along(sneaky: Workplace) -> None:
    proposed = typed(sneaky, "dan", waits(sneaky, "app:v1.2.0")[SMUGGLED]["command"])
    approving = waits(sneaky, "app:v1.2.0")[SMUGGLED]
    assert approving["people"] == ["ben", "cat"]
    approved = typed(sneaky, "ben", f"{approving['command']} --yes")
    assert approved["governance"] == proposed["governance"]
    assert SMUGGLED not in waits(sneaky, "app:v1.2.0")


def test_status_says_what_holds_the_release_itself_by_its_code(sneaky: Workplace) -> None:
    assert SMUGGLED in sneaky.say("dan", "status").out


def test_who_proposed_the_rules_is_not_asked_to_approve_them(sneaky: Workplace) -> None:
    typed(sneaky, "ben", waits(sneaky, "app:v1.2.0")[SMUGGLED]["command"])
    assert waits(sneaky, "app:v1.2.0")[SMUGGLED]["people"] == ["cat"]


def test_the_hints_of_a_release_that_brings_rules_can_be_typed(released: Workplace) -> None:
    rules = (released.folder / "interlock.yaml").read_text()
    commit = released.commit("interlock.yaml", f"{rules}# more\n", tag="v1.2.0")
    out = released.say("dan", "release", "create", "v1.2.0").out
    assert f"interlock governance diff --at {commit[:12]}," in out
    assert f"interlock governance propose --at {commit[:12]} --reason 'WHY'" in out


def test_approving_names_the_releases_that_stay_under_other_rules(sneaky: Workplace) -> None:
    proposed = typed(sneaky, "dan", waits(sneaky, "app:v1.2.0")[SMUGGLED]["command"])["governance"]
    approved = sneaky.done("ben", "governance", "approve", proposed, "--yes")
    assert approved["under_former_rules"] == ["app:v1.1.0", "app:v1.2.0"]


def test_each_of_them_can_be_moved_by_what_is_said(sneaky: Workplace) -> None:
    proposed = typed(sneaky, "dan", waits(sneaky, "app:v1.2.0")[SMUGGLED]["command"])["governance"]
    out = sneaky.say("ben", "governance", "approve", proposed, "--yes").out
    hints = [line[line.index("interlock") :] for line in out.splitlines() if "release repin" in line]
    assert [typed(sneaky, "dan", hint)["governance"] for hint in hints] == [proposed, proposed]


def test_where_no_release_is_open_nothing_is_said_of_any(place: Workplace) -> None:
    place.commit("interlock.yaml", (place.folder / "interlock.yaml").read_text() + "# more\n")
    proposed = place.done("dan", "governance", "propose", "--reason", "more")["governance"]
    said = place.say("ben", "governance", "approve", proposed, "--yes")
    assert "repin" not in said.out


def test_rules_that_ask_for_what_nobody_is_bound_to_do_are_not_proposed(released: Workplace) -> None:
    rules = (released.folder / "interlock.yaml").read_text()
    released.commit("interlock.yaml", rules.replace("reviewer: [ben]", "reviewer: []").replace("[cat]", "[]"))
    refused = released.say("dan", "governance", "propose", "--reason", "fewer people")
    assert refused.code == 1
    assert "bindings.unheld_role: nobody holds reviewer or release-manager, which 'review' asks for" in refused.err
    assert "interlock.yaml:" in refused.err


def test_a_pack_that_expired_is_not_proposed(released: Workplace) -> None:
    pack = (released.folder / "rules.yaml").read_text()
    expired = re.sub(
        r"^version: (.*)$", r"version: \1\nexpires: 2020-01-01T00:00:00Z", pack, count=1, flags=re.MULTILINE
    )
    released.commit("rules.yaml", expired)
    refused = released.say("dan", "governance", "propose", "--reason", "old rules")
    assert refused.code == 1
    assert re.search(r"rules.yaml:\d+:10: pack.expired: the pack expired 2020-01-01 00:00 UTC", refused.err)
