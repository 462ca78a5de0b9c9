# SPDX-License-Identifier: Apache-2.0
"""`interlock serve`: driver, API and pages of this repository's ledger in one process."""

from pathlib import Path
from typing import Annotated, Final

from cyclopts import Parameter

from interlock.cli.output import Fault, Report, somebody_is_there, tell
from interlock.cli.text import para, quiet, step, strong, warn
from interlock.config import find_home
from interlock.domain.ids import PersonId

LAST_PORT: Final = 65535


def serve(
    *,
    port: Annotated[int, Parameter(help="Where to listen.")] = 8470,
    host: Annotated[
        str, Parameter(help="Where to listen; anything but this machine itself needs a proxy.")
    ] = "127.0.0.1",
    behind_proxy: Annotated[
        str,
        Parameter(help="The public address of a reverse proxy that speaks TLS, such as https://interlock.example.com."),
    ] = "",
) -> Report:
    """Serve this repository's ledger to people and programs until Ctrl-C. It drives, too.

    It may be stopped or killed at any moment; the next start goes on from the ledger.
    """
    from interlock.server.serving import serve as serve_it
    from interlock.server.settings import settings_for
    from interlock.telemetry import Log

    if not 1 <= port <= LAST_PORT:
        raise Fault("server.port", f"{port} is no port", "choose one from 1 to 65535")
    home, settings = find_home(Path.cwd()), settings_for(host, port, behind_proxy)

    _somebody_can_sign_in()

    def up(url: str) -> None:
        tell(para(strong("serving "), str(home.folder), " at ", strong(url), quiet("  Ctrl-C ends it")))

    serve_it(home, settings, Log(), up)
    return Report({"url": settings.url}, (para("stopped; the next start goes on from here"),))


def _somebody_can_sign_in() -> None:
    """On the first start the administrator is made at the terminal; elsewhere it is said how."""
    from interlock.cli.account import register_here
    from interlock.cli.asking import Asking
    from interlock.cli.asking_secretly import new_password
    from interlock.ports.accounts import Rank

    with register_here() as register:
        if register.accounts.accounts():
            return
        if not somebody_is_there():
            tell(para(warn("! "), "nobody can sign in yet"), step("`interlock account add HANDLE --administrator`"))
            return
        people = tuple(register.people().names)
        asked = "Nobody can sign in yet. Who of the ledger's people looks after this server?"
        person = PersonId(Asking().name(asked, "", people[0] if people else ""))
        register.add(person, Rank.ADMINISTRATOR, new_password(person))
