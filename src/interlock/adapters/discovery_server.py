# SPDX-License-Identifier: Apache-2.0
"""The gRPC server that carries discovery: on an address of its own, and ended without waiting for who is connected."""

from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future
from threading import Thread
from typing import Final, ParamSpec, TypeVar

import grpc  # type: ignore[import-untyped]  # shipped without types

from interlock.adapters.discovery import METHOD, SERVICE
from interlock.adapters.listening import try_to_listen
from interlock.ports.failure import Rejected
from interlock.ports.router import Endpoint

_OPTIONS: Final = (
    ("grpc.so_reuseport", 0),  # an address is never shared
    ("grpc.keepalive_time_ms", 5_000),
    ("grpc.keepalive_timeout_ms", 5_000),
    ("grpc.keepalive_permit_without_calls", 1),
    ("grpc.http2.min_recv_ping_interval_without_data_ms", 300),
    ("grpc.http2.max_ping_strikes", 0),
    ("grpc.http2.max_pings_without_data", 0),
    ("grpc.max_receive_message_length", 1_000_000),
)

_P = ParamSpec("_P")
_T = TypeVar("_T")


class _Threads(Executor):
    """A thread for each stream, none of which keeps the process from ending."""

    def submit(self, fn: Callable[_P, _T], /, *args: _P.args, **kwargs: _P.kwargs) -> "Future[_T]":
        done: Future[_T] = Future()

        def run() -> None:
            done.set_result(fn(*args, **kwargs))

        Thread(target=run, daemon=True).start()
        return done


def listening(
    address: Endpoint, serve: Callable[[Iterator[bytes], grpc.ServicerContext], Iterator[bytes]]
) -> grpc.Server:
    require_free(address)  # tried here first, as gRPC prints of its own what it cannot listen on
    server = grpc.server(_Threads(), options=_OPTIONS)
    method = grpc.stream_stream_rpc_method_handler(serve)
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(SERVICE, {METHOD: method}),))
    host = f"[{address.host}]" if ":" in address.host else address.host
    try:
        server.add_insecure_port(f"{host}:{address.port}")
    except RuntimeError as fault:
        raise _taken(address) from fault
    server.start()
    return server


def require_free(address: Endpoint) -> None:
    try:
        try_to_listen(address)
    except OSError as fault:
        raise _taken(address) from fault


def _taken(address: Endpoint) -> Rejected:
    return Rejected(
        "router.port_in_use",
        f"the control port {address.port} of {address.host} cannot be listened on",
        "end who listens there (another controller?), or configure another control port",
    )
