# SPDX-License-Identifier: Apache-2.0
"""The words of Envoy's discovery protocol that we say and hear: one runtime layer, with or without an end.

A layer with a TTL is always sent whole: a heartbeat without it would clear it. Source:
https://www.envoyproxy.io/docs/envoy/latest/api-docs/xds_protocol
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from envoy.service.discovery.v3 import discovery_pb2  # type: ignore[import-untyped]  # generated, without types
from envoy.service.runtime.v3 import rtds_pb2  # type: ignore[import-untyped]  # generated, without types
from google.protobuf.message import DecodeError  # type: ignore[import-untyped]  # shipped without types

Layer = Mapping[str, object]
"""Runtime keys and their values: numbers, and fractions as `{"numerator": ..., "denominator": ...}`."""

RUNTIME: Final = "type.googleapis.com/envoy.service.runtime.v3.Runtime"
METHOD: Final = "StreamAggregatedResources"
SERVICE: Final = "envoy.service.discovery.v3.AggregatedDiscoveryService"
ENDLESS: Final = 0.0
"""The TTL of what needs none."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What a proxy said. The node is named in the first message of a stream only; `refusal` is empty for a yes."""

    node: str
    cluster: str
    resources: tuple[str, ...]
    nonce: str
    refusal: str


class NotDiscovery(Exception):
    """What was sent is no message of this protocol, or asks for what we do not have."""


def read_request(message: bytes) -> Asked:
    """A proxy's message. Raises `NotDiscovery`."""
    try:
        request = discovery_pb2.DiscoveryRequest.FromString(message)
    except DecodeError as fault:
        raise NotDiscovery("no discovery request") from fault
    if request.type_url != RUNTIME:
        raise NotDiscovery(f"asks for {request.type_url}")
    refused = request.HasField("error_detail")
    return Asked(
        node=request.node.id,
        cluster=request.node.cluster,
        resources=tuple(request.resource_names),
        nonce=request.response_nonce,
        refusal=(request.error_detail.message or "without a reason") if refused else "",
    )


def write_response(resource: str, layer: Layer, ttl: float, nonce: str) -> bytes:
    """The layer as the only resource. `ttl` in seconds; the nonce is its version, too."""
    runtime = rtds_pb2.Runtime(name=resource)
    runtime.layer.update(layer)
    wrapped = discovery_pb2.Resource(name=resource, version=nonce)
    wrapped.resource.Pack(runtime)
    if ttl != ENDLESS:
        wrapped.ttl.FromNanoseconds(int(ttl * 1e9))
    response = discovery_pb2.DiscoveryResponse(version_info=nonce, type_url=RUNTIME, nonce=nonce)
    response.resources.add().Pack(wrapped)
    message: bytes = response.SerializeToString()
    return message
