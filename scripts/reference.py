# SPDX-License-Identifier: Apache-2.0
"""Write the reference pages from the code: codes, pack language, bindings, scenarios, API. `--check` only compares.

Pages that are generated cannot promise what the code does not do; a test runs this with `--check`.
"""

import collections.abc
import dataclasses
import re
import sys
import typing
from datetime import timedelta
from enum import StrEnum
from pathlib import Path

from addresses import api
from codes_said import NEXT, SAID, Coined, codes

from interlock.packs import bindings, model
from interlock.packs.shape import Key, keys_of
from interlock.packs.wanted import ANY, bounds_in_words
from interlock.testing.acts import Act
from interlock.testing.cases import Standing
from interlock.testing.expectation import Expectation
from interlock.testing.scenario import Given, Scenario, Step

ROOT = Path(__file__).parent.parent
PAGES = ROOT / "docs" / "reference"
_NAMED = 20
"""So many tables are named where one of them may stand; more are not."""
PLAIN: dict[object, str] = {
    str: "text",
    int: "whole number",
    float: "number",
    bool: "true or false",
    timedelta: "duration",
}


def refusals() -> str:
    """The page of codes."""
    best: dict[str, Coined] = {}
    for one in sorted(codes(), key=lambda coined: -len(coined.sentence + coined.next_step)):
        best.setdefault(one.code, one)
    lines = [
        "# Codes",
        "",
        "Every refusal, finding and error has a stable code, one sentence and a next step. This page is made from the",
        "source; words in braces are filled in. `interlock explain CODE` shows an entry.",
        "",
    ]
    family = ""
    for code in sorted(best):
        if code.partition(".")[0] != family:
            family = code.partition(".")[0]
            lines += [f"## {family}", ""]
        entry = best[code]
        sentence, then = entry.sentence, entry.next_step
        if code in SAID:
            sentence, then = SAID[code], then or ("" if sentence.startswith("{") else sentence)
        then = NEXT.get(code, then)
        lines += [f"### {code}", "", (sentence[:1].upper() + sentence[1:]).rstrip(".") + ".", ""]
        if then:
            lines += [f"Next: {then}", ""]
    return "\n".join(lines)


def grammar(title: str, about: str, top: type) -> str:
    """The page of a file's grammar: every table, every key."""
    lines = [f"# {title}", "", about, "", "This page is made from the source.", ""]
    seen: list[type] = []
    waiting = [top]
    while waiting:
        shape = waiting.pop(0)
        if shape in seen:
            continue
        seen.append(shape)
        lines += [f"## {shape.__name__}", "", *([_about(shape), ""] if _about(shape) else []), *_table(keys_of(shape))]
        for key in keys_of(shape):
            waiting += [inner for inner in _shapes(key.shape) if inner not in seen]
    return "\n".join(lines)


def scenarios() -> str:
    """The page of scenarios: a step goes by the keys it cannot be without."""
    lines = [
        "# Scenarios",
        "",
        "What may stand in a scenario beside a pack (`scenarios/*.yaml`), and what each step needs. How to write one:",
        "`docs/how-to/requirements-and-scenarios.md`.",
        "",
        "This page is made from the source.",
        "",
        *_table(keys_of(Scenario)),
        "## given",
        "",
        *_table(keys_of(Given)),
        "## Steps",
        "",
        "Each is one of these. Whatever people do also says:",
        "",
        *_table(keys_of(Act)),
    ]
    shared = {key.name for key in keys_of(Act)}
    for shape in _shapes(Step):
        own = [key for key in keys_of(shape) if not (issubclass(shape, Act) and key.name in shared)]
        named = [key.name for key in own if key.required]
        lines += [f"### {', '.join(named)}", "", _about(shape), "", *_table(own)]
    lines += ["## What is expected", "", *_table(keys_of(Expectation)), "### incident", "", *_table(keys_of(Standing))]
    return "\n".join(lines)


def _table(keys: collections.abc.Iterable[Key]) -> list[str]:
    rows = [f"| `{key.name}` | {_words(key)} | {'yes' if key.required else 'no'} |" for key in keys]
    return ["| key | what | required |", "|---|---|---|", *rows, ""]


def _about(shape: type) -> str:
    text = (shape.__doc__ or "").strip().split("\n")[0]
    return "" if text.startswith(f"{shape.__name__}(") else text


def _words(key: Key) -> str:
    return f"{key.rules.doc} *{_kind(key.shape)}{_span(key)}*".replace("|", "\\|").strip()


def _span(key: Key) -> str:
    """From where to where, where that is said."""
    return "" if key.rules.span == ANY else f", {bounds_in_words(key.shape, key.rules.span)}"


def _kind(shape: object) -> str:
    inner = [one.__name__ for one in _shapes(shape)]
    if inner:
        return " or ".join(inner) if len(inner) <= _NAMED else "listing of one of these"
    if shape in PLAIN:
        return PLAIN[shape]
    if typing.get_origin(shape) is tuple:
        return f"listing of {_kind(typing.get_args(shape)[0])}"
    if typing.get_origin(shape) is collections.abc.Mapping:
        return f"table of {_kind(typing.get_args(shape)[1])}"
    if isinstance(shape, type) and issubclass(shape, StrEnum):
        return ", ".join(shape)
    options = [one for one in typing.get_args(shape) if one is not type(None)]
    if options:
        return _kind(options[0])
    return re.sub(
        r"typing\.|interlock\.[a-z_.]+\.|collections\.abc\.|datetime\.", "", str(getattr(shape, "__name__", shape))
    )


def _shapes(shape: object) -> list[type]:
    if isinstance(shape, type) and dataclasses.is_dataclass(shape):
        return [shape]
    return [one for part in typing.get_args(shape) for one in _shapes(part)]


def pages() -> dict[str, str]:
    """Every generated page by its name."""
    return {
        "refusals.md": refusals(),
        "pack-language.md": grammar(
            "The pack language", "What may stand in a protocol pack (`pack.yaml`), table by table.", model.PackFile
        ),
        "api.md": api(),
        "scenarios.md": scenarios(),
        "bindings.md": grammar(
            "Bindings", "What may stand in a service's `interlock.yaml`, table by table.", bindings.Bindings
        ),
    }


def main() -> int:
    """Write the pages, or with `--check` say which differ."""
    stale = []
    for name, text in pages().items():
        path = PAGES / name
        if "--check" in sys.argv[1:]:
            stale += [name] if not path.exists() or path.read_text() != text else []
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
    silent = sorted({one.code for one in codes()} - {one.code for one in codes() if one.sentence} - SAID.keys())
    for code in silent:
        sys.stderr.write(f"{code} has no sentence: say it under SAID in scripts/codes_said.py\n")
    for name in stale:
        sys.stderr.write(f"docs/reference/{name} is not what the code says: run scripts/reference.py\n")
    return 1 if stale or silent else 0


if __name__ == "__main__":
    sys.exit(main())
