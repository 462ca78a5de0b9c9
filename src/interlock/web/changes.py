# SPDX-License-Identifier: Apache-2.0
"""What a release changes, file by file and line by line: what somebody reads before they decide about it."""

from dataclasses import dataclass

from interlock.domain.ids import ReleaseId
from interlock.domain.release import Release
from interlock.service.gather import Ungoverned
from interlock.web.look import Commits, Differing, Look
from interlock.web.page import Page, Place


@dataclass(frozen=True, slots=True)
class ChangesShown:
    """The page."""

    release: Release
    commits: Commits
    differing: Differing

    @property
    def added(self) -> int:
        """How many lines are new, of those that are shown."""
        return sum(one.added for one in self.differing.files)

    @property
    def taken(self) -> int:
        """How many lines are gone, of those that are shown."""
        return sum(one.taken for one in self.differing.files)


def page(look: Look, named: str) -> Page:
    """What this release changes. Raises `Ungoverned` (code `release.unknown`)."""
    release = look.view.release(ReleaseId(named))
    if not release.id or not look.sees(release.service):
        raise Ungoverned("release.unknown", f"there is no release '{named}'", "see `interlock status`")
    commits, differing = Commits(), Differing()
    if release.base:
        commits = look.commits(release.base, release.commit)
        differing = look.differing(release.base, release.commit)
    one = ChangesShown(release, commits, differing)
    title = f"{release.service} {release.version}: what changes"
    return Page("changes.html", title, Place.FLEET, {"one": one})
