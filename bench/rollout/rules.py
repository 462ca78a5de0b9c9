# SPDX-License-Identifier: Apache-2.0
"""The rules a measurement is governed by: a pack without people in it, and bindings to real processes and proxies."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Final

SERVICE: Final = "bench"
PLACE: Final = "production"
TTL: Final = 3
"""Seconds a lease lives."""
INTERVAL: Final = 1
"""Seconds between measurements."""
BLIND_FOR: Final = 5
"""Seconds without sight, or with an unready candidate, before it goes back."""
WITHIN: Final = 4
"""Seconds a deployment may take to get ready."""


@dataclass(frozen=True, slots=True)
class Ports:
    """The first port of each row."""

    service: int
    listen: int
    admin: int
    control: int
    metrics: int


@dataclass(frozen=True, slots=True)
class Step:
    """So many percent for so many seconds."""

    weight: float
    hold: int


@dataclass(frozen=True, slots=True)
class Rules:
    """How this place is routed and how its releases are rolled out."""

    router: str
    proxies: tuple[str, ...]
    steps: tuple[Step, ...]
    prometheus: bool = False


def pack(rules: Rules) -> str:
    """The text of pack.yaml."""
    steps = [{"weight": step.weight, "hold": f"{step.hold}s"} for step in rules.steps]
    analysis = {} if rules.router == "envoy" and not rules.prometheus else {"analysis": {"latency": "unjudged"}}
    fit = {"name": "fit", "requires": [{"id": "tests", "gate": {"check": "tests"}}]}
    stage = {
        "name": PLACE,
        "environment": PLACE,
        "verify": {"checks": ["alive"], "within": "20s", "every": "1s"},
        "rollout": {"steps": steps, "every": f"{INTERVAL}s", "blind_for": f"{BLIND_FOR}s", **analysis},
        "bake": {"for": f"{INTERVAL}s", "every": f"{INTERVAL}s", "checks": ["alive"]},
    }
    return json.dumps(
        {
            "pack": "bench",
            "version": "1.0.0",
            "status": "active",
            "roles": ["releaser"],
            "governors": ["releaser"],
            "environments": [{"name": PLACE, "tier": "production"}],
            "paths": {"standard": {"for": ["standard", "normal"], "stages": ["fit", PLACE]}},
            "stages": [fit, stage],
            "waivers": {"authority": ["releaser"], "longest": "1d"},
        },
        indent=1,
    )


def bindings(rules: Rules, ports: Ports, switches: Path) -> str:
    """The text of interlock.yaml."""
    environment: dict[str, object] = {
        "deploy": {
            "process": ["python3", "backend.py", "{port}", "{version}", str(switches)],
            "port": ports.service,
            "ready": "/health",
            "within": f"{WITHIN}s",
        },
        "route": _route(rules, ports),
    }
    if rules.prometheus:
        environment["metrics"] = _metrics(ports)
    return json.dumps(
        {
            "service": SERVICE,
            "pack": "pack.yaml",
            "checks": {
                "tests": {"command": ["true"]},
                "alive": {"http": ["http://{endpoint}/health"], "timeout": "3s"},
            },
            "environments": {PLACE: environment},
            "roles": {"releaser": ["ann"]},
            "governed": ["pack.yaml"],
        },
        indent=1,
    )


def scraping(ports: Ports, proxies: int) -> str:
    """The configuration of a Prometheus that scrapes the proxies."""
    targets = [f"127.0.0.1:{ports.admin + at}" for at in range(proxies)]
    job = {"job_name": "proxies", "metrics_path": "/stats/prometheus", "static_configs": [{"targets": targets}]}
    return json.dumps({"global": {"scrape_interval": "250ms", "scrape_timeout": "250ms"}, "scrape_configs": [job]})


def _route(rules: Rules, ports: Ports) -> dict[str, object]:
    common: dict[str, object] = {"listen": ports.listen, "ttl": f"{TTL}s"}
    if rules.router == "envoy":
        return {"envoy": list(rules.proxies), **common, "admin": ports.admin, "control": ports.control}
    return {"haproxy": list(rules.proxies), **common}


def _metrics(ports: Ports) -> dict[str, object]:
    def counted(metric: str, arm: str) -> str:
        name = f'envoy_cluster_name="{SERVICE}/{PLACE}/{arm}"'
        return f"sum by (instance) (last_over_time(envoy_cluster_{metric}{{{name}}}[{{fresh}}]))"

    return {
        "prometheus": f"http://127.0.0.1:{ports.metrics}",
        "requests": f"{counted('endpoint_rq_success', '{arm}')} + {counted('endpoint_rq_error', '{arm}')}",
        "errors": counted("endpoint_rq_error", "{arm}"),
        "ready": counted("membership_healthy", "candidate"),
        "members": counted("membership_total", "candidate"),
        "fresh_for": "1s",
    }
