# SPDX-License-Identifier: Apache-2.0
"""The one way we read an address: bounded in time and size, straight to the host that was named.

1. No proxy and no password is taken from the environment or from a file of the user.
2. A redirect is followed only within the same scheme, host and port, and at most three times.
3. Whatever goes wrong is `Unavailable` or `Rejected`; an answer with any status is an answer.
"""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from threading import Event, Timer
from typing import Final

import urllib3
from urllib3.exceptions import HTTPError, LocationParseError
from urllib3.util import Url, parse_url

from interlock.ports.failure import Rejected, Unavailable

_REDIRECTS: Final = 3
_CHUNK: Final = 65536


@dataclass(frozen=True, slots=True)
class Answer:
    """`media_type` is lower-case and without parameters; empty when the server named none."""

    status: int
    body: bytes
    media_type: str


@dataclass(frozen=True, slots=True)
class HttpClient:
    """`timeout` in seconds, for connecting, for each wait, and twice that for the body; `max_bytes` bounds the body."""

    timeout: float = 5.0
    max_bytes: int = 1_000_000

    def get(self, url: str, parameters: Mapping[str, str] | None = None) -> Answer:
        """The answer to a GET of `url`, with `parameters` as its query."""
        parsed = parse_address(url)
        limit = urllib3.Timeout(connect=self.timeout, read=self.timeout, total=2 * self.timeout)
        with urllib3.PoolManager(timeout=limit, retries=False, maxsize=1) as pool:
            fields = dict(parameters) if parameters else None
            for _ in range(_REDIRECTS + 1):
                answer, target = self._once(pool, parsed, fields)
                if not target:
                    return answer
                parsed, fields = _followed(parsed, target), None
        raise Rejected("http.redirects", f"'{url}' redirects more than {_REDIRECTS} times", "use the final address")

    def _once(self, pool: urllib3.PoolManager, url: Url, fields: dict[str, str] | None) -> tuple[Answer, str]:
        headers = {"Accept-Encoding": "identity", "User-Agent": "interlock"}
        try:
            response = pool.request(
                "GET", url.url, fields=fields, headers=headers, redirect=False, preload_content=False
            )
            try:
                body = self._read(response, url)
            finally:
                response.close()
        except LocationParseError as fault:
            raise _bad_address(url.url) from fault
        except HTTPError as fault:
            raise Unavailable(
                "http.unreachable", f"'{_plain(url)}' does not answer: {_cause(fault)}", "see whether it is up"
            ) from fault
        media_type = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
        return Answer(response.status, body, media_type), response.get_redirect_location() or ""

    def _read(self, response: urllib3.BaseHTTPResponse, url: Url) -> bytes:
        """The body, unless it is too big or comes in drops: each wait is short then, and the whole has no end."""
        late = Event()

        def give_up() -> None:
            late.set()
            with suppress(OSError, RuntimeError, ValueError):  # the answer ended at this very moment
                response.shutdown()

        alarm = Timer(2 * self.timeout, give_up)
        alarm.start()
        try:
            body = self._read_some(response, url)
        except HTTPError:
            if not late.is_set():
                raise
            body = b""
        finally:
            alarm.cancel()
            alarm.join()
        if late.is_set():
            raise Unavailable("http.too_slow", f"'{_plain(url)}' does not come to an end", "see what slows it down")
        return body

    def _read_some(self, response: urllib3.BaseHTTPResponse, url: Url) -> bytes:
        body = bytearray()
        for chunk in response.stream(_CHUNK, decode_content=False):
            body += chunk
            if len(body) > self.max_bytes:
                raise Rejected(
                    "http.too_big",
                    f"'{_plain(url)}' answers with more than {self.max_bytes} bytes",
                    "ask an address that answers with less",
                )
        return bytes(body)


def parse_address(url: str) -> Url:
    """An http or https address with a host; `Rejected` otherwise."""
    try:
        parsed = parse_url(url)
    except LocationParseError as fault:
        raise _bad_address(url) from fault
    if parsed.scheme not in {"http", "https"} or not parsed.host:
        raise _bad_address(url)
    return parsed


def _followed(origin: Url, target: str) -> Url:
    """Where a redirect leads, if it stays where we were sent."""
    try:
        aim = parse_url(target)
    except LocationParseError as fault:
        raise _bad_address(target) from fault
    if aim.host is None and aim.scheme is None and target.startswith("/") and not target.startswith("//"):
        return Url(origin.scheme, origin.auth, origin.host, origin.port, aim.path, aim.query)
    if (aim.scheme, aim.host, _port(aim)) != (origin.scheme, origin.host, _port(origin)):
        raise Rejected(
            "http.redirected_away",
            f"'{_plain(origin)}' redirects to '{_plain(aim)}', which is not the host that was named",
            "use the address it redirects to, if that is the one to trust",
        )
    return aim


def _port(url: Url) -> int:
    return url.port or {"http": 80, "https": 443}.get(url.scheme or "", 0)


def _plain(url: Url) -> str:
    """The address without what may be secret in it: user, password and query."""
    return Url(url.scheme, None, url.host, url.port, url.path).url


def _cause(fault: HTTPError) -> str:
    return type(fault.__cause__ or fault).__name__


def _bad_address(url: str) -> Rejected:
    return Rejected("http.bad_address", f"'{url}' is not an http or https address", "write http://host:port/path")
