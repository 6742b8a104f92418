"""The command line `baopian`: wiring only. Each command parses, calls one use case and prints."""

import click

from commands.assignment import agreement, assign
from commands.basemap import basemap
from commands.console import CommandLine
from commands.deadlines import deadlines
from commands.deliver import deliver
from commands.exports import export
from commands.imports import imports
from commands.init import init
from commands.keeping import backup, restore, verify
from commands.people import key, user
from commands.roads import roads
from commands.route import route
from commands.serve import serve
from commands.tracks import tracks

VERSION = "0.1.0"


@click.group(cls=CommandLine, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(VERSION, prog_name="baopian")
def main() -> None:
    """Baopian: every patch of the city has a name on it, every finding a patch and a bureau."""


for command in (
    init,
    serve,
    deliver,
    user,
    key,
    basemap,
    imports,
    export,
    assign,
    agreement,
    roads,
    route,
    tracks,
    backup,
    restore,
    verify,
    deadlines,
):
    main.add_command(command)


if __name__ == "__main__":
    main()
