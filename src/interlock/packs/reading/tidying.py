# SPDX-License-Identifier: Apache-2.0
"""Lines made fit for a Markdown parser, one for one: what people use in place of Markdown becomes Markdown.

Bullets and boxes of other alphabets, numbering such as `3.1` and `a)`, titles in capitals, HTML that was left behind,
rules drawn from box characters, front matter. No line is added or removed, so every number stays the author's.
"""

import html
import re
from collections.abc import Iterator
from typing import Final

from interlock.packs.reading.aligned import as_labelled
from interlock.packs.reading.coding import coded
from interlock.packs.reading.grids import as_tables
from interlock.packs.reading.leftovers import as_lists, as_rows
from interlock.packs.reading.lexicon import cut
from interlock.packs.reading.marking import as_marked
from interlock.packs.reading.markups import as_markdown
from interlock.packs.reading.nesting import nested
from interlock.packs.reading.spaced import as_drawn
from interlock.packs.reading.timetables import as_items

_TAGS: Final = (
    "a abbr b blockquote body br center code dd details div dl dt em font h1 h2 h3 h4 h5 h6 hr i img input ins kbd "
    "label li mark ol p pre s section small span strong sub summary sup table tbody td th thead tr tt u ul var"
).split()
_TAG: Final = re.compile(
    rf"</?(?:{'|'.join(_TAGS)})(?:\s[^<>]*)?/?>|</(?!script|style)[a-z][\w-]*>|<[a-z][\w-]*\s[^<>]*=[^<>]*>",
    re.IGNORECASE,
)
"""A tag that is known, closes something, or has attributes; any other may be a place to fill in: `<version>`."""
_BREAK: Final = re.compile(r"<br\s*/?>", re.IGNORECASE)
_CELL: Final = re.compile(r"</t[dh]>\s*<t[dh][^<>]*>", re.IGNORECASE)
_ITEM: Final = re.compile(r"<li(?:\s[^<>]*)?>", re.IGNORECASE)
_TITLE: Final = re.compile(r"<h([1-6])(?:\s[^<>]*)?>(.*?)(?:</h\1>|$)", re.IGNORECASE)
_SUMMARY: Final = re.compile(r"<summary(?:\s[^<>]*)?>(.*?)(?:</summary>|$)", re.IGNORECASE)
_REMARK: Final = re.compile(r"<!--.*?-->")
_DRAWN: Final = re.compile(r"^[\s\u2500-\u257f\u2580-\u259f═━─_=~*+#-]*[\u2500-\u259f═━─][\s\u2500-\u259f═━─_=~*+#-]*$")
_BOXED: Final = re.compile(r"^(\s*)[│║┃]\s?(.*?)\s*[│║┃]?\s*$")
_BULLET: Final = re.compile(r"^(\s*)(?:[•●▪◦‣∙·○■□➤➢►▶➜→»]|[\u2013—](?=\s)|o(?=\s{1,3}\S))\s*(?=\S)")
_BOX: Final = re.compile(r"^(\s*)(?:[-*+]\s+|\d+[.)]\s+)?(?:[☐☑☒⬜✅✔□❏▢]\ufe0f?|\[[ xX_]?\](?!\())\s*(?=\S)")
_PICTURE: Final = re.compile(
    "^(\\s*)(?=[\u203c-\u2bff\U0001f000-\U0001faff])(?![\u2500-\u259f])[\u203c-\u2bff\U0001f000-\U0001faff]\ufe0f?\\s+(?=\\S)"
)
_ALL_BOLD: Final = re.compile(r"^(?:\*\*|__)[^*_]+(?:\*\*|__):?\s*$")
_CROSS: Final = re.compile("^(?:[-*+]\\s+)?[❌🚫⛔✖✗✘]\ufe0f?\\s*")
_NUMBERED: Final = re.compile(
    r"^(\s*)(?:\d+(?:\.\d+)+[.)]?|\([0-9a-zA-Z]{1,2}\)|[a-zA-Z]\)|(?!i\. e\.|e\. g\.)[a-z]\.|(?:[ivx]{2,4})[.)]"
    r"|(?:[Ss]tep|STEP)\s+\d+\s*[:.)\u2013—-]"
    r"|[A-Z]+\d+[.)])\s+(?=\S)"
)
_OUTLINE: Final = re.compile(r"^\s{0,3}\d+(?:\.\d+)+\.?\s+(?P<title>[^.!?:;]{2,60})$")
_PARTED: Final = re.compile(r"^\s{0,3}(?P<number>\d{1,2})[.)]?\s+(?P<title>[^.!?:;|]{2,60})$")
_PART: Final = re.compile(r"^\s{0,3}(?P<number>\d{1,2}(?:\.\d{1,2})+)\.?\s+(?P<title>[^.!?:;|]{2,60})$")
"""`4.1 Testing`, above `4.1.1 ...`."""
_FIRST_PART: Final = re.compile(r"^\s+\d{1,2}\.1\s+\S")
_LABELLED: Final = re.compile(r"^\s{2,}[A-Z][\w /-]{1,40}:(?:\s|$)")
"""What stands below `4. Approval` in a form: `   Head rigger: ______`."""
_DECIMAL: Final = re.compile(r"^\s*\d+\.\d+")
_NUMBER: Final = re.compile(r"^\s{0,3}(?:\d+(?:\.\d+)*[.)]?|[IVX]+\.|[A-Z][.)])\s+")
_ANNEX: Final = re.compile(
    r"^\s{0,3}(?:annex|appendix|attachment|enclosure) (?:[A-Z]|\d{1,2}|[IVX]+)(?:[\s.:\u2013\u2014-]+\w[^.!?]{0,60})?$",
    re.IGNORECASE,
)
"""`Annex A - Release form`: a part behind the last one."""
_MARK: Final = re.compile(r"^\s*(?:#|>|\||[-*+]\s|\d+[.)]\s|```|~~~|=+\s*$|-+\s*$)")
_FENCE: Final = re.compile(r"^\s*(```+|~~~+)")
_FOOTNOTE: Final = re.compile(r"^\s{0,3}\[\^[\w-]+\]:\s+")
_TARGET: Final = re.compile(r"^\s{0,3}\[[^\]^]+\]:\s*<?(?:https?:|mailto:|[./#])\S*(?:\s+[\"'(].*)?$")
"""`[build]: https://...`: where a link leads."""
_FRONT: Final = ("---", "+++")
_LONGEST_TITLE: Final = 70
_TITLE_WORDS: Final = 7
_FEW: Final = 4
_TITLE_LETTERS: Final = 4
"""Fewer capitals are an abbreviation."""
_THUMB: Final = "\N{THUMBS UP SIGN}"
"""A picture that says something: `(thumb) from the editor`."""
PROHIBITED: Final = "\N{CROSS MARK}"
"""What a crossed-out item begins with after tidying."""


def tidied(lines: tuple[str, ...]) -> tuple[str, ...]:
    """The lines as Markdown, as many as were given."""
    said = as_markdown(_without_remarks(_without_front_matter(lines)))
    plain = as_labelled(as_marked(as_items(as_lists(as_rows(as_drawn(coded(as_tables(said))))))))
    found: list[str] = []
    fence = ""
    series = _series(plain) | _lettered(plain)
    for number, line in enumerate(plain):
        mark = _FENCE.match(line)
        is_numbered = not mark and not fence and (number in series or _is_numbered_title(plain, number))
        if is_numbered:
            found.append(f"## {_NUMBER.sub('', line).strip()}")
        elif mark:
            fence = "" if fence and mark[1].startswith(fence) else fence or mark[1]
            found.append(line)
        elif fence:
            found.append(line)
        else:
            after = plain[number + 1] if number + 1 < len(plain) else ""
            before = found[-1] if found else ""
            below = after if after.strip() else _below(plain, number)
            found.append(_line(line, before.strip(), after.strip(), is_followed=bool(_DECIMAL.match(below))))
    return nested(plain, found)


def _below(lines: tuple[str, ...], number: int) -> str:
    """The next line that says something."""
    return next((line for line in lines[number + 1 :] if line.strip()), "")


def _is_numbered_title(lines: tuple[str, ...], number: int) -> bool:
    """`1. Development`, set off, where `1.1 ...` stands below it, or words that are no part of a list."""
    part = _PART.match(lines[number])
    if part and len(part["title"].split()) <= _TITLE_WORDS and not (number and lines[number - 1].strip()):
        return _below(lines, number).lstrip().startswith(f"{part['number']}.1")
    title = _PARTED.match(lines[number])
    if not title or len(title["title"].split()) > _TITLE_WORDS or (number and lines[number - 1].strip()):
        return False
    below = _below(lines, number)
    if below.lstrip().startswith(f"{title['number']}.1"):
        return True
    if _LABELLED.match(below) and any(map(_FIRST_PART.match, lines)):
        return len(title["title"].split()) <= _FEW and not title["title"][0].islower()
    is_set_off = number + 1 < len(lines) and not lines[number + 1].strip() and below[:1].isupper()
    return is_set_off and len(title["title"].split()) <= _FEW and not cut(title["title"]).opener


def _series(lines: tuple[str, ...]) -> frozenset[int]:
    """Where `2.  The package` stands, one of several that are all so short and have something deeper below them."""
    found = [place for place, line in enumerate(lines) if _COUNTED.match(line)]
    is_series = len(found) >= _SERIES and all(_is_head(lines, place) for place in found)
    commands = sum(bool(cut(_NUMBER.sub("", lines[place])).opener) for place in found)
    return frozenset(found) if is_series and commands * 2 < len(found) else frozenset()


def _is_head(lines: tuple[str, ...], number: int) -> bool:
    title = _PARTED.match(lines[number])
    around = [line.strip() for line in (*lines[max(0, number - 1) : number], *lines[number + 1 : number + 2])]
    if title is None or any(around) or len(title["title"].split()) > _FEW or _OBJECT.search(title["title"]):
        return False
    below = _below(lines, number)
    return below[:1].isspace() and title["title"][0].isupper()


def _lettered(lines: tuple[str, ...]) -> frozenset[int]:
    """Where `A) What is needed`, `B) Switching` stand, set off, and with something else between "
    "them: they are titles.
    """
    found = [
        place
        for place, line in enumerate(lines)
        if _LETTERED.match(line) and not any(around.strip() for around in lines[max(0, place - 1) : place])
    ]
    letters = "".join(lines[place].strip()[0] for place in found)
    titles = [_NUMBER.sub("", lines[place]) for place in found]
    is_series = len(found) > 1 and _ALPHABET.startswith(letters)
    is_apart = all(not _LETTERED.match(_below(lines, place)) for place in found)
    are_set_off = all(place + 1 < len(lines) and not lines[place + 1].strip() for place in found)
    commands = sum(bool(cut(title).opener) for title in titles)
    is_titles = is_series and is_apart and are_set_off and commands * 2 < len(found)
    return frozenset(found) if is_titles else frozenset()


_LETTERED: Final = re.compile(r"^\s{0,3}[A-Z][.)]\s+[^.!?:;|]{2,60}$")
_ALPHABET: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_COUNTED: Final = re.compile(r"^\d{1,2}[.)]\s+\S")
_OBJECT: Final = re.compile(r"^\w+ (?:the|an?|all|every|each|it|your|our)\b")
"""`Open the gate`: what begins with a word and an article is a command, and no title."""
_SERIES: Final = 3


def _without_front_matter(lines: tuple[str, ...]) -> tuple[str, ...]:
    ends = front_matter(lines)
    return ("",) * ends + lines[ends:]


def front_matter(lines: tuple[str, ...]) -> int:
    """How many lines a document begins with that are written for programs, as keys and values; 0: none."""
    first = lines[0].strip() if lines else ""
    keyed = next((line for line in lines[1:] if line.strip()), "")
    if first not in _FRONT or not _KEY.match(keyed):
        return 0
    for number, line in enumerate(lines[1:], start=1):
        if line.strip() == first:
            return number + 1
        if line and not (line[0].isspace() or line[0] in "#-" or ":" in line or "=" in line):
            return 0
    return 0


_KEY: Final = re.compile(r"^[\w\"'][\w \"'-]{0,40} ?[:=]")


def _without_remarks(lines: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(_remarkless(lines))


def _remarkless(lines: tuple[str, ...]) -> Iterator[str]:
    is_open = False
    for line in lines:
        if is_open:
            _, closed, rest = line.partition("-->")
            is_open = not closed
        else:
            rest = line
        rest = _REMARK.sub("", rest) if "<!--" in rest else rest
        if "<!--" in rest:
            rest, is_open = rest.partition("<!--")[0], True
        yield rest


def _line(line: str, before: str, after: str, *, is_followed: bool) -> str:
    text = _untagged(line) if "<" in line else line
    text = html.unescape(text) if "&" in text else text
    if not text.isascii():
        text = _drawn(text.replace(_THUMB, "thumbs up"))
    if not text.strip():
        return ""
    text = _FOOTNOTE.sub("", text.expandtabs(4))
    if _TARGET.match(text):
        return ""
    if _is_title(text, before, after):
        return f"## {_NUMBER.sub('', text).strip()}"
    outline = _OUTLINE.match(text)
    if (
        outline
        and not is_followed
        and len(outline["title"].split()) <= _TITLE_WORDS
        and (not after or _is_listed(after))
        and not before
    ):
        return f"#### {outline['title']}"
    return _listed(text)


def _untagged(line: str) -> str:
    line = _TITLE.sub(lambda found: f"{'#' * int(found[1])} {found[2]}", line)
    line = _SUMMARY.sub(lambda found: f"**{_TAG.sub('', found[1]).strip()}**", line)
    line = _ITEM.sub("- ", _CELL.sub(" — ", line))
    is_row = line.lstrip().startswith("|")
    line = _BREAK.sub(" " if is_row else _ended, line) if "<br" in line.lower() else line
    return _TAG.sub("", line)


def _ended(broken: re.Match[str]) -> str:
    """What a line broken in two stands for: the end of a sentence where the next begins with a capital."""
    before, after = broken.string[: broken.start()].rstrip(), broken.string[broken.end() :].lstrip()
    return ". " if before[-1:].isalnum() and after[:1].isupper() else " "


def _drawn(text: str) -> str:
    """A rule of box characters is nothing; what stands in a box is text."""
    if _DRAWN.match(text):
        return ""
    boxed = _BOXED.match(text)
    return boxed[1] + boxed[2] if boxed else text


def _is_title(text: str, before: str, after: str) -> bool:
    words = _NUMBER.sub("", text).strip()
    if _ANNEX.match(text) and not before and not after:
        return True
    if not words.isupper():
        return False
    letters = [char for char in words if char.isalpha()]
    if len(letters) < _TITLE_LETTERS or len(words) > _LONGEST_TITLE or before or _MARK.match(words):
        return False
    is_set_off = not after or _is_listed(after) or not after.isupper()
    return all(char.isupper() for char in letters) and not words.endswith((".", "!")) and is_set_off


def _is_listed(line: str) -> bool:
    return bool(_MARK.match(line) or _BULLET.match(line) or _BOX.match(line) or _NUMBERED.match(line))


def _listed(text: str) -> str:
    if _CROSS.match(text.lstrip()):
        indent = text[: len(text) - len(text.lstrip())]
        return f"{indent}- {PROHIBITED} {_CROSS.sub('', text.lstrip())}"
    for pattern, mark in ((_BOX, "- [ ] "), (_BULLET, "- "), (_NUMBERED, "1. ")):
        found = pattern.match(text)
        if found:
            return f"{found[1]}{mark}{text[found.end() :]}"
    found = _PICTURE.match(text)
    if not found:
        return text
    rest = text[found.end() :]
    is_title = _ALL_BOLD.match(rest) and len(rest.split()) <= _TITLE_WORDS
    return rest if is_title else f"{found[1]}- {rest}"
