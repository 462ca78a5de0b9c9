# SPDX-License-Identifier: Apache-2.0
"""A few words about time: a moment before every other, moments that come again, and how people write them."""

from datetime import UTC, datetime, timedelta
from typing import Final

NEVER: Final = datetime.min.replace(tzinfo=UTC)
"""Before anything happened."""


def in_words(moment: datetime) -> str:
    """To the minute, in UTC."""
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC")


def span_in_words(span: timedelta) -> str:
    """A length of time in its largest whole unit: `2 d`, `36 h`, `5 min`, `90 s`."""
    seconds = int(span.total_seconds())
    for unit, name in ((86400, "d"), (3600, "h"), (60, "min")):
        if seconds and seconds % unit == 0:
            return f"{seconds // unit} {name}"
    return f"{seconds} s"


def next_of(first: datetime, again: timedelta, told: datetime) -> datetime:
    """The first moment after `told` of those that begin with `first` and come `again`; NEVER when none comes.

    Where nothing comes again (zero), `first` is the only one.
    """
    if told < first:
        return first
    return told + again if again else NEVER


def last_of(first: datetime, again: timedelta, now: datetime) -> datetime:
    """The last of these moments that has come; `first` has."""
    return first + (now - first) // again * again if again else first
