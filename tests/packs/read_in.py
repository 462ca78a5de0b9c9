# SPDX-License-Identifier: Apache-2.0
"""A pack's text as the loader takes it: what it means, or what is wrong with it."""

from interlock.packs.load import Pack, load_pack
from interlock.packs.problem import Problems


def loaded(text: str) -> Pack:
    """The pack, which must load."""
    pack = load_pack("pack.yaml", text.encode())
    assert isinstance(pack, Pack), pack
    return pack


def wrong(text: str) -> list[tuple[str, str]]:
    """The codes and paths of what is wrong with it; it must not load."""
    problems = load_pack("pack.yaml", text.encode())
    assert isinstance(problems, Problems), problems
    return [(one.code, one.path) for one in problems.found]
