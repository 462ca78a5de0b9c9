# SPDX-License-Identifier: Apache-2.0
"""The configuration of an HAProxy that splits one service's traffic between stable and candidate.

1. The file alone serves stable: who reads it anew exposes nothing, and needs nobody of ours to live.
2. What is exposed stands in tables whose entries the proxy itself drops after the lease. Nothing else ends it.
3. Every request takes a turn; turns are spread over the whole, so a share is exact also within a short stretch.
4. A candidate's server has weight 0 in its backend and is named by a rule. Whatever fails there is given to the stable
   servers beside it. Methods that are safe to repeat are repeated also after they were sent.
5. No connection to an endpoint is kept: one in use while the pools change would go on being used for what comes later.
6. The others go through a hop inside the proxy, one connection each: HAProxy closes a kept connection without a word
   when its second request gets no answer, and counts nothing. On a first request it answers 502 and counts.
7. Where users are told apart, a user's turn is a hash of who they are; who says nothing takes the next turn (rule 3).
   A backend without traffic says in its server's name how users are known, so that an older file is found out.
"""

import errno
import ipaddress
import re
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Final

from interlock.adapters import linux
from interlock.adapters.listening import try_to_listen
from interlock.domain.traffic import WHOLE
from interlock.ports.failure import Rejected, Unavailable
from interlock.ports.router import (
    COHORT_COOKIE,
    COHORT_HEADER,
    NOBODY,
    Carrier,
    Endpoint,
    Pools,
    ProxyCommand,
    UserKey,
)

STABLE: Final = "stable"
CANDIDATE: Final = "candidate"
ONCE: Final = "_once"
"""What is added to a backend's name for requests that are sent once only."""
LEASE: Final = "lease"
COHORTS: Final = "cohorts"
USERS: Final = "users"
"""The backend whose only server is called as users are known."""
SHARE_KEY: Final = "share"
MEMBERS_KEY: Final = "members"
MAX_SLOTS: Final = 16
NOWHERE: Final = Endpoint("127.0.0.1", 9)
"""Where an empty slot points; it is disabled."""
_STRIDE: Final = 6_181
"""Turns are multiplied by this, which has no divisor in common with the whole: neighbours fall far apart."""
_PORTS: Final = range(1, 65_536)
_PLAIN_PATH: Final = re.compile(r"/[\w./@+~-]{0,200}", re.ASCII)
_PLAIN_NAME: Final = re.compile(r"[A-Za-z0-9][\w.-]{0,62}", re.ASCII)
_REPEATED: Final = "    retry-on conn-failure empty-response junk-response response-timeout"


@dataclass(frozen=True, slots=True)
class HaproxyProxy:
    """One HAProxy process: where it serves, and the socket that it is told things through (two more lie beside it).

    It runs in the socket's folder and knows it by name only, because the path of a socket may be 107 bytes long.
    """

    name: str
    listen: Endpoint
    socket: Path


@dataclass(frozen=True, slots=True)
class HaproxyFiles:
    """One file for each proxy, in one folder.

    `probe` is a path that a candidate's endpoint answers by GET when it is ready; empty: ready is who accepts a
    connection. Of stable only that is asked: a check that goes wrong must not take away what serves. `users` is how
    requests tell which user they are from; `seed` salts the turns of users.
    """

    folder: Path
    proxies: tuple[HaproxyProxy, ...]
    ttl: timedelta
    probe: str = ""
    users: UserKey = NOBODY
    seed: int = 0

    def path(self, proxy: HaproxyProxy) -> Path:
        return self.folder / f"{proxy.name}.cfg"

    def start_command(self, proxy: HaproxyProxy) -> tuple[str, ...]:
        """How to start it, in the foreground.

        With `-x SOCKET -sf PROCESS` added (the socket by its name alone) it is started as the successor of a process
        that runs: it is handed the open port, and the former ends when it has served its last.
        """
        return ("haproxy", "-C", str(proxy.socket.parent), "-f", str(self.path(proxy)))

    def write(self, pools: Pools) -> None:
        """Make these pools what every proxy starts with from now on."""
        for proxy in self.proxies:
            self.text(proxy, pools)
        for proxy in self.proxies:
            self._put(proxy, pools)

    def prepare(self, resting: tuple[HaproxyProxy, ...]) -> tuple[ProxyCommand, ...]:
        """Write every file anew, with the pools that are in it; those without one answer 503 until some are arranged.

        Of the resting proxies, which do not run, the port is looked at: whether they could have it.
        """
        for proxy in resting:
            _require_free(proxy.listen)
        for proxy in self.proxies:
            has_file = self.path(proxy).exists()
            self._put(proxy, self.arranged(proxy) if has_file else Pools(()))
        return tuple(ProxyCommand(proxy.name, self.start_command(proxy)) for proxy in self.proxies)

    def arranged(self, proxy: HaproxyProxy) -> Pools:
        """The pools in its file; none when there is no file."""
        try:
            lines = self.path(proxy).read_text().splitlines()
        except OSError as fault:
            raise Rejected(
                "router.files", f"there is no configuration of '{proxy.name}': {fault}", "arrange the pools first"
            ) from fault
        return Pools(_listed(lines, "# stable"), _listed(lines, "# candidate"))

    def _put(self, proxy: HaproxyProxy, pools: Pools) -> None:
        path, text = self.path(proxy), self.text(proxy, pools)
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            linux.write_whole(str(path), text.encode())
        except OSError as fault:
            raise Unavailable(
                "router.files", f"'{path}' cannot be written: {fault}", "make room, or give us the folder"
            ) from fault

    def text(self, proxy: HaproxyProxy, pools: Pools) -> str:
        """The whole configuration."""
        _require_expressible(proxy, pools)
        if self.probe and not _PLAIN_PATH.fullmatch(self.probe):
            raise Rejected("router.bad_name", f"'{self.probe}' is no path to ask", "use a path without a query")
        span = f"{self.ttl // timedelta(milliseconds=1)}ms"
        arms = [(STABLE, ""), (CANDIDATE, ""), (STABLE, ONCE), (CANDIDATE, ONCE)]
        parts = (
            [f"# {name} {endpoint.host} {endpoint.port}" for name, endpoint in _named(pools)],
            _global(proxy),
            _table(LEASE, f"len 16 size 16 expire {span} store gpt0"),
            _table(COHORTS, f"len 64 size 64 expire {span} store gpt0"),
            _table("turns", "len 16 size 16 store gpc0"),
            _marker(self.users),
            _frontend(proxy, _turns(self.users, self.seed)),
            *(_hop(proxy, arm) for arm in (STABLE, CANDIDATE)),
            *(_backend(arm, kind, pools, self.probe) for arm, kind in arms),
        )
        return "\n".join(line for part in parts for line in part) + "\n"


def bind_word(endpoint: Endpoint) -> str:
    """As HAProxy writes an address with its port."""
    return f"[{endpoint.host}]:{endpoint.port}" if ":" in endpoint.host else f"{endpoint.host}:{endpoint.port}"


def require_pools(pools: Pools) -> None:
    """Rejected unless these pools can serve, and HAProxy can be told them."""
    if not pools.stable:
        raise Rejected("router.no_stable", "nothing would serve", "arrange at least one stable endpoint")
    _require_known(pools)


def _require_known(pools: Pools) -> None:
    if max(len(pools.stable), len(pools.candidate)) > MAX_SLOTS:
        raise Rejected(
            "router.too_many_endpoints", f"an arm has more than {MAX_SLOTS} endpoints", "put a balancer before them"
        )
    for _, endpoint in _named(pools):
        _require_address(endpoint)


def _named(pools: Pools) -> tuple[tuple[str, Endpoint], ...]:
    return (
        *((STABLE, endpoint) for endpoint in pools.stable),
        *((CANDIDATE, endpoint) for endpoint in pools.candidate),
    )


def _listed(lines: list[str], word: str) -> tuple[Endpoint, ...]:
    found = [line.removeprefix(f"{word} ").split() for line in lines if line.startswith(f"{word} ")]
    return tuple(Endpoint(host, int(port)) for host, port in found)


def _require_expressible(proxy: HaproxyProxy, pools: Pools) -> None:
    _require_known(pools)
    _require_address(proxy.listen)
    if not all(_PLAIN_NAME.fullmatch(word) for word in (proxy.name, proxy.socket.name)):
        raise Rejected(
            "router.bad_name",
            f"the name or the socket of '{proxy.name}' cannot stand in a configuration",
            "use at most 63 letters, digits, dots and dashes",
        )


def _require_address(endpoint: Endpoint) -> None:
    try:
        ipaddress.ip_address(endpoint.host)
    except ValueError as fault:
        raise Rejected(
            "router.bad_address", f"'{endpoint.host}' is no IP address", "name the address itself"
        ) from fault
    if endpoint.port not in _PORTS:
        raise Rejected("router.bad_address", f"{endpoint.port} is no port", "name a port from 1 to 65535")


def _require_free(endpoint: Endpoint) -> None:
    _require_address(endpoint)
    try:
        try_to_listen(endpoint)
    except OSError as fault:
        word = "router.port_in_use" if fault.errno == errno.EADDRINUSE else "router.bad_address"
        raise Rejected(
            word, f"a proxy cannot serve at {bind_word(endpoint)}: {fault.strerror}", "choose another port"
        ) from fault


def _global(proxy: HaproxyProxy) -> list[str]:
    return [
        "global",
        f"    stats socket unix@{proxy.socket.name} mode 600 level admin expose-fd listeners",
        "    stats timeout 10s",
        "    noreuseport",
        "defaults",
        "    mode http",
        "    timeout connect 1s",
        "    timeout client 60s",
        "    timeout server 60s",
        "    timeout tunnel 1h",
        "    timeout check 1s",
        "    retries 3",
        "    option redispatch 1",
        "    option http-server-close",  # a connection kept to an endpoint would outlive its place in the pool
        "    option idle-close-on-response",  # a reload waits for the request that a kept connection may be sending
        "    default-server inter 500ms fastinter 250ms fall 2 rise 1 pool-purge-delay 1s",
    ]


def _table(name: str, shape: str) -> list[str]:
    return [f"backend {name}", f"    stick-table type string {shape}"]


def users_word(users: UserKey) -> str:
    """The name of the marking server."""
    return str(users).replace(" ", ".")


def _marker(users: UserKey) -> list[str]:
    return [f"backend {USERS}", f"    server {users_word(users)} {bind_word(NOWHERE)} disabled"]


def _turns(users: UserKey, seed: int) -> list[str]:
    """How far a request's turn is beyond the share: its user's turn, or the next one."""
    take = f"set-var(txn.left) sc0_inc_gpc0,mul({_STRIDE}),mod({WHOLE}),sub(txn.share)"
    if users == NOBODY:
        return [f"    http-request {take}"]
    who = f"req.cook({users.name})" if users.carrier is Carrier.COOKIE else f"req.fhdr({users.name})"
    return [
        f"    acl is_known {who} -m len gt 0",
        f"    http-request {take} unless is_known",
        f"    http-request set-var(txn.left) {who},xxh32({seed}),mod({WHOLE}),sub(txn.share) if is_known",
    ]


def _frontend(proxy: HaproxyProxy, turns: list[str]) -> list[str]:
    return [
        "frontend service",
        f"    bind {bind_word(proxy.listen)}",
        "    acl is_safe method GET HEAD OPTIONS TRACE",
        "    acl is_invited var(txn.invited) -m int gt 0",
        "    acl is_shared var(txn.left) -m int lt 0",
        "    http-request track-sc0 str(all) table turns",
        f"    http-request set-var(txn.share) str({SHARE_KEY}),table_gpt0({LEASE})",
        f"    http-request set-var(txn.invited) req.hdr({COHORT_HEADER}),table_gpt0({COHORTS})",
        f"    http-request set-var(txn.invited) req.cook({COHORT_COOKIE}),table_gpt0({COHORTS}) unless is_invited",
        *turns,
        f"    use_backend {CANDIDATE} if is_safe is_invited or is_safe is_shared",
        f"    use_backend to_{CANDIDATE} if is_invited or is_shared",
        f"    use_backend {STABLE} if is_safe",
        f"    default_backend to_{STABLE}",
    ]


def _hop(proxy: HaproxyProxy, arm: str) -> list[str]:
    door = f"unix@{proxy.socket.name}.{arm}"
    return [
        f"backend to_{arm}",
        "    http-reuse never",
        f"    server hop {door}",
        f"frontend hop_{arm}",
        f"    bind {door} mode 600",
        f"    default_backend {arm}{ONCE}",
    ]


def _backend(arm: str, kind: str, pools: Pools, probe: str) -> list[str]:
    lines = [f"backend {arm}{kind}"]
    lines += [] if kind else [_REPEATED]
    if arm == STABLE:
        return lines + _servers("s", pools.stable, f"track {STABLE}/s{{}}" if kind else "check")
    lines += [f"    option httpchk GET {probe}"] if probe and not kind else []
    lines += [
        f"    http-request set-var(txn.members) str({MEMBERS_KEY}),table_gpt0({LEASE})",
        "    http-request set-var(txn.pick) rand(1000000),mod(txn.members)",
    ]
    lines += [f"    use-server c{at + 1} if {{ var(txn.pick) -m int {at} }}" for at in range(MAX_SLOTS)]
    lines += _servers("c", pools.candidate, f"weight 0 track {CANDIDATE}/c{{}}" if kind else "weight 0 check")
    return lines + _servers("f", pools.stable, f"track {STABLE}/s{{}}")


def _servers(letter: str, endpoints: tuple[Endpoint, ...], options: str) -> list[str]:
    """All slots of one kind; those without an endpoint are disabled (who tracks a disabled one is, too)."""
    lines = []
    for at in range(MAX_SLOTS):
        endpoint = endpoints[at] if at < len(endpoints) else NOWHERE
        resting = " disabled" if at >= len(endpoints) and "track" not in options else ""
        lines.append(f"    server {letter}{at + 1} {bind_word(endpoint)} {options.format(at + 1)}{resting}")
    return lines
