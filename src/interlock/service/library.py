# SPDX-License-Identifier: Apache-2.0
"""From recorded governance to rules: pack and bindings out of the ledger's blobs, loaded once per digest.

1. The governance digest covers the pack, the bindings (roles among them) and every governed file.
2. What judges is what the ledger holds under the digest, never a file on disk.
3. Parts that are missing or no longer load are `Undecodable`; no rule is guessed in their place.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import lru_cache
from typing import Final

from interlock.domain.change import Change
from interlock.domain.evidence import EvidenceBook
from interlock.domain.gate import Situation
from interlock.domain.governance import NO_GOVERNANCE, GovernanceRef, GovernedFile, overdue_reviews
from interlock.domain.ids import EVERYWHERE, Digest, RequirementId, digest_of
from interlock.domain.procedure import Governance, Looks, Procedure, Route
from interlock.domain.release import Release
from interlock.domain.requirement import UNCONDITIONAL, Held
from interlock.domain.strategy import Habit, Split
from interlock.ledger.codec import Undecodable
from interlock.packs.bindings import Bindings
from interlock.packs.conditions import Condition, NotHeld, Outcome, compile_condition
from interlock.packs.conditions import Held as ItHolds
from interlock.packs.load import Pack, load_pack
from interlock.packs.matching import bind
from interlock.packs.model import PackPhase
from interlock.packs.problem import Place, Problem, Problems, problems_of
from interlock.packs.requirements import VARIABLES
from interlock.packs.routing import NoiseSpec, RouteSpec
from interlock.ports.store import Missing
from interlock.service.view import View

_CHANGE: Final = "change"
"""Under which name a check measures how much of a change a release is."""
_Told = str | list[str] | dict[str, str]
_Hashable = str | tuple[str | tuple[str, str], ...]
_REMEMBERED: Final = 4096
"""Of how many conditions it is remembered what they came to."""


@dataclass(frozen=True, slots=True)
class Rules:
    """One governance, loaded: what is asked, and how it is done for the service."""

    governance: Governance
    bindings: Bindings


def governance_ref(pack: bytes, bindings: bytes, files: Iterable[GovernedFile]) -> GovernanceRef:
    """The reference of a governance made of these parts."""
    ordered = tuple(sorted(files, key=lambda file: file.path))
    bare = GovernanceRef(NO_GOVERNANCE, digest_of(pack), digest_of(bindings), ordered)
    return replace(bare, digest=digest_of_parts(bare))


def digest_of_parts(ref: GovernanceRef) -> Digest:
    """The digest that a governance made of the parts it names must have."""
    parts = [f"pack={ref.pack}", f"bindings={ref.bindings}", *(f"file={file.digest}={file.path}" for file in ref.files)]
    return digest_of("\n".join(parts).encode())


@lru_cache(maxsize=32)
def load_rules(ref: GovernanceRef, pack: bytes, bindings: bytes) -> Rules | Problems:
    """The rules in these parts, or what is wrong with them. The same bytes are parsed once: they decide it alone."""
    loaded = load_pack("pack", pack)
    if isinstance(loaded, Problems):
        return loaded
    if loaded.phase is not PackPhase.ACTIVE:
        return _not_active(pack, loaded)
    bound = bind("interlock.yaml", bindings, loaded.procedure)
    if isinstance(bound, Problems):
        return bound
    return Rules(_governance(ref.digest, loaded, bound), bound)


def _not_active(pack: bytes, loaded: Pack) -> Problems:
    lines = tuple(pack.decode().splitlines())
    line = next((number for number, text in enumerate(lines, 1) if text.startswith("status:")), 1)
    sentence = f"the pack is {loaded.phase}, and only an active pack governs"
    problem = Problem(Place(line, 1), "status", "pack.not_active", sentence, "write status: active once it is agreed")
    return problems_of("pack", lines, (problem,))


def _route(route: RouteSpec, noise: NoiseSpec | None) -> Route:
    return Route(route.ttl, Split.USERS if route.sticky else Split.REQUESTS, _habit(noise) if noise else Habit())


def _habit(noise: NoiseSpec) -> Habit:
    times = (
        noise.warm_up_of_times,
        noise.spread_of_times,
        noise.dispersion_of_times or 0.0,
        noise.wander_of_times or 0.0,
    )
    told = noise.spread, noise.dispersion, noise.warm_up, *times
    return Habit(*(round(100 * one) for one in told))


def _governance(digest: Digest, pack: Pack, bindings: Bindings) -> Governance:
    routes = {name: _route(place.route, place.noise) for name, place in bindings.environments.items() if place.route}
    held = dict(bindings.roles)
    owners = {name: area.owners for name, area in bindings.areas.items()}
    branch = bindings.records.branch if bindings.records else ""
    looks = Looks(bindings.deliver.every, places={name: one.compare for name, one in bindings.environments.items()})
    return Governance(
        digest,
        bindings.service,
        pack.procedure,
        held,
        bindings.solo,
        pack.evidence,
        routes,
        owners,
        branch,
        looks,
        dict(bindings.brought(EVERYWHERE, *bindings.environments)),
        bindings.posts,
    )


@dataclass(slots=True)
class PackLibrary:
    """Loads governances from the ledger's blobs and remembers them: a digest never changes its meaning."""

    loaded: dict[Digest, Rules] = field(default_factory=dict)
    compiled: dict[str, Condition | Problem] = field(default_factory=dict)
    held: dict[tuple[str, tuple[_Hashable, ...]], Held] = field(default_factory=dict)
    """What conditions came to over these facts: they are asked again and again, and nothing else decides them."""

    def rules(self, view: View, ref: GovernanceRef) -> Rules:
        """The rules of a recorded governance. Raises `Undecodable`."""
        if ref.digest not in self.loaded:
            rules = load_rules(ref, _blob(view, ref.pack), _blob(view, ref.bindings))
            if isinstance(rules, Problems):
                raise Undecodable(f"governance {ref.digest} does not load: {rules.found[0].sentence}")
            self.loaded[ref.digest] = rules
        return self.loaded[ref.digest]

    def governance(self, view: View, ref: GovernanceRef) -> Governance:
        """What is asked under a recorded governance. Raises `Undecodable`."""
        return self.rules(view, ref).governance

    def fault(self, view: View, ref: GovernanceRef) -> str:
        """Why these parts can be no governance. What was loaded before does not count: the parts must be kept now."""
        try:
            pack, bindings = _blob(view, ref.pack), _blob(view, ref.bindings)
        except Undecodable as fault:
            return str(fault)
        if governance_ref(pack, bindings, ref.files) != ref:
            return "its digest is not that of its parts"
        rules = load_rules(ref, pack, bindings)
        return rules.found[0].sentence if isinstance(rules, Problems) else ""

    def conditions(self, situation: Situation, now: datetime) -> Mapping[RequirementId, Held]:
        """What the condition of every conditional requirement before the environment comes to now."""
        about = _facts(situation.release, situation.change)
        overdue = [str(change) for change in overdue_reviews(situation.service, now)]
        more: dict[str, _Told] = {
            "changes": _changes(situation.evidence),
            "overdue": overdue,
            "incidents": list(situation.incidents),
        }
        facts = {**about, "environment": situation.environment.name, **more}
        return {
            requirement.id: self._held(requirement.condition, facts)
            for requirement in situation.requirements()
            if requirement.condition != UNCONDITIONAL
        }

    def admits(self, release: Release, change: Change, procedure: Procedure) -> Mapping[str, Held]:
        """What the condition of every conditional path comes to for this release; none speaks of an environment."""
        facts = {**_facts(release, change), "environment": "", "changes": {}, "overdue": [], "incidents": []}
        return {
            path.name: self._held(path.condition, facts) for path in procedure.paths if path.condition != UNCONDITIONAL
        }

    def _held(self, text: str, facts: Mapping[str, _Told]) -> Held:
        if text not in self.compiled:
            self.compiled[text] = compile_condition(text, VARIABLES)
        condition = self.compiled[text]
        if isinstance(condition, Problem):
            return Held.BROKEN
        known = (text, tuple(_hashable(fact) for fact in facts.values()))
        if known not in self.held:
            if len(self.held) >= _REMEMBERED:
                self.held.clear()
            self.held[known] = _meaning(condition.evaluate(dict(facts)))
        return self.held[known]


def _meaning(outcome: Outcome) -> Held:
    if isinstance(outcome, ItHolds):
        return Held.YES
    return Held.NO if isinstance(outcome, NotHeld) else Held.BROKEN


def _hashable(fact: _Told) -> _Hashable:
    match fact:
        case str():
            return fact
        case dict():
            return tuple(sorted(fact.items()))
        case _:
            return tuple(fact)


def _changes(evidence: EvidenceBook) -> dict[str, str]:
    """How much of a change every check of the release last found it to be; a series with a gap says nothing."""
    known = {
        str(check): dict(series.newest.measured).get(_CHANGE, "")
        for (check, environment), series in evidence.series.items()
        if environment == EVERYWHERE and not series.gap
    }
    return {check: found for check, found in known.items() if found}


def _facts(release: Release, change: Change) -> dict[str, _Told]:
    """What a condition may speak of, whatever the environment."""
    return {
        "change_kind": change.kind.value,
        "service": release.service,
        "version": release.version,
        "components": [str(artifact.component) for artifact in release.artifacts],
        "areas": list(release.areas),
        "labels": [str(label) for label in change.labels],
    }


def _blob(view: View, digest: Digest) -> bytes:
    content = view.ledger.blob(digest)
    if isinstance(content, Missing) or digest_of(content) != digest:
        raise Undecodable(f"blob {digest} is missing from the ledger, or damaged")
    return content
