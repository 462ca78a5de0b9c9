# SPDX-License-Identifier: Apache-2.0
"""The server that Envoys ask for their runtime layer (ADS over gRPC), for any number of routes on one port.

1. What is offered for a time is sent with that time as its TTL: a proxy drops it by itself.
2. A proxy that connects is told to rest, unless the last offer is younger than its time: then it gets what remains.
   So what a process that was stopped remembers is never served by a proxy that comes back.
3. An offer that is refused, or not confirmed in time, is taken back everywhere; it is not sent again by itself.
4. A newer offer, or rest, never waits for an older one; an offer that was begun before a rest is not sent after it.
5. Only the proxies that were named count. Whoever else asks for a route is told to rest.
6. Of one address there is one server in a process; it ends when its last route leaves. An address that somebody else
   listens on is refused, not shared.
7. Who is connected and has answered nothing for half of the lease is silent. What was confirmed is renewed without it
   by those who answer, and they wait for it no more: it counts as absent until it answers, and what it was given ends
   by itself. Where nobody answers it may be us who were stopped, so everybody is waited for.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from queue import SimpleQueue
from threading import Condition, Lock, Thread
from typing import Final

import grpc  # type: ignore[import-untyped]  # shipped without types

from interlock.adapters.discovery import ENDLESS, Asked, Layer, NotDiscovery, read_request, write_response
from interlock.adapters.discovery_server import listening, require_free
from interlock.adapters.wording import one_line
from interlock.ports.failure import Rejected, Unavailable
from interlock.ports.router import Endpoint, Held

SETTLING: Final = 1.2
"""Seconds after the start in which proxies may still be on their way: they try again every 0.5 s at the latest."""
_ENDED: Final = b""
_LEAST_TTL: Final = 0.01


@dataclass(frozen=True, slots=True)
class Route:
    """The resource that its proxies ask for, who they are, what they are told to rest, and the lease's seconds."""

    address: Endpoint
    resource: str
    nodes: tuple[str, ...]
    resting: Layer
    ttl: float


@dataclass(eq=False, slots=True)
class Stream:
    """One proxy's connection. `sent` is the generation of each message that was not answered yet; since `heard_of` none
    of them was.
    """

    node: str = ""
    cluster: str = ""
    resource: str = ""
    outbox: SimpleQueue[bytes] = field(default_factory=SimpleQueue)
    sent: dict[str, int] = field(default_factory=dict)
    heard_of: float = 0.0
    confirmed: int = 0
    refused: int = 0
    refusal: str = ""

    def messages(self) -> Iterator[bytes]:
        return iter(self.outbox.get, _ENDED)

    def is_silent(self, now: float, ttl: float) -> bool:
        """Rule 7."""
        return bool(self.sent) and now - self.heard_of >= ttl / 2

    def close(self) -> None:
        self.outbox.put(_ENDED)


@dataclass(frozen=True, slots=True)
class Standing:
    """Where the proxies of a route stand with one generation."""

    confirmed: tuple[str, ...]
    absent: tuple[str, ...]
    pending: tuple[str, ...]
    refusals: Mapping[str, str]


@dataclass(eq=False, slots=True)
class ControlLine:
    """A route's line to its proxies. Nothing listens before it is first used."""

    planes: "ControlPlanes"
    route: Route
    generation: int = 0
    offer: Layer = field(default_factory=dict)
    offered_until: float = 0.0
    held: Layer = field(default_factory=dict)
    """What was confirmed, while it is what is offered."""
    rests: int = 0
    """How often it was told to rest: an offer names how often that was when it was begun."""
    writing: Lock = field(default_factory=Lock)
    """Held by who changes the files that belong to the route."""

    def hold(self, layer: Layer, patience: float, rests: int) -> Held:
        """Offer the layer for the route's time, and return when all that are connected have confirmed it."""
        return self.planes.attached(self).hold(self, layer, self.planes.elapsed() + patience, rests)

    def rest(self, patience: float) -> Held:
        """Tell everybody to rest. Whoever does not confirm within `patience` seconds is in neither list."""
        return self.planes.attached(self).rest(self, self.planes.elapsed() + patience)

    def renews(self, layer: Layer) -> bool:
        """Whether holding it only goes on with what is held."""
        return layer == self.held and self.planes.elapsed() < self.offered_until

    def connected(self) -> tuple[str, ...]:
        """Who is connected now."""
        return self.planes.attached(self).connected(self.route)

    def require_address(self) -> None:
        """`Rejected` where nobody could be offered anything, as somebody else listens there. Nothing is opened."""
        self.planes.require(self.route.address)

    def close(self) -> None:
        """Leave. May be repeated."""
        self.planes.leave(self)


class ControlPlane:
    """One server. Everything it knows is guarded by one lock."""

    def __init__(self, address: Endpoint, elapsed: Callable[[], float]) -> None:
        self._elapsed = elapsed
        self._changed = Condition()
        self._lines: dict[str, ControlLine] = {}
        self._streams: list[Stream] = []
        self._count = 0
        self._server = listening(address, self._serve)
        self._started = elapsed()

    @property
    def is_idle(self) -> bool:
        return not self._lines

    def answers_for(self, line: ControlLine) -> bool:
        with self._changed:
            return self._lines.get(line.route.resource) is line

    def attach(self, line: ControlLine) -> None:
        """Answer for the route from now on, instead of whoever did so before; its proxies are told to rest."""
        with self._changed:
            if not self.answers_for(line):
                self._lines[line.route.resource] = line
                self._offer(line, line.route.resting, self._elapsed())

    def detach(self, line: ControlLine) -> None:
        with self._changed:
            if self.answers_for(line):
                del self._lines[line.route.resource]

    def stop(self) -> None:
        self._server.stop(None).wait()

    def connected(self, route: Route) -> tuple[str, ...]:
        with self._changed:
            return tuple(self._newest(route))

    def hold(self, line: ControlLine, layer: Layer, deadline: float, rests: int) -> Held:
        with self._changed:
            self._settle(line.route, deadline)
            if line.rests != rests:
                raise Unavailable("router.withdrawn", "it was withdrawn meanwhile", "hold again, if that is meant")
            excused = line.route.nodes if line.renews(layer) else self._silent(line.route)
            generation = self._offer(line, layer, self._elapsed() + line.route.ttl)
            standing = self._awaited(line.route, generation, deadline, excused)
            if standing.confirmed and not standing.pending and not standing.refusals:
                line.held = layer
                return Held(standing.confirmed, standing.absent)
            if line.generation == generation:
                self._offer(line, line.route.resting, self._elapsed())
        raise _fault(standing)

    def rest(self, line: ControlLine, deadline: float) -> Held:
        with self._changed:
            line.rests += 1
            generation = self._offer(line, line.route.resting, self._elapsed())
            standing = self._awaited(line.route, generation, deadline, line.route.nodes)
        return Held(standing.confirmed, standing.absent)

    def _settle(self, route: Route, deadline: float) -> None:
        end = min(self._started + SETTLING, deadline)
        while len(self._newest(route)) < len(route.nodes) and (left := end - self._elapsed()) > 0:
            self._changed.wait(left)

    def _offer(self, line: ControlLine, layer: Layer, until: float) -> int:
        self._count += 1
        line.generation, line.offer, line.offered_until, line.held = self._count, layer, until, {}
        for stream in self._streams:
            if stream.resource == line.route.resource:
                self._send(stream)
        return line.generation

    def _send(self, stream: Stream) -> None:
        """Rules 1, 2 and 5."""
        line = self._lines.get(stream.resource)
        if line is None:
            return
        route, left = line.route, line.offered_until - self._elapsed()
        is_ours = stream.node in route.nodes and stream.cluster == route.resource
        layer, ttl = (line.offer, left) if is_ours and left > _LEAST_TTL else (route.resting, ENDLESS)
        self._count += 1
        nonce = str(self._count)
        stream.heard_of = stream.heard_of if stream.sent else self._elapsed()
        stream.sent[nonce] = line.generation
        stream.outbox.put(write_response(route.resource, layer, ttl, nonce))

    def _awaited(self, route: Route, generation: int, deadline: float, excused: tuple[str, ...]) -> Standing:
        """Where they stand at the deadline, or as soon as nobody is waited for; not for the excused that are silent."""
        standing = self._standing(route, generation, excused)
        while standing.pending and not standing.refusals and (left := deadline - self._elapsed()) > 0:
            self._changed.wait(min(left, route.ttl / 10))  # that somebody has become silent wakes nobody
            standing = self._standing(route, generation, excused)
        return standing

    def _newest(self, route: Route) -> dict[str, Stream]:
        """The stream that counts, by node: a proxy that came back may not have been missed yet."""
        found = {one.node: one for one in self._streams if (one.resource, one.cluster) == (route.resource,) * 2}
        return {node: found[node] for node in route.nodes if node in found}

    def _silent(self, route: Route) -> tuple[str, ...]:
        now = self._elapsed()
        return tuple(node for node, one in self._newest(route).items() if one.is_silent(now, route.ttl))

    def _standing(self, route: Route, generation: int, excused: tuple[str, ...]) -> Standing:
        streams = self._newest(route)
        refusals = {node: one.refusal for node, one in streams.items() if one.refused >= generation}
        confirmed = tuple(node for node, one in streams.items() if one.confirmed >= generation and node not in refusals)
        left = tuple(node for node in streams if node not in confirmed and node not in refusals)
        silent = tuple(node for node in self._silent(route) if confirmed and node in left and node in excused)
        return Standing(
            confirmed,
            absent=tuple(node for node in route.nodes if node not in streams or node in silent),
            pending=tuple(node for node in left if node not in silent),
            refusals=refusals,
        )

    def _serve(self, requests: Iterator[bytes], context: grpc.ServicerContext) -> Iterator[bytes]:
        stream = Stream()
        if context.add_callback(stream.close):
            Thread(target=self._listen, args=(requests, stream), daemon=True).start()
        else:
            stream.close()
        return stream.messages()

    def _listen(self, requests: Iterator[bytes], stream: Stream) -> None:
        try:
            for message in requests:
                self._take(stream, read_request(message))
        except (grpc.RpcError, NotDiscovery):
            pass  # it is gone, or is no proxy of ours: either way this stream has ended
        finally:
            with self._changed:
                if stream in self._streams:
                    self._streams.remove(stream)
                self._changed.notify_all()
            stream.close()

    def _take(self, stream: Stream, asked: Asked) -> None:
        with self._changed:
            if stream not in self._streams:
                stream.node, stream.cluster, stream.resource = asked.node, asked.cluster, "".join(asked.resources[:1])
                self._streams.append(stream)
                self._send(stream)
            generation = stream.sent.get(asked.nonce, 0)
            stream.sent = {nonce: sent for nonce, sent in stream.sent.items() if sent > generation}
            stream.heard_of = self._elapsed()
            if asked.refusal and generation:
                stream.refused, stream.refusal = generation, one_line(asked.refusal)
            stream.confirmed = max(stream.confirmed, 0 if asked.refusal else generation)
            self._changed.notify_all()


class ControlPlanes:
    """All servers of this process. `elapsed` gives seconds that pass also while the process is stopped."""

    def __init__(self, elapsed: Callable[[], float]) -> None:
        self.elapsed: Final = elapsed
        self._lock = Lock()
        self._planes: dict[Endpoint, ControlPlane] = {}

    def attached(self, line: ControlLine) -> ControlPlane:
        """The server of the line's address, answering for it. `Rejected` when somebody else listens there."""
        with self._lock:
            address = line.route.address
            if address not in self._planes:
                self._planes[address] = self.opened(address)
            plane = self._planes[address]
            plane.attach(line)
            return plane

    def require(self, address: Endpoint) -> None:
        """`Rejected` when neither do we listen there nor could we."""
        with self._lock:
            if address not in self._planes:
                require_free(address)

    def opened(self, address: Endpoint) -> ControlPlane:
        """A server that listens."""
        return ControlPlane(address, self.elapsed)

    def end(self) -> None:
        """End every server at once. Nothing is withdrawn: what was held ends with its lease."""
        with self._lock:
            planes, self._planes = self._planes, {}
        for plane in planes.values():
            plane.stop()

    def is_open(self, line: ControlLine) -> bool:
        """Whether a server answers for the line."""
        with self._lock:
            plane = self._planes.get(line.route.address)
            return plane is not None and plane.answers_for(line)

    def leave(self, line: ControlLine) -> None:
        """The line is used no more. A server without lines ends."""
        with self._lock:
            plane = self._planes.get(line.route.address)
            if plane is None:
                return
            plane.detach(line)
            if plane.is_idle:
                del self._planes[line.route.address]
                plane.stop()


def _fault(standing: Standing) -> Rejected | Unavailable:
    if standing.refusals:
        node, reason = next(iter(standing.refusals.items()))
        return Rejected("router.refused", f"the proxy {node} refuses: {reason}", "correct the proxy's configuration")
    if standing.pending:
        names = ", ".join(standing.pending)
        return Unavailable("router.unconfirmed", f"not confirmed in time by {names}", "see what keeps the proxy")
    return Unavailable("router.no_proxy", "no proxy of this route is connected", "start the proxies")
