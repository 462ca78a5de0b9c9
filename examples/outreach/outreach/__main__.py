# SPDX-License-Identifier: Apache-2.0
"""`python -m outreach`: serve, migrate, rollback, backup, add-user."""

import argparse
import os
import sqlite3
import sys
from datetime import UTC, datetime
from pathlib import Path

from outreach import __version__, auth, database
from outreach.app import App
from outreach.database import Database, MigrationError
from outreach.metrics import Metrics
from outreach.permissions import Role
from outreach.server import Server, serve
from outreach.web import Service

DEMO_USER, DEMO_PASSWORD = "desk", "demo-desk"
SHORTEST_PASSWORD = 8


def now() -> datetime:
    return datetime.now(UTC)


def main(arguments: list[str]) -> int:
    """Run one command; gives the exit code."""
    options = _parser().parse_args(arguments)
    try:
        return int(options.run(options))
    except (MigrationError, sqlite3.Error, OSError) as fault:
        print(f"outreach: {fault}", file=sys.stderr)
        return 1


def _serve(options: argparse.Namespace) -> int:
    data = Database(options.data)
    database.migrate(data, now())
    if options.demo:
        _add_demo_user(data)
    service = Service(
        version=__version__,
        database=data,
        metrics=Metrics(),
        secret=auth.read_secret(options.data),
        secure_cookie="; Secure" if options.behind_https else "",
    )
    serve(Server(App(service), options.host, options.port, now, sys.stdout))
    return 0


def _migrate(options: argparse.Namespace) -> int:
    applied = database.migrate(Database(options.data), now())
    for migration in applied:
        print(f"applied {migration.number:04} {migration.name}")
    print("the schema is up to date")
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


def _add_user(options: argparse.Namespace) -> int:
    password = os.environ.get("OUTREACH_PASSWORD") or sys.stdin.readline().rstrip("\n")
    if len(password) < SHORTEST_PASSWORD:
        print(f"outreach: a password has at least {SHORTEST_PASSWORD} characters", file=sys.stderr)
        return 1
    data = Database(options.data)
    database.migrate(data, now())
    with data.writing() as connection:
        auth.add_user(connection, options.name, Role(options.role), password)
    print(f"{options.name} may log in as {options.role}")
    return 0


def _add_demo_user(data: Database) -> None:
    """A known password, for machines nobody else reaches. A user who is there already is left alone."""
    with data.reading() as connection:
        known = connection.execute("SELECT 1 FROM users WHERE name = ?", (DEMO_USER,)).fetchone()
    if known is None:
        with data.writing() as connection:
            auth.add_user(connection, DEMO_USER, Role.LEAD, DEMO_PASSWORD)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="outreach", description=__doc__)
    parser.add_argument("--version", action="version", version=__version__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    everywhere = argparse.ArgumentParser(add_help=False)
    everywhere.add_argument("--data", type=Path, required=True, help="the folder that holds the data")

    command = commands.add_parser("serve", parents=[everywhere], help="migrate, then serve until SIGTERM")
    command.add_argument("--port", type=int, required=True)
    command.add_argument("--host", default="127.0.0.1")
    command.add_argument("--demo", action="store_true", help=f"let '{DEMO_USER}' log in with a known password")
    command.add_argument("--behind-https", action="store_true", help="give cookies to https addresses only")
    command.set_defaults(run=_serve)

    command = commands.add_parser("migrate", parents=[everywhere], help="bring the schema to this release")
    command.set_defaults(run=_migrate)

    command = commands.add_parser("rollback", parents=[everywhere], help="take migrations back")
    command.add_argument("--to", type=int, required=True, help="the number of the last migration to keep")
    command.set_defaults(run=_roll_back)

    command = commands.add_parser("backup", parents=[everywhere], help="copy the data while the service runs")
    command.add_argument("--to", type=Path, required=True)
    command.set_defaults(run=_backup)

    command = commands.add_parser("add-user", parents=[everywhere], help="the password comes from stdin")
    command.add_argument("name")
    command.add_argument("--role", choices=[role.value for role in Role], default=Role.DESK.value)
    command.set_defaults(run=_add_user)
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
