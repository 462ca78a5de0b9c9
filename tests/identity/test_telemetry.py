# SPDX-License-Identifier: Apache-2.0
import json
import threading
from datetime import UTC, datetime
from io import StringIO

import pytest

from interlock.telemetry import REDACTED, Log, redacted

NOW = datetime(2026, 3, 4, tzinfo=UTC)


def test_a_line_is_one_object_whatever_came_from_outside() -> None:
    out = StringIO()
    Log(out).line(NOW, "login", {"person": 'ann\n{"event": "made up"}', "count": 2})
    (line,) = out.getvalue().splitlines()
    assert json.loads(line) == {
        "at": "2026-03-04T00:00:00.000+00:00",
        "event": "login",
        "person": 'ann\n{"event": "made up"}',
        "count": 2,
    }


@pytest.mark.parametrize("name", ["password", "Authorization", "client_secret", "cookie", "csrf"])
def test_what_is_called_a_secret_is_never_told(name: str) -> None:
    assert redacted(name, "anything") == REDACTED


@pytest.mark.parametrize(
    "words",
    ["ilk_0123456789abcdef", "Bearer abc.def", "eyJhbGciOiJub25lIn0.e30.", "https://ann:pass@example.com"],
)
def test_what_looks_like_a_secret_is_cut_out_of_its_sentence(words: str) -> None:
    told = str(redacted("detail", f"it said {words} and went on"))
    assert REDACTED in told
    assert told.startswith("it said ")
    assert words not in told


def test_numbers_stay() -> None:
    assert redacted("status", 500) == 500


def test_lines_of_several_threads_stay_whole() -> None:
    out = StringIO()
    log = Log(out)

    def write() -> None:
        for _ in range(50):
            log.line(NOW, "x", {})

    threads = [threading.Thread(target=write) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {json.loads(line)["event"] for line in out.getvalue().splitlines()} == {"x"}
