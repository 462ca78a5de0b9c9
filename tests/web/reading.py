# SPDX-License-Identifier: Apache-2.0
"""A page as a test reads it: its text, its forms, and what is wrong with its markup."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Final

from interlock.web.page import UNTRIED, Asked, Page, Reader, Tried, show

VOID: Final = frozenset("area base br col embed hr img input link meta source track wbr".split())
SILENT: Final = frozenset({"script", "style"})


@dataclass
class Form:
    """One form: where it goes, and its fields with their values."""

    action: str
    fields: dict[str, str] = field(default_factory=dict)
    buttons: list[str] = field(default_factory=list)


@dataclass
class Read:
    """What stands on a page."""

    text: str
    ids: list[str]
    forms: list[Form]
    links: list[str]
    faults: list[str]
    opened: list[str]
    """The words of what is unfolded."""
    regions: list[str] = field(default_factory=list)

    def form(self, name: str) -> Form:
        """The form of that name."""
        return next(one for one in self.forms if one.fields.get("form") == name)

    def has_form(self, name: str) -> bool:
        return any(one.fields.get("form") == name for one in self.forms)


class _Reader(HTMLParser):
    """Keeps account of what is open, as a browser does."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.words: list[str] = []
        self.read = Read("", [], [], [], [], [])
        self.stack: list[str] = []
        self.areas: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        known = {name: value or "" for name, value in attrs}
        if tag not in VOID:
            self.stack.append(tag)
        self._noted(tag, known)
        if known.get("role") == "region":
            self.read.regions.append(known.get("aria-label", ""))
        if "id" in known:
            self.read.ids.append(known["id"])
        self.read.faults += [f"<{tag} {name}>" for name in known if name == "style" or name.startswith("on")]
        if tag in SILENT and "src" not in known:
            self.read.faults.append(f"<{tag}> within the page")

    def _noted(self, tag: str, known: Mapping[str, str]) -> None:
        if tag == "form":
            self.read.forms.append(Form(known.get("action", "")))
        elif tag in {"input", "select", "textarea"} and self.read.forms and "name" in known:
            self.read.forms[-1].fields[known["name"]] = known.get("value", "")
            if tag == "textarea":
                self.areas.append(known["name"])
        elif tag == "a":
            self.read.links.append(known.get("href", ""))
        elif tag == "details" and "open" in known:
            self.read.opened.append(str(len(self.words)))

    def handle_endtag(self, tag: str) -> None:
        if not self.stack or self.stack[-1] != tag:
            self.read.faults.append(f"</{tag}> while {self.stack[-3:]} is open")
            return
        self.stack.pop()
        if tag == "textarea" and self.areas:
            self.areas.pop()

    def handle_data(self, data: str) -> None:
        if self.areas:
            self.read.forms[-1].fields[self.areas[-1]] += data
        if self.stack and self.stack[-1] not in SILENT and data.strip():
            self.words.append(" ".join(data.split()))


def read(text: str) -> Read:
    """What stands on it."""
    reader = _Reader()
    reader.feed(text)
    reader.close()
    found = reader.read
    found.text = " ".join(reader.words)
    if reader.stack:
        found.faults.append(f"never closed: {reader.stack}")
    found.faults += [f"id {one} twice" for one in set(found.ids) if found.ids.count(one) > 1]
    found.faults += [f"region {one} twice" for one in set(found.regions) if found.regions.count(one) > 1]
    return found


def shown(page: Page, reader: Reader, tried: Tried = UNTRIED, done: str = "") -> Read:
    """The page as this reader gets it; it is sound."""
    found = read(show(page, Asked(reader, "/here", tried, done)))
    assert not found.faults, found.faults
    return found
