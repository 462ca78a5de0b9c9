# SPDX-License-Identifier: Apache-2.0
"""What a refusal's code means: its section of the reference of refusals, where this installation has it."""

import re
from importlib.resources import files
from pathlib import Path
from typing import Final

_REFUSALS: Final = "refusals.md"
_HEADING: Final = "### "
_NEXT_HEADING: Final = re.compile(r"^#+ ", re.MULTILINE)


def page_of(code: str) -> str:
    """What the reference says about a code: its section, up to the next heading; empty for no code."""
    _, heading, rest = reference().partition(f"\n{_HEADING}{code}\n")
    return f"{code}\n\n{re.split(_NEXT_HEADING, rest)[0].strip()}" if heading else ""


def codes() -> tuple[str, ...]:
    """Every code of the reference."""
    return tuple(line.removeprefix(_HEADING) for line in reference().splitlines() if line.startswith(_HEADING))


def reference() -> str:
    """The reference of refusals; empty where this installation has none."""
    packaged = Path(str(files("interlock"))) / "docs" / _REFUSALS
    checkout = Path(str(files("interlock"))).parents[1] / "docs" / "reference" / _REFUSALS
    return next((place.read_text("utf-8") for place in (packaged, checkout) if place.is_file()), "")
