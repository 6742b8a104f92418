"""`baopian user add` and `baopian key add`."""

import sys

import click

from casework.policy import SYSTEM
from commands.console import open_office

_ROLES = ("administrator", "leader", "supervisor", "inspector", "handler", "archivist")


@click.group()
def user() -> None:
    """People who sign in."""


@user.command("add")
@click.argument("name")
@click.option("--role", required=True, type=click.Choice(_ROLES))
@click.option("--bureau", metavar="CODE", help="The bureau of a handler.")
@click.option("--area", "areas", multiple=True, metavar="CODE", help="An area that the person works in.")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input.")
def add_user(name: str, role: str, bureau: str | None, areas: tuple[str, ...], password_stdin: bool) -> None:
    """Add somebody who signs in as NAME; the password is asked for."""
    from casework.accounts import create_user

    if password_stdin:
        password = sys.stdin.readline().rstrip("\r\n")
    elif sys.stdin.isatty():
        password = click.prompt("Password", hide_input=True, confirmation_prompt=True)
    else:
        raise click.UsageError("no terminal to ask for the password: use --password-stdin")
    with open_office() as office:
        create_user(office, SYSTEM, name, role, password, bureau=bureau, areas=areas)
    click.echo(f"{name} may sign in as {role}.")


@click.group()
def key() -> None:
    """Keys for other programs."""


@key.command("add")
@click.argument("name")
@click.option("--role", required=True, type=click.Choice(_ROLES))
@click.option("--bureau", metavar="CODE", help="The bureau of a handler's key.")
def add_key(name: str, role: str, bureau: str | None) -> None:
    """Make an API key named NAME; it is printed once, alone on the last line."""
    from casework import keys

    with open_office() as office:
        made = keys.add_key(office, SYSTEM, name, role, bureau=bureau)
    click.echo(f"A key for {name} as {role}. It is shown this once:")
    click.echo(made)
