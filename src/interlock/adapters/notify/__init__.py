# SPDX-License-Identifier: Apache-2.0
"""Telling people: how the outside offers it."""
