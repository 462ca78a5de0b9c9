# SPDX-License-Identifier: Apache-2.0
"""The conformance kit of the notify port: one or more tests per numbered clause of `interlock.ports.notify`.

Subclass `NotifierContract` in your test suite and give it a fixture named `rig` that is a `NotifierRig` with real
receivers. An adapter that passes can be trusted to say so when a message is lost.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Protocol

import pytest

from interlock.domain.ids import EffectKey
from interlock.ports.failure import Deduplication, Rejected
from interlock.ports.notify import Message, Notifier, Undelivered, Urgency

KEY: Final = EffectKey("promotion/outreach/7#notify")
MESSAGE: Final = Message("outreach v1.1.0 is live", "It baked for 30 minutes & nothing < failed.", Urgency.SUCCESS)


@dataclass(frozen=True, slots=True)
class Received:
    """What arrived: the whole text, title and key included, as a person would read it."""

    text: str


class NotifierRig(Protocol):
    """What the kit needs of the adapter's world: two receivers, the second of which can be broken."""

    def notifier(self) -> Notifier:
        """A notifier bound to both receivers, in order."""
        ...

    def bound_to(self, address: str) -> Notifier:
        """A notifier bound to this one address."""
        ...

    def received(self) -> Sequence[Sequence[Received]]:
        """What each of the two receivers got so far."""
        ...

    def break_second(self) -> None:
        """From now on the second receiver takes nothing."""
        ...

    def mend_second(self) -> None:
        """It takes messages again."""
        ...


class NotifierContract:
    """The clauses of `Notifier`, as tests."""

    def test_1_every_address_took_the_message(self, rig: NotifierRig) -> None:
        rig.notifier().deliver(MESSAGE, KEY)
        assert [len(arrived) for arrived in rig.received()] == [1, 1]

    def test_1_title_and_body_arrive_as_they_were_written(self, rig: NotifierRig) -> None:
        rig.notifier().deliver(MESSAGE, KEY)
        texts = [arrived[0].text for arrived in rig.received()]
        assert [(MESSAGE.title in text, MESSAGE.body in text) for text in texts] == [(True, True)] * 2

    def test_1_an_address_that_took_nothing_is_told(self, rig: NotifierRig) -> None:
        notifier = rig.notifier()
        rig.break_second()
        with pytest.raises(Undelivered, match="1 of 2") as failure:
            notifier.deliver(MESSAGE, KEY)
        assert (failure.value.code, len(failure.value.lost)) == ("notify.undelivered", 1)

    def test_1_a_broken_address_does_not_keep_the_others_waiting(self, rig: NotifierRig) -> None:
        notifier = rig.notifier()
        rig.break_second()
        with pytest.raises(Undelivered):
            notifier.deliver(MESSAGE, KEY)
        assert [len(arrived) for arrived in rig.received()] == [1, 0]

    @pytest.mark.parametrize("urgency", Urgency)
    def test_1_every_urgency_can_be_delivered(self, rig: NotifierRig, urgency: Urgency) -> None:
        rig.notifier().deliver(Message("t", "b", urgency), KEY)
        assert [len(arrived) for arrived in rig.received()] == [1, 1]

    def test_2_the_key_is_carried_in_the_message(self, rig: NotifierRig) -> None:
        rig.notifier().deliver(MESSAGE, KEY)
        assert all(KEY in arrived[0].text for arrived in rig.received())

    def test_2_a_repeat_is_what_the_notifier_says_it_is(self, rig: NotifierRig) -> None:
        notifier = rig.notifier()
        notifier.deliver(MESSAGE, KEY)
        notifier.deliver(MESSAGE, KEY)
        wanted = 2 if notifier.deduplication is Deduplication.NONE else 1
        assert [len(arrived) for arrived in rig.received()] == [wanted, wanted]

    @pytest.mark.parametrize("address", ["", "nonsense", "unheard-of://host/token", "http//missing.colon", "://"])
    def test_3_a_malformed_address_is_rejected_when_built(self, rig: NotifierRig, address: str) -> None:
        with pytest.raises(Rejected) as refusal:
            rig.bound_to(address)
        assert refusal.value.code == "notify.bad_address"

    def test_4_a_further_try_goes_only_where_it_was_lost(self, rig: NotifierRig) -> None:
        notifier = rig.notifier()
        rig.break_second()
        with pytest.raises(Undelivered) as failure:
            notifier.deliver(MESSAGE, KEY)
        rig.mend_second()
        notifier.deliver(MESSAGE, KEY, failure.value.lost)
        assert [len(arrived) for arrived in rig.received()] == [1, 1]

    def test_4_what_is_lost_again_is_named_again(self, rig: NotifierRig) -> None:
        notifier = rig.notifier()
        rig.break_second()
        with pytest.raises(Undelivered) as first:
            notifier.deliver(MESSAGE, KEY)
        with pytest.raises(Undelivered, match="1 of 1") as second:
            notifier.deliver(MESSAGE, KEY, first.value.lost)
        assert second.value.lost == first.value.lost

    def test_4_with_names_that_are_bound_no_longer_every_address_is_tried(self, rig: NotifierRig) -> None:
        rig.notifier().deliver(MESSAGE, KEY, ("address 9 (gone)",))
        assert [len(arrived) for arrived in rig.received()] == [1, 1]
