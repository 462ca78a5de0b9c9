# SPDX-License-Identifier: Apache-2.0
"""From what people type to what is meant: services, releases, environments, moments, files.

What cannot be meant is a `Fault` that names what could have been.
"""

import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final, TypeAlias

from cyclopts import Parameter

from interlock.cli.output import Fault
from interlock.domain.ids import Digest, EnvironmentName, ReleaseId, ServiceName

if TYPE_CHECKING:
    from interlock.cli.session import Session
    from interlock.domain.governance import Service
    from interlock.domain.procedure import Governance
    from interlock.domain.release import Release

RELEASE: Final = Parameter(name="RELEASE", help="A release: v1.2.0, or shop:v1.2.0.")
ReleaseArg: TypeAlias = Annotated[str, RELEASE]
EnvironmentArg: TypeAlias = Annotated[str, Parameter(name="ENVIRONMENT", help="An environment of its pack.")]
ForEnvironment: TypeAlias = Annotated[
    str, Parameter(name="--for", help="The environment; without it the next one that asks for it.")
]
ServiceOption: TypeAlias = Annotated[str, Parameter(help="The service, where the ledger has several.")]
ReasonOption: TypeAlias = Annotated[str, Parameter(help="Why, in a sentence. It can be erased later.")]

_SERVICES: Final = "service/"
_UNITS: Final = {"s": 1, "m": 60, "min": 60, "h": 3600, "d": 86400, "w": 604800}
_SPAN: Final = re.compile(r"(\d{1,6})(s|m|min|h|d|w)")
_SHORT_DIGEST: Final = re.compile(r"(?:sha256:)?([0-9a-f]{6,64})")


def service_of(session: "Session", named: str = "") -> "Service":
    """The service named, or the only one there is."""
    known = services(session)
    if named:
        if named not in known:
            raise Fault("service.unknown", f"there is no service '{named}'", f"there are: {', '.join(known) or 'none'}")
        return session.gatherer.view.service(ServiceName(named))
    if not known:
        raise Fault("governance.none", "no service is governed here yet", "run `interlock adopt`")
    if len(known) > 1:
        raise Fault(
            "service.unnamed", "the ledger has several services", f"name one with --service: {', '.join(known)}"
        )
    return session.gatherer.view.service(known[0])


def services(session: "Session") -> tuple[ServiceName, ...]:
    """Every service of the ledger."""
    return tuple(ServiceName(name.removeprefix(_SERVICES)) for name in session.house.store.streams(_SERVICES))


def in_force(session: "Session", service: "Service") -> "Governance":
    """The governance in force for a service."""
    return session.rules(service.in_force).governance


def release_of(session: "Session", named: str, service: str = "") -> "Release":
    """The release named `version` or `service:version`. It exists."""
    prefix, colon, version = named.partition(":")
    if not colon:
        prefix, version = service_of(session, service).name, named
    release = session.gatherer.view.release(ReleaseId(f"{prefix}:{version}"))
    if release.id:
        return release
    known = sorted(name.removeprefix("release/") for name in session.house.store.streams(f"release/{prefix}:"))
    raise Fault(
        "release.unknown",
        f"there is no release '{prefix}:{version}'",
        f"there are: {', '.join(known[-5:])}" if known else f"create it: `interlock release create {version}`",
    )


def environment_of(governance: "Governance", named: str) -> EnvironmentName:
    """The environment of that name."""
    names = tuple(one.name for one in governance.procedure.environments)
    if named not in names:
        raise Fault("environment.unknown", f"there is no environment '{named}'", f"there are: {', '.join(names)}")
    return EnvironmentName(named)


def environments_ahead(session: "Session", release: "Release") -> tuple[EnvironmentName, ...]:
    """The environments its path still leads to, in order."""
    governance = session.gatherer.pinned(release)
    path = session.gatherer.path_of(release)
    names = governance.procedure.environments_of(path) if path else ()
    return tuple(name for name in names if name not in release.reached)


def one_digest(typed: str, among: Iterable[Digest], what: str) -> Digest:
    """The only digest that begins with what was typed."""
    match = _SHORT_DIGEST.fullmatch(typed)
    known = tuple(dict.fromkeys(among))
    found = [digest for digest in known if match and digest.removeprefix("sha256:").startswith(match[1])]
    if len(found) == 1:
        return found[0]
    listed = ", ".join(short(digest) for digest in known) or "none"
    if not found:
        raise Fault("digest.unknown", f"no {what} has a digest that begins with '{typed}'", f"there are: {listed}")
    raise Fault("digest.ambiguous", f"several of them begin with '{typed}'", "type more of it")


def short(digest: str) -> str:
    """Enough of a digest to tell it from others and to type."""
    return digest.removeprefix("sha256:")[:12]


def span(text: str) -> timedelta:
    """A length of time as people write it: 90s, 30m, 2h, 7d."""
    match = _SPAN.fullmatch(text.strip())
    if not match:
        raise Fault("time.span", f"'{text}' is not a length of time", "write it as 30m, 2h or 7d")
    return timedelta(seconds=int(match[1]) * _UNITS[match[2]])


def moment(text: str, now: datetime) -> datetime:
    """A moment: `now`, from now on as `2h` or `+2h`, or ISO 8601; without a zone it is UTC."""
    words = text.strip()
    if words == "now":
        return now
    if _SPAN.fullmatch(words.removeprefix("+")):
        return now + span(words.removeprefix("+"))
    try:
        found = datetime.fromisoformat(words)
    except ValueError as fault:
        raise Fault(
            "time.moment",
            f"'{text}' is not a moment",
            "write it as 2h (from now), or 2026-12-24 or 2026-12-24T18:00+01:00",
        ) from fault
    return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)


def document_of(path: str) -> tuple[bytes, tuple[str, ...]]:
    """A Markdown file of the person's, and its sections that say something."""
    from interlock.service.document import Unreadable, headings_of

    content = file_content(path)
    try:
        return content, headings_of(content)
    except Unreadable as fault:
        raise Fault("record.unreadable", f"{path}: {fault}", "write it as Markdown, in UTF-8") from fault


def file_content(path: str, largest: int = 16_000_000) -> bytes:
    """What is in a file of the person's."""
    try:
        with Path(path).expanduser().open("rb") as file:
            content = file.read(largest + 1)
    except OSError as fault:
        raise Fault("file.unreadable", f"'{path}' cannot be read: {fault.strerror}", "check the path") from fault
    if len(content) > largest:
        raise Fault("file.too_big", f"'{path}' is larger than {largest // 1_000_000} MB", "give a smaller file")
    return content
