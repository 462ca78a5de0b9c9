# SPDX-License-Identifier: Apache-2.0
"""Interlock: a team's written release procedure, made to enforce itself."""

__version__ = "0.1.0"
