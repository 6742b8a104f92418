"""`baopian roads`: the street network that rounds are planned on."""

import sys
from pathlib import Path

import click

from commands.console import open_office, say, table


@click.group()
def roads() -> None:
    """The street network that rounds are planned on."""


@roads.command("import")
@click.argument("file", type=click.Path(path_type=Path))
def import_(file: Path) -> None:
    """Take in an OpenStreetMap extract of the city (.osm.pbf) and use it from now on.

    What was in use before is kept for the plans that were made on it.
    """
    from casework.policy import SYSTEM
    from casework.street_networks import import_network

    watched = sys.stderr.isatty()

    def told(count: int) -> None:
        click.echo(f"\rReading {file.name}: {count:,} objects", nl=False, err=True)

    with open_office() as office:
        try:
            facts = import_network(office, SYSTEM, file, progress=told if watched else None)
        finally:
            if watched:
                click.echo(err=True)
    table(
        [
            ("junctions", facts.junctions),
            ("pieces of street", facts.segments),
            ("kilometres", round(facts.length_km)),
            ("forbidden turns", facts.turns),
        ]
    )
    say(
        f"Rounds are planned on the streets of {facts.name} from now on.",
        "以后的路线按这张路网规划。",
    )


@roads.command()
def show() -> None:
    """Say which network is in use."""
    from casework.street_networks import current_facts

    with open_office() as office:
        facts = current_facts(office)
    if facts is None:
        say(
            "No street network: rounds follow straight lines, and their times are not to be trusted.",
            "没有路网：路线按直线规划，时间不可信。",
        )
        return
    kind = ", schematic: generated for the demo" if facts.is_schematic else ""
    say(f"{facts.name}{kind}, since {facts.imported_at:%Y-%m-%d}")
    table([("junctions", facts.junctions), ("kilometres", round(facts.length_km))])
