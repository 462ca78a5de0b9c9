# SPDX-License-Identifier: Apache-2.0
"""Sentences whose form says that they tell what is behind a procedure: where it came from, what there is, its price.

Whoever stands in them does not act, so it does not matter whether somebody is named. What binds by any word is no such
sentence. A numbered clause of a policy tells as a sentence of a paragraph does, in fewer forms: `3. The image is
signed` is a step or a gate.
"""

import re
from typing import Final

from interlock.packs.reading.binding import binds
from interlock.packs.reading.habits import STRICT
from interlock.packs.reading.passages import Form, Passage
from interlock.packs.reading.saying import Saying
from interlock.packs.reading.seeking import sought

_WORD: Final = r"[\w./'\u2019&()-]+"
_THING: Final = (
    rf"(?:(?!(?:if|when|once|unless|until|before|after|every|no|nobody|whoever|only"
    rf"|please|which|that|who|then) ){_WORD} ){{1,8}}?"
)
_SOME: Final = (
    r"(?:about|around|roughly|nearly|almost|some|approximately|approx\.?|maybe|perhaps|between|up to|an?|half|one|two"
    r"|three|four|five|six|seven|eight|nine|ten|eleven|twelve|twenty|thirty|forty|fifty|\d)"
)
_USUALLY: Final = r"(?:usually|typically|normally|generally|mostly|often|sometimes|on average|in general)"
_PLACE: Final = (
    r"(?:in (?:annex|appendix|section|chapter|part|table|figure)\b|in (?:the )?[a-z]{2,4}-\d|(?:in|on"
    r"|at|with|from|below"
    r"|above|under) (?:the|our|its|a)\b)"
)
_SURE: Final = (
    (
        rf"^{_THING}(?:was|were) (?:born|founded|invented|introduced|created|written|built|bought|named) "
        rf"(?:in|after|from|out of|by|as|when|because)\b"
    ),
    (
        rf"^{_THING}(?:grew out of|dates? (?:back )?(?:from|to)|stems? from|derives? from"
        r"|originat(?:es|ed) (?:in|from)|owes? (?:its|their))\b"
    ),
    r"^(?:the |this |our )(?:[a-z-]+ ){1,4}exists? (?:to|because|for|since|mainly|chiefly|only because)\b",
    rf"^{_THING}(?:is|are) (?:located|situated|housed) (?:in|at|on|next|behind|beside|near)\b",
    rf"^{_THING}(?:is|are) (?:shown|described|explained|illustrated|summari[sz]ed|printed) {_PLACE}",
    rf"^{_THING}(?:is|are) available (?:in|on|at|with|from)\b",
    (
        rf"^{_THING}(?:(?:{_USUALLY}|happily|merely) )?takes? (?:{_USUALLY} |less than "
        rf"|more than )?{_SOME} ?(?:[\w-]+ ){{0,4}}?"
        r"(?:seconds?|minutes?|hours?|days?|weeks?|months?|evenings?|nights?)\b"
    ),
    rf"^{_THING}{_USUALLY} (?:takes?|needs?|lasts?|comes?|arrives?|happens?|delivers?|opens?|runs?|costs?|brings?)\b",
    rf"^{_THING}happens? {_SOME} [\w ]{{0,12}}?(?:times? )?(?:an?|per|each|every) (?:year|quarter|month|week|day)\b",
    rf"^{_THING}costs? (?:us |them |you )?(?:nothing|more|less|money|{_SOME})\b",
    r"^(?:our |long |past |the )?experience (?:[a-z ]{2,40} )?(?:shows?|tells?|teaches?|taught|suggests?)\b",
    r"^last (?:season|quarter|month|week|release|campaign|christmas|audit)\b",
    r"^of the last \d+\b",
    r"^as you (?:all )?(?:know|may know|will remember|can see)\b",
    (
        rf"^(?:about|around|roughly|nearly|almost) (?:\d[\d.,]*|one|half|two|three|four|five|ten)(?: ?%"
        rf"| per ?cent)? (?:of|{_WORD} in|{_WORD})\b"
    ),
    (
        r"^(?:most|half|much|part|the rest|the (?:great |vast )?majority) of (?:the|this|it|our|them"
        r"|these|those|all|releases"
        r"|changes|us)\b"
    ),
    (
        r"^people (?:still |often |always |usually |sometimes |do |also )?(?!(?:on|in|at|from|who|with"
        r"|must|may|can|of) )[a-z]+\b"
    ),
    (
        rf"^{_THING}(?:has|have) (?:also |always |now )?been (?:[\w-]+ ){{0,6}}?(?:since"
        rf"|for (?:[a-z]+ )?(?:years|months|decades"
        r"|ages))\b"
    ),
    r"\b(?:nobody|no one) has [a-z]+ed (?:since|so far|yet)\b",
    rf"^{_THING}(?:is|are) (?:very )?grateful\b",
    (
        r"^(?:this|that|it) (?:will |would |also |then |should also |usually )*(?:reduces?|ensures?|makes?"
        r"|gives?|helps?|allows?|prevents?|lets?|triggers?|commits?|pages?|creates?|generates?|indicates?|activates?|marks?"
        r"|corresponds?|represents?|kicks?|launch(?:es)?|produces?|builds?|avoids?|saves?|enables?|causes?|includes?)\b"
    ),
    (
        r"^(?:the )?(?:more|further|other|additional|details|examples?|background) (?:[a-z-]+ ){0,4}(?:is|are)"
        r" (?:outlined|described|explained|detailed|documented|listed|available|found|covered)"
        r" (?:in|on|at|below|above|under|here|elsewhere)\b"
    ),
    rf"^{_THING}(?:is|are|will be) (?:then |also )?[a-z]+ed automatically\b",
    r"^[^.;,]{3,60} (?:will|then) automatically [a-z]+\b",
    r"^[^.;:]{3,60} (?:and )?(?:is|are) described here\b",
    r"^[^.;]{3,90} (?:will be|are|is) (?:then |also )?automatically [a-z]+(?:ed|able)\b",
    r"^here (?:is|are) (?:some|an?|the|our)\b|^we refer to\b",
    r"^this is (?:when|where|how|why|done (?:to|primarily|because))\b",
    r"^there is no guarantee\b|^(?:the )?format is described\b",
    r"^you can (?:read|find|see|learn) (?:more|out|details)\b",
    r"^the following (?:sections?|steps|chapters?|pages?) (?:offers?|describes?|explains?|outlines?|gives?|covers?)\b",
    r"^in this (?:document|page|guide|section|policy|procedure|runbook|chapter)\b",
    r"^(?:these|the following|the) instructions (?:are|apply|assume|describe)\b",
    r"^each (?:section|chapter|part|page) (?:contains|describes|covers|lists|explains)\b",
    r"^there (?:is|are) (?:currently|presently|still|as yet) no\b",
    r"^(?:many|most|some|several|few) times\b",
    r"^(?:we are )?looking forward\b",
    (
        r"^(?:this|that|these|those) (?:is|are|was|were) (?:the (?:fun|boring|easy|hard|tricky|good"
        r"|bad|nice) |why\b|how\b"
        r"|where\b|because\b)"
    ),
    rf"^{_THING}(?:enters? into force|comes? into (?:force|effect)|takes? effect|ceases? to (?:apply|be in force))\b",
    (
        r"^(?:this|the|the present) (?:directive|policy|procedure|instruction|standard|regulation|document|page) "
        r"(?:governs how|regulates how|sets out|lays down how|is about|is for)\b"
    ),
    r"^it is about (?:what|how|the|who|where)\b",
    (
        rf"^{_THING}(?:is|are|lies|lie|falls?) (?:outside|out of|beyond) (?:this|the|its|our) (?:document|policy|scope"
        r"|directive|procedure)\b"
    ),
    rf"^{_THING}(?:is|are) covered by [^;]{{2,60}} (?:and|so) (?:is|are|falls?|lies?) (?:outside|out of|beyond)\b",
    (
        r"^(?:any )?(?:queries|questions|comments|suggestions|feedback)\b[^.;]{0,40} (?:may"
        r"|can) be (?:addressed|sent|directed"
        r"|put)\b"
    ),
    rf"^{_THING}(?:is|are) (?:donated|powered|funded|sponsored|orchestrated|driven|inspired) by\b",
    (
        rf"^(?:the |an? |our )?{_THING}(?:feels?|sounds?|looks?|seems?) (?:mean|arbitrary|odd|strange|long"
        rf"|short|strict|harsh"
        r"|generous|silly|slow|excessive|paranoid|like)\b"
    ),
    r"^we (?:deliberately|expect (?:about|around|roughly|some|\w+ (?:people|users|guests)))\b",
    r"^(?:please )?note that [^.;]{3,60} (?:is|are) (?:an?|volunteers|only|not)\b",
    rf"^{_THING}(?:knows (?:about )?(?:it|this|that)|assumes?)\b",
    rf"^{_THING}(?:normal|great|vast|usual|typical) (?:majority|case|number)\b",
)
_IN_PROSE: Final = (
    (
        rf"^{_THING}(?:consists? of|comprises?|is made up of)\b"
        r"(?!.*\b(?:persons?|people|members?|board|team|quality)\b)"
    ),
    (
        rf"^there(?:['\u2019]s| is| are) (?:also |already |currently )?(?:{_SOME}|an?|several|many|nothing)\b"
        r"(?!.*\b(?:freez|approv|review|sign|check|test|window|limit|back-?up|ban\b|embargo|go[ -]back"
        r"|way back|exception)\w*)"
    ),
    (
        rf"^(?:{_THING})(?:is|are) (?:expensive|cheap|costly|normal|common|usual|unusual|independent|equivalent|public"
        r"|compatible|distinct|famous|loud|tedious|dead|paid)\b"
    ),
    (
        rf"^(?:{_THING})(?:is|are) (?:in|on|next to|behind) (?:building|room|the (?:loft|cellar|basement"
        rf"|canteen|corridor))\b"
    ),
    rf"^(?:the |an? |our )?(?:{_THING})(?:is|are) (?:those|the (?:ones?|day))\b",
    rf"^(?:the |an? |our )?(?:{_THING})(?:works?|runs?|lives?) (?:for )?(?:about|around|roughly|\d+ to \d+)\b",
)
"""What a paragraph tells so, and a numbered step may ask for."""
_CASE: Final = re.compile(r"(?:if|when|whenever|once|unless|until|before|after|should|where|every|in case)\b")
_ASKS: Final = sought(
    r"\b(?:please|unless|responsible|forbidden|prohibited|allowed|permitted|required|mandatory|has to|have to|needs? to"
    r"|is to|are to|must|shall|stop|abort|roll(?:ed)? back)\b"
)
_TOLD: Final = tuple(map(re.compile, _SURE))
_TOLD_IN_PROSE: Final = tuple(map(re.compile, _IN_PROSE))


def is_background(one: Saying) -> bool:
    """Whether it tells what is behind the procedure, and asks nobody for anything."""
    low = one.words.low
    if not _is_sentence(one.passage) or binds(low) or one.words.has(STRICT) or _ASKS.search(low) or _CASE.match(low):
        return False
    if any(told.search(low) for told in _TOLD):
        return True
    is_prose = one.passage.form is Form.SENTENCE and not one.passage.above
    return is_prose and not (one.main.opener or one.own) and any(told.search(low) for told in _TOLD_IN_PROSE)


def _is_sentence(passage: Passage) -> bool:
    if passage.has_parts or any(above.form is not Form.NUMBER for above in passage.above):
        return False
    return passage.form is Form.SENTENCE or (passage.form is Form.NUMBER and passage.text.endswith("."))
