# SPDX-License-Identifier: Apache-2.0
"""How single words of a file become values: names, durations, moments, numbers.

Every parser takes the text as written and raises `ValueError` with a sentence fit for a person. Numbers and truth
values follow the YAML 1.2 core schema cut to its plain forms: `yes`, `on`, `0o7` and `1:30` are words, not values.
"""

import ipaddress
import math
import re
from collections.abc import Callable, Mapping
from datetime import datetime, time, timedelta
from pathlib import Path, PurePosixPath
from types import MappingProxyType
from typing import Final

from interlock.domain import ids

Parser = Callable[[str], object]

_DURATION: Final = re.compile(r"(?:(\d{1,5})d)?(?:(\d{1,6})h)?(?:(\d{1,7})m)?(?:(\d{1,9})s)?")
_INTEGER: Final = re.compile(r"[-+]?(?:0|[1-9]\d{0,17})", re.ASCII)
_NUMBER: Final = re.compile(r"[-+]?(?:0|[1-9]\d{0,17})(?:\.\d{1,18})?(?:[eE][-+]?\d{1,3})?", re.ASCII)
_TIME_OF_DAY: Final = re.compile(r"(?:[01]\d|2[0-3]):[0-5]\d", re.ASCII)
_MILLISECONDS: Final = re.compile(r"[1-9]\d{0,8}ms", re.ASCII)
_COOKIE_NAME: Final = re.compile(r"[A-Za-z0-9_][\w.-]{0,62}", re.ASCII)
_HEADER_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,62}", re.ASCII)
_LAST_PORT: Final = 65_535
_TRUTH: Final = {"true": True, "false": False}


def is_blank(text: str) -> bool:
    """Whether nothing in it can be seen: it is empty, or holds only spaces and signs without a shape."""
    return not any(one.isprintable() and not one.isspace() for one in text)


def parse_duration(text: str) -> timedelta:
    """A length of time: `90s`, `30m`, `48h`, `2d`, `10m30s`; the largest unit first, each at most once."""
    matched = _DURATION.fullmatch(text) if text.isascii() else None
    if not text or matched is None:
        raise ValueError("expected a duration such as 90s, 30m, 48h, 2d or 10m30s")
    days, hours, minutes, seconds = (int(part or 0) for part in matched.groups())
    return timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)


def parse_moment(text: str) -> datetime:
    """A moment with its offset from UTC: `2026-03-01T09:30:00Z`."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise ValueError("expected a moment such as 2026-03-01T09:30:00Z") from error
    if moment.tzinfo is None:
        raise ValueError("expected a moment with its offset, such as 2026-03-01T09:30:00Z")
    return moment


def parse_time_of_day(text: str) -> time:
    """A time on a clock face: `09:30`, 24 hours."""
    if not _TIME_OF_DAY.fullmatch(text):
        raise ValueError("expected a time of day such as 09:30")
    return time.fromisoformat(text)


def parse_integer(text: str) -> int:
    """A whole number in decimal digits."""
    if not _INTEGER.fullmatch(text):
        raise ValueError("expected a whole number such as 3")
    return int(text)


def parse_number(text: str) -> float:
    """A finite decimal number; a whole one is read as one too."""
    if not _NUMBER.fullmatch(text) or not math.isfinite(number := float(text)):
        raise ValueError("expected a number such as 0.5")
    return number


def parse_endpoint(text: str) -> str:
    """Where something listens: an IP address and a port, `10.0.0.1:8080` or `[::1]:8080`."""
    host, _, port = text.rpartition(":")
    try:
        ipaddress.ip_address(host.strip("[]"))
        is_port = 1 <= parse_integer(port) <= _LAST_PORT
    except ValueError:
        is_port = False
    if not is_port:
        raise ValueError("expected an IP address and a port, such as 10.0.0.1:8080")
    return text


def parse_cookie_name(text: str) -> str:
    """The name of a cookie, in letters, digits, `_`, `-` and `.`."""
    if not _COOKIE_NAME.fullmatch(text):
        raise ValueError("expected a cookie's name in letters, digits, '_', '-' and '.', at most 63")
    return text


def parse_header_name(text: str) -> str:
    """The name of a header that says one thing; `cookie` says many."""
    if not _HEADER_NAME.fullmatch(text):
        raise ValueError("expected a header's name in letters, digits and '-', at most 63")
    if text.lower() == "cookie":
        raise ValueError("that header carries many; write cookie: and the name of the one that is meant")
    return text


def parse_edge(text: str) -> str:
    """A latency: `250ms`, `2s`, or any other duration."""
    if not _MILLISECONDS.fullmatch(text):
        try:
            parse_duration(text)
        except ValueError as error:
            raise ValueError("expected a latency such as 250ms or 2s") from error
    return text


def parse_truth(text: str) -> bool:
    """`true` or `false`, nothing else."""
    if text not in _TRUTH:
        raise ValueError("expected true or false")
    return _TRUTH[text]


BARE: Final[Mapping[object, Parser]] = MappingProxyType(
    {int: parse_integer, float: parse_number, bool: parse_truth},
)
"""Values that must be written without quotes."""

WORDS: Final[Mapping[object, Parser]] = MappingProxyType(
    {
        str: str,
        timedelta: parse_duration,
        datetime: parse_moment,
        time: parse_time_of_day,
        Path: Path,
        PurePosixPath: PurePosixPath,
        ids.Digest: ids.parse_digest,
        ids.EnvironmentName: ids.parse_name,
        ids.PersonId: ids.parse_name,
        ids.ServiceName: ids.parse_name,
        ids.ComponentName: ids.parse_name,
        ids.RoleName: ids.parse_name,
        ids.StageName: ids.parse_name,
        ids.CheckId: ids.parse_name,
        ids.RequirementId: ids.parse_name,
        ids.AudienceName: ids.parse_name,
        ids.NoticeId: ids.parse_name,
        ids.DutyId: ids.parse_name,
        ids.ClockId: ids.parse_name,
        ids.LabelName: ids.parse_name,
        ids.ChangeId: ids.parse_name,
        ids.ReleaseId: ids.parse_name,
    },
)
"""Values that may be written with quotes or without."""
