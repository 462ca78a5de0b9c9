# SPDX-License-Identifier: Apache-2.0
"""`python -m outreach`: serve, migrate, rollback, backup, add-tenant, add-user, flag, fault."""

import argparse
import os
import sqlite3
import sys
from datetime import UTC, datetime
from pathlib import Path

from outreach import __version__, auth, database, demo, faults, flags, tenancy
from outreach.app import App
from outreach.auth import UserError
from outreach.database import Database, MigrationError
from outreach.faults import Faults, UnknownFaultError
from outreach.flags import UnknownFlagError
from outreach.metrics import Metrics
from outreach.permissions import Role
from outreach.server import Server, serve
from outreach.tenancy import TenantNameError
from outreach.web import Service
from outreach.worker import Worker

SHORTEST_PASSWORD = 8


def now() -> datetime:
    return datetime.now(UTC)


def main(arguments: list[str]) -> int:
    """Run one command; gives the exit code."""
    options = _parser().parse_args(arguments)
    try:
        return int(options.run(options))
    except (MigrationError, TenantNameError, UserError, UnknownFlagError, UnknownFaultError) as refusal:
        print(f"outreach: {refusal}", file=sys.stderr)
        return 1
    except (sqlite3.Error, OSError) as fault:
        print(f"outreach: {fault}", file=sys.stderr)
        return 1


def _serve(options: argparse.Namespace) -> int:
    data = Database(options.data)
    database.migrate(data, now())
    if options.demo:
        demo.fill(data, now())
    service = Service(
        version=__version__,
        database=data,
        metrics=Metrics(),
        secret=auth.read_secret(options.data),
        faults=Faults(options.data, __version__, options.allow_faults),
        secure_cookie="; Secure" if options.behind_https else "",
    )
    server = Server(App(service), options.host, options.port, now, sys.stdout)
    serve(server, Worker(data, service.faults, now, server.write_log))
    return 0


def _migrate(options: argparse.Namespace) -> int:
    applied = database.migrate(Database(options.data), now(), options.to)
    for migration in applied:
        print(f"applied {migration.number:04} {migration.name}")
    print("the schema is up to date" if options.to == database.LAST else f"the schema is at {options.to:04}")
    return 0


def _roll_back(options: argparse.Namespace) -> int:
    for migration in database.roll_back(Database(options.data), options.to):
        print(f"took back {migration.number:04} {migration.name}")
    print(f"the schema is at {options.to:04}")
    return 0


def _backup(options: argparse.Namespace) -> int:
    Database(options.data).backup(options.to)
    print(f"copied to {options.to}")
    return 0


def _add_tenant(options: argparse.Namespace) -> int:
    with _migrated(options).writing() as connection:
        tenancy.add(connection, options.name, now())
    print(f"{options.name} is a tenant; add-user --tenant {options.name} lets somebody in")
    return 0


def _add_user(options: argparse.Namespace) -> int:
    password = os.environ.get("OUTREACH_PASSWORD") or sys.stdin.readline().rstrip("\n")
    if len(password) < SHORTEST_PASSWORD:
        print(f"outreach: a password has at least {SHORTEST_PASSWORD} characters", file=sys.stderr)
        return 1
    with _migrated(options).writing() as connection:
        tenants = tenancy.named(connection, options.tenant)
        if not tenants:
            raise TenantNameError(f"there is no tenant {options.tenant!r}")
        auth.add_user(connection, options.name, Role(options.role), password, tenants[0].id)
    print(f"{options.name} may log in as {options.role}")
    return 0


def _flag(options: argparse.Namespace) -> int:
    data = _migrated(options)
    if options.state in ("on", "off"):
        with data.writing() as connection:
            flags.switch(connection, options.name, options.state, now())
    with data.reading() as connection:
        return _say(flags.states(connection), flags.KNOWN, options)


def _fault(options: argparse.Namespace) -> int:
    if options.state == "on":
        faults.switch_on(options.data, options.name, options.release)
        faults.await_damage(Database(options.data), options.name)
    if options.state == "off":
        faults.switch_off(Database(options.data), options.name)
    return _say(faults.states(options.data), faults.NAMES, options)


def _say(states: dict[str, str], about: dict[str, str], options: argparse.Namespace) -> int:
    """All of them when a list is asked for, else the one."""
    chosen = [name for name in states if options.name in (name, "list")]
    for name in chosen:
        print(f"{name} {states[name]}: {about[name]}")
    if not chosen:
        print(f"outreach: there is no {options.name!r}; ask for a list", file=sys.stderr)
    return 0 if chosen else 1


def _migrated(options: argparse.Namespace) -> Database:
    data = Database(options.data)
    database.migrate(data, now())
    return data


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="outreach", description=__doc__)
    parser.add_argument("--version", action="version", version=__version__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    everywhere = argparse.ArgumentParser(add_help=False)
    everywhere.add_argument("--data", type=Path, required=True, help="the folder that holds the data")

    command = commands.add_parser("serve", parents=[everywhere], help="migrate, then serve until SIGTERM")
    command.add_argument("--port", type=int, required=True)
    command.add_argument("--host", default="127.0.0.1")
    command.add_argument("--demo", action="store_true", help="two tenants whose passwords everybody knows")
    command.add_argument("--behind-https", action="store_true", help="give cookies to https addresses only")
    command.add_argument("--allow-faults", action="store_true", help="obey `fault`, to try the checks out")
    command.set_defaults(run=_serve)

    command = commands.add_parser("migrate", parents=[everywhere], help="bring the schema to this release")
    command.add_argument("--to", type=int, default=database.LAST, help="the number of the last migration to apply")
    command.set_defaults(run=_migrate)

    command = commands.add_parser("rollback", parents=[everywhere], help="take migrations back")
    command.add_argument("--to", type=int, required=True, help="the number of the last migration to keep")
    command.set_defaults(run=_roll_back)

    command = commands.add_parser("backup", parents=[everywhere], help="copy the data while the service runs")
    command.add_argument("--to", type=Path, required=True)
    command.set_defaults(run=_backup)

    command = commands.add_parser("add-tenant", parents=[everywhere], help="somebody else who uses the service")
    command.add_argument("name")
    command.set_defaults(run=_add_tenant)

    command = commands.add_parser("add-user", parents=[everywhere], help="the password comes from stdin")
    command.add_argument("name")
    command.add_argument("--role", choices=[role.value for role in Role], default=Role.DESK.value)
    command.add_argument("--tenant", default="default")
    command.set_defaults(run=_add_user)

    command = commands.add_parser("flag", parents=[everywhere], help="switch a feature: NAME on, NAME off, or list")
    _add_switch(command)
    command.set_defaults(run=_flag)

    command = commands.add_parser("fault", parents=[everywhere], help="break something: NAME on, NAME off, or list")
    _add_switch(command)
    command.add_argument("--release", default="", help="only in this one, such as 1.2.0")
    command.set_defaults(run=_fault)
    return parser


def _add_switch(command: argparse.ArgumentParser) -> None:
    command.add_argument("name", metavar="NAME", help="or `list`")
    command.add_argument("state", nargs="?", choices=["on", "off", "list"], default="list")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
