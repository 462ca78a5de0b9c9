# SPDX-License-Identifier: Apache-2.0
"""One file per product; they do not know each other."""
