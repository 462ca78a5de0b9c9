# SPDX-License-Identifier: Apache-2.0
"""Projects that are not ours, taken from nothing to a governed release by somebody who reads only what is printed.

What is asserted is what the deploy script really put there, and how little a person had to answer and edit. How long it
took stands in build/five-minutes and is asserted nowhere.
"""

from collections.abc import Iterator

import pytest
from tests.e2e.projects import make_project, node_project, python_project
from tests.e2e.stranger import Repository, a_repository

AT_MOST = 5


@pytest.fixture
def xmltodict() -> Iterator[Repository]:
    with a_repository("xmltodict") as repository:
        python_project(repository)
        yield repository


@pytest.fixture
def left_pad() -> Iterator[Repository]:
    with a_repository("left-pad") as repository:
        node_project(repository)
        yield repository


@pytest.fixture
def greet() -> Iterator[Repository]:
    with a_repository("greet") as repository:
        make_project(repository)
        yield repository


def test_somebody_alone_governs_a_python_project_from_a_terminal(xmltodict: Repository) -> None:
    repository = xmltodict
    for environment in ("staging", "production"):
        repository.typed(f"git checkout -q 0.11.0 && ./deploy.sh {environment} 0.11.0 && git checkout -q main")
    smoke = f"python3 -c \"import sys; sys.path[0] = '{repository.served}/{{environment}}/current'; import xmltodict\""
    begun = repository.at_a_terminal("init", answers=["ann", "nobody", "", smoke, ""])
    assert begun.code == 0, begun.text
    repository.commit("Govern releases")
    repository.does("adopt", "0.11.0")
    assert (repository.recorded("staging"), repository.recorded("production")) == ("0.11.0", "0.11.0")

    repository.release("0.12.0", "CR-1")
    assert (repository.live("staging"), repository.live("production")) == ("0.12.0", "0.12.0")

    (repository.folder / "xmltodict.py").write_text("import nothing_like_this\n")
    (repository.folder / "tests" / "test_xmltodict.py").write_text("")
    (repository.folder / "tests" / "test_dicttoxml.py").write_text(PASSES_WITHOUT_LOOKING)
    repository.commit("Break it, and the tests with it", tag="0.14.0")
    repository.does("change", "open", "CR-2", "--title", "Release 0.14.0")
    repository.does("release", "create", "0.14.0", "--change", "CR-2")
    repository.drive()
    repository.does("promote", "0.14.0", "staging")
    repository.drive()
    assert repository.live("staging") == "0.12.0"
    assert repository.run("promote", "0.14.0", "production", "--json").code == 1
    assert repository.live("production") == "0.12.0"

    repository.does("rollback", "production", "--reason", "a customer depends on the old one")
    repository.drive()
    assert repository.live("production") == "0.11.0"
    assert repository.recorded("production") == "0.11.0"
    _ends_well(repository)


PASSES_WITHOUT_LOOKING = """\
import unittest


class Nothing(unittest.TestCase):
    def test_nothing(self):
        pass
"""


def test_two_people_with_their_own_keys_govern_a_node_project(left_pad: Repository) -> None:
    repository = left_pad
    for environment in ("staging", "production"):
        repository.typed(f"git checkout -q v1.1.3 && ./deploy.sh {environment} v1.1.3 && git checkout -q main")
    program = "require(process.argv[1])('5', 3) === '  5' || process.exit(1)"
    begun = repository.run(
        "init", "--person", "ann", "--with", "ben",
        "--tests", f'node -e "{program}" .',
        "--smoke", f'node -e "{program}" {repository.served}/{{environment}}/current',
    )  # fmt: skip
    assert begun.code == 0, begun.text
    ben = repository.person("ben")
    repository.does("people", "add", "ben", "--key", f"{ben.key}.pub", "--email", ben.email)
    repository.commit("Govern releases")
    repository.does("adopt", "v1.1.3")

    repository.does("change", "open", "CR-1", "--title", "Release v1.2.0")
    repository.does("release", "create", "v1.2.0")
    refused = repository.run("approve", "v1.2.0", "--yes", "--json")
    assert refused.code == 1, "who made it does not approve it"
    repository.drive()
    repository.does("promote", "v1.2.0", "staging")
    repository.drive()
    repository.does("sign", "v1.2.0", "rollback-plan", "--yes")
    repository.does("approve", "v1.2.0", "--yes", by="ben")
    repository.does("promote", "v1.2.0", "production")
    repository.drive()
    assert (repository.live("staging"), repository.live("production")) == ("v1.2.0", "v1.2.0")

    (repository.folder / "index.js").write_text("module.exports = (text) => text;\n")
    repository.commit("Simplify", tag="v1.4.0", by="ben")
    repository.does("change", "open", "CR-2", "--title", "Release v1.4.0", by="ben")
    repository.does("release", "create", "v1.4.0", "--change", "CR-2", by="ben")
    repository.drive()
    assert repository.run("promote", "v1.4.0", "staging", by="ben").code == 1, "its tests fail, so it goes nowhere"
    assert repository.live("staging") == "v1.2.0"

    repository.does("rollback", "production", "--reason", "too new", by="ben")
    repository.drive()
    assert (repository.live("production"), repository.recorded("production")) == ("v1.1.3", "v1.1.3")
    _ends_well(repository)


def test_a_makefile_is_enough(greet: Repository) -> None:
    repository = greet
    for environment in ("staging", "production"):
        repository.typed(f"git checkout -q v1 && make -s deploy ENV={environment} TAG=v1 clean && git checkout -q main")
    repository.does("init", "--person", "ann", "--alone")
    repository.commit("Govern releases")
    repository.does("adopt", "v1")
    repository.release("v2", "CR-1")
    assert (repository.live("staging"), repository.live("production")) == ("v2", "v2")

    repository.release("v3", "CR-2")
    assert repository.live("staging") == "v3"
    assert repository.live("production") == "v2", "what production showed to be bad went back by itself"
    assert repository.recorded("production") == "v2"

    repository.does("rollback", "production", "--reason", "too polite")
    repository.drive()
    assert repository.live("production") == "v1"
    _ends_well(repository)


def _ends_well(repository: Repository) -> None:
    """The ledger holds, nothing is left to do, and it took little of a person."""
    repository.verified()
    repository.write_down()
    assert len(repository.questions) <= AT_MOST
    assert len(repository.edits) <= AT_MOST
