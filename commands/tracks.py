"""`baopian tracks`: recorded positions of those who agreed to it."""

import click

from commands.console import open_office, say, table


@click.group()
def tracks() -> None:
    """Positions recorded on rounds, of those who agreed to it."""


@tracks.command()
def forget() -> None:
    """Delete the positions whose days (TRACK_DAYS) are over, and all of closed accounts.

    The server does this by itself with the first request of a day and with every position that comes in.
    """
    from casework.tracks import forget_old

    with open_office() as office:
        count, days = forget_old(office), office.settings.track_days
    say(
        f"{count:,} positions deleted; the last {days} days are kept.",
        f"删掉 {count:,} 个位置；保留最近 {days} 天。",
    )


@tracks.command()
def show() -> None:
    """Say of whom positions are kept, how many and since when; not where they were."""
    from casework.policy import SYSTEM
    from casework.tracks import holders

    with open_office() as office:
        found = holders(office, SYSTEM)
    if not found:
        say("Nothing is recorded.", "没有位置记录。")
        return
    table([(one.name_zh, one.points, f"{one.oldest_at:%Y-%m-%d}" if one.oldest_at else "-") for one in found])
