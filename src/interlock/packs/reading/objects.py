# SPDX-License-Identifier: Apache-2.0
"""Things that release procedures ask about and a machine can look at, and the check that usually does.

The nearest thing in the table wins, so the telling ones stand first. What stands in none of them has no suggestion: a
person binds it, or attests it.
"""

from functools import lru_cache
from typing import Final

from interlock.packs.reading.seeking import sought

_TABLE: Final = (
    (
        "rollback-drill",
        (
            r"roll-?back (?:procedure|plan|script|drill|test)\w*.*(?:test|rehears|validat|practi|dry)|(?:test"
            r"|rehears|practi|dry-run)\w*.*(?:roll-?back|back-?out)|rollback test|restore test"
        ),
    ),
    (
        "open-defects",
        (
            r"\b(?:bugs?|defects?|issues?|blockers?|p0|p1|sev-?1|sev-?2|show-?stoppers?|regressions?)\b.*\b"
            r"(?:open|outstanding|remain\w*|unresolved|known|left|pending)\b|\b(?:no|zero|unresolved|open"
            r"|outstanding|known|without)\b.*\b(?:bugs?|defects?|issues?|blockers?|p0|p1|regressions"
            r"|show-?stoppers?|incidents?)\b"
        ),
    ),
    ("secret-scan", r"\bsecrets?\b|\bcredentials?\b|gitleaks|\bkeys? (?:committed|leaked)"),
    ("dependency-scan", r"\b(?:dependenc\w+|npm audit|sca|cves?|licen[cs]es?|sbom)\b"),
    (
        "security-scan",
        (
            r"\b(?:security (?:and \w+ )?(?:scans?|checks?|tests?)|vulnerabilit\w+|sast|dast|trivy|snyk|pen"
            r"(?:etration)?[ -]?tests?|scans?)\b"
        ),
    ),
    ("coverage", r"\bcoverage\b"),
    ("lint", r"\b(?:lint\w*|static analysis|type ?-?checks?|formatt\w+|warnings)\b"),
    (
        "performance",
        (
            r"\b(?:performance|load|stress|benchmark\w*|capacity)\b.*\b(?:tests?|testing|run|results?"
            r"|regress\w*|within|baseline|target\w*|pass\w*|ok|accept\w*)\b|\bbenchmarks?\b|\bload tests?\b"
        ),
    ),
    ("accessibility", r"\b(?:accessibility|a11y|wcag)\b"),
    (
        "smoke",
        (
            r"\b(?:smoke|sanity|acceptance tests?|golden path|health ?-?checks? suite|post-?deploy(?:ment)? "
            r"(?:verif|test|check|valid)\w*|critical (?:flows?|paths?|journeys?)|key (?:flows?|journeys?)"
            r"|core (?:workflows?|flows?|functionality|behaviou?r)|customer-facing flows?|user journeys?"
            r"|happy path|log ?in (?:works|with)|login)\b"
        ),
    ),
    ("regression", r"\bregression\b"),
    (
        "end-to-end",
        (
            r"\b(?:end-to-end|e2e|integration|system|contract|api|cross-browser|ui|functional|uat|exploratory"
            r"|manual|device)\b.*\btest\w*\b"
        ),
    ),
    ("migrations", r"\b(?:migrations?|schema)\b"),
    (
        "health",
        (
            r"(?:\bhealth\w*|/healthz?|/status|\bready\b.*\bpods?|\bpods?\b.*\b(?:ready|running)|\breadiness\b"
            r"|\bliveness\b|\bresponds?\b|\b200\b|\bup and running\b)"
        ),
    ),
    (
        "error-rate",
        (
            r"\b(?:error[ -](?:rates?|budgets?|spikes?|logs?)|errors?|5xx"
            r"|(?<!no )exceptions(?! (?:require|need|must|may|are (?:granted|made))\b)"
            r"|no exceptions (?=in\b|is|are|were|thrown|occur)|crash\w*|failing requests"
            r"|sentry)\b"
        ),
    ),
    ("latency", r"\b(?:latency|response times?|p9[59]|slow\w*|throughput)\b"),
    (
        "metrics",
        (
            r"\b(?:metrics?|dashboards?|kpis?|slos?|slis?|guardrails?|logs?|traces?|telemetry|prometheus"
            r"|grafana|observability|queue\w*|cpu|memory|traffic)\b"
        ),
    ),
    ("monitoring", r"\b(?:monitor\w*|alert\w*)\b"),
    ("backup", r"\b(?:back-?ups?|snapshots?|dump)\b"),
    ("version", r"\b(?:version(?:s|ing)?|semver|build number)\b"),
    ("tag", r"\b(?:tags?|tagged)\b"),
    ("changelog", r"\b(?:changelog|change log|changes\.\w+|news file)\b"),
    ("documentation", r"\b(?:documentation|docs?|readme|openapi|runbooks?|guides?|handbook)\b"),
    (
        "artifact",
        (
            r"\b(?:artifacts?|artefacts?|images?|checksums?|hash(?:es)?|digests?|binar\w+|packages?"
            r"|certificates?|signed|signature|hsm|sbom|provenance|containers?|tarballs?|wheels?)\b"
        ),
    ),
    (
        "merged",
        (
            r"\b(?:merged|pull requests?|prs?|acceptance criteria|features? (?:complete\w*|merged)|stories"
            r"|branch up.to.date|conflicts?)\b"
        ),
    ),
    (
        "clean-tree",
        (
            r"\b(?:working tree|committed|uncommitted|correct branch|branch|unrelated changes|commits?"
            r"|commit messages?)\b"
        ),
    ),
    ("build", r"\b(?:builds?|compil\w+|bundle)\b"),
    ("ci", r"\b(?:ci|ci/cd|pipelines?|checks?|actions|jenkins|workflows?|jobs?)\b"),
    ("tests", r"\b(?:tests?|testing|tested|suites?|qa)\b"),
    ("flags", r"\b(?:(?:feature )?(?:flags?|toggles?)|debug|kill switch)\b"),
    (
        "configuration",
        (
            r"\b(?:config\w*|environment variables?|env vars?|settings?|dns|ssl|tls|certs?|permissions?|access"
            r"|quota|disk|space)\b"
        ),
    ),
    ("data", r"\b(?:data|rows?|records?|duplicates|null|freshness|consistency|integrity|counts?|backfill)\b"),
)
_WORD: Final = tuple((name, sought(pattern)) for name, pattern in _TABLE)
NONE: Final = ""


@lru_cache(maxsize=4096)
def check_for(low: str) -> str:
    """The check that usually answers this, in small letters; empty: none is known."""
    return next((name for name, pattern in _WORD if pattern.search(low)), NONE)


_SAID_OF_PAPER: Final = "data"
"""What a title names by words such as record, count and row: there they are of paper, and no machine looks at it."""


def check_above(context: str) -> str:
    """The check that a thing's titles suggest, where its own words name none."""
    found = check_for(context)
    return NONE if found == _SAID_OF_PAPER else found
