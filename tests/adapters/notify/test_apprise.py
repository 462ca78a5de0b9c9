# SPDX-License-Identifier: Apache-2.0
import logging
from collections.abc import Iterator

import pytest
from tests.ports import free_port
from tests.receivers import SECRET, Mailbox, WebhookServer, a_mailbox, a_webhook

from interlock.adapters.notify.apprise import AppriseNotifier
from interlock.ports.failure import Rejected, Unavailable
from interlock.ports.notify import Message, Urgency
from interlock.testing.contracts.notify import KEY, MESSAGE, NotifierContract, Received


class RealRig:
    """A mailbox behind a real SMTP server, and a real webhook."""

    def __init__(self, mailbox: Mailbox, webhook: WebhookServer) -> None:
        self.mailbox = mailbox
        self.webhook = webhook

    def notifier(self) -> AppriseNotifier:
        return AppriseNotifier((self.mailbox.address, self.webhook.address))

    def bound_to(self, address: str) -> AppriseNotifier:
        return AppriseNotifier((address,))

    def received(self) -> list[list[Received]]:
        posts = [Received(f"{post['title']}\n{post['message']}") for _, post in self.webhook.posts]
        return [[Received(text) for text in self.mailbox.texts], posts]

    def break_second(self) -> None:
        self.webhook.status = 503

    def mend_second(self) -> None:
        self.webhook.status = 200


@pytest.fixture
def webhook() -> Iterator[WebhookServer]:
    with a_webhook() as server:
        yield server


@pytest.fixture
def rig(webhook: WebhookServer, monkeypatch: pytest.MonkeyPatch) -> Iterator[RealRig]:
    with a_mailbox(monkeypatch) as mailbox:
        yield RealRig(mailbox, webhook)


class TestAppriseNotifier(NotifierContract):
    """The kit against the SMTP server and the webhook."""


def test_without_an_address_nothing_is_built() -> None:
    with pytest.raises(Rejected) as refusal:
        AppriseNotifier(())
    assert refusal.value.code == "notify.no_address"


def test_two_addresses_in_one_line_are_refused() -> None:
    with pytest.raises(Rejected) as refusal:
        AppriseNotifier(("json://127.0.0.1/a, json://127.0.0.1/b",))
    assert refusal.value.code == "notify.bad_address"


def test_the_urgency_reaches_the_receiver(webhook: WebhookServer) -> None:
    AppriseNotifier((webhook.address,)).deliver(Message("t", "b", Urgency.FAILURE), KEY)
    assert [post["type"] for _, post in webhook.posts] == ["failure"]


def test_a_message_comes_from_interlock_and_fetches_no_picture(webhook: WebhookServer) -> None:
    AppriseNotifier((f"mmost://127.0.0.1:{webhook.server_port}/token",)).deliver(MESSAGE, KEY)
    ((_, post),) = webhook.posts
    assert (post["username"], "apprise" in str(post).lower(), "http" in str(post)) == ("Interlock", False, False)


def test_an_optional_address_that_fails_is_told_all_the_same(webhook: WebhookServer) -> None:
    webhook.status = 500
    with pytest.raises(Unavailable):
        AppriseNotifier((f"{webhook.address}?optional=yes",)).deliver(MESSAGE, KEY)


def test_an_address_where_nobody_listens_is_told() -> None:
    with pytest.raises(Unavailable):
        AppriseNotifier((f"json://127.0.0.1:{free_port()}/",)).deliver(MESSAGE, KEY)


def test_the_lost_address_is_named_by_place_and_scheme(rig: RealRig) -> None:
    rig.break_second()
    with pytest.raises(Unavailable, match=r"did not take the message: address 2 \(json\)$"):
        rig.notifier().deliver(MESSAGE, KEY)


def test_no_part_of_an_address_is_in_an_error(webhook: WebhookServer) -> None:
    webhook.status = 404
    with pytest.raises(Unavailable) as failure:
        AppriseNotifier((webhook.address,)).deliver(MESSAGE, KEY)
    told = f"{failure.value!r} {failure.value.sentence} {failure.value.next_step} {failure.value.__cause__!r}"
    assert (SECRET in told, str(webhook.server_port) in told) == (False, False)


@pytest.mark.parametrize("address", [f"slack://{SECRET}", SECRET, f"{SECRET}://host", f"json://:{SECRET}@"])
def test_no_part_of_a_malformed_address_is_in_its_refusal(address: str) -> None:
    with pytest.raises(Rejected) as refusal:
        AppriseNotifier((address,))
    assert SECRET not in f"{refusal.value!r} {refusal.value.sentence} {refusal.value.next_step}"


def test_no_part_of_an_address_is_in_the_logs(webhook: WebhookServer, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    notifier = AppriseNotifier((webhook.address,))
    notifier.deliver(MESSAGE, KEY)
    webhook.status = 500
    with pytest.raises(Unavailable):
        notifier.deliver(MESSAGE, KEY)
    assert SECRET not in caplog.text


def test_no_part_of_an_address_is_in_the_notifiers_own_words(webhook: WebhookServer) -> None:
    assert SECRET not in repr(AppriseNotifier((webhook.address,)))
