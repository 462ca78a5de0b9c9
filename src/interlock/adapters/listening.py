# SPDX-License-Identifier: Apache-2.0
"""Whether an address can be listened on, found out by taking it for an instant.

Connections that ended a moment ago do not count; who listens there does, also one that shares its port with others.
"""

import socket

from interlock.ports.router import Endpoint


def try_to_listen(endpoint: Endpoint) -> None:
    """Raises the `OSError` that whoever is to listen there would get."""
    family = socket.AF_INET6 if ":" in endpoint.host else socket.AF_INET
    with socket.socket(family) as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        trial.bind((endpoint.host, endpoint.port))
