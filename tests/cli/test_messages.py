# SPDX-License-Identifier: Apache-2.0
"""A procedure's messages really arrive: by mail, in a chat, at a pager and on a status page, with all their parts."""

import json
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest
from tests.cli.test_release_line import to_production, to_staging
from tests.cli.workplace import BINDINGS, Workplace, codes, open_workplace
from tests.receivers import Mailbox, WebhookServer, a_mailbox, a_webhook

AUDIENCES: Final = """
audiences:
  stakeholders: [{mail}, $CHAT]
  support: [$CHAT]
  on-call: [$PAGER]
  public: ["file:public"]
"""
MESSAGES: Final = """\
audiences: [stakeholders, support, on-call, public]
messages:
  soon:
    to: [stakeholders, support]
    title: "{service} {version} goes to {environment}"
    body: |
      What: {title} ({change})
      Who: {by}
  live:
    to: [stakeholders, support, public]
    title: "{version} is live in {environment}"
    body: "It was {sentence}."
    tone: success
  back:
    to: [on-call, public]
    title: "{environment} goes back from {release} to {target}"
    body: "{by}: {sentence}"
    tone: warning
  there: {to: [stakeholders, public], title: "{environment} is back on {target}", body: "{sentence}", tone: success}
rollback: {notify: {decided: [back], returned: [there]}}
"""


@dataclass
class Receivers:
    """Where messages arrive."""

    mail: Mailbox
    chat: WebhookServer
    pager: WebhookServer
    page: Path

    @property
    def in_chat(self) -> list[str]:
        """What people read in the chat."""
        return [post["text"] for _, post in self.chat.posts]

    @property
    def at_the_pager(self) -> list[str]:
        """What the pager shows."""
        return [f"{post['title']}\n{post['message']}" for _, post in self.pager.posts]

    @property
    def on_the_page(self) -> list[str]:
        """What was told on the status page, oldest first."""
        return [one["title"] for one in reversed(json.loads((self.page / "status.json").read_text())["messages"])]


@pytest.fixture
def receivers(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Receivers]:
    with ExitStack() as stack:
        mail = stack.enter_context(a_mailbox(monkeypatch))
        chat, pager = (stack.enter_context(a_webhook()) for _ in range(2))
        monkeypatch.setenv("CHAT", f"mmost://127.0.0.1:{chat.server_port}/chat-t0ken")
        monkeypatch.setenv("PAGER", pager.address)
        yield Receivers(mail, chat, pager, folder / "public")


def told(pack: str) -> str:
    """The pack with its messages."""
    notify = "    notify: {before: [soon], after: [live]}\n"
    return pack.replace("  - name: agreed-in-emergency", f"{notify}\n  - name: agreed-in-emergency") + MESSAGES


@pytest.fixture
def place(folder: Path, tmp_path: Path, receivers: Receivers) -> Workplace:
    bindings = BINDINGS + AUDIENCES.replace("{mail}", json.dumps(receivers.mail.address))
    return open_workplace(folder, tmp_path / "keys", bindings, told)


def test_a_release_is_told_before_and_after_to_everybody_who_is_to_know(
    released: Workplace, receivers: Receivers
) -> None:
    to_production(released)
    before, after = receivers.mail.texts
    assert before.startswith("app v1.1.0 goes to production\nWhat: Say two (CR-1)\nWho: dan\n")
    assert after.startswith("v1.1.0 is live in production\nIt was verified.\n")
    assert [mail["To"] for mail in receivers.mail.mails] == ["dana@outreach.example"] * 2
    assert sum("What: Say two (CR-1)\nWho: dan" in text for text in receivers.in_chat) == 2
    assert sum("v1.1.0 is live in production" in text for text in receivers.in_chat) == 2
    assert receivers.at_the_pager == []


def test_a_rollback_is_told_when_it_is_decided_and_when_it_is_proven(released: Workplace, receivers: Receivers) -> None:
    to_production(released)
    released.done("cat", "rollback", "production", "--reason", "Nobody can pay")
    released.drive()
    (paged,) = receivers.at_the_pager
    assert paged.startswith("production goes back from app:v1.1.0 to app:v1.0.0\ncat: Nobody can pay")
    assert "production is back on app:v1.0.0" in receivers.mail.texts[-1]


def test_the_status_page_says_what_runs_and_what_was_told(released: Workplace, receivers: Receivers) -> None:
    to_production(released)
    released.done("cat", "rollback", "production", "--reason", "Nobody can pay")
    released.drive()
    assert receivers.on_the_page == [
        "v1.1.0 is live in production",
        "production goes back from app:v1.1.0 to app:v1.0.0",
        "production is back on app:v1.0.0",
    ]
    places = json.loads((receivers.page / "status.json").read_text())["services"]["app"]
    assert [(one["environment"], one["version"]) for one in places] == [("staging", "v1.1.0"), ("production", "v1.0.0")]
    assert "Nobody can pay" in (receivers.page / "index.html").read_text()


def test_a_dead_receiver_hides_no_other_and_is_listed_with_its_reason(
    released: Workplace, receivers: Receivers
) -> None:
    receivers.chat.status = 503
    to_production(released)
    assert len(receivers.mail.texts) == 2
    listed = released.done("dan", "outbox", "list")["messages"]
    assert {(one["message"], one["to"], one["phase"], one["tries"]) for one in listed} == {
        (message, to, "waiting", 1) for message in ("soon", "live") for to in ("stakeholders", "support")
    }
    assert {one["why"].rpartition(": ")[2] for one in listed} == {"address 1 ($CHAT)", "address 2 ($CHAT)"}
    assert "app v1.1.0 goes to production" in released.say("dan", "outbox", "list").out


def test_a_message_tried_anew_goes_only_where_it_has_not_arrived(released: Workplace, receivers: Receivers) -> None:
    receivers.chat.status = 503
    to_production(released)
    receivers.chat.status = 200
    released.done("dan", "outbox", "retry", "live/stakeholders")
    released.drive()
    assert (len(receivers.mail.texts), len(receivers.in_chat)) == (2, 1)
    assert "live/stakeholders" not in json.dumps(released.done("dan", "outbox", "list"))


def test_an_address_that_is_not_set_is_told_by_its_name(
    released: Workplace, receivers: Receivers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CHAT")
    to_production(released)
    whys = {one["why"] for one in released.done("dan", "outbox", "list")["messages"]}
    assert whys == {
        "1 of 1 addresses did not take the message: address 1 ($CHAT)",
        "1 of 2 addresses did not take the message: address 2 ($CHAT)",
    }
    assert len(receivers.mail.texts) == 2


def test_with_nothing_under_way_every_message_has_arrived(place: Workplace) -> None:
    assert "every message has arrived" in place.say("dan", "outbox", "list").out


def test_a_key_that_names_several_or_no_message_is_refused(released: Workplace, receivers: Receivers) -> None:
    receivers.chat.status = 503
    to_production(released)
    assert codes(released.say("dan", "outbox", "retry", "stakeholders", "--json").object) == ["outbox.ambiguous"]
    assert codes(released.ask("dan", "outbox", "retry", "nothing")) == ["outbox.unknown"]


def test_nobody_is_told_of_what_the_stage_does_not_name(released: Workplace, receivers: Receivers) -> None:
    to_staging(released)
    assert (receivers.mail.texts, receivers.in_chat) == ([], [])
