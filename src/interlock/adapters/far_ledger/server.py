# SPDX-License-Identifier: Apache-2.0
"""A server of ours, spoken to over HTTP with a token: the far end of a command line that has no ledger of its own.

1. The token goes to the named host alone: nothing is redirected, no proxy is taken from the environment.
2. In the clear only to this machine; to any other only by https, checked against the system's authorities.
3. What the server refuses is told in its own words, with its code.
"""

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, TypeVar
from urllib.parse import quote

import msgspec
import urllib3
from urllib3.exceptions import HTTPError, LocationParseError
from urllib3.util import parse_url

from interlock.domain.ids import Digest, TextRef
from interlock.ledger.record import SaltedText
from interlock.ports.failure import Rejected, Unavailable
from interlock.ports.far_ledger import FarHead
from interlock.ports.store import Erased, Missing, Stretch

PATIENCE: Final = 30.0
"""Seconds an answer may take."""
LARGEST: Final = 64 * 1024 * 1024
"""Bytes of the largest answer taken."""
_LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "[::1]", "::1"})
_JSON: Final = "application/json"
_PROBLEM: Final = "application/problem+json"
_OK, _NOT_FOUND, _CONFLICT, _GONE, _BROKEN = 200, 404, 409, 410, 500

T = TypeVar("T")


class _Head(msgspec.Struct, frozen=True):
    origin: str
    size: int
    controller: bool


class _Records(msgspec.Struct, frozen=True):
    records: list[msgspec.Raw]
    checkpoint: str


class _Words(msgspec.Struct, frozen=True):
    ref: str
    salt: str
    words: str


class FarAccount(msgspec.Struct, frozen=True):
    """An account at the server. `locked`: it lets nobody in."""

    account: str
    rank: str
    locked: bool


class _Accounts(msgspec.Struct, frozen=True):
    accounts: list[FarAccount]


class _Problem(msgspec.Struct, frozen=True):
    code: str = ""
    detail: str = ""
    next_step: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """`media_type` is without parameters; empty when the server named none."""

    status: int
    body: bytes
    media_type: str


@dataclass(frozen=True, slots=True)
class FarServer:
    """A `FarLedger` behind an address, with the token of whoever asks."""

    address: str
    token: str
    pool: urllib3.PoolManager = field(default_factory=lambda: urllib3.PoolManager(retries=False, maxsize=1))

    def head(self) -> FarHead:
        found = self._decoded(self._get("/v1/ledger/head"), _Head)
        return FarHead(found.origin, found.size, found.controller)

    def stretch(self, *, since: int, limit: int) -> Stretch:
        found = self._decoded(self._get(f"/v1/ledger/records?since={since}&limit={limit}"), _Records)
        return Stretch(tuple(bytes(raw) for raw in found.records), found.checkpoint)

    def blob(self, digest: Digest) -> bytes | Missing:
        answer = self._get(f"/v1/ledger/blobs/{quote(digest, safe=':')}", _NOT_FOUND)
        return Missing() if answer.status == _NOT_FOUND else answer.body

    def text(self, ref: TextRef) -> SaltedText | Erased | Missing:
        answer = self._get(f"/v1/ledger/texts/{quote(ref, safe=':')}", _NOT_FOUND, _GONE)
        if answer.status == _NOT_FOUND:
            return Missing()
        if answer.status == _GONE:
            return Erased()
        found = self._decoded(answer, _Words)
        try:
            return SaltedText(ref, base64.b64decode(found.salt, validate=True), found.words)
        except binascii.Error as fault:
            raise self._not_ours() from fault

    def accounts(self) -> tuple[FarAccount, ...]:
        """Who may sign in there; told to administrators."""
        return tuple(self._decoded(self._get("/v1/accounts"), _Accounts).accounts)

    def hand_in(self, submission: bytes) -> bytes:
        return self._ask("POST", "/v1/commands/signed", submission, (_OK, _CONFLICT)).body

    def _get(self, path: str, *also: int) -> Answer:
        return self._ask("GET", path, b"", (_OK, *also))

    def _ask(self, method: str, path: str, body: bytes, fine: tuple[int, ...]) -> Answer:
        headers = {
            "Authorization": f"Bearer {self.token}",
            "Accept": f"{_JSON}, {_PROBLEM}, */*",
            "User-Agent": "interlock",
            **({"Content-Type": _JSON} if body else {}),
        }
        try:
            answer = self._answer(method, path, body, headers)
        except HTTPError as fault:
            cause = type(fault.__cause__ or fault).__name__
            raise Unavailable(
                "server.unreachable",
                f"{self.address} does not answer ({cause})",
                "see whether the server is up, and whether INTERLOCK_URL is its address",
            ) from fault
        if answer.status in fine:
            return answer
        raise self._declined(answer)

    def _answer(self, method: str, path: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        response = self.pool.request(
            method,
            self.address + path,
            body=body or None,
            headers=headers,
            timeout=PATIENCE,
            redirect=False,
            preload_content=False,
        )
        try:
            content = response.read(LARGEST + 1)
            if len(content) > LARGEST:
                response.close()
                raise self._not_ours()
        finally:
            response.release_conn()
        return Answer(response.status, content, response.headers.get("Content-Type", "").partition(";")[0].strip())

    def _declined(self, answer: Answer) -> Rejected | Unavailable:
        """What an answer means that is none of those hoped for."""
        told = self._problem(answer)
        match answer.status:
            case 401:
                return Rejected(
                    "server.unauthorised",
                    f"{self.address} does not know this token, or it has expired",
                    "set INTERLOCK_TOKEN to a token of yours; whoever runs the server makes one for you",
                )
            case 403:
                if not told.code:
                    return Rejected("server.forbidden", "this token may not do that", "ask for a token that may")
                return Rejected(told.code, told.detail, told.next_step)
            case 429:
                return Unavailable("server.busy", told.detail or "too many requests", "wait a little and try again")
            case status if status >= _BROKEN:
                if not told.code:
                    return Unavailable(
                        "server.broken", f"{self.address} could not do it (status {status})", "try again"
                    )
                return Unavailable(told.code, told.detail, told.next_step)
            case _ if told.code:
                return Rejected(told.code, told.detail, told.next_step)
            case _:
                return self._not_ours()

    def _problem(self, answer: Answer) -> _Problem:
        if answer.media_type != _PROBLEM:
            return _Problem()
        try:
            return msgspec.json.decode(answer.body, type=_Problem)
        except msgspec.DecodeError:
            return _Problem()

    def _decoded(self, answer: Answer, kind: type[T]) -> T:
        try:
            return msgspec.json.decode(answer.body, type=kind)
        except msgspec.DecodeError as fault:
            raise self._not_ours() from fault

    def _not_ours(self) -> Rejected:
        return Rejected(
            "server.not_interlock", f"what answers at {self.address} is no server of ours", "check INTERLOCK_URL"
        )


def check_address(address: str) -> str:
    """The address of a server without a slash at its end: https, or http to this machine. `Rejected` otherwise."""
    try:
        parsed = parse_url(address)
    except LocationParseError as fault:
        raise _bad_address(address) from fault
    if parsed.scheme not in {"http", "https"} or not parsed.host or parsed.auth or parsed.query or parsed.fragment:
        raise _bad_address(address)
    if parsed.scheme == "http" and parsed.host not in _LOOPBACK:
        raise Rejected(
            "server.in_the_clear",
            f"a token would go over the network to {parsed.host} for everybody to read",
            "use its https address, or reach it through a tunnel to this machine",
        )
    return address.rstrip("/")


def _bad_address(address: str) -> Rejected:
    return Rejected("server.address", f"'{address}' is not the address of a server", "write https://host:port")
