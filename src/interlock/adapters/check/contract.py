# SPDX-License-Identifier: Apache-2.0
"""What a release promises, compared with what the release before it promised; and what its version says about it.

1. The contract before is the one in the source of the release that this one follows, as it was released: nobody who
   writes this release can change what it is compared with.
2. Nothing to compare with is INCONCLUSIVE. A document that is missing now, or cannot be read, is an ERROR.
3. Nothing runs: documents are read and compared by us, within bounds, when the check is observed.
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from interlock.adapters import linux
from interlock.adapters.checkcommand import words_of
from interlock.adapters.contract_change import Plan, Steps, compare, judge_change, judge_version, listing, said_change
from interlock.adapters.contract_document import MOST_BYTES, Contract, read_contract
from interlock.adapters.contract_schema import gravest
from interlock.adapters.placeholders import RELEASE_WORDS, fill, require_known
from interlock.adapters.semver import Size
from interlock.adapters.told import error, told
from interlock.domain.ids import EffectKey
from interlock.domain.verdict import Finding, Verdict
from interlock.packs.examining import ContractKind, Flow
from interlock.packs.problem import clean, shown
from interlock.ports.check import CheckProgress, CheckRequest, Former, NoFormer, Reading, Uncounted
from interlock.ports.failure import Deduplication, Rejected

MOST_DOCUMENTS: Final = 200
_WILD: Final = "*?["


@dataclass(frozen=True, slots=True)
class ContractCheck:
    """`documents` are paths from the source folder, in which `*`, `?` and `[...]` stand for parts of one name.

    `plan` may hold the words of `RELEASE_WORDS` in braces.
    """

    documents: tuple[str, ...]
    kind: ContractKind = ContractKind.OPENAPI
    flow: Flow = Flow.BOTH
    plan: str = "docs/migrations/{version}.md"

    def __post_init__(self) -> None:
        require_known((self.plan,), RELEASE_WORDS)
        for path in (*self.documents, self.plan):
            if any(part in {"", ".", "..", "**"} for part in path.split("/")):
                raise Rejected(
                    "contract.path",
                    f"{shown(path)} is no plain path below the source folder",
                    "write one such as contract/openapi.yaml",
                )

    @property
    def deduplication(self) -> Deduplication:
        return Deduplication.OBSERVED

    def start(self, request: CheckRequest, key: EffectKey) -> None:
        """Nothing to begin: `observe` compares."""

    def observe(self, request: CheckRequest, key: EffectKey) -> CheckProgress:
        former = request.former
        if isinstance(former, NoFormer):
            return _reading(_no_former(former.why), b"", {})
        try:
            return self._compared(request, former)
        except Rejected as fault:
            return _reading(error(fault), b"", {})

    def cancel(self, key: EffectKey) -> None:
        """Nothing runs between calls."""

    def _compared(self, request: CheckRequest, former: Former) -> Reading:
        steps = Steps(former.version, request.version)
        new = dict(self._contracts(request.workspace))
        if not new:
            raise Rejected(
                "contract.missing",
                f"there is no document at {shown(', '.join(self.documents))}",
                "commit the contract, or bind where it is",
            )
        old = dict(self._contracts(former.workspace))
        before = {"former_version": clean(former.version), "former_commit": clean(former.commit)}
        measured = {**before, "documents": str(len(new))}
        if not old:
            why = f"release {shown(former.version)} has no such document"
            return _reading(_no_former(why), b"", {**measured, "change": Size.MINOR})
        found = compare(old, new, self.flow)
        path = fill(self.plan, words_of(request)) if gravest(found) is Size.MAJOR else ""
        finding = judge_change(found, steps, _plan(path, request.workspace, former.workspace), path)
        counts = {str(size): str(sum(one.size is size for one in found)) for size in (Size.MINOR, Size.MAJOR)}
        return _reading(finding, listing(found, steps), {**measured, **counts, "change": gravest(found)})

    def _contracts(self, workspace: Path) -> Iterator[tuple[str, Contract]]:
        names = sorted({name for pattern in self.documents for name in _named(workspace, pattern)})
        if len(names) > MOST_DOCUMENTS:
            raise Rejected(
                "contract.too_many",
                f"there are {len(names)} documents; at most {MOST_DOCUMENTS} are compared",
                "bind fewer of them, or bundle them",
            )
        for name in names:
            content = _read(workspace, name)
            if content is not None:
                yield name, read_contract(name, content, self.kind)


@dataclass(frozen=True, slots=True)
class VersionCheck:
    """Whether the release carries a semantic version, greater than that of the release it follows."""

    @property
    def deduplication(self) -> Deduplication:
        return Deduplication.OBSERVED

    def start(self, request: CheckRequest, key: EffectKey) -> None:
        """Nothing to begin: `observe` looks."""

    def observe(self, request: CheckRequest, key: EffectKey) -> CheckProgress:
        match request.former:
            case NoFormer(why):
                finding = Finding(
                    "semver.no_former",
                    "",
                    Verdict.INCONCLUSIVE,
                    f"nothing to compare with: {why}",
                    "adopt what runs, then release what follows it",
                )
                return _reading(finding, b"", {"version": clean(request.version)})
            case Former(version):
                steps = Steps(version, request.version)
                measured = {"version": clean(request.version), "former_version": clean(version)}
                judged = judge_version(steps)
                said = {"change": said_change(steps)} if judged.verdict is Verdict.PASS else {}
                return _reading(judged, b"", {**measured, **said})

    def cancel(self, key: EffectKey) -> None:
        """Nothing runs between calls."""


def _no_former(why: str) -> Finding:
    return Finding(
        "contract.no_former",
        "",
        Verdict.INCONCLUSIVE,
        f"nothing to compare with: {why}",
        "adopt what runs; for the first release that has a contract, waive it",
    )


def _reading(finding: Finding, report: bytes, measured: dict[str, str]) -> Reading:
    line = told(finding)
    media_type = "application/json" if report else "text/plain"
    return Reading(
        finding.verdict, line, report or line.encode(), media_type, Uncounted(), {**measured, "code": finding.code}
    )


def _named(workspace: Path, pattern: str) -> Iterator[str]:
    if not any(letter in pattern for letter in _WILD):
        yield pattern
        return
    for path in workspace.glob(pattern):
        yield path.relative_to(workspace).as_posix()


def _read(workspace: Path, name: str) -> bytes | None:
    """The file's content; None when there is none. Raises `Rejected` for one that is no plain file, or too big."""
    try:
        descriptor = linux.open_inside(str(workspace), name)
    except FileNotFoundError:
        return None
    except (linux.NotInside, OSError) as fault:
        raise Rejected(
            "contract.unreadable", f"{shown(name)} cannot be read: {fault}", "commit it as a plain file"
        ) from fault
    with os.fdopen(descriptor, "rb") as file:
        if os.fstat(descriptor).st_size > MOST_BYTES:
            raise Rejected(
                "contract.too_big",
                f"{shown(name)} has more than {MOST_BYTES} bytes",
                "split the contract into several documents",
            )
        return file.read()


def _plan(path: str, workspace: Path, former: Path) -> Plan:
    if not path:
        return Plan.MISSING
    content = _read(workspace, path)
    if content is None:
        return Plan.MISSING
    if not content.strip():
        return Plan.EMPTY
    return Plan.OLD if content == _read(former, path) else Plan.WRITTEN
