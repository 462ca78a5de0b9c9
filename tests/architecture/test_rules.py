# SPDX-License-Identifier: Apache-2.0
"""The house keeps its rules, and each rule fails on what it forbids."""

import pytest
from tests.architecture import rules
from tests.architecture.house import PACKAGE, module, modules, names_in
from tests.architecture.rules import RULES, Rule, broad_excepts

BROAD_EXCEPTS = 2
LONG = "\n".join(f"    a{number} = {number}" for number in range(60))
PRODUCT = "src/interlock/domain/x.py"
TEST = "tests/domain/test_x.py"


def _named(rule: Rule) -> str:
    return rule.__name__


@pytest.mark.parametrize("rule", RULES, ids=_named)
def test_the_house_keeps_the_rule(rule: Rule) -> None:
    complaints = [complaint for one in modules() for complaint in rule(one)]
    assert not complaints, "\n" + "\n".join(complaints)


def test_broad_excepts_are_two_at_most() -> None:
    found = [complaint for one in modules() for complaint in broad_excepts(one)]
    assert len(found) <= BROAD_EXCEPTS, "\n" + "\n".join(found)


BAD = (
    (rules.file_is_short, PRODUCT, "x = 1\n" * 401),
    (rules.file_is_short, TEST, "x = 1\n" * 601),
    (rules.functions_are_short, PRODUCT, f"def f():\n{LONG}\n"),
    (rules.parameters_are_few, PRODUCT, "def f(a, b, c, d, *, e, f, g): ..."),
    (rules.parameters_are_few, "src/interlock/cli/x.py", "def f(a, b, c, d, e, f, g): ..."),
    (rules.folders_are_flat, "src/interlock/a/b/c/d.py", ""),
    (rules.names_are_telling, "src/interlock/service/utils.py", ""),
    (rules.names_are_telling, PRODUCT, "class ReleaseManager: ..."),
    (rules.nothing_is_evaded, "src/interlock/service/bypass.py", ""),
    (rules.nothing_is_evaded, PRODUCT, "def promote(*, force_it): ..."),
    (rules.nothing_is_evaded, PRODUCT, "def force_in_forced_force(): ..."),
    (rules.nothing_is_evaded, PRODUCT, "class SkipGate: ..."),
    (rules.nothing_is_evaded, PRODUCT, "class A:\n    override: str"),
    (rules.nothing_is_evaded, PRODUCT, "def f(self):\n    self.skipped = 1"),
    (rules.options_evade_nothing, "src/interlock/cli/promote.py", "OPTION = '--force'"),
    (rules.file_opens_with_its_licence_and_subject, PRODUCT, '"""Subject."""\n'),
    (rules.file_opens_with_its_licence_and_subject, PRODUCT, rules.HEADER + "x = 1\n"),
    (rules.file_opens_with_its_licence_and_subject, "tests/domain/story.py", rules.HEADER + "x = 1\n"),
    (rules.any_stays_outside, PRODUCT, "def f(x: Any) -> None: ..."),
    (rules.any_stays_outside, "src/interlock/ledger/x.py", "x: typing.Any = 1"),
    (rules.ignores_have_a_reason, PRODUCT, "x = y  # type: ignore"),
    (rules.ignores_have_a_reason, PRODUCT, "x = y  # type: ignore[arg-type]"),
    (rules.files_are_exempt_from_nothing, PRODUCT, "# ruff: noqa: S603\n"),
    (rules.files_are_exempt_from_nothing, PRODUCT, "x = 1  # ruff:noqa\n"),
    (rules.files_are_exempt_from_nothing, PRODUCT, "# mypy: ignore-errors\n"),
    (rules.files_are_exempt_from_nothing, "src/interlock/adapters/runner.py", "# ruff: noqa: PTH123, TID251, S603\n"),
    (rules.public_functions_are_typed, PRODUCT, "def f(x) -> None: ..."),
    (rules.public_functions_are_typed, PRODUCT, "def f(x: int): ..."),
    (rules.pure_parts_import_little, PRODUCT, "import sqlite3"),
    (rules.pure_parts_import_little, PRODUCT, "def f() -> None:\n    from rfc8785 import dumps"),
    (rules.pure_parts_import_little, "src/interlock/ledger/x.py", "import cryptography.hazmat"),
    (rules.pure_parts_touch_nothing, PRODUCT, "open('x')"),
    (rules.pure_parts_touch_nothing, "src/interlock/ledger/x.py", "def f() -> None:\n    io.open('x')"),
    (rules.tests_always_run, TEST, "@pytest.mark.skipif(True)\ndef test_x(): assert 1"),
    (rules.tests_always_run, TEST, "def test_x():\n    pytest.skip('later')"),
    (rules.tests_use_no_mocks, TEST, "from unittest.mock import Mock"),
    (rules.tests_can_fail, TEST, "def test_x():\n    print('fine')"),
    (rules.nothing_sleeps, PRODUCT, "time.sleep(1)"),
    (broad_excepts, PRODUCT, "try:\n    f()\nexcept Exception:\n    pass"),
    (broad_excepts, PRODUCT, "try:\n    f()\nexcept (OSError, BaseException):\n    pass"),
    (broad_excepts, PRODUCT, "try:\n    f()\nexcept:\n    pass"),
)
GOOD = (
    (rules.file_is_short, TEST, "x = 1\n" * 600),
    (rules.parameters_are_few, PRODUCT, "def f(self, a, b, c, d, *, e, f): ..."),
    (rules.folders_are_flat, "src/interlock/a/b/c.py", ""),
    (rules.names_are_telling, PRODUCT, "class Database: ..."),
    (rules.nothing_is_evaded, PRODUCT, "def enforce(reinforced: int): ..."),
    (rules.nothing_is_evaded, PRODUCT, "in_force = InForce()"),
    (rules.parameters_are_few, "src/interlock/cli/x.py", "def f(a, *, b, c, d, e, f, g, h): ..."),
    (rules.pure_parts_touch_nothing, "src/interlock/adapters/x.py", "open('x')"),
    (rules.tests_can_fail, TEST, "def test_x():\n    given(1).when(f).then(2)"),
    (rules.nothing_is_evaded, PRODUCT, "git('clean', '--force')"),
    (rules.file_opens_with_its_licence_and_subject, PRODUCT, ""),
    (rules.file_opens_with_its_licence_and_subject, PRODUCT, rules.HEADER + '"""Subject."""\n'),
    (rules.any_stays_outside, "src/interlock/adapters/x.py", "def f(x: Any) -> None: ..."),
    (rules.ignores_have_a_reason, PRODUCT, "x = y  # type: ignore[arg-type]  # the library left it untyped"),
    (rules.files_are_exempt_from_nothing, PRODUCT, "x = 1  # noqa: S603\n"),
    (rules.files_are_exempt_from_nothing, *min(rules.EXEMPT)),
    (rules.pure_parts_import_little, "src/interlock/ledger/x.py", "import rfc8785"),
    (rules.tests_always_run, TEST, "def test_x():\n    text.skip('x')\n    assert 1"),
    (rules.tests_can_fail, TEST, "def check(x):\n    assert x\n\ndef test_x():\n    check(1)"),
    (rules.nothing_sleeps, PRODUCT, "time.sleep(1)  # the kernel tells nobody"),
)


@pytest.mark.parametrize(("rule", "path", "text"), BAD)
def test_the_rule_fails_on_what_it_forbids(rule: Rule, path: str, text: str) -> None:
    assert list(rule(module(path, text)))


@pytest.mark.parametrize(("rule", "path", "text"), GOOD)
def test_the_rule_allows_what_it_should(rule: Rule, path: str, text: str) -> None:
    assert not list(rule(module(path, text)))


def test_every_rule_has_something_it_fails_on() -> None:
    assert {rule for rule, _, _ in BAD} == {*RULES, broad_excepts}


def test_every_exemption_that_is_known_is_still_needed() -> None:
    written = {one.path: one.text for one in modules()}
    assert [path for path, comment in rules.EXEMPT if f"\n{comment}\n" not in written[path]] == []


def test_the_rules_see_the_whole_package() -> None:
    seen = {one.path for one in modules()}
    assert {f"src/interlock/domain/{name}.py" for name in names_in(PACKAGE / "domain")} <= seen
    assert "tests/architecture/test_rules.py" in seen
