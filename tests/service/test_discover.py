# SPDX-License-Identifier: Apache-2.0
"""What a repository is seen to say about itself, from the files people really have."""

from datetime import UTC, datetime

import pytest

from interlock.adapters.source.memory import MemoryRepository, ScriptedCommit, ScriptedFile
from interlock.ports.source import Commit
from interlock.service.discover import Discovery, NotFound, Proposal, as_name, discover

SHA = "a" * 40
NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
PYTEST_TEST = "import pytest\n"
UNITTEST_TEST = "import unittest\n"


def looked_at(**files: str) -> Discovery:
    """A repository with these files; `__` in a name is a slash, `_dot_` a dot."""
    named = {name.replace("__", "/").replace("_dot_", "."): text for name, text in files.items()}
    return found_in(named)


def found_in(files: dict[str, str]) -> Discovery:
    commit = Commit(SHA, SHA, "One", "Ann", "ann@example.org", "Ann", "ann@example.org", NOON, ())
    tree = {path: ScriptedFile(text.encode()) for path, text in files.items()}
    return discover(MemoryRepository((ScriptedCommit(commit, (), tree),)), "HEAD", "My Folder")


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ({"Makefile": "test: build\n\ttrue\n"}, ("make", "test")),
        ({"Makefile": "check:\n"}, ("make", "check")),
        ({"GNUmakefile": "tests:\n"}, ("make", "tests")),
        ({"package.json": '{"scripts": {"test": "node test"}}'}, ("npm", "test")),
        ({"tests/test_a.py": PYTEST_TEST}, ("python3", "-m", "pytest", "-q")),
        ({"tests/test_a.py": UNITTEST_TEST}, ("python3", "-m", "unittest", "discover", "-s", "tests")),
        (
            {"tests/test_a.py": UNITTEST_TEST, "tests/__init__.py": ""},
            ("python3", "-m", "unittest", "discover", "-s", "tests", "-t", "."),
        ),
        ({"test_a.py": UNITTEST_TEST}, ("python3", "-m", "unittest", "discover")),
        ({"a_test.py": UNITTEST_TEST}, ("python3", "-m", "unittest", "discover", "-p", "*_test.py")),
        ({"test_a.py": "def test_it(): pass\n", "setup.cfg": "[tool:pytest]\n"}, ("python3", "-m", "pytest", "-q")),
        ({"test_a.py": "def test_it(): pass\n", "conftest.py": ""}, ("python3", "-m", "pytest", "-q")),
        ({"test_a.py": UNITTEST_TEST, "tox.ini": "deps=pytest"}, ("python3", "-m", "unittest", "discover")),
        ({"tox.ini": ""}, ("tox",)),
        ({"go.mod": ""}, ("go", "test", "./...")),
        ({"Cargo.toml": ""}, ("cargo", "test")),
    ],
)
def test_tests_are_found_where_people_keep_them(files: dict[str, str], words: tuple[str, ...]) -> None:
    found = found_in(files).tests
    assert isinstance(found, Proposal)
    assert found.value == words
    assert found.found_in in files


@pytest.mark.parametrize(
    "files",
    [
        {"README.md": "make test\n"},
        {"package.json": '{"scripts": {"test": "echo \\"Error: no test specified\\" && exit 1"}}'},
        {"package.json": "{broken"},
        {"package.json": "[]"},
        {"Makefile": "test := yes\n"},
        {"Makefile": "#" * 300_000 + "\ntest:\n"},
    ],
)
def test_what_is_no_test_is_not_proposed(files: dict[str, str]) -> None:
    assert isinstance(found_in(files).tests, NotFound)


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ({"deploy.sh": ""}, ("./deploy.sh", "{environment}", "{version}")),
        ({"scripts/deploy": ""}, ("./scripts/deploy", "{environment}", "{version}")),
        ({"bin/deploy.py": ""}, ("./bin/deploy.py", "{environment}", "{version}")),
        ({"Makefile": "deploy:\n\tcp $(ENV) ${TAG}\n"}, ("make", "deploy", "ENV={environment}", "TAG={version}")),
        ({"Makefile": "deploy:\n"}, ("make", "deploy", "ENVIRONMENT={environment}", "VERSION={version}")),
        (
            {"compose.yaml": "services: {}\n"},
            ("docker", "compose", "-p", "{service}-{environment}", "up", "--detach", "--build"),
        ),
    ],
)
def test_a_way_to_deploy_is_found_with_the_names_it_uses(files: dict[str, str], words: tuple[str, ...]) -> None:
    found = found_in(files).deploy
    assert isinstance(found, Proposal)
    assert found.value == words


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ({"smoke.sh": ""}, ("./smoke.sh", "{environment}", "{version}")),
        ({"scripts/healthcheck": ""}, ("./scripts/healthcheck", "{environment}", "{version}")),
        ({"Makefile": "smoke:\n\tcurl $(STAGE)\n"}, ("make", "smoke", "STAGE={environment}", "VERSION={version}")),
        ({"Dockerfile": "EXPOSE 8080\n"}, ("http://127.0.0.1:8080/",)),
        (
            {"Dockerfile": "EXPOSE 8080\nHEALTHCHECK CMD curl http://localhost:8080/health\n"},
            ("http://127.0.0.1:8080/health",),
        ),
        ({"compose.yaml": 'ports:\n  - "9000:80"\n'}, ("http://127.0.0.1:9000/",)),
    ],
)
def test_a_way_to_ask_for_health_is_found(files: dict[str, str], words: tuple[str, ...]) -> None:
    found = found_in(files).health
    assert isinstance(found, Proposal)
    assert found.value == words


def test_the_name_is_that_of_the_package() -> None:
    assert looked_at(pyproject_dot_toml='[project]\nname = "My.Shop"\n').name.value == ("my.shop",)
    assert looked_at(package_dot_json='{"name": "@scope/left-pad"}').name.value == ("left-pad",)


def test_without_a_package_the_name_is_that_of_the_folder_made_fit() -> None:
    found = looked_at(README="", pyproject_dot_toml="not [ toml")
    assert found.name == Proposal(("my-folder",), "the folder's name")


def test_pipelines_are_named_for_comparison() -> None:
    found = found_in({".github/workflows/ci.yml": "", ".gitlab-ci.yml": "", "docs/ci.yml": ""})
    assert found.pipelines == (".github/workflows/ci.yml", ".gitlab-ci.yml")


def test_every_thing_not_found_names_the_places_looked_in() -> None:
    found = looked_at(README="")
    for one in (found.tests, found.deploy, found.health):
        assert isinstance(one, NotFound)
        assert one.looked_in


@pytest.mark.parametrize(("text", "name"), [("Ann Example", "ann-example"), ("__", "service"), ("x" * 80, "x" * 63)])
def test_any_text_has_a_nearest_name(text: str, name: str) -> None:
    assert as_name(text) == name
