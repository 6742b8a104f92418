"""`baopian init`: create or upgrade the database, load the demo city or start one's own."""

from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from casework.office import Office
from commands.console import open_office, progress, say

if TYPE_CHECKING:
    from casework.founding import StartedCity


@click.command()
@click.option("--demo", is_flag=True, help="Load the demo city: Chengdong District of Xining.")
@click.option(
    "--findings",
    type=click.IntRange(0, 5_000_000),
    default=0,
    metavar="N",
    help="With --demo: N generated findings more.",
)
@click.option(
    "--as-of",
    type=click.DateTime(["%Y-%m-%d"]),
    metavar="DATE",
    help="With --demo: the day its dates are counted from (today).",
)
@click.option("--city", metavar="NAME", help="Start your own city under this name.")
@click.option("--name-en", metavar="NAME", help="With --city: its name in English (NAME).")
@click.option(
    "--extent",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="With --city: a file whose polygons together are the city.",
)
@click.option("--timezone", metavar="TZ", help="With --city: its time zone, such as Asia/Shanghai.")
def init(
    demo: bool,
    findings: int,
    as_of: datetime | None,
    city: str | None,
    name_en: str | None,
    extent: Path | None,
    timezone: str | None,
) -> None:
    """Create the database or bring it to the newest form; load the demo city or start your own."""
    if demo and city:
        raise click.UsageError("either --demo or --city, not both")
    if not demo and (findings or as_of):
        raise click.UsageError("--findings and --as-of belong to --demo")
    if not city and (extent or timezone or name_en):
        raise click.UsageError("--extent, --timezone and --name-en belong to --city")
    if city and not (extent and timezone):
        raise click.UsageError("--city needs --extent FILE and --timezone TZ")
    with open_office(create=True) as office:
        from casework import founding

        with founding.nothing_half_made(office) as fresh:
            if demo:
                _load_demo(office, as_of.date() if as_of else None, findings)
            elif city and extent and timezone:
                _show_started(founding.start(office, city, name_en or city, extent, timezone))
            elif fresh:
                say("The database is created.", "数据库已建立。")
            else:
                say("The database is up to date.", "数据库已是最新。")


def _load_demo(office: Office, as_of: date | None, findings: int) -> None:
    from casework.cities import city_facts
    from casework.clock import day_of
    from casework.demo import load_demo
    from commands.welcome import sign_in_lines

    before = city_facts(office)
    day = as_of or day_of(office.now(), "Asia/Shanghai")
    with progress("Loading the demo city") as advance:
        load_demo(office, day, findings=findings, progress=advance)
    if before is not None and before.is_demo:
        say("The demo city is here already: nothing was changed.", "示例城市已经在这里，没有改动。")
    else:
        say(
            "The demo city is ready: Chengdong District, Xining (sample data).",
            "示例城市已就绪：西宁市城东区（示例数据）。",
        )
    for line in sign_in_lines(office):
        click.echo(line)


def _show_started(made: "StartedCity") -> None:
    say(f"{made.name} is ready: {made.categories} categories, {made.km2:,.1f} km².")
    say(
        "Next: baopian import areas FILE --level LEVEL, then baopian import findings FILE.",
        "下一步：用 baopian import areas 导入片区，再用 baopian import findings 导入问题。",
    )
    say(
        "Somebody to sign in: baopian user add NAME --role administrator",
        "添加登录账号：baopian user add NAME --role administrator",
    )
