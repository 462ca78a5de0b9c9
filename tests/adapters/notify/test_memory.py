# SPDX-License-Identifier: Apache-2.0
import pytest

from interlock.adapters.notify.memory import MemoryNotifier
from interlock.testing.contracts.notify import KEY, MESSAGE, NotifierContract, Received

FIRST, SECOND = "memory://first", "memory://second"


class MemoryRig:
    def __init__(self) -> None:
        self.built = MemoryNotifier((FIRST, SECOND))

    def notifier(self) -> MemoryNotifier:
        return self.built

    def bound_to(self, address: str) -> MemoryNotifier:
        return MemoryNotifier((address,))

    def received(self) -> list[list[Received]]:
        return [
            [
                Received(f"{sent.message.title}\n{sent.message.body}\n{sent.key}")
                for sent in self.built.outbox
                if sent.address == address
            ]
            for address in (FIRST, SECOND)
        ]

    def break_second(self) -> None:
        self.built.failing.add(SECOND)

    def mend_second(self) -> None:
        self.built.failing.clear()


class TestMemoryNotifier(NotifierContract):
    @pytest.fixture
    def rig(self) -> MemoryRig:
        return MemoryRig()


def test_an_address_that_comes_back_takes_messages_again() -> None:
    rig = MemoryRig()
    rig.break_second()
    rig.mend_second()
    rig.notifier().deliver(MESSAGE, KEY)
    assert [len(arrived) for arrived in rig.received()] == [1, 1]
