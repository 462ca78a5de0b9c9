# SPDX-License-Identifier: Apache-2.0
"""Real receivers on this machine: a mailbox behind an SMTP server, and webhooks. They keep what arrived."""

import email
import email.policy
import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from tests.ports import free_port

SECRET: Final = "s3cret-t0ken"


@dataclass
class Mailbox:
    """The mails that arrived behind an SMTP server."""

    address: str = ""
    mails: list[EmailMessage] = field(default_factory=list)

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 - its name
        content = envelope.content
        assert isinstance(content, bytes)
        mail = email.message_from_bytes(content, policy=email.policy.default)
        assert isinstance(mail, EmailMessage)
        self.mails.append(mail)
        return "250 taken"

    @property
    def texts(self) -> list[str]:
        """Every mail as a person reads it."""
        return [f"{mail['Subject']}\n{_words(mail)}".replace("\r\n", "\n") for mail in self.mails]


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
    """What was posted, by path; the status it answers with may be changed."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Webhook)
        self.status = 200
        self.posts: list[tuple[str, dict[str, Any]]] = []

    @property
    def address(self) -> str:
        """The address of a plain webhook, as a secret."""
        return f"json://127.0.0.1:{self.server_port}/hook/{SECRET}"


@contextmanager
def a_webhook() -> Iterator[WebhookServer]:
    """A webhook that is listened to."""
    with WebhookServer() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


@contextmanager
def a_mailbox(monkeypatch: pytest.MonkeyPatch) -> Iterator[Mailbox]:
    """A mailbox of dana's behind a real SMTP server."""
    monkeypatch.setattr(socket, "getfqdn", lambda *_: "tests.outreach.example")  # else the network is asked who we are
    mailbox = Mailbox()
    controller = Controller(mailbox, hostname="127.0.0.1", port=free_port())
    controller.start()
    where = f"mailto://127.0.0.1:{controller.port}"
    mailbox.address = f"{where}?from=interlock@outreach.example&to=dana@outreach.example&mode=insecure"
    try:
        yield mailbox
    finally:
        controller.stop()


def _words(mail: EmailMessage) -> str:
    body = mail.get_body(("plain",))
    assert isinstance(body, EmailMessage)
    return str(body.get_content())
