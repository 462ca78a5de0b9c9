# SPDX-License-Identifier: Apache-2.0
"""Items that have no verb: what the noun is, says what is asked. `Release mail to customers` is a message.

Commands stand here too: an item that is one is done, or looks at something where the command does.
"""

import re
from typing import Final

from interlock.packs.reading.lexicon import MODAL, SIGNED, THIRD, THIRD_PERSON
from interlock.packs.reading.passages import Form
from interlock.packs.reading.saying import Saying
from interlock.packs.reading.seeking import sought
from interlock.packs.reading.verbs import is_attested_above

_END_OF_HEAD: Final = sought(
    r"[(:;,\u2013—>]|\s-\s|\b(?:of|to|in|for|on|with|from|by|at|about|after|before|between|against|per|that|which"
    r"|is|are"
    r"|has|have|if|when|until|during|without|under|over|than|via|through|as|and|or)\b"
)
_MAIL: Final = sought(
    r"\b(?:e?-?mails?|announcements?|messages?|posts?|newsletters?|notices?|warnings?|banners?|tweets?|toots?"
    r"|shout-?outs?|heads?-?up"
    r"|notifications?|press release|communication|status page(?: entry| update)?)$"
)
_WRITING: Final = sought(
    r"\b(?:notes?|tickets?|records?|reports?|(?<!\d )minutes|protocols?|timeline|summary|write-?up|post-?mortem"
    r"|retro(?:spective)?"
    r"|logs?|logbook|documents?|rationale|assessment|evidence|entry|change ?log|advisory|statement|description"
    r"|screenshots?"
    r"|lessons learned|action items?|plan|texts?|wording|photos?|recording)$"
)
_TEST: Final = sought(
    r"\b(?:tests?|testing|checks?|scans?|drills?|suites?|audits?|regression|verification|validation|benchmarks?"
    r"|builds?|coverage|checksums?|signatures?)$"
)
_SIGNATURE: Final = re.compile(r"^(?:\w+ )?signatures?\b")
"""`Signature on the sheet (store manager)`: of somebody, and not of a file."""
_COMMAND: Final = re.compile(
    r"^(?:\$ |git |npm |npx |yarn |pnpm |make (?!sure|it\b|a\b|an\b|the\b|all\b|your\b|our\b)|cargo "
    r"|docker(?:-compose)? |kubectl |helm |terraform |python3? |pip |twine "
    r"|gh |curl |wget |ssh |scp |rsync |mvn |\./?gradlew? |gradle |fab |go (?:build|test|mod|vet|run) "
    r"|poetry |uv |nox\b"
    r"|tox\b|hatch "
    r"|bundle (?:exec|install) |gem |rake |mix |dotnet |ansible(?:-\w+)? |sudo |bash |sh |\./\S+|bin/\S+"
    r"|scripts?/\S+|[a-z]+ctl |rel?ctl |aws "
    r"|gcloud |az |flyctl |heroku |fastlane |bazel |nix |lerna |changeset )"
)
_LOOKS: Final = sought(
    r"\b(?:tests?|lint|check|--check|--dry-run|dry-?run|audit|verify|validate|vet|diff|status|fmt|clippy|plan"
    r"|smoke|nox|tox"
    r"|pytest|typecheck|mypy)\b"
)
_LOOKS_OK: Final = sought(
    r"\b(?:under|below|above|prints|says|shows|returns|empty)\b|[<>=≤≥] ?\d|^(?:curl|wget)\b.*\b(?:ok|200"
    r"|health\w*|returns|answers|expect)\b"
)
_VERB: Final = sought(
    r"\b(?:is|are|was|were|has|have|be|been|not|\w{3,}ed|done|made|taken|held|written|sent|set|up to date|in place"
    r"|ready)\b"
)
_IF: Final = re.compile(r"[,(]? *\b(?:if|when|unless|where|for)\b.*$")
_CLOCK: Final = re.compile(r"^\d{1,2}[:.]\d\d")
_NO_VERB: Final = 12
"""An item with more words than that says more than a noun."""
_FINITE: Final = THIRD_PERSON | MODAL


def head_of(one: Saying) -> str:
    """The noun that an item without a verb turns on, with what stands before it; empty: it has a verb."""
    if not one.is_listed() or one.main.opener or one.words.opener:
        return ""
    if len(one.words.all) > _NO_VERB or _VERB.search(_IF.sub("", one.words.low)) or one.words.has(_FINITE):
        return ""
    if one.own and one.words.has(THIRD):
        return ""
    text = one.main.low if _CLOCK.match(one.label) else one.words.low
    found = _END_OF_HEAD.search(text)
    return (text[: found.start()] if found else text).rstrip(" .")


def is_mail(one: Saying) -> bool:
    return bool(_MAIL.search(head_of(one)))


def is_writing(one: Saying) -> bool:
    return not is_attested_above(one) and bool(_WRITING.search(head_of(one)))


def is_test(one: Saying) -> bool:
    return one.passage.form is not Form.ROW and (_is_labelled_test(one) or _is_test(one, head_of(one)))


def _is_labelled_test(one: Saying) -> bool:
    return bool(one.label) and bool(_TEST.search(one.label.lower())) and not one.own and not one.words.has(SIGNED)


def _is_test(one: Saying, head: str) -> bool:
    return bool(_TEST.search(head)) and not (one.own and _SIGNATURE.match(one.words.low))


def is_command(one: Saying) -> bool:
    """Whether an item begins with a command of a shell."""
    return one.is_listed() and bool(_COMMAND.match(one.words.low))


def is_looking_command(one: Saying) -> bool:
    return is_command(one) and bool(_LOOKS_OK.search(one.words.low) or _LOOKS.search(one.words.low))
