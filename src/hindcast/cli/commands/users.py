"""`hindcast users`: who may log in to the service (server mode)."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from hindcast.cli.machine_json import print_json
from hindcast.cli.session import session_of
from hindcast.domain.errors import InputError
from hindcast.domain.users import Role, User

if TYPE_CHECKING:
    from hindcast.services.users.users import UserService

app = typer.Typer(help="Users of the service, in server mode.", no_args_is_help=True)
Name = Annotated[str, typer.Argument(metavar="NAME", help="Letters, digits, '.', '_', '-'.")]
FromStdin = Annotated[
    bool, typer.Option("--password-stdin", help="Read the password from standard input, its first line.")
]


@app.command("add")
def add(
    context: typer.Context,
    name: Name,
    admin: Annotated[bool, typer.Option("--admin", help="May make, change and list users.")] = False,
    password_stdin: FromStdin = False,
) -> None:
    """Make a user; asks for a password of 12 characters or more."""
    users = _users(context)
    user = users.create(name, _password(password_stdin), role=Role.ADMIN if admin else Role.USER)
    print(f"{user.name} may log in{', as an admin' if admin else ''}")


@app.command("list")
def list_users(
    context: typer.Context, as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False
) -> None:
    """Show all users, newest first."""
    found = list(_users(context).all())
    if as_json:
        print_json([user.model_dump(mode="json", exclude={"password_hash", "schema_version"}) for user in found])
        return
    for user in found:
        print(f"{user.name}  {user.role}{'  disabled' if user.disabled else ''}")
    if not found:
        print("no users yet: `hindcast users add NAME --admin` makes the first")


@app.command("disable")
def disable(context: typer.Context, name: Name) -> None:
    """Let a user in no more: his sessions end, his keys are refused. What he made stays."""
    print(f"{_users(context).change(name, disabled=True).name} may log in no more")


@app.command("enable")
def enable(context: typer.Context, name: Name) -> None:
    """Let a user in again."""
    print(f"{_users(context).change(name, disabled=False).name} may log in again")


@app.command("password")
def password(context: typer.Context, name: Name, password_stdin: FromStdin = False) -> None:
    """Give a user another password; his sessions end."""
    users = _users(context)
    users.get(name)
    user: User = users.set_password(name, _password(password_stdin))
    print(f"{user.name} has another password; his sessions have ended")


def _users(context: typer.Context) -> UserService:
    from hindcast.cli.serving.packages import USERS, check_packages

    check_packages(USERS)
    services = session_of(context).services
    services.databases.open()
    return services.users


def _password(from_stdin: bool) -> str:
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    if not sys.stdin.isatty():
        raise InputError("there is no terminal to ask for the password on; give it with --password-stdin")
    return str(typer.prompt("Password", hide_input=True, confirmation_prompt=True))
