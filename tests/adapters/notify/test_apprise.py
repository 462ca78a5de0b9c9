# SPDX-License-Identifier: Apache-2.0
import email
import email.policy
import json
import logging
import socket
import threading
from collections.abc import Iterator
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from interlock.adapters.notify.apprise import AppriseNotifier
from interlock.ports.failure import Rejected, Unavailable
from interlock.ports.notify import Message, Urgency
from interlock.testing.contracts.notify import KEY, MESSAGE, NotifierContract, Received

SECRET = "s3cret-t0ken"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class Mailbox:
    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 - its name
        content = envelope.content
        assert isinstance(content, bytes)
        mail = email.message_from_bytes(content, policy=email.policy.default)
        assert isinstance(mail, EmailMessage)
        self.mails.append(mail)
        return "250 taken"


class Webhook(BaseHTTPRequestHandler):
    """Takes JSON, or answers with the status its server is told to."""

    def do_POST(self) -> None:
        server = self.server
        assert isinstance(server, WebhookServer)
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if server.status == 200:
            server.posts.append((self.path, body))
        self.send_response(server.status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name
        """Tests are quiet."""


class WebhookServer(ThreadingHTTPServer):
    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Webhook)
        self.status = 200
        self.posts: list[tuple[str, dict[str, str]]] = []

    @property
    def address(self) -> str:
        return f"json://127.0.0.1:{self.server_port}/hook/{SECRET}"


class RealRig:
    """A mailbox behind a real SMTP server, and a real webhook."""

    def __init__(self, mailbox: Mailbox, mail_address: str, webhook: WebhookServer) -> None:
        self.mailbox = mailbox
        self.mail_address = mail_address
        self.webhook = webhook

    def notifier(self) -> AppriseNotifier:
        return AppriseNotifier((self.mail_address, self.webhook.address))

    def bound_to(self, address: str) -> AppriseNotifier:
        return AppriseNotifier((address,))

    def received(self) -> list[list[Received]]:
        mails = [Received(f"{mail['Subject']}\n{_words(mail)}") for mail in self.mailbox.mails]
        return [mails, [Received(f"{post['title']}\n{post['message']}") for _, post in self.webhook.posts]]

    def break_second(self) -> None:
        self.webhook.status = 503


def _words(mail: EmailMessage) -> str:
    body = mail.get_body(("plain",))
    assert isinstance(body, EmailMessage)
    return str(body.get_content())


@pytest.fixture
def webhook() -> Iterator[WebhookServer]:
    with WebhookServer() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def rig(webhook: WebhookServer, monkeypatch: pytest.MonkeyPatch) -> Iterator[RealRig]:
    monkeypatch.setattr(socket, "getfqdn", lambda: "tests.outreach.example")  # else smtplib asks the network who we are
    mailbox = Mailbox()
    controller = Controller(mailbox, hostname="127.0.0.1", port=free_port())
    controller.start()
    where = f"mailto://127.0.0.1:{controller.port}"
    yield RealRig(mailbox, f"{where}?from=interlock@outreach.example&to=dana@outreach.example&mode=insecure", webhook)
    controller.stop()


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
