# SPDX-License-Identifier: Apache-2.0
"""Pages and appends of a server whose ledger is large: `python -m bench.crowded`. Writes build/crowded.json.

1. The ledger: two weeks of a team (bench/history.py), written down once for each of so many services, and interleaved
   as if all of them had worked at once. Signatures of people are those of the first; nothing here verifies them.
   Writing it takes more than ten minutes; a small one to try is SERVICES=2 SECONDS_EACH=4.
2. Readers ask one page after the other, without pause and with a second between; the time of each is taken.
3. Appends are freezes that somebody declares, one after the other, alone and beside the readers. Each is over already:
   every page has to look whether it holds, and none grows by it. How often one person may write in a minute is not
   limited here: what is asked is how fast the ledger takes it.
"""

import asyncio
import hashlib
import json
import os
import random
import re
import sys
import tempfile
import time
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final, cast

from bench.api import answered, serving
from bench.history import play, two_weeks

from interlock.adapters.signer.memory import MemorySigner
from interlock.adapters.store.memory import MemoryStore
from interlock.bootstrap.houses import open_house
from interlock.config import find_home
from interlock.domain.ids import CommandId, PersonId, StreamId
from interlock.identity.caller import How
from interlock.identity.throttle import Throttle
from interlock.ledger.record import Batch, Json
from interlock.ports.store import Appended, Conflict, LedgerStore
from interlock.server.door import WRITES_WITHIN, Door
from interlock.server.sweeping import swept_once
from interlock.testing.world import ORIGIN, World

HERE: Final = Path(__file__).parents[1]
RESULT: Final = HERE / "build" / "crowded.json"
SERVICES: Final = int(os.environ.get("SERVICES", "76"))
READERS: Final = 20
SECONDS: Final = float(os.environ.get("SECONDS_EACH", "15"))
PAUSE: Final = 1.0
TARGETS: Final = {"p95_ms": 100.0, "slower": 0.2}
PORT: Final = "port"
_SERVICE: Final = re.compile(r"(?<![\w.-])app(?=$|[:/])")
_CONTENT: Final = re.compile(r"[0-9a-f]{64}")
_EVIDENCE: Final = "evidence/"


class Remembering(MemoryStore):
    """A store that keeps what was appended as it was handed in."""

    def __init__(self) -> None:
        super().__init__(ORIGIN, MemorySigner(ORIGIN))
        self.batches: list[Batch] = []

    def append(self, batch: Batch) -> Appended | Conflict:
        done = super().append(batch)
        if isinstance(done, Appended):
            self.batches.append(batch)
        return done


@dataclass(frozen=True, slots=True)
class Renaming:
    """How what one service did is told of another: its name, its content, and what was commanded."""

    name: str
    content: frozenset[str]
    causes: frozenset[str]

    def batch(self, batch: Batch, *, is_first: bool) -> Batch:
        """The batch as that service's. Words and raw material are the same, and kept once."""
        drafts = tuple(
            replace(draft, stream=StreamId(self._text(draft.stream)), payload=self._table(draft.payload))
            for draft in batch.drafts
        )
        texts, blobs = (batch.texts, batch.blobs) if is_first else ((), ())
        cause = CommandId(self._text(batch.cause))
        return replace(batch, drafts=drafts, cause=cause, expected={}, texts=texts, blobs=blobs)

    def _table(self, payload: Mapping[str, Json]) -> dict[str, Json]:
        return {self._text(key): self._value(value) for key, value in payload.items()}

    def _value(self, value: Json) -> Json:
        if isinstance(value, str):
            return self._text(value)
        if isinstance(value, Mapping):
            return self._table(value)
        if isinstance(value, list | tuple):
            return [self._value(one) for one in value]
        return value

    def _text(self, text: str) -> str:
        before, slash, last = text.rpartition("/")
        if last in self.causes:
            return f"{before}{slash}{self.name}-{last}"
        return _CONTENT.sub(self._digest, _SERVICE.sub(self.name, text))

    def _digest(self, found: re.Match[str]) -> str:
        digest = found[0]
        return hashlib.sha256(f"{self.name} {digest}".encode()).hexdigest() if digest in self.content else digest


def write_down(history: list[Batch], store: LedgerStore) -> None:
    """Write the history down for each service; what is of no service, such as its people, is left out."""
    streams = [draft.stream for batch in history for draft in batch.drafts]
    content = {found[0] for one in streams if one.startswith(_EVIDENCE) and (found := _CONTENT.search(one))}
    own = [
        batch
        for batch in history
        if any(_SERVICE.search(one.stream) or one.stream.startswith(_EVIDENCE) for one in batch.drafts)
    ]
    causes = frozenset(batch.cause for batch in own)
    services = [Renaming(f"s{number:03}", frozenset(content), causes) for number in range(SERVICES)]
    for batch in own:
        for service in services:
            store.append(service.batch(batch, is_first=service is services[0]))


def main() -> int:
    """Measure, print, keep; 1 when a target is missed."""
    with tempfile.TemporaryDirectory(prefix="interlock-bench-") as folder, serving("bench.crowded", folder) as server:
        found: dict[str, Any] = {"cores": os.cpu_count(), "load": round(os.getloadavg()[0], 1), "targets": TARGETS}
        found |= {name: server[name] for name in ("records", "releases", "written_seconds")}
        found["alone_ms"] = asyncio.run(_read(server, 1, 0.0))
        found["unpaused"] = asyncio.run(_read(server, READERS, 0.0))
        found["paused"] = asyncio.run(_read(server, READERS, PAUSE))
        found["appends"] = asyncio.run(_appends(server))
    worst = max(one["p95_ms"] for one in found["paused"].values())
    found["met"] = {"pages": worst <= TARGETS["p95_ms"], "appends": found["appends"]["slower"] <= TARGETS["slower"]}
    RESULT.parent.mkdir(exist_ok=True)
    RESULT.write_text(json.dumps(found, indent=2) + "\n")
    print(json.dumps(found, indent=2))
    return 0 if all(found["met"].values()) else 1


async def _read(server: dict[str, Any], readers: int, pause: float) -> dict[str, dict[str, float]]:
    """By kind of page, what it took, in ms."""
    took: dict[str, list[float]] = {"fleet": [], "release": []}
    until = time.monotonic() + SECONDS
    await asyncio.gather(*(_reader(server, took, until, pause, number) for number in range(readers)))
    return {name: _summary(times) for name, times in took.items()}


def _summary(times: list[float]) -> dict[str, float]:
    ordered = sorted(times)
    return {
        "pages": len(ordered),
        "p50_ms": round(1000 * ordered[len(ordered) // 2], 1),
        "p95_ms": round(1000 * ordered[int(len(ordered) * 0.95)], 1),
        "worst_ms": round(1000 * ordered[-1], 1),
    }


async def _reader(
    server: dict[str, Any], took: dict[str, list[float]], until: float, pause: float, number: int
) -> None:
    draw = random.Random(number)  # noqa: S311 - which page is read
    reader, writer = await asyncio.open_connection("127.0.0.1", server[PORT])
    await asyncio.sleep(draw.random() * pause)
    while time.monotonic() < until:
        kind = draw.choice(tuple(took))
        path = "/" if kind == "fleet" else f"/releases/{draw.choice(server['named'])}"
        began = time.monotonic()
        writer.write(_head(server, "GET", path))
        status, body = await answered(reader)
        took[kind].append(time.monotonic() - began)
        assert status == b"200", (path, status, body[:300])
        await asyncio.sleep(pause)
    writer.close()


async def _appends(server: dict[str, Any]) -> dict[str, float]:
    """Appends a second, alone and beside the readers, in turns; and by how much the readers slow them."""
    alone, beside = [], []
    for turn in range(3):
        alone.append(await _append(server, f"alone-{turn}"))
        reading = asyncio.create_task(_read(server, READERS, PAUSE))
        beside.append(await _append(server, f"beside-{turn}"))
        await reading
    return {
        "alone_per_second": round(sorted(alone)[1], 1),
        "beside_per_second": round(sorted(beside)[1], 1),
        "slower": round(1 - sorted(beside)[1] / sorted(alone)[1], 3),
    }


async def _append(server: dict[str, Any], name: str) -> float:
    reader, writer = await asyncio.open_connection("127.0.0.1", server[PORT])
    count, began = 0, time.monotonic()
    while time.monotonic() - began < SECONDS / 2:
        said = {"freeze": f"{name}-{count}", "begins": "2021-01-01T10:00:00Z", "ends": "2021-01-02T10:00:00Z"}
        body = json.dumps({**said, "reason": "why"}).encode()
        more = f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n".encode()
        writer.write(_head(server, "POST", "/v1/freezes/declare")[:-2] + more + body)
        status, answer = await answered(reader)
        assert status == b"200", answer
        count += 1
    writer.close()
    return count / (time.monotonic() - began)


def _head(server: dict[str, Any], method: str, path: str) -> bytes:
    who = f"Authorization: Bearer {server['token']}" if method == "POST" else f"Cookie: {server['cookie']}"
    return f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{server[PORT]}\r\n{who}\r\n\r\n".encode()


def _serve(folder: Path) -> None:
    from tests.api.hosting import hosted  # noqa: PLC0415  # only this process needs the house
    from tests.server.premises import a_place  # noqa: PLC0415

    remembering = Remembering()
    play(two_weeks(), World(store=remembering))
    with a_place(folder) as place:
        began = time.monotonic()
        with closing(open_house(find_home(place.folder)).store) as store:
            write_down(remembering.batches, store)
            size, named = store.head().size, store.streams("release/")
        taken = time.monotonic() - began
        del remembering
        with hosted(place) as here, swept_once(here.house.clock.now):
            cast("Door", here.built.app.asgi_handler).writes = Throttle(sys.maxsize, WRITES_WITHIN)
            entered = here.built.porter.open(PersonId("ann"), How.PASSWORD, "127.0.0.1")
            told = {
                PORT: int(here.url.rpartition(":")[2]),
                "cookie": f"interlock={entered.secret}",
                "token": here.token("cat"),
                "records": size,
                "releases": len(named),
                "named": [one.removeprefix("release/") for one in named],
                "written_seconds": round(taken),
            }
            print(json.dumps(told), flush=True)
            sys.stdin.read()


if __name__ == "__main__":
    if len(sys.argv) > 1:
        _serve(Path(sys.argv[1]))
    else:
        sys.exit(main())
