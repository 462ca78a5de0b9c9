# SPDX-License-Identifier: Apache-2.0
"""What a release changes, as it is shown before somebody decides about it."""

from tests.server.premises import Premises
from tests.web.reading import shown
from tests.web.test_routes import RELEASE, page, reading
from tests.web.worlds import look, reader, waiting

from interlock.domain.ids import Digest, PersonId, ReleaseId
from interlock.domain.release import Release
from interlock.service.difference import Changed, Fate, Line, Turn
from interlock.web.changes import ChangesShown
from interlock.web.look import Commits, Differing
from interlock.web.page import Page, Place

BEN = reader(PersonId("ben"))


def told(differing: Differing) -> str:
    """A page about this, as ben reads it."""
    release = Release(id=ReleaseId("app:v2"), version="v2", base="a" * 40, commit="b" * 40, digest=Digest("sha256:0"))
    one = ChangesShown(release, Commits(), differing)
    read = shown(Page("changes.html", "What changes", Place.FLEET, {"one": one}), BEN)
    assert not read.faults
    return read.text


def test_every_line_that_changed_is_shown_with_what_became_of_it(here: Premises) -> None:
    with reading(here) as browser:
        text = page(browser, f"{RELEASE}/changes").text
    assert "1 commit, 1 file, +1 \N{MINUS SIGN}1 lines" in text
    assert "app.txt" in text
    assert "\N{MINUS SIGN} gone one" in text
    assert "+ new two" in text


def test_it_is_reached_from_the_release(here: Premises) -> None:
    with reading(here) as browser:
        assert f"{RELEASE}/changes" in page(browser, RELEASE).links


def test_of_what_was_adopted_nothing_came_before(here: Premises) -> None:
    with reading(here) as browser:
        assert "there is nothing to compare it with" in page(browser, "/releases/app:v1.0.0/changes").text


def test_where_the_repository_does_not_know_the_commits_that_is_said() -> None:
    view = look(waiting().world)
    differing, commits = (one("a" * 40, "b" * 40) for one in (view.differing, view.commits))
    assert differing.fault == commits.fault != ""
    assert view.paths("a" * 40, "b" * 40) == ()
    assert differing.fault in told(Differing(fault=differing.fault))


def test_what_strangers_called_a_file_or_wrote_into_it_stays_text() -> None:
    line = Line(Turn.NEW, 0, 1, "<script>alert(1)</script> \u202e\r")
    text = told(Differing((Changed("<b>\udcff.txt", Fate.NEW, ((line,),)),)))
    assert "<b>\N{REPLACEMENT CHARACTER}.txt new" in text
    assert "<script>alert(1)</script> \N{REPLACEMENT CHARACTER}\N{REPLACEMENT CHARACTER}" in text


def test_what_is_not_shown_is_named_with_why() -> None:
    assert "logo.png Not shown: it is not text." in told(
        Differing((Changed("logo.png", Fate.CHANGED, why="it is not text"),))
    )
