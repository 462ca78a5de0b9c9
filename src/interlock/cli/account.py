# SPDX-License-Identifier: Apache-2.0
"""`interlock account`: who may sign in at the server, and with what.

Passwords are asked for at the terminal, never taken from the command line, where other people's programs can read
them. Accounts lie beside the ledger, never in it.
"""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path
from typing import Annotated, Final

from cyclopts import App, Parameter

from interlock.cli.asking_secretly import new_password
from interlock.cli.elsewhere import NAMED
from interlock.cli.naming import span
from interlock.cli.output import Fault, Json, Report
from interlock.cli.session import require_here
from interlock.cli.text import Line, Rows, good, para, quiet, step, strong, typed, warn
from interlock.config import find_home, find_server
from interlock.domain.ids import PersonId, parse_name
from interlock.identity.caller import Scope
from interlock.identity.register import Grant, Register
from interlock.ports.accounts import Rank, Standing

app = App(name="account", help="Who may sign in at the server, and with what.")

HandleArg = Annotated[str, Parameter(name="HANDLE", help="A person of the ledger.")]
SHOWN: Final = 50


@app.command
def add(
    handle: HandleArg,
    /,
    *,
    administrator: Annotated[bool, Parameter(help="They look after the server, too.")] = False,
    without_password: Annotated[bool, Parameter(help="They sign in by a provider, or have tokens only.")] = False,
) -> Report:
    """Make an account for a person of the ledger. Their password is asked for twice."""
    person = _handle(handle)
    rank = Rank.ADMINISTRATOR if administrator else Rank.MEMBER
    with register_here() as register:
        if without_password:
            register.add_without_password(person, rank)
        else:
            register.add(person, rank, new_password(person))
    return Report(
        {"account": person, "rank": rank},
        (para(good("✓ "), strong(person), " may sign in", quiet(f"  {rank}")),),
    )


@app.command
def passwd(handle: HandleArg, /) -> Report:
    """Set a new password. They are signed out everywhere, and their tokens end."""
    person = _handle(handle)
    with register_here() as register:
        register.set_password(person, new_password(person))
    return Report({"account": person}, (para(good("✓ "), strong(person), " has a new password"),))


@app.command
def disable(handle: HandleArg, /) -> Report:
    """Let somebody in no more, from now on. Nothing of what they said before changes."""
    return _stand(handle, Standing.DISABLED, "is let in no more")


@app.command
def enable(handle: HandleArg, /) -> Report:
    """Let somebody in again."""
    return _stand(handle, Standing.ACTIVE, "is let in again")


@app.command(name="list")
def list_() -> Report:
    """All accounts, here or at the server that was named."""
    accounts = _accounts()
    rows: tuple[Line, ...] = tuple(
        (strong(person), quiet(rank), good("active") if standing is Standing.ACTIVE else warn("disabled"))
        for person, rank, standing in accounts
    )
    told: list[Json] = [{"account": person, "rank": rank, "standing": standing} for person, rank, standing in accounts]
    blocks = (Rows(rows),) if rows else (step("there is none yet: `interlock account add HANDLE --administrator`"),)
    return Report({"accounts": told}, blocks)


@app.command
def sessions() -> Report:
    """Who is signed in with a browser, since when, and from where."""
    with register_here() as register:
        found = register.accounts.sessions()
    rows: tuple[Line, ...] = tuple(
        (strong(one.person), one.method, _time(one.made_at), quiet(f"last {_time(one.seen_at)}"), quiet(one.address))
        for one in found
    )
    told: list[Json] = [
        {
            "session": one.digest[:12],
            "account": one.person,
            "method": one.method,
            "since": one.made_at.isoformat(),
            "seen": one.seen_at.isoformat(),
            "address": one.address,
        }
        for one in found
    ]
    return Report({"sessions": told}, (Rows(rows) if rows else para("nobody is signed in"),))


@app.command
def revoke(
    handle: Annotated[str, Parameter(name="HANDLE", help="Whose sessions and tokens all end.")] = "",
    /,
    *,
    token: Annotated[str, Parameter(help="Only this token.")] = "",
) -> Report:
    """Sign somebody out everywhere, tokens included; or take one token out of force."""
    if bool(handle) == bool(token):
        raise Fault("account.which", "say whom to sign out, or which token ends", "give HANDLE, or --token NAME")
    with register_here() as register:
        if token:
            of = register.revoke(token).person
            return Report({"token": token}, (para(good("✓ "), "the token ", strong(token), f" of {of} has ended"),))
        person = _handle(handle)
        ended = register.end(person)
    return Report(
        {"account": person, "ended": ended}, (para(good("✓ "), strong(person), f" is signed out ({ended} ended)"),)
    )


@app.command
def token(
    handle: HandleArg,
    /,
    *,
    scope: Annotated[tuple[Scope, ...], Parameter(help="What it is for; may be given again.")] = (Scope.READ,),
    expires: Annotated[str, Parameter(help="How long it lasts.")] = "30d",
    service: Annotated[tuple[str, ...], Parameter(help="Only for this service; may be given again.")] = (),
    environment: Annotated[tuple[str, ...], Parameter(help="Only for this environment; may be given again.")] = (),
    name: Annotated[str, Parameter(help="What it is called, to find and revoke it by.")] = "",
) -> Report:
    """Make a token for a program. It is shown once."""
    person = _handle(handle)
    with register_here() as register:
        called = name or f"{person}-{register.draw(3).hex()}"
        grant = Grant(
            called,
            tuple(dict.fromkeys(scope)),
            tuple(_name(one) for one in service),
            tuple(_name(one) for one in environment),
            span(expires),
        )
        secret = register.token(person, grant)
    return Report(
        {"token": secret, "name": called, "account": person, "scopes": [*grant.scopes]},
        (
            para(typed(secret)),
            para(quiet(f"the token {called} of {person}, for {', '.join(grant.scopes)}; it is shown only now")),
            step(f"revoke it: `interlock account revoke --token {called}`"),
        ),
    )


@app.command
def tokens() -> Report:
    """Which tokens are in force."""
    with register_here() as register:
        found = register.accounts.tokens()
    rows: tuple[Line, ...] = tuple(
        (
            strong(one.name),
            one.person,
            " ".join(one.scopes),
            quiet(" ".join((*one.services, *one.environments)) or "everywhere"),
            quiet(f"until {_time(one.expires_at)}"),
        )
        for one in found
    )
    told: list[Json] = [
        {
            "name": one.name,
            "account": one.person,
            "scopes": [*one.scopes],
            "services": [*one.services],
            "environments": [*one.environments],
            "expires": one.expires_at.isoformat(),
        }
        for one in found
    ]
    return Report({"tokens": told}, (Rows(rows) if rows else para("there is none"),))


@app.command
def audit(*, last: Annotated[int, Parameter(help="How many entries, the newest ones.")] = SHOWN) -> Report:
    """What happened at the door: who came, went, and was turned away."""
    with register_here() as register:
        found = register.accounts.trail(last)
    rows: tuple[Line, ...] = tuple(
        (
            quiet(str(one.number)),
            _time(one.noted.at),
            strong(one.noted.what),
            one.noted.person or "-",
            one.noted.method,
            quiet(one.noted.address),
            quiet(one.noted.detail),
        )
        for one in found
    )
    told: list[Json] = [
        {
            "number": one.number,
            "at": one.noted.at.isoformat(),
            "what": one.noted.what,
            "account": one.noted.person,
            "method": one.noted.method,
            "address": one.noted.address,
            "detail": one.noted.detail,
        }
        for one in found
    ]
    return Report({"audit": told}, (Rows(rows) if rows else para("nothing yet"),))


def _stand(handle: str, standing: Standing, words: str) -> Report:
    person = _handle(handle)
    with register_here() as register:
        register.stand(person, standing)
    return Report({"account": person, "standing": standing}, (para(good("✓ "), strong(person), f" {words}"),))


def _accounts() -> tuple[tuple[str, str, Standing], ...]:
    """Of everybody who may sign in: who they are, their rank, and whether they are let in."""
    server = find_server(NAMED.get())
    if server.address:
        from interlock.bootstrap.far import accounts_at

        told = accounts_at(server)
        return tuple((one.account, one.rank, Standing.DISABLED if one.locked else Standing.ACTIVE) for one in told)
    with register_here() as register:
        return tuple((one.person, one.rank, one.standing) for one in register.accounts.accounts())


@contextmanager
def register_here() -> Iterator[Register]:
    """The accounts of this repository's home, beside its ledger."""
    from interlock.bootstrap.accounts import open_accounts
    from interlock.bootstrap.houses import read_house
    from interlock.bootstrap.keys import fresh_bytes

    require_here("accounts are changed")
    home = find_home(Path.cwd())
    house = read_house(home)
    with closing(house.store), closing(open_accounts(home)) as accounts:
        yield Register(accounts, house.clock, fresh_bytes, lambda: house.view().people())


def _handle(text: str) -> PersonId:
    return PersonId(_name(text))


def _name(text: str) -> str:
    try:
        return parse_name(text)
    except ValueError as fault:
        raise Fault("account.name", str(fault), "names are made of a-z 0-9 . _ -") from fault


def _time(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M}"
