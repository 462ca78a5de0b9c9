# SPDX-License-Identifier: Apache-2.0
"""Everything that people write in files: every grammar, every table of keys in it, and every key."""

from collections.abc import Mapping
from typing import Final, cast, get_args

from interlock.packs.bindings import Bindings
from interlock.packs.coverage import RequirementsFile
from interlock.packs.model import PackFile
from interlock.packs.shape import Key, keys_of
from interlock.packs.wanted import is_record
from interlock.testing.scenario import Scenario

GRAMMARS: Final = {"scenario": Scenario, "pack": PackFile, "bindings": Bindings, "requirements": RequirementsFile}


def records(wanted: object, known: list[type]) -> list[type]:
    """Every table of keys that a grammar leads to."""
    if is_record(wanted) and wanted not in known:
        known.append(cast("type", wanted))
        for one in keys_of(cast("type", wanted)):
            records(one.shape, known)
    for part in get_args(wanted):
        records(part, known)
    return known


KEYS: Final[Mapping[str, tuple[type, Key]]] = {
    f"{grammar} {shape.__name__} {one.name}": (shape, one)
    for grammar, whole in GRAMMARS.items()
    for shape in records(whole, [])
    for one in keys_of(shape)
}
"""By the name of the grammar, of the table's shape, and of the key."""
