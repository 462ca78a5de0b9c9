# SPDX-License-Identifier: Apache-2.0
"""The other side of Envoy's discovery protocol: what a proxy says, and how it reads what it is told."""

from envoy.service.discovery.v3 import discovery_pb2  # type: ignore[import-untyped]  # generated, without types
from envoy.service.runtime.v3 import rtds_pb2  # type: ignore[import-untyped]  # generated, without types

from interlock.adapters.discovery import RUNTIME, Asked


def read_response(message: bytes) -> tuple[str, dict[str, object], float]:
    """The nonce, the layer and its TTL in seconds."""
    response = discovery_pb2.DiscoveryResponse.FromString(message)
    wrapped, runtime = discovery_pb2.Resource(), rtds_pb2.Runtime()
    response.resources[0].Unpack(wrapped)
    wrapped.resource.Unpack(runtime)
    layer = {key: dict(value) if hasattr(value, "items") else value for key, value in runtime.layer.items()}
    return str(response.nonce), layer, wrapped.ttl.ToNanoseconds() / 1e9


def write_request(asked: Asked) -> bytes:
    request = discovery_pb2.DiscoveryRequest(
        type_url=RUNTIME, resource_names=asked.resources, response_nonce=asked.nonce
    )
    request.node.id, request.node.cluster = asked.node, asked.cluster
    if asked.refusal:
        request.error_detail.message = asked.refusal
    message: bytes = request.SerializeToString()
    return message
