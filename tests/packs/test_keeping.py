# SPDX-License-Identifier: Apache-2.0
"""Where records are committed, as the bindings say it."""

from datetime import date
from typing import Final

import pytest

from interlock.packs.bindings import Bindings, load_bindings
from interlock.packs.keeping import (
    RecordsSpec,
    loosened,
    parse_author,
    parse_branch_pattern,
    parse_path,
    require_inside,
)
from interlock.packs.load import Pack, load_pack
from interlock.packs.matching import bind
from interlock.packs.problem import Problems
from interlock.packs.shelf import Shelf

DAY: Final = date(2026, 3, 2)
BOUND: Final = """\
service: app
pack: starter
environments: {staging: {deploy: {command: [deploy]}}}
roles: {}
records: {RECORDS}
"""


def bound(records: str) -> Bindings | Problems:
    return load_bindings("interlock.yaml", BOUND.replace("RECORDS", records).encode())


def codes(records: str) -> list[str]:
    found = bound(records)
    return [one.code for one in found.found] if isinstance(found, Problems) else []


def test_without_records_nothing_is_committed() -> None:
    found = load_bindings("interlock.yaml", BOUND.replace("records: {RECORDS}\n", "").encode())
    assert isinstance(found, Bindings)
    assert found.records is None


def test_records_are_bound_with_everything_left_unsaid() -> None:
    found = bound("")
    assert isinstance(found, Bindings)
    assert found.records == RecordsSpec()


def test_all_of_it_can_be_said() -> None:
    found = bound(
        "branch: records, author: Ann <ann@example.com>, paths: {runbook: 'ops/{name}.md'}, pull_request: [gh, pr]"
    )
    assert isinstance(found, Bindings)
    assert found.records == RecordsSpec("records", "Ann <ann@example.com>", {"runbook": "ops/{name}.md"}, ("gh", "pr"))


@pytest.mark.parametrize(
    "records",
    [
        "branch: 'a..b'",
        "branch: '{version}'",
        "branch: refs/heads/x",
        "author: Interlock",
        'author: "A <a@b>\\nB <b@c>"',
        "paths: {notes: ../x.md}",
        "paths: {notes: .git/hooks/pre-commit}",
        "paths: {notes: '{commit}.md'}",
        "paths: {'A B': x.md}",
    ],
)
def test_what_cannot_be_meant_is_refused_at_load(records: str) -> None:
    assert codes(records)


def test_a_record_goes_to_the_file_that_is_bound_for_it() -> None:
    assert RecordsSpec(paths={"runbook": "ops/{date}/{name}-{record}.md"}).path_of("runbook", "v2", DAY) == (
        "ops/2026-03-02/v2-runbook.md"
    )


@pytest.mark.parametrize(
    ("record", "path"),
    [
        ("notes", "docs/releases/v2.md"),
        ("decisions", "docs/decisions/2026-03-02-v2.md"),
        ("incidents", "docs/incidents/2026-03-02-v2.md"),
        ("runbook", "docs/releases/v2.runbook.md"),
    ],
)
def test_a_record_that_is_not_bound_has_its_usual_place(record: str, path: str) -> None:
    assert RecordsSpec().path_of(record, "v2", DAY) == path


def test_an_incidents_report_stands_beside_what_happened() -> None:
    assert RecordsSpec().report_path("post-mortem", "app/production/1", DAY) == (
        "docs/incidents/2026-03-02-app-production-1.post-mortem.md"
    )


@pytest.mark.parametrize("name", ["../../etc", "a/b", "a..b", "..", "/", "x:y", "-x", ".x", "v1.lock/../x"])
def test_no_name_leads_out_of_its_folder(name: str) -> None:
    path = RecordsSpec().path_of("notes", name, DAY)
    require_inside(path)
    assert path.startswith("docs/releases/")


def test_a_name_that_is_all_marks_still_is_one() -> None:
    assert loosened("///") == "x"


def test_each_release_may_have_a_branch_of_its_own() -> None:
    assert RecordsSpec().branch_for("v2") == "interlock/records/v2"


def test_an_author_is_a_name_and_an_address() -> None:
    assert RecordsSpec(author="Ann B <ann@example.com>").signature == ("Ann B", "ann@example.com")


def test_an_author_that_nobody_read_is_told_as_it_is() -> None:
    assert RecordsSpec(author="Ann").signature == ("Ann", "")


@pytest.mark.parametrize("path", ["docs/a.md", "a", "docs/r.d/{name}/x y.md"])
def test_a_plain_path_is_taken(path: str) -> None:
    assert parse_path(path) == path


@pytest.mark.parametrize("branch", ["main", "interlock/records/{name}", "a-b_c.d", "feature/#12+x"])
def test_a_plain_branch_is_taken(branch: str) -> None:
    assert parse_branch_pattern(branch) == branch


def test_a_plain_author_is_taken() -> None:
    assert parse_author("A <a@b>") == "A <a@b>"


PACK: Final = (Shelf().pack("starter") or b"").replace(
    b"      - id: rollback-plan\n",
    b"      - id: runbook\n        record: {roles: [developer], sections: [Deltas]}\n      - id: rollback-plan\n",
)
WHOLE: Final = """\
service: app
pack: rules.yaml
environments: {staging: {deploy: {command: [deploy]}}, production: {deploy: {command: [deploy]}}}
roles: {developer: [ann], reviewer: [ben], release-manager: [cat]}
checks: {tests: {command: [test]}, smoke: {command: [smoke]}}
governed: [ops/deploy.md]
records: {paths: {PATHS}}
"""


def matched(paths: str) -> list[str]:
    """What is wrong with these paths beside the starter pack with one record."""
    pack = load_pack("pack.yaml", PACK)
    assert isinstance(pack, Pack)
    found = bind("interlock.yaml", WHOLE.replace("PATHS", paths).encode(), pack.procedure)
    return [one.code for one in found.found] if isinstance(found, Problems) else []


@pytest.mark.parametrize("paths", ["", "runbook: a.md", "notes: a.md, decisions: b.md, incidents: c.md"])
def test_files_are_named_for_records_that_there_are(paths: str) -> None:
    assert matched(paths) == []


def test_a_record_that_nobody_asks_for_has_no_file() -> None:
    assert matched("runbok: a.md") == ["bindings.unknown_record"]


@pytest.mark.parametrize("path", ["interlock.yaml", "rules.yaml", "ops/deploy.md", "Ops/Deploy.md"])
def test_a_governed_file_is_no_file_for_a_record(path: str) -> None:
    assert matched(f"notes: {path}") == ["bindings.governed_record"]
