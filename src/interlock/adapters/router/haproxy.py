# SPDX-License-Identifier: Apache-2.0
"""Splitting traffic with HAProxy (2.6 or newer), told through the socket of each process.

1. The share is an entry in a table of the proxy that the proxy drops `ttl` after it was last written. No process of
   ours has to live for exposure to end, and what was dropped does not come back until somebody holds anew.
2. Every command is followed by reading back what it was to change; only what was read back is confirmed.
3. A proxy whose pools are not those of its file (it was away, say) is brought there before anything is exposed.
4. A proxy that knows users by something else than its file says is refused every exposure, until it is started anew.
5. A call is at most four rounds of talking to all proxies, each bounded by a quarter of `patience`.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import KW_ONLY, dataclass, field
from datetime import timedelta
from pathlib import Path
from threading import Lock
from typing import Final, assert_never

from interlock.adapters.haproxy_files import HaproxyFiles, HaproxyProxy, require_pools, users_word
from interlock.adapters.haproxy_socket import Absent, Answered, Denied, Mute, Reply, ask_all
from interlock.adapters.haproxy_state import CLEAR, LOOK, Seen, arranging, holding, seen_in
from interlock.adapters.users import salt
from interlock.domain.ids import EnvironmentName, ServiceName
from interlock.domain.traffic import WHOLE, Exposure
from interlock.ports.failure import Rejected, Unavailable
from interlock.ports.router import NOBODY, Capability, Endpoint, Held, Pools, ProxyCommand, ProxyState, UserKey

TTL: Final = timedelta(seconds=3)
_ROUNDS: Final = 4
_COHORT: Final = re.compile(r"[A-Za-z0-9][\w.-]{0,59}", re.ASCII)

Commands = Callable[[HaproxyProxy, Seen], str]
Criterion = Callable[[HaproxyProxy, Seen], bool]


def _nowhere(_: HaproxyProxy, __: Seen) -> bool:
    return False


@dataclass(frozen=True, slots=True)
class HaproxyRouter:
    """Routes one service in one environment. `patience`, in seconds, bounds every call; `turn` orders the callers.

    `folder` belongs to this route alone. `probe` is a path that tells whether a candidate's endpoint is ready (empty:
    ready is who accepts a connection). `users` tells users apart.
    """

    service: ServiceName
    environment: EnvironmentName
    folder: Path
    proxies: tuple[HaproxyProxy, ...]
    ttl: timedelta = TTL
    _: KW_ONLY
    patience: float = 2.0
    probe: str = ""
    users: UserKey = NOBODY
    turn: Lock = field(default_factory=Lock, repr=False, compare=False)

    @property
    def capabilities(self) -> frozenset[Capability]:
        return frozenset(Capability) - {Capability.BASELINE} - ({Capability.STICKY} if self.users == NOBODY else set())

    @property
    def files(self) -> HaproxyFiles:
        """The configuration that the proxies start with."""
        seed = salt(self.service, self.environment)
        return HaproxyFiles(self.folder, self.proxies, self.ttl, self.probe, self.users, seed)

    def prepare(self, stable: tuple[Endpoint, ...] = ()) -> tuple[ProxyCommand, ...]:
        """Write what the proxies are started with. A port that a resting proxy could not have is `router.port_in_use`.

        They serve `stable` from now on. Without any, what was arranged before stays; until something is they answer
        503.
        """
        replies = self._round(dict.fromkeys(self.proxies, LOOK))
        starts = self.files.prepare(tuple(proxy for proxy, reply in replies.items() if isinstance(reply, Absent)))
        if stable:
            self.arrange(Pools(stable))
        return starts

    def arrange(self, pools: Pools) -> None:
        _require_two_arms(pools.baseline)
        require_pools(pools)
        with self._in_turn():
            self.files.write(pools)
            self._settle(lambda _, seen: arranging(seen, pools), lambda _, seen: not arranging(seen, pools))

    def hold(self, exposure: Exposure) -> Held:
        _require_two_arms(exposure.baseline)
        _require_expressible(exposure)
        files = self.files
        longest = self.ttl // timedelta(milliseconds=1)

        def commands(proxy: HaproxyProxy, seen: Seen) -> str:
            self._require_users(proxy, seen)
            pools = files.arranged(proxy)
            return arranging(seen, pools) + holding(seen, exposure, pools)

        def is_done(proxy: HaproxyProxy, seen: Seen) -> bool:
            pools = files.arranged(proxy)
            is_split = seen.held == exposure and seen.members == len(pools.candidate)
            return is_split and seen.lasts <= longest and not arranging(seen, pools)

        with self._in_turn():
            held = self._settle(commands, is_done, lambda _, seen: seen.held == exposure)
        if not held.confirmed:
            raise Unavailable(
                "router.no_proxy",
                f"no proxy of '{self.service}' in '{self.environment}' is running",
                f"start it with: {' '.join(files.start_command(self.proxies[0]))}",
            )
        return held

    def withdraw(self) -> Held:
        """End all exposure: at once, and once more after whoever is talking now, as that may expose meanwhile."""
        if self.turn.acquire(blocking=False):
            try:
                return self._clear()
            finally:
                self.turn.release()
        self._clear()
        is_ours = self.turn.acquire(timeout=self.patience / 2)
        try:
            return self._clear()
        finally:
            if is_ours:
                self.turn.release()

    def observe(self) -> tuple[ProxyState, ...]:
        replies = self._round(dict.fromkeys(self.proxies, LOOK))
        return tuple(_state(proxy, replies[proxy]) for proxy in self.proxies)

    def close(self) -> None:
        self.withdraw()

    @contextmanager
    def _in_turn(self) -> Iterator[None]:
        if not self.turn.acquire(timeout=self.patience / 2):
            raise Unavailable("router.unconfirmed", "another call still waits for a proxy", "try again")
        try:
            yield
        finally:
            self.turn.release()

    def _round(self, commands: Mapping[HaproxyProxy, str]) -> dict[HaproxyProxy, Reply]:
        told = {proxy.socket: command for proxy, command in commands.items()}
        replies = ask_all(told, self.patience / _ROUNDS)
        return {proxy: replies[proxy.socket] for proxy in commands}

    def _require_users(self, proxy: HaproxyProxy, seen: Seen) -> None:
        """Rule 4."""
        known = seen.users or users_word(NOBODY)
        if known != users_word(self.users):
            told = known.replace(".", " ", 1)
            raise Rejected(
                "router.other_users",
                f"{proxy.name} was started to tell users by {told}, and is to tell them by {self.users}",
                f"type `interlock rollout proxies {self.environment}`, and start the proxy anew as it says",
            )

    def _clear(self) -> Held:
        replies = self._round(dict.fromkeys(self.proxies, CLEAR))
        confirmed = tuple(
            proxy.name
            for proxy, reply in replies.items()
            if isinstance(reply, Answered) and seen_in(reply.text).is_clear
        )
        return Held(confirmed, _absent(replies))

    def _settle(self, commands: Commands, is_done: Criterion, goes_on: Criterion = _nowhere) -> Held:
        """Look, tell, and read back. A proxy that refuses is named before one that is silent.

        Where it only goes on at all who answer, silence is no fault, and whoever is silent counts as absent.
        """
        first = self._round(dict.fromkeys(self.proxies, LOOK))
        looked = {proxy: _ours(proxy, reply) for proxy, reply in first.items() if isinstance(reply, Answered)}
        told = {proxy: f"{command}{LOOK}" for proxy, seen in looked.items() if (command := commands(proxy, seen))}
        replies = first | self._round(told)
        for proxy, reply in replies.items():
            if isinstance(reply, Answered):
                seen = _ours(proxy, reply)
                if not is_done(proxy, seen):
                    raise _refused(proxy, seen.complaint or "it took over something else than it was told")
            elif isinstance(reply, Denied):
                raise _refused(proxy, reply.why)
        mute = {proxy: reply.why for proxy, reply in replies.items() if isinstance(reply, Mute)}
        if mute and not (looked and all(goes_on(proxy, seen) for proxy, seen in looked.items())):
            raise Unavailable(
                "router.unconfirmed",
                f"{', '.join(f'{proxy.name} ({why})' for proxy, why in mute.items())} did not confirm",
                "see whether the proxy still works",
            )
        confirmed = tuple(proxy.name for proxy, reply in replies.items() if isinstance(reply, Answered))
        return Held(confirmed, (*_absent(replies), *(proxy.name for proxy in mute)))


def _ours(proxy: HaproxyProxy, reply: Answered) -> Seen:
    seen = seen_in(reply.text)
    if not seen.is_ours:
        raise _refused(proxy, seen.complaint or "it does not run the configuration that was written for it")
    return seen


def _refused(proxy: HaproxyProxy, why: str) -> Rejected:
    return Rejected(
        "router.refused", f"'{proxy.name}' refuses: {why}", f"start it anew from its file, and see {proxy.socket}"
    )


def _absent(replies: Mapping[HaproxyProxy, Reply]) -> tuple[str, ...]:
    return tuple(proxy.name for proxy, reply in replies.items() if isinstance(reply, Absent))


def _state(proxy: HaproxyProxy, reply: Reply) -> ProxyState:
    match reply:
        case Answered(text):
            seen = seen_in(text)
            return ProxyState(proxy.name, is_up=True, exposure=seen.exposure, pools=seen.pools)
        case Absent() | Mute() | Denied():
            return ProxyState(proxy.name, is_up=False)
        case _:
            assert_never(reply)


def _require_expressible(exposure: Exposure) -> None:
    if not 0 <= exposure.share <= WHOLE:
        raise Rejected("router.bad_exposure", f"{exposure.share} is no share", f"expose 0 to {WHOLE} basis points")
    if exposure.cohort and not _COHORT.fullmatch(exposure.cohort):
        raise Rejected(
            "router.bad_exposure",
            f"'{exposure.cohort}' cannot name a cohort here",
            "use at most 60 letters, digits, dots and dashes",
        )


def _require_two_arms(baseline: object) -> None:
    if baseline:
        raise Rejected("router.no_baseline", "HAProxy is given no third pool", "do without a baseline, or use Envoy")
