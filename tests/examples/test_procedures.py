# SPDX-License-Identifier: Apache-2.0
"""The example's bindings of two procedures: complete, sound, and about files that are there."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from interlock.domain.ids import EnvironmentName
from interlock.packs.bindings import Bindings, CheckSpec, CommandSpec, CountSpec, JunitSpec, ProcessDeploy
from interlock.packs.examining import ContractSpec, SarifSpec, SecretsSpec
from interlock.packs.lint import lint_bindings
from interlock.packs.listening import HERE
from interlock.packs.load import Pack, load_pack
from interlock.packs.matching import bind
from interlock.packs.shelf import PACK_FILE, Shelf

EXAMPLE: Final = Path(__file__).resolve().parents[2] / "examples/outreach"
PROCEDURES: Final = tuple(sorted(one.name for one in (EXAMPLE / "procedures").iterdir()))
STAGING: Final = EnvironmentName("staging")
JUDGES: Final = ("run_tests.py", "smoke.py")


@pytest.fixture(params=PROCEDURES)
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def pack(name: str) -> Pack:
    found = load_pack(PACK_FILE, Shelf().pack(name) or b"")
    assert isinstance(found, Pack), found
    return found


@pytest.fixture
def bindings(name: str, pack: Pack) -> Bindings:
    """They bind, or the test says where they do not."""
    found = bind("interlock.yaml", written(name), pack.procedure)
    assert isinstance(found, Bindings), found.render()
    return found


def written(name: str) -> bytes:
    return (EXAMPLE / "procedures" / name / "interlock.yaml").read_bytes()


def every_check(bindings: Bindings) -> Iterator[CheckSpec]:
    yield from bindings.checks.values()
    for place in bindings.environments.values():
        yield from place.checks.values()


def words(spec: CheckSpec) -> tuple[str, ...]:
    match spec:
        case CommandSpec(command=found) | JunitSpec(junit=found) | CountSpec(count=found):
            return found
        case SarifSpec(sarif=found) | SecretsSpec(secrets=found):
            return found
        case _:
            return ()


def scripts(bindings: Bindings) -> set[str]:
    return {word for spec in every_check(bindings) for word in words(spec) if word.endswith(".py")}


def test_there_is_one_for_each_of_two_packs() -> None:
    assert PROCEDURES == ("lsos", "octoacme")


def test_each_names_its_pack_and_the_service(name: str, bindings: Bindings) -> None:
    assert (bindings.service, bindings.pack) == ("outreach", name)


def test_there_is_no_advice_about_them(pack: Pack, bindings: Bindings) -> None:
    assert lint_bindings(bindings, pack.procedure) == ()


def test_every_script_they_run_is_there(bindings: Bindings) -> None:
    assert scripts(bindings)
    assert [path for path in scripts(bindings) if not (EXAMPLE / path).is_file()] == []


def test_every_contract_they_compare_is_there(bindings: Bindings) -> None:
    patterns = [one for spec in every_check(bindings) if isinstance(spec, ContractSpec) for one in spec.contract]
    assert patterns
    assert [one for one in patterns if not list(EXAMPLE.glob(one))] == []


def test_every_governed_file_is_there(bindings: Bindings) -> None:
    assert [path for path in bindings.governed if not (EXAMPLE / path).is_file()] == []


def test_everything_that_judges_is_governed(name: str, bindings: Bindings) -> None:
    folders = ("checks", f"procedures/{name}")
    listed = [f"{folder}/{one.name}" for folder in folders for one in (EXAMPLE / folder).iterdir()]
    beside = {path for path in listed if path.endswith((".py", ".sql"))}
    assert {*beside, *JUDGES} == set(bindings.governed)
    assert scripts(bindings) <= set(bindings.governed)


def test_every_check_says_when_it_could_not_judge(bindings: Bindings) -> None:
    judging = [spec for spec in every_check(bindings) if isinstance(spec, CommandSpec)]
    assert [spec.command for spec in judging if spec.inconclusive_codes != (2,)] == []


def test_every_path_of_an_area_leads_somewhere(bindings: Bindings) -> None:
    paths = [path for area in bindings.areas.values() for path in area.paths]
    assert [path for path in paths if not list(EXAMPLE.glob(path))] == []


def test_every_owner_holds_a_role(bindings: Bindings) -> None:
    people = {person for holders in bindings.roles.values() for person in holders}
    assert {owner for area in bindings.areas.values() for owner in area.owners} <= people


def test_no_address_of_people_is_written_down(bindings: Bindings) -> None:
    addresses = [one for listed in bindings.audiences.values() for one in listed]
    assert [one for one in addresses if not one.startswith(("$", "file:"))] == []


def test_what_is_asked_in_staging_is_asked_where_staging_listens(bindings: Bindings) -> None:
    staging = bindings.environments[STAGING]
    assert isinstance(staging.deploy, ProcessDeploy)
    asked = {f"http://{HERE}:{staging.deploy.port}"}
    for spec in staging.checks.values():
        assert asked <= set(words(spec))


def test_both_can_run_on_one_machine() -> None:
    ports = [{line.split()[1] for line in written(one).decode().splitlines() if _is_port(line)} for one in PROCEDURES]
    assert not set.intersection(*ports)


def _is_port(line: str) -> bool:
    return line.strip().startswith(("port:", "listen:", "admin:", "control:"))
