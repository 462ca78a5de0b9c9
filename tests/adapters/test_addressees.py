# SPDX-License-Identifier: Apache-2.0
from pathlib import Path
from typing import Final

import pytest

from interlock.adapters.addressees import Addressee, Addressees, Unaddressed
from interlock.adapters.clock import SystemClock
from interlock.adapters.notify.memory import MemoryNotifier
from interlock.adapters.notify.statuspage import StatusPage
from interlock.ports.failure import Deduplication, Rejected
from interlock.ports.notify import Undelivered
from interlock.testing.contracts.notify import KEY, MESSAGE

CHAT: Final = "memory://chat"


def test_each_address_answers_for_itself_and_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text("ours")
    chat = MemoryNotifier((CHAT,))
    page = StatusPage(tmp_path, SystemClock().now)
    pager = MemoryNotifier(("memory://pager",), {"memory://pager"})
    both = Addressees((Addressee("1", pager), Addressee("2", page), Addressee("3", chat)))
    with pytest.raises(Undelivered) as failure:
        both.deliver(MESSAGE, KEY)
    assert failure.value.lost == ("1", "2")
    assert "folder of its own" in failure.value.next_step
    assert [sent.address for sent in chat.outbox] == [CHAT]


def test_together_they_are_as_good_as_the_worst(tmp_path: Path) -> None:
    page = StatusPage(tmp_path, SystemClock().now)
    parts = (Addressee("1", page), Addressee("2", MemoryNotifier((CHAT,))))
    assert Addressees(parts).deduplication is Deduplication.NONE
    assert Addressees(parts[:1]).deduplication is Deduplication.OBSERVED
    nobody = Addressee("3", Unaddressed(Rejected("notify.no_address", "$CHAT is not set", "set it")))
    assert Addressees((parts[0], nobody)).deduplication is Deduplication.NONE
