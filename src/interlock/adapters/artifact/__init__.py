# SPDX-License-Identifier: Apache-2.0
"""Naming and fetching what is shipped: how the outside offers it."""
