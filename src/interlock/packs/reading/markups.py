# SPDX-License-Identifier: Apache-2.0
"""Other markups than Markdown, made Markdown line for line: AsciiDoc, reStructuredText, wikis, emoji by name.

A document is taken for one of them only by signs that Markdown does not have. No line is added or removed.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

_HASH: Final = re.compile(r"^#{1,6} ")
_FENCED: Final = re.compile(r"^\s*(?:```|~~~)")
_ADOC_TITLE: Final = re.compile(r"^(={1,6}) ([^=\s].*?)$")
_WIKI_TITLE: Final = re.compile(r"^(={2,6})\s*([^=\s].*?)\s*\1\s*$")
_JIRA_TITLE: Final = re.compile(r"^h([1-6])\.?\s+(?=\S)")
_DIRECTIVE: Final = re.compile(r"^(\s*)\.\. (?:(?P<name>[\w-]+):: ?(?P<rest>.*)|.*)$")
_AUTOMATIC: Final = re.compile(r"^(\s*)#\.\s+(?=\S)")
_RULE: Final = re.compile(r"^([=\-~^\"*+#'`:.])\1{3,}$")
_SHOWN: Final = frozenset("note warning important caution danger attention hint tip admonition seealso topic".split())
_BOX_NAMES: Final = re.compile(
    r"^(\s*)(?:[-*] )?:(?:white_check_mark|heavy_check_mark|ballot_box_with_check|black_square_button"
    r"|white_large_square|black_large_square|white_medium_square|check|todo):\s*"
)
_CROSS_NAMES: Final = re.compile(
    r"^(\s*)(?:[-*] )?:(?:x|no_entry|no_entry_sign|negative_squared_cross_mark|cross_mark|octagonal_sign):\s*"
)
_EMOJI_NAME: Final = re.compile(r"(?<![\w:`]):[a-z][a-z0-9_+-]{2,30}:(?![\w:`])\s?")
_ALERT: Final = re.compile(r"^(\s*>\s*)\[![A-Z]+\]\s*$")
_ADMONITIONS: Final = frozenset(("!!!", "???", ":::"))
_ADMONITION: Final = re.compile(r"^\s*(?:!!!|\?\?\?\+?|:{3,})\s*\w*(?:\s+\"?(?P<said>[^\"]*?)\"?)?\s*$")
"""What opens a panel, and its title."""
_JIRA_BOX: Final = re.compile(r"^(\s*)(?:[-*#]+ )?\((?:/|\?|on|off)\)\s*(?=\S)")
_JIRA_CROSS: Final = re.compile(r"^(\s*)(?:[-*#]+ )?\((?:x|-)\)\s*(?=\S)")
_JIRA_MACRO: Final = re.compile(
    r"\{(?:panel|info|note|warning|tip|code|noformat|color|expand|status|toc)(?::[^{}]*)?\}"
)
_PAGE_LINK: Final = re.compile(r"\]\((?:[^()\s{}]*\{[%{][^{}]*[%}]\})+[^()\s]*\)")
_PAGE_TAG: Final = re.compile(r"^\s*\{(?:%[^{}]*%|:[^{}]*)\}\s*$")
"""What the generator of a site fills in: `[the plan]({% link docs/plan.md %})`."""
_BLANKS: Final = re.compile(r"^(\s*)_{2,4}\s+(?=[A-Za-z])")
_ROLE: Final = re.compile(r":[a-z:]+:`([^`<]*?)\s*(?:<[^`>]*>)?`")
_REFERENCE: Final = re.compile(r"`([^`<]+?)\s*(?:<[^`>]*>)?`__?(?!\w)")
_ADOC_LINK: Final = re.compile(r"(?:link|xref):[^\s\[\]]+\[([^\]]*)\]|<<[^<>,]+,([^<>]+)>>")
_ADOC_DOTS: Final = re.compile(r"^\s*(\.{1,5}) (?=\S)")
_ADOC_STARS: Final = re.compile(r"^\s*(\*{2,5}) (?=\S)")
_ADOC_NOTHING: Final = re.compile(r"^(?::[\w!-]+:.*|\[.*\]|\+|'''|={4,}|\*{4,}|_{4,}|//.*|(?:image|include|toc)::.*)$")
_ADOC_BLOCK: Final = re.compile(r"^(?:-{4,}|\.{4,})$")
_SAID: Final = re.compile(r"^:\s+\S")
_LONGEST_TERM: Final = 80
_TABLE: Final = "|==="


def as_markdown(lines: tuple[str, ...]) -> tuple[str, ...]:
    """The lines as Markdown, as many as were given."""
    if any(_WIKI_TITLE.match(line) for line in lines):
        lines = tuple(map(_of_wiki, lines))
    elif any(_ADOC_TITLE.match(line) for line in lines) and not any(_HASH.match(line) for line in lines):
        lines = tuple(_Adoc().of(lines))
    elif any(_DIRECTIVE.match(line) or _AUTOMATIC.match(line) for line in lines):
        lines = tuple(_of_rst(lines))
    return tuple(_titled(tuple(_explained(tuple(map(_named, lines))))))


def _named(line: str) -> str:
    """A line with boxes, crosses and pictures that are written by their names."""
    if line.lstrip()[:3] in _ADMONITIONS:
        line = _ADMONITION.sub(r"\g<said>", line)
    if "{" in line:
        line = _PAGE_TAG.sub("", _PAGE_LINK.sub("](#)", _JIRA_MACRO.sub("", line)))
    if "__" in line:
        line = _BLANKS.sub(r"\1- [ ] ", line)
    if line[:1] == "h":
        line = _JIRA_TITLE.sub(lambda found: f"{'#' * int(found[1])} ", line)
    if "(" in line:
        line = _JIRA_CROSS.sub("\\1\N{CROSS MARK} ", _JIRA_BOX.sub(r"\1- [ ] ", line))
    if "[!" in line:
        line = _ALERT.sub(r"\1", line)
    if ":" in line:
        line = _BOX_NAMES.sub(r"\1- [ ] ", _CROSS_NAMES.sub("\\1\N{CROSS MARK} ", line))
        line = _EMOJI_NAME.sub("", line)
    return line


def _explained(lines: tuple[str, ...]) -> Iterator[str]:
    """Terms and, below them, what is said of them: an item on each line that says it."""
    term = ""
    for number, line in enumerate(lines):
        after = lines[number + 1] if number + 1 < len(lines) else ""
        if term and _SAID.match(line):
            yield f"- {term}: {line[1:].strip()}"
        elif _SAID.match(after) and line.strip() and not line[0].isspace() and len(line) < _LONGEST_TERM:
            term = line.strip()
            yield ""
        else:
            term = ""
            yield line


def _titled(lines: tuple[str, ...]) -> Iterator[str]:
    """Titles with a rule of any mark below them, and with one above them as well."""
    was_title, is_fenced = False, False
    for number, line in enumerate(lines):
        is_fenced ^= bool(_FENCED.match(line)) and not was_title
        before = lines[number - 1].strip() if number else ""
        after = lines[number + 1].rstrip() if number + 1 < len(lines) else ""
        is_rule = bool(_RULE.match(line.rstrip())) and not is_fenced
        is_title = not is_rule and not is_fenced and _is_titled(line, before, after)
        if is_title and after[0] not in "=-":
            yield f"### {line.strip()}"
        elif is_title and before and _RULE.match(before):
            yield f"# {line.strip()}" if after[0] == "=" else f"## {line.strip()}"
        elif is_rule and (was_title or _is_over(lines, number)):
            yield "" if line[0] not in "=-" or _is_over(lines, number) or _is_over(lines, number - 2) else line
        else:
            yield line
        was_title = is_title


def _is_titled(line: str, before: str, after: str) -> bool:
    text = line.strip()
    if not (text and _RULE.match(after) and text[0].isalnum()):
        return False
    is_set_off = not before or before == after.strip()
    return is_set_off and len(after) + 3 >= len(text) and not text.endswith((".", ","))


def _is_over(lines: tuple[str, ...], number: int) -> bool:
    """Whether this line is a rule above a title that has the same rule below it."""
    if not 0 <= number < len(lines) - 2:
        return False
    rule, text, other = (line.strip() for line in lines[number : number + 3])
    return bool(_RULE.match(rule)) and rule == other and bool(text) and text[0].isalnum()


def _of_wiki(line: str) -> str:
    found = _WIKI_TITLE.match(line)
    if found:
        return f"{'#' * len(found[1])} {found[2]}"
    marks = line[: len(line) - len(line.lstrip("#*"))]
    if marks and line[len(marks) : len(marks) + 1] == " ":
        return f"{'   ' * (len(marks) - 1)}{'1.' if marks[-1] == '#' else '-'} {line[len(marks) + 1 :]}"
    return line


@dataclass(slots=True)
class _Adoc:
    """Walks the lines of an AsciiDoc document once."""

    in_code: bool = False

    def of(self, lines: tuple[str, ...]) -> Iterator[str]:
        """The lines; a row of a table stands where the last cell stands that says something."""
        at = 0
        while at < len(lines):
            text = _ADOC_LINK.sub(lambda found: found[1] or found[2], lines[at].rstrip())
            if _ADOC_BLOCK.match(text):
                self.in_code = not self.in_code
                yield "```"
            elif self.in_code:
                yield lines[at]
            elif text.startswith(_TABLE):
                end = next((n for n in range(at + 1, len(lines)) if lines[n].startswith(_TABLE)), len(lines))
                yield from tuple(_table(lines[at + 1 : end]))[: len(lines) - at]
                at = end
            else:
                yield _adoc(text)
            at += 1


def _table(lines: tuple[str, ...]) -> Iterator[str]:
    """The lines of a table, and the one that opens it; where it closes nothing stands."""
    cells = [
        (number, cell.strip())
        for number, line in enumerate(lines)
        for cell in _ADOC_LINK.sub(lambda found: found[1] or found[2], line).split("|")[1:]
    ]
    first = cells[0][0] if cells else 0
    columns = sum(number == first for number, _ in cells)
    if columns == 1:
        columns = sum(1 for number, _ in cells if number < _first_gap(lines, first))
    rows: dict[int, list[str]] = {}
    for place in range(columns, len(cells), columns or 1):
        row = cells[place : place + columns]
        rows[max(number for number, cell in row if cell or number == row[0][0])] = [cell for _, cell in row]
    yield f"| {' | '.join(cell for _, cell in cells[:columns])} |"
    for number in range(len(lines)):
        told = rows.get(number, [""])
        yield "|" + " --- |" * columns if number == 0 else f"| {' | '.join(told)} |"
    yield ""


def _first_gap(lines: tuple[str, ...], first: int) -> int:
    """The first empty line behind this one: what stands ahead of it are the titles."""
    return next((number for number in range(first, len(lines)) if not lines[number].strip()), len(lines))


def _adoc(text: str) -> str:
    title = _ADOC_TITLE.match(text)
    if title:
        return f"{'#' * len(title[1])} {title[2]}"
    if _ADOC_NOTHING.match(text):
        return ""
    for pattern, mark in ((_ADOC_DOTS, "1. "), (_ADOC_STARS, "- ")):
        found = pattern.match(text)
        if found:
            return f"{'   ' * (len(found[1]) - 1)}{mark}{text[found.end() :]}"
    return text


def _of_rst(lines: tuple[str, ...]) -> Iterator[str]:
    """Directives that show something give way to what they show; the others, and what is literal, to nothing."""
    hidden = -1
    for line in lines:
        indent = len(line) - len(line.lstrip())
        if hidden >= 0 and (not line.strip() or indent > hidden):
            yield ""
            continue
        hidden = -1
        found = _DIRECTIVE.match(line)
        if found:
            is_shown = (found["name"] or "").lower() in _SHOWN
            hidden = -1 if is_shown else indent
            yield f"{found[1]}{found['rest']}" if is_shown else ""
            continue
        if line.startswith("__ "):
            yield ""
            continue
        text = _AUTOMATIC.sub(r"\g<1>1. ", line.rstrip())
        if text.endswith("::"):
            hidden, text = indent, text[:-1]
        yield _REFERENCE.sub(r"\1", _ROLE.sub(r"\1", text)).replace("``", "`")
