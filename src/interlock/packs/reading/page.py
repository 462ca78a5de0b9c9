# SPDX-License-Identifier: Apache-2.0
"""A tracing as a page that a release manager reads, prints or mails: one file, no script, nothing loaded from anywhere.

Colour only repeats what a word beside it says.
"""

from collections.abc import Iterator
from html import escape
from typing import Final

from interlock.packs.reading.tracing import State, Trace, Tracing, Why

_STYLE: Final = """
:root { color-scheme: light dark; --ink: #1c2024; --quiet: #60646c; --rule: #e0e1e6; --paper: #ffffff;
  --enforced: #18794e; --attested: #0b68cb; --unmapped: #b5331f; --dropped: #60646c; }
@media (prefers-color-scheme: dark) { :root { --ink: #edeef0; --quiet: #b0b4ba; --rule: #363a3f; --paper: #111113;
  --enforced: #3dd68c; --attested: #70b8ff; --unmapped: #ff977d; --dropped: #b0b4ba; } }
body { margin: 2rem auto; max-width: 72rem; padding: 0 1rem; background: var(--paper); color: var(--ink);
  font: 15px/1.5 system-ui, sans-serif; }
h1 { font-size: 1.4rem; margin: 0 0 .25rem; }
p { margin: .25rem 0 1rem; color: var(--quiet); }
dl { display: flex; flex-wrap: wrap; gap: 2rem; margin: 1rem 0 1.5rem; }
dt { color: var(--quiet); } dd { margin: 0; font-size: 1.5rem; font-variant-numeric: tabular-nums; }
table { width: 100%; border-collapse: collapse; }
th { text-align: left; font-weight: 600; border-bottom: 1px solid var(--ink); padding: .25rem .5rem; }
td { vertical-align: top; padding: .2rem .5rem; border-bottom: 1px solid var(--rule); overflow-wrap: anywhere; }
td:first-child { text-align: right; color: var(--quiet); font-variant-numeric: tabular-nums; }
tr.prose td { color: var(--quiet); border-bottom-color: transparent; }
tr.blank td { height: .6rem; padding: 0; border-bottom-color: transparent; }
.said { white-space: pre-wrap; } .part { padding-left: 1.5rem; color: var(--quiet); }
.statement { white-space: nowrap; color: var(--quiet); font-variant-numeric: tabular-nums; }
.state { white-space: nowrap; font-weight: 600; }
.enforced .state { color: var(--enforced); } .attested .state { color: var(--attested); }
.unmapped .state { color: var(--unmapped); } .dropped .state { color: var(--dropped); }
.unmapped td { background: color-mix(in srgb, var(--unmapped) 8%, transparent); }
@media print { body { margin: 0; font-size: 11px; } tr { break-inside: avoid; } }
"""
_WHY: Final = {
    Why.CARRIED: "",
    Why.NOT_CITED: "no element of the pack carries it",
    Why.NEW: "the pack knows nothing of it",
    Why.NOT_UNDERSTOOD: "it was not understood",
}


def why_in_words(one: Trace) -> str:
    """What carries it, or why nothing does."""
    if one.reason and one.state is State.DROPPED:
        return one.reason
    likeness = " (in other words)" if one.is_alike else ""
    return ", ".join(dict.fromkeys(one.carriers)) + likeness if one.carriers else _WHY[one.why]


def page(tracing: Tracing, pack: str) -> str:
    """The page."""
    return "\n".join(_page(tracing, pack)) + "\n"


def _page(tracing: Tracing, pack: str) -> Iterator[str]:
    title = escape(f"{tracing.source} beside {pack}")
    yield f'<!doctype html>\n<html lang="en">\n<meta charset="utf-8">\n<title>{title}</title>'
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">'
    yield f"<style>{_STYLE}</style>\n<h1>{title}</h1>"
    yield "<p>Every line of the document that asks for something, and what of the pack sees to it.</p>\n<dl>"
    for state in State:
        yield f"<div><dt>{state.value}</dt><dd>{tracing.count(state)}</dd></div>"
    titles = "".join(f"<th scope=col>{title}" for title in ("line", "the document", "statement", "state", "by"))
    yield f"</dl>\n<table>\n<thead><tr>{titles}</tr></thead>\n<tbody>"
    by_line: dict[int, list[Trace]] = {}
    for one in tracing.traces:
        by_line.setdefault(one.line, []).append(one)
    for number, text in enumerate(tracing.lines, start=1):
        yield from _line(number, text, by_line.get(number, []))
    yield "</tbody>\n</table>"
    if tracing.gone:
        yield "<h2>No longer in the document</h2>\n<ul>"
        yield from (f"<li>{escape(one.id)}: {escape(one.text)}</li>" for one in tracing.gone)
        yield "</ul>"
    yield "</html>"


def _line(number: int, text: str, traces: list[Trace]) -> Iterator[str]:
    """A line, and a row for each further thing that it asks for, with the words that ask for it."""
    where = f'id="L{number}"><td>{number}<td class="said">{escape(text)}'
    if not text.strip() and not traces:
        yield f'<tr class="blank" id="L{number}"><td><td><td><td><td></tr>'
    elif not traces:
        yield f'<tr class="prose" {where}<td><td><td></tr>'
    for place, one in enumerate(traces):
        said = where if place == 0 else f'><td><td class="part">“{escape(one.text)}”'
        statement, by = escape(f"{one.statement} {one.kind}".strip()), escape(why_in_words(one))
        state = f'<td class="state">{one.state.value}'
        yield f'<tr class="{one.state.value}" {said}<td class="statement">{statement}{state}<td>{by}</tr>'
