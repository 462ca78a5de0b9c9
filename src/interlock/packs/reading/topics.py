# SPDX-License-Identifier: Apache-2.0
"""What a part of a procedure is about, by its titles: the nearest title that says so decides.

The order of the table is the order of precedence within one title: `Rollback criteria` is about when to go back before
it is about going back.
"""

from enum import StrEnum
from functools import lru_cache
from typing import Final

from interlock.packs.reading.seeking import sought


class Topic(StrEnum):
    """What a section is about."""

    REFERENCE = "reference"
    BACKGROUND = "background"
    PURPOSE = "purpose"
    SCOPE = "scope"
    ROLES = "roles"
    TYPES = "types"
    TEMPLATE = "template"
    PROHIBITED = "prohibited"
    ADVICE = "advice"
    TRIGGER = "trigger"
    AUTHORITY = "authority"
    EXCEPTION = "exception"
    HANDOFF = "handoff"
    REVIEW = "review"
    ROLLBACK = "rollback"
    AFTER_INCIDENT = "after-incident"
    HOTFIX = "hotfix"
    INCIDENT = "incident"
    APPROVAL = "approval"
    DEADLINE = "deadline"
    TELLING = "telling"
    AFTER = "after"
    LOCAL = "local"
    BEFORE = "before"
    STAGING = "staging"
    PRODUCTION = "production"
    STEPS = "steps"
    TESTING = "testing"
    OTHER = "other"


_TABLE: Final = (
    (
        Topic.TEMPLATE,
        (
            r"\btemplates?\b|\binputs\b|\bfill in\b|\bform to\b|release (?:information|metadata|details)"
            r"|\bmetadata\b"
        ),
    ),
    (
        Topic.REFERENCE,
        (
            r"\b(?:references?|see also|related|(?:useful )?links|further reading|resources|table of contents|toc"
            r"|glossary|definitions"
            r"|(?:words|terms|names) (?:that )?we use|vocabulary"
            r"|jargon|lingo|terminology|abbreviations|acronyms|contacts?|phone|(?:revision|document|change|version"
            r"|release) history"
            r"|history|change ?log of this|tools used|tooling|navigation|index|appendix|document control"
            r"|useful commands)\b|^contents$"
        ),
    ),
    (
        Topic.PROHIBITED,
        (
            r"\b(?:prohibit\w*|forbidden|not allowed|not permitted|never|don'?ts?(?! panic)|do not(?! panic)|must not"
            r"|what not"
            r"|when not to|not to (?:deploy|release)"
            r"|nope|verboten|taboo|off limits|anti-?patterns?|^not$|(?<!go/)(?<!go / )(?<!go or )(?<!go-)no-?gos?)\b"
        ),
    ),
    (
        Topic.ADVICE,
        (
            r"\b(?:nice to have|best practi\w+|suggestions|recommend\w+|good to have|stretch)\b|^optional$"
            r"|\(optional\)"
        ),
    ),
    (
        Topic.BACKGROUND,
        (
            r"\b(?:background|rationale|motivation|introduction|intro|overview|faq|tips|hints|questions"
            r"|philosophy|that went wrong|consequences|why|context"
            r"|^about|^what (?:is|are) (?:an?|the)\b|how to use|how to read|examples?|lessons|conventions used"
            r"|terms|audience|ideas?|wish ?list|backlog|open (?:points|questions)|undecided|some ?day|future work"
            r"|disclaimer|credits)\b"
        ),
    ),
    (
        Topic.TYPES,
        (
            r"\b(?:types?|classification|categor\w+|kinds?|classes|severity levels?|severit\w+|levels"
            r"|when is it)\b"
        ),
    ),
    (
        Topic.TRIGGER,
        (
            r"roll ?-?back.*(?:criteria|trigger|condition|when|if\b)|(?:criteria|trigger|condition|when to"
            r"|reasons?).*(?:roll|rever|back|abort|halt|stop)"
            r"|\b(?:triggers?|abort|stop conditions?|kill criteria|no-go (?:criteria|conditions)|red flags?)\b"
            r"|(?:roll|turn|fall|go)(?:ing)? back (?:if|when|on)|pull the plug"
            r"|\b(?:should|shall|whether|do|when)\b.*(?:roll|revert|go|turn|fall)\w* ?-?(?:it )?back"
        ),
    ),
    (
        Topic.AUTHORITY,
        (
            r"\b(?:authority|who (?:decides|may|can)|decision (?:makers?|rights)|escalation|escalate"
            r"|chain of command)\b"
        ),
    ),
    (Topic.EXCEPTION, r"\b(?:exceptions?|waivers?|deviations?|exemptions?|overrides?)\b"),
    (Topic.HANDOFF, r"\bhand-?(?:off|over)s?\b"),
    (
        Topic.AFTER_INCIDENT,
        (
            r"(?:after|post).{0,8}(?:incident|roll-?back)|post-?mortem|retrospective|lessons learned"
            r"|follow-?up"
        ),
    ),
    (
        Topic.ROLLBACK,
        (
            r"roll(?:ing)?[ -]?back|back(?:ing)?[ -]?out|\brevert|recovery|\brestor|undo|fallback|contingency"
            r"|going back|go back"
        ),
    ),
    (Topic.HOTFIX, r"\b(?:hot-?fix\w*|emergenc\w+|expedited|fast[ -]?(?:fix|track|path)|urgent|patch release)\b"),
    (
        Topic.INCIDENT,
        (
            r"\b(?:incidents?|outage|failures?|fails?|breaks|goes? (?:wrong|bad)|went wrong|something wrong|what if"
            r"|alarms?|problems?"
            r"|troubleshoot\w*|declaring|crisis|oops|trouble|burns?|on fire|hurts?|odd|broken|panic|uh-?oh)\b"
        ),
    ),
    (
        Topic.APPROVAL,
        (
            r"\b(?:approv\w*|sign-?offs?|signoff|authori[sz]\w*|go/no-go|go / no-go|decision|gate ?keepers?"
            r"|change control|advisory board)\b"
        ),
    ),
    (Topic.DEADLINE, r"\b(?:deadlines?|sla|slas|response times?|service levels|time limits?|timing)\b"),
    (
        Topic.AFTER,
        (
            r"\b(?:post-?(?:release|deploy\w*|launch|production|go-live|flight|publish)\w*|after|afterwards"
            r"|wrap(?:ping)?[ -]up|clean-?up|follow-?up|close-?out|closing|verification|validat(?:e|es|ed|ing|ions?)"
            r"|monitoring"
            r"|hypercare|bake|observ\w+)\b"
        ),
    ),
    (Topic.TELLING, r"\b(?:communicat\w*|notif\w*|announc\w*|publici[sz]e|messag\w+|comms|tell\w*|stakeholders?)\b"),
    (
        Topic.REVIEW,
        (
            r"\b(?:code|peer|pull request|pr|design|architecture|technical|merge) (?:review|approval)s?\b"
            r"|^review\b|\bcode review\b"
        ),
    ),
    (
        Topic.ROLES,
        r"\b(?:roles?|responsibilit\w+|raci|owners?|people|crew|cast|hats|who is who|who's who|participants)\b",
    ),
    (Topic.LOCAL, r"\b(?:local|develop(?:ment|er)?|dev|workstation|coding|implementation)\b"),
    (
        Topic.BEFORE,
        (
            r"\b(?:pre-?(?:release|deploy\w*|flight|launch|requisites?|conditions?|merge|review|production"
            r"|submission|work|checks?)|before|checklists?|entry|exit|readiness|ready|prep|prepar\w*|gates?"
            r"|gatekeeping|quality|requirements?|definition of done|prerequisites?|conditions?|acceptance"
            r"|criteria|cut-?off|freeze|branch cut|planning)\b"
        ),
    ),
    (
        Topic.STAGING,
        (
            r"\b(?:staging|stage env\w*|pre-?prod(?:uction)?|uat|qa environment|test environment"
            r"|release candidates?|rc|beta|canary)\b"
        ),
    ),
    (
        Topic.PRODUCTION,
        (
            r"\b(?:prod|production|go[ -]?live|deploy\w*|release day|roll(?:ing)?[ -]?outs?|waves?|install\w*"
            r"|launch|^go$|cut-?over|shipping|ship|publish\w*|live|phased)\b"
        ),
    ),
    (Topic.TESTING, r"\b(?:test\w*|qa|quality assurance|security|compliance|performance)\b"),
    (Topic.SCOPE, r"\b(?:scope|applicab\w+|applies to)\b"),
    (
        Topic.PURPOSE,
        (
            r"\bsense of this\b|\b(?:purpose|objectives?|goals?|summary(?! (?:of steps|time ?line|schedule))|aim"
            r"|mission|vision)\b"
        ),
    ),
    (
        Topic.STEPS,
        (
            r"\b(?:steps?|procedure|process|runbook|playbook|instructions|how to|how we|workflow|releasing"
            r"|releases?|sequence|time ?table|rules?|policy)\b"
        ),
    ),
)
_PATTERNS: Final = tuple((topic, sought(pattern)) for topic, pattern in _TABLE)
QUIET: Final = frozenset({Topic.REFERENCE, Topic.BACKGROUND, Topic.PURPOSE})
"""Sections that explain: what stands there asks for something only where it says so plainly."""


@lru_cache(maxsize=4096)
def topic_of(title: str) -> Topic:
    """What one title says."""
    low = title.lower()
    return next((topic for topic, pattern in _PATTERNS if pattern.search(low)), Topic.OTHER)
