# SPDX-License-Identifier: Apache-2.0
"""axe-core, fetched once by npm into the build folder, and asked in the page what is wrong with it."""

import hashlib
import subprocess
import tarfile
from functools import cache
from pathlib import Path
from typing import Final

from playwright.sync_api import Page

VERSION: Final = "4.14.1"
DIGEST: Final = "e6b0ce02b84d892e2e33e403485e7f3d6c29e2be6df65daf44d89ba564139745"
CACHE: Final = Path(__file__).resolve().parents[2] / "build" / "cache"
MEMBER: Final = "package/axe.min.js"
RULES: Final = "wcag2a wcag2aa wcag21a wcag21aa wcag22aa best-practice"


@cache
def source() -> str:
    """Its text, of just this version and content."""
    kept = CACHE / f"axe-core-{VERSION}.tgz"
    if not kept.exists():
        CACHE.mkdir(parents=True, exist_ok=True)
        command = ["npm", "pack", "--silent", f"axe-core@{VERSION}", "--pack-destination", str(CACHE)]
        subprocess.run(command, check=True, capture_output=True, cwd=CACHE)
    assert hashlib.sha256(kept.read_bytes()).hexdigest() == DIGEST
    with tarfile.open(kept) as archive:
        member = archive.extractfile(MEMBER)
        assert member is not None
        return member.read().decode()


def violations(page: Page) -> list[str]:
    """What is wrong, one line each; nothing when all is well."""
    page.evaluate(source())
    rules = RULES.split()
    found = page.evaluate("(rules) => axe.run(document, {runOnly: rules, resultTypes: ['violations']})", rules)
    return [
        f"{one['id']}: {one['help']}: {node['target']} {node.get('failureSummary', '')}"
        for one in found["violations"]
        for node in one["nodes"]
    ]
