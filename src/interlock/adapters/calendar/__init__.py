# SPDX-License-Identifier: Apache-2.0
"""When a recurring window is open: how the outside offers it."""
