# SPDX-License-Identifier: Apache-2.0
"""One deterministic Hypothesis profile: the same examples on every run, so that a failure is news."""

from hypothesis import HealthCheck, settings

settings.register_profile(
    "interlock",
    derandomize=True,
    database=None,
    deadline=None,
    max_examples=80,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("interlock")
