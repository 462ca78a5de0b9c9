# SPDX-License-Identifier: Apache-2.0
"""Outreach: people register, the desk follows up. The version is what the VERSION file beside the package says."""

from pathlib import Path

__version__ = (Path(__file__).resolve().parent.parent / "VERSION").read_text(encoding="utf-8").strip()
