# SPDX-License-Identifier: Apache-2.0
"""Every message of every pack arrives whole at every kind of receiver: nothing of it is lost on the way."""

import json
from pathlib import Path

import pytest
from tests.docs.test_messages_page import BLOCKS, REST
from tests.receivers import a_mailbox, a_webhook

from interlock.adapters.clock import SystemClock
from interlock.adapters.notify.apprise import AppriseNotifier
from interlock.adapters.notify.statuspage import StatusPage
from interlock.domain.ids import ServiceName
from interlock.domain.outbox import MessageDue
from interlock.domain.template import Template, Words, messages_due
from interlock.packs.load import Pack, load_pack
from interlock.packs.shelf import Shelf
from interlock.ports.notify import Message, Urgency


def every_message() -> list[Template]:
    """Those of the library, and of the page that shows how they are written."""
    packs = [load_pack(name, Shelf().pack(name) or b"") for name in Shelf().names()]
    shown = load_pack("shown", (REST + BLOCKS[0]).encode())
    return [message for pack in (*packs, shown) if isinstance(pack, Pack) for message in pack.procedure.messages]


def test_every_part_of_every_message_arrives(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with a_mailbox(monkeypatch) as mail, a_webhook() as chat, a_webhook() as pager:
        addresses = (mail.address, f"mmost://127.0.0.1:{chat.server_port}/token", pager.address)
        notifier, page = AppriseNotifier(addresses), StatusPage(tmp_path, SystemClock().now)
        for number, template in enumerate(every_message()):
            facts: dict[str, Words] = {word: f"<{word} {number}> & Jürgen's" for word in template.words}
            due = messages_due(ServiceName("app"), str(number), (template,), facts)[0].event
            assert isinstance(due, MessageDue)
            message = Message(due.title, due.body, Urgency(due.tone.value), "app")
            notifier.deliver(message, due.key)
            page.deliver(message, due.key)
            told = json.loads((tmp_path / "status.json").read_text())["messages"][0]
            arrived = [mail.texts[-1], chat.posts[-1][1]["text"], *map(_text, (pager.posts[-1][1], told))]
            for text in arrived:
                assert all(str(words) in text for words in facts.values()), (template.id, text)
        assert len(mail.texts) == len(chat.posts) == len(pager.posts) == len(every_message()) > 5


def _text(post: dict[str, str]) -> str:
    return f"{post['title']}\n{post.get('message', post.get('body', ''))}"
