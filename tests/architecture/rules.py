# SPDX-License-Identifier: Apache-2.0
"""The house rules that no tool we use knows, each a function from a module to complaints.

A complaint names the place and what to do. `test_rules.py` shows that each rule fails on what it forbids.
"""

import ast
import re
from collections.abc import Callable, Iterator
from functools import cache
from typing import Final

from tests.architecture.house import Module, modules

Rule = Callable[[Module], Iterator[str]]

FILE_LINES: Final = 400
TEST_LINES: Final = 600
FUNCTION_LINES: Final = 50
PARAMETERS: Final = 6
DEPTH: Final = 3
PURE: Final = ("domain", "ledger")
PURE_MAY_IMPORT: Final = {"domain": frozenset({"interlock"}), "ledger": frozenset({"interlock", "rfc8785", "msgspec"})}
PURE_STANDARD: Final = frozenset(
    "abc base64 binascii bisect collections contextlib dataclasses datetime decimal enum fractions functools hashlib "
    "heapq hmac inspect io itertools json math operator re statistics string struct textwrap types typing "
    "unicodedata".split()
)
VAGUE: Final = frozenset(
    "base bases common core data handler handlers helper helpers impl info manager managers misc processor processors "
    "util utils".split()
)
EVASIVE: Final = frozenset(
    "bypass bypassed bypasses force forced forces override overridden overrides skip skipped skips skipping".split()
)
HEADER: Final = "# SPDX-License-Identifier: Apache-2.0\n"
UNREASONED: Final = re.compile(r"#\s*type:\s*ignore(?!\[[\w, -]+\]\s*#?\s*\S)")
EXEMPTION: Final = re.compile(r"#\s*(?:ruff|flake8|mypy|isort|pylint)\s*:.*")
"""A comment that a tool obeys for a whole file or a stretch of it."""
EXEMPT: Final = frozenset(
    {
        ("src/interlock/adapters/linux.py", "# ruff: noqa: PTH104, PTH108, PTH123, PTH208"),
        ("src/interlock/adapters/runner.py", "# ruff: noqa: PTH102, PTH123, TID251"),
        ("src/interlock/adapters/deploy/supervisor.py", "# ruff: noqa: PTH110, PTH123, PTH202, TID251"),
    }
)
"""All there are: the detached processes, which start without pathlib and measure time themselves. Each says why."""
BROAD: Final = frozenset({"Exception", "BaseException"})
NOT_A_TEST: Final = frozenset({"skip", "skipif", "xfail", "importorskip", "fail_on_skip"})
MOCKING: Final = frozenset({"unittest.mock", "mock", "pytest_mock", "flexmock", "doublex"})
LEGAL: Final = re.compile(r"in_force|InForce")
"""What is valid now is in force; nobody forces it."""
FOREIGN: Final = frozenset({("src/interlock/adapters/check/junit.py", "skipped")})
"""Words of other people's formats, in the one place that reads them."""
IMPURE_CALLS: Final = frozenset({"open", "io.open", "print", "input", "eval", "exec", "__import__"})
_WORD: Final = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")


def file_is_short(module: Module) -> Iterator[str]:
    lines, limit = module.text.count("\n"), TEST_LINES if module.is_test else FILE_LINES
    if lines > limit:
        yield f"{module.path}: {lines} lines, at most {limit}; split it by subject"


def functions_are_short(module: Module) -> Iterator[str]:
    for function in module.functions():
        lines = (function.end_lineno or function.lineno) - function.lineno + 1
        if lines > FUNCTION_LINES:
            yield f"{module.path}:{function.lineno}: {function.name} has {lines} lines, at most {FUNCTION_LINES}"


def parameters_are_few(module: Module) -> Iterator[str]:
    """Of a command, only those that have no name where they are written: its options are keyword-only parameters."""
    for function in module.functions() if not module.is_test else ():
        taken = function.args
        named = [] if module.parts[:1] == ("cli",) else taken.kwonlyargs
        names = [one.arg for one in taken.posonlyargs + taken.args + named if one.arg not in {"self", "cls"}]
        if len(names) > PARAMETERS:
            yield f"{module.path}:{function.lineno}: {function.name} takes {len(names)}, at most {PARAMETERS}"


def folders_are_flat(module: Module) -> Iterator[str]:
    if len(module.parts) > DEPTH:
        yield f"{module.path}: {len(module.parts)} levels below the package, at most {DEPTH}"


def names_are_telling(module: Module) -> Iterator[str]:
    stem = module.path.rsplit("/", 1)[-1].removesuffix(".py")
    if module.is_product and stem.lower() in VAGUE:
        yield f"{module.path}: the name says nothing; name it by its noun"
    for name in (one.name for one in module.classes() if module.is_product):
        if _words(name) & VAGUE:
            yield f"{module.path}: class {name} has a word that says nothing"


def nothing_is_evaded(module: Module) -> Iterator[str]:
    """No way round a rule has a name: the way round is a waiver or an emergency, and both are recorded."""
    for name in [*module.parts, *_named(module.tree)] if module.is_product else []:
        words = _words(LEGAL.sub("", name)) & EVASIVE
        if words and (module.path, name) not in FOREIGN:
            yield f"{module.path}: the name {name} has the word {min(words)}"


def options_evade_nothing(module: Module) -> Iterator[str]:
    """The same for the words a person types."""
    if module.parts[:1] != ("cli",):
        return
    for node in ast.walk(module.tree):
        text = node.value if isinstance(node, ast.Constant) else ""
        if isinstance(text, str) and text.startswith("--") and _words(text) & EVASIVE:
            yield f"{module.path}: the option {text}"


def file_opens_with_its_licence_and_subject(module: Module) -> Iterator[str]:
    if module.text and not module.text.startswith(HEADER):
        yield f"{module.path}: the first line is not {HEADER.strip()}"
    if module.tree.body and not ast.get_docstring(module.tree) and not _says_it_by_name(module):
        yield f"{module.path}: no docstring says what lives here"


def any_stays_outside(module: Module) -> Iterator[str]:
    if module.parts[:1] and module.parts[0] in PURE:
        for node in ast.walk(module.tree):
            if (isinstance(node, ast.Name) and node.id == "Any") or (
                isinstance(node, ast.Attribute) and node.attr == "Any"
            ):
                yield f"{module.path}:{node.lineno}: Any in {module.parts[0]}; say the type, or object"


def ignores_have_a_reason(module: Module) -> Iterator[str]:
    for number, line in enumerate(module.text.splitlines(), start=1):
        if "architecture" not in module.path and UNREASONED.search(line):
            yield f"{module.path}:{number}: type: ignore[code] needs a code and a reason behind it"


def files_are_exempt_from_nothing(module: Module) -> Iterator[str]:
    """A whole file is let off only where it is known here, with just these codes."""
    for number, line in enumerate(module.text.splitlines(), start=1):
        found = EXEMPTION.search(line) if module.is_product else None
        if found and (module.path, found[0]) not in EXEMPT:
            yield f"{module.path}:{number}: exempts the file from more than is agreed: {found[0]}"


def public_functions_are_typed(module: Module) -> Iterator[str]:
    for function in module.functions() if module.is_product else ():
        taken = function.args
        untyped = [
            one.arg
            for one in taken.posonlyargs + taken.args + taken.kwonlyargs
            if one.annotation is None and one.arg not in {"self", "cls"}
        ]
        if untyped or function.returns is None:
            yield f"{module.path}:{function.lineno}: {function.name} is not typed"


def pure_parts_import_little(module: Module) -> Iterator[str]:
    if not module.parts or module.parts[0] not in PURE:
        return
    allowed = PURE_STANDARD | PURE_MAY_IMPORT[module.parts[0]]
    for line, name in module.imported():
        if name.split(".")[0] not in allowed:
            yield f"{module.path}:{line}: {module.parts[0]} imports {name}"


def pure_parts_touch_nothing(module: Module) -> Iterator[str]:
    for node in ast.walk(module.tree) if module.parts[:1] and module.parts[0] in PURE else ():
        if isinstance(node, ast.Call) and ast.unparse(node.func) in IMPURE_CALLS:
            yield f"{module.path}:{node.lineno}: {module.parts[0]} calls {ast.unparse(node.func)}"


def tests_always_run(module: Module) -> Iterator[str]:
    for node in ast.walk(module.tree) if module.is_test and "architecture" not in module.path else ():
        if isinstance(node, ast.Attribute) and node.attr in NOT_A_TEST and _is_pytest(node.value):
            yield f"{module.path}:{node.lineno}: {node.attr}; a test runs and can fail, or is not there"


def tests_use_no_mocks(module: Module) -> Iterator[str]:
    for line, name in module.imported() if module.is_test else ():
        if name in MOCKING:
            yield f"{module.path}:{line}: imports {name}; a fake is an adapter"


def tests_can_fail(module: Module) -> Iterator[str]:
    """A test asserts, expects an error, or calls something that does: its own, or of the tests' shared stories."""
    if not module.is_test:
        return
    asserting = shared_assertions() | {one.name for one in module.functions() if _asserts(one, frozenset())}
    for function in module.functions():
        if function.name.startswith("test_") and not _asserts(function, asserting):
            yield f"{module.path}:{function.lineno}: {function.name} asserts nothing"


@cache
def shared_assertions() -> frozenset[str]:
    """The functions of stories, worlds and kits that assert for the tests that call them."""
    shared = [one for one in modules() if one.path.startswith("src/interlock/testing/") or _is_shared(one)]
    direct = frozenset(
        function.name for one in shared for function in one.functions() if _asserts(function, frozenset())
    )
    return direct | {function.name for one in shared for function in one.functions() if _asserts(function, direct)}


def nothing_sleeps(module: Module) -> Iterator[str]:
    """A wait for something is an event, a deadline and a poll with its reason in the line."""
    lines = module.text.splitlines()
    for node in ast.walk(module.tree) if module.is_product else ():
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "time.sleep" and "#" not in lines[node.lineno - 1]:
            yield f"{module.path}:{node.lineno}: time.sleep without its reason in the line"


def broad_excepts(module: Module) -> Iterator[str]:
    """Not a rule by itself: the program may have two."""
    for node in ast.walk(module.tree) if module.is_product else ():
        if isinstance(node, ast.ExceptHandler) and (node.type is None or _names_of(node.type) & BROAD):
            yield f"{module.path}:{node.lineno}: broad except"


RULES: Final[tuple[Rule, ...]] = (
    file_is_short,
    functions_are_short,
    parameters_are_few,
    folders_are_flat,
    names_are_telling,
    nothing_is_evaded,
    options_evade_nothing,
    file_opens_with_its_licence_and_subject,
    any_stays_outside,
    ignores_have_a_reason,
    files_are_exempt_from_nothing,
    public_functions_are_typed,
    pure_parts_import_little,
    pure_parts_touch_nothing,
    tests_always_run,
    tests_use_no_mocks,
    tests_can_fail,
    nothing_sleeps,
)


def _words(name: str) -> set[str]:
    return {word.lower() for word in _WORD.findall(name)}


def _named(tree: ast.Module) -> Iterator[str]:
    """Every name the module gives to something."""
    for node in ast.walk(tree):
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                yield node.name
            case ast.arg():
                yield node.arg
            case ast.Name(id=name, ctx=ast.Store()):
                yield name
            case ast.Attribute(attr=name, ctx=ast.Store()):
                yield name
            case _:
                pass


def _names_of(expression: ast.expr) -> set[str]:
    return {node.id for node in ast.walk(expression) if isinstance(node, ast.Name)}


def _says_it_by_name(module: Module) -> bool:
    return module.is_test and module.path.rsplit("/", 1)[-1].startswith(("test_", "conftest."))


def _is_shared(module: Module) -> bool:
    return module.is_test and not module.path.rsplit("/", 1)[-1].startswith("test_")


def _is_pytest(expression: ast.expr) -> bool:
    return ast.unparse(expression) in {"pytest", "pytest.mark"}


def _asserts(function: ast.FunctionDef | ast.AsyncFunctionDef, asserting: frozenset[str]) -> bool:
    for node in ast.walk(function):
        if isinstance(node, ast.Assert):
            return True
        if isinstance(node, ast.Call):
            called = ast.unparse(node.func).split(".")[-1]
            if called in asserting or called in {"raises", "fail", "assert_never"} or called.startswith("assert_"):
                return True
    return False
