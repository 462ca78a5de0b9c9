# SPDX-License-Identifier: Apache-2.0
import dataclasses
from typing import Final

import pytest

from interlock.packs.citing import citations, whole
from interlock.packs.coverage import COUNTS, KEYS
from interlock.packs.load import Pack, load_pack
from interlock.packs.model import PackFile
from interlock.packs.problem import Problems
from interlock.packs.shape import decode, keys_of
from interlock.packs.wanted import options_of
from interlock.packs.yaml_tree import Document, path_text, read

PACK: Final = """\
pack: team
version: 1.0.0
status: active
roles: [dev, qa]
governors: [qa]
environments:
  - {name: production, tier: production, cites: [P-1]}
paths:
  normal: {for: [normal], stages: [ready, production], cites: {for: [P-2]}}
stages:
  - name: ready
    requires:
      - {id: tests, cites: [P-3, P-4], gate: {check: tests}}
  - name: production
    environment: production
    windows: [{schedule: "RRULE:FREQ=DAILY", tz: Europe/Berlin, from: "09:00", to: "16:00", cites: [P-5]}]
    cites: {windows: [P-6]}
waivers: {authority: [qa], longest: 7d}
"""


def read_in(text: str) -> PackFile:
    document = read("pack.yaml", text.encode())
    assert isinstance(document, Document)
    shape = decode(document, PackFile)
    assert isinstance(shape, PackFile), shape
    return shape


def test_everything_that_cites_is_found_with_its_place() -> None:
    found = [(path_text(one.at), one.ids, one.key) for one in citations(read_in(PACK))]
    assert found == [
        ("environments[0]", ("P-1",), ""),
        ("paths.normal.for", ("P-2",), "for"),
        ("stages[0].requires[0]", ("P-3", "P-4"), ""),
        ("stages[1].windows", ("P-6",), "windows"),
        ("stages[1].windows[0]", ("P-5",), ""),
    ]


def test_what_is_cited_of_a_whole_and_of_its_keys_is_one_list() -> None:
    assert whole(("P-1", "P-2")) == ("P-1", "P-2")
    assert whole({"order": ("P-2",), "windows": ("P-1", "P-2")}) == ("P-2", "P-1")


@pytest.mark.parametrize("key", ["order", "windws", "cites"])
def test_a_key_that_is_cited_is_written(key: str) -> None:
    problems = load_pack("pack.yaml", PACK.replace("{windows: [P-6]}", f"{{{key}: [P-6]}}").encode())
    assert isinstance(problems, Problems)
    assert [(one.code, one.path) for one in problems.found] == [("pack.cites_nothing", f"stages[1].cites.{key}")]


def test_a_pack_that_cites_loads() -> None:
    assert isinstance(load_pack("pack.yaml", PACK.encode()), Pack)


def shapes(shape: object, seen: set[type]) -> set[type]:
    """Every table that can stand in a pack."""
    for option in options_of(shape):
        inner = getattr(option, "__args__", ())
        if isinstance(option, type) and dataclasses.is_dataclass(option) and option not in seen:
            seen.add(option)
            inner = tuple(known.shape for known in keys_of(option))
        for one in inner:
            shapes(one, seen)
    return seen


def test_whatever_can_cite_has_its_place_in_the_order_of_kinds() -> None:
    citing = {one for one in shapes(PackFile, set()) if any(known.name == "cites" for known in keys_of(one))}
    assert citing == set(COUNTS)


def test_every_key_with_a_kind_of_its_own_can_be_written() -> None:
    assert [(shape.__name__, key) for shape, key in KEYS if key not in {one.name for one in keys_of(shape)}] == []
