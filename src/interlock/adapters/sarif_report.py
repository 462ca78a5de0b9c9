# SPDX-License-Identifier: Apache-2.0
"""SARIF 2.1.0 reports, read for what they prove.

1. A report is clear only when every run says that it ran well (`executionSuccessful`) and lists its results, and none
   of them counts. No run, no invocation, no results, or an error while it ran: nothing was proven.
2. A finding counts from the bound level on, or from the bound security severity of its rule on, whichever is met.
3. A finding is suppressed only when every suppression beside it says `accepted`: one that says nothing was made by
   whoever wrote the code. What is absent since the baseline is no finding.
4. A result that nobody has decided yet (`open`, `review`) is no finding, and the report is not clear either.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from msgspec import UNSET

from interlock.adapters.sarif_format import (
    Component,
    Invocation,
    LevelWord,
    Notification,
    Physical,
    Report,
    Result,
    Rule,
    RuleReference,
    Run,
)
from interlock.domain.verdict import Finding, Verdict
from interlock.packs.examining import Findings, Level, Severity
from interlock.packs.problem import clean, shown
from interlock.ports.failure import Rejected

FLOORS: Final[Mapping[Severity, float]] = {
    Severity.LOW: 0.1,
    Severity.MEDIUM: 4.0,
    Severity.HIGH: 7.0,
    Severity.CRITICAL: 9.0,
}
"""Where each band of `security-severity` begins."""
_RANKS: Final[Mapping[str, int]] = {"none": 0, Level.NOTE: 1, Level.WARNING: 2, Level.ERROR: 3}
_UNDECIDED: Final = frozenset({"open", "review"})
_MOST_SEVERE: Final = 10.0
_NAMED: Final = 3
"""How many findings a sentence names."""
_SHORTEST_COMMIT: Final = 7
_MOST_STEPS: Final = 8
_MOST_LETTERS: Final = 40


@dataclass(frozen=True, slots=True)
class Bar:
    """What counts, and whose report it must be. `tool` and `commit` are empty where nothing is asked or known."""

    level: Level = Level.NOTE
    severity: Severity = Severity.LOW
    tool: str = ""
    commit: str = ""


@dataclass(frozen=True, slots=True)
class Found:
    """One finding that counts."""

    rule: str
    level: str
    file: str
    line: int

    def __str__(self) -> str:
        return f"{_short(self.rule or 'a finding')} in {_short(self.file or 'no file')}:{self.line}"


@dataclass(frozen=True, slots=True)
class Scan:
    """What a report says. `doubt` is why it proves nothing, of verdict PASS when it does."""

    found: tuple[Found, ...]
    below: int
    suppressed: int
    results: int
    tools: tuple[str, ...]
    runs: int
    doubt: Finding

    @property
    def measured(self) -> Mapping[str, str]:
        """The numbers, as a reading carries them."""
        return {
            "found": str(len(self.found)),
            "below": str(self.below),
            "suppressed": str(self.suppressed),
            "results": str(self.results),
            "runs": str(self.runs),
            "tools": clean(", ".join(_short(tool) for tool in self.tools[:5])),
        }


def scan(report: Report, bar: Bar) -> Scan:
    """What the report says, held against the bar. Raises `Rejected` for one that contradicts itself."""
    found: list[Found] = []
    below = suppressed = 0
    results = [(rules, result) for rules in map(_catalogue, report.runs) for result in rules.run.results or ()]
    for rules, result in results:
        if result.baseline_state == "absent":
            continue
        rule = rules.rule(result)
        level = rules.level(result, rule)
        if _RANKS[level] < _RANKS[bar.level] and _severity(rule) < FLOORS[bar.severity]:
            below += 1
        elif _is_suppressed(result):
            suppressed += 1
        elif result.kind == "fail" or level != "none":
            found.append(Found(rule_id(result) or rule.id, level, *place_of(result)))
    tools = tuple(dict.fromkeys(run.tool.driver.name for run in report.runs))
    return Scan(tuple(found), below, suppressed, len(results), tools, len(report.runs), _doubt(report, bar))


def judge(scan: Scan, bar: Bar, findings: Findings = Findings.FORBIDDEN) -> Finding:
    """The verdict: FAIL for forbidden findings, else what keeps the report from proving anything, else PASS."""
    named = ", ".join(str(one) for one in scan.found[:_NAMED])
    above = f"{len(scan.found)} at or above {bar.level} or of {bar.severity} severity"
    if scan.found and findings is Findings.FORBIDDEN:
        return Finding("sarif.found", "", Verdict.FAIL, f"{above}: {named}", "mend what was found, then release again")
    if scan.doubt.verdict is not Verdict.PASS:
        return scan.doubt
    beside = f"{scan.below} below, {scan.suppressed} suppressed"
    if scan.found:
        return Finding("sarif.counted", "", Verdict.PASS, f"{above}, {beside}: {named}")
    return Finding("sarif.clear", "", Verdict.PASS, f"nothing at or above {bar.level} was found; {beside}")


def _doubt(report: Report, bar: Bar) -> Finding:
    """The first thing that keeps the report from proving anything."""
    if not report.runs:
        return Finding("sarif.no_run", "", Verdict.INCONCLUSIVE, "the report holds no run", "have the tool scan")
    for doubt in (*(_foreign(run, bar) for run in report.runs), *(_unproven(run) for run in report.runs)):
        if doubt.verdict is not Verdict.PASS:
            return doubt
    return _SOUND


_SOUND: Final = Finding("sarif.clear", "", Verdict.PASS, "every run ended well")


def _foreign(run: Run, bar: Bar) -> Finding:
    """Whether the run is of another tool or another commit than it should be."""
    name = run.tool.driver.name
    if bar.tool and name != bar.tool:
        return Finding(
            "sarif.other_tool",
            "",
            Verdict.ERROR,
            f"the report is by {shown(name)}, and one by {shown(bar.tool)} is asked for",
            "bind the scanner whose report is asked for",
        )
    for one in run.version_control_provenance:
        if bar.commit and _is_other(one.revision_id, bar.commit):
            return Finding(
                "sarif.other_commit",
                "",
                Verdict.ERROR,
                f"the report is about commit {shown(one.revision_id[:12])}, not {bar.commit[:12]}",
                "scan the source of this release",
            )
    return _SOUND


def _is_other(revision: str, commit: str) -> bool:
    return bool(revision) and (len(revision) < _SHORTEST_COMMIT or not commit.startswith(revision.lower()))


def _unproven(run: Run) -> Finding:
    if run.results is None or run.external_property_file_references is not UNSET:
        return Finding(
            "sarif.no_results",
            "",
            Verdict.INCONCLUSIVE,
            "a run does not list its results in the report itself",
            "have the tool write them into it",
        )
    if not run.invocations:
        return Finding(
            "sarif.not_invoked",
            "",
            Verdict.INCONCLUSIVE,
            "a run does not say that the tool ran well (it has no invocation)",
            "use a tool whose SARIF says how it ended",
        )
    if not all(one.execution_successful for one in run.invocations):
        return Finding(
            "sarif.unsuccessful",
            "",
            Verdict.ERROR,
            "the tool says that it did not run well",
            "look at what the tool says, mend it",
        )
    told = [note for one in run.invocations for note in _notes(one)]
    if errors := sum(note.level == "error" for note in told):
        return Finding(
            "sarif.partial",
            "",
            Verdict.INCONCLUSIVE,
            f"the tool tells of {errors} errors while it ran, so it has not seen everything",
            "look at its notifications, mend them",
        )
    if undecided := sum(result.kind in _UNDECIDED for result in run.results):
        return Finding(
            "sarif.undecided",
            "",
            Verdict.INCONCLUSIVE,
            f"{undecided} results are still open or to be reviewed",
            "have somebody decide them in the tool",
        )
    return _SOUND


def _notes(invocation: Invocation) -> Iterable[Notification]:
    return (*invocation.tool_execution_notifications, *invocation.tool_configuration_notifications)


def _is_suppressed(result: Result) -> bool:
    return bool(result.suppressions) and all(one.status == "accepted" for one in result.suppressions or ())


@dataclass(frozen=True, slots=True)
class _Catalogue:
    """The rules of one run, by place and by id, and how the run was configured to rank them."""

    run: Run
    by_id: Mapping[str, Rule]
    levels_by_id: Mapping[str, LevelWord]
    levels_by_place: Mapping[int, LevelWord]

    def rule(self, result: Result) -> Rule:
        """The rule of a result; one that is described nowhere says nothing but its id."""
        at = result.rule_index if result.rule_index >= 0 else result.rule.index
        name = rule_id(result)
        if at < 0:
            return next((self.by_id[one] for one in _names(name) if one in self.by_id), Rule(name))
        rules = self._component(result.rule).rules
        if at >= len(rules):
            raise Rejected("sarif.malformed", f"a result is of rule number {at}, and there is none", "mend the tool")
        return rules[at]

    def level(self, result: Result, rule: Rule) -> LevelWord:
        """As the result says; else the worst of what its rule and the run's configuration say; else a warning."""
        if result.level is not UNSET:
            return result.level
        if result.kind != "fail":
            return "none"
        names = _names(rule_id(result) or rule.id)
        said = (
            rule.default_configuration.level,
            self.levels_by_place.get(result.rule_index, UNSET),
            *(self.levels_by_id.get(name, UNSET) for name in names),
        )
        return max((level for level in said if level is not UNSET), key=_RANKS.__getitem__, default="warning")

    def _component(self, reference: RuleReference) -> Component:
        named = reference.tool_component
        extensions = self.run.tool.extensions
        if named.index >= len(extensions):
            raise Rejected("sarif.malformed", "a result is of an extension that is not there", "mend the tool")
        return extensions[named.index] if named.index >= 0 else self.run.tool.driver


def _catalogue(run: Run) -> _Catalogue:
    by_id: dict[str, Rule] = {}
    for component in (run.tool.driver, *run.tool.extensions):
        for rule in component.rules:
            by_id.setdefault(rule.id, rule)
    by_name: dict[str, LevelWord] = {}
    by_place: dict[int, LevelWord] = {}
    for change in (change for invocation in run.invocations for change in invocation.reconfigured):
        level = change.configuration.level
        if level is not UNSET:
            by_name[change.descriptor.id] = _worse(level, by_name.get(change.descriptor.id, "none"))
            by_place[change.descriptor.index] = _worse(level, by_place.get(change.descriptor.index, "none"))
    return _Catalogue(
        run,
        by_id,
        {name: level for name, level in by_name.items() if name},
        {place: level for place, level in by_place.items() if place >= 0},
    )


def _worse(one: LevelWord, other: LevelWord) -> LevelWord:
    return max(one, other, key=_RANKS.__getitem__)


def rule_id(result: Result) -> str:
    """By which name a result calls its rule; empty when by none."""
    return result.rule_id or result.rule.id


def _names(name: str) -> tuple[str, ...]:
    """A result may name a rule more closely than the rule names itself: `CA1/inner` is of `CA1`."""
    steps = name.split("/", _MOST_STEPS)
    return tuple("/".join(steps[:count]) for count in range(len(steps), 0, -1))


def _severity(rule: Rule) -> float:
    """Of 0 to 10; 0 for a rule that says nothing."""
    said = rule.properties.security_severity
    try:
        number = float(said or 0)
    except ValueError:
        number = -1
    if not 0 <= number <= _MOST_SEVERE:
        raise Rejected(
            "sarif.malformed",
            f"the security severity of rule {shown(rule.id)} is {shown(str(said))}, not 0 to 10",
            "mend the tool",
        )
    return number


def place_of(result: Result) -> tuple[str, int]:
    """File and line of a result; an empty file when it names none."""
    place = result.locations[0].physical_location if result.locations else Physical()
    return place.artifact_location.uri, place.region.start_line


def _short(text: str) -> str:
    """A name from the report fit for a sentence that names several."""
    return clean(text if len(text) <= _MOST_LETTERS else f"{text[: _MOST_LETTERS // 2]}…{text[-_MOST_LETTERS // 2 :]}")
