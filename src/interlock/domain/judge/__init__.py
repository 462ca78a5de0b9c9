# SPDX-License-Identifier: Apache-2.0
"""Judging a candidate by what was counted of it and of stable at the same time. Pure: no clock, no chance, no I/O.

Callers import from `judging`; every other module here is one method and may be replaced behind it.
"""
