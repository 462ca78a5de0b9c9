# SPDX-License-Identifier: Apache-2.0
"""Portraits: what each thing looks like as data, the same for every face: printed by `--json`, answered by the API."""
