# SPDX-License-Identifier: Apache-2.0
"""A document as passages: its items, rows and sentences, each with its line and with what stands above it.

The structure is a Markdown parser's (block rules only); what the words mean is nobody's business here. A passage is
the smallest thing that can ask for something: a list item, a row of a table, a sentence.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from enum import StrEnum
from itertools import pairwise
from typing import Final

from markdown_it import MarkdownIt
from markdown_it.token import Token

from interlock.packs.reading.grids import GOES_ON
from interlock.packs.reading.lexicon import MODAL, NEGATED, THIRD, cut
from interlock.packs.reading.remarks import remarks
from interlock.packs.reading.sentences import pieces
from interlock.packs.reading.tidying import tidied
from interlock.packs.reading.titles import limits_way


class Form(StrEnum):
    """How a passage stands in the document."""

    BOX = "box"
    ITEM = "item"
    NUMBER = "number"
    ROW = "row"
    SENTENCE = "sentence"
    TITLE = "title"
    """A title below which there is nothing but commands."""
    LEAD = "lead"
    """A line that ends in a colon and says what the list below it is."""


@dataclass(frozen=True, slots=True)
class Heading:
    """A title; `rank` 1 is the widest. Bold lines that stand alone are titles too, narrower than any other."""

    text: str
    rank: int
    line: int
    ahead: int = 0
    """Lines of the document ahead of it, without what is written for programs."""


@dataclass(frozen=True, slots=True)
class Passage:
    """`above` leads from the outermost lead or item to the nearest; `cells` are a row's, by their column's title."""

    line: int
    last: int
    form: Form
    text: str
    headings: tuple[Heading, ...] = ()
    above: tuple["Passage", ...] = ()
    cells: tuple[tuple[str, str], ...] = ()
    list_at: int = 0
    """The line at which its list begins; 0: it is in none."""
    has_parts: bool = False
    """A list stands below it, whose items are parts of it."""
    has_sections: bool = False
    """Its section has sections of its own, further down."""
    defines: bool = False
    """A word is set off behind its article, as where it is explained: `A *regular* change alters logic`."""
    points: str = ""
    """Where to, if it is a link and nothing else."""
    in_body: bool = False
    """The document has begun: what stands above its first list and its first part only opens it."""


BOLD_RANK: Final = 7
TOP: Final = 4
"""A title with fewer lines ahead is the document's own, and says what the whole is about."""
_DEEPEST: Final = 120
"""A list takes two levels, so this reads sixty lists within each other; the library's own bound drops more."""
_PARSER: Final = (
    MarkdownIt("commonmark", {"maxNesting": _DEEPEST})
    .enable("table")
    .disable(["code", "inline", "reference", "html_block"])
)
_TERM: Final = re.compile(r"^(?:An?|The) (?P<mark>\*{1,2}|_{1,2})(?=\w)[^*_.;:]{2,40}(?P=mark)(?: |$)")
_LINK: Final = re.compile(r"!?\[([^\]]*)\]\((?:[^()\s]|\([^()]*\))*(?:\s+\"[^\"]*\")?\)")
_REFERENCE: Final = re.compile(r"\[([^\]]+)\]\[[^\]]*\]")
_TARGET: Final = r"(?:\([^()]*\)|\[[^\[\]]*\])"
_BADGE: Final = re.compile(rf"\[!\[[^\[\]]*\]{_TARGET}\]{_TARGET}")
_PICTURES: Final = re.compile(rf"^(?:\s*(?:\[!\[[^\[\]]*\]{_TARGET}\]{_TARGET}|!\[[^\[\]]*\]{_TARGET}))+\s*$")
"""Nothing but badges and pictures."""
_NOTED: Final = re.compile(r"\[\^[\w-]+\]")
"""Where a footnote is called."""
_SIGNED_WITH: Final = re.compile(r"(?<=[.!?])\s+`([A-Za-z][A-Za-z -]{2,40})`$")
"""A name set as code behind the last sentence of an item is a remark on it."""
_EMPHASIS: Final = re.compile(r"\*\*|__|(?<![\w*])\*(?=\S)|(?<=\S)\*(?![\w*])|(?<!\w)_(?=\w)|(?<=\w)_(?!\w)|~~")
_BOX: Final = re.compile(r"^\[[ xX_]?\]\s*")
_PICTURE: Final = re.compile("^(?!\u274c)[\u2190-\u2bff\ufe0f\U0001f000-\U0001faff\\s]+(?=[\\w\"'`(])")
_TAIL: Final = re.compile("[\\s\ufe0f\u2600-\u27bf\U0001f000-\U0001faff]+$")
_BOLD: Final = re.compile(r"^(?:\*\*|__)([^*_]{2,80}?)(?:\*\*|__)$")
_SLANTED: Final = re.compile(r"^[*_]([^*_]{2,60}?)[*_]$")
"""A title where a list stands below it; a remark elsewhere."""
_BOLD_LEAD: Final = re.compile(r"^(?:\*\*|__)([^*_]{2,80}?)(?:\*\*|__)\s*(\([^()]{2,60}\))?\s*:?$")
_RUN_IN: Final = re.compile(r"^(?:\*\*|__)([^*_.]{3,50}?)(?P<mark>[.?](?:\*\*|__)|(?:\*\*|__)\.)\s+(?=\S)")
_ITEM_NUMBER: Final = re.compile(
    r"^(\[[ xX_]?\]\s+)?(?:\*\*|__)?[A-Z]{1,4}[-.]?\d{1,3}(?:\.\d{1,3})*(?:[.)](?:\*\*|__)?|(?:\*\*"
    r"|__)[.):]?)\s+(?=[A-Z])"
)
_NAME_FIRST: Final = re.compile(r"^(?P<name>[A-Z][\w'&/-]*(?: [A-Za-z&][\w'-]*){0,3})\.\s+(?=(?P<does>[A-Z][a-z]+s)\b)")
"""`Head brewer. Decides on the date`: who it is, and what they do."""
_TICKED: Final = re.compile(
    r"\b(?:sign-?off|approval|\w{3,}ed)$|\b(?:approval|sign-?off) (?:obtained|received|given)\b", re.IGNORECASE
)
"""`**Business owner sign-off**`, above what is said of it: that is ticked itself, and is no title of others."""
_RUN_IN_WORDS: Final = 5
_TASK: Final = re.compile(r"^\s*[-*+]\s+\[[ xX]\]", re.MULTILINE)
_ITEMS: Final = re.compile(r"^\s*(?:[-*+]|\d+[.)])\s+\S", re.MULTILINE)
_PLAIN: Final = frozenset({"", "text", "txt", "markdown", "md", "plain"})
_SHELLS: Final = frozenset({"bash", "sh", "shell", "zsh", "console"})
_NOTE: Final = re.compile(r"^\s*#+\s+(?=(?:step )?\d+[.):]\s+\S)", re.IGNORECASE)
_LISTS: Final = frozenset({"bullet_list_open", "ordered_list_open"})
_COUNTED: Final = re.compile(r"^\d{1,3}[.)]\s+")


def passages(lines: tuple[str, ...]) -> tuple[Passage, ...]:
    """Every passage of a document, in its order."""
    tidy = tidied(lines)
    walk = _Walk(first=next((number for number, line in enumerate(tidy, start=1) if line.strip()), 1))
    found = [one for one in walk.of(tidy, 0) if any(map(str.isalnum, one.text))]
    parents = {heading for one in found for heading in one.headings[:-1]}
    begins = _begins(found)
    found = sorted((*found, *_limiting(found)), key=lambda one: one.line)
    return tuple(
        replace(
            one,
            last=walk.ends.get(one.line, one.last) if one.form is Form.ROW else one.last,
            has_sections=bool({*one.headings[-1:]} & parents),
            in_body=one.line >= begins,
        )
        for one in found
    )


def _limiting(found: list[Passage]) -> Iterator[Passage]:
    """The titles that say who may go the way below them."""
    titles = {heading: one.headings[:place] for one in found for place, heading in enumerate(one.headings)}
    for heading, above in titles.items():
        if limits_way(heading.text):
            yield Passage(heading.line, heading.line, Form.TITLE, heading.text, above)


_LISTED: Final = (Form.BOX, Form.ITEM, Form.NUMBER, Form.ROW)


def _begins(found: list[Passage]) -> int:
    """The line at which a document comes to its matter: its first list, its first part, else its second paragraph."""
    headings = sorted({heading for one in found for heading in one.headings}, key=lambda one: one.line)
    titles = [heading.line for heading in headings]
    parts = titles[1:] if headings and headings[0].ahead < TOP - 1 else titles
    places = [*parts[:1], *[one.line for one in found if one.form in _LISTED][:1]]
    told = [after.line for one, after in pairwise(found) if one.text.endswith(".") and after.line > one.last + 1]
    return min(places or told[:1], default=0)


def plain(text: str) -> str:
    """Words without their markup, in one line."""
    if "[" in text:
        text = "" if _PICTURES.match(text) else _NOTED.sub("", _BADGE.sub("", text))
        text = _REFERENCE.sub(r"\1", _LINK.sub(r"\1", text))
    if "*" in text or "_" in text or "~" in text:
        text = _EMPHASIS.sub("", text)
    text = " ".join(_SIGNED_WITH.sub(r" (\1)", text).replace("`", "").split())
    return text if text.isascii() else _TAIL.sub("", _PICTURE.sub("", text))


@dataclass(slots=True)
class _List:
    """A list being read: where it begins, whether it is numbered, and what stands above its items."""

    line: int
    is_numbered: bool
    above: tuple[Passage, ...]
    items: list[Passage] = field(default_factory=list)
    is_new_item: bool = True


@dataclass(slots=True)
class _Walk:
    """Walks a parser's tokens once."""

    headings: tuple[Heading, ...] = ()
    lists: list[_List] = field(default_factory=list)
    lead: Passage | None = None
    over: Passage | None = None
    """The lead that a table hangs on."""
    columns: tuple[str, ...] = ()
    row: list[str] = field(default_factory=list)
    row_at: int = 0
    whole_at: int = 0
    """Where the last row began that says something."""
    in_head: bool = False
    ends: dict[int, int] = field(default_factory=dict)
    """The last lines of rows whose cells go on, by their first."""
    first: int = 1
    """The line at which the document begins, behind what a program reads of it."""
    has_words: bool = True
    """Words stand below the last title already."""

    def of(self, lines: tuple[str, ...], offset: int) -> Iterator[Passage]:
        """The passages of these lines; `offset` is the number of the line before the first."""
        tokens = _PARSER.parse("\n".join(lines))
        for one in self._walked(tokens, offset):
            self.has_words = True
            yield one

    def _walked(self, tokens: list[Token], offset: int) -> Iterator[Passage]:
        for number, token in enumerate(tokens):
            match token.type:
                case "bullet_list_open" | "ordered_list_open":
                    self._open_list(token, offset)
                case "bullet_list_close" | "ordered_list_close":
                    self.lists.pop()
                    self.lead = None
                case "list_item_open":
                    self.lists[-1].is_new_item = True
                case "inline":
                    yield from self._inline(tokens, number, offset)
                case "fence":
                    yield from self._fence(token, offset)
                case "thead_open" | "tbody_open" | "tr_open" | "tr_close":
                    yield from self._table(token, offset)
                case _:
                    continue

    def _open_list(self, token: Token, offset: int) -> None:
        parent = self.lists[-1] if self.lists else None
        above = (*parent.above, *parent.items[-1:]) if parent else ()
        if self.lead is not None and self.lead not in above:
            above = (*above, self.lead)
        self.lists.append(_List(_begin(token, offset), token.type == "ordered_list_open", above))
        self.lead = None

    def _inline(self, tokens: list[Token], number: int, offset: int) -> Iterator[Passage]:
        token, opened = tokens[number], tokens[number - 1]
        if opened.type == "heading_open":
            self._heading(plain(token.content), int(opened.tag[1:]), _begin(token, offset))
        elif opened.type in ("th_open", "td_open"):
            self.row.append(plain(token.content))
        else:
            has_list = any(one.type in _LISTS for one in tokens[number + 2 : number + 3])
            yield from self._paragraph(token, offset, has_parts=has_list)

    def _heading(self, text: str, rank: int, line: int) -> None:
        kept = tuple(one for one in self.headings if one.rank < rank)
        self.headings = (*kept, Heading(text, rank, line, max(0, line - self.first)))
        self.lead = None
        self.has_words = False

    def _paragraph(self, token: Token, offset: int, *, has_parts: bool) -> Iterator[Passage]:
        here = self.lists[-1] if self.lists else None
        content, line = token.content, _begin(token, offset)
        first, _, rest = content.partition("\n")
        shown = _TAIL.sub("", first.strip()) if here is None else ""
        bold = _BOLD.match(shown) or (_SLANTED.match(shown) if has_parts else None)
        if bold and ":" not in bold[1].rstrip(": ") and not bold[1].rstrip().endswith((".", "!", ",")):
            self._heading(plain(bold[1]).rstrip(":"), BOLD_RANK, line)
            content, line = rest, line + 1
        content = _labelled(_unnumbered(content)) if here is not None and here.is_new_item else content
        said = list(pieces(content, line)) if content else []
        run_in = _RUN_IN.match(content) if here is None else None
        if run_in and ("?" in run_in["mark"] or _names_a_part(run_in[1])):
            self._heading(plain(run_in[1]), BOLD_RANK, line)
            content = content[run_in.end() :]
            said = list(pieces(content, line))
        for place, (begin, last, words) in enumerate(said):
            is_item = here is not None and here.is_new_item and place == 0
            is_last = place == len(said) - 1
            yield self._passage((begin, last), words, is_item=is_item, has_parts=has_parts and is_last)

    def _passage(self, at: tuple[int, int], words: str, *, is_item: bool, has_parts: bool) -> Passage:
        here = self.lists[-1] if self.lists else None
        is_box = bool(_BOX.match(words))
        if has_parts and words.rstrip().endswith(";"):
            words = f"{words.rstrip()[:-1]}:"
        is_lead = words.rstrip().endswith((":", ":**", ":__", ":*")) or bool(
            has_parts and (_BOLD_LEAD.match(words) or not words.rstrip("*_`\"') ").endswith((".", "!", "?")))
        )
        text = plain(_BOX.sub("", words))
        link = _LINK.fullmatch(words.strip())
        points = link[0].rpartition("(")[2] if link else ""
        if here is not None and is_item:
            form = Form.BOX if is_box else Form.NUMBER if here.is_numbered else Form.ITEM
            is_title = is_box and has_parts and bool(_BOLD_LEAD.match(_BOX.sub("", words)))
            if is_title and not text.endswith(":") and not _TICKED.search(text):
                form = Form.LEAD
            made = Passage(*at, form, text, self.headings, here.above, (), here.line, has_parts, points=points)
            here.items.append(made)
            here.is_new_item = False
            self.lead = None
            return made
        above = (*here.above, *here.items[-1:]) if here is not None else ()
        if _COUNTED.match(text):
            return Passage(*at, Form.NUMBER, _COUNTED.sub("", text), self.headings, above, (), 0, has_parts)
        form = Form.LEAD if is_lead else Form.SENTENCE
        is_term = bool(_TERM.match(words))
        made = Passage(*at, form, text, self.headings, above, (), 0, has_parts, defines=is_term, points=points)
        self.lead = made if is_lead else None
        return made

    def _fence(self, token: Token, offset: int) -> Iterator[Passage]:
        """A list that somebody put into a code block is still a list; commands are not."""
        info = token.info.strip().lower()
        noted = _noted(token.content) if info in _SHELLS else ""
        if noted:
            inner = _Walk(self.headings, first=self.first)
            yield from inner.of(tuple(noted.split("\n")), _begin(token, offset))
        elif info in _PLAIN and (_TASK.search(token.content) or len(_ITEMS.findall(token.content)) > 1):
            inner = _Walk(self.headings, first=self.first)
            yield from inner.of(tidied(tuple(token.content.split("\n"))), _begin(token, offset))
        elif not self.has_words and self.headings:
            title = self.headings[-1]
            yield Passage(title.line, title.line, Form.TITLE, title.text, self.headings[:-1])
            yield from self._remarks(token, offset)
        else:
            yield from self._remarks(token, offset)

    def _remarks(self, token: Token, offset: int) -> Iterator[Passage]:
        """What is said between commands, and binds."""
        above = (*self.lists[-1].above, *self.lists[-1].items[-1:]) if self.lists else ()
        for place, said in remarks(token.content):
            line = _begin(token, offset) + 1 + place
            yield Passage(line, line, Form.SENTENCE, plain(said), self.headings, above)

    def _table(self, token: Token, offset: int) -> Iterator[Passage]:
        match token.type:
            case "thead_open":
                self.in_head, self.over, self.lead = True, self.lead, None
            case "tbody_open":
                self.in_head = False
            case "tr_open":
                self.row, self.row_at = [], _begin(token, offset)
            case _:
                if self.in_head:
                    self.columns = tuple(self.row)
                elif self.row[:1] == [GOES_ON] and not any(self.row[1:]):
                    self.ends[self.whole_at] = self.row_at
                elif any(self.row):
                    self.whole_at = self.row_at
                    yield self._row()

    def _row(self) -> Passage:
        cells = tuple(zip(self.columns, self.row, strict=False))
        return Passage(
            self.row_at,
            self.row_at,
            Form.ROW,
            " | ".join(cell for cell in self.row if cell),
            self.headings,
            (self.over,) if self.over else (),
            cells,
        )


def _unnumbered(content: str) -> str:
    """`A1. Backup taken`, behind a bullet or in a box: the number of an item is no sentence of it."""
    return _ITEM_NUMBER.sub(r"\1", content)


def _labelled(content: str) -> str:
    """`**Trigger.** A release is planned`: bold words that begin an item are the label of what follows them."""
    named = _NAME_FIRST.match(content)
    if named and named["does"].lower() in THIRD and not cut(named["name"]).opener:
        return f"{named['name']}: {content[named.end() :]}"
    run_in = _RUN_IN.match(content)
    is_label = run_in is not None and "?" not in run_in["mark"] and _names_a_part(run_in[1])
    return f"{plain(run_in[1])}: {content[run_in.end() :]}" if run_in and is_label else content


_BINDING: Final = NEGATED | MODAL


def _names_a_part(words: str) -> bool:
    """Whether bold words that begin a paragraph are its title and ask for nothing: `**Before you push.**`."""
    said = cut(words)
    is_name = len(said.all) == 1 or not said.opener
    is_counted = said.first in ("one", "two", "only")
    return is_name and len(said.all) <= _RUN_IN_WORDS and not is_counted and not said.has(_BINDING)


def _noted(commands: str) -> str:
    """The numbered remarks between commands, as a list on the same lines; empty: there are not several."""
    lines = commands.split("\n")
    kept = [_NOTE.sub("", line) if _NOTE.match(line) else "" for line in lines]
    return "\n".join(kept) if sum(map(bool, kept)) > 1 else ""


def _begin(token: Token, offset: int) -> int:
    return (token.map[0] if token.map else 0) + 1 + offset
