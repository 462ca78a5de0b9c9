# SPDX-License-Identifier: Apache-2.0
"""Whom the procedure tells: a mailbox behind an SMTP server, chat and pagers behind a web server, all on this machine.

They keep what arrived. An address is made for every name that the bindings ask for, and its first word says what it is:
MAIL, CHAT, or anything else, which is a webhook as pagers have.
"""

import email
import email.policy
import json
import socket
import threading
import time
from dataclasses import dataclass, field
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final

from aiosmtpd.controller import Controller as SmtpController
from aiosmtpd.smtp import SMTP, Envelope, Session
from shell import DemoFailed

HERE: Final = "127.0.0.1"
LOOK: Final = 0.05


@dataclass(frozen=True, slots=True)
class Arrived:
    """A message as it came; `at` is the address's name, `text` its title and all below it."""

    at: str
    text: str


@dataclass(slots=True)
class Receivers:
    """Everything that arrived, in its order; `addresses` are for the environment of the controller."""

    names: tuple[str, ...]
    arrived: list[Arrived] = field(default_factory=list)
    addresses: dict[str, str] = field(default_factory=dict)
    mail: SmtpController | None = None
    web: ThreadingHTTPServer | None = None

    def open(self) -> None:
        """Begin to listen."""
        self.web = ThreadingHTTPServer((HERE, 0), self._web_handler())
        threading.Thread(target=self.web.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        self.mail = SmtpController(_Postman(self.arrived), hostname=HERE, port=_free_port())
        self.mail.start()
        self.addresses.update({name: self._address(name) for name in self.names})

    def close(self) -> None:
        """Listen no more."""
        if self.web is not None:
            self.web.shutdown()
            self.web.server_close()
        if self.mail is not None:
            self.mail.stop()
        self.web, self.mail = None, None

    def count(self, *words: str) -> int:
        """How many hold all these words."""
        return sum(all(word in one.text for word in words) for one in tuple(self.arrived))

    def wait(self, name: str, *words: str, within: float = 60) -> Arrived:
        """The newest message at that address that holds all these words, once there is one."""
        deadline = time.monotonic() + within
        while True:
            for one in reversed(tuple(self.arrived)):
                if one.at == name and all(word in one.text for word in words):
                    return one
            if time.monotonic() > deadline:
                raise DemoFailed(f"nothing arrived at {name} with {', '.join(words)}")
            time.sleep(LOOK)

    def _address(self, name: str) -> str:
        if name.startswith("MAIL"):
            port = self.mail.port if self.mail else 0
            return f"mailto://{HERE}:{port}?from=interlock@outreach.example&to={_box(name)}&mode=insecure"
        port = self.web.server_port if self.web else 0
        kind = "mmost" if name.startswith("CHAT") else "json"
        return f"{kind}://{HERE}:{port}/{name.lower()}"

    def _web_handler(self) -> type[BaseHTTPRequestHandler]:
        arrived, names = self.arrived, self.names

        class Door(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body: dict[str, Any] = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                name = next((one for one in names if self.path.endswith(f"/{one.lower()}")), self.path)
                arrived.append(Arrived(name, _text(body)))
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name
                """What arrives is shown by whoever tells the story."""

        return Door


@dataclass(frozen=True, slots=True)
class _Postman:
    arrived: list[Arrived]

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 - its name
        content = envelope.content
        mail = email.message_from_bytes(content if isinstance(content, bytes) else b"", policy=email.policy.default)
        box = str(envelope.rcpt_tos[0]).partition("@")[0]
        self.arrived.append(Arrived(_name(box), f"{mail['Subject']}\n{_words(mail)}".replace("\r\n", "\n")))
        return "250 taken"


def _words(mail: object) -> str:
    body = mail.get_body(("plain",)) if isinstance(mail, EmailMessage) else None
    return str(body.get_content()) if isinstance(body, EmailMessage) else ""


def _text(body: dict[str, Any]) -> str:
    """Chat has one text; a webhook has a title and a message."""
    return str(body["text"]) if "text" in body else f"{body.get('title', '')}\n{body.get('message', '')}"


def _box(name: str) -> str:
    return f"{name.lower().replace('_', '-')}@outreach.example"


def _name(box: str) -> str:
    return box.upper().replace("-", "_")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HERE, 0))
        return int(probe.getsockname()[1])
