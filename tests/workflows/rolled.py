# SPDX-License-Identifier: Apache-2.0
"""A pack with one environment, and a candidate that gets its traffic step by step."""


def rolled(name: str, hold: int, bake: int) -> bytes:
    """The pack of that name; each step and the watch afterwards take so many seconds."""
    return f"""
pack: {name}
version: 1.0.0
status: active
about: One environment, and a candidate that gets its traffic step by step.
roles: [developer, release-manager]
governors: [release-manager]
environments: [{{name: production, tier: production}}]
paths: {{standard: {{for: [standard, normal], stages: [ready, production]}}}}
stages:
  - name: ready
    requires: [{{id: tests, gate: {{check: tests}}, waivable: false}}]
  - name: production
    environment: production
    verify: {{checks: [smoke], within: 1m, every: 2s}}
    rollout:
      steps: [{{weight: 10, hold: {hold}s}}, {{weight: 50, hold: {hold}s}}]
      every: 1s
      blind_for: 10s
    bake: {{for: {bake}s, every: 2s, checks: [smoke]}}
waivers: {{authority: [release-manager], longest: 7d}}
""".encode()
