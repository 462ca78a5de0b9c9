# SPDX-License-Identifier: Apache-2.0
"""Writing records into repositories."""
