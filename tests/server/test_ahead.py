# SPDX-License-Identifier: Apache-2.0
import threading
from pathlib import Path

from tests.server.premises import a_place, premises

from interlock.domain.governance import service_stream
from interlock.domain.ids import ServiceName
from interlock.server.ahead import THREAD


def test_what_the_first_page_shows_is_read_before_anybody_asks(tmp_path: Path) -> None:
    with a_place(tmp_path) as place, premises(place) as here:
        for one in threading.enumerate():
            if one.name == THREAD:
                one.join()
        assert here.house.remembered.position(service_stream(ServiceName("app"))) > 0
