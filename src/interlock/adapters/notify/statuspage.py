# SPDX-License-Identifier: Apache-2.0
"""A status page: a folder with `index.html` for people and `status.json` for programs, served by whatever serves files.

1. It says what runs in every environment and what was told last. Each file is replaced as a whole, so that nobody ever
   reads half of one; the page is written last.
2. What was told is on it once: a key that stands there is not written again.
3. It asks nothing of the network and runs nothing: one file, no scripts, every word escaped.
4. A folder that holds somebody else's page is left alone.
"""

import html
import json
import os
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import msgspec

from interlock.domain.ids import EffectKey
from interlock.domain.moment import in_words
from interlock.ports.failure import Deduplication, Rejected, Unavailable
from interlock.ports.notify import Message, Place

SCHEME: Final = "file:"
FORM: Final = "interlock status page 1"
KEPT: Final = 50
"""How many messages stand on the page."""
PAGE: Final = "index.html"
DATA: Final = "status.json"


@dataclass(frozen=True, slots=True)
class Told:
    key: str
    at: datetime
    service: str
    urgency: str
    title: str
    body: str


@dataclass(frozen=True, slots=True)
class Shown:
    """What stands on the page; newest messages first."""

    form: str = FORM
    updated: datetime = datetime.min.replace(tzinfo=UTC)
    services: dict[str, tuple[Place, ...]] = field(default_factory=dict)
    messages: tuple[Told, ...] = ()


@dataclass(frozen=True, slots=True)
class StatusPage:
    """Keeps the page in `folder`, which is made when it is not there."""

    folder: Path
    now: Callable[[], datetime]

    @property
    def deduplication(self) -> Deduplication:
        return Deduplication.OBSERVED

    def deliver(self, message: Message, key: EffectKey, lost: tuple[str, ...] = ()) -> None:
        """Write it down. There is one address here, so what was lost before is all of it."""
        try:
            self._deliver(message, key)
        except OSError as fault:
            raise Unavailable(
                "notify.page_unwritable",
                f"the status page cannot be written: {fault.strerror or type(fault).__name__}",
                "look whether its folder can be written",
            ) from fault

    def _deliver(self, message: Message, key: EffectKey) -> None:
        before = self._read()
        if any(told.key == key for told in before.messages):
            return
        now = self.now()
        told = Told(key, now, message.service, message.urgency.value, message.title, message.body)
        services = {**before.services, message.service: message.places} if message.places else before.services
        shown = Shown(FORM, now, services, (told, *before.messages)[:KEPT])
        self.folder.mkdir(parents=True, exist_ok=True)
        self._replace(DATA, json.dumps(msgspec.to_builtins(shown), ensure_ascii=False, indent=1) + "\n")
        self._replace(PAGE, page(shown))

    def _read(self) -> Shown:
        data = self.folder / DATA
        if not data.exists():
            if (self.folder / PAGE).exists():
                raise self._not_ours()
            return Shown()
        try:
            shown = msgspec.json.decode(data.read_bytes(), type=Shown)
        except msgspec.DecodeError as fault:
            raise self._not_ours() from fault
        if shown.form != FORM:
            raise self._not_ours()
        return shown

    def _not_ours(self) -> Rejected:
        sentence = "the folder of the status page holds a page that Interlock did not write"
        return Rejected("notify.not_our_page", sentence, "bind a folder of its own, or move that page away")

    def _replace(self, name: str, text: str) -> None:
        handle, temporary = tempfile.mkstemp(dir=self.folder, prefix=f".{name}.")
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                os.fchmod(file.fileno(), 0o644)
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            Path(temporary).replace(self.folder / name)
        except OSError:
            Path(temporary).unlink(missing_ok=True)
            raise


def page_at(address: str, root: Path, now: Callable[[], datetime]) -> StatusPage:
    """The page at `file:PATH`; a path that does not begin with `/` is taken from `root`. Raises `Rejected`."""
    path = address.removeprefix(SCHEME)
    if not address.startswith(SCHEME) or not path.strip() or "\0" in path:
        raise Rejected("notify.bad_address", "a status page has no such address", "write file:PATH, the path a folder")
    return StatusPage(root / path, now)


def page(shown: Shown) -> str:
    """The page as it is served."""
    return "\n".join(("<!doctype html>", *_lines(shown), ""))


def _lines(shown: Shown) -> Iterator[str]:
    names = ", ".join(sorted(shown.services)) or "Status"
    yield '<html lang="en"><head><meta charset="utf-8">'
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">'
    yield "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">"
    yield f"<title>{_text(names)}: status</title><style>{_STYLE}</style></head><body><main>"
    yield f"<h1>Status</h1><p>As of {_moment(shown.updated)}.</p>"
    for service in sorted(shown.services):
        yield from _service(service, shown.services[service])
    yield "<h2>What was told</h2>"
    for told in shown.messages:
        yield from _told(told)
    yield "</main></body></html>"


def _service(service: str, places: tuple[Place, ...]) -> Iterator[str]:
    yield f"<h2>{_text(service)}</h2><table><thead><tr><th>Environment</th><th>Version</th><th>State</th></tr></thead>"
    for place in places:
        state = ", ".join(one for one in (place.standing, place.under_way) if one)
        mark = "moving" if place.under_way else "resting"
        yield (
            f"<tr><th scope=row>{_text(place.environment)}</th><td>{_text(place.version or 'nothing known')}</td>"
            f'<td class="{mark}">{_text(state)}</td></tr>'
        )
    yield "</table>"


def _told(told: Told) -> Iterator[str]:
    yield f'<article class="{_text(told.urgency)}"><h3>{_text(told.title)}</h3>'
    yield f"<p class=when>{_moment(told.at)}{_text(f', {told.service}' if told.service else '')}</p>"
    yield f"<p class=words>{_text(told.body)}</p></article>"


def _moment(moment: datetime) -> str:
    return f'<time datetime="{_text(moment.isoformat(timespec="seconds"))}">{_text(in_words(moment))}</time>'


def _text(words: str) -> str:
    return html.escape(
        "".join(one if one.isprintable() or one == "\n" else "\N{REPLACEMENT CHARACTER}" for one in words)
    )


_STYLE: Final = (
    ":root{color-scheme:light dark}body{font:1rem/1.5 system-ui,sans-serif;margin:0}"
    "main{max-width:46rem;margin:auto;padding:1rem}table{border-collapse:collapse;width:100%}"
    "th,td{text-align:left;padding:.35rem .6rem .35rem 0;border-bottom:1px solid #8884}"
    "article{border-left:.3rem solid #888;padding:.1rem 0 .1rem .8rem;margin:1rem 0}h3{margin:0}"
    "p{margin:.25rem 0}.when{font-size:.85rem;opacity:.75}.words{white-space:pre-line}.moving{font-weight:600}"
    ".success{border-color:#1a7f37}.warning{border-color:#bf8700}.failure{border-color:#cf222e}"
)
