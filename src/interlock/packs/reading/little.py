# SPDX-License-Identifier: Apache-2.0
"""The little words of English, of which there is a fixed number: what a clause is told by, whatever it speaks of."""

from typing import Final

ARTICLES: Final = frozenset("the a an our your their his her each every any another one either".split())
COUNTS: Final = frozenset("two three four both all some several second other only least at different".split())
POINTING: Final = frozenset("this that these those its it no such same what whatever which my".split())
PRONOUNS: Final = frozenset(
    "i you he she we they it me him us them who whoever nobody everybody somebody someone anyone anybody everyone "
    "everything nothing something anything there here this that these those".split()
)
PREPOSITIONS: Final = frozenset(
    "of for in on at by from with to through via per during within since under over about against between without into "
    "onto beside outside inside near than as like across behind above below until after before except upon".split()
)
LINKS: Final = frozenset(
    "and or but so then while whereas if when whenever once until unless because that which who where whether after "
    "before as yet nor".split()
)
JOINING: Final = frozenset(("and", "or", "plus", "&", "with"))
ADVERBS: Final = frozenset(
    "then also always only never not jointly together either both first next finally afterwards usually normally still "
    "again too even now alone meanwhile later thereafter otherwise else soon often just once please".split()
)
DUTY: Final = frozenset("must shall should will may can cannot could would might".split())
NUMBERS: Final = frozenset("four five six seven eight nine ten eleven twelve twenty thirty fifty hundred half".split())
BEING: Final = frozenset("is are was were be been being am isn't aren't".split())
HAVING: Final = frozenset("has have had".split())
CLOSED: Final = (
    ARTICLES | POINTING | PRONOUNS | PREPOSITIONS | LINKS | DUTY | BEING | HAVING | {"does", "do", "not", "let"}
)
UNASKED: Final = PRONOUNS | frozenset(
    "if when whenever that what which who whom where because whether while as whereas".split()
)
"""Behind these nobody is asked: they are spoken of."""
AFTER_VERBS: Final = ARTICLES | COUNTS | POINTING | PRONOUNS | ADVERBS | PREPOSITIONS | LINKS | {"out", "up"}
OBJECTS: Final = (
    ARTICLES
    | POINTING
    | COUNTS
    | NUMBERS
    | frozenset("it them him her us everything whether how out up off down back over away".split())
)
"""What follows a verb at once and a noun hardly ever."""
SURE_OBJECTS: Final = ARTICLES | POINTING | frozenset("it them him her us me everything both all whether".split())
DETERMINERS: Final = ARTICLES | COUNTS
