# SPDX-License-Identifier: Apache-2.0
"""Every port has its conformance kit, and every adapter a test that runs the kit against it."""

import ast
from pathlib import Path

from tests.architecture.house import PACKAGE, ROOT, Module, module, names_in

KITS = PACKAGE / "testing" / "contracts"


def _read(path: Path) -> Module:
    return module(path.relative_to(ROOT).as_posix(), path.read_text())


def has_protocol(one: Module) -> bool:
    return any(ast.unparse(base) == "Protocol" for found in one.classes() for base in found.bases)


def has_kit(one: Module) -> bool:
    """A class named after its contract, with at least one test."""
    return any(
        found.name.endswith("Contract")
        and any(isinstance(part, ast.FunctionDef) and part.name.startswith("test_") for part in found.body)
        for found in one.classes()
    )


def runs_kit(one: Module) -> bool:
    """A test class made from a kit's."""
    return any(
        found.name.startswith("Test") and any(ast.unparse(base).endswith("Contract") for base in found.bases)
        for found in one.classes()
    )


def is_program(one: Module) -> bool:
    """A module that runs by itself, beside its adapter."""
    return any(isinstance(part, ast.If) and "__main__" in ast.unparse(part.test) for part in one.tree.body)


def _kinds() -> list[Path]:
    return sorted(path for path in (PACKAGE / "adapters").iterdir() if path.is_dir() and path.name != "__pycache__")


def test_every_port_has_its_kit() -> None:
    ports = [name for name in names_in(PACKAGE / "ports") if has_protocol(_read(PACKAGE / "ports" / f"{name}.py"))]
    without = [name for name in ports if not (KITS / f"{name}.py").exists() or not has_kit(_read(KITS / f"{name}.py"))]
    assert not without, f"no kit in testing/contracts for {without}"


def test_every_adapter_runs_the_kit_of_its_port() -> None:
    without = []
    for kind in _kinds():
        for name in names_in(kind):
            test = ROOT / "tests" / "adapters" / kind.name / f"test_{name}.py"
            if not is_program(_read(kind / f"{name}.py")) and not (test.exists() and runs_kit(_read(test))):
                without.append(test.relative_to(ROOT).as_posix())
    assert not without, "\n" + "\n".join(without)


def test_every_kind_of_adapter_has_one_in_memory() -> None:
    assert not [kind.name for kind in _kinds() if not (kind / "memory.py").exists()]


def test_a_kit_without_tests_is_none() -> None:
    assert not has_kit(module("kit.py", "class StoreContract:\n    pass"))
    assert has_kit(module("kit.py", "class StoreContract:\n    def test_x(self): ..."))


def test_a_test_that_uses_no_kit_is_found() -> None:
    assert not runs_kit(module("test_x.py", "class TestStore:\n    pass"))
    assert runs_kit(module("test_x.py", "class TestStore(StoreContract):\n    pass"))


def test_a_port_is_known_by_its_protocol() -> None:
    assert has_protocol(module("port.py", "class Store(Protocol): ..."))
    assert not has_protocol(module("failure.py", "class Unavailable(Exception): ..."))


def test_a_program_is_known_by_its_last_lines() -> None:
    assert is_program(module("runner.py", "if __name__ == '__main__':\n    main()"))
    assert not is_program(module("runner.py", "x = 1"))
