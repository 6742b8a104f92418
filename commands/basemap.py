"""`baopian basemap`: put a tile server under the map, or take it away."""

import click

from casework.basemaps import DATUMS, TileServer, set_basemap
from commands.console import open_office, say


@click.command()
@click.option(
    "--url", metavar="URL", help="Address of the tiles with {z}, {x} and {y}; Tianditu, OSM or any XYZ."
)
@click.option("--name", default="", metavar="NAME", help="What the switch on the map calls it.")
@click.option("--attribution", default="", metavar="TEXT", help="The credit that the server asks for.")
@click.option(
    "--datum", type=click.Choice(DATUMS), default="wgs84", show_default=True, help="gcj02: Amap, Tencent."
)
@click.option("--max-zoom", type=int, default=18, show_default=True, help="The deepest zoom that it has.")
@click.option("--none", "remove", is_flag=True, help="Take the tile server away.")
def basemap(url: str | None, name: str, attribution: str, datum: str, max_zoom: int, remove: bool) -> None:
    """Set the tile server that people may switch on under the map. Without one the schematic map is all there is.

    Pages then ask that server for pictures: it is the only other host that they ever ask.
    """
    if remove == bool(url):
        raise click.UsageError("give --url URL, or --none")
    with open_office() as office:
        set_basemap(office, TileServer(url, name, attribution, datum, max_zoom) if url else None)
    say(
        "The map has no tile server." if remove else f"The map can show tiles of {url}",
        "地图不用瓦片服务。" if remove else "地图右上角可以切换到这个底图。",
    )
