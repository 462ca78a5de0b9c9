# SPDX-License-Identifier: Apache-2.0
"""Whether the names in a command are names: checked once, at the edge, for every command and every field.

Names become parts of streams, paths and lines that other programs read. A composite id is derived from what it is
about, so that nobody can take a name that somebody else's thing will have.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import is_dataclass
from functools import cache, partial
from typing import Final, get_args, get_origin, get_type_hints

from interlock.domain import ids
from interlock.domain.delivery import DeliverHead, PromoteHead
from interlock.domain.promotion import RequestPromotion
from interlock.domain.release import CreateRelease
from interlock.ledger.codec import Command

_COMPOSITE: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9:._+/@-]{0,199}")
_TEXT: Final = re.compile(r"[\x20-\x7e]{0,100}")
_LONGEST_HEADING: Final = 200
_COMMIT: Final = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")


def fault_of(command: Command) -> str:
    """What is wrong with the names in it, as a sentence; empty when nothing is."""
    return _misnamed(command) or _derived(command)


def _misnamed(whole: object) -> str:
    kind: type = type(whole)
    for field, parser in _parsed(kind):
        value: object = getattr(whole, field)
        try:
            for one in value if isinstance(value, tuple) else (value,):
                parser(one)
        except ValueError as fault:
            return f"{field}: {fault}"
    return ""


def _derived(command: Command) -> str:
    match command:
        case CreateRelease(release=release, service=service, version=version):
            wanted = f"{service}:{version}"
            return "" if release == wanted else f"the release '{release}' would be called '{wanted}'"
        case DeliverHead(made=made):
            return _derived(made)
        case PromoteHead(asked=asked):
            return _derived(asked)
        case RequestPromotion(promotion, release, environment):
            prefix = f"{release}/{environment}/"
            is_derived = promotion.startswith(prefix) and promotion.removeprefix(prefix).isdecimal()
            return "" if is_derived else f"the promotion '{promotion}' would be called '{prefix}' and its number"
        case _:
            return ""


@cache
def _parsed(kind: type) -> tuple[tuple[str, Callable[[object], object]], ...]:
    """The fields of a command that are names, or hold some, and how each is read; of a tuple, every one in it."""
    return tuple(_parsers(get_type_hints(kind)))


def _parsers(hints: Mapping[str, object]) -> Iterator[tuple[str, Callable[[object], object]]]:
    for field, hint in hints.items():
        one = get_args(hint)[0] if get_origin(hint) is tuple else hint
        parser = _BY_FIELD.get(field) or _BY_TYPE.get(one)
        if parser is not None:
            yield field, partial(_read, parser)
        elif is_dataclass(one):
            yield field, _whole


def _read(parser: Callable[[str], object], value: object) -> None:
    parser(str(value))


def _whole(value: object) -> None:
    misnamed = _misnamed(value)
    if misnamed:
        raise ValueError(misnamed)


def _place(text: str) -> str:
    return text if text == ids.EVERYWHERE else ids.parse_name(text)


def _composite(text: str) -> str:
    if not _COMPOSITE.fullmatch(text):
        raise ValueError(f"'{text[:60]}' is no id: use 1-200 of A-Z a-z 0-9 : . _ + / @ -")
    return text


def _composite_or_none(text: str) -> str:
    return _composite(text) if text else text


def _digest_or_none(text: str) -> str:
    return ids.parse_digest(text) if text else text


def _commit(text: str) -> str:
    if not _COMMIT.fullmatch(text):
        raise ValueError(f"'{text[:60]}' is no commit: write all its 40 or 64 lower-case hex digits")
    return text


def _commit_or_none(text: str) -> str:
    return _commit(text) if text else text


def _heading(text: str) -> str:
    if not 0 < len(text) <= _LONGEST_HEADING or not text.isprintable():
        raise ValueError(f"a heading is one line of at most {_LONGEST_HEADING} characters")
    return text


def _commitment(text: str) -> str:
    if not _TEXT.fullmatch(text):
        raise ValueError("that is no commitment to words")
    return text


_BY_FIELD: Final[Mapping[str, Callable[[str], object]]] = {
    "version": ids.parse_version,
    "commit": _commit,
    "base": _commit_or_none,
    "branch": ids.parse_branch,
    "head": _commit,
    "supersedes": _composite_or_none,
    "areas": ids.parse_name,
    "sections": _heading,
}
_BY_TYPE: Final[Mapping[object, Callable[[str], object]]] = {
    ids.PersonId: ids.parse_name,
    ids.ServiceName: ids.parse_name,
    ids.EnvironmentName: _place,
    ids.ComponentName: ids.parse_name,
    ids.CheckId: ids.parse_name,
    ids.RequirementId: _place,
    ids.ChangeId: _composite,
    ids.ReleaseId: _composite_or_none,
    ids.PromotionId: _composite,
    ids.RollbackId: _composite,
    ids.WaiverId: _composite,
    ids.FreezeId: _composite,
    ids.IncidentId: _composite,
    ids.EffectKey: _composite,
    ids.AudienceName: ids.parse_name,
    ids.NoticeId: ids.parse_name,
    ids.DutyId: ids.parse_name,
    ids.ClockId: ids.parse_name,
    ids.LabelName: ids.parse_name,
    ids.Digest: _digest_or_none,
    ids.TextRef: _commitment,
}
