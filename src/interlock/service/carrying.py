# SPDX-License-Identifier: Apache-2.0
"""What of its written procedure the pack in force carries, where its numbered statements are known.

What is read is what the ledger holds under the digest in force. The statements stand beside a pack, not in it: they are
known of packs of the library that govern as they are, and of others only in their own repository.
"""

from dataclasses import dataclass
from functools import lru_cache

from interlock.domain.governance import GovernanceRef
from interlock.domain.procedure import Procedure
from interlock.packs.coverage import ENGINE, REQUIREMENTS_FILE, Carried, Statement, carried, covers, load_requirements
from interlock.packs.problem import Problems
from interlock.packs.shelf import Shelf
from interlock.ports.store import LedgerStore, Missing


@dataclass(frozen=True, slots=True)
class Carriage:
    """One statement of the written procedure, and what carries it."""

    statement: Statement
    carried_by: tuple[str, ...]
    is_covered: bool


@dataclass(frozen=True, slots=True)
class Unread:
    """Why it is not known what carries the statements."""

    sentence: str


def in_force(store: LedgerStore, ref: GovernanceRef, procedure: Procedure) -> Carried | Unread:
    """The pack in force beside its numbered statements."""
    content = store.blob(ref.pack)
    return read_pack(procedure.pack, b"" if isinstance(content, Missing) else content)


@lru_cache(maxsize=16)
def read_pack(name: str, pack: bytes) -> Carried | Unread:
    """The same of a pack's text, by its name."""
    folder = Shelf().folder(name)
    if folder is None or Shelf().pack(name) != pack:
        return Unread(
            "the numbered statements of this procedure stand in its own repository: `interlock pack coverage`"
        )
    place = folder.joinpath(REQUIREMENTS_FILE)
    if not place.is_file():
        return Unread("this procedure has no numbered statements")
    statements = load_requirements(REQUIREMENTS_FILE, place.read_bytes())
    if isinstance(statements, Problems):
        return Unread("its numbered statements cannot be read")
    found = carried("pack.yaml", pack, statements)
    return Unread("what it cites cannot be read") if isinstance(found, Problems) else found


def carriages(found: Carried) -> tuple[Carriage, ...]:
    """Every statement, and what carries it."""
    return tuple(_carriage(found, one) for one in found.statements)


def _carriage(found: Carried, one: Statement) -> Carriage:
    elements, engine = found.elements_for(one.id), found.engine_for(one.id)
    names = (*(item.name for item in elements), *(f"the engine itself ({', '.join(item.codes)})" for item in engine))
    counts = (*(item.counts for item in elements), *(ENGINE for _ in engine))
    return Carriage(one, tuple(dict.fromkeys(names)), covers(counts, one.kind))
