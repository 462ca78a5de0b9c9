# SPDX-License-Identifier: Apache-2.0
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from pathlib import Path
from typing import Final

import pytest

from interlock.adapters.addressees import Addressee, Addressees
from interlock.adapters.notify.statuspage import DATA, KEPT, PAGE, StatusPage, page_at
from interlock.domain.ids import EffectKey
from interlock.ports.failure import Deduplication, Rejected, Unavailable
from interlock.ports.notify import Message, Notifier, Place, Urgency
from interlock.testing.contracts.notify import KEY, MESSAGE, NotifierContract, Received

NOW: Final = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
STAGING: Final = Place("staging", "v2", "verified", "")
PRODUCTION: Final = Place("production", "v1", "verified", "v2 baking")
TOLD: Final = replace(MESSAGE, service="outreach", places=(STAGING, PRODUCTION))


def at(folder: Path, now: datetime = NOW) -> StatusPage:
    return StatusPage(folder, lambda: now)


def told(folder: Path) -> list[dict[str, str]]:
    messages: list[dict[str, str]] = json.loads((folder / DATA).read_text())["messages"]
    return messages


class PageRig:
    """Two pages; the second one's folder can be taken by a file."""

    def __init__(self, folder: Path) -> None:
        self.first, self.second = folder / "first", folder / "deep" / "second"
        self.aside = folder / "aside"

    def notifier(self) -> Notifier:
        return Addressees(tuple(Addressee(one.name, at(one)) for one in (self.first, self.second)))

    def bound_to(self, address: str) -> StatusPage:
        return page_at(address, Path("/nonexistent"), lambda: NOW)

    def received(self) -> list[list[Received]]:
        return [
            [Received(f"{one['title']}\n{one['body']}\n{one['key']}") for one in told(folder)]
            if folder.is_dir()
            else []
            for folder in (self.first, self.second)
        ]

    def break_second(self) -> None:
        self.second.parent.mkdir(exist_ok=True)
        self.second.write_text("in the way")

    def mend_second(self) -> None:
        self.second.unlink()


class TestStatusPage(NotifierContract):
    @pytest.fixture
    def rig(self, tmp_path: Path) -> PageRig:
        return PageRig(tmp_path)


class Reader(HTMLParser):
    """What a person reads, and which tags there are."""

    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []
        self.tags: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)

    def handle_data(self, data: str) -> None:
        self.words.append(data)


def read(folder: Path) -> Reader:
    reader = Reader()
    reader.feed((folder / PAGE).read_text())
    return reader


def test_the_page_says_what_runs_where_and_what_is_under_way(tmp_path: Path) -> None:
    at(tmp_path).deliver(TOLD, KEY)
    words = read(tmp_path).words
    assert {"staging", "v2", "verified", "production", "v1", "verified, v2 baking"} <= set(words)


def test_an_environment_of_which_nothing_is_known_says_so(tmp_path: Path) -> None:
    at(tmp_path).deliver(replace(TOLD, places=(Place("staging", "", "", ""),)), KEY)
    assert "nothing known" in read(tmp_path).words


def test_the_page_says_what_was_told_and_when(tmp_path: Path) -> None:
    at(tmp_path).deliver(TOLD, KEY)
    words = "".join(read(tmp_path).words)
    assert all(one in words for one in (TOLD.title, TOLD.body, "2026-03-02 09:30 UTC", "outreach"))


def test_programs_read_the_same_from_the_data(tmp_path: Path) -> None:
    at(tmp_path).deliver(TOLD, KEY)
    data = json.loads((tmp_path / DATA).read_text())
    assert data["services"]["outreach"][0] == {
        "environment": "staging",
        "version": "v2",
        "standing": "verified",
        "under_way": "",
    }
    assert told(tmp_path)[0]["urgency"] == "success"


def test_words_cannot_become_markup(tmp_path: Path) -> None:
    nasty = Message("<script>", "a & b\x1b[31m", Urgency.FAILURE, "<b>", places=(Place("<i>", "", "", ""),))
    at(tmp_path).deliver(nasty, KEY)
    assert read(tmp_path).tags.isdisjoint({"script", "b", "i"})
    assert "\x1b" not in (tmp_path / PAGE).read_text()


def test_the_newest_message_stands_first_and_old_ones_go(tmp_path: Path) -> None:
    for number in range(KEPT + 2):
        later = NOW + timedelta(minutes=number)
        at(tmp_path, later).deliver(replace(TOLD, title=f"message {number}"), EffectKey(f"k{number}"))
    titles = [one["title"] for one in told(tmp_path)]
    assert (len(titles), titles[0], titles[-1]) == (KEPT, f"message {KEPT + 1}", "message 2")


def test_two_services_share_a_page(tmp_path: Path) -> None:
    at(tmp_path).deliver(TOLD, KEY)
    at(tmp_path).deliver(replace(TOLD, service="billing"), EffectKey("other"))
    assert {"outreach", "billing"} <= set(read(tmp_path).words)


def test_a_message_without_a_state_leaves_the_state_as_it_was(tmp_path: Path) -> None:
    at(tmp_path).deliver(TOLD, KEY)
    at(tmp_path).deliver(MESSAGE, EffectKey("other"))
    assert "verified, v2 baking" in read(tmp_path).words


def test_the_page_can_be_read_by_whoever_serves_it_and_nothing_else_is_left_behind(tmp_path: Path) -> None:
    at(tmp_path).deliver(TOLD, KEY)
    assert sorted((one.name, one.stat().st_mode & 0o777) for one in tmp_path.iterdir()) == [
        (PAGE, 0o644),
        (DATA, 0o644),
    ]


@pytest.mark.parametrize(
    ("name", "content"),
    [(PAGE, "<h1>Our shop</h1>"), (DATA, "{"), (DATA, '{"form": "other"}'), (DATA, '{"messages": 3}')],
)
def test_somebody_elses_page_is_left_alone(tmp_path: Path, name: str, content: str) -> None:
    (tmp_path / name).write_text(content)
    with pytest.raises(Rejected) as refusal:
        at(tmp_path).deliver(TOLD, KEY)
    assert (refusal.value.code, (tmp_path / name).read_text()) == ("notify.not_our_page", content)


def test_a_page_that_cannot_be_replaced_is_told_and_leaves_no_rest(tmp_path: Path) -> None:
    at(tmp_path).deliver(TOLD, KEY)
    (tmp_path / PAGE).unlink()
    (tmp_path / PAGE).mkdir()
    with pytest.raises(Unavailable) as failure:
        at(tmp_path).deliver(TOLD, EffectKey("other"))
    assert failure.value.code == "notify.page_unwritable"
    assert sorted(one.name for one in tmp_path.iterdir()) == [PAGE, DATA]


def test_a_path_is_taken_from_the_root_unless_it_begins_with_a_slash(tmp_path: Path) -> None:
    pages = [page_at(address, tmp_path, lambda: NOW).folder for address in ("file:public", "file:/srv/status")]
    assert pages == [tmp_path / "public", Path("/srv/status")]


@pytest.mark.parametrize("address", ["file:", "file:  ", "file:a\0b", "public"])
def test_what_names_no_folder_is_no_page(address: str) -> None:
    with pytest.raises(Rejected) as refusal:
        page_at(address, Path("/nonexistent"), lambda: NOW)
    assert refusal.value.code == "notify.bad_address"


def test_a_page_looks_whether_it_says_so_already(tmp_path: Path) -> None:
    assert at(tmp_path).deduplication is Deduplication.OBSERVED
