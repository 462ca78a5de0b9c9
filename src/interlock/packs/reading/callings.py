# SPDX-License-Identifier: Apache-2.0
"""The words that names of roles are made of: what people are called, their departments, and what stands before them."""

from typing import Final

HEADS: Final = (
    "manager lead leader engineer developer reviewer tester officer captain shepherd director "
    "coordinator commander operator "
    "deployer approver collaborator assignee architect administrator admin analyst maintainer author dba sre "
    "cto ceo cio ciso cso coo cfo cpo dpo "
    "representative champion steward counsel auditor supervisor chief president controller on-call oncall master "
    "conductor sheriff board committee council cab physician pharmacist nurse writer specialist technician "
    "custodian principal partner editor liaison rep scribe responder submitter requester requestor "
    "implementer implementor designer pm po em tpm inspector consultant trainer dispatcher curator librarian archivist "
    "accountant clerk moderator organiser organizer treasurer gatekeeper verifier buddy adviser advisor deputy "
    "delegate facilitator committer contributor employee releaser "
    "verantwortliche verantwortlicher beauftragter beauftragte leiter leiterin responsable"
).split()
WEAK: Final = (
    "guild",
    "crew",
    "squad",
    "driver",
    "watcher",
    "agent",
    "owner",
    "head",
    "team",
    "desk",
    "holder",
    "expert",
    "checker",
    "triager",
    "member",
    "contact",
    "user",
    "group",
    "wg",
    "shadow",
)
"""People only with something before them: a service owner, the operations team."""
LOUD: Final = tuple(one.upper() for one in (*HEADS, *WEAK) if len(one) >= len("owner"))
"""Written so, each of them is somebody by itself."""
DEPARTMENTS: Final = (
    "player-support customer-support user-support technical-support ad-operations field-operations it-operations "
    "content-security internal-audit information-security operational-risk hosting-provider service-provider "
    "test-centre test-center noc soc quality "
    "logistics facilities purchasing catering dispatch communications "
    "call-centre call-center bi qa security product legal compliance support ops operations devops "
    "marketing engineering "
    "finance data platform infrastructure infra hr privacy leadership development dev stakeholders business design "
    "testing management helpdesk hotline brand editorial sales procurement accounting treasury vendor supplier agency "
    "contractor integrator manufacturer customer-success release-engineering".split()
)
MODIFIER: Final = (
    r"(?:first(?= responder)|release|qa|quality|test|testing|product|project|program|programme|security|engineering"
    r"|tech"
    r"|technical|team|on-call|on call|duty|incident|change"
    r"|service|module|code|component|data|platform|ops|operations|support|build|deploy|deployment"
    r"|department|business|system|systems|database"
    r"|safety|medical|legal|compliance|privacy|risk|infrastructure|infra|network|customer|client"
    r"|marketing|analytics|mobile|backend"
    r"|back-end|frontend|front-end|lead|senior|chief|primary|backup|store|stakeholder|communications?"
    r"|comms|configuration|config|site|reliability"
    r"|devops|it|information|protection|advisory|executive|managing|general|vice|feature|squad|domain"
    r"|area|account|success|application|app"
    r"|process|documentation|docs|content|delivery|scrum|content|financial|clinical|regulatory"
    r"|production|plant|shift|fleet|field|api|cloud"
    r"|key|regional|branch|district|global|national|associate|acting|performance|patch|pmc|hr|vendor|basis|noc"
    r"|soc|line|floor|ward|station|crew|review|architecture|steering"
    r"|governance|accessibility|localization|localisation|model|ml"
    r"|research|package|repository|repo|core|duty|rollback|deputy|head|export|night|desk|validation"
    r"|technology|responsible|qualified|lab|laboratory|tooling|web|ios|android|community|content"
    r"|economy|live|game|studio|rollout|launch|growth|sales|partner|vendor|escalation|post-mortem"
    r"|postmortem|monitoring|observability|cyber|appsec|trust|brand|editorial|people|finance|payments?"
    r"|billing|identity|search|hardware|firmware|embedded|manufacturing|training)"
)
SELDOM: Final = tuple(
    "planner producer secretary chair scientist ops operations council office unit department division "
    "section bureau official".split()
)
"""What ends the name of a role where it is written large, and is any word elsewhere."""
