# SPDX-License-Identifier: Apache-2.0
"""From a page's model to HTML: the one place where text of others becomes part of a page.

1. Everything is escaped by itself, and cleaned of what is no text before: a commit's subject comes from strangers.
2. A name that a template asks for and the model has not is an error, never an empty place.
3. What shows the same to everybody is drawn once, and drawn anew when it shows something else.
4. Nothing is written into a page that a browser would run, or draw by itself: scripts and styles are files.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import cache, lru_cache
from typing import Final
from urllib.parse import quote

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from interlock.domain.moment import NEVER, in_words

_KEPT: Final = frozenset("\n\t")
_SAFE: Final = "/:@+,=~!$*'()"
_SHA: Final = "sha256:"
_DIGITS: Final = 12
_PIECES: Final = 1000
"""Of how many pieces of pages it is kept how they were drawn."""
_DRAWN: Final[dict[tuple[str, str], tuple[dict[str, object], Markup]]] = {}
"""Each with what it shows."""


def render(template: str, model: Mapping[str, object]) -> str:
    """The page."""
    return _environment().get_template(template).render(model)


def drawn(template: str, name: str, **shown: object) -> Markup:
    """A piece of a page that rests on nothing but what it shows. The last one of its name is kept."""
    known, text = _DRAWN.get((template, name), ({}, Markup()))
    if known != shown:
        text = Markup(render(template, shown))  # noqa: S704  # a template of ours, escaped like every page
        if len(_DRAWN) >= _PIECES:
            _DRAWN.clear()
        _DRAWN[template, name] = shown, text
    return text


def clean(value: object) -> object:
    """The value with nothing in it that is neither text nor a new line."""
    if isinstance(value, Markup) or not isinstance(value, str) or value.isprintable():
        return value
    return "".join(one if one.isprintable() or one in _KEPT else "\N{REPLACEMENT CHARACTER}" for one in str(value))


def short(digest: str) -> str:
    """Enough of a digest or a commit to tell it from others."""
    return digest.removeprefix(_SHA)[:_DIGITS]


def path(*parts: str) -> str:
    """A path within the site; ids may hold slashes and colons."""
    return quoted("/" + "/".join(parts))


def quoted(place: str) -> str:
    """A path as it is written in an address."""
    return quote(place, safe=_SAFE)


def span(length: timedelta) -> str:
    """A length of time in its two largest units."""
    return _in_units(max(round(length.total_seconds()), 0))


@lru_cache(maxsize=4096)
def _in_units(seconds: int) -> str:
    """Remembered: a page shows many, and for a second all pages show the same."""
    units = (("d", 86400), ("h", 3600), ("min", 60), ("s", 1))
    parts: list[str] = []
    for name, size in units:
        count, seconds = divmod(seconds, size)
        if count:
            parts.append(f"{count} {name}")
    return " ".join(parts[:2]) or "0 s"


def moment(when: datetime) -> Markup:
    """A moment, with what a machine reads of it."""
    if when == NEVER:
        return Markup('<span class="quiet">unknown</span>')
    return _time(when, in_words(when))


def second(when: datetime) -> Markup:
    """The same to the second, where what happened is told in order."""
    return _time(when, f"{when.astimezone(UTC):%Y-%m-%d %H:%M:%S UTC}")


def _time(when: datetime, words: str) -> Markup:
    machine = when.astimezone(UTC).isoformat(timespec="seconds")
    return Markup('<time datetime="{}">{}</time>').format(machine, words)


def typed(sentence: str) -> Markup:
    """A sentence; what stands between backticks is something to type."""
    parts = str(clean(sentence)).split("`")
    return Markup("").join(
        Markup("<code>{}</code>").format(part) if number % 2 else escape(part) for number, part in enumerate(parts)
    )


def percent(share: float, digits: int = 2) -> str:
    """A share of one, in percent."""
    return f"{share * 100:.{digits}f} %"


@cache
def _environment() -> Environment:
    """Templates are read once."""
    environment = Environment(
        loader=PackageLoader("interlock.web"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=clean,
        auto_reload=False,
    )
    environment.filters |= {
        "moment": moment, "percent": percent, "second": second, "short": short, "span": span, "typed": typed,
    }  # fmt: skip
    environment.globals |= {"drawn": drawn, "path": path}
    return environment
