# SPDX-License-Identifier: Apache-2.0
"""An issuer of tokens with real keys, on a socket of its own: genuine tokens and every kind of wrong one."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from joserfc import jwt
from joserfc.jwk import ECKey, OctKey, RSAKey

Claims = dict[str, Any]


@dataclass
class Issuer:
    """`pages` are what it answers; a test may put others in their place."""

    url: str
    key: ECKey = field(default_factory=lambda: ECKey.generate_key("P-256", {"kid": "one"}))
    pages: dict[str, tuple[int, bytes]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        about = {
            "issuer": self.url,
            "jwks_uri": f"{self.url}/keys",
            "authorization_endpoint": f"{self.url}/auth",
            "token_endpoint": f"{self.url}/token",
        }
        self.pages["/.well-known/openid-configuration"] = (200, json.dumps(about).encode())
        self.tell(self.key)

    def tell(self, *keys: ECKey | RSAKey) -> None:
        """These are its keys from now on."""
        told = {"keys": [key.as_dict(private=False) for key in keys]}
        self.pages["/keys"] = (200, json.dumps(told).encode())

    def token(self, claims: Claims, key: ECKey | RSAKey | OctKey | None = None, algorithm: str = "ES256") -> str:
        """A token signed by it, or by another key."""
        chosen = key or self.key
        header = {"alg": algorithm, "kid": "one"}
        return jwt.encode(header, claims, chosen, algorithms=[algorithm])


@contextmanager
def issuing() -> Iterator[Issuer]:
    """One that answers while this lasts."""
    issuers: list[Issuer] = []

    class Answering(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer()

        def do_POST(self) -> None:
            size = int(self.headers.get("content-length", "0"))
            issuers[0].asked.append(self.rfile.read(size).decode())
            self._answer()

        def _answer(self) -> None:
            status, body = issuers[0].pages.get(self.path, (404, b""))
            issuers[0].asked.append(self.path)
            self.send_response(status)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the standard library's name
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Answering) as server:
        issuers.append(Issuer(f"http://127.0.0.1:{server.server_address[1]}"))
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        try:
            yield issuers[0]
        finally:
            server.shutdown()
            thread.join()
