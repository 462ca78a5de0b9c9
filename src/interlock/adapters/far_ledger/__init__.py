# SPDX-License-Identifier: Apache-2.0
"""Ledgers that are kept elsewhere."""
