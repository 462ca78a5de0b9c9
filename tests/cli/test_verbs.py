# SPDX-License-Identifier: Apache-2.0
import threading
from contextlib import closing

import pytest
from tests.cli.workplace import Workplace, codes, make_key

from interlock.bootstrap.houses import open_house
from interlock.config import find_home
from interlock.workflows.controller import Step
from interlock.workflows.driver import Driver


def digest_of_app(place: Workplace) -> str:
    """What is shipped by a release that is made of what stands at v1.1.0."""
    made = place.done("dan", "release", "create", "v1.1.1", "--at", "v1.1.0", "--change", "CR-1")
    return str(made["artifacts"]["app"])


def test_people_are_listed_with_their_roles(place: Workplace) -> None:
    people = {one["person"]: one["roles"] for one in place.done("ann", "people", "list")["people"]}
    assert people["ben"] == ["reviewer"]


def test_a_further_key_speaks_for_the_same_person(place: Workplace) -> None:
    make_key(place.key("second"))
    place.done("ben", "people", "add-key", "ben", "--key", f"{place.key('second')}.pub")
    assert place.done("second", "change", "open", "CR-2", "--title", "x")["author"] == "ben"


def test_a_revoked_key_speaks_for_nobody(place: Workplace) -> None:
    key = f"{place.key('ben')}.pub"
    place.done("ann", "people", "revoke-key", "ben", "--key", key, "--reason", "lost")
    said = place.say("ben", "change", "open", "CR-2", "--title", "x", "--json")
    assert (said.code, codes(said.object)) == (2, ["signing.unregistered_key"])


def test_without_any_key_the_next_step_says_how_to_make_one(place: Workplace) -> None:
    said = place.say("ann", "change", "open", "CR-2", "--title", "x", "--key", "/nowhere/key", "--json")
    assert (said.code, codes(said.object)) == (2, ["signing.no_key"])


def test_a_private_key_without_its_public_half_is_not_read(place: Workplace) -> None:
    make_key(place.key("eve"))
    place.key("eve").with_name("eve.pub").unlink()
    said = place.say("ann", "people", "add", "eve", "--key", str(place.key("eve")), "--json")
    assert codes(said.object) == ["people.private_key"]


def test_a_key_that_asks_for_a_passphrase_nobody_gives_is_a_clear_error(place: Workplace) -> None:
    place.key("ann").write_text("this is no key\n")
    said = place.say("ann", "change", "open", "CR-2", "--title", "x", "--json")
    assert (said.code, codes(said.object)) == (2, ["signing.unusable_key"])


def test_a_freeze_holds_a_promotion_until_it_is_lifted(released: Workplace) -> None:
    released.drive()
    released.done("cat", "freeze", "declare", "xmas", "--until", "2h", "--reason", "holidays")
    assert codes(released.ask("dan", "promote", "v1.1.0", "staging")) == ["freeze.active"]
    released.done("cat", "freeze", "lift", "xmas", "--reason", "over")
    assert released.done("dan", "promote", "v1.1.0", "staging")["queued"] is False


def test_a_freeze_shows_in_its_list_and_in_status(place: Workplace) -> None:
    place.done("cat", "freeze", "declare", "xmas", "--until", "2h", "--reason", "holidays", "--admit", "emergency")
    (listed,) = place.done("cat", "freeze", "list")["freezes"]
    assert (listed["in_force"], listed["admits"], listed["reason"]) == (True, ["emergency"], "holidays")
    assert "frozen until" in place.say("cat", "status").out


def test_a_moment_that_is_none_is_an_error(place: Workplace) -> None:
    said = place.say("cat", "freeze", "declare", "x", "--until", "tomorrow", "--reason", "y", "--json")
    assert (said.code, codes(said.object)) == (2, ["time.moment"])


def test_a_waiver_is_granted_by_another_person_and_shows_in_the_tree(released: Workplace) -> None:
    words = ("--for", "production", "--reason", "r", "--mitigation", "m", "--expires", "4h")
    asked = released.done("dan", "waive", "request", "v1.1.0", "rollback-plan", *words)
    assert asked["waiver"] == "app:v1.1.0/waiver-1"
    assert codes(released.ask("dan", "waive", "grant", asked["waiver"])) == ["waiver.role"]
    released.done("ben", "waive", "grant", asked["waiver"])
    assert "waived by app:v1.1.0/waiver-1" in released.say("dan", "explain", "v1.1.0", "--for", "production").out


def test_a_waiver_that_waits_shows_in_status_and_is_explained(released: Workplace) -> None:
    words = ("--for", "production", "--reason", "r", "--mitigation", "m", "--expires", "4h")
    released.done("dan", "waive", "request", "v1.1.0", "rollback-plan", *words)
    assert "interlock waive grant app:v1.1.0/waiver-1" in released.say("ben", "status").out
    assert released.ask("ben", "explain", "app:v1.1.0/waiver-1")["finding"]["verdict"] == "inconclusive"


def test_a_revoked_waiver_counts_no_more(released: Workplace) -> None:
    words = ("--for", "production", "--reason", "r", "--mitigation", "m", "--expires", "4h")
    waiver = released.done("dan", "waive", "request", "v1.1.0", "rollback-plan", *words)["waiver"]
    released.done("ben", "waive", "grant", waiver)
    released.done("cat", "waive", "revoke", waiver, "--reason", "changed our mind")
    assert released.ask("dan", "explain", waiver)["finding"]["verdict"] == "fail"


def test_a_recalled_release_is_promoted_nowhere_until_the_recall_is_lifted(released: Workplace) -> None:
    released.drive()
    released.done("cat", "recall", "add", "v1.1.0", "--reason", "it leaks")
    assert codes(released.ask("dan", "promote", "v1.1.0", "staging")) == ["recall.active"]
    assert released.done("cat", "recall", "list")["recalls"][0]["reason"] == "it leaks"
    released.done("cat", "recall", "lift", "v1.1.0", "--reason", "it does not")
    assert released.done("cat", "recall", "list")["recalls"] == []


def test_lifting_the_recall_of_a_release_lifts_that_of_what_it_is_made_of(released: Workplace) -> None:
    released.drive()
    artifact = digest_of_app(released)
    released.done("cat", "recall", "add", "v1.1.0", "--reason", "it leaks")
    released.done("cat", "recall", "add", artifact, "--reason", "whoever ships it")
    lifted = released.done("cat", "recall", "lift", "v1.1.0", "--reason", "it does not")
    assert artifact in lifted["digests"]
    assert len(lifted["commands"]) == len(lifted["digests"]) == 2
    assert released.done("cat", "recall", "list")["recalls"] == []


def test_a_recall_by_digest_is_lifted_by_digest_alone(released: Workplace) -> None:
    artifact = digest_of_app(released)
    released.done("cat", "recall", "add", "v1.1.0", "--reason", "it leaks")
    released.done("cat", "recall", "add", artifact, "--reason", "whoever ships it")
    assert released.done("cat", "recall", "lift", artifact, "--reason", "others may")["digests"] == [artifact]
    assert [one["digest"] for one in released.done("cat", "recall", "list")["recalls"]] != [artifact]
    assert codes(released.ask("cat", "recall", "lift", artifact, "--reason", "once more")) == ["recall.none"]


def test_an_incident_is_opened_about_what_is_live_and_closed_by_name(place: Workplace) -> None:
    opened = place.done("cat", "incident", "open", "INC-1", "--environment", "production", "--summary", "slow")
    assert opened["release"] == "app:v1.0.0"
    assert "incident INC-1" in place.say("cat", "status").out
    place.done("cat", "incident", "close", "INC-1", "--outcome", "a cable")
    assert place.done("cat", "incident", "list")["incidents"][0]["phase"] == "closed"


def test_new_rules_are_proposed_by_one_and_put_in_force_by_another(place: Workplace) -> None:
    text = (place.folder / "interlock.yaml").read_text().replace("reviewer: [ben]", "reviewer: [ben, ann]")
    place.commit("interlock.yaml", text)
    proposed = place.done("dan", "governance", "propose", "--reason", "ann reviews too")
    short = proposed["governance"].removeprefix("sha256:")[:12]
    assert "+roles: {developer: [ann, dan], reviewer: [ben, ann]" in place.say("ben", "governance", "diff", short).out
    assert f"interlock governance approve {short}" in place.say("ben", "status").out
    place.done("ben", "governance", "approve", short, "--yes")
    assert place.done("ben", "governance", "show")["roles"]["reviewer"] == ["ben", "ann"]


def test_rules_smuggled_into_a_release_are_warned_of_and_hold_its_gate(place: Workplace) -> None:
    text = (place.folder / "interlock.yaml").read_text().replace('tests: {command: ["true"]}', "tests: {command: [ls]}")
    place.commit("interlock.yaml", text, tag="v1.1.0")
    place.done("dan", "change", "open", "CR-1", "--title", "Sneak")
    assert "it brings rules of its own" in place.say("dan", "release", "create", "v1.1.0").out
    place.drive()
    assert codes(place.ask("dan", "promote", "v1.1.0", "staging")) == ["governance.smuggled"]


def test_evidence_is_shown_with_the_report_behind_it(released: Workplace) -> None:
    released.drive()
    (found,) = released.done("dan", "evidence", "show", "v1.1.0", "tests")["evidence"]
    assert (found["verdict"], found["number"]) == ("pass", 1)
    assert found["report_text"]


def test_evidence_is_attached_from_a_junit_report(released: Workplace) -> None:
    report = released.folder.parent / "report.xml"
    report.write_text("<testsuite><testcase name='a'/><testcase name='b'><failure/></testcase></testsuite>")
    attached = released.done("dan", "evidence", "attach", "v1.1.0", "tests", "--junit", str(report))
    assert (attached["verdict"], attached["number"]) == ("fail", 1)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        ("<testsuite", "junit.malformed"),
        ("<testsuite tests='many'/>", "junit.malformed"),
        ('<!DOCTYPE x [<!ENTITY a "aa"><!ENTITY b "&a;&a;">]><testsuite>&b;</testsuite>', "junit.forbidden"),
        ("<html/>", "junit.unknown"),
    ],
)
def test_a_file_that_is_no_junit_report_is_refused_and_not_recorded(
    released: Workplace, content: str, code: str
) -> None:
    report = released.folder.parent / "report.xml"
    report.write_text(content)
    said = released.say("dan", "evidence", "attach", "v1.1.0", "tests", "--junit", str(report), "--json")
    assert (said.code, codes(said.object)) == (2, [code])
    assert released.done("dan", "evidence", "show", "v1.1.0")["evidence"] == []


def test_evidence_that_failed_is_done_again_when_asked_for(released: Workplace) -> None:
    released.done("dan", "evidence", "attach", "v1.1.0", "tests", "--verdict", "fail", "--summary", "flaky")
    assert released.done("dan", "evidence", "refresh", "v1.1.0")["asked"] == [{"check": "tests", "environment": "*"}]
    released.drive()
    (found,) = released.done("dan", "evidence", "show", "v1.1.0", "tests")["evidence"]
    assert found["verdicts"] == ["fail", "pass"]


def test_a_change_is_listed_closed_and_carries_nothing_more(released: Workplace) -> None:
    released.done("dan", "change", "close", "CR-1", "--reason", "done")
    (listed,) = released.done("dan", "change", "list")["changes"]
    assert (listed["phase"], listed["title"], listed["author"]) == ("closed", "Say two", "dan")
    released.commit("app.txt", "three\n", tag="v1.2.0")
    said = released.say("dan", "release", "create", "v1.2.0", "--change", "CR-1", "--json")
    assert (said.code, codes(said.object)) == (1, ["release.no_change"])


def test_a_withdrawn_release_moves_no_further(released: Workplace) -> None:
    released.done("dan", "release", "withdraw", "v1.1.0", "--reason", "no")
    released_phases = {one["release"]: one["phase"] for one in released.done("dan", "release", "list")["releases"]}
    assert released_phases["app:v1.1.0"] == "withdrawn"


def test_a_pack_is_shown_and_its_scenarios_are_run(place: Workplace) -> None:
    assert place.done("ann", "pack", "show", "starter")["pack"] == "starter"
    scenarios = place.done("ann", "pack", "test", "starter")["scenarios"]
    assert scenarios
    assert {one["failure"] for one in scenarios} == {""}


def test_advice_about_a_pack_is_told_and_ends_with_1(place: Workplace) -> None:
    said = place.say("ann", "pack", "lint", "rules.yaml", "--json")
    assert (said.code, {one["code"] for one in said.object["advice"]}) == (1, {"lint.no_bake"})


def test_a_pack_that_does_not_load_says_where(place: Workplace) -> None:
    (place.folder / "bad.yaml").write_text("pack: x\nrolls: [a]\n")
    said = place.say("ann", "pack", "lint", "bad.yaml")
    assert said.code == 1
    assert "bad.yaml:2:1" in said.err


def test_a_command_goes_through_the_driver_that_is_alive(place: Workplace) -> None:
    home = find_home(place.folder)
    house = open_house(home)
    with closing(house.store):
        driver = Driver(house.controller(), home.socket, house.clock)
        began = threading.Event()

        def heard(_: Step) -> None:
            began.set()

        thread = threading.Thread(target=driver.run, args=(heard,))
        thread.start()
        try:
            began.wait(10)
            home.key.rename(home.key.with_name("away"))
            assert place.done("dan", "change", "open", "CR-9", "--title", "by socket")["change"] == "CR-9"
        finally:
            driver.stop()
            thread.join()
